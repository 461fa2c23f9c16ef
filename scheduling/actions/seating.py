"""What every deed over seats does first: lock, look again, and say what is in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts.db import violates
from intake.models import Patient
from messaging import actions as messaging
from messaging import moments
from messaging.tasks import ring
from programs.matching.offers import WISHES, Blocker
from programs.models import Cohort
from scheduling import reminders
from scheduling.actions.sessions import SessionsRefused, lock, write_sessions
from scheduling.locks import LockedOut, once_more
from scheduling.models import Enrollment, Session
from scheduling.models import SeatKind as Kind
from scheduling.models import SeatState as State
from scheduling.queries import places
from scheduling.queries import seats as queries
from scheduling.standing import Ahead

DECIDED = frozenset({Blocker.PROGRAM, Blocker.LEVEL})
Done = TypeVar("Done")


class EnrollmentRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class CohortFull(EnrollmentRefused):
    """Every seat is taken."""


class AlreadyEnrolled(EnrollmentRefused):
    """The person has a seat here, or one is held for them here."""


class HoldExpired(EnrollmentRefused):
    """The place was held until a moment that is past."""


def patiently(deed: Callable[[], Done]) -> Done:
    """
    Do a deed over seats that is a whole transaction; wait for a row that somebody else has, then once more.

    Raises:
        EnrollmentRefused: somebody else has it for too long.
    """
    try:
        return once_more(deed)
    except LockedOut as busy:
        raise EnrollmentRefused("Someone else is changing this cohort just now. Try again.") from busy


@dataclass(slots=True)
class Desk:
    """A cohort and a person under their locks, with the person's seats as they stand."""

    cohort: Cohort
    person: Patient
    seats: list[Enrollment]
    at: datetime

    def here(self) -> Enrollment | None:
        return next((seat for seat in self.seats if seat.cohort_id == self.cohort.pk), None)

    def elsewhere(self, kind: Kind, *states: State) -> Enrollment | None:
        """A seat of this kind in another cohort."""
        others = (seat for seat in self.seats if seat.cohort_id != self.cohort.pk)
        return next((seat for seat in others if seat.kind == kind and seat.state in states), None)


def sit_down(person: Patient, cohort: Cohort, *others: Cohort, at: datetime) -> Desk:
    """
    Take the locks in the one order: cohorts by their keys, then the person.

    Two receptionists may press the button together: the second waits for the cohort. A person may be given
    seats in two cohorts at once: the second waits for the person. Who writes a seat has its person, so a
    seat needs no lock of its own; it is read after the person's, since somebody may have written it before.
    """
    locked = {each.pk: lock(each) for each in sorted({cohort, *others}, key=lambda each: each.pk)}
    row = Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("location").get(pk=person.pk)
    rows = Enrollment.objects.unended().filter(patient=row).select_related("cohort__location", "patient")
    seats = list(rows)
    for seat in seats:
        if seat.has_run_out(at):
            end(seat, State.WITHDRAWN, by=None, at=seat.held_until or at)
    return Desk(locked[cohort.pk], row, [seat for seat in seats if seat.state in {State.HELD, State.ACTIVE}], at)


def end(seat: Enrollment, state: State, *, by: object, at: datetime, reason: str = "") -> None:
    seat.state, seat.ended_by, seat.ended_at, seat.reason = state, by, at, reason  # type: ignore[assignment]
    seat.save(update_fields=["state", "ended_by", "ended_at", "reason"])


# ---- What is in the way ----


def refuse_here(desk: Desk, *, may_be_held: bool) -> Enrollment | None:
    """The hold that the person has here; said before anything about free seats, since it may be the last one."""
    seat, name = desk.here(), desk.person.short_name
    if seat is None or (may_be_held and seat.state == State.HELD):
        return seat
    if seat.state == State.HELD:
        raise AlreadyEnrolled(f"A place in {desk.cohort.name} is already held for {name}, until {until(seat)}.")
    raise AlreadyEnrolled(already(desk.person, desk.cohort))


def already(person: Patient, cohort: Cohort) -> str:
    return f"{person.short_name} already has a seat in {cohort.name}."


def until(seat: Enrollment) -> str:
    """Until when a place is held: "Fri Mar 13, 5:00 pm CT"."""
    local = (seat.held_until or seat.enrolled_at).astimezone(ZoneInfo(seat.cohort.location.zone))  # type: ignore[union-attr]
    return f"{moments.short_day(local, 'en')}, {moments.clock(local)}"


