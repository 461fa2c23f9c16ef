"""The week by the clock on the wall: parts of a day, meetings, and whether two of them collide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY = 24 * 60
WEEK = 7 * DAY


class Part(StrEnum):
    """The part of a day, as the intake asks for it: before noon, noon to 5 pm, after 5 pm."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


PARTS = tuple(Part)
BOUNDS = {Part.MORNING: (0, 12 * 60), Part.AFTERNOON: (12 * 60, 17 * 60), Part.EVENING: (17 * 60, DAY)}


@dataclass(frozen=True, slots=True)
class Slot:
    """One weekly meeting by the clock on the wall."""

    weekday: int  # as date.weekday(): 0 is Monday
    starts: time
    minutes: int

    @property
    def begins(self) -> int:
        """Minutes since Monday 0:00."""
        return self.weekday * DAY + self.starts.hour * 60 + self.starts.minute

    @property
    def ends(self) -> time:
        hours, minutes = divmod((self.begins + self.minutes) % DAY, 60)
        return time(hours, minutes)

    def parts(self) -> list[Part]:
        """The parts of the day that the meeting touches."""
        begins = self.begins % DAY
        ends = min(begins + self.minutes, DAY)
        return [part for part, (opens, closes) in BOUNDS.items() if begins < closes and ends > opens]

    def moved(self, minutes: int) -> Slot:
        """The same meeting on a clock that is this much ahead."""
        weekday, clock = divmod((self.begins + minutes) % WEEK, DAY)
        return Slot(weekday, time(*divmod(clock, 60)), self.minutes)


def needed_parts(slots: tuple[Slot, ...]) -> tuple[tuple[int, Part], ...]:
    """The parts of the week that these meetings touch, in order, each once."""
    touched = sorted({(slot.weekday, PARTS.index(part)) for slot in slots for part in slot.parts()})
    return tuple((weekday, PARTS[part]) for weekday, part in touched)


def spans(slots: tuple[Slot, ...], offset: int) -> tuple[tuple[int, int], ...]:
    """Start in minutes of the week in UTC, and length; `offset` is how far the clock is ahead of UTC."""
    return tuple(((slot.begins - offset) % WEEK, slot.minutes) for slot in slots)


def collide(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> bool:
    """Whether two weeks share a minute; meetings that only touch do not. The week is a circle."""
    return any(
        (theirs - begins) % WEEK < minutes or (begins - theirs) % WEEK < their_minutes
        for begins, minutes in one
        for theirs, their_minutes in other
    )
