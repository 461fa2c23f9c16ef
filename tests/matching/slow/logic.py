"""Three-valued conditions with their unknown sets, and the dictionary of the contract (SEMANTICS part 2)."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import yaml

DICTIONARY = Path(__file__).parents[2] / "contract" / "facts.yaml"
FACTS = {row["key"]: row for row in yaml.safe_load(DICTIONARY.read_text(encoding="utf-8"))["facts"]}


class T(NamedTuple):
    """A condition: True, False or None for unknown, with its unknown set (S9)."""

    value: bool | None
    unknown: frozenset[str] = frozenset()

    @property
    def yes(self) -> bool:
        return self.value is True

    @property
    def no(self) -> bool:
        return self.value is False

    @property
    def open(self) -> bool:
        return self.value is None


def known(value: bool) -> T:
    return T(bool(value))


def unknown(*facts: str) -> T:
    return T(None, frozenset(facts))


def both(*parts: T) -> T:  # S8
    if any(p.no for p in parts):
        return known(False)
    if any(p.open for p in parts):
        return T(None, frozenset().union(*(p.unknown for p in parts if p.open)))
    return known(True)


def either(*parts: T) -> T:  # S8
    if any(p.yes for p in parts):
        return known(True)
    if any(p.open for p in parts):
        return T(None, frozenset().union(*(p.unknown for p in parts if p.open)))
    return known(False)


def no(part: T) -> T:
    return part if part.open else known(not part.value)


def half_up(numerator: int, denominator: int) -> int:  # S15
    return math.floor(Fraction(numerator, denominator) + Fraction(1, 2))