def refuse_second(desk: Desk, kind: Kind, *, holding: bool) -> None:
    """One main program at a time, one held place at a time; what stands beside it needs it, and time in the week."""
    name = desk.person.short_name
    if kind == Kind.ADJUNCT:
        return refuse_adjunct(desk)
    if held := desk.elsewhere(Kind.PRIMARY, State.HELD):
        raise EnrollmentRefused(
            f"A place in {held.cohort.name} is held for {name} until {until(held)}. Give that one up first."
        )
    if (had := desk.elsewhere(Kind.PRIMARY, State.ACTIVE)) and not holding:
        raise EnrollmentRefused(f"{name} has a place in {had.cohort.name}. Move them from there instead.")
    return None


def refuse_adjunct(desk: Desk) -> None:
    main = desk.elsewhere(Kind.PRIMARY, State.ACTIVE, State.HELD)
    name = desk.person.short_name
    if main is None:
        raise EnrollmentRefused(f"{name} has no place in a main program yet. That one comes first.")
    most = places.most_minutes(main.cohort)
    minutes = places.weekly_minutes([desk.cohort.pk, *(seat.cohort_id for seat in desk.seats)])
    if most is not None and minutes > most:
        raise EnrollmentRefused(
            f"With {desk.cohort.name} {name} would meet {hours(minutes)} hours a week. The level of care has {hours(most)} at most."
        )


def hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def refuse_misfit(desk: Desk, ahead: Ahead, taken: int, *, kind: Kind, promised: bool = False) -> None:
    """
    Refuse when the cohort takes nobody, has no seat, or is not what was decided.

    Wishes are left aside: they are the person's to change. A hold is a promise: what came into the cohort's
    way since then does not count. What stands beside the main program is not what was decided.
    """
    aside = WISHES | (DECIDED if kind == Kind.ADJUNCT else frozenset())
    for reason in queries.judged(desk.cohort, taken, ahead.where, desk.at).reasons:
        if reason.blocker in aside or (promised and reason.blocker in {Blocker.SEAT, Blocker.ENTRY}):
            continue
        if reason.blocker is Blocker.SEAT:
            raise CohortFull(f"{desk.cohort.name} is full: {reason.sentence.removeprefix('Full: ')}")
        raise EnrollmentRefused(f"{desk.cohort.name}: {reason.sentence}")


def refuse_collision(desk: Desk, *, leaving: Cohort | None = None) -> None:
    if met := queries.collision(desk.person, desk.cohort, desk.at, leaving=leaving):
        raise EnrollmentRefused(f"{desk.person.short_name} already meets in {met.cohort.name} at some of these times.")


# ---- What follows ----


def sessions_ahead(cohort: Cohort, *, at: datetime) -> list[Session]:
    """The cohort's sessions from now on; made from its pattern if nobody has made them yet."""
    ahead = cohort.sessions.planned().filter(during__startswith__gt=at).select_related("cohort__location")
    found = list(ahead)
    if not found and not cohort.sessions.exists():
        try:
            write_sessions(cohort, at=at)
        except SessionsRefused as clash:
            raise EnrollmentRefused(f"{cohort.name} is not on the calendar yet: {clash}") from clash
        found = list(ahead.all())
    return found


def write(desk: Desk, **values: object) -> Enrollment:
    """Store a new seat."""
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            return Enrollment.objects.create(patient=desk.person, cohort=desk.cohort, **values)
    except IntegrityError as error:
        if violates(error, "enrollment_one_live_per_cohort"):
            raise AlreadyEnrolled(already(desk.person, desk.cohort)) from error
        raise


def expect(desk: Desk, sessions: list[Session]) -> None:
    """The person is reminded of what is ahead."""
    messaging.plan(reminders.messages_for(desk.person, sessions), now=desk.at)
    transaction.on_commit(ring, robust=True)


def expect_no_longer(person: Patient, cohort: Cohort, *, reason: str, at: datetime) -> None:
    ahead = Session.objects.filter(cohort=cohort, during__startswith__gt=at)
    messaging.cancel(
        reason=reason,
        recipient=reminders.recipient(person),
        occurrences=[reminders.occurrence(session) for session in ahead],
    )
