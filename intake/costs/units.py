"""Units of an authorization: how many are planned, attended and left, and when to ask the payer for more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

UNITS_BEFORE_END: Final = 3
DAYS_BEFORE_END: Final = timedelta(days=5)


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """A session on a day of the clinic."""

    on: date
    minutes: int


def used_by_day(meetings: Sequence[Meeting], unit: str) -> list[tuple[date, Decimal]]:
    """What each day uses: hours as they are, visits each, and one for a day, since a unit is one of a per diem."""
    days: dict[date, list[int]] = defaultdict(list)
    for meeting in meetings:
        days[meeting.on].append(meeting.minutes)
    return [(day, used_by(days[day], unit)) for day in sorted(days)]


def used_by(minutes: Sequence[int], unit: str) -> Decimal:
    match unit:
        case "hours":
            return Decimal(sum(minutes)) / 60
        case "visits":
            return Decimal(len(minutes))
        case _:
            return Decimal(1)


@dataclass(frozen=True, slots=True)
class Strip:
    """
    An authorization in units, as of a day.

    `meetings` are those of the person's seats within its dates, held or to come. `attended` is None until attendance
    is recorded; then all that were held are taken for attended, so that the warning comes early rather than late.
    """

    authorized: int
    unit: str
    first_on: date
    last_on: date
    on: date
    meetings: Sequence[Meeting] | None = None
    attended: Decimal | None = None
    per_week: int | None = None

    @property
    def ahead(self) -> list[tuple[date, Decimal]]:
        return [(day, used) for day, used in self.days if day >= self.on]

    @property
    def days(self) -> list[tuple[date, Decimal]]:
        within = [each for each in self.meetings or () if self.first_on <= each.on <= self.last_on]
        return used_by_day(within, self.unit)

    @property
    def planned(self) -> Decimal | None:
        return None if self.meetings is None else sum((used for _, used in self.ahead), Decimal(0))

    @property
    def drawn(self) -> Decimal:
        """How far the strip is filled: attended and planned, the whole at most."""
        return min((self.attended or Decimal(0)) + (self.planned or Decimal(0)), Decimal(self.authorized))

    @property
    def left(self) -> Decimal | None:
        return None if self.attended is None else max(self.authorized - self.attended, Decimal(0))

    @property
    def over(self) -> Decimal:
        """By how much what is attended and planned exceeds what is authorized."""
        return max(self.expected - self.authorized, Decimal(0))

    @property
    def expected(self) -> Decimal:
        base, days = self._counting
        return base + sum((used for _, used in days), Decimal(0))

    @property
    def _counting(self) -> tuple[Decimal, list[tuple[date, Decimal]]]:
        return (Decimal(0), self.days) if self.attended is None else (self.attended, self.ahead)

    @property
    def warn_on(self) -> date:
        """Three units or five days before the end, whichever is first."""
        by_units = self._reached(self.authorized - UNITS_BEFORE_END)
        by_date = max(self.last_on - DAYS_BEFORE_END, self.first_on)
        return min(by_units, by_date) if by_units else by_date

    @property
    def runs_out_on(self) -> date | None:
        """The first planned day that is no longer authorized in full."""
        base, days = self._counting
        for day, used in days:
            base += used
            if base > self.authorized:
                return day
        return None

    def _reached(self, units: int) -> date | None:
        base, days = self._counting
        if base >= units:
            return self.first_on if self.attended is None else self.on
        for day, used in days:
            base += used
            if base >= units:
                return day
        return None

    @property
    def is_over(self) -> bool:
        return self.on > self.last_on

    @property
    def is_ending(self) -> bool:
        return not self.is_over and self.on >= self.warn_on

    @property
    def crowded_weeks(self) -> list[date]:
        """The Mondays of weeks from now on in which more is planned than the payer allows in a week."""
        weeks: dict[date, Decimal] = defaultdict(Decimal)
        for day, used in self.days:
            weeks[day - timedelta(days=day.weekday())] += used
        this_week = self.on - timedelta(days=self.on.weekday())
        return [week for week, used in weeks.items() if self.per_week and week >= this_week and used > self.per_week]
