"""A place that is held counts as taken until its time, which is looked at when somebody asks (REL-23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from accounts.models import Role
from accounts.policies import Actor
from intake.models import KeepApart
from messaging.models import OutboxMessage, State
from programs.models import Cohort, LevelHours
from scheduling import actions
from scheduling.actions import seats
from scheduling.models import Enrollment, Session
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON

pytestmark = pytest.mark.django_db
HOLD = timedelta(hours=72)
LATER = MONDAY_NOON + HOLD


def hold(patient, cohort, at=MONDAY_NOON, **over):
    return actions.hold(patient=patient, cohort=cohort, by=patient.registered_by, at=at, **over)


def enroll(patient, cohort, at=MONDAY_NOON, **over):
    return actions.enroll(patient=patient, cohort=cohort, by=patient.registered_by, at=at, **over)


def take(seat, at=MONDAY_NOON):
    return actions.enroll_from_hold(enrollment=seat, by=seat.held_by, at=at)


def refused(deed, kind=actions.EnrollmentRefused):
    with pytest.raises(kind) as told:
        deed()
    return str(told.value)


# ---- Holding


def test_a_place_is_held_by_somebody_for_three_days_and_counts_as_taken():
    person, cohort = people.ready(), make.cohort(name="Evenings", seats=1)

    done = hold(person, cohort)

    seat = done.enrollment
    assert (done.seats_left, seat.state, seat.held_by) == (0, "held", person.registered_by)
    assert (seat.held_at, seat.held_until) == (MONDAY_NOON, LATER)
    assert refused(lambda: enroll(people.ready(), cohort), actions.CohortFull) == (
        "Evenings is full: its only seat is taken."
    )


def test_the_clinic_says_how_long_a_place_is_held(settings):
    settings.CLINIC = replace(settings.CLINIC, hold_hours=24)

    assert hold(people.ready(), make.cohort()).enrollment.held_until == MONDAY_NOON + timedelta(hours=24)


def test_who_only_holds_a_place_is_not_expected_and_not_reminded(signed_in, clock):
    cohort = make.cohort()
    person = people.ready(user=make.user(Role.PATIENT))
    hold(person, cohort, at=make.NOON)

    page = people.words(signed_in(person.user).get("/my/"))

    assert cohort.sessions.exists()
    assert "Skills group" not in page
    assert not OutboxMessage.objects.exists()
    assert not Session.objects.visible_to(Actor(person.user, Role.PATIENT)).exists()


def test_a_check_that_is_open_stops_the_seat_but_not_the_hold():
    person = make.patient(team=make.clinician(name="Dana K."))
    people.recommended(person, gates=("G8",))
    people.decided(person)

    seat = hold(person, make.cohort()).enrollment

    assert refused(lambda: take(seat)) == (
        "Check G8 is still open, and comes before any seat."
        " A clinician of the care team (Dana K.) can close it on the recommendation page."
    )


def test_a_check_that_comes_before_a_recommendation_stops_the_hold():
    person = make.patient()
    early = people.result(gates=("G2",))
    early["gate_summary"]["blocks_recommendation"] = ["G2"]
    people.recommended(person, document=early)
    people.decided(person)

    assert refused(lambda: hold(person, make.cohort())).startswith("Check G2 is still open")


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("care", "The consent to treatment, payment and operations is not signed yet."),
        ("group", "The group agreement is not signed yet."),
    ],
)
def test_a_missing_signature_stops_the_seat_and_says_who_can_sign(missing, sentence):
    person = make.patient(team=make.clinician(name="Dana K."))
    people.decided(person)
    people.papers(person, **{missing: False})
    seat = hold(person, make.cohort()).enrollment

    who = " A clinician of the care team (Dana K.) or a supervisor signs it with the person."
    assert refused(lambda: take(seat)) == sentence + who


def test_a_consent_that_was_taken_back_stops_the_seat():
    person = people.ready()
    consent = person.consents.get()
    consent.revoked_at, consent.revoked_by = MONDAY_NOON, person.registered_by
    consent.save()

    assert refused(lambda: enroll(person, make.cohort())).startswith("The consent to treatment")


def test_who_meets_one_to_one_needs_no_group_agreement():
    person = make.patient()
    people.decided(person)
    people.papers(person, group=False)
    cohort = make.cohort()
    cohort.blocks.update(kind="individual")

    assert enroll(person, cohort).seats_left == 7


def test_the_check_before_sessions_with_relatives_counts_only_where_relatives_come():
    person = make.patient()
    people.papers(person)
    gate = {"id": "G9", "status": "hold", "blocks": "conjoint", "unknown": []}
    people.recommended(person, document=people.result(track="addiction_family") | {"gates": [gate]})
    people.decided(person, track="addiction_family")
    family = make.cohort(program=make.program(track="addiction_family"))

    assert refused(lambda: enroll(person, family)).startswith("Check G9 is still open")

    people.decided(person, choice="other_track", track="addiction_group", at=make.NOON)
    assert enroll(person, make.cohort(program=make.program(track="addiction_group"))).seats_left == 7


def test_a_second_press_holds_one_place():
    person, cohort = people.ready(last_name="Marlow"), make.cohort(name="Evenings")
    hold(person, cohort)

    assert refused(lambda: hold(person, cohort), actions.AlreadyEnrolled) == (
        "A place in Evenings is already held for Rosa M., until Thu Mar 12, 12:00 pm CT."
    )


def test_one_place_is_held_for_a_person_at_a_time():
    person = people.ready(last_name="Marlow")
    hold(person, make.cohort(name="Evenings"))

    assert refused(lambda: hold(person, make.cohort(blocks=((0, time(9)),)))) == (
        "A place in Evenings is held for Rosa M. until Thu Mar 12, 12:00 pm CT. Give that one up first."
    )


def test_a_cohort_that_takes_nobody_holds_no_place():
    closed = make.cohort(name="Evenings", last_entry_on=date(2026, 3, 8))

    assert refused(lambda: hold(people.ready(), closed)) == "Evenings: The last day to join was Mar 8."


# ---- From hold to seat


def test_a_held_place_becomes_the_persons_own_with_its_reminders(rung, django_capture_on_commit_callbacks):
    person, cohort = people.ready(), make.cohort(seats=1)
    seat = hold(person, cohort).enrollment

    with django_capture_on_commit_callbacks(execute=True):
        done = take(seat, at=make.NOON)

    seat.refresh_from_db()
    assert (done.enrollment, done.seats_left) == (seat, 0)
    assert (seat.state, seat.enrolled_at, seat.held_until) == ("active", make.NOON, LATER)
    assert OutboxMessage.objects.exists()
    assert rung == ["ring"]


def test_enrolling_by_name_takes_the_place_that_is_held():
    person, cohort = people.ready(), make.cohort(seats=1)
    seat = hold(person, cohort).enrollment

    assert enroll(person, cohort).enrollment == seat
    assert cohort.enrollments.count() == 1


def test_a_hold_is_kept_when_the_cohort_stopped_taking_people():
    person, cohort = people.ready(), make.cohort()
    seat = hold(person, cohort).enrollment
    Cohort.objects.filter(pk=cohort.pk).update(last_entry_on=date(2026, 3, 2))

    assert take(seat, at=make.NOON).enrollment == seat


def test_a_hold_that_ran_out_frees_the_seat_without_any_job():
    cohort = make.cohort(seats=1)
    hold(people.ready(), cohort)

    assert cohort.enrollments.live(LATER - timedelta(seconds=1)).count() == 1
    assert cohort.enrollments.live(LATER).count() == 0
    assert enroll(people.ready(), cohort, at=LATER).seats_left == 0


def test_who_comes_with_a_hold_that_ran_out_is_told_what_can_be_done():
    person, cohort = people.ready(), make.cohort(seats=1)
    seat = hold(person, cohort).enrollment

    assert refused(lambda: take(seat, at=LATER), actions.HoldExpired) == (
        "This place was held until Thu Mar 12, 12:00 pm CT. Hold it again: places left there: 1."
    )
    enroll(people.ready(), cohort, at=LATER)
    assert refused(lambda: take(seat, at=LATER), actions.HoldExpired) == (
        "This place was held until Thu Mar 12, 12:00 pm CT. It is full now. Join the waitlist, or find another."
    )


def test_a_hold_that_ran_out_stands_as_ended_by_its_time_and_by_nobody():
    person, cohort = people.ready(), make.cohort()
    old = hold(person, cohort).enrollment

    new = hold(person, cohort, at=LATER).enrollment

    old.refresh_from_db()
    assert (old.state, old.ended_at, old.ended_by) == ("withdrawn", LATER, None)
    assert new != old


def test_a_place_that_was_given_up_cannot_be_taken():
    seat = hold(people.ready(last_name="Marlow"), make.cohort()).enrollment
    actions.withdraw(enrollment=seat, by=seat.held_by, at=MONDAY_NOON, reason="Starts a job.")

    assert refused(lambda: take(seat)) == "Rosa M. has already given up this seat."
    assert seat.reason == "Starts a job."


def test_taking_a_place_twice_gives_one_seat():
    seat = hold(people.ready(last_name="Marlow"), make.cohort(name="Evenings")).enrollment
    take(seat)

    assert refused(lambda: take(seat), actions.AlreadyEnrolled) == "Rosa M. already has a seat in Evenings."


# ---- Main program and what stands beside it


def test_nobody_has_two_main_programs():
    person = people.ready(last_name="Marlow")
    enroll(person, make.cohort(name="Evenings"))

    assert refused(lambda: enroll(person, make.cohort(blocks=((0, time(9)),)))) == (
        "Rosa M. has a place in Evenings. Move them from there instead."
    )


def test_what_stands_beside_needs_a_main_program():
    person = people.ready(last_name="Marlow")

    assert refused(lambda: enroll(person, make.cohort(), kind="adjunct")) == (
        "Rosa M. has no place in a main program yet. That one comes first."
    )


def test_what_stands_beside_may_be_another_program_than_the_one_decided():
    person = people.ready()
    enroll(person, make.cohort())
    beside = make.cohort(program=make.program(track="dbt"), blocks=((0, time(9)),))

    assert enroll(person, beside, kind="adjunct").enrollment.kind == "adjunct"


def test_all_together_stays_within_the_hours_of_the_level():
    LevelHours.objects.create(level="iop", least_minutes=9 * 60, most_minutes=19 * 60)
    person, beside = people.ready(last_name="Marlow"), make.program(level="outpatient")
    enroll(person, make.cohort(blocks=tuple((day, time(hour)) for day in range(5) for hour in (9, 11))))
    full = make.cohort(name="Evenings", program=beside, blocks=tuple((day, time(17)) for day in range(3)))

    assert refused(lambda: enroll(person, full, kind="adjunct")) == (
        "With Evenings Rosa M. would meet 19.5 hours a week. The level of care has 19 at most."
    )
    less = make.cohort(program=beside, blocks=((0, time(17)), (1, time(17))))
    assert enroll(person, less, kind="adjunct").seats_left == 7


# ---- Moving, giving up, completing


def test_moving_frees_one_seat_and_takes_another_with_its_reminders():
    person = people.ready()
    old, new = make.cohort(seats=1), make.cohort(seats=1)
    seat = enroll(person, old).enrollment

    done = actions.transfer(enrollment=seat, cohort=new, by=person.registered_by, at=make.NOON, reason="New hours.")

    seat.refresh_from_db()
    assert (seat.state, seat.ended_at, seat.reason) == ("transferred", make.NOON, "New hours.")
    assert (done.enrollment.cohort, done.enrollment.state, done.seats_left) == (new, "active", 0)
    ahead = OutboxMessage.objects.filter(occurrence_starts_at__gt=make.NOON)
    keys = {f"session:{key}" for key in new.sessions.values_list("public_id", flat=True)}
    assert {row.state for row in ahead if row.occurrence in keys} == {State.PENDING}
    assert {row.state for row in ahead if row.occurrence not in keys} == {State.CANCELED}
    assert enroll(people.ready(), old, at=make.NOON).seats_left == 0


def test_the_seat_stays_when_there_is_none_to_move_to():
    person = people.ready()
    seat = enroll(person, make.cohort()).enrollment
    full = make.cohort(seats=1, blocks=((0, time(9)),))
    enroll(people.ready(), full)

    with pytest.raises(actions.CohortFull):
        actions.transfer(enrollment=seat, cohort=full, by=person.registered_by, at=make.NOON)

    seat.refresh_from_db()
    assert seat.state == "active"
    assert not OutboxMessage.objects.filter(recipient__contains=str(person.public_id), state=State.CANCELED).exists()


def test_a_place_may_be_held_to_move_to_even_at_the_same_times():
    person, next_one = people.ready(), make.cohort(seats=1)
    seat = enroll(person, make.cohort()).enrollment
    held = hold(person, next_one).enrollment

    assert actions.transfer(enrollment=seat, cohort=next_one, by=person.registered_by, at=make.NOON).enrollment == held


def test_a_held_place_cannot_be_moved_or_completed():
    person = people.ready(last_name="Marlow")
    seat = hold(person, make.cohort()).enrollment
    sentence = "Rosa M. does not have this seat yet: it was held for them."

    def move():
        actions.transfer(enrollment=seat, cohort=make.cohort(), by=person.registered_by, at=MONDAY_NOON)

    def complete():
        actions.complete(enrollment=seat, by=person.registered_by, at=MONDAY_NOON)

    assert refused(move, actions.WithdrawalRefused) == sentence
    assert refused(complete, actions.WithdrawalRefused) == sentence


def test_completing_frees_the_seat_and_calls_back_the_reminders():
    person, cohort = people.ready(last_name="Marlow"), make.cohort(seats=1)
    seat = enroll(person, cohort).enrollment

    actions.complete(enrollment=seat, by=person.registered_by, at=make.NOON)

    seat.refresh_from_db()
    assert (seat.state, seat.ended_by) == ("completed", person.registered_by)
    ahead = OutboxMessage.objects.filter(occurrence_starts_at__gt=make.NOON)
    assert {row.state for row in ahead} == {State.CANCELED}
    assert enroll(people.ready(), cohort, at=make.NOON).seats_left == 0
    with pytest.raises(actions.WithdrawalRefused, match="has completed this program"):
        actions.withdraw(enrollment=seat, by=person.registered_by, at=make.NOON)


def test_a_hold_that_ran_out_cannot_be_given_up():
    seat = hold(people.ready(last_name="Marlow"), make.cohort()).enrollment

    with pytest.raises(actions.WithdrawalRefused, match=r"The hold for Rosa M\. has run out"):
        actions.withdraw(enrollment=seat, by=seat.held_by, at=LATER)


def test_a_place_held_is_given_up_without_a_word_to_the_outbox():
    seat = hold(people.ready(), make.cohort()).enrollment

    actions.withdraw(enrollment=seat, by=seat.held_by, at=MONDAY_NOON)

    seat.refresh_from_db()
    assert (seat.state, seat.ended_by) == (Enrollment.State.WITHDRAWN, seat.held_by)


# ---- The straight way, and the long one


def test_the_straight_way_is_taken_when_nothing_is_in_the_way(monkeypatch):
    person, cohort = people.ready(), make.cohort(seats=3)
    seat = hold(person, cohort).enrollment
    monkeypatch.setattr(seats, "_enroll_from_hold", lambda **_: pytest.fail("It went the long way."))

    assert take(seat).seats_left == 2


@pytest.mark.parametrize("wants", [True, False, None])
def test_both_ways_leave_the_same_behind(monkeypatch, wants):
    def outcome(straight):
        with monkeypatch.context() as patch:
            if not straight:
                patch.setattr(seats, "take_straight", lambda *_args, **_over: None)
            person, cohort = people.ready(may_email=wants), make.cohort(seats=3)
            seat = hold(person, cohort).enrollment
            left = take(seat, at=make.NOON).seats_left
            seat.refresh_from_db()
            rows = OutboxMessage.objects.filter(recipient__contains=str(person.public_id))
            told = rows.values_list("kind", "due_at", "send_until", "language", "context", "state")
            ended = (seat.state, seat.enrolled_at, seat.enrolled_by == person.registered_by, seat.ended_at)
            return left, ended, sorted(map(str, told))

    assert outcome(straight=True) == outcome(straight=False)


def test_what_changed_since_the_hold_is_looked_at_the_long_way():
    person = people.ready(last_name="Marlow")
    cohort = make.cohort(name="Evenings")
    seat = hold(person, cohort).enrollment
    people.decided(person, choice="other_track", track="trauma", at=MONDAY_NOON + timedelta(hours=1))

    assert refused(lambda: take(seat, at=make.NOON)) == "Evenings: For another program than the one decided."


def test_who_is_kept_apart_since_the_hold_is_not_put_together():
    person, cohort = people.ready(), make.cohort()
    other = people.ready()
    enroll(other, cohort)
    seat = hold(person, cohort).enrollment
    first, second = sorted((person, other), key=lambda each: each.pk)
    KeepApart.objects.create(first=first, second=second, why="other", recorded_by=person.registered_by)

    assert "Not available for this person" in refused(lambda: take(seat))


def test_taking_a_held_place_leaves_the_other_main_program_for_it():
    person, old, new = people.ready(), make.cohort(name="Mornings"), make.cohort(name="Evenings")
    had = enroll(person, old).enrollment
    seat = hold(person, new).enrollment

    done = take(seat, at=make.NOON)

    had.refresh_from_db()
    assert (had.state, done.enrollment, done.enrollment.state) == ("transferred", seat, "active")


def test_a_hold_that_ran_out_leaves_nothing_for_it():
    person = people.ready()
    had = enroll(person, make.cohort()).enrollment
    seat = hold(person, make.cohort()).enrollment

    assert refused(lambda: take(seat, at=LATER), actions.HoldExpired).startswith("This place was held until")
    had.refresh_from_db()
    assert had.state == "active"


def test_a_consent_taken_back_since_the_hold_is_missed_on_the_straight_way_too():
    person, cohort = people.ready(), make.cohort()
    seat = hold(person, cohort).enrollment
    person.consents.filter(kind="care").update(revoked_at=MONDAY_NOON, revoked_by=person.registered_by)

    assert "The consent to treatment, payment and operations is not signed yet." in refused(lambda: take(seat))


def test_what_stands_beside_the_main_program_always_goes_the_long_way():
    person = people.ready()
    seat = people.held(person, make.cohort(), until=LATER, kind="adjunct")

    assert "has no place in a main program yet" in refused(lambda: take(seat))
