"""The hours in which somebody of the clinic is there, as a rule that a program can ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+(?P<starts>\d{2}:\d{2})-(?P<ends>\d{2}:\d{2})")
MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True)
class Staffed:
    """A span of the wall clock on some weekdays: start included, end excluded; no end is midnight."""

    weekdays: frozenset[int]
    starts: time
    ends: time | None

    def covers(self, weekday: int, at: time) -> bool:
        return weekday in self.weekdays and self.starts <= at and (self.ends is None or at < self.ends)


def read_spans(text: str) -> tuple[Staffed, ...]:
    """
    Read "mon-fri 08:00-20:00, sat 09:00-13:00".

    Raises:
        ValueError: it says something else, or a span ends before it begins.
    """
    return tuple(_read(part.strip().lower()) for part in text.split(","))


def _read(part: str) -> Staffed:
    found = SPAN.fullmatch(part)
    if not found:
        raise ValueError(part)
    first = DAYS.index(found["first"])
    last = DAYS.index(found["last"] or found["first"])
    starts = time.fromisoformat(found["starts"])
    ends = None if found["ends"] == MIDNIGHT else time.fromisoformat(found["ends"])
    if last < first or (ends is not None and ends <= starts):
        raise ValueError(part)
    return Staffed(frozenset(range(first, last + 1)), starts, ends)
