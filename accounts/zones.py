"""IANA time zones, checked where they are typed."""

from datetime import datetime, tzinfo
from functools import lru_cache
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


@lru_cache(maxsize=256)
def names_of_year(zone: tzinfo, year: int) -> frozenset[str | None]:
    return frozenset(datetime(year, month, 1, tzinfo=zone).tzname() for month in (1, 7))


def generic_zone(local: datetime) -> str:
    """Name the zone of an aware local time: "CT" where the clock changes, the standing name ("MST" in Phoenix) where not."""
    exact = local.tzname() or ""
    names = names_of_year(local.tzinfo, local.year) if local.tzinfo else {exact}
    return exact if len(names) == 1 else next((GENERIC[name] for name in names if name in GENERIC), exact)


def short_zone(local: datetime) -> str:
    """As `generic_zone`, but the hour that comes twice keeps its exact name ("CDT"): which of the two is meant?"""
    repeated = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return (local.tzname() or "") if repeated else generic_zone(local)
