"""A cohort's weekly pattern and the meetings that it makes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.timetable.wall import instant


@dataclass(frozen=True, slots=True)
class Block:
    """One weekly meeting: ``starts`` on the wall, ``minutes`` long as a stopwatch counts them."""

    weekday: int  # as date.weekday(): 0 is Monday
    starts: time
    minutes: int
    kind: str  # individual, group or family

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"A weekday is 0 (Monday) to 6 (Sunday), not {self.weekday}.")
        if self.starts.tzinfo is not None:
            raise ValueError("A block starts at a wall time; the zone belongs to the run.")
        if self.minutes < 1:
            raise ValueError(f"A block lasts at least one minute, not {self.minutes}.")


@dataclass(frozen=True, slots=True)
class Run:
    """The local dates that a pattern covers, first and last included, less the closures."""

    starts_on: date
    ends_on: date
    zone: ZoneInfo
    closures: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One meeting; the instants are UTC, the end excluded."""

    local_date: date
    block: Block
    starts_at: datetime
    ends_at: datetime
    adjusted: bool = False  # the wall time does not exist on that date: moved forward by the gap
    ambiguous: bool = False  # the wall time comes twice on that date: the first was taken


def occurrences(blocks: Iterable[Block], run: Run) -> list[Occurrence]:
    """
    List every meeting of the pattern in the run, in order of time.

    The walk is over local dates and each date asks the zone anew: seven times 24 hours
    added to an instant would be an hour off after a clock change.
    """
    pattern = list(blocks)
    days = (run.starts_on + timedelta(days=n) for n in range((run.ends_on - run.starts_on).days + 1))
    found = [
        occurrence(day, block, run.zone)
        for day in days
        if day not in run.closures
        for block in pattern
        if block.weekday == day.weekday()
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.ends_at, each.block.kind))


def occurrence(day: date, block: Block, zone: ZoneInfo) -> Occurrence:
    """Place one block on one local date."""
    start = instant(day, block.starts, zone)
    ends_at = start.at + timedelta(minutes=block.minutes)
    return Occurrence(day, block, start.at, ends_at, adjusted=start.adjusted, ambiguous=start.ambiguous)


def weekly_hours(meetings: Iterable[Occurrence]) -> dict[date, float]:
    """Add up the hours of each week that has any, keyed by the week's Monday (local dates)."""
    minutes: Counter[date] = Counter()
    for meeting in meetings:
        monday = meeting.local_date - timedelta(days=meeting.local_date.weekday())
        minutes[monday] += meeting.block.minutes
    return {monday: total / 60 for monday, total in sorted(minutes.items())}
