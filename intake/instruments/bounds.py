"""Arithmetic on forms with unanswered items: bounds, prorating, and logic with yes, no and unknown (S8, S11, S15)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

Number = int | Fraction
Truth = bool | None  # None is unknown


def round_half_up(number: Number) -> int:
    """Round exactly, halves upward. ``round()`` would round halves to even."""
    return floor(number + Fraction(1, 2))


def all_of(truths: Iterable[Truth]) -> Truth:
    """No if any is no, else unknown if any is unknown, else yes."""
    known = list(truths)
    if False in known:
        return False
    return None if None in known else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """Yes if any is yes, else unknown if any is unknown, else no."""
    known = list(truths)
    if True in known:
        return True
    return None if None in known else False


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest sum that the unanswered items still allow."""

    low: Number
    high: Number

    def at_least(self, threshold: Number) -> Truth:
        if self.low >= threshold:
            return True
        return False if self.high < threshold else None

    def at_most(self, threshold: Number) -> Truth:
        if self.high <= threshold:
            return True
        return False if self.low > threshold else None


def bounds(items: Sequence[int | None], highest: int | Sequence[int]) -> Bounds:
    """Bound the sum of items; ``highest`` is the most an item can be, one for all or one for each."""
    each = [highest] * len(items) if isinstance(highest, int) else highest
    low = sum(item for item in items if item is not None)
    return Bounds(low, low + sum(most for item, most in zip(items, each, strict=True) if item is None))


def count_missing(items: Sequence[object]) -> int:
    return sum(item is None for item in items)


def complete_sum(items: Sequence[int | None]) -> int | None:
    """Return the sum, None when anything is unanswered."""
    return prorated_sum(items, at_most_missing=0)


def prorated_sum(items: Sequence[int | None], at_most_missing: int) -> int | None:
    """Return mean of the answered items times their number, rounded half up; None with more missing than allowed."""
    answered = [item for item in items if item is not None]
    if not answered or len(items) - len(answered) > at_most_missing:
        return None
    return round_half_up(Fraction(sum(answered) * len(items), len(answered)))
