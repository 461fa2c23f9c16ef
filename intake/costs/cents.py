"""Amounts in whole cents, and installments that add up to them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal

CENT: Final = Decimal("0.01")
# Consumer-credit disclosure rules may apply beyond this, or with any charge (DOMAIN 9.4).
INSTALLMENTS_WITHOUT_DISCLOSURE: Final = 4
INSTALLMENTS_MOST: Final = 60
Rhythm = Literal["weekly", "biweekly", "monthly"]
WEEKS: Final = {"weekly": 1, "biweekly": 2}


def discounted(amount: Decimal, percent: int) -> Decimal:
    """The amount less a discount, cut to the cent: the person never pays the fraction of a cent."""
    return (amount * (100 - percent) / 100).quantize(CENT, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Part:
    """One installment."""

    number: int
    due_on: date
    amount: Decimal


def installments(total: Decimal, count: int, first_on: date, rhythm: Rhythm) -> list[Part]:
    """
    The parts of a total, which add up to it exactly and differ by a cent at most, the larger ones first.

    Raises:
        ValueError: the total is not in whole cents, or has fewer cents than there are installments.
    """
    cents = total / CENT
    if cents != int(cents) or not 1 <= count <= min(int(cents), INSTALLMENTS_MOST):
        raise ValueError(f"{total} cannot be paid in {count} installments of at least a cent.")
    each, rest = divmod(int(cents), count)
    days = due_days(first_on, count, rhythm)
    return [Part(n, day, (each + (n <= rest)) * CENT) for n, day in enumerate(days, start=1)]


def due_days(first_on: date, count: int, rhythm: Rhythm) -> Iterator[date]:
    for step in range(count):
        weeks = WEEKS.get(rhythm)
        yield first_on + timedelta(weeks=weeks * step) if weeks else months_later(first_on, step)


def months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def needs_disclosure(count: int, charge: Decimal) -> bool:
    return count > INSTALLMENTS_WITHOUT_DISCLOSURE or charge > 0
