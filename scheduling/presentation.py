"""From rows to what a person's schedule prints. Nothing is decided here and nothing is looked up."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from accounts.zones import short_zone
from scheduling.queries.schedule import Day, Meeting, Week


def week_page(week: Week, needed: int, *, from_today: bool = False) -> dict[str, Any]:
    """The strip, the days that have a session and the hours of a week; on the first page only from today on."""
    days = [day for day in week.days if day.meetings and not (from_today and day.is_past)]
    return {
        "week": week,
        "title": title_of(week),
        "strip": [strip_day(day, week) for day in week.days],
        "days": days,
        "clocks": clocks_of([meeting for day in days for meeting in day.meetings]),
        "hours": hours_of(week, needed),
    }


def title_of(week: Week) -> str:
    near = {-1: gettext("Last week"), 0: gettext("This week"), 1: gettext("Next week")}
    return near.get(week.weeks_ahead) or gettext("Week of %s") % date_format(week.starts_on, "F j")


def strip_day(day: Day, week: Week) -> dict[str, Any]:
    """One day link, with all in its name that its look says."""
    count = ngettext("%d session", "%d sessions", day.planned) % day.planned if day.planned else gettext("no session")
    said = [date_format(day.on, "l, F j"), *([gettext("today")] if day.is_today else []), count]
    anchor = anchor_of(day) if day.meetings else "week"
    return {
        "letter": date_format(day.on, "l")[0],
        "number": day.on.day,
        "url": f"{reverse('scheduling:my_week', args=[week.slug])}#{anchor}",
        "name": ", ".join(said),
        "today": day.is_today,
        "past": day.is_past,
        "sessions": day.planned,
    }


def anchor_of(day: Day) -> str:
    return f"day-{day.on.isoformat()}"


def clocks_of(meetings: list[Meeting]) -> list[dict[str, Any]]:
    """The clocks that the times of a page are read on; more than one only when online and on site differ."""
    found: dict[ZoneInfo, Meeting] = {}
    for meeting in meetings:
        found.setdefault(meeting.zone, meeting)
    return [
        {"sample": each.starts_at, "short": short_zone(each.starts_at), "online": each.session.is_online}
        for each in found.values()
    ]


def hours_of(week: Week, needed: int) -> dict[str, Any] | None:
    """The hours strip; None when nothing says how many hours the week should have."""
    if not needed:
        return None
    planned, near = f"{week.hours:g}", abs(week.weeks_ahead) <= 1
    when = title_of(week).lower() if near else gettext("in the week of %s") % date_format(week.starts_on, "F j")
    if week.hours >= needed:
        sentence = gettext("%(planned)s hours %(when)s. Your program asks for %(needed)s.")
    else:
        sentence = gettext("%(planned)s of %(needed)s hours %(when)s.")
    words = sentence % {"planned": planned, "needed": needed, "when": when}
    return {"sentence": words, "planned": planned, "needed": needed}
