"""When reminders are due: REL-08, REL-22, FLT-12."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scheduling.timetable import (
    DAYTIME,
    Block,
    Daytime,
    ReminderKind,
    Run,
    next_allowed,
    occurrences,
    reminder_times,
)

CHICAGO = ZoneInfo("America/Chicago")
NEW_YORK = ZoneInfo("America/New_York")
PHOENIX = ZoneInfo("America/Phoenix")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
TWO_DAYS, THREE_HOURS = ReminderKind.TWO_DAYS, ReminderKind.THREE_HOURS

zones = st.sampled_from([NEW_YORK, CHICAGO, PHOENIX, LOS_ANGELES])
meetings = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0)
)


def due(day: int, clock: time, kind: ReminderKind, zone: ZoneInfo = CHICAGO) -> str:
    """Say when a meeting on a day of March 2026 is reminded of, by the wall clock."""
    [reminder] = reminder_times(datetime.combine(date(2026, 3, day), clock, tzinfo=zone), zone, [kind])
    return f"{reminder.due_at.astimezone(zone):%a %d %H:%M}"


def test_an_evening_meeting_is_reminded_of_two_days_and_three_hours_before():
    two_days, three_hours = reminder_times(datetime(2026, 3, 12, 17, 30, tzinfo=CHICAGO), CHICAGO)

    assert (two_days.kind, three_hours.kind) == (TWO_DAYS, THREE_HOURS)
    assert two_days.due_at == datetime(2026, 3, 10, 17, 30, tzinfo=CHICAGO)
    assert two_days.send_until == datetime(2026, 3, 12, 5, 30, tzinfo=CHICAGO)
    assert three_hours.due_at == datetime(2026, 3, 12, 14, 30, tzinfo=CHICAGO)
    assert three_hours.send_until == datetime(2026, 3, 12, 17, 15, tzinfo=CHICAGO)
    assert two_days.due_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("clock", "kind", "expected"),
    [
        (time(11), THREE_HOURS, "Thu 12 08:00"),  # on the first allowed minute
        (time(10, 59), THREE_HOURS, "Thu 12 08:00"),  # a minute before it
        (time(9), THREE_HOURS, "Thu 12 08:00"),  # two hours on, with 45 minutes to spare
        (time(8, 16), THREE_HOURS, "Thu 12 08:00"),
        (time(8, 15), THREE_HOURS, "Wed 11 19:59"),  # 8:00 would be too late to send
        (time(8), THREE_HOURS, "Wed 11 19:59"),
        (time(22, 59), THREE_HOURS, "Thu 12 19:59"),  # 19:59 itself
        (time(23), THREE_HOURS, "Thu 12 19:59"),  # 20:00 is quiet already
        (time(2), THREE_HOURS, "Wed 11 19:59"),
        (time(7), TWO_DAYS, "Tue 10 08:00"),
        (time(21), TWO_DAYS, "Tue 10 19:59"),
        (time(1, 30), TWO_DAYS, "Mon 09 19:59"),  # 5:31 back, 6:30 on
        (time(3), TWO_DAYS, "Tue 10 08:00"),  # 7:01 back, 5 on
    ],
)
def test_a_due_time_in_the_quiet_hours_moves_to_the_nearest_allowed_minute(clock, kind, expected):
    assert due(12, clock, kind) == expected


@pytest.mark.parametrize(
    ("day", "kind", "expected"),
    [(8, TWO_DAYS, "Fri 06 09:00"), (9, TWO_DAYS, "Sat 07 09:00"), (8, THREE_HOURS, "Sun 08 08:00")],
)
def test_two_days_before_is_the_same_wall_time_across_a_clock_change(day, kind, expected):
    """FLT-12: the clocks go forward on March 8, 2026."""
    assert due(day, time(9), kind) == expected


def test_two_days_before_a_night_that_was_skipped_lands_after_the_gap():
    [reminder] = reminder_times(
        datetime(2026, 3, 10, 2, 30, tzinfo=NEW_YORK), NEW_YORK, [TWO_DAYS], daytime=Daytime(time(0), time(23))
    )

    assert reminder.due_at.astimezone(NEW_YORK) == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)


@pytest.mark.parametrize("zone", [NEW_YORK, CHICAGO, PHOENIX], ids=str)
@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 11, 1)], ids=["spring", "autumn"])
def test_each_meeting_of_a_series_gets_each_reminder_at_its_wall_time(zone, change):
    """FLT-12."""
    run = Run(change - timedelta(days=7), change + timedelta(days=7), zone)
    series = occurrences([Block(1, time(12), 60, "group"), Block(3, time(12), 60, "group")], run)

    reminders = [reminder for each in series for reminder in reminder_times(each.starts_at, zone)]

    assert len({(r.kind, r.due_at) for r in reminders}) == 2 * len(series) == 8
    assert {(r.kind, r.due_at.astimezone(zone).time()) for r in reminders} == {
        (TWO_DAYS, time(12)),
        (THREE_HOURS, time(9)),
    }


def test_quiet_hours_are_those_of_the_person_not_of_the_clinic():
    """REL-22: 11:00 in New York is 8:00 in Los Angeles, where 5:00 is night."""
    meeting = datetime(2026, 3, 12, 11, tzinfo=NEW_YORK)

    [at_home] = reminder_times(meeting, NEW_YORK, [THREE_HOURS])
    [far_away] = reminder_times(meeting, LOS_ANGELES, [THREE_HOURS])

    assert at_home.due_at == datetime(2026, 3, 12, 8, tzinfo=NEW_YORK)
    assert far_away.due_at == datetime(2026, 3, 11, 19, 59, tzinfo=LOS_ANGELES)


@given(starts_at=meetings, zone=zones)
def test_every_reminder_is_due_by_day_and_while_it_may_still_be_sent(starts_at, zone):
    for reminder in reminder_times(starts_at, zone):
        assert time(8) <= reminder.due_at.astimezone(zone).time() < time(20)
        assert reminder.due_at < reminder.send_until < starts_at


@given(starts_at=meetings, zone=zones, kind=st.sampled_from(ReminderKind))
def test_no_allowed_minute_is_nearer(starts_at, zone, kind):
    """Search minute by minute, with no rule for evenings and mornings."""
    [reminder] = reminder_times(starts_at, zone, [kind])
    [wanted] = reminder_times(starts_at, zone, [kind], daytime=Daytime(time(0), time.max))
    assume(reminder.due_at != wanted.due_at)

    minutes = [wanted.due_at + timedelta(minutes=n) for n in range(-14 * 60, 14 * 60)]
    allowed = [m for m in minutes if time(8) <= m.astimezone(zone).time() < time(20)]
    nearest = min(allowed, key=lambda m: abs(m - wanted.due_at))
    before = max(m for m in allowed if m < wanted.due_at)

    assert reminder.due_at == (nearest if nearest < reminder.send_until else before)


@given(at=meetings, zone=zones)
def test_next_allowed_waits_for_the_morning_and_no_longer(at, zone):
    then = next_allowed(at, zone)

    assert DAYTIME.holds(then, zone)
    assert then == at or (then.astimezone(zone).time() == time(8) and then - at <= timedelta(hours=13))
