"""Seats are raced on real PostgreSQL; a copy without the lock shows that the race can be lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection, transaction

from intake.models import Patient
from messaging.models import OutboxMessage
from programs.models import Cohort
from scheduling import actions, locks
from scheduling.actions import seating, sessions
from scheduling.models import Enrollment
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON

pytestmark = pytest.mark.django_db(transaction=True)


def race(deeds: list[Callable[[], object]]) -> list[object]:
    """Do all deeds at the same moment, each on its own connection; what they return, or the refusal."""
    together = Barrier(len(deeds))

    def press(deed):
        try:
            together.wait(timeout=30)
            return deed()
        except actions.EnrollmentRefused as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(deeds)) as desks:
        return list(desks.map(press, deeds))


def press_enroll(person: Patient, cohort: Cohort) -> Callable[[], object]:
    return lambda: actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=MONDAY_NOON).seats_left


def a_cohort(**over) -> Cohort:
    cohort = make.cohort(**over)
    actions.generate_sessions(cohort=cohort, at=MONDAY_NOON)
    return cohort


def test_the_last_seat_goes_to_exactly_one_of_two_who_ask_together():
    cohort = a_cohort(seats=1)
    outcomes = race([press_enroll(people.ready(), cohort) for _ in range(2)])

    assert sorted(outcomes, key=str) == [0, actions.CohortFull]
    assert cohort.enrollments.active().count() == 1


def test_eight_seats_are_exactly_filled_by_thirty_who_ask_together():
    cohort = a_cohort(seats=8)
    outcomes = race([press_enroll(people.ready(), cohort) for _ in range(30)])

    given = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert sorted(given) == list(range(8))
    assert outcomes.count(actions.CohortFull) == 22
    assert cohort.enrollments.active().count() == 8
    assert OutboxMessage.objects.values("recipient").distinct().count() == 8  # nobody else is reminded


def test_a_copy_without_the_lock_oversells(monkeypatch):
    """The positive control: the same race, the same code, only nobody waits for the cohort's row."""
    cohort = a_cohort(seats=1)
    count = Enrollment.objects.all().__class__.count
    both_counted = Barrier(2)

    def unlocked(given: Cohort) -> Cohort:
        return Cohort.objects.select_related("program__track", "location", "room", "facilitator").get(pk=given.pk)

    def count_together(rows):
        taken = count(rows)
        if rows.model is Enrollment:
            both_counted.wait(timeout=30)  # both read before either writes, which the lock makes impossible
        return taken

    monkeypatch.setattr(seating, "lock", unlocked)
    monkeypatch.setattr(Enrollment.objects.all().__class__, "count", count_together)
    outcomes = race([press_enroll(people.ready(), cohort) for _ in range(2)])
    monkeypatch.undo()

    assert outcomes == [0, 0]
    assert cohort.enrollments.active().count() == 2  # of one seat


def test_one_person_asked_in_twice_at_once_has_one_seat():
    cohort, person = a_cohort(), people.ready()
    outcomes = race([press_enroll(person, cohort) for _ in range(4)])

    assert sorted(outcomes, key=str) == [7, *[actions.AlreadyEnrolled] * 3]


def test_one_person_asked_into_two_cohorts_at_the_same_time_has_one_seat():
    person, first, second = people.ready(), a_cohort(), a_cohort()
    outcomes = race([press_enroll(person, first), press_enroll(person, second)])

    assert sorted(outcomes, key=str) == [7, actions.EnrollmentRefused]
    assert Enrollment.objects.active().count() == 1


def test_two_who_write_the_sessions_of_a_cohort_together_write_them_once():
    cohort = make.cohort()
    outcomes = race([lambda: actions.generate_sessions(cohort=cohort, at=MONDAY_NOON).added for _ in range(2)])

    assert sorted(outcomes) == [0, 18]
    assert cohort.sessions.count() == 18


def test_who_waits_too_long_for_the_cohort_is_told_so_and_nothing_is_written(monkeypatch):
    cohort, person = a_cohort(), people.ready()
    monkeypatch.setattr(locks.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(seating, "lock", impatient)
    held = Barrier(2)

    def hold():
        with transaction.atomic():
            sessions.lock(cohort)
            held.wait(timeout=30)
            held.wait(timeout=30)
        connection.close()

    with ThreadPoolExecutor(max_workers=1) as desk:
        holding = desk.submit(hold)
        held.wait(timeout=30)
        with pytest.raises(actions.EnrollmentRefused, match="Someone else is changing this cohort just now"):
            press_enroll(person, cohort)()
        held.wait(timeout=30)
        holding.result()

    assert not Enrollment.objects.exists()


def impatient(cohort: Cohort) -> Cohort:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
    return sessions.lock(cohort)


def test_a_short_wait_is_tried_once_more():
    tries = []

    def deed():
        tries.append(time.monotonic())
        if len(tries) == 1:
            raise lock_timeout()
        return "done"

    assert locks.once_more(deed) == "done"
    assert len(tries) == 2


def test_another_database_error_is_left_alone():
    with pytest.raises(OperationalError, match="gone"):
        locks.once_more(lambda: (_ for _ in ()).throw(OperationalError("gone")))


def lock_timeout() -> OperationalError:
    cause = Exception()
    cause.pgcode = locks.LOCK_NOT_AVAILABLE  # type: ignore[attr-defined]
    error = OperationalError("canceling statement due to lock timeout")
    error.__cause__ = cause
    return error
