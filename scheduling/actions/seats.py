"""Seats: held, given, changed for another, given up, completed. Each a deed under the cohort's lock, then the person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import User
from intake.models import Patient
from messaging import actions as messaging
from messaging.tasks import ring
from programs.models import Cohort
from scheduling import reminders
from scheduling.actions.offers import given_up, seated
from scheduling.actions.seating import (
    AlreadyEnrolled,
    CohortFull,
    Desk,
    EnrollmentRefused,
    HoldExpired,
    end,
    expect,
    expect_no_longer,
    patiently,
    refuse_collision,
    refuse_here,
    refuse_misfit,
    refuse_second,
    sessions_ahead,
    sit_down,
    until,
    write,
)
from scheduling.actions.straight import take_straight
from scheduling.models import Enrollment, Session
from scheduling.models import SeatKind as Kind
from scheduling.models import SeatState as State
from scheduling.permissions import refusal_to_end, refusal_to_enroll, refusal_to_hold, refusal_to_withdraw
from scheduling.queries import places

__all__ = [
    "AlreadyEnrolled",
    "CohortFull",
    "Enrolled",
    "EnrollmentRefused",
    "Held",
    "HoldExpired",
    "WithdrawalRefused",
    "complete",
    "enroll",
    "enroll_from_hold",
    "hold",
    "plan_reminders",
    "transfer",
    "withdraw",
]


class WithdrawalRefused(Exception):
    """The seat cannot be ended, or was before; the message is fit to show to staff."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    enrollment: Enrollment
    seats_left: int


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that counts as taken until `enrollment.held_until`."""

    enrollment: Enrollment
    seats_left: int


# ---- Holding ----


def hold(*, patient: Patient, cohort: Cohort, by: User, at: datetime, kind: str = Kind.PRIMARY) -> Held:
    """
    Keep a seat for a person for as long as the clinic holds one; it counts as taken until then.

    Raises:
        CohortFull: every seat is taken.
        AlreadyEnrolled: the person has a seat here, or one is held for them.
        EnrollmentRefused: nothing was decided, the cohort takes nobody or is another than the one decided
            on, the person meets elsewhere at that time or holds another place, or somebody else has the
            cohort for too long.
    """
    return patiently(lambda: _hold(patient=patient, cohort=cohort, by=by, at=at, kind=Kind(kind)))


@transaction.atomic(durable=True)
def _hold(*, patient: Patient, cohort: Cohort, by: User, at: datetime, kind: Kind) -> Held:
    span = timedelta(hours=settings.CLINIC.hold_hours)
    return keep(sit_down(patient, cohort, at=at), by=by, until=at + span, kind=kind)


def keep(desk: Desk, *, by: User, until: datetime, kind: Kind = Kind.PRIMARY) -> Held:
    """The rows of `hold`, for a caller that has the locks."""
    ahead = places.ahead_of(desk.person, desk.cohort, desk.at)
    refuse_here(desk, may_be_held=False)
    if refused := refusal_to_hold(ahead.where, ahead.clinicians):
        raise EnrollmentRefused(refused)
    taken = desk.cohort.enrollments.live(desk.at).count()
    refuse_misfit(desk, ahead, taken, kind=kind)
    refuse_second(desk, kind, holding=True)
    sessions_ahead(desk.cohort, at=desk.at)
    # A place may be held while the person still has another main program: it is what they move to.
    leaving = desk.elsewhere(Kind.PRIMARY, State.ACTIVE) if kind == Kind.PRIMARY else None
    refuse_collision(desk, leaving=leaving.cohort if leaving else None)
    seat = write(desk, kind=kind, state=State.HELD, held_by=by, held_at=desk.at, held_until=until)
    return Held(seat, seats_left=desk.cohort.seats - taken - 1)


# ---- Giving ----


def enroll(*, patient: Patient, cohort: Cohort, by: User, at: datetime, kind: str = Kind.PRIMARY) -> Enrolled:
    """
    Give a person a seat in a cohort, the one that is held for them here or a free one.

    The reminders of every session ahead are planned in the same transaction.

    Args:
        at: when staff decided; aware.
    Raises:
        CohortFull: every seat is taken.
        AlreadyEnrolled: the person has a seat here.
        EnrollmentRefused: nothing was decided, a check or a signature is open, the cohort takes nobody or is
            another than the one decided on, the person meets elsewhere at that time or has another main
            program, or somebody else has the cohort for too long.
    """
    return patiently(lambda: give_seat(patient=patient, cohort=cohort, by=by, at=at, kind=Kind(kind)))


@transaction.atomic(durable=True)
def give_seat(*, patient: Patient, cohort: Cohort, by: User, at: datetime, kind: Kind = Kind.PRIMARY) -> Enrolled:
    desk = sit_down(patient, cohort, at=at)
    return seat_at(desk, refuse_here(desk, may_be_held=True), by=by, kind=kind)


def enroll_from_hold(*, enrollment: Enrollment, by: User, at: datetime) -> Enrolled:
    """
    Make a held place the person's own; somebody who has another main program leaves that one for it.

    Raises:
        HoldExpired: it was held until a moment that is past; the sentence says what can be done.
        AlreadyEnrolled: it is the person's own already.
        EnrollmentRefused: as `enroll`, or the hold was given up.
        WithdrawalRefused: they have lost the other one meanwhile.
    """
    left = patiently(lambda: take_straight(enrollment, by=by, at=at))
    if left is not None:
        return Enrolled(enrollment, seats_left=left)
    # A transaction of its own: the long way may need a second cohort, whose lock comes before the person's.
    return patiently(lambda: _enroll_from_hold(enrollment=enrollment, by=by, at=at))


@transaction.atomic(durable=True)
def _enroll_from_hold(*, enrollment: Enrollment, by: User, at: datetime) -> Enrolled:
    if main := places.main_elsewhere(enrollment):
        return exchange(main, enrollment.cohort, held=enrollment, by=by, at=at)
    desk = sit_down(enrollment.patient, enrollment.cohort, at=at)
    held = next((seat for seat in desk.seats if seat.pk == enrollment.pk), None)
    if held is None:
        enrollment.refresh_from_db()
        raise refusal_of_lost(enrollment, desk)
    refuse_here(desk, may_be_held=True)
    return seat_at(desk, held, by=by, kind=Kind(held.kind))


def refusal_of_lost(seat: Enrollment, desk: Desk) -> EnrollmentRefused:
    """Why a seat that was held is not any more, and what can be done."""
    if not (seat.held_until and seat.enrolled_at is None and seat.held_until <= desk.at):
        return EnrollmentRefused(refusal_to_withdraw(seat, desk.at) or "This place is not held any more.")
    left = max(desk.cohort.seats - desk.cohort.enrollments.live(desk.at).count(), 0)
    then = (
        f"Hold it again: places left there: {left}." if left else "It is full now. Join the waitlist, or find another."
    )
    return HoldExpired(f"This place was held until {until(seat)}. {then}")


def seat_at(desk: Desk, held: Enrollment | None, *, by: User, kind: Kind, leaving: Cohort | None = None) -> Enrolled:
    """The rows of `enroll`, for a caller that has the locks; `held` is the seat that is held for the person here."""
    ahead = places.ahead_of(desk.person, desk.cohort, desk.at)
    if refused := refusal_to_enroll(ahead):
        raise EnrollmentRefused(refused)
    taken = desk.cohort.enrollments.live(desk.at).count() - (held is not None)
    refuse_misfit(desk, ahead, taken, kind=kind, promised=held is not None)
    refuse_second(desk, kind, holding=leaving is not None)
    sessions = sessions_ahead(desk.cohort, at=desk.at)
    refuse_collision(desk, leaving=leaving)
    seat = held or write(desk, kind=kind, state=State.ACTIVE, enrolled_by=by, enrolled_at=desk.at)
    if held is not None:
        held.state, held.enrolled_by, held.enrolled_at = State.ACTIVE, by, desk.at
        held.save(update_fields=["state", "enrolled_by", "enrolled_at"])
    expect(desk, sessions)
    seated(seat, by=by, at=desk.at)
    return Enrolled(seat, seats_left=desk.cohort.seats - taken - 1)


@transaction.atomic
def plan_reminders(*, patient: Patient, at: datetime) -> None:
    """Plan the reminders of what is ahead for somebody who has just said that we may send them."""
    had = Enrollment.objects.active().filter(patient=patient).values("cohort")
    ahead = Session.objects.planned().filter(cohort__in=had, during__startswith__gt=at)
    messaging.plan(reminders.messages_for(patient, ahead.select_related("cohort__location")), now=at)
    transaction.on_commit(ring, robust=True)


# ---- Changing and ending ----


def transfer(*, enrollment: Enrollment, cohort: Cohort, by: User, at: datetime, reason: str = "") -> Enrolled:
    """
    Change a seat for one in another cohort, the one that is held for the person there or a free one.

    Both cohorts are locked, so that two who change places do not wait for each other.

    Raises:
        WithdrawalRefused: the person does not have the seat any more.
        CohortFull, AlreadyEnrolled, EnrollmentRefused: as `enroll`; the seat stays as it is.
    """
    return patiently(lambda: _transfer(enrollment=enrollment, cohort=cohort, by=by, at=at, reason=reason))


@transaction.atomic(durable=True)
def _transfer(*, enrollment: Enrollment, cohort: Cohort, by: User, at: datetime, reason: str) -> Enrolled:
    return exchange(enrollment, cohort, by=by, at=at, reason=reason)


def exchange(
    enrollment: Enrollment,
    cohort: Cohort,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    held: Enrollment | None = None,
) -> Enrolled:
    """The rows of `transfer`; with `held` only into the place that is held."""
    desk = sit_down(enrollment.patient, cohort, enrollment.cohort, at=at)
    here = refuse_here(desk, may_be_held=True)
    if held is not None and (here is None or here.pk != held.pk):
        held.refresh_from_db()
        raise refusal_of_lost(held, desk)
    seat = had_by(desk, enrollment)
    # Ended first: the database allows one main program at a time.
    end(seat, State.TRANSFERRED, by=by, at=at, reason=reason)
    desk.seats.remove(seat)
    expect_no_longer(desk.person, seat.cohort, reason="The person moved to another cohort.", at=at)
    return seat_at(desk, here, by=by, kind=Kind(seat.kind), leaving=seat.cohort)


def had_by(desk: Desk, enrollment: Enrollment) -> Enrollment:
    """
    The person's own seat, as it stands under the locks.

    Raises:
        WithdrawalRefused: it is held only, or was ended.
    """
    seat = next((each for each in desk.seats if each.pk == enrollment.pk), None)
    if seat is None:
        enrollment.refresh_from_db()
        seat = enrollment
    if refused := refusal_to_end(seat, desk.at):
        raise WithdrawalRefused(refused)
    return seat


def withdraw(*, enrollment: Enrollment, by: User, at: datetime, reason: str = "") -> None:
    """
    Give a seat or a held place up; the person is not reminded of its sessions any more.

    Raises:
        WithdrawalRefused: it was given up or ended before, or the hold ran out.
        EnrollmentRefused: somebody else has the cohort for too long.
    """
    patiently(lambda: _withdraw(enrollment=enrollment, by=by, at=at, reason=reason))


@transaction.atomic(durable=True)
def _withdraw(*, enrollment: Enrollment, by: User, at: datetime, reason: str) -> None:
    desk = sit_down(enrollment.patient, enrollment.cohort, at=at)
    give_up(desk, enrollment, by=by, reason=reason)


def give_up(desk: Desk, enrollment: Enrollment, *, by: User, reason: str = "") -> None:
    """The rows of `withdraw`, for a caller that has the locks."""
    seat = next((each for each in desk.seats if each.pk == enrollment.pk), None)
    if seat is None:
        enrollment.refresh_from_db()
        ran_out = enrollment.ended_by_id is None and enrollment.held_until is not None
        gone = f"The hold for {desk.person.short_name} has run out: nobody has this seat because of it any more."
        raise WithdrawalRefused(gone if ran_out else refusal_to_withdraw(enrollment, desk.at))
    had = seat.state == State.ACTIVE
    end(seat, State.WITHDRAWN, by=by, at=desk.at, reason=reason)
    if had:
        expect_no_longer(desk.person, seat.cohort, reason="The person gave up the seat.", at=desk.at)
    else:
        given_up(seat, by=by, at=desk.at)


def complete(*, enrollment: Enrollment, by: User, at: datetime) -> None:
    """
    Note that a person has been through a program; the seat is free again.

    Raises:
        WithdrawalRefused: it was held only, or ended before.
        EnrollmentRefused: somebody else has the cohort for too long.
    """
    patiently(lambda: _complete(enrollment=enrollment, by=by, at=at))


@transaction.atomic(durable=True)
def _complete(*, enrollment: Enrollment, by: User, at: datetime) -> None:
    desk = sit_down(enrollment.patient, enrollment.cohort, at=at)
    seat = had_by(desk, enrollment)
    end(seat, State.COMPLETED, by=by, at=at)
    expect_no_longer(desk.person, seat.cohort, reason="The person has completed the program.", at=at)
