"""Whether a planned reminder still holds when it is due, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.actions import contact
from intake.models import Channel, Patient
from messaging import actions as messaging
from messaging import registry
from messaging.models import OutboxMessage, State
from messaging.registry import Cancel, Wait
from programs.models import Cohort
from scheduling import actions, reminders
from scheduling.models import Reply, Session
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return people.ready(first_name="Rosa")


@pytest.fixture
def message(person):
    """The second reminder of the meeting on Tuesday evening."""
    actions.enroll(patient=person, cohort=make.cohort(), by=person.registered_by, at=MONDAY_NOON)
    return OutboxMessage.objects.filter(kind="session_reminder_3h").first()


@pytest.fixture
def session(message):
    return Session.objects.get(public_id=reminders.of_key(message.occurrence))


def judge(message, now=None):
    return registry.rules(message.kind).recheck(message, now or message.due_at)


def test_both_kinds_are_judged_here():
    assert {registry.rules(kind).recheck for kind in ("session_reminder_2d", "session_reminder_3h")} == {
        reminders.recheck
    }


def test_a_reminder_that_still_holds_may_leave(message):
    assert judge(message) is None


def test_not_when_the_session_was_canceled(message, session):
    Session.objects.filter(pk=session.pk).update(canceled_at=MONDAY_NOON)

    assert judge(message) == Cancel("The session is no longer planned at that time.")


def test_not_when_the_session_was_moved(message, session):
    later = (session.starts_at + timedelta(hours=1), session.ends_at + timedelta(hours=1))
    Session.objects.filter(pk=session.pk).update(during=later)

    assert judge(message) == Cancel("The session is no longer planned at that time.")


def test_not_when_the_session_is_gone(message, session):
    session.delete()

    assert judge(message) == Cancel("The session is no longer planned at that time.")


def test_not_when_the_seat_was_given_up(message, person):
    held = person.enrollments.get()
    held.state, held.ended_at, held.ended_by = "withdrawn", MONDAY_NOON, person.registered_by
    held.save()

    assert judge(message) == Cancel("The person no longer has a seat there.")


@pytest.mark.parametrize("over", [{"email": ""}, {"email": "new@example.test"}])
def test_not_when_the_person_has_no_such_address_any_more(message, person, over):
    Patient.objects.filter(pk=person.pk).update(**over)

    assert judge(message) == Cancel("The person no longer wants reminders at this address.")


@pytest.mark.parametrize("answer", [False, None])
def test_not_when_the_person_no_longer_wants_it_or_has_to_be_asked_again(message, person, answer):
    person.contact_wishes.update(ended_at=make.NOON)
    if answer is not None:
        make.wish(person, Channel.EMAIL, is_wanted=answer)

    assert judge(message) == Cancel("The person no longer wants reminders at this address.")


def test_not_when_the_person_said_no(message, session, person):
    Reply.objects.create(session=session, patient=person, answer=Reply.Answer.CANNOT)

    assert judge(message) == Cancel("The person said that they can't come.")


def test_not_at_night_where_the_person_is(message, person):
    night = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)  # 11 pm in Chicago

    assert judge(message, night) == Wait(datetime(2026, 3, 10, 13, 0, tzinfo=UTC))


def test_a_reminder_of_a_session_on_site_tells_the_clinics_time_and_one_online_the_persons():
    person = people.ready(zone="America/Denver")
    on_site = make.session()
    online = make.session(cohort=make.cohort(delivery=Cohort.Delivery.ONLINE, room=None), room=None)

    zones = [message.context["zone"] for message in reminders.messages_for(person, [on_site, online])]

    assert zones == ["America/Chicago", "America/Chicago", "America/Denver", "America/Denver"]


def test_quiet_hours_are_those_where_the_person_is():
    early = make.session(starts_at=datetime(2026, 3, 11, 15, 0, tzinfo=UTC))  # 10 am in Chicago, 5 am in Honolulu
    person = people.ready(zone="Pacific/Honolulu")

    second = reminders.messages_for(person, [early])[1]

    assert second.due_at == datetime(2026, 3, 11, 5, 59, tzinfo=UTC)  # 7:59 pm the evening before, there


def test_a_reminder_goes_out_once_with_the_time_on_the_wall_and_no_clinical_word(message, person):
    letters = []
    now = message.due_at + timedelta(seconds=1)

    messaging.sweep(clock=lambda: now, deliver=letters.append)

    mine = [letter for letter in letters if letter.key == str(message.public_id)]
    assert len(mine) == 1
    assert mine[0].to == person.email
    assert "Hello Rosa" in mine[0].body
    assert "today" in mine[0].body
    assert "5:30 pm CT" in mine[0].body
    message.refresh_from_db()
    assert (message.state, message.sent_at) == (State.SENT, now)


def test_who_says_yes_to_email_later_is_reminded_of_what_is_ahead_once(session):
    person = people.member(session.cohort)
    wish = contact.Wish(channel=Channel.EMAIL, is_wanted=True, statement="May we send email?")
    for _ in range(2):
        contact.record_wish(patient=person, wish=wish, by=person.registered_by, at=MONDAY_NOON)

    planned = OutboxMessage.objects.filter(recipient=reminders.recipient(person))
    ahead = session.cohort.sessions.filter(during__startswith__gt=MONDAY_NOON)
    told = [(row.occurrence, row.kind) for row in planned]
    assert len(told) == len(set(told)) > 0
    assert {occurrence for occurrence, _ in told} == {reminders.occurrence(each) for each in ahead}
    assert {row.address for row in planned} == {person.email}


@pytest.mark.parametrize("over", [{"is_wanted": False}, {"channel": Channel.CALL}])
def test_another_answer_plans_nothing(session, over):
    person = people.member(session.cohort)
    values = {"channel": Channel.EMAIL, "is_wanted": True, "statement": "May we?"}
    wish = contact.Wish(**{**values, **over})
    contact.record_wish(patient=person, wish=wish, by=person.registered_by, at=MONDAY_NOON)

    assert not OutboxMessage.objects.filter(recipient=reminders.recipient(person)).exists()
