"""Tracks and programs, with their cohorts on the same page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from programs.admin.attention import ProgramAttention
from programs.admin.base import STATE_COLORS, KeptRows
from programs.admin.cohorts import CohortInline
from programs.admin.deeds import Reviewed, show_preview
from programs.admin.exchange import Exchanged
from programs.exchange import ProgramResource
from programs.models import Accreditation, Cohort, Program, PublicState, Track

LOCKED = {PublicState.IN_REVIEW, PublicState.PUBLISHED, PublicState.RETIRED}


@admin.register(Track)
class TrackAdmin(KeptRows):
    list_display = ["name", "code", "order"]
    ordering = ["order"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # six, by constraint


class AccreditationInline(TabularInline):
    model = Accreditation
    extra = 0
    tab = True
    hide_title = True
    fields = ["body", "number", "expires_on"]


@admin.register(Program)
class ProgramAdmin(Exchanged, Reviewed, KeptRows):
    resource_classes = [ProgramResource]
    list_display = ["name", "track", "level", "format", "weeks", "running", "next_start", "shown_state"]
    list_filter = [
        ("track", RelatedDropdownFilter),
        ("level", ChoicesDropdownFilter),
        ("format", ChoicesDropdownFilter),
        ("state", ChoicesCheckboxFilter),
        ProgramAttention,
    ]
    list_filter_submit = True
    search_fields = ["name", "neutral_name"]
    prepopulated_fields = {"slug": ["name"]}
    warn_unsaved_form = True
    conditional_fields = {"states_licensed": "typeof telehealth === 'undefined' || telehealth == true"}
    inlines = [AccreditationInline, CohortInline]
    fieldsets = [
        ("General", {"classes": ["tab"], "fields": ["name", "slug", "neutral_name", "track"]}),
        (
            "Eligibility",
            {
                "classes": ["tab"],
                "fields": [("age_least", "age_most"), "languages", "telehealth", "states_licensed"],
            },
        ),
        (
            "Curriculum",
            {
                "classes": ["tab"],
                "fields": [
                    ("level", "format"),
                    ("weeks", "days_per_week", "session_minutes"),
                    "modalities",
                    "evidence_note",
                ],
            },
        ),
        ("Public page", {"classes": ["tab"], "fields": ["sentence", "week"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        today = timezone.now().date()
        taking = Q(cohorts__state=PublicState.PUBLISHED, cohorts__closed_at__isnull=True, cohorts__ends_on__gt=today)
        rows: QuerySet[Program] = super().get_queryset(request)
        return rows.select_related("track").annotate(
            open_cohorts_number=Count("cohorts", filter=taking),
            next_start_on=Min("cohorts__starts_on", filter=taking & Q(cohorts__starts_on__gte=today)),
        )

    def is_fixed(self, row: Any) -> bool:
        """What visitors read is changed in a draft, and published again by a second person."""
        return row is not None and row.state in LOCKED

    @display(description="open cohorts", ordering="open_cohorts_number")
    def running(self, program: Any) -> int:
        return int(program.open_cohorts_number)

    @display(description="next start", ordering="next_start_on", empty_value="–")
    def next_start(self, program: Any) -> Any:
        return program.next_start_on

    @display(description="state", ordering="state", label=STATE_COLORS)
    def shown_state(self, program: Program) -> tuple[str, str]:
        return program.state, program.get_state_display()

    @action(description="Preview", url_path="preview", icon="visibility")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page as visitors would read it, with cohorts that are not published yet."""
        program = self.get_object(request, object_id)
        if program is None:
            raise Http404
        return show_preview(request, program)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """A cohort that is changed on its program's page has it in its own history, too."""
        super().save_formset(request, form, formset, change)
        if formset.model is not Cohort:
            return
        for cohort in formset.new_objects:
            self.log_addition(request, cohort, "Added with its program.")
        for cohort, fields in formset.changed_objects:
            names = ", ".join(formset.form.base_fields[name].label or name for name in fields)
            self.log_change(request, cohort, f"Changed with its program: {names}.")
