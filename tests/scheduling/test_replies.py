"""What people say about coming."""

from __future__ import annotations

from datetime import timedelta

import pytest

from messaging.models import OutboxMessage, State
from scheduling import actions
from scheduling.models import Reply, Session
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON

pytestmark = pytest.mark.django_db
COMING, CANNOT = Reply.Answer.COMING, Reply.Answer.CANNOT


@pytest.fixture
def person():
    person, cohort = people.ready(), make.cohort()
    actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=MONDAY_NOON)
    return person


@pytest.fixture
def session(person):
    return person.enrollments.get().cohort.sessions.filter(during__startswith__gt=MONDAY_NOON).first()


def reply(session, person, answer, **over):
    return actions.reply(**{"session": session, "patient": person, "answer": answer, "at": MONDAY_NOON, **over})


def states(session):
    rows = OutboxMessage.objects.filter(occurrence=f"session:{session.public_id}")
    return {row.state for row in rows}


def test_confirming_keeps_the_answer_and_the_reminders(session, person):
    said = reply(session, person, COMING)

    assert (said.answer, said.at) == (COMING, MONDAY_NOON)
    assert states(session) == {State.PENDING}


def test_who_cannot_come_is_not_reminded_of_that_session_only(session, person):
    reply(session, person, CANNOT, reason="I am sick")

    assert Reply.objects.get().reason == "I am sick"
    assert states(session) == {State.CANCELED}
    others = OutboxMessage.objects.exclude(occurrence=f"session:{session.public_id}")
    assert {row.state for row in others} == {State.PENDING}


def test_who_can_come_after_all_is_reminded_again_and_the_newest_word_counts(session, person):
    reply(session, person, CANNOT, reason="I am sick")
    reply(session, person, COMING, at=MONDAY_NOON + timedelta(minutes=5))

    said = Reply.objects.get()
    assert (said.answer, said.reason, said.at) == (COMING, "", MONDAY_NOON + timedelta(minutes=5))
    assert states(session) == {State.PENDING}


def test_a_canceled_session_takes_no_answer(session, person):
    Session.objects.filter(pk=session.pk).update(canceled_at=MONDAY_NOON)

    with pytest.raises(actions.ReplyRefused, match="canceled"):
        reply(session, person, COMING)


def test_a_session_that_has_started_takes_no_answer(session, person):
    with pytest.raises(actions.ReplyRefused, match="already started"):
        reply(session, person, COMING, at=session.starts_at)
    assert not Reply.objects.exists()


def test_who_has_no_seat_any_more_has_nothing_to_answer(session, person):
    held = person.enrollments.get()
    actions.withdraw(enrollment=held, by=held.enrolled_by, at=MONDAY_NOON)

    with pytest.raises(actions.ReplyRefused, match="not in this session"):
        reply(session, person, COMING)
