"""Business days, and by when a good-faith estimate has to be given."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.costs.days import business_days_later, estimate_due, federal_holidays, is_business_day

DAYS = st.dates(date(2020, 1, 1), date(2060, 1, 1))
MONDAY = date(2026, 3, 9)  # no holiday from here until late May


@pytest.mark.parametrize(
    ("year", "kept"),
    [
        (
            2026,
            "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",  # July 4 is a Saturday
        ),
        (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24"),
        (2028, "12-31 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),  # New Year's Day is a Saturday
    ],
)
def test_federal_holidays_are_those_of_the_calendar(year, kept):
    days = {day.strftime("%m-%d") for day in federal_holidays(year)}
    assert days == set(kept.split())


def test_new_year_kept_in_the_old_year_is_a_holiday_there():
    assert date(2027, 12, 31) in federal_holidays(2028)
    assert not is_business_day(date(2027, 12, 31))


@given(DAYS, st.integers(1, 30))
def test_business_days_later_counts_each_of_them_and_lands_on_one(day, count):
    later = business_days_later(day, count)
    between = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    assert is_business_day(later)
    assert sum(map(is_business_day, between)) == count


@pytest.mark.parametrize(
    ("ahead", "due_in"), [(0, None), (1, None), (2, None), (3, 1), (4, 1), (9, 1), (10, 3), (11, 3), (40, 3)]
)
def test_the_clock_of_a_booking_goes_by_the_business_days_ahead(ahead, due_in):
    due = estimate_due(booked_on=MONDAY, first_on=business_days_later(MONDAY, ahead))
    assert due == (business_days_later(MONDAY, due_in) if due_in else None)


def test_who_asks_gets_it_within_three_business_days():
    assert estimate_due(asked_on=date(2026, 3, 12)) == date(2026, 3, 17)  # over a weekend
    assert estimate_due(asked_on=date(2026, 11, 24)) == date(2026, 11, 30)  # over Thanksgiving
    assert estimate_due() is None


def test_of_two_clocks_the_earlier_counts():
    far = business_days_later(MONDAY, 5)
    assert estimate_due(booked_on=MONDAY, first_on=far, asked_on=MONDAY) == MONDAY + timedelta(days=1)


@given(DAYS, st.integers(0, 60))
def test_an_estimate_of_a_booking_is_due_before_the_session(booked_on, days):
    first_on = booked_on + timedelta(days=days)
    due = estimate_due(booked_on=booked_on, first_on=first_on)
    assert due is None or booked_on < due < first_on
