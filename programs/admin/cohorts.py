"""Cohorts with their weeks: as rows of their own, and on the page of their program."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import StackedInline, TabularInline
from unfold.contrib.filters.admin import (
    ChoicesCheckboxFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display

from programs.admin.attention import CohortAttention
from programs.admin.base import STATE_COLORS, KeptRows, is_locked
from programs.admin.deeds import CLOSE, REOPEN, Reviewed, show_preview
from programs.admin.exchange import Exchanged
from programs.admin.places import RoomsByPlace
from programs.exchange import CohortResource
from programs.models import Block, Cohort, EntryDate, PublicState


class CohortForm(forms.ModelForm):
    """Only a closed cohort has a last entry date of its own, and only one on site a room."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "last_entry_on" in self.fields:
            self.fields["last_entry_on"].required = False

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = given.get("starts_on"), given.get("ends_on")
        if starts and ends and "last_entry_on" not in self.errors:
            given["last_entry_on"] = Cohort.last_entry(given.get("entry", ""), given.get("last_entry_on"), starts, ends)
        if given.get("delivery") == Cohort.Delivery.ONLINE:
            given["room"] = None
        return given


class CohortInline(RoomsByPlace, StackedInline):
    model = Cohort
    form = CohortForm
    tab = True
    extra = 0
    per_page = 10
    show_change_link = True
    can_delete = False
    autocomplete_fields = ["facilitator"]
    fields = [
        "name",
        ("location", "room"),
        ("delivery", "language"),
        "facilitator",
        ("seats_least", "seats"),
        ("entry", "last_entry_on"),
        ("starts_on", "ends_on"),
    ]


class OfACohort(TabularInline):
    """Rows of a cohort, which are fixed with it."""

    extra = 0
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not is_locked(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not is_locked(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not is_locked(obj) and super().has_delete_permission(request, obj)


class BlockInline(OfACohort):
    model = Block
    verbose_name_plural = "weekly meetings"
    fields = ["weekday", "starts", "minutes", "kind", "title"]


class EntryDateInline(OfACohort):
    model = EntryDate
    verbose_name_plural = "entry dates of a semi-open cohort"
    fields = ["on"]


@admin.register(Cohort)
class CohortAdmin(RoomsByPlace, Exchanged, Reviewed, KeptRows):
    form = CohortForm
    resource_classes = [CohortResource]
    list_display = ["name", "program", "location", "next_start", "places", "facilitator", "shown_state"]
    list_filter = [
        ("state", ChoicesCheckboxFilter),
        CohortAttention,
        ("starts_on", RangeDateFilter),
        ("location", RelatedDropdownFilter),
        ("program__track", RelatedDropdownFilter),
        ("delivery", ChoicesDropdownFilter),
        ("language", ChoicesDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["name", "program__name"]
    autocomplete_fields = ["program", "facilitator", "co_facilitators", "payers"]
    warn_unsaved_form = True
    conditional_fields = {
        "last_entry_on": "typeof entry === 'undefined' || entry == 'closed'",
        "room": "typeof delivery === 'undefined' || delivery == 'on_site'",
    }
    inlines = [BlockInline, EntryDateInline]
    actions_detail = [*Reviewed.actions_detail, "close_entry", "reopen_entry"]
    actions_row = [*Reviewed.actions_row, "close_entry"]
    fieldsets = [
        (None, {"fields": ["program", "name", ("seats_least", "seats")]}),
        ("Place and people", {"fields": [("location", "delivery"), "room", ("facilitator", "language")]}),
        (None, {"fields": ["co_facilitators"]}),
        ("Dates", {"fields": [("starts_on", "ends_on"), "entry", "last_entry_on"]}),
        ("Paying", {"fields": ["payers", "payment_options"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        held = Q(enrollments__state="held", enrollments__held_until__gt=timezone.now())
        live = Q(enrollments__state="active") | held
        rows: QuerySet[Cohort] = super().get_queryset(request)
        return (
            rows.select_related("program", "location", "facilitator")
            .prefetch_related("entry_dates")
            .annotate(taken=Count("enrollments", filter=live))
        )

    @display(description="places used", ordering="taken")
    def places(self, cohort: Any) -> str:
        return f"{cohort.taken} of {cohort.seats}"

    @display(description="next start", ordering="starts_on")
    def next_start(self, cohort: Cohort) -> date:
        """The next day on which people join; the first day of one that has begun and has no other."""
        today = timezone.now().date()
        if cohort.entry == Cohort.Entry.SEMI_OPEN:
            return min((each.on for each in cohort.entry_dates.all() if each.on >= today), default=cohort.starts_on)
        return cohort.starts_on

    @display(description="state", ordering="state", label={**STATE_COLORS, "closed": "warning"})
    def shown_state(self, cohort: Cohort) -> tuple[str, str]:
        if cohort.state == PublicState.PUBLISHED and cohort.closed_at is not None:
            return "closed", "Closed"
        return cohort.state, cohort.get_state_display()

    @action(description="Preview", url_path="preview", icon="visibility")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of its program as visitors would read it, with this cohort."""
        cohort = self.get_object(request, object_id)
        if cohort is None:
            raise Http404
        return show_preview(request, cohort.program, cohort)

    @action(description="Close to new people", url_path="close", icon="door_front")
    def close_entry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, CLOSE)

    @action(description="Open again", url_path="open", icon="door_open")
    def reopen_entry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirm(request, object_id, REOPEN)

    def deeds_for(self, row: Any) -> set[str]:
        extra = {"close" if row.closed_at is None else "open"} if row.state == PublicState.PUBLISHED else set()
        return super().deeds_for(row) | extra
