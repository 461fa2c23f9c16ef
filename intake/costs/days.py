"""Business days, and the clock of the good-faith estimate (DOMAIN 9.4)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

A_DAY: Final = timedelta(days=1)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6

BOOKED_AHEAD: Final = 3  # booked nearer than this, the rule sets no clock
BOOKED_LONG_AHEAD: Final = 10
AFTER_BOOKING, AFTER_BOOKING_LONG_AHEAD, AFTER_ASKING = 1, 3, 3


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The first, second ... weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """The legal holidays of this year (5 U.S.C. 6103), each on the weekday on which it is kept."""
    fixed = [date(year, *day) for day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    kept = [day + {SATURDAY: -A_DAY, SUNDAY: A_DAY}.get(day.weekday(), timedelta(0)) for day in fixed]
    may_31 = date(year, 5, 31)
    moving = [
        nth(year, 1, MONDAY, 3),
        nth(year, 2, MONDAY, 3),
        may_31 - timedelta(days=may_31.weekday()),
        nth(year, 9, MONDAY, 1),
        nth(year, 10, MONDAY, 2),
        nth(year, 11, THURSDAY, 4),
    ]
    return frozenset([*kept, *moving])


def is_business_day(day: date) -> bool:
    # New Year's Day on a Saturday is kept on the last day of the year before.
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year) | federal_holidays(day.year + 1)


def business_days_later(day: date, count: int) -> date:
    """The business day that many business days after this day."""
    while count:
        day += A_DAY
        count -= is_business_day(day)
    return day


def estimate_due(
    *, booked_on: date | None = None, first_on: date | None = None, asked_on: date | None = None
) -> date | None:
    """
    By when a self-pay estimate has to be given in writing; None when the rule sets no clock.

    Args:
        booked_on: the day the session of `first_on` was booked.
        asked_on: the day the person asked for it; the earlier of both clocks counts.
    """
    due = []
    if booked_on and first_on:
        if first_on >= business_days_later(booked_on, BOOKED_LONG_AHEAD):
            due.append(business_days_later(booked_on, AFTER_BOOKING_LONG_AHEAD))
        elif first_on >= business_days_later(booked_on, BOOKED_AHEAD):
            due.append(business_days_later(booked_on, AFTER_BOOKING))
    if asked_on:
        due.append(business_days_later(asked_on, AFTER_ASKING))
    return min(due, default=None)
