"""Meetings from a weekly pattern: REL-21, FLT-12, FLT-13."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.rrule import WEEKLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from scheduling.timetable import Block, Run, occurrences, weekly_hours

NEW_YORK = ZoneInfo("America/New_York")
CHICAGO = ZoneInfo("America/Chicago")
PHOENIX = ZoneInfo("America/Phoenix")
ZONES = ["America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles"]
TUESDAY, THURSDAY, SUNDAY = 1, 3, 6
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)

blocks = st.builds(
    Block,
    weekday=st.integers(0, 6),
    # Half of the starts fall in the small hours, where the clocks change.
    starts=st.one_of(st.times(), st.times(time(0), time(3, 59))).map(
        lambda t: t.replace(second=0, microsecond=0, fold=0)
    ),
    minutes=st.integers(1, 240),
    kind=st.sampled_from(["individual", "group", "family"]),
)
# Runs start near a clock change more often than not.
starts = st.one_of(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    st.builds(lambda year, month: date(year, month, 1), st.integers(2020, 2035), st.sampled_from([3, 11])),
)


def expected(block: Block, first: date, last: date, name: str) -> list[tuple[date, datetime]]:
    """Work out the same starts by dateutil alone: its recurrence, its zone files, its rule for gaps."""
    zone = tz.gettz(name)
    opening = datetime.combine(first, block.starts)
    walls = rrule(WEEKLY, byweekday=block.weekday, dtstart=opening, until=datetime.combine(last, time.max))
    return [(wall.date(), tz.resolve_imaginary(wall.replace(tzinfo=zone)).astimezone(tz.UTC)) for wall in walls]


@given(block=blocks, first=starts, days=st.integers(0, 130), name=st.sampled_from(ZONES))
def test_starts_agree_with_an_independent_recurrence(block, first, days, name):
    last = first + timedelta(days=days)

    found = occurrences([block], Run(first, last, ZoneInfo(name)))

    assert [(o.local_date, o.starts_at) for o in found] == expected(block, first, last, name)
    assert all(o.ends_at - o.starts_at == timedelta(minutes=block.minutes) for o in found)


@given(block=blocks, first=starts, days=st.integers(0, 130), name=st.sampled_from(ZONES))
def test_marks_agree_with_an_independent_library(block, first, days, name):
    zone = tz.gettz(name)

    for o in occurrences([block], Run(first, first + timedelta(days=days), ZoneInfo(name))):
        wall = datetime.combine(o.local_date, o.block.starts)
        assert o.adjusted == (not tz.datetime_exists(wall, zone))
        assert o.ambiguous == tz.datetime_ambiguous(wall, zone)


@given(pattern=st.lists(blocks, max_size=5), first=starts, days=st.integers(0, 60), data=st.data())
def test_closed_days_lose_their_meetings_and_no_others(pattern, first, days, data):
    span = [first + timedelta(days=n) for n in range(days + 1)]
    closures = frozenset(data.draw(st.lists(st.sampled_from(span))))
    run = Run(first, span[-1], CHICAGO)

    kept = occurrences(pattern, Run(first, span[-1], CHICAGO, closures))

    assert kept == [o for o in occurrences(pattern, run) if o.local_date not in closures]


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [(NEW_YORK, 14, 13), (CHICAGO, 15, 14), (PHOENIX, 16, 16)],
    ids=["New York", "Chicago", "Phoenix"],
)
@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_series_at_nine_stays_at_nine_across_a_clock_change(zone, before, after, change):
    """FLT-12."""
    pattern = [Block(TUESDAY, time(9), 180, "group"), Block(THURSDAY, time(9), 90, "group")]

    found = occurrences(pattern, Run(change - timedelta(days=7), change + timedelta(days=6), zone))

    winter, summer = (before, after) if change == SPRING else (after, before)
    assert [o.starts_at.hour for o in found] == [winter, winter, summer, summer]
    assert {o.starts_at.astimezone(zone).time() for o in found} == {time(9)}
    assert [(o.ends_at - o.starts_at) / timedelta(minutes=1) for o in found] == [180, 90, 180, 90]
    assert set(weekly_hours(found).values()) == {4.5}
    assert not any(o.adjusted or o.ambiguous for o in found)


def test_a_time_that_the_spring_night_skips_moves_forward_by_the_gap():
    """FLT-13."""
    [found] = occurrences([Block(SUNDAY, time(2, 30), 60, "group")], Run(SPRING, SPRING, NEW_YORK))

    assert found.starts_at.astimezone(NEW_YORK).time() == time(3, 30)
    assert found.ends_at == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)
    assert (found.adjusted, found.ambiguous) == (True, False)


def test_a_time_that_the_autumn_night_repeats_takes_the_first():
    """FLT-13."""
    [found] = occurrences([Block(SUNDAY, time(1, 30), 60, "group")], Run(AUTUMN, AUTUMN, NEW_YORK))

    assert found.starts_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert found.ends_at.astimezone(NEW_YORK).time() == time(1, 30)  # an hour later, by the second showing
    assert (found.adjusted, found.ambiguous) == (False, True)


def test_phoenix_knows_neither_gap_nor_repeat():
    pattern = [Block(SUNDAY, time(1, 30), 60, "group"), Block(SUNDAY, time(2, 30), 60, "group")]

    found = [o for day in (SPRING, AUTUMN) for o in occurrences(pattern, Run(day, day, PHOENIX))]

    assert [(o.starts_at.hour, o.adjusted, o.ambiguous) for o in found] == [(8, False, False), (9, False, False)] * 2


def test_first_and_last_day_are_included_and_the_day_is_in_order():
    pattern = [Block(TUESDAY, time(18), 90, "family"), Block(TUESDAY, time(9), 60, "group")]
    tuesday = date(2026, 3, 10)

    found = occurrences(pattern, Run(tuesday, tuesday + timedelta(days=7), CHICAGO))

    assert [(o.local_date.day, o.block.starts.hour) for o in found] == [(10, 9), (10, 18), (17, 9), (17, 18)]
    assert occurrences(pattern, Run(tuesday, tuesday - timedelta(days=1), CHICAGO)) == []


def test_weekly_hours_run_from_monday_to_sunday():
    pattern = [Block(SUNDAY, time(10), 50, "group"), Block(0, time(10), 100, "group")]

    found = occurrences(pattern, Run(date(2026, 3, 8), date(2026, 3, 16), CHICAGO))

    assert weekly_hours(found) == {date(2026, 3, 2): 50 / 60, date(2026, 3, 9): 2.5, date(2026, 3, 16): 100 / 60}


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"weekday": 7}, "0 .Monday. to 6 .Sunday., not 7"),
        ({"starts": time(9, tzinfo=UTC)}, "wall time"),
        ({"minutes": 0}, "at least one minute, not 0"),
    ],
)
def test_a_block_that_cannot_be_is_refused(block, told):
    with pytest.raises(ValueError, match=told):
        Block(**{"weekday": 0, "starts": time(9), "minutes": 60, "kind": "group", **block})
