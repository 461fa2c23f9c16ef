"""Giving seats and giving them up."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import transaction

from accounts.models import Role
from messaging.models import OutboxMessage, State
from programs.models import Cohort
from scheduling import actions, reminders
from scheduling.actions import seats
from scheduling.models import Enrollment
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON

pytestmark = pytest.mark.django_db


def enroll(patient, cohort, at=MONDAY_NOON, **over):
    return actions.enroll(patient=patient, cohort=cohort, by=patient.registered_by, at=at, **over)


def refusal(patient, cohort, kind=actions.EnrollmentRefused, at=MONDAY_NOON, kind_of="primary"):
    with pytest.raises(kind) as refused:
        enroll(patient, cohort, at, kind=kind_of)
    assert (
        not Enrollment.objects.unended().filter(patient=patient, cohort=cohort).exists()
        or kind is actions.AlreadyEnrolled
    )
    return str(refused.value)


def test_a_seat_is_given_by_somebody_at_a_time():
    person, cohort = people.ready(), make.cohort()

    done = enroll(person, cohort)

    assert done.seats_left == 7
    assert (done.enrollment.patient, done.enrollment.cohort) == (person, cohort)
    assert (done.enrollment.enrolled_by, done.enrollment.enrolled_at) == (person.registered_by, MONDAY_NOON)


def test_the_last_seat_is_given_and_then_the_cohort_is_full():
    cohort = make.cohort(name="Evenings", seats=1)

    assert enroll(people.ready(), cohort).seats_left == 0
    assert refusal(people.ready(), cohort, actions.CohortFull) == "Evenings is full: its only seat is taken."


def test_the_refusal_says_how_many_seats_are_taken():
    cohort = make.cohort(name="Evenings", seats=2)
    enroll(people.ready(), cohort)
    enroll(people.ready(), cohort)

    assert refusal(people.ready(), cohort, actions.CohortFull) == "Evenings is full: all 2 seats are taken."


def test_a_seat_given_up_is_free_again():
    cohort = make.cohort(seats=1)
    held = enroll(people.ready(), cohort).enrollment
    actions.withdraw(enrollment=held, by=held.enrolled_by, at=MONDAY_NOON)

    assert enroll(people.ready(), cohort).seats_left == 0


def test_who_holds_a_seat_already_is_told_so_even_when_the_cohort_is_full():
    person, cohort = people.ready(last_name="Marlow"), make.cohort(name="Evenings", seats=1)
    enroll(person, cohort)

    assert refusal(person, cohort, actions.AlreadyEnrolled) == "Rosa M. already has a seat in Evenings."
    assert cohort.enrollments.count() == 1


def test_the_constraint_is_what_refuses_a_second_seat(monkeypatch):
    person, cohort = people.ready(), make.cohort()
    enroll(person, cohort)
    monkeypatch.setattr(seats, "refuse_here", lambda _desk, **_over: None)
    monkeypatch.setattr(seats, "refuse_collision", lambda *_args, **_kwargs: None)

    with pytest.raises(actions.AlreadyEnrolled):
        enroll(person, cohort)


@pytest.mark.parametrize("gates", [("G6",), ("G7",), ("G8",)])
def test_an_open_check_stops_the_seat_and_says_who_can_close_it(gates):
    person = make.patient(team=make.clinician(name="Dana K."))
    people.recommended(person, gates=gates)
    people.decided(person)

    assert refusal(person, make.cohort()) == (
        f"Check {gates[0]} is still open, and comes before any seat."
        " A clinician of the care team (Dana K.) can close it on the recommendation page."
    )


def test_several_open_checks_are_all_named():
    person = make.patient(team=make.clinician(name="Dana K."))
    people.recommended(person, gates=("G6", "G8"))
    people.decided(person)

    assert refusal(person, make.cohort()) == (
        "Checks G6, G8 are still open, and come before any seat."
        " A clinician of the care team (Dana K.) can close them on the recommendation page."
    )


def test_only_the_newest_recommendation_counts():
    person = make.patient()
    people.papers(person)
    people.recommended(person, gates=("G8",))
    people.recommended(person, at=MONDAY_NOON + timedelta(hours=1))
    people.decided(person)

    assert enroll(person, make.cohort(), MONDAY_NOON + timedelta(hours=2)).seats_left == 7


def test_a_decision_over_an_older_recommendation_does_not_count():
    person = people.ready()
    people.recommended(person, at=MONDAY_NOON + timedelta(hours=1))

    assert refusal(person, make.cohort(), at=MONDAY_NOON + timedelta(hours=2)).startswith("Nothing is decided yet.")


def test_nothing_decided_is_a_refusal_that_says_who_decides():
    person = make.patient(team=make.clinician(name="Dana K."))
    people.recommended(person)

    assert refusal(person, make.cohort()) == (
        "Nothing is decided yet. A clinician of the care team (Dana K.) or a supervisor"
        " records the decision on the recommendation page."
    )


def test_not_ready_is_no_decision():
    person = make.patient()
    people.decided(person, choice="not_ready")

    assert refusal(person, make.cohort()).startswith("Nothing is decided yet.")


def test_without_a_signed_intake_there_is_no_seat():
    assert refusal(make.patient(), make.cohort()).startswith("There is no signed intake yet.")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"state": Cohort.State.RETIRED}, "Evenings: Closed: it takes no new people."),
        ({"state": Cohort.State.DRAFT}, "Evenings: Not open for enrollment yet."),
        ({"last_entry_on": date(2026, 3, 8)}, "Evenings: The last day to join was Mar 8."),
    ],
)
def test_a_cohort_that_takes_nobody_refuses(over, sentence):
    assert refusal(people.ready(), make.cohort(name="Evenings", **over)) == sentence


def test_another_program_than_the_one_decided_is_refused_until_it_is_decided():
    person = people.ready()
    cohort = make.cohort(name="Mornings", program=make.program(track="trauma"))

    assert refusal(person, cohort) == "Mornings: For another program than the one decided."

    people.decided(person, choice="other_track", track="trauma", at=MONDAY_NOON)
    assert enroll(person, cohort).seats_left == 7


def test_another_level_that_was_decided_counts_and_keeps_the_proposed_track():
    person = make.patient()
    people.papers(person)
    people.decided(person, choice="other_level", level="php")

    assert refusal(person, make.cohort()).endswith("At another level of care than the one decided.")
    assert enroll(person, make.cohort(program=make.program(level="php"))).seats_left == 7


def test_wishes_do_not_stop_what_the_person_agrees_to():
    assert enroll(people.ready(language="en"), make.cohort(language="es")).seats_left == 7


def test_a_person_cannot_meet_in_two_cohorts_at_once():
    person = people.ready(last_name="Marlow")
    enroll(person, make.cohort(name="Evenings"))

    later = make.cohort(blocks=((1, time(18)),))
    assert refusal(person, later, kind_of="adjunct") == "Rosa M. already meets in Evenings at some of these times."
    touching = make.cohort(blocks=((1, time(19)),))
    assert enroll(person, touching, kind="adjunct").seats_left == 7


def test_sessions_are_made_when_nobody_has_made_them():
    cohort = make.cohort()

    enroll(people.ready(), cohort)

    assert cohort.sessions.count() == 18  # from the day of the seat on


def test_a_pattern_that_does_not_fit_the_calendar_is_named():
    taken = make.cohort(name="Mornings")
    actions.generate_sessions(cohort=taken, at=MONDAY_NOON)
    taken.room.name = "Room 2"
    taken.room.save()
    cohort = make.cohort(name="Evenings", location=taken.location, room=taken.room)

    assert refusal(people.ready(), cohort) == (
        "Evenings is not on the calendar yet: Room 2 is taken on Tue Mar 10, 5:30 pm CT (Skills group, Mornings)."
    )


def test_the_reminders_of_every_session_ahead_are_planned_with_the_seat(rung, django_capture_on_commit_callbacks):
    person = people.ready(preferred_name="Ro", language="es")
    cohort = make.cohort(starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 23), last_entry_on=date(2026, 3, 16))

    with django_capture_on_commit_callbacks(execute=True):
        enroll(person, cohort)

    rows = OutboxMessage.objects.all()
    sessions = cohort.sessions.all()
    # The first meeting is tomorrow evening: its two-day reminder is due at once, and still in time.
    assert {(row.occurrence, row.kind) for row in rows} == {
        (reminders.occurrence(session), kind)
        for session in sessions
        for kind in ("session_reminder_2d", "session_reminder_3h")
    }
    assert {(row.recipient, row.address, row.language, row.location) for row in rows} == {
        (f"patient:{person.public_id}", person.email, "es", cohort.location)
    }
    assert {(row.context["first_name"], row.context["zone"]) for row in rows} == {("Ro", "America/Chicago")}
    assert {row.state for row in rows} == {State.PENDING}
    assert rung == ["ring"]


def test_reminders_vanish_with_the_seat_when_the_transaction_fails(monkeypatch):
    person, cohort = people.ready(), make.cohort()
    monkeypatch.setattr(seats, "Enrolled", fail)

    with pytest.raises(RuntimeError), transaction.atomic():
        seats.give_seat.__wrapped__(patient=person, cohort=cohort, by=person.registered_by, at=MONDAY_NOON)

    assert not OutboxMessage.objects.exists()
    assert not Enrollment.objects.exists()


def fail(*_args, **_kwargs):
    raise RuntimeError("The machine stops here.")


@pytest.mark.parametrize("over", [{"may_email": False}, {"may_email": None}, {"may_email": True, "email": ""}])
def test_who_wants_no_reminders_gets_none(over):
    enroll(people.ready(**over), make.cohort())

    assert not OutboxMessage.objects.exists()


def test_giving_a_seat_up_calls_back_the_reminders_ahead():
    person, cohort = people.ready(), make.cohort()
    held = enroll(person, cohort).enrollment
    other = people.ready()
    enroll(other, cohort)
    coordinator = make.user(Role.COORDINATOR)

    actions.withdraw(enrollment=held, by=coordinator, at=make.NOON)

    held.refresh_from_db()
    assert (held.ended_by, held.ended_at) == (coordinator, make.NOON)
    own = OutboxMessage.objects.filter(recipient=reminders.recipient(person), occurrence_starts_at__gt=make.NOON)
    assert {row.state for row in own} == {State.CANCELED}
    others = OutboxMessage.objects.filter(recipient=reminders.recipient(other))
    assert {row.state for row in others} == {State.PENDING}


def test_a_seat_is_given_up_once():
    person, cohort = people.ready(last_name="Marlow"), make.cohort()
    held = enroll(person, cohort).enrollment
    actions.withdraw(enrollment=held, by=person.registered_by, at=MONDAY_NOON)

    with pytest.raises(actions.WithdrawalRefused, match=r"Rosa M\. has already given up this seat\."):
        actions.withdraw(enrollment=held, by=person.registered_by, at=make.NOON)


def test_a_seat_given_again_is_reminded_of_again():
    person, cohort = people.ready(), make.cohort()
    held = enroll(person, cohort).enrollment
    actions.withdraw(enrollment=held, by=person.registered_by, at=MONDAY_NOON)

    enroll(person, cohort)

    assert {row.state for row in OutboxMessage.objects.all()} == {State.PENDING}
