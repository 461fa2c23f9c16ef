"""The sliding scale: data with a year, a source and a day of effect, refused when it is not sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from intake.costs.cents import CENT

HERE: Final = Path(__file__).parent
PARTIAL_STEPS_LEAST: Final = 3
FULL_UP_TO, NONE_ABOVE = 100, 200
HOUSEHOLD_MOST: Final = 30


class ScaleRefused(ValueError):
    """The sentence says what is wrong with the file, fit to show to whoever wrote it."""


@dataclass(frozen=True, slots=True)
class SlidingTier:
    """Households above one percentage of the poverty guideline, up to another."""

    above: int  # -1 below the first tier, so that no income at all is in it
    up_to: int
    discount: int

    def holds(self, percent: int) -> bool:
        return self.above < percent <= self.up_to

    @property
    def is_partial(self) -> bool:
        return FULL_UP_TO < self.up_to <= NONE_ABOVE and self.discount < 100


@dataclass(frozen=True, slots=True)
class SlidingScale:
    """The poverty guidelines of a year and what is taken off by them."""

    effective_on: date
    year: int
    region: str
    source: str
    one_person: int
    each_further: int
    tiers: tuple[SlidingTier, ...]

    def guideline(self, household: int) -> int:
        """The poverty guideline of a household, in dollars a year."""
        if not 1 <= household <= HOUSEHOLD_MOST:
            raise ValueError(f"A household has 1 to {HOUSEHOLD_MOST} people, not {household}.")
        return self.one_person + self.each_further * (household - 1)

    def percent(self, household: int, income: Decimal) -> int:
        """Income in percent of the guideline, rounded up: what is a cent above a step is on the next one."""
        cents = int(income / CENT)  # a percent of dollars is dollars in cents
        return -(-cents // self.guideline(household))

    def discount(self, household: int, income: Decimal) -> int:
        """The discount in percent; none above the last tier."""
        percent = self.percent(household, income)
        return next((tier.discount for tier in self.tiers if tier.holds(percent)), 0)


def read_scales(path: Path = HERE / "sliding_scale.yaml") -> tuple[SlidingScale, ...]:
    """
    The scales of a file, the oldest first.

    Raises:
        ScaleRefused: something in it cannot be; the sentence names it.
    """
    try:
        return scales_of(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ScaleRefused(f"{path.name} cannot be read as a sliding scale: {error}") from error
    except ScaleRefused as refused:
        raise ScaleRefused(f"{path.name}: {refused}") from refused


def scales_of(document: Mapping[str, Any]) -> tuple[SlidingScale, ...]:
    scales = sorted((scale_of(each) for each in document["scales"]), key=lambda scale: scale.effective_on)
    if not scales or len({scale.effective_on for scale in scales}) < len(scales):
        raise ScaleRefused("Each scale needs a day of effect of its own.")
    return tuple(scales)


def scale_of(row: Mapping[str, Any]) -> SlidingScale:
    tiers, above = [], -1
    for each in row["tiers"]:
        tiers.append(SlidingTier(above, each["up_to"], each["discount"]))
        above = each["up_to"]
    scale = SlidingScale(**{**row, "tiers": tuple(tiers)})
    if wrong := next(faults(scale), None):
        raise ScaleRefused(f"The scale of {scale.effective_on}: {wrong}")
    return scale


def faults(scale: SlidingScale) -> Iterator[str]:
    """What is wrong with a scale; tiers follow each other, so that none overlaps or leaves a gap."""
    tiers = scale.tiers
    numbers = [
        scale.year,
        scale.one_person,
        scale.each_further,
        *(n for tier in tiers for n in (tier.up_to, tier.discount)),
    ]
    if not all(type(number) is int and number > 0 for number in numbers):
        yield "Years, amounts, steps and discounts are whole numbers above 0."
        return
    if type(scale.effective_on) is not date or not scale.source:
        yield "It needs a day of effect and a source."
    if not tiers or any(tier.up_to <= tier.above for tier in tiers):
        yield "Each step ends above the one before; tiers must not overlap."
    elif tiers[-1].up_to > NONE_ABOVE:
        yield f"Nothing is taken off above {NONE_ABOVE} percent."
    elif any(tier.discount > 100 for tier in tiers) or any(a.discount <= b.discount for a, b in pairwise(tiers)):
        yield "Each step takes off less than the one before, and none more than 100 percent."
    elif tiers[0].up_to < FULL_UP_TO:
        yield f"The first step reaches {FULL_UP_TO} percent."
    elif sum(tier.is_partial for tier in tiers) < PARTIAL_STEPS_LEAST or tiers[-1].up_to != NONE_ABOVE:
        yield f"It needs at least {PARTIAL_STEPS_LEAST} partial steps from {FULL_UP_TO + 1} to {NONE_ABOVE} percent."


def in_effect(scales: Iterable[SlidingScale], on: date) -> SlidingScale | None:
    """The newest scale that had begun on this day."""
    return max((each for each in scales if each.effective_on <= on), key=lambda scale: scale.effective_on, default=None)
