"""The frame of an intake: its task list, the way into a section, what stands beside every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import Actor, policy
from intake import queries
from intake.actions.answers import NOTE
from intake.amendments import addenda_of
from intake.assigned import tasks_row
from intake.models import AnswerChange, Patient, SafetyEvent
from intake.permissions import refusal_to_sign
from intake.presentation import clock, number_of, words_of
from intake.safety import open_alerts
from intake.sections import BEFORE, BY_SLUG, CHECK_TITLE, FINISH, SAFETY, SECTIONS, TOTAL, WITH, Section
from intake.sitting import Count, Sitting, Step
from intake.stages import stages
from intake.views.alerts import bars
from intake.voices import aged, day, initials, present_in


class StaffRequest(HttpRequest):
    actor: Actor


@dataclass(frozen=True)
class Opened:
    """An intake that was opened through the door, and who opened it."""

    actor: Actor
    patient: Patient
    sitting: Sitting

    @cached_property
    def alerts(self) -> tuple[SafetyEvent, ...]:
        """The person's open alerts; asked for once, by those who need them."""
        return open_alerts(self.patient)

    @property
    def may_write(self) -> bool:
        return self.actor.may("intake.write") and not self.sitting.assessment.is_signed

    @property
    def may_correct(self) -> bool:
        return self.actor.may("intake.write") and self.sitting.assessment.is_signed

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
            "correct_url": self.url("correct") if self.may_correct else "",
        }


def open_intake(request: StaffRequest, person: UUID, intake: UUID, action: str) -> Opened:
    patient = queries.open_record(request.actor, person, action)
    sitting = queries.sitting_of(patient, intake)
    if sitting is None:
        raise Http404
    return Opened(request.actor, patient, sitting)


# ---- The task list ----


@dataclass(frozen=True, slots=True)
class Desk:
    """When the list is read, and which colleagues have just answered something in which section."""

    now: datetime
    present: Mapping[str, list[int]]
    names: Mapping[int, str]


def desk_of(opened: Opened, now: datetime) -> Desk:
    me = opened.actor.user
    present = {section.slug: sorted(present_in(opened.sitting, section, me.pk, now)) for section in SECTIONS}
    # Asked even when nobody else is there, so that the list costs the same whoever answers.
    return Desk(now, present, queries.names_of({me.pk, *(one for many in present.values() for one in many)}))


