"""Sessions from the weekly pattern: rows on the wall's time, again and again the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from messaging.models import OutboxMessage, State
from scheduling import actions, reminders
from scheduling.models import Reply, Session
from tests import make
from tests.scheduling import people

BEFORE = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def generate(cohort, at=BEFORE):
    return actions.generate_sessions(cohort=cohort, at=at)


def wall_times(cohort):
    zone = ZoneInfo(cohort.location.zone)
    return [
        (session.starts_at.astimezone(zone).replace(tzinfo=None), session.ends_at - session.starts_at)
        for session in cohort.sessions.order_by("during")
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles"])
@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(date(2026, 3, 2), date(2026, 3, 17)), (date(2026, 10, 26), date(2026, 11, 10))],
    ids=["spring", "autumn"],
)
def test_stored_sessions_stay_at_the_wall_time_across_both_clock_changes(zone, starts_on, ends_on):
    place = make.location(zone=zone)
    blocks = ((1, time(9)), (5, time(17, 30)))
    cohort = make.cohort(location=place, starts_on=starts_on, ends_on=ends_on, last_entry_on=starts_on, blocks=blocks)

    generate(cohort)

    days = [starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days)]
    expected = [
        (datetime.combine(day, starts), timedelta(minutes=90))  # the wall's time, whatever UTC does
        for day in days
        for weekday, starts in blocks
        if day.weekday() == weekday
    ]
    assert wall_times(cohort) == expected
    instants = {session.starts_at.astimezone(UTC).time() for session in cohort.sessions.all()}
    assert len(instants) == (2 if zone == "America/Phoenix" else 4)


def test_a_session_at_a_time_that_does_not_exist_moves_forward_and_one_that_comes_twice_takes_the_first():
    spring = make.cohort(
        starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 9), blocks=((6, time(2, 30)),), last_entry_on=date(2026, 3, 2)
    )
    autumn = make.cohort(
        starts_on=date(2026, 10, 26),
        ends_on=date(2026, 11, 2),
        blocks=((6, time(1, 30)),),
        last_entry_on=date(2026, 10, 26),
    )

    generate(spring)
    generate(autumn)

    assert spring.sessions.get().starts_at == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)  # 3:30 am CDT
    assert autumn.sessions.get().starts_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 1:30 am CDT, the first


def test_the_last_day_is_the_one_before_the_end():
    cohort = make.cohort(
        starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 10), last_entry_on=date(2026, 3, 3), blocks=((1, time(9)),)
    )

    generate(cohort)

    assert [session.local_on for session in cohort.sessions.all()] == [date(2026, 3, 3)]


def test_generating_again_changes_nothing():
    cohort = make.cohort()
    first = generate(cohort)
    rows = list(cohort.sessions.order_by("pk").values())

    again = generate(cohort)

    assert first == actions.Generated(added=20, changed=0, removed=0, kept=0)
    assert again == actions.Generated(added=0, changed=0, removed=0, kept=0)
    assert list(cohort.sessions.order_by("pk").values()) == rows


def test_what_is_missing_is_added():
    cohort = make.cohort()
    generate(cohort)
    cohort.blocks.create(weekday=5, starts=time(9))

    assert generate(cohort).added == 10


def test_the_past_is_never_changed_nor_filled_up():
    cohort = make.cohort()
    middle = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
    generate(cohort)
    past = list(cohort.sessions.filter(during__startswith__lt=middle).order_by("pk").values())
    cohort.blocks.filter(weekday=1).update(starts=time(10))
    cohort.blocks.create(weekday=5, starts=time(9))

    generate(cohort, at=middle)

    assert list(cohort.sessions.filter(during__startswith__lt=middle).order_by("pk").values()) == past
    tuesdays = cohort.sessions.filter(during__startswith__gt=middle, local_on__week_day=3)
    assert {session.starts_at.astimezone(ZoneInfo("America/Chicago")).time() for session in tuesdays} == {time(10)}


def test_two_meetings_can_trade_places():
    cohort = make.cohort(blocks=((1, time(9)), (1, time(11))))
    generate(cohort)
    early, late = cohort.blocks.order_by("starts")
    for block, starts in ((early, time(12, 59)), (late, time(9)), (early, time(11))):
        block.starts = starts
        block.save()

    done = generate(cohort)

    assert done.changed == 20
    assert {session.starts_at.astimezone(ZoneInfo("America/Chicago")).time() for session in early.sessions.all()} == {
        time(11)
    }


def test_a_new_room_and_a_new_facilitator_reach_the_sessions_ahead():
    cohort = make.cohort()
    generate(cohort)
    cohort.room, cohort.facilitator = make.room(location=cohort.location), make.clinician()
    cohort.save()

    generate(cohort)

    assert {(session.room, session.facilitator) for session in cohort.sessions.all()} == {
        (cohort.room, cohort.facilitator)
    }


def test_a_canceled_session_stays_canceled():
    cohort = make.cohort()
    generate(cohort)
    canceled = cohort.sessions.first()
    Session.objects.filter(pk=canceled.pk).update(canceled_at=BEFORE)
    cohort.blocks.update(starts=time(10))

    generate(cohort)

    canceled.refresh_from_db()
    assert canceled.canceled_at == BEFORE
    assert canceled.starts_at.astimezone(ZoneInfo("America/Chicago")).time() == time(17, 30)


def test_a_session_that_somebody_answered_or_was_told_about_is_kept_as_it_is():
    cohort = make.cohort()
    generate(cohort)
    person = people.member(cohort, may_email=True)
    answered, told = cohort.sessions.order_by("during")[:2]
    Reply.objects.create(session=answered, patient=person, answer=Reply.Answer.COMING)
    message = reminders.messages_for(person, [told])[0]
    message.state, message.sent_at = State.SENT, BEFORE
    message.save()
    before = [answered.during, told.during]
    cohort.blocks.update(minutes=60)

    done = generate(cohort)

    answered.refresh_from_db()
    told.refresh_from_db()
    assert [answered.during, told.during] == before
    assert done == actions.Generated(added=0, changed=18, removed=0, kept=2)


def test_a_shorter_run_takes_its_last_sessions_and_their_reminders_off_the_calendar():
    cohort = make.cohort()
    generate(cohort)
    person = people.ready(location=cohort.location)
    actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=people.MONDAY_NOON)
    last = cohort.sessions.order_by("during").last()
    cohort.ends_on = last.local_on
    cohort.save()

    done = generate(cohort, at=people.MONDAY_NOON)

    assert done.removed == 1
    assert not Session.objects.filter(pk=last.pk).exists()
    states = OutboxMessage.objects.filter(occurrence=reminders.occurrence(last)).values_list("state", flat=True)
    assert list(states) == [State.CANCELED, State.CANCELED]


def test_moved_sessions_are_reminded_of_at_their_new_time_only():
    cohort = make.cohort(
        starts_on=date(2026, 3, 9),
        ends_on=date(2026, 3, 23),
        last_entry_on=date(2026, 3, 16),
        blocks=((3, time(17, 30)),),
    )
    person = people.ready(location=cohort.location)
    actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=people.MONDAY_NOON)
    cohort.blocks.update(starts=time(16))

    generate(cohort, at=people.MONDAY_NOON)

    waiting = OutboxMessage.objects.filter(state=State.PENDING)
    starts = {message.occurrence_starts_at for message in waiting}
    assert starts == {session.starts_at for session in cohort.sessions.all()}
    assert waiting.count() == 4
    assert OutboxMessage.objects.filter(state=State.CANCELED).count() == 4


def test_deleting_a_weekly_meeting_takes_its_sessions_ahead_off_the_calendar():
    cohort = make.cohort()
    generate(cohort)
    block = cohort.blocks.get(weekday=1)

    actions.drop_sessions_of(block=block, at=people.MONDAY_NOON)

    assert [session.local_on for session in block.sessions.all()] == [date(2026, 3, 3)]


def test_a_room_that_is_taken_is_named_and_nothing_is_written():
    room = make.room(name="Room 2")
    first = make.cohort(location=room.location, room=room, name="Mornings")
    generate(first)
    second = make.cohort(location=room.location, room=room, name="Late")

    with pytest.raises(actions.SessionsRefused) as refused:
        generate(second)

    assert str(refused.value) == "Room 2 is taken on Tue Mar 3, 5:30 pm CT (Skills group, Mornings)."
    assert not second.sessions.exists()


def test_a_facilitator_who_leads_elsewhere_is_named():
    dana = make.clinician(name="Dana K.")
    generate(make.cohort(facilitator=dana, name="Mornings"))

    with pytest.raises(actions.SessionsRefused) as refused:
        generate(make.cohort(facilitator=dana, blocks=((1, time(18)),)))

    assert str(refused.value) == "Dana K. leads another session on Tue Mar 3, 5:30 pm CT (Skills group, Mornings)."


def test_two_weekly_meetings_that_overlap_are_refused_by_name():
    """Of one week the database refuses them; over the end of the week only the calendar sees them."""
    cohort = make.cohort(name="Evenings", blocks=((6, time(23, 30)), (0, time(0, 30))))

    with pytest.raises(actions.SessionsRefused) as refused:
        generate(cohort)

    assert str(refused.value) == "Evenings already meets on Sun Mar 8, 11:30 pm CT (Skills group, Evenings)."


def test_sessions_that_touch_do_not_collide():
    room = make.room()
    generate(make.cohort(location=room.location, room=room, blocks=((1, time(9)),)))

    done = generate(make.cohort(location=room.location, room=room, blocks=((1, time(10, 30)),)))

    assert done.added == 10


def test_a_worker_is_rung_after_the_commit(rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        generate(make.cohort())

    assert rung == ["ring"]
