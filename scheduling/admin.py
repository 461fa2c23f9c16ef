"""What follows for the calendar when an administrator changes a cohort."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin

from programs.admin import ClosureAdmin, CohortAdmin, CohortForm, CohortInline, ProgramAdmin
from programs.admin.deeds import Deed
from programs.admin.programs import AccreditationInline
from programs.models import Closure, Cohort, Program, PublicState
from scheduling import actions
from scheduling.actions.sessions import lock

admin.site.unregister([Closure, Cohort, Program])


class SeatedCohortForm(CohortForm):
    def clean_seats(self) -> int:
        """Seats that people hold cannot be taken away; the lock keeps it so until this change is saved."""
        seats: int = self.cleaned_data["seats"]
        if self.instance.pk is None:
            return seats
        taken = lock(self.instance).enrollments.live(timezone.now()).count()
        if seats < taken:
            raise forms.ValidationError(f"{taken} seats are taken. Enter {taken} or more, or free some first.")
        return seats


class KeepsTheCalendar(ModelAdmin):
    """Brings the sessions ahead in line with the pattern, once the change is saved."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for cohort in self.cohorts_of(form.instance):
            # After the commit: the deed is a transaction of its own, and a refusal must not undo the change.
            transaction.on_commit(partial(write_calendar, request, cohort))

    def cohorts_of(self, saved: Any) -> list[Cohort]:
        return [saved] if isinstance(saved, Cohort) else list(saved.cohorts.all())


def write_calendar(request: HttpRequest, cohort: Cohort) -> None:
    try:
        done = actions.generate_sessions(cohort=cohort, at=timezone.now())
    except actions.SessionsRefused as refusal:
        messages.error(request, f"{cohort.name}: the calendar was left as it was. {refusal}")
        return
    if done.added or done.changed or done.removed:
        words = f"{done.added} sessions added, {done.changed} changed, {done.removed} removed."
        messages.info(request, f"{cohort.name}: {words}")
    if done.kept:
        kept = "1 session stays" if done.kept == 1 else f"{done.kept} sessions stay"
        messages.warning(request, f"{cohort.name}: {kept} as planned, since people were told or have answered.")


@admin.register(Cohort)
class CohortOnTheCalendar(KeepsTheCalendar, CohortAdmin):
    form = SeatedCohortForm

    def done(self, request: HttpRequest, row: Any, deed: Deed) -> HttpResponse:
        """What is published is on the calendar, wherever it came from."""
        answer = super().done(request, row, deed)
        if deed.to == PublicState.PUBLISHED and Cohort.objects.filter(pk=row.pk, state=deed.to).exists():
            transaction.on_commit(partial(write_calendar, request, row))
        return answer


class CohortInlineOnTheCalendar(CohortInline):
    form = SeatedCohortForm


@admin.register(Program)
class ProgramOnTheCalendar(KeepsTheCalendar, ProgramAdmin):
    inlines = [AccreditationInline, CohortInlineOnTheCalendar]


@admin.register(Closure)
class ClosureOnTheCalendar(KeepsTheCalendar, ClosureAdmin):
    """What a closure takes off the calendar comes back when it is taken out again."""

    def cohorts_of(self, saved: Closure) -> list[Cohort]:
        runs = Cohort.objects.filter(state=PublicState.PUBLISHED, ends_on__gt=timezone.now().date())
        return list(runs if saved.location is None else runs.filter(location=saved.location))

    def delete_model(self, request: HttpRequest, obj: Closure) -> None:
        cohorts = self.cohorts_of(obj)
        super().delete_model(request, obj)
        for cohort in cohorts:
            transaction.on_commit(partial(write_calendar, request, cohort))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Closure]) -> None:
        for closure in queryset:
            self.delete_model(request, closure)
