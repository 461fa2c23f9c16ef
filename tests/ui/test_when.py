from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from iop.templatetags import when

CHICAGO = ZoneInfo("America/Chicago")
EVENING = datetime(2026, 3, 11, 22, 30, tzinfo=UTC)  # 5:30 pm in Chicago, after the clocks went forward


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("America/New_York", "7:00 am ET", "8:00 am ET"),
        ("America/Chicago", "6:00 am CT", "7:00 am CT"),
        ("America/Denver", "5:00 am MT", "6:00 am MT"),
        ("America/Phoenix", "5:00 am MST", "5:00 am MST"),
        ("America/Los_Angeles", "4:00 am PT", "5:00 am PT"),
        ("America/Anchorage", "3:00 am AKT", "4:00 am AKT"),
        ("Pacific/Honolulu", "2:00 am HST", "2:00 am HST"),
        ("UTC", "12:00 pm UTC", "12:00 pm UTC"),
    ],
)
def test_clock_names_the_zone_as_people_do(zone, winter, summer):
    assert when.clock(datetime(2026, 1, 15, 12, 0, tzinfo=UTC), zone) == winter
    assert when.clock(datetime(2026, 7, 15, 12, 0, tzinfo=UTC), zone) == summer


def test_an_instant_that_stands_in_a_zone_is_shown_there():
    assert when.clock(EVENING.astimezone(CHICAGO)) == "5:30 pm CT"
    assert when.clock(EVENING.astimezone(CHICAGO), "America/New_York") == "6:30 pm ET"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="must carry its zone"):
        when.clock(datetime(2026, 3, 11, 17, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hour", "minute", "minutes", "said"),
    [
        (17, 30, 90, "5:30 to 7:00 pm CT"),
        (11, 0, 90, "11:00 am to 12:30 pm CT"),
        (12, 0, 50, "12:00 to 12:50 pm CT"),
        (0, 5, 10, "12:05 to 12:15 am CT"),
        (23, 30, 60, "11:30 pm to 12:30 am CT"),
        (13, 0, 24 * 60, "1:00 pm to 1:00 pm CT"),
    ],
)
def test_range_says_the_half_of_the_day_once_when_it_can(hour, minute, minutes, said):
    start = datetime(2026, 3, 11, hour, minute, tzinfo=CHICAGO).astimezone(UTC)
    span = SimpleNamespace(starts_at=start, ends_at=start + timedelta(minutes=minutes))
    assert when.time_range(span, "America/Chicago") == said
    assert when.time_range((span.starts_at, span.ends_at), CHICAGO) == said


def test_a_range_across_the_clock_going_forward_names_both_zones():
    start = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 1:30 am CST; 2:00 am does not exist
    assert when.time_range((start, start + timedelta(hours=1)), CHICAGO) == "1:30 am CST to 3:30 am CDT"


def test_a_range_across_the_clock_going_back_names_both_zones():
    start = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # the first 1:30 am
    assert when.time_range((start, start + timedelta(hours=1)), CHICAGO) == "1:30 am CDT to 1:30 am CST"


def test_the_hour_that_happens_twice_is_told_apart():
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert when.clock(first, CHICAGO) == "1:30 am CDT"
    assert when.clock(first + timedelta(hours=1), CHICAGO) == "1:30 am CST"
    assert when.clock(first + timedelta(hours=2), CHICAGO) == "2:30 am CT"


def test_days_are_those_of_the_zone():
    late = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)  # still Wednesday in Chicago
    assert when.day_long(late, "America/Chicago") == "Wednesday, March 11"
    assert when.day_short(late, "America/Chicago") == "Wed, Mar 11"
    assert when.weekday(late, "Europe/Madrid") == "Thursday"
    assert when.day_month(date(2026, 3, 12)) == "March 12"
    assert when.day_year_short(date(1989, 3, 14)) == "Mar 14, 1989"


def test_zone_name_is_said_in_full():
    assert when.zone_name(EVENING, "America/Chicago") == "Central Time"
    assert when.zone_name(EVENING, "America/Phoenix") == "Mountain Standard Time"


def test_instant_carries_its_offset():
    assert when.instant(EVENING, "America/Chicago") == "2026-03-11T17:30-05:00"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(hours=1, minutes=59), "in 1 hour"),
        (timedelta(minutes=25), "in 25 minutes"),
        (timedelta(days=2, hours=3), "in 2 days"),
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=-6), "6 minutes ago"),
        (timedelta(hours=-49), "2 days ago"),
    ],
)
def test_relative_counts_whole_units(span, said):
    assert when.relative(EVENING + span, EVENING) == said


def test_moment_counts_days_of_the_zone_not_hours():
    late = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)  # 10 pm on the 11th in Chicago
    assert when.moment(EVENING, EVENING - timedelta(hours=3), CHICAGO) == "today at 5:30 pm CT"
    assert when.moment(EVENING + timedelta(days=1), late, CHICAGO) == "tomorrow at 5:30 pm CT"
    assert when.moment(EVENING + timedelta(days=2), late, CHICAGO) == "Fri, Mar 13 at 5:30 pm CT"
