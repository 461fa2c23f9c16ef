"""Reading all of an intake over, before it is signed and after."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import policy
from intake.permissions import refusal_to_sign
from intake.sections import SECTIONS, Section
from intake.views.flow import Opened, StaffRequest, open_intake
from intake.views.rows import Reading, additions, answer_rows, reading_of
from intake.voices import AGED, aged

FILTERS: Final = (("all", "All"), ("open", "Not answered"), ("today", "Changed today"), ("differs", "Sources differ"))

EMPTY: Final = {
    "open": ("Nothing is open", "Every question has an answer, or a reason why not."),
    "today": ("Nothing changed today", "Every answer is from an earlier day."),
    "differs": ("No sources differ", "Nobody answered a question differently from somebody else."),
}


@policy("intake.read")
@require_safe
def check(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    """Every answer, section by section, with the way back to its question; where two sources differ comes first."""
    opened = open_intake(request, person, intake, "intake.check")
    reading = reading_of(opened, timezone.now())
    lists = [(section, section_rows(reading, section)) for section in SECTIONS]
    rows = [row for _, listed in lists for row in listed]
    asked = request.GET.get("show", "")
    chosen = asked if asked in dict(FILTERS) else "all"
    context = {
        **opened.context,
        "differing": [as_first(row) for row in rows if row["differs"]] if chosen == "all" else [],
        "lists": [(section, kept) for section, listed in lists if (kept := only(listed, chosen))],
        "filters": [
            {"label": label, "count": len(only(rows, key)), "url": f"?show={key}", "active": key == chosen}
            for key, label in FILTERS
        ],
        "empty": EMPTY.get(chosen, ""),
        "additions": additions(reading),
        "aged": aged_sections(opened, reading),
        "aged_days": AGED.days,
        "refusal": refusal_to_sign(opened.sitting, opened.alerts),
        "seen": opened.sitting.revision,
        "sign_url": opened.url("sign"),
    }
    return render(request, "intake/check.html", context)


def section_rows(reading: Reading, section: Section) -> list[dict[str, Any]]:
    steps = [step for step in reading.opened.sitting.open_steps(section) if step.page is not None]
    return [{**row, "id": f"row_{row['code']}"} for step in steps for row in answer_rows(reading, step)]


def only(rows: list[dict[str, Any]], chosen: str) -> list[dict[str, Any]]:
    return rows if chosen == "all" else [row for row in rows if row[chosen]]


def as_first(row: dict[str, Any]) -> dict[str, Any]:
    """The same row among those that differ: Change returns to it there."""
    code = row["code"]
    url = row["url"].replace(f"?return={code}#", f"?return=first_{code}#")
    return {**row, "id": f"row_first_{code}", "url": url}


def aged_sections(opened: Opened, reading: Reading) -> list[dict[str, str]]:
    found = ((section, aged(opened.sitting, section, reading.now)) for section in SECTIONS)
    return [
        {"title": section.title, "url": opened.url("section", section.slug), "day": reading.day(newest)}
        for section, newest in found
        if newest is not None
    ]
