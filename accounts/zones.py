"""IANA time zones, checked where they are typed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError


def validate_zone(name: str) -> None:
    """Refuse a name that is not in the zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError("Write a time zone such as America/Chicago.") from error


# Where clocks change people say "CT", not "CST" or "CDT", so that a summer plan reads the same in winter.
GENERIC = {"EST": "ET", "CST": "CT", "MST": "MT", "PST": "PT", "AKST": "AKT", "HST": "HT"}


def short_zone(local: datetime) -> str:
    """
    Name the zone of a local time: "CT" where the clock changes twice a year, "MST" in Phoenix.

    The hour that comes twice keeps its exact name ("CDT"), or it could not be told from the other.
    """
    names = {datetime(local.year, month, 1, tzinfo=local.tzinfo).tzname() for month in (1, 7)}
    repeated = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    exact = local.tzname() or ""
    if len(names) == 1 or repeated:
        return exact
    return next((GENERIC[name] for name in names if name in GENERIC), exact)
