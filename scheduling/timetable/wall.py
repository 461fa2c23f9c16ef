"""From what the clock on the wall shows to the instant it means."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Instant:
    """The UTC instant of a wall time, and whether a clock change got in the way."""

    at: datetime
    adjusted: bool  # the wall never showed this time: moved forward by the gap
    ambiguous: bool  # the wall showed it twice: this is the first


def instant(day: date, clock: time, zone: ZoneInfo) -> Instant:
    """
    Say when a wall clock in ``zone`` shows ``clock`` on ``day``.

    Args:
        day: the local calendar date.
        clock: naive local time.
        zone: an IANA zone; its rules for that very date decide the offset.
    """
    wall = datetime.combine(day, clock.replace(fold=0), tzinfo=zone)
    # fold=0 reads a time inside the gap with the offset before the change, which lands it later by
    # exactly the gap, and reads a repeated time as its first showing: the two rules we want.
    at = wall.astimezone(UTC)
    adjusted = at.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None)
    repeated = wall.utcoffset() != wall.replace(fold=1).utcoffset()
    return Instant(at, adjusted=adjusted, ambiguous=repeated and not adjusted)
