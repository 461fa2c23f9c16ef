"""Who is next for a seat that is free: down the line to the first who fits, and what is in the way of those before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from programs.matching.cohorts import judge
from programs.matching.offers import Blocker
from programs.models import Cohort
from scheduling.models import SeatState, WaitlistEntry
from scheduling.permissions import refusal_to_hold
from scheduling.queries.match import offer_of, seats_of_those_kept_apart
from scheduling.queries.needs import need_of
from scheduling.queries.seats import standing, team_names
from scheduling.queries.waitlist import line_for


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in line for a seat, and what is in the way; nothing for who fits."""

    entry: WaitlistEntry
    refusal: str


def line_up(cohort: Cohort, now: datetime) -> list[Candidate]:
    """The line for a free seat down to the first who fits: those before them each with what is in the way."""
    found = []
    for entry in line_for(cohort):
        found.append(Candidate(entry, why_not(entry, cohort, now)))
        if not found[-1].refusal:
            break
    return found


def next_who_fits(cohort: Cohort, now: datetime) -> WaitlistEntry | None:
    return next((each.entry for each in line_up(cohort, now) if not each.refusal), None)


def why_not(entry: WaitlistEntry, cohort: Cohort, now: datetime) -> str:
    """What stands against offering this person a seat here; empty when nothing does."""
    patient = entry.patient
    newest = next(iter(entry.offers.all()), None)
    if entry.state == WaitlistEntry.State.OFFERED and newest and newest.seat.takes_seat(now):
        return _("Another place is offered.") if newest.cohort_id != cohort.pk else _("This place is offered already.")
    where = standing(patient)
    if refused := refusal_to_hold(where, team_names(patient)):
        return refused
    if patient.enrollments.filter(state=SeatState.HELD, held_until__gt=now).exists():
        return _("A place is held for them in another cohort.")
    apart = seats_of_those_kept_apart(patient, now).filter(cohort=cohort).exists()
    offer = offer_of(cohort, 0, now, apart=apart, home=patient.location)
    reasons = judge(need_of(patient, where, now), offer).reasons
    return " ".join(reason.sentence for reason in reasons if reason.blocker is not Blocker.SEAT)
