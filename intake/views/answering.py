"""One request to a page of questions, and what of the page depends on its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from accounts.models import User
from intake import queries
from intake.actions import answers as actions
from intake.actions.answers import Change
from intake.alarms import Alarm, alarms
from intake.forms.answers import Posted, read_page
from intake.instruments import Item, is_settled
from intake.models import QuestionnaireResponse
from intake.presentation import clock
from intake.sitting import NOTHING, Sitting, Step
from intake.views.alerts import needs_medical_check
from intake.views.flow import Opened, StaffRequest
from intake.voices import is_own, present


def sequence_of(request: HttpRequest) -> int:
    """How late a page sent this: in a header when it saves in the background, else in its form; 0 without a script."""
    return number_from(request.headers.get("X-Sequence") or request.POST.get("sequence", ""), digits=15)


def number_from(raw: str, digits: int = 9) -> int:
    """The number that a page sent back; 0 for anything else."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) <= digits else 0


@dataclass(frozen=True, slots=True)
class Answering:
    """One request to a page of questions."""

    request: StaffRequest
    opened: Opened
    step: Step
    now: datetime

    @property
    def sitting(self) -> Sitting:
        return self.opened.sitting

    @property
    def user(self) -> User:
        return self.request.actor.user

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.opened.patient.location.zone)

    @property
    def base_revision(self) -> int:
        return number_from(self.request.POST.get("revision", ""))

    def response(self) -> QuestionnaireResponse:
        found = self.sitting.responses.get(self.step.code)
        if found is None:
            version = self.sitting.questionnaire(self.step.code).version
            found = actions.response_for(assessment=self.sitting.assessment, code=self.step.code, version=version)
            self.sitting.responses[self.step.code] = found
        found.assessment = self.sitting.assessment
        return found

    def read(self, named: list[str] | None) -> Posted:
        asked = self.sitting.questionnaire(self.step.code)
        assert self.step.page is not None  # noqa: S101 - a summary has no form
        today = self.now.astimezone(self.zone).date()
        posted = read_page(asked, self.step.page.items, self.request.POST, named=named, today=today)
        # A page that posts all of itself says again what is carried; it stays carried, and follows where it came from.
        shared = self.sitting.carried(self.step.code)
        posted.changes = [one for one in posted.changes if one.item not in shared or not one.says(shared[one.item])]
        return posted

    def save(self, changes: list[Change], *, whole_page: bool) -> actions.Saved:
        return actions.save_answers(
            response=self.response(),
            changes=changes,
            base_revision=self.base_revision,
            by=self.user,
            at=self.now,
            whole_page=whole_page,
            sequence=sequence_of(self.request),
        )


@dataclass(frozen=True, slots=True)
class View:
    """What of a page depends on its answers."""

    shown: frozenset[str]
    disputed: frozenset[str]
    beside: frozenset[tuple[str, int]]
    is_due: bool
    raised: frozenset[Alarm]
    needs_check: bool

    @property
    def panels(self) -> tuple[object, ...]:
        """What the safety panels of the page hang on; without a change nobody asks for alerts."""
        return self.is_due, self.raised, self.needs_check


def view_of(answering: Answering) -> View:
    sitting, step = answering.sitting, answering.step
    answers = sitting.answers(step.code)
    shown = frozenset(item.code for item in sitting.shown_on(step))
    return View(
        shown,
        frozenset(code for code in shown if "disputed" in answers.get(code, NOTHING)),
        frozenset((code, entry["clinician"]["revision"]) for code, entry in answers.items() if "clinician" in entry),
        sitting.is_safety_due,
        alarms(sitting.questionnaire(step.code), sitting.own_answers(step.code)),
        needs_medical_check(sitting),
    )


def changed_by_others(answering: Answering) -> set[str]:
    """Items that a colleague changed since the page that is posted was drawn."""
    if answering.request.method != "POST":
        return set()
    base, me = answering.base_revision, answering.user.pk
    answers = answering.sitting.answers(answering.step.code)
    return {code for code, entry in answers.items() if entry["revision"] > base and entry["by"] != me}


def colleagues_on(answering: Answering) -> frozenset[int]:
    """Who else has just answered something on this page."""
    step, answers = answering.step, answering.sitting.answers(answering.step.code)
    asked = step.page.items if step.page else ()
    return present((answers[item.code] for item in asked if item.code in answers), answering.user.pk, answering.now)


def names_of(answering: Answering, also: frozenset[int] = frozenset()) -> dict[int, str]:
    """The names of those whose answers are marked on this page; asks the database only when there are any."""
    me, called = answering.user, answering.opened.patient.called
    answers = answering.sitting.answers(answering.step.code)
    marked = [answers[code] for code in changed_by_others(answering)]
    for entry in answers.values():
        if "disputed" in entry:
            marked += [entry, entry["disputed"]]
        if "clinician" in entry:
            marked.append(entry["clinician"])
    own = {entry["by"]: called for entry in marked if is_own(entry)}
    wanted = {entry["by"] for entry in marked} | also
    return {**queries.names_of(wanted - own.keys() - {me.pk}), **own, me.pk: me.name}


def signed_line(answering: Answering, sentence: str) -> str:
    at = answering.sitting.assessment.signed_at
    return f"This was signed at {clock(at, answering.zone)}." if at else sentence


def left_on(answering: Answering) -> int:
    count = answering.sitting.count(answering.step)
    return count.total - count.answered


def sheet_on(answering: Answering) -> list[Item]:
    """The questions of this page that only name what a form asks, since its wording is the clinic's own to load."""
    step = answering.step
    sheet = answering.sitting.questionnaire(step.code).sheet
    return [item for item in step.page.items if item.code in sheet] if step.page else []


def open_on_sheet(answering: Answering) -> list[Item]:
    """What "Skip this questionnaire" leaves unasked: of its sheet, on whichever page, what nobody has answered."""
    if not any("not_asked" in item.allow for item in sheet_on(answering)):
        return []
    code = answering.step.code
    asked, answers = answering.sitting.questionnaire(code), answering.sitting.answers(code)
    wanted = [item for item in asked.shown(answers) if item.code in asked.sheet and "not_asked" in item.allow]
    return [item for item in wanted if not is_settled(answers.get(item.code))]
