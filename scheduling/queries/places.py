"""What comes before a seat is a person's own, and what they may have beside each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Sum

from intake.models import Consent, Patient
from intake.papers import active_consent, here
from programs.models import Block, BlockKind, Cohort, Format, LevelHours, TrackCode
from scheduling.models import Enrollment, GroupAgreement, SeatKind
from scheduling.queries.match import Option, offered
from scheduling.queries.needs import need_of
from scheduling.queries.seats import standing, team_names
from scheduling.standing import Ahead, Papers


def ahead_of(patient: Patient, cohort: Cohort, now: datetime) -> Ahead:
    """All that has to be there before this person has a seat in this cohort."""
    kinds = {block.kind for block in cohort.blocks.all()}
    papers = Papers(
        care=active_consent(patient, kind=Consent.Kind.CARE, on=here(patient, now)) is not None,
        group=GroupAgreement.objects.filter(patient=patient, signed_at__lte=now).exists(),
        meets_in_group=bool(kinds - {BlockKind.INDIVIDUAL}),
    )
    program = cohort.program
    is_conjoint = program.format == Format.FAMILY or program.track.code == TrackCode.ADDICTION_FAMILY
    return Ahead(standing(patient), papers, is_conjoint, tuple(team_names(patient)))


def weekly_minutes(cohorts: list[int]) -> int:
    """How long the cohorts with these keys meet in a week, all together."""
    return Block.objects.filter(cohort__in=cohorts).aggregate(n=Sum("minutes"))["n"] or 0


def most_minutes(cohort: Cohort) -> int | None:
    """The most that the level of this cohort's program has in a week; None when nothing says so."""
    return LevelHours.objects.filter(level=cohort.program.level).values_list("most_minutes", flat=True).first()


def newest_open(patient: Patient, now: datetime) -> Enrollment | None:
    """The place that was held or given last and is not ended."""
    return patient.enrollments.live(now).order_by("-pk").first()


def other_options(seat: Enrollment, now: datetime) -> list[Option]:
    """Where somebody who has this seat could move: what fits, and what only a wish stands against."""
    where = standing(seat.patient)
    if not where.is_decided:
        return []
    need = need_of(seat.patient, where, now)
    # The times of the seat that they leave are free.
    free = replace(need, busy=tuple(each for each in need.busy if each.name != seat.cohort.name))
    return [option for option in offered(seat.patient, now).ranked(free) if option.match.fits or option.match.is_wish]


def main_elsewhere(held: Enrollment) -> Enrollment | None:
    """The main program that somebody leaves when they take a place that is held for them in another."""
    if held.kind != SeatKind.PRIMARY:
        return None
    rows = Enrollment.objects.active().filter(patient=held.patient_id, kind=SeatKind.PRIMARY)
    return rows.exclude(cohort=held.cohort_id).select_related("cohort", "patient").first()
