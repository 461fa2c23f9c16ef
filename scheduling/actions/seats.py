"""Seats: given under the cohort's lock, and given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.models import Patient
from messaging import actions as messaging
from messaging.tasks import ring
from programs.matching.cohorts import WISHES, Blocker
from programs.models import Cohort
from scheduling import reminders
from scheduling.actions.sessions import SessionsRefused, lock, write_sessions
from scheduling.locks import LockedOut, once_more
from scheduling.models import Enrollment, Session
from scheduling.permissions import refusal_to_enroll, refusal_to_withdraw
from scheduling.queries import seats as queries


class EnrollmentRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class CohortFull(EnrollmentRefused):
    """Every seat is taken."""


class AlreadyEnrolled(EnrollmentRefused):
    """The person holds a live seat here."""


class WithdrawalRefused(Exception):
    """The seat was given up before; the message is fit to show to staff."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    enrollment: Enrollment
    seats_left: int


def enroll(*, patient: Patient, cohort: Cohort, by: User, at: datetime) -> Enrolled:
    """
    Give a person a seat in a cohort; `at` (aware) is when staff decided.

    The reminders of every session ahead are planned in the same transaction.

    Raises:
        CohortFull: every seat is taken.
        AlreadyEnrolled: the person holds a live seat here.
        EnrollmentRefused: nothing was decided, a check is open, the cohort takes nobody or is another
            than the one decided on, the person meets elsewhere at that time, or somebody else holds the
            cohort for too long.
    """
    try:
        return once_more(lambda: give_seat(patient=patient, cohort=cohort, by=by, at=at))
    except LockedOut as busy:
        raise EnrollmentRefused("Someone else is changing this cohort just now. Try again.") from busy


@transaction.atomic(durable=True)
def give_seat(*, patient: Patient, cohort: Cohort, by: User, at: datetime) -> Enrolled:
    # Two receptionists may press the button together: the second waits here. Then the person, who may be
    # given seats in two cohorts at once. Always in this order.
    locked = lock(cohort)
    person = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    refuse_held(person, locked)
    taken = locked.enrollments.live().count()
    refuse_misfit(person, locked, taken, at=at)
    sessions = sessions_ahead(locked, at=at)
    refuse_collision(person, locked, at=at)
    enrollment = take_seat(person, locked, by=by, at=at)
    messaging.plan(reminders.messages_for(person, sessions), now=at)
    transaction.on_commit(ring, robust=True)
    return Enrolled(enrollment, seats_left=locked.seats - taken - 1)


def refuse_held(person: Patient, cohort: Cohort) -> None:
    """Said before anything about free seats: who holds the last one hears that, not that it is full."""
    if cohort.enrollments.live().filter(patient=person).exists():
        raise AlreadyEnrolled(already(person, cohort))


def already(person: Patient, cohort: Cohort) -> str:
    return f"{person.short_name} already has a seat in {cohort.name}."


def refuse_misfit(person: Patient, cohort: Cohort, taken: int, *, at: datetime) -> None:
    """
    Refuse when nothing allows a seat yet, when the cohort takes nobody, or is not what was decided.

    Wishes are left aside: they are the person's to change.
    """
    where = queries.standing(person)
    if refused := refusal_to_enroll(where, queries.team_names(person)):
        raise EnrollmentRefused(refused)
    for reason in queries.judged(cohort, taken, where, at).reasons:
        if reason.blocker is Blocker.SEAT:
            raise CohortFull(f"{cohort.name} is full: {reason.sentence.removeprefix('Full: ')}")
        if reason.blocker not in WISHES:
            raise EnrollmentRefused(f"{cohort.name}: {reason.sentence}")


def sessions_ahead(cohort: Cohort, *, at: datetime) -> list[Session]:
    """The cohort's sessions from now on; made from its pattern if nobody has made them yet."""
    if not cohort.sessions.exists():
        try:
            write_sessions(cohort, at=at)
        except SessionsRefused as clash:
            raise EnrollmentRefused(f"{cohort.name} is not on the calendar yet: {clash}") from clash
    ahead = cohort.sessions.planned().filter(during__startswith__gt=at)
    return list(ahead.select_related("cohort__location"))


def refuse_collision(person: Patient, cohort: Cohort, *, at: datetime) -> None:
    if met := queries.collision(person, cohort, at):
        raise EnrollmentRefused(f"{person.short_name} already meets in {met.cohort.name} at some of these times.")


def take_seat(person: Patient, cohort: Cohort, *, by: User, at: datetime) -> Enrollment:
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            return Enrollment.objects.create(patient=person, cohort=cohort, enrolled_by=by, enrolled_at=at)
    except IntegrityError as error:
        if violates(error, "enrollment_one_live_per_cohort"):
            raise AlreadyEnrolled(already(person, cohort)) from error
        raise


@transaction.atomic
def plan_reminders(*, patient: Patient, at: datetime) -> None:
    """Plan the reminders of what is ahead for somebody who has just said that we may send them."""
    held = Enrollment.objects.live().filter(patient=patient).values("cohort")
    ahead = Session.objects.planned().filter(cohort__in=held, during__startswith__gt=at)
    messaging.plan(reminders.messages_for(patient, ahead.select_related("cohort__location")), now=at)
    transaction.on_commit(ring, robust=True)


@transaction.atomic(durable=True)
def withdraw(*, enrollment: Enrollment, by: User, at: datetime) -> None:
    """
    Give a seat up; the person is not reminded of its sessions any more.

    Raises:
        WithdrawalRefused: it was given up before.
    """
    rows = Enrollment.objects.select_for_update(no_key=True, of=("self",)).select_related("patient")
    locked = rows.get(pk=enrollment.pk)
    if refused := refusal_to_withdraw(locked):
        raise WithdrawalRefused(refused)
    locked.withdrawn_at, locked.withdrawn_by = at, by
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    ahead = Session.objects.filter(cohort=locked.cohort_id, during__startswith__gt=at)
    messaging.cancel(
        reason="The person gave up the seat.",
        recipient=reminders.recipient(locked.patient),
        occurrences=[reminders.occurrence(session) for session in ahead],
    )
