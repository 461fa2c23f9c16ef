"""When to remind a person of a meeting, by the clock on that person's wall."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduling.timetable.wall import instant

MINUTE = timedelta(minutes=1)


class ReminderKind(StrEnum):
    """The two reminders of a meeting; the values are the kinds of the outbox."""

    TWO_DAYS = "session_reminder_2d"
    THREE_HOURS = "session_reminder_3h"


SEND_UNTIL: dict[ReminderKind, timedelta] = {
    ReminderKind.TWO_DAYS: timedelta(hours=12),
    ReminderKind.THREE_HOURS: timedelta(minutes=15),
}


@dataclass(frozen=True, slots=True)
class Daytime:
    """The hours in which a person may be written to: ``opens`` included, ``closes`` excluded."""

    opens: time
    closes: time

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        return self.opens <= at.astimezone(zone).time() < self.closes


DAYTIME = Daytime(time(8), time(20))


@dataclass(frozen=True, slots=True)
class Reminder:
    """Due at ``due_at``; not worth sending from ``send_until`` on. Both UTC."""

    kind: ReminderKind
    due_at: datetime
    send_until: datetime


def reminder_times(
    starts_at: datetime,
    zone: ZoneInfo,
    kinds: Iterable[ReminderKind] = tuple(ReminderKind),
    *,
    daytime: Daytime = DAYTIME,
) -> list[Reminder]:
    """
    Say when to remind of a meeting.

    Args:
        starts_at: the meeting's start, aware.
        zone: where the person is, which need not be where the clinic is.
        daytime: when the person may be written to. A due time outside of it moves to the
            nearest allowed minute that is still before ``send_until``, else to the last
            allowed minute of the evening before.
    """
    return [reminder(kind, starts_at, zone, daytime) for kind in kinds]


def reminder(kind: ReminderKind, starts_at: datetime, zone: ZoneInfo, daytime: Daytime) -> Reminder:
    """Time one reminder of one meeting."""
    send_until = starts_at.astimezone(UTC) - SEND_UNTIL[kind]
    wanted = wanted_at(kind, starts_at, zone)
    if daytime.holds(wanted, zone):
        return Reminder(kind, wanted, send_until)
    evening, morning = around(wanted, zone, daytime)
    nearest = min(evening, morning, key=lambda minute: abs(minute - wanted))
    return Reminder(kind, nearest if nearest < send_until else evening, send_until)


def wanted_at(kind: ReminderKind, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """Say when the reminder would be due if people never slept."""
    if kind is ReminderKind.THREE_HOURS:
        return starts_at.astimezone(UTC) - timedelta(hours=3)
    # Two days on the calendar: the same wall time, whatever the clocks did in between.
    wall = starts_at.astimezone(zone)
    return instant(wall.date() - timedelta(days=2), wall.time(), zone).at


def around(night: datetime, zone: ZoneInfo, daytime: Daytime) -> tuple[datetime, datetime]:
    """Give the last allowed minute before an instant in the night, and the first one after it."""
    today = night.astimezone(zone).date()
    days = [today + timedelta(days=n) for n in (-1, 0, 1)]
    evenings = (instant(day, daytime.closes, zone).at - MINUTE for day in days)
    mornings = (instant(day, daytime.opens, zone).at for day in days)
    return max(e for e in evenings if e < night), min(m for m in mornings if m > night)


def next_allowed(at: datetime, zone: ZoneInfo, daytime: Daytime = DAYTIME) -> datetime:
    """Give the first instant from ``at`` on at which the person may be written to."""
    return at if daytime.holds(at, zone) else around(at, zone, daytime)[1]
