"""A page of questions: drawn, saved as one goes, saved as a whole, left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.policies import policy
from intake import queries
from intake.actions import answers as actions
from intake.actions.answers import Change
from intake.forms.answers import Posted, read_page
from intake.instruments import Item
from intake.models import QuestionnaireResponse
from intake.presentation import Card, card, clock, sides_of, words_of
from intake.sections import BY_SLUG, SAFETY, TRIGGER
from intake.sitting import NOTHING, Sitting, Step
from intake.views.flow import Opened, StaffRequest, name_of, open_intake, rail_of, safety_panel


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
        raw = self.request.POST.get("revision", "")
        return int(raw) if raw.isdecimal() and len(raw) < 10 else 0

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
        return read_page(asked, self.step.page.items, self.request.POST, named=named, today=today)

    def save(self, changes: list[Change], *, whole_page: bool) -> actions.Saved:
        return actions.save_answers(
            response=self.response(),
            changes=changes,
            base_revision=self.base_revision,
            by=self.user,
            at=self.now,
            whole_page=whole_page,
        )


@policy("intake.read")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: StaffRequest, person: UUID, intake: UUID, section: str, page: int) -> HttpResponse:
    if request.method == "POST" and request.headers.get("X-Autosave"):
        return autosave(request, person, intake, section, page)
    opened = open_intake(request, person, intake, "intake.page")
    step = step_or_404(opened.sitting, section, page)
    answering = Answering(request, opened, step, timezone.now())
    if request.method == "POST":
        return post_page(answering)
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


# ---- Saving in the background ----


def autosave(request: StaffRequest, person: UUID, intake: UUID, section: str, number: int) -> HttpResponse:
    """Store what changed; answers with the new revision and the pieces of the page that are new."""
    if not request.actor.may("intake.write") or section not in BY_SLUG:
        raise Http404
    codes = {*BY_SLUG[section].codes, SAFETY}
    responses = queries.responses_for_saving(request.actor, person, intake, codes)
    if not responses:
        opened = open_intake(request, person, intake, "intake.page")
    else:
        assessment = next(iter(responses.values())).assessment
        opened = Opened(request.actor, assessment.patient, Sitting(assessment, responses.values()))
    step = step_or_404(opened.sitting, section, number)
    if step.page is None:
        raise Http404
    answering = Answering(request, opened, step, timezone.now())
    before = view_of(answering)
    posted = answering.read(request.POST.getlist("changed"))
    try:
        saved = answering.save(posted.changes, whole_page=False)
    except actions.AlreadySigned as refusal:
        return JsonResponse({"conflicts": [{"text": signed_line(answering, str(refusal))}]}, status=HTTPStatus.CONFLICT)
    return JsonResponse(answer(answering, before, posted, saved), status=status_of(posted, saved))


@dataclass(frozen=True, slots=True)
class View:
    """What of a page depends on its answers."""

    shown: frozenset[str]
    disputed: frozenset[str]
    is_due: bool


def view_of(answering: Answering) -> View:
    sitting, step = answering.sitting, answering.step
    answers = sitting.answers(step.code)
    shown = frozenset(item.code for item in sitting.shown_on(step))
    return View(
        shown,
        frozenset(code for code in shown if "disputed" in answers.get(code, NOTHING)),
        sitting.is_safety_due,
    )


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


def fragments(answering: Answering, before: View, after: View, names: dict[int, str], posted: Posted) -> dict[str, str]:
    """The pieces of the page that this save changed: questions, the panel, the line below the buttons."""
    step = answering.step
    changed = (before.shown ^ after.shown) | (before.disputed ^ after.disputed) | after.disputed
    changed |= changed_by_others(answering) - set(posted.errors)
    pieces = {}
    for one in cards(answering, names):
        if one.code in changed:
            pieces[f"#slot_{one.code}"] = draw_piece(answering, "intake/_slot.html", card=one)
    if step.code == TRIGGER[0] and before.is_due != after.is_due:
        panel = safety_panel(answering.opened, step)
        pieces[f"#safety_{TRIGGER[1]}"] = draw_piece(answering, "intake/_panel.html", panel=panel, live=True)
    added = len(after.shown - before.shown)
    if added:
        pieces["#revealed"] = draw_piece(answering, "intake/_revealed.html", added=added)
    pieces["#left"] = draw_piece(answering, "intake/_left.html", left=left_on(answering))
    return pieces


def draw_piece(answering: Answering, template: str, **context: Any) -> str:
    return render_to_string(template, {"patient": answering.opened.patient, **context}, answering.request)


def changed_by_others(answering: Answering) -> set[str]:
    """Items that a colleague changed since this page was last drawn."""
    return {
        code
        for code, entry in answering.sitting.answers(answering.step.code).items()
        if entry["revision"] > answering.base_revision and entry["by"] != answering.user.pk
    }


def names_of(answering: Answering) -> dict[int, str]:
    """The names of colleagues whose answers are marked on this page; asks the database only when there are any."""
    me = answering.user
    answers = answering.sitting.answers(answering.step.code)
    wanted = {answers[code]["by"] for code in changed_by_others(answering)}
    for entry in answers.values():
        if "disputed" in entry:
            wanted |= {entry["by"], entry["disputed"]["by"]}
    wanted.discard(me.pk)
    found = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    return {**found, me.pk: me.name}


def signed_line(answering: Answering, sentence: str) -> str:
    at = answering.sitting.assessment.signed_at
    return f"This was signed at {clock(at, answering.zone)}." if at else sentence


# ---- Saving the page as a whole ----


def post_page(answering: Answering) -> HttpResponse:
    request, step = answering.request, answering.step
    if not request.actor.may("intake.write") or step.page is None:
        raise Http404
    before = view_of(answering)
    posted = answering.read(None)
    saved = None
    try:
        saved = answering.save(posted.changes, whole_page=True)
        if "refuse" in request.POST:
            saved = leave_open(answering)
        if "settle" in request.POST:
            return settle(answering)
    except actions.AlreadySigned:
        return read_only(answering, status=HTTPStatus.CONFLICT)
    except actions.SaveRefused as refusal:
        messages.error(request, str(refusal))
        return draw(answering, posted, status=HTTPStatus.CONFLICT)
    if posted.errors or saved.conflicts:
        return draw(answering, posted, status=status_of(posted, saved))
    if "shortcuts" in request.POST:
        request.session["shortcuts"] = "off" if request.POST["shortcuts"] == "off" else "on"
        return redirect(answering.opened.step_url(step))
    if "leave" in request.POST:
        return redirect("scheduling:person", answering.opened.patient.public_id)
    return on_from(answering, before)


def leave_open(answering: Answering) -> actions.Saved:
    """Record that the open safety questions of this page were refused or cannot be asked."""
    sitting, step = answering.sitting, answering.step
    answers = sitting.answers(step.code)
    open_items = [item for item in sitting.shown_on(step) if not answers.get(item.code) and "declined" in item.allow]
    changes = [Change(item.code, None, "declined") for item in open_items]
    return answering.save(changes, whole_page=False)


def settle(answering: Answering) -> HttpResponse:
    code, _, keep = answering.request.POST["settle"].partition(":")
    actions.settle(response=answering.response(), item=code, keep=keep, by=answering.user, at=answering.now)
    return redirect(f"{answering.opened.step_url(answering.step)}#slot_{code}")


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
    if answering.request.POST.get("return"):
        return redirect(f"{opened.url('check')}#row_{answering.request.POST['return'][:60]}")
    return redirect(opened.step_url(opened.sitting.after(step)))


# ---- Drawing ----


def draw(answering: Answering, posted: Posted | None = None, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    step, opened = answering.step, answering.opened
    asked = answering.sitting.questionnaire(step.code)
    names = names_of(answering) if posted else names_of_disputes(answering)
    shown = cards(answering, names, posted)
    response = answering.sitting.responses.get(step.code)
    following = opened.sitting.after(step)
    context = {
        **frame(answering),
        "asked": asked,
        "step": step,
        "cards": shown,
        "revision": response.revision if response else 0,
        "note": answering.request.POST.get("note", response.note if response else ""),
        "count": answering.sitting.count(step),
        "left": left_on(answering),
        "panel": safety_panel(opened, step),
        "back_url": opened.step_url(opened.sitting.before(step)),
        "continue_label": continue_label(answering, following),
        "return": answering.request.POST.get("return") or answering.request.GET.get("return", ""),
        "errors": [{"id": f"slot_{code}", "text": text} for code, text in (posted.errors if posted else {}).items()],
        "shortcuts": answering.request.session.get("shortcuts", "on"),
        "has_keys": any(one.likert for one in shown),
        "keys_to": max(
            (str(option["key"]) for one in shown for option in one.options if option.get("key", "").isdigit()),
            default="",
        ),
        "may_refuse": step.code == SAFETY and any("declined" in one.item.allow for one in shown if one.is_shown),
    }
    return render(answering.request, "intake/page.html", context, status=status)


def frame(answering: Answering) -> dict[str, Any]:
    step = answering.step
    return {**answering.opened.context, "rail": rail_of(answering.opened, step), "section": step.section}


def names_of_disputes(answering: Answering) -> dict[int, str]:
    has_dispute = any("disputed" in entry for entry in answering.sitting.answers(answering.step.code).values())
    return names_of(answering) if has_dispute else {}


def cards(answering: Answering, names: dict[int, str], posted: Posted | None = None) -> list[Card]:
    """Every question of the page in its order; those that skip logic hides are empty places."""
    step = answering.step
    asked = answering.sitting.questionnaire(step.code)
    answers = answering.sitting.answers(step.code)
    shown = {item.code for item in answering.sitting.shown_on(step)}
    others = changed_by_others(answering) if names else set()
    assert step.page is not None  # noqa: S101 - a summary asks nothing
    drawn = []
    for number, item in enumerate(step.page.items, start=1):
        entry = answers.get(item.code, NOTHING)
        error = posted.errors.get(item.code, "") if posted else ""
        drawn.append(
            card(
                asked,
                item,
                entry,
                number=number if asked.kind == "instrument" and len(step.page.items) > 1 else None,
                error=error,
                posted=answering.request.POST.getlist(item.code) if error else None,
                is_shown=item.code in shown,
                sides=sides_of(asked, item, entry, names, answering.user.pk, answering.zone),
                changed_by=changed_line(answering, item, names) if item.code in others else "",
            )
        )
    return drawn


def changed_line(answering: Answering, item: Item, names: dict[int, str]) -> str:
    entry = answering.sitting.answers(answering.step.code)[item.code]
    at = clock(datetime.fromisoformat(entry["at"]), answering.zone)
    return f"{names.get(entry['by'], 'A colleague')} changed this at {at}"


def left_on(answering: Answering) -> int:
    count = answering.sitting.count(answering.step)
    return count.total - count.answered


def continue_label(answering: Answering, following: Step | None) -> str:
    if answering.request.GET.get("return") or answering.request.POST.get("return"):
        return "Back to check answers"
    if following is None:
        return "Continue to the task list"
    if following.section != answering.step.section:
        return f"Continue to {following.section.title[0].lower()}{following.section.title[1:]}"
    if following.code == answering.step.code:
        return "Continue"
    return f"Continue to {name_of(answering.sitting, following)}"


# ---- Pages without a form ----


def summary(answering: Answering) -> HttpResponse:
    """The end of a section: scores and bands, and what they open."""
    sitting, step, opened = answering.sitting, answering.step, answering.opened
    rows = [score_row(sitting, code) for code in sitting.open_codes(step.section)]
    open_items = sitting.open_items(step.section)
    context = {
        **frame(answering),
        "step": step,
        "scores": [row for row in rows if row],
        "opened": sitting.opened_by(step.section),
        "open_url": opened.step_url(open_items[0][0]) if open_items else "",
        "open_count": len(open_items),
        "panel": safety_panel(opened, step),
        "back_url": opened.step_url(sitting.before(step)),
        "next_url": opened.step_url(sitting.after(step)),
        "continue_label": continue_label(answering, sitting.after(step)),
    }
    return render(answering.request, "intake/summary.html", context)


def score_row(sitting: Sitting, code: str) -> dict[str, Any] | None:
    """ "PHQ-9: 17 of 27, moderately severe", with what the band means."""
    asked = sitting.questionnaire(code)
    found = sitting.score(code)
    if found is None or asked.scoring is None:
        return None
    band = asked.scoring.band(found["band"])
    total = f"{found['total']:g}" if found["total"] is not None else ""
    if total and asked.scoring.highest:
        total = f"{total} of {asked.scoring.highest}"
    words = [total, band.label.lower() if band and total else band.label if band else ""]
    cut_off = {"positive": "at or above its cut-off", "negative": "below its cut-off"}.get(found["cut_off"], "")
    if not band and cut_off:
        words.append(cut_off)
    missing = len(found["missing"])
    return {
        "title": asked.title,
        "line": ", ".join(word for word in words if word) or "No score yet",
        "text": band.text if band else "",
        "missing": missing,
        "is_prorated": found["is_prorated"],
        "is_grave": code == SAFETY and found["band"] in ("high", "incomplete"),
    }


def read_only(answering: Answering, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """The answers of a page that can no longer be changed, or that this role may only read."""
    sitting, step = answering.sitting, answering.step
    asked = sitting.questionnaire(step.code)
    answers = sitting.answers(step.code)
    rows = [
        {
            "id": f"slot_{item.code}",
            "label": item.label,
            "value": words_of(asked, item, answers.get(item.code, NOTHING)),
        }
        for item in sitting.shown_on(step)
    ]
    response = sitting.responses.get(step.code)
    context = {
        **frame(answering),
        "asked": asked,
        "step": step,
        "rows": rows,
        "note": response.note if response else "",
        "was_late": status == HTTPStatus.CONFLICT,
        "back_url": answering.opened.step_url(sitting.before(step)),
        "next_url": answering.opened.step_url(sitting.after(step)),
    }
    return render(answering.request, "intake/read_only.html", context, status=status)
