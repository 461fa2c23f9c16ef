"""What every page of the catalog in the admin has: kept rows, sentences for refusals, a history in words."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection, models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from accounts.admin import ChosenWords
from programs.listing import difference, words_of
from programs.models import Cohort, Program, Published
from programs.refusals import sentence_of

STATE_COLORS = {"draft": "warning", "in_review": "info", "published": "success"}


class Refusable:
    """A form that shows what the database refused when it was saved."""

    refused: str = ""

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        if self.refused:
            self.add_error(None, self.refused)  # type: ignore[attr-defined]
        return cleaned


class KeptRows(ChosenWords, ModelAdmin):
    """Rows of the catalog end by their state or their date; deleting one would tear what refers to it."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    # ---- what the database refuses

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page again, with a sentence and everything that was entered, when the database refuses."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DatabaseError as error:
            sentence = sentence_of(error)
            if sentence is None or request.method != "POST":
                raise
        request.refused = sentence  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form)(form.__name__, (Refusable, form), {"refused": getattr(request, "refused", "")})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        connection.check_constraints()  # what waits for the end of the transaction, while the page can still say it

    # ---- the history

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST":
            request.words_before = spoken(row)  # type: ignore[attr-defined]
        return row

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> str:
        if add:
            return "Added."
        now = spoken(type(form.instance)._default_manager.get(pk=form.instance.pk))
        return change_words(getattr(request, "words_before", {}), now)


def spoken(row: models.Model) -> dict[str, str]:
    """What a row says, by the name of what it says."""
    if isinstance(row, Program | Cohort):
        return words_of(row)
    plain = {title(field): value_words(row, field) for field in row._meta.concrete_fields}
    many = {title(field): ", ".join(sorted(map(str, field.value_from_object(row)))) for field in row._meta.many_to_many}
    return plain | many


def title(field: Any) -> str:
    return capfirst(str(field.verbose_name))


def value_words(row: models.Model, field: Any) -> str:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    value = getattr(row, field.name)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def change_words(before: dict[str, str], now: dict[str, str]) -> str:
    """ "Seats: 8, now 6. Room: Room 1, now Room 2." """
    changed = difference(before, now)
    if not changed:
        return "Saved without a change."
    return " ".join(f"{name}: {old or 'nothing'}, now {new or 'nothing'}." for name, old, new in changed)


def is_locked(row: Any) -> bool:
    """What is in review is published as it was read; what is retired stays as it was."""
    return isinstance(row, Published) and row.state in {Published.State.IN_REVIEW, Published.State.RETIRED}
