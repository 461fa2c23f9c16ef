"""
The one formatter of days and times (EXPERIENCE 4): time, zone abbreviation, ranges, relative words.

Every filter takes an aware instant that already stands in the zone to show, or the zone as its argument:
`{{ session.starts_at|clock:zone }}`. A zone is an IANA name or a `ZoneInfo`.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.dateformat import format as date_format
from django.utils.timezone import is_naive
from django.utils.translation import gettext, ngettext

from accounts.zones import generic_zone, short_zone

register = template.Library()

Zone = str | tzinfo | None

ZONE_NAMES = {
    "ET": "Eastern Time",
    "CT": "Central Time",
    "MT": "Mountain Time",
    "PT": "Pacific Time",
    "AKT": "Alaska Time",
    "HT": "Hawaii-Aleutian Time",
    "MST": "Mountain Standard Time",
    "HST": "Hawaii Standard Time",
}


def in_zone(value: datetime, zone: Zone = None) -> datetime:
    """The same instant on the wall clock of the zone; without a zone, on the clock it carries."""
    if is_naive(value):
        raise ValueError("A time to show must carry its zone.")
    if not zone:
        return value
    return value.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _hour_and_minute(value: datetime) -> str:
    return f"{value.hour % 12 or 12}:{value:%M}"


def _half(value: datetime) -> str:
    return gettext("am") if value.hour < 12 else gettext("pm")


@register.filter
def clock_bare(value: datetime, zone: Zone = None) -> str:
    """ "5:30 pm", for columns under a line that names the zone."""
    local = in_zone(value, zone)
    return f"{_hour_and_minute(local)} {_half(local)}"


@register.filter
def clock(value: datetime, zone: Zone = None) -> str:
    """ "5:30 pm CT"."""
    local = in_zone(value, zone)
    return f"{clock_bare(local)} {short_zone(local)}"


@register.filter
def time_range(span: Any, zone: Zone = None) -> str:
    """
    "5:30 to 7:00 pm CT" of anything with `starts_at` and `ends_at`, or of a pair of instants.

    A span across a clock change names the zone at both ends, or its length would look wrong.
    """
    first, last = span if isinstance(span, tuple) else (span.starts_at, span.ends_at)
    start, end = in_zone(first, zone), in_zone(last, zone)
    if start.utcoffset() != end.utcoffset():
        begins, ends = f"{clock_bare(start)} {start.tzname()}", f"{clock_bare(end)} {end.tzname()}"
    elif _half(start) == _half(end) and start.date() == end.date():
        begins, ends = _hour_and_minute(start), clock(end)
    else:
        begins, ends = clock_bare(start), clock(end)
    return gettext("%(start)s to %(end)s") % {"start": begins, "end": ends}


def _day(value: date, zone: Zone) -> date:
    return in_zone(value, zone).date() if isinstance(value, datetime) else value


@register.filter
def weekday(value: date, zone: Zone = None) -> str:
    """ "Wednesday"."""
    return date_format(_day(value, zone), "l")


@register.filter
def day_month(value: date, zone: Zone = None) -> str:
    """ "March 11"."""
    return date_format(_day(value, zone), "F j")


@register.filter
def day_long(value: date, zone: Zone = None) -> str:
    """ "Wednesday, March 11"."""
    return date_format(_day(value, zone), "l, F j")


@register.filter
def day_short(value: date, zone: Zone = None) -> str:
    """ "Wed, Mar 11"."""
    return date_format(_day(value, zone), "D, M j")


@register.filter
def day_year_short(value: date, zone: Zone = None) -> str:
    """ "Mar 14, 1989", for birth dates and signatures."""
    return date_format(_day(value, zone), "M j, Y")


@register.filter
def zone_name(value: datetime, zone: Zone = None) -> str:
    """ "Central Time", said once on a page."""
    short = generic_zone(in_zone(value, zone))
    return ZONE_NAMES.get(short, short)


@register.filter
def instant(value: datetime, zone: Zone = None) -> str:
    """The `datetime` attribute of a `time` element, with its offset."""
    return in_zone(value, zone).isoformat(timespec="minutes")


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    hours = minutes // 60
    if hours < 24:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d day", "%d days", hours // 24) % (hours // 24)


@register.filter
def relative(value: datetime, now: datetime) -> str:
    """ "in 3 hours", "6 minutes ago"; whole units that have passed, as people count."""
    span = value - now
    if abs(span) < timedelta(minutes=1):
        return gettext("now")
    if span > timedelta(0):
        return gettext("in %s") % _length(span)
    return gettext("%s ago") % _length(-span)


@register.simple_tag
def moment(value: datetime, now: datetime, zone: Zone = None) -> str:
    """ "today at 5:30 pm CT", "tomorrow at …", else "Thu, Mar 12 at …", counted in days of the zone."""
    local = in_zone(value, zone)
    days = (local.date() - now.astimezone(local.tzinfo).date()).days
    day = {0: gettext("today"), 1: gettext("tomorrow")}.get(days) or day_short(local)
    return gettext("%(day)s at %(time)s") % {"day": day, "time": clock(local)}
