"""What we promise a first contact: a call by the end of the next business day, by the clinic's clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

CALLS_END = time(17)
SATURDAY = 5


def call_back_by(received_at: datetime, zone: ZoneInfo) -> datetime:
    """
    Say by when we call back: 5 pm on the next day from Monday to Friday, on the wall clock of the zone.

    Args:
        received_at: aware; the day is counted where the clinic is, not where the server is.
    """
    day = received_at.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, CALLS_END, tzinfo=zone)