@policy("intake.read")
@require_safe
def tasks(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    opened = open_intake(request, person, intake, "intake.tasks")
    sitting, patient = opened.sitting, opened.patient
    desk = desk_of(opened, timezone.now())
    groups = [
        ("before", "Before the interview", [*rows_of(opened, BEFORE, desk), tasks_row(patient)]),
        ("with", f"With {patient.called}", rows_of(opened, WITH, desk)),
        ("finish", "To finish", [*rows_of(opened, FINISH, desk), check_row(opened)]),
    ]
    context = {
        **opened.context,
        "groups": groups,
        "done": len(sitting.done) + sitting.assessment.is_signed,
        "total": TOTAL,
        "resume": resume(opened),
        "panels": bars(opened),
        **after_signing(opened, desk.now),
    }
    return render(request, "intake/tasks.html", context)


def after_signing(opened: Opened, now: datetime) -> dict[str, Any]:
    """What was added to a signed intake, and what this person saved too late to be signed."""
    sitting = opened.sitting
    addenda = addenda_of(sitting.assessment)
    if not opened.may_correct:
        return {"addenda": addenda}
    late = queries.proposals_of(sitting, opened.actor.user, addenda)
    return {"addenda": addenda, "proposals": [proposal_row(opened, one) for one in late]}


def proposal_row(opened: Opened, proposal: AnswerChange) -> dict[str, str]:
    asked = opened.sitting.questionnaire(proposal.response.code)
    if proposal.item == NOTE:
        label, words = f"{asked.title}, private note", str(proposal.answer["value"] or "")
    else:
        item = asked.item(proposal.item)
        label, words = item.label, words_of(asked, item, proposal.answer)
    url = f"{opened.url('correct')}?about={asked.code}.{proposal.item}"
    return {"label": label, "value": words or "No answer", "url": url, "action": "Add as a correction"}


def rows_of(opened: Opened, group: str, desk: Desk) -> list[dict[str, Any]]:
    """The rows of a group, each section with its second stages below it; where the safety check is due comes first."""
    sections = [section for section in SECTIONS if section.group == group]
    if opened.sitting.is_safety_due:
        sections.sort(key=lambda section: section.slug != SAFETY)
    return [row for section in sections for row in (row_of(opened, section, desk), *stage_rows(opened, section))]


def row_of(opened: Opened, section: Section, desk: Desk) -> dict[str, Any]:
    status, tone = status_of(opened.sitting, section)
    return {
        "title": section.title,
        "url": opened.url("section", section.slug),
        "hint": hint_of(opened, section, desk.now),
        "status": status,
        "tone": tone,
        "others": [
            {"initials": initials(desk.names[one]), "name": desk.names[one]} for one in desk.present[section.slug]
        ],
    }


def stage_rows(opened: Opened, section: Section) -> list[dict[str, Any]]:
    """The second stages of a section as rows of their own, each with what opened it or why it is closed."""
    sitting, rows = opened.sitting, []
    for stage in stages(sitting, section):
        row: dict[str, Any] = {"title": stage.title, "hint": stage.reason, "is_part": True, "tone": ""}
        if stage.state == "open":
            status, tone = progress_of(sitting, sitting.count_of(stage.code))
            first = next(step for step in sitting.open_steps(section) if step.code == stage.code)
            rows.append(row | {"url": opened.step_url(first), "status": status, "tone": tone})
        else:
            rows.append(row | {"url": "", "status": "Not needed" if stage.state == "not_needed" else "Not yet"})
    return rows


def status_of(sitting: Sitting, section: Section) -> tuple[str, str]:
    if section.slug == SAFETY and sitting.is_safety_due:
        return "Safety check due", "plum"
    if section.slug in sitting.done:
        return "Completed", "done"
    return progress_of(sitting, sitting.section_count(section))


def progress_of(sitting: Sitting, count: Count) -> tuple[str, str]:
    if count.is_done and count.touched:
        return "Completed", "done"
    if sitting.assessment.is_signed:
        return f"{count.answered} of {count.total} answered", ""
    if count.touched:
        return f"In progress, {count.answered} of {count.total}", "dusk"
    return "Ready to start", "action"


def hint_of(opened: Opened, section: Section, now: datetime) -> str:
    newest = aged(opened.sitting, section, now)
    if newest:
        on = day(newest, ZoneInfo(opened.patient.location.zone), now)
        return f"The newest answer is from {on}. Are these answers still right?"
    if section.hint:
        return section.hint.format(name=opened.patient.called)
    return "" if section.slug in opened.sitting.done else f"About {section.minutes} minutes"


def check_row(opened: Opened) -> dict[str, Any]:
    sitting = opened.sitting
    row: dict[str, Any] = {"title": CHECK_TITLE, "url": opened.url("check"), "hint": "", "status": "", "tone": ""}
    if sitting.assessment.is_signed:
        return row | {"status": "Completed", "tone": "done"}
    refusal = refusal_to_sign(sitting, opened.alerts)
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
    """To the first page of a section on which something is open; to the first one when nothing is, or all is old."""
    opened = open_intake(request, person, intake, "intake.section")
    if section not in BY_SLUG:
        raise Http404
    if aged(opened.sitting, BY_SLUG[section], timezone.now()):
        return redirect(opened.step_url(opened.sitting.open_steps(BY_SLUG[section])[0]))
    return redirect(opened.step_url(first_open(opened.sitting, BY_SLUG[section])))


def first_open(sitting: Sitting, section: Section) -> Step:
    for step, _ in sitting.open_items(section):
        return step
    return sitting.open_steps(section)[0]


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
