"""A page of questions: drawn, saved as one goes, saved as a whole, left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.actions import use_shortcuts
from accounts.policies import policy
from intake.actions import answers as actions
from intake.actions.answers import Change
from intake.actions.drafts import confirm_answers
from intake.forms.answers import Posted
from intake.presentation import clock
from intake.saving import responses_for_saving
from intake.sections import BY_SLUG, SAFETY, SECTION_OF
from intake.sitting import NOTHING, Sitting, Step
from intake.views.answering import Answering, View, names_of, open_on_sheet, signed_line, view_of
from intake.views.drawing import draw, fragments, read_only, summary
from intake.views.flow import Opened, StaffRequest, open_intake


@policy("intake.read")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: StaffRequest, person: UUID, intake: UUID, section: str, page: int) -> HttpResponse:
    if request.method == "POST" and request.headers.get("X-Autosave"):
        return autosave(request, person, intake, section, page)
    if request.method == "POST":
        return post_page(request, person, intake, section, page)
    opened = open_intake(request, person, intake, "intake.page")
    step = step_or_404(opened.sitting, section, page)
    answering = Answering(request, opened, step, timezone.now())
    if step.page is None:
        return summary(answering)
    if not opened.may_write:
        return read_only(answering)
    return draw(answering)


def step_or_404(sitting: Sitting, section: str, number: int) -> Step:
    step = sitting.step(section, number)
    if step is None:
        raise Http404
    return step


def answering_for_saving(
    request: StaffRequest, person: UUID, intake: UUID, section: str, number: int, codes: Collection[str]
) -> Answering:
    """The page as a save needs it, with these questionnaires; whoever is shown the record comes by the door."""
    if not request.actor.may("intake.write") or section not in BY_SLUG:
        raise Http404
    responses = responses_for_saving(request.actor, person, intake, codes)
    if not responses:
        opened = open_intake(request, person, intake, "intake.page")
    else:
        assessment = next(iter(responses.values())).assessment
        assert assessment is not None  # noqa: S101 - they were found by their intake
        opened = Opened(request.actor, assessment.patient, Sitting(assessment, responses.values()))
    step = step_or_404(opened.sitting, section, number)
    if step.page is None:
        raise Http404
    return Answering(request, opened, step, timezone.now())


# ---- Saving in the background ----


def autosave(request: StaffRequest, person: UUID, intake: UUID, section: str, number: int) -> HttpResponse:
    """Store what changed; answers with the new revision and the pieces of the page that are new."""
    codes = {*BY_SLUG[section].codes, SAFETY} if section in BY_SLUG else set()
    answering = answering_for_saving(request, person, intake, section, number, codes)
    before = view_of(answering)
    posted = answering.read(request.POST.getlist("changed"))
    try:
        saved = answering.save(posted.changes, whole_page=False)
    except actions.AlreadySigned as refusal:
        return JsonResponse({"conflicts": [{"text": signed_line(answering, str(refusal))}]}, status=HTTPStatus.CONFLICT)
    return JsonResponse(answer(answering, before, posted, saved), status=status_of(posted, saved))


def status_of(posted: Posted, saved: actions.Saved | None) -> HTTPStatus:
    if saved and saved.conflicts:
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if posted.errors else HTTPStatus.OK


def answer(answering: Answering, before: View, posted: Posted, saved: actions.Saved) -> dict[str, Any]:
    count = answering.sitting.count(answering.step)
    after = view_of(answering)
    names = names_of(answering)
    told: dict[str, Any] = {
        "revision": saved.response.revision,
        "saved_at": clock(answering.now, answering.zone),
        "progress": {"answered": count.answered, "total": count.total},
        "fragments": fragments(answering, before, after, names, posted),
    }
    if posted.errors:
        told["errors"] = posted.errors
    if saved.conflicts:
        answers = answering.sitting.answers(answering.step.code)
        told["conflicts"] = [
            {"item": code, "text": f"{names.get(answers[code]['by'], 'A colleague')} changed an answer here."}
            for code in saved.conflicts
        ]
    return told


# ---- Saving the page as a whole ----


def post_page(request: StaffRequest, person: UUID, intake: UUID, section: str, number: int) -> HttpResponse:
    answering = answering_for_saving(request, person, intake, section, number, SECTION_OF)
    step = answering.step
    before = view_of(answering)
    posted = answering.read(None)
    saved = None
    try:
        saved = answering.save(posted.changes, whole_page=True)
        if "refuse" in request.POST:
            saved = leave_open(answering)
        if "skip" in request.POST:
            saved = skip(answering)
        if "settle" in request.POST:
            return settle(answering)
        if "unsay" in request.POST:
            return unsay(answering)
    except actions.AlreadySigned:
        return read_only(reopened(answering), status=HTTPStatus.CONFLICT)
    except actions.SaveRefused as refusal:
        messages.error(request, str(refusal))
        return draw(reopened(answering), posted, status=HTTPStatus.CONFLICT)
    if posted.errors or saved.conflicts:
        return draw(reopened(answering), posted, status=status_of(posted, saved))
    if "shortcuts" in request.POST:
        use_shortcuts(answering.user, on=request.POST["shortcuts"] != "off")
        return redirect(answering.opened.step_url(step))
    if "confirm" in request.POST:
        return confirm(answering)
    if "leave" in request.POST:
        return redirect("scheduling:person", answering.opened.patient.public_id)
    return on_from(answering, before)


def reopened(answering: Answering) -> Answering:
    """The same page opened by the door, as it stands now, to be drawn."""
    person, intake = answering.opened.patient.public_id, answering.sitting.assessment.public_id
    return replace(answering, opened=open_intake(answering.request, person, intake, "intake.page"))


def leave_open(answering: Answering) -> actions.Saved:
    """Record that the open safety questions of this page were refused or cannot be asked."""
    sitting, step = answering.sitting, answering.step
    answers = sitting.answers(step.code)
    open_items = [item for item in sitting.shown_on(step) if not answers.get(item.code) and "declined" in item.allow]
    changes = [Change(item.code, None, "declined") for item in open_items]
    return answering.save(changes, whole_page=False)


def skip(answering: Answering) -> actions.Saved:
    """Record that a questionnaire whose wording the clinic has not loaded was not asked."""
    changes = [Change(item.code, None, "not_asked") for item in open_on_sheet(answering)]
    return answering.save(changes, whole_page=False)


def settle(answering: Answering) -> HttpResponse:
    code, _, keep = answering.request.POST["settle"].partition(":")
    if answering.step.page is None or code not in {item.code for item in answering.step.page.items}:
        raise Http404
    actions.settle(response=answering.response(), item=code, keep=keep, by=answering.user, at=answering.now)
    return redirect(f"{answering.opened.step_url(answering.step)}#slot_{code}")


def unsay(answering: Answering) -> HttpResponse:
    """Take one's own view beside somebody's answer away again; it stays in the history."""
    code = answering.request.POST["unsay"]
    entry = answering.sitting.answers(answering.step.code).get(code, NOTHING)
    if answering.step.page is None or "clinician" not in entry:
        raise Http404
    answering.save([Change(code, entry["value"], entry["status"])], whole_page=False)
    return redirect(f"{answering.opened.step_url(answering.step)}#slot_{code}")


def confirm(answering: Answering) -> HttpResponse:
    """Old answers of this section were found right."""
    section = answering.step.section
    try:
        confirm_answers(assessment=answering.sitting.assessment, codes=section.codes, at=answering.now)
    except actions.AlreadySigned:
        return read_only(reopened(answering), status=HTTPStatus.CONFLICT)
    messages.success(answering.request, f"{section.title}: the answers are still right.")
    return redirect(answering.opened.step_url(answering.step))


def on_from(answering: Answering, before: View) -> HttpResponse:
    """Where Continue leads: to what the answers have added here, back to the check, else to the next page."""
    opened, step = answering.opened, answering.step
    added = [item for item in answering.sitting.shown_on(step) if item.code not in before.shown]
    still_open = [item for item in added if not answering.sitting.answers(step.code).get(item.code)]
    if still_open and not set(answering.request.POST.getlist("asked")) & {item.code for item in still_open}:
        number = len(still_open)
        what = "1 question was" if number == 1 else f"{number} questions were"
        messages.info(answering.request, f"Saved. {what} added because of an answer.")
        return redirect(f"{opened.step_url(step)}#slot_{still_open[0].code}")
    beside = view_of(answering).beside - before.beside
    if beside:
        messages.info(
            answering.request, f"Saved. {opened.patient.called}'s own answer counts; yours is kept beside it."
        )
        return redirect(f"{opened.step_url(step)}#slot_{min(beside)[0]}")
    row = answering.request.POST.get("return", "")
    if row:
        return redirect(f"{opened.url('check')}#row_{quote(row[:60])}")
    return redirect(opened.step_url(opened.sitting.after(step)))
