"""The frame of an intake: its task list, the way into a section, what stands beside every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.policies import Actor, policy
from intake import queries
from intake.models import Patient
from intake.permissions import refusal_to_sign
from intake.presentation import clock, number_of
from intake.sections import BEFORE, BY_SLUG, CHECK_TITLE, FINISH, SAFETY, SECTIONS, TOTAL, TRIGGER, WITH, Section
from intake.sitting import Sitting, Step


class StaffRequest(HttpRequest):
    actor: Actor


@dataclass(frozen=True, slots=True)
class Opened:
    """An intake that was opened through the door, and who opened it."""

    actor: Actor
    patient: Patient
    sitting: Sitting

    @property
    def may_write(self) -> bool:
        return self.actor.may("intake.write") and not self.sitting.assessment.is_signed

    def url(self, name: str, *more: object) -> str:
        return reverse(f"intake:{name}", args=[self.patient.public_id, self.sitting.assessment.public_id, *more])

    def step_url(self, step: Step | None) -> str:
        return self.url("page", step.section.slug, step.number) if step else self.url("tasks")

    @property
    def context(self) -> dict[str, Any]:
        """What every page of the intake prints in its frame."""
        sitting, saved = self.sitting, self.sitting.saved_at
        return {
            "patient": self.patient,
            "intake": sitting.assessment,
            "zone": self.patient.location.zone,
            "tasks_url": self.url("tasks"),
            "saved_at": clock(saved, ZoneInfo(self.patient.location.zone)) if saved and self.may_write else "",
            "may_write": self.may_write,
        }


def open_intake(request: StaffRequest, person: UUID, intake: UUID, action: str) -> Opened:
    patient = queries.open_record(request.actor, person, action)
    sitting = queries.sitting_of(patient, intake)
    if sitting is None:
        raise Http404
    return Opened(request.actor, patient, sitting)


# ---- The task list ----


@policy("intake.read")
@require_safe
def tasks(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    opened = open_intake(request, person, intake, "intake.tasks")
    sitting, patient = opened.sitting, opened.patient
    groups = [
        ("before", "Before the interview", rows_of(opened, BEFORE)),
        ("with", f"With {patient.called}", rows_of(opened, WITH)),
        ("finish", "To finish", [*rows_of(opened, FINISH), check_row(opened)]),
    ]
    context = {
        **opened.context,
        "groups": groups,
        "done": len(sitting.done) + sitting.assessment.is_signed,
        "total": TOTAL,
        "resume": resume(opened),
        "safety_url": safety_url(opened) if sitting.is_safety_due else "",
    }
    return render(request, "intake/tasks.html", context)


def rows_of(opened: Opened, group: str) -> list[dict[str, Any]]:
    """The rows of a group; where the safety check is due comes first."""
    rows = [row_of(opened, section) for section in SECTIONS if section.group == group]
    return sorted(rows, key=lambda row: row["tone"] != "plum")


def row_of(opened: Opened, section: Section) -> dict[str, Any]:
    status, tone = status_of(opened.sitting, section)
    return {
        "title": section.title,
        "url": opened.url("section", section.slug),
        "hint": hint_of(opened, section),
        "status": status,
        "tone": tone,
    }


def status_of(sitting: Sitting, section: Section) -> tuple[str, str]:
    if section.slug == SAFETY and sitting.is_safety_due:
        return "Safety check due", "plum"
    count = sitting.section_count(section)
    if section.slug in sitting.done:
        return "Completed", "done"
    if sitting.assessment.is_signed:
        return f"{count.answered} of {count.total} answered", ""
    if count.touched:
        return f"In progress, {count.answered} of {count.total}", "dusk"
    return "Ready to start", "action"


def hint_of(opened: Opened, section: Section) -> str:
    added = [f"{title} added: {reason}" for title, reason in opened.sitting.opened_by(section)]
    if added:
        return ". ".join(added)
    if section.hint:
        return section.hint.format(name=opened.patient.called)
    return "" if section.slug in opened.sitting.done else f"About {section.minutes} minutes"


def check_row(opened: Opened) -> dict[str, Any]:
    sitting = opened.sitting
    row: dict[str, Any] = {"title": CHECK_TITLE, "url": opened.url("check"), "hint": "", "status": "", "tone": ""}
    if sitting.assessment.is_signed:
        return row | {"status": "Completed", "tone": "done"}
    refusal = refusal_to_sign(sitting)
    if refusal:
        return row | {"url": "", "hint": refusal, "status": "Not yet"}
    left = len(SECTIONS) - len(sitting.done)
    hint = (
        f"{left} {'section' if left == 1 else 'sections'} with open questions; they count as not known" if left else ""
    )
    return row | {"hint": hint, "status": "Ready to start", "tone": "action"}


def resume(opened: Opened) -> dict[str, str] | None:
    """Where the main button leads: on with what was begun, or to the first section."""
    place = opened.sitting.resume_at() if opened.may_write else None
    if place is None:
        return None
    step, item = place
    asked = opened.sitting.questionnaire(step.code)
    number = number_of(asked, item)
    where = f"{step.section.title}, {asked.title} question {number}" if number else step.section.title
    begun = opened.sitting.saved_at is not None
    return {
        "label": f"Continue where you left off: {where}" if begun else f"Start with: {step.section.title}",
        "url": f"{opened.step_url(step)}#slot_{item.code}",
    }


# ---- Into a section ----


@policy("intake.read")
@require_safe
def section(request: StaffRequest, person: UUID, intake: UUID, section: str) -> HttpResponse:
    """To the first page of a section on which something is open; to the first one when nothing is."""
    opened = open_intake(request, person, intake, "intake.section")
    if section not in BY_SLUG:
        raise Http404
    return redirect(opened.step_url(first_open(opened.sitting, BY_SLUG[section])))


def first_open(sitting: Sitting, section: Section) -> Step:
    for step, _ in sitting.open_items(section):
        return step
    return sitting.open_steps(section)[0]


def safety_url(opened: Opened) -> str:
    return opened.step_url(first_open(opened.sitting, BY_SLUG[SAFETY]))


# ---- Beside every page ----


def rail_of(opened: Opened, step: Step) -> dict[str, Any]:
    sitting = opened.sitting
    rows = []
    for section in SECTIONS:
        is_current = section == step.section
        rows.append(
            {
                "title": section.title,
                "url": opened.url("section", section.slug),
                "state": "current" if is_current else "done" if section.slug in sitting.done else "",
                "sub": place_in(sitting, step) if is_current else "",
            }
        )
    number = SECTIONS.index(step.section) + 1
    last = check_row(opened)
    rows.append({"title": last["title"], "url": last["url"], "state": last["tone"] if last["tone"] == "done" else ""})
    return {
        "heading": f"Intake · {len(sitting.done) + sitting.assessment.is_signed} of {TOTAL} sections done",
        "line": f"Section {number} of {TOTAL}: {step.section.title}",
        "rows": rows,
    }


def place_in(sitting: Sitting, step: Step) -> str:
    steps = sitting.open_steps(step.section)
    if len(steps) == 1 or step not in steps:
        return ""
    return f"{steps.index(step) + 1} of {len(steps)}: {name_of(sitting, step)}"


def name_of(sitting: Sitting, step: Step) -> str:
    """What a page is called beside other pages of its section."""
    if step.page is None:
        return "summary"
    asked = sitting.questionnaire(step.code)
    return asked.title if asked.kind == "instrument" else step.page.heading


def safety_panel(opened: Opened, step: Step) -> dict[str, str]:
    """The words of the panel after an answer that asks for the safety questions; empty when they are not due."""
    if not opened.sitting.is_safety_due or step.section.slug == SAFETY:
        return {}
    name = opened.patient.called
    here = (step.code, TRIGGER[1]) == TRIGGER and step.page is not None
    return {
        "heading": "This answer needs a safety check before you finish"
        if here
        else "A safety check is due before you finish",
        "text": f"{name} reported thoughts of being better off dead or of self-harm. Stay with the person and ask the "
        "safety questions now. You can return to this page afterwards.",
        "say": "Thank you for telling me. I would like to ask you a few more questions about that now, so that we can "
        "keep you safe.",
        "url": safety_url(opened),
        "refused_url": opened.step_url(opened.sitting.step_of(SAFETY, "cssrs_q1")),
        "is_here": "yes" if here else "",
    }
