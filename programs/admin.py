"""The catalog, kept by administrators; no clinical content (EXPERIENCE 9)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from programs.models import Block, Cohort, Program, Room, Track

STATE_COLORS = {"draft": "warning", "in_review": "info", "published": "success"}


class ChosenWords:
    """A form in which several words of a known list are ticked."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField) and db_field.base_field.choices:
            return forms.MultipleChoiceField(
                choices=db_field.base_field.choices,
                required=not db_field.blank,
                label=capfirst(db_field.verbose_name),
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class KeptRows(ChosenWords, ModelAdmin):
    """Catalog rows end by their state; deleting one would tear what refers to it."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Track)
class TrackAdmin(KeptRows):
    list_display = ["name", "code", "order"]
    ordering = ["order"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # six, by constraint


class RoomChoice(forms.ModelChoiceField):
    def label_from_instance(self, room: Any) -> str:
        return f"{room.location}: {room.name}"  # every place has its "Room 1"


class RoomsByPlace:
    """A form over cohorts, in which rooms are chosen by their place."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "room":
            kwargs |= {"form_class": RoomChoice, "queryset": Room.objects.select_related("location")}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class CohortInline(RoomsByPlace, StackedInline):
    model = Cohort
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
        "entry",
        ("starts_on", "ends_on"),
        "last_entry_on",
    ]


@admin.register(Program)
class ProgramAdmin(KeptRows):
    list_display = ["name", "track", "level", "weeks", "shown_state"]
    list_filter = ["track", "level", "state"]
    list_filter_submit = True
    search_fields = ["name", "neutral_name"]
    prepopulated_fields = {"slug": ["name"]}
    warn_unsaved_form = True
    inlines = [CohortInline]
    fieldsets = [
        ("General", {"fields": ["name", "slug", "neutral_name", "track"]}),
        (
            "Eligibility",
            {"fields": [("age_least", "age_most"), "languages", "telehealth", "states_licensed"]},
        ),
        (
            "Curriculum",
            {
                "fields": [
                    "level",
                    "format",
                    "weeks",
                    ("days_per_week", "session_minutes"),
                    "modalities",
                    "evidence_note",
                ]
            },
        ),
        ("Public page", {"fields": ["sentence", "week"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        return super().get_queryset(request).select_related("track")

    @display(description="state", ordering="state", label=STATE_COLORS)
    def shown_state(self, program: Program) -> tuple[str, str]:
        return program.state, program.get_state_display()


class BlockInline(TabularInline):
    model = Block
    extra = 0
    hide_title = True
    fields = ["weekday", "starts", "minutes", "kind", "title"]


@admin.register(Cohort)
class CohortAdmin(RoomsByPlace, KeptRows):
    list_display = ["name", "program", "location", "starts_on", "places", "facilitator", "shown_state"]
    list_filter = ["state", "delivery", "language", "location", "program__track"]
    list_filter_submit = True
    search_fields = ["name", "program__name"]
    autocomplete_fields = ["program", "facilitator"]
    warn_unsaved_form = True
    inlines = [BlockInline]
    fieldsets = [
        (None, {"fields": ["program", "name", ("seats_least", "seats"), "entry"]}),
        ("Place", {"fields": ["location", ("delivery", "room"), ("facilitator", "language")]}),
        ("Dates", {"fields": [("starts_on", "ends_on"), "last_entry_on"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        held = Q(enrollments__state="held", enrollments__held_until__gt=timezone.now())
        live = Q(enrollments__state="active") | held
        rows: QuerySet[Cohort] = super().get_queryset(request)
        return rows.select_related("program", "location", "facilitator").annotate(
            taken=Count("enrollments", filter=live)
        )

    @display(description="places used")
    def places(self, cohort: Any) -> str:
        return f"{cohort.taken} of {cohort.seats}"

    @display(description="state", ordering="state", label=STATE_COLORS)
    def shown_state(self, cohort: Cohort) -> tuple[str, str]:
        return cohort.state, cohort.get_state_display()


@admin.register(Room)
class RoomAdmin(KeptRows):
    list_display = ["name", "location"]
    list_filter = ["location"]
    list_filter_submit = True
    search_fields = ["name", "location__name"]
