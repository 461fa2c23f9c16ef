"""A cohort as somebody in it would read it, before anybody is."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import policy
from programs.models import Cohort, Level
from scheduling.actions.sessions import by_pattern
from scheduling.presentation import week_page
from scheduling.queries.schedule import HOURS_NEEDED, Day, Meeting, Week, week_start


@policy("admin")
@require_safe
def cohort_week(request: HttpRequest, cohort: UUID) -> HttpResponse:
    """The next week of a cohort, by its pattern: nothing is stored, and nothing on the page leads to a session."""
    rows = Cohort.objects.select_related("program", "location", "room", "facilitator").prefetch_related("blocks")
    found = get_object_or_404(rows, public_id=cohort)
    now, zone = timezone.now(), ZoneInfo(found.location.zone)
    today = now.astimezone(zone).date()
    starts_on = week_start(max(found.starts_on, today), settings.CLINIC.first_weekday)
    by_day: dict[date, list[Meeting]] = {}
    for session in sorted(by_pattern(found).values(), key=lambda each: each.starts_at):
        by_day.setdefault(session.local_on, []).append(Meeting(session, zone, "", now))
    days = [Day(day, by_day.get(day, []), today) for day in (starts_on + timedelta(days=n) for n in range(7))]
    page = week_page(
        Week(days, starts_on, settings.CLINIC.first_weekday), HOURS_NEEDED.get(Level(found.program.level), 0)
    )
    for day in page["strip"]:
        day["url"] = f"#{day['url'].partition('#')[2]}"
    return render(request, "scheduling/preview.html", {**page, "cohort": found, "preview": True})
