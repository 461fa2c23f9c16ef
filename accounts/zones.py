"""IANA time zones, checked where they are typed."""

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError


def validate_zone(name: str) -> None:
    """Refuse a name that is not in the zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError("Write a time zone such as America/Chicago.") from error
