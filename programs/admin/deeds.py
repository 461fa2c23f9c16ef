"""Submit, take back, publish, close, retire, copy, preview: each a page that says what will happen, then a deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from programs import catalog
from programs.actions import catalog as actions
from programs.admin.base import is_locked
from programs.listing import difference, words_of
from programs.models import Cohort, Program, PublicState, Published


@dataclass(frozen=True, slots=True)
class Deed:
    """What a confirming page says, and does when it is confirmed; `do` gives the row to go on with."""

    title: str
    says: str
    button: str
    done: str
    do: Callable[[Any, Any], Any]
    to: PublicState | None = None


def moving(to: PublicState, title: str, says: str, button: str, done: str) -> Deed:
    def do(row: Any, user: Any) -> Any:
        return actions.move(row=row, to=to, by=user, at=timezone.now())

    return Deed(title, says, button, done, do, to)


SUBMIT = moving(
    PublicState.IN_REVIEW,
    "Submit for review",
    "A second administrator reads what changes and publishes it. It cannot be changed while it is in review.",
    "Submit for review",
    "Submitted for review.",
)
TAKE_BACK = moving(
    PublicState.DRAFT,
    "Take back to draft",
    "It becomes a draft that can be changed. Visitors do not see it until it is published again; people who have a "
    "seat keep it.",
    "Take back to draft",
    "Taken back to draft.",
)
PUBLISH = moving(PublicState.PUBLISHED, "Publish", "Visitors and staff see it at once.", "Publish", "Published.")
RETIRE = moving(
    PublicState.RETIRED,
    "Retire",
    "It is offered no longer and cannot come back. Nothing that refers to it is lost; a copy can be made of it.",
    "Retire",
    "Retired.",
)
CLOSE = Deed(
    "Close to new people",
    "Nobody joins any more. The cohort goes on for those who have a seat.",
    "Close",
    "Closed to new people.",
    lambda row, _user: actions.close(cohort=row, at=timezone.now()),
)
REOPEN = Deed(
    "Open again",
    "People can join again, as its entry dates say.",
    "Open again",
    "Opened again.",
    lambda row, _user: actions.reopen(cohort=row),
)
COPY = Deed(
    "Make a copy",
    "The copy is a draft. A copied cohort begins when this one ends, with the same week and the same people who lead.",
    "Make a copy",
    "Copied.",
    lambda row, _user: (
        actions.clone_cohort(cohort=row) if isinstance(row, Cohort) else actions.clone_program(program=row)
    ),
)


# By the last part of its address: where a row stands when the deed fits.
FITS: Final = {
    "submit": {PublicState.DRAFT},
    "publish": {PublicState.IN_REVIEW},
    "take-back": {PublicState.IN_REVIEW, PublicState.PUBLISHED},
    "retire": {PublicState.DRAFT, PublicState.PUBLISHED},
}


class Reviewed(ModelAdmin):
    """Rows that a second person publishes; what is locked is read here, not changed."""

    change_form_outer_before_template = "admin/programs/state.html"
    actions_detail: list[Any] = ["preview", "submit", "publish", "take_back", "clone", "retire"]
    actions_row: list[Any] = ["preview", "clone"]

    # ---- what may be changed

    def is_fixed(self, row: Any) -> bool:
        return is_locked(row)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self.is_fixed(obj):
            return super().get_readonly_fields(request, obj)
        named = [name for _title, options in self.fieldsets or () for name in options["fields"]]
        return [one for name in named for one in ([name] if isinstance(name, str) else name)]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if self.is_fixed(obj) else super().get_prepopulated_fields(request, obj)

    # ---- the deeds

    @action(description="Preview", url_path="preview", icon="visibility")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        raise NotImplementedError

    @action(description="Submit for review", url_path="submit", icon="send")
    def submit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, SUBMIT)

    @action(description="Publish", url_path="publish", icon="public")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, PUBLISH)

    @action(description="Take back to draft", url_path="take-back", icon="undo")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, TAKE_BACK)

    @action(description="Retire", url_path="retire", icon="inventory_2")
    def retire(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, RETIRE)

    @action(description="Make a copy", url_path="copy", icon="content_copy")
    def clone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, COPY)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what fits where the row stands; the deed asks again, since somebody may move it meanwhile."""
        row = super().get_object(request, str(object_id))
        fitting = self.deeds_for(row) if row is not None and self.has_change_permission(request) else {"preview"}
        return [each for each in super().get_actions_detail(request, object_id) if each.path in fitting]

    def deeds_for(self, row: Any) -> set[str]:
        return {"preview", "copy", *(path for path, states in FITS.items() if row.state in states)}

    def confirm(self, request: HttpRequest, object_id: str, deed: Deed) -> HttpResponse:
        """Say what will happen, and do it when it is confirmed."""
        row: Published | None = super().get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self.done(request, row, deed)
        refused = actions.refusal_to_move(row, deed.to, request.user) if deed.to else None  # type: ignore[arg-type]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{deed.title}: {row}",
            "row": row,
            "deed": deed,
            "refused": refused,
            "changes": difference(row.published_as, words_of(row)) if self.shows_changes(deed) else None,  # type: ignore[arg-type]
            "back": self.address_of(row),
        }
        return render(request, "admin/programs/confirm.html", context)

    @staticmethod
    def shows_changes(deed: Deed) -> bool:
        return deed.to in {PublicState.IN_REVIEW, PublicState.PUBLISHED}

    def done(self, request: HttpRequest, row: Any, deed: Deed) -> HttpResponse:
        try:
            made = deed.do(row, request.user)
        except actions.CatalogRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(self.address_of(row))
        if made.pk == row.pk:
            self.log_change(request, made, deed.done)
        else:
            self.log_addition(request, made, f"Copied from {row}.")
        messages.success(request, deed.done)
        return redirect(self.address_of(made))

    def address_of(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])


def show_preview(request: HttpRequest, program: Program, cohort: Cohort | None = None) -> HttpResponse:
    """The page of a program as visitors would read it, with cohorts that are not published yet; leads on to a week."""
    offer = catalog.preview(program, timezone.now())
    context = {"offer": offer, "program": program, "preview": True, "previewed": cohort}
    return render(request, "programs/public/program.html", context)
