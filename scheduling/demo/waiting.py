"""Some of those for whom something was decided: a place is held for one, two wait, and one is offered a place."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Role, User
from accounts.policies import Actor
from intake.models import Patient
from programs.models import Cohort
from scheduling import actions
from scheduling.actions import waitlist
from scheduling.demo.papers import sign_before_the_first_session
from scheduling.models import Enrollment, Urgency, WaitlistEntry
from scheduling.queries.match import offered
from scheduling.queries.needs import need_of
from scheduling.queries.seats import standing
from scheduling.queries.staff import waiting_for_a_place

# How urgent it is, how many days ago they joined, and what was agreed meanwhile.
WAITING = (
    (Urgency.URGENT, 1, "A call each Tuesday"),
    (Urgency.ROUTINE, 8, ""),
    (Urgency.ROUTINE, 3, "One visit a week"),
)


def load_waitlist(now: datetime) -> bool:
    """Give the first of them a held place and put the others in line, once."""
    if WaitlistEntry.objects.exists() or Enrollment.objects.filter(held_at__isnull=False).exists():
        return False
    coordinator = User.objects.get(email="coordinator@demo.test")
    supervisor = User.objects.get(email="supervisor@demo.test")
    everybody = [person for person in ready(supervisor) if fitting(person, now)]
    if not everybody:
        return False
    first, *others = everybody
    sign_before_the_first_session(first, at=now)
    actions.hold(patient=first, cohort=fitting(first, now)[0], by=coordinator, at=now)
    entries = [wait(person, place, coordinator, now) for place, person in enumerate(others[: len(WAITING)])]
    if entries:
        last = entries[-1]
        cohort = fitting(last.patient, now)[0]
        waitlist.offer(entry=last, cohort=cohort, by=coordinator, at=now, passing="Can begin this week.")
    return True


def ready(supervisor: User) -> list[Patient]:
    return list(waiting_for_a_place(Actor(supervisor, Role.SUPERVISOR)).select_related("location"))


def fitting(person: Patient, now: datetime) -> list[Cohort]:
    options = offered(person, now).ranked(need_of(person, standing(person), now))
    return [option.cohort for option in options if option.match.fits]


def wait(person: Patient, place: int, by: User, now: datetime) -> WaitlistEntry:
    urgency, days, interim = WAITING[place]
    joined = now - timedelta(days=days)
    joining = waitlist.Joining(
        program=fitting(person, now)[0].program,
        cohort=None,
        urgency=urgency,
        referred_on=(joined - timedelta(days=4)).date(),
        interim=interim,
    )
    return waitlist.join(patient=person, joining=joining, by=by, at=joined)
