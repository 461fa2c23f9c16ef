"""Every rule that PostgreSQL keeps here, broken once; and what a person is told."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.db import violates
from programs.models import Cohort
from scheduling.models import Enrollment, GroupAgreement, Reply, Session
from scheduling.models.seats import MOVES
from tests import make
from tests.scheduling import people

pytestmark = pytest.mark.django_db
seats_are_kept = import_module("scheduling.migrations.0003_seats_are_kept")
LATER = make.NOON + timedelta(hours=1)


def refused_by(constraint, write):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    return violates(refused.value, constraint)


def test_two_live_sessions_cannot_share_a_room():
    booked = make.session()

    assert refused_by(
        "session_room_not_double_booked", lambda: make.session(starts_at=LATER, room=booked.room, cohort=make.cohort())
    )


def test_a_facilitator_cannot_lead_two_sessions_at_once():
    booked = make.session(facilitator=make.clinician())

    assert refused_by(
        "session_facilitator_not_double_booked", lambda: make.session(starts_at=LATER, facilitator=booked.facilitator)
    )


def test_a_cohort_cannot_be_in_two_places():
    booked = make.session()
    elsewhere = make.room(location=booked.cohort.location)

    assert refused_by(
        "session_cohort_not_in_two_places",
        lambda: make.session(starts_at=LATER, cohort=booked.cohort, room=elsewhere),
    )


def test_ends_that_touch_and_canceled_sessions_do_not_collide():
    dana = make.clinician()
    booked = make.session(hours=1, facilitator=dana)
    make.session(starts_at=LATER, cohort=booked.cohort, facilitator=dana)
    canceled = {"canceled_at": make.NOON, "facilitator": dana}

    assert make.session(cohort=booked.cohort, **canceled).pk


def test_sessions_without_a_room_or_a_facilitator_collide_with_nobody():
    make.session(room=None)

    assert make.session(room=None).pk


def test_a_block_has_one_session_a_day():
    cohort = make.cohort()
    block = cohort.blocks.first()
    first = make.session(cohort=cohort, block=block)
    again = {"cohort": cohort, "block": block, "local_on": first.local_on, "starts_at": make.NOON + timedelta(hours=3)}

    assert refused_by("session_once_per_block_and_day", lambda: make.session(**again))


@pytest.mark.parametrize(
    "during", [(None, make.NOON), (make.NOON, None), (make.NOON, make.NOON)], ids=["no start", "no end", "empty"]
)
def test_a_session_has_a_start_and_an_end(during):
    cohort = make.cohort()

    assert refused_by(
        "session_has_a_start_and_an_end",
        lambda: Session.objects.create(cohort=cohort, local_on=make.NOON.date(), during=during, title="Skills group"),
    )


def test_a_person_holds_one_live_seat_in_a_cohort():
    held = people.seat(make.patient(), make.cohort())

    assert refused_by("enrollment_one_live_per_cohort", lambda: people.seat(held.patient, held.cohort))


def test_a_seat_that_was_given_up_can_be_given_again():
    person, cohort = make.patient(), make.cohort()
    people.seat(person, cohort, state="withdrawn", ended_at=make.NOON, ended_by=person.registered_by)

    assert people.seat(person, cohort).pk
    assert Enrollment.objects.active().count() == 1


def test_a_person_has_one_main_program():
    had = people.seat(make.patient(), make.cohort())

    assert refused_by("enrollment_one_active_primary", lambda: people.seat(had.patient, make.cohort()))
    assert people.seat(had.patient, make.cohort(), kind="adjunct").pk


def test_one_place_is_held_for_a_person():
    held = people.held(make.patient(), make.cohort(), until=LATER)

    assert refused_by("enrollment_one_held_primary", lambda: people.held(held.patient, make.cohort(), until=LATER))


def test_a_place_is_held_by_somebody_until_a_moment():
    person = make.patient()

    assert refused_by("enrollment_held_by_someone_until", lambda: people.seat(person, make.cohort(), held_at=make.NOON))


@pytest.mark.parametrize("over", [{"enrolled_at": make.NOON}, {"state": "active"}])
def test_a_seat_that_somebody_has_was_given_by_somebody(over):
    person = make.patient()

    write = lambda: people.held(person, make.cohort(), until=LATER, **over)  # noqa: E731
    assert refused_by("enrollment_had_by_someones_deed", write)


@pytest.mark.parametrize(
    ("name", "over"),
    [("enrollment_state_is_known", {"state": "lost"}), ("enrollment_kind_is_known", {"kind": "second"})],
)
def test_a_seat_has_a_state_and_a_kind_that_we_know(name, over):
    person = make.patient()
    ended = {"ended_at": make.NOON, "ended_by": person.registered_by} if "state" in over else {}

    assert refused_by(name, lambda: people.seat(person, make.cohort(), **over, **ended))


@pytest.mark.parametrize(("now", "then"), [("withdrawn", "active"), ("completed", "active"), ("active", "held")])
def test_a_seat_moves_by_its_table(now, then):
    person = make.patient()
    ended = {} if now == "active" else {"ended_at": make.NOON, "ended_by": person.registered_by}
    seat = people.seat(person, make.cohort(), state=now, **ended)

    assert refused_by("enrollment_moves_by_its_table", lambda: Enrollment.objects.filter(pk=seat.pk).update(state=then))


def test_the_table_of_moves_is_the_one_that_the_database_keeps():
    moves = {(str(now), str(then)) for now, several in MOVES.items() for then in several}
    kept = re.findall(r"\('(\w+)', '(\w+)'\)", seats_are_kept.KEEP)

    assert set(kept) == moves


def test_a_seat_stays_whose_it_is():
    seat = people.seat(make.patient(), make.cohort())

    assert refused_by(
        "enrollment_is_whose_it_is", lambda: Enrollment.objects.filter(pk=seat.pk).update(patient=make.patient())
    )


def test_seats_and_agreements_are_kept():
    seat = people.seat(make.patient(), make.cohort())
    people.papers(seat.patient)

    assert refused_by("enrollment_is_kept", seat.delete)
    assert refused_by("group_agreement_is_kept", lambda: GroupAgreement.objects.update(signature="Somebody"))


def test_an_agreement_is_signed():
    assert refused_by("group_agreement_is_signed", lambda: agreement(make.patient(), signature=""))


def agreement(person, **over):
    values = {"signature": "Rosa Marlow", "text": "All.", "text_version": "1.en", "recorded_by": person.registered_by}
    return GroupAgreement.objects.create(patient=person, **{**values, **over})


def test_no_cohort_has_fewer_seats_than_are_taken():
    cohort, soon = make.cohort(seats=8), timezone.now() + timedelta(hours=1)
    people.seat(make.patient(), cohort)
    people.held(make.patient(), cohort, until=soon)
    people.held(make.patient(), cohort, until=soon - timedelta(hours=2))  # has run out

    assert refused_by(
        "cohort_keeps_the_seats_that_are_taken", lambda: Cohort.objects.filter(pk=cohort.pk).update(seats=1)
    )
    assert Cohort.objects.filter(pk=cohort.pk).update(seats=2) == 1


@pytest.mark.parametrize("half", ["at", "by"])
def test_a_seat_is_live_or_ended_by_someone_at_some_time(half):
    person = make.patient()
    over = {"ended_at": make.NOON} if half == "at" else {"ended_by": person.registered_by}

    assert refused_by("enrollment_live_or_ended_by_someone", lambda: people.seat(person, make.cohort(), **over))


def test_a_person_has_one_answer_per_session():
    session, person = make.session(), make.patient()
    Reply.objects.create(session=session, patient=person, answer=Reply.Answer.COMING)

    assert refused_by(
        "reply_once_per_session",
        lambda: Reply.objects.create(session=session, patient=person, answer=Reply.Answer.CANNOT),
    )


def test_an_answer_is_one_of_two():
    session, person = make.session(), make.patient()

    assert refused_by("reply_is_known", lambda: Reply.objects.create(session=session, patient=person, answer="perhaps"))


@pytest.mark.parametrize(
    ("shared", "sentence"),
    [
        ("room", "That room is taken for part of this time."),
        ("facilitator", "The facilitator leads another session for part of this time."),
        ("cohort", "The cohort already meets for part of this time."),
    ],
)
def test_a_form_says_in_a_sentence_what_is_taken(shared, sentence):
    booked = make.session(facilitator=make.clinician())
    other = {
        "cohort": make.cohort(),
        "room": None,
        "facilitator": None,
        "local_on": booked.local_on,
        "during": booked.during,
        "title": "Skills group",
    }
    second = Session(**{**other, shared: getattr(booked, shared)})

    with pytest.raises(ValidationError) as refused:
        second.validate_constraints()

    assert refused.value.messages == [sentence]


def test_a_form_says_in_a_sentence_that_the_seat_is_held():
    held = people.seat(make.patient(), make.cohort())
    given = {"enrolled_at": make.NOON, "enrolled_by": held.enrolled_by, "kind": "adjunct"}
    again = Enrollment(patient=held.patient, cohort=held.cohort, **given)

    with pytest.raises(ValidationError) as refused:
        again.validate_constraints()

    assert refused.value.messages == ["This person already has a seat here."]
