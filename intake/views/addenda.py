"""Adding a correction to a signed intake."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.policies import policy
from intake import queries
from intake.actions import addenda as actions
from intake.actions.answers import NOTE
from intake.actions.signing import WrongSignature
from intake.forms.addenda import EMPTY, Typed, key_from, read_correction
from intake.instruments import Item, Questionnaire
from intake.models import AnswerChange
from intake.presentation import card
from intake.sitting import NOTHING, Step
from intake.views.flow import Opened, StaffRequest, open_intake
from intake.views.rows import Reading, answer_row, reading_of
from intake.views.signing import TOO_MANY, may_try


@dataclass(frozen=True)
class Correcting:
    """One correction page: of one question, or of none."""

    request: StaffRequest
    reading: Reading
    step: Step | None = None
    item: Item | None = None
    proposal: AnswerChange | None = None

    @property
    def opened(self) -> Opened:
        return self.reading.opened

    @property
    def about(self) -> tuple[Questionnaire, Item] | None:
        if self.step is None or self.item is None:
            return None
        return self.opened.sitting.questionnaire(self.step.code), self.item

    @property
    def back_url(self) -> str:
        if self.step is None or self.item is None:
            return self.opened.url("tasks")
        return f"{self.opened.step_url(self.step)}#slot_{self.item.code}"


@policy("intake.write")
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    """Say what an answer should have been, or add words; signed like the intake itself."""
    opened = open_intake(request, person, intake, "intake.correct")
    if not opened.may_correct:
        raise Http404
    page = correcting(request, opened)
    if request.method != "POST":
        return draw(page)
    today = page.reading.now.astimezone(ZoneInfo(opened.patient.location.zone)).date()
    typed, key = read_correction(page.about, request.POST, today=today), key_from(request.POST)
    if typed.errors or key is None:
        return draw(page, typed.errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not may_try(request):
        return draw(page, refusal=TOO_MANY, status=HTTPStatus.TOO_MANY_REQUESTS)
    return add(page, typed, key)


def add(page: Correcting, typed: Typed, key: UUID) -> HttpResponse:
    post = page.request.POST
    try:
        actions.add_addendum(
            assessment=page.opened.sitting.assessment,
            key=key,
            correction=typed.correction,
            by=page.request.actor.user,
            typed_name=post.get("signature", ""),
            password=post.get("password", ""),
            at=page.reading.now,
        )
    except WrongSignature as wrong:
        return draw(page, wrong.by_field, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except actions.AddendumRefused as refusal:
        return draw(page, refusal=str(refusal), status=HTTPStatus.CONFLICT)
    messages.success(page.request, "Your correction is added. What was signed stays as it was.")
    return redirect(page.back_url)


def correcting(request: StaffRequest, opened: Opened) -> Correcting:
    """The page for `?about=questionnaire.item`; a question that is not part of what was signed is none."""
    reading = reading_of(opened, timezone.now())
    code, _, name = request.GET.get("about", "").partition(".")
    proposals = queries.proposals_of(opened.sitting, request.actor.user, reading.addenda)
    proposal = next((one for one in proposals if (one.response.code, one.item) == (code, name)), None)
    if not code or name == NOTE:
        return Correcting(request, reading, proposal=proposal)
    step = opened.sitting.step_of(code, name)
    if step is None or code not in opened.sitting.responses:
        raise Http404
    return Correcting(request, reading, step, opened.sitting.questionnaire(code).item(name), proposal)


def draw(
    page: Correcting, errors: dict[str, str] | None = None, *, refusal: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    errors, post = errors or {}, page.request.POST
    is_note = page.item is None and page.proposal is not None
    context = {
        **page.opened.context,
        **question(page, errors),
        "key": post.get("key") or uuid4(),
        "text": post.get("text", str(page.proposal.answer["value"] or "") if is_note and page.proposal else ""),
        "signature": post.get("signature", ""),
        "now": page.reading.now,
        "proposed_at": page.proposal.at if page.proposal else None,
        "refusal": refusal,
        "errors": [{"id": anchor(page, name), "text": text} for name, text in errors.items()],
        "error_of": errors,
        "back_url": page.back_url,
    }
    return render(page.request, "intake/correction.html", context, status=status)


def anchor(page: Correcting, name: str) -> str:
    return f"item_{name}" if page.item is not None and name == page.item.code else f"id_{name}"


def question(page: Correcting, errors: dict[str, str]) -> dict[str, Any]:
    """The question drawn as it was asked, with what was signed and what was corrected since."""
    if page.about is None or page.step is None or page.step.page is None:
        return {}
    asked, item = page.about
    posted = page.request.POST.getlist(item.code) if page.request.method == "POST" else None
    stands = page.reading.corrected.sitting.answers(asked.code).get(item.code, NOTHING)
    standing = {name: value for name, value in stands.items() if name not in ("clinician", "disputed")}
    # What a colleague would tick again must not stand there ticked; what is typed is quicker mended than written anew.
    start = page.proposal.answer if page.proposal else NOTHING if item.options else standing
    drawn = card(asked, item, start, posted=posted, error=errors.get(item.code, ""))
    drawn.extras.append(
        {"value": EMPTY, "label": "There should be no answer", "key": "", "checked": EMPTY in (posted or [])}
    )
    row = answer_row(page.reading, page.step, item)
    return {"card": drawn, "asked": asked, "row": row, "heading": page.step.page.heading}
