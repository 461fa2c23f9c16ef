"""What is left of an authorization, and the day on which to ask for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.costs.units import Meeting, Strip, used_by_day

START, END = date(2026, 3, 2), date(2026, 4, 24)  # a Monday, a Friday
DAY = timedelta(days=1)


def meets(*offsets: int, minutes: int = 180) -> list[Meeting]:
    return [Meeting(START + offset * DAY, minutes) for offset in offsets]


def strip(authorized: int = 12, on: date = START, **over) -> Strip:
    return Strip(**{"authorized": authorized, "unit": "days", "first_on": START, "last_on": END, "on": on, **over})


@pytest.mark.parametrize(
    ("unit", "used"), [("days", [1, 1]), ("units", [1, 1]), ("visits", [2, 1]), ("hours", ["4.5", 3])]
)
def test_a_day_with_two_sessions_is_one_day_two_visits_and_its_hours(unit, used):
    meetings = [Meeting(START, 180), Meeting(START + DAY, 180), Meeting(START, 90)]
    assert [amount for _, amount in used_by_day(meetings, unit)] == [Decimal(each) for each in used]


def test_without_sessions_and_attendance_nothing_is_claimed():
    bare = strip()
    assert (bare.planned, bare.attended, bare.left, bare.over, bare.runs_out_on) == (None, None, None, 0, None)
    assert bare.warn_on == END - 5 * DAY


def test_planned_are_the_days_from_today_on_within_the_dates():
    some = strip(on=START + 2 * DAY, meetings=meets(-3, 0, 1, 2, 4, 7, 90))
    assert some.planned == 3
    assert some.left is None


def test_what_is_left_goes_by_attended_days():
    assert strip(attended=Decimal(9)).left == 3
    assert strip(attended=Decimal(13)).left == 0


@pytest.mark.parametrize(
    ("authorized", "expected"),
    [
        (12, 8),  # 9 of 12 are used on the ninth day
        (5, 1),
        (3, 0),  # three left from the beginning
        (40, (END - 5 * DAY - START).days),  # the days end first
    ],
)
def test_the_warning_is_three_units_or_five_days_before_the_end(authorized, expected):
    assert strip(authorized, meetings=meets(*range(20))).warn_on == START + expected * DAY


@pytest.mark.parametrize(
    ("on", "ending", "over"), [(0, False, False), (48, True, False), (53, True, False), (54, False, True)]
)
def test_it_is_ending_from_the_warning_on_and_over_after_its_last_day(on, ending, over):
    then = strip(on=START + on * DAY)
    assert (then.is_ending, then.is_over) == (ending, over)


def test_the_first_day_beyond_what_is_authorized_is_named():
    beyond = strip(3, meetings=meets(0, 2, 4, 7, 9))
    assert beyond.over == 2
    assert beyond.runs_out_on == START + 7 * DAY
    attended = strip(3, on=START + 7 * DAY, meetings=meets(0, 2, 4, 7, 9), attended=Decimal(1))
    assert (attended.over, attended.runs_out_on) == (0, None)


def test_weeks_with_more_than_the_payer_allows_are_named_from_this_week_on():
    meetings = meets(0, 1, 2, 3, 7, 8, 9, 14, 15, 16, 17)
    assert strip(40, meetings=meetings, per_week=3).crowded_weeks == [START, START + 14 * DAY]
    assert strip(40, on=START + 9 * DAY, meetings=meetings, per_week=3).crowded_weeks == [START + 14 * DAY]
    assert strip(40, meetings=meetings).crowded_weeks == []


OFFSETS = st.lists(st.integers(-10, 70), max_size=40)


@given(st.integers(1, 60), OFFSETS, st.integers(-5, 60), st.none() | st.integers(0, 60))
def test_numbers_of_a_strip_hold_together(authorized, offsets, today, attended):
    some = strip(
        authorized,
        on=START + today * DAY,
        meetings=meets(*offsets),
        attended=None if attended is None else Decimal(attended),
    )
    assert some.warn_on <= END - 5 * DAY or some.warn_on == some.on
    assert (some.over > 0) == (some.expected > authorized)
    assert some.runs_out_on is None or some.over > 0
    assert some.drawn <= authorized
    assert some.left is None or 0 <= some.left <= authorized
    assert replace(some, authorized=authorized + 100).over <= some.over
