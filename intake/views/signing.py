"""The end of an intake: read all of it over, and sign it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.core.internal import ratelimit
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import policy
from intake.actions import signing as actions
from intake.permissions import refusal_to_sign
from intake.presentation import words_of
from intake.sections import SECTIONS, Section
from intake.sitting import NOTHING, needs_nothing_more
from intake.views.answering import number_from
from intake.views.flow import Opened, StaffRequest, open_intake

RATES = {"sign": "5/5m/key"}
TOO_MANY = "That was too many tries. Wait five minutes, then sign. Everything is saved."
FILTERS = (("all", "All"), ("open", "Not answered"))


@policy("intake.read")
@require_safe
def check(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    """Every answer, section by section, with the way back to its question."""
    opened = open_intake(request, person, intake, "intake.check")
    chosen = "open" if request.GET.get("show") == "open" else "all"
    lists = [(section, rows_of(opened, section)) for section in SECTIONS]
    counts = {"all": sum(len(rows) for _, rows in lists), "open": sum(row["open"] for _, rows in lists for row in rows)}
    if chosen == "open":
        lists = [(section, [row for row in rows if row["open"]]) for section, rows in lists]
    context = {
        **opened.context,
        "lists": [(section, rows) for section, rows in lists if rows],
        "filters": [
            {"label": label, "count": counts[key], "url": f"?show={key}", "active": key == chosen}
            for key, label in FILTERS
        ],
        "refusal": refusal_to_sign(opened.sitting),
        "seen": opened.sitting.revision,
        "sign_url": opened.url("sign"),
    }
    return render(request, "intake/check.html", context)


def rows_of(opened: Opened, section: Section) -> list[dict[str, Any]]:
    sitting = opened.sitting
    rows = []
    for step in sitting.open_steps(section):
        if step.page is None:
            continue
        asked, answers = sitting.questionnaire(step.code), sitting.answers(step.code)
        for item in sitting.shown_on(step):
            entry = answers.get(item.code, NOTHING)
            is_open = not needs_nothing_more(entry)
            url = f"{opened.step_url(step)}?return={item.code}#slot_{item.code}" if opened.may_write else ""
            value = words_of(asked, item, entry)
            rows.append(
                {
                    "id": f"row_{item.code}",
                    "label": item.label,
                    "value": f"{value} (answered differently by two people)" if "disputed" in entry else value,
                    "url": url,
                    "missing": not value,
                    "open": is_open and (item.required or "disputed" in entry),
                }
            )
    return rows


@policy("intake.write")
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    opened = open_intake(request, person, intake, "intake.sign")
    if opened.sitting.assessment.is_signed:
        return redirect(opened.url("tasks"))
    seen = revision_seen(request, opened)
    if request.method != "POST":
        return draw(request, opened, seen=seen)
    # Counted before the password is looked at, or the right one would still be told apart.
    if not ratelimit.consume(request, app="intake", action="sign", config=RATES, key=str(request.actor.user.pk)):
        return draw(request, opened, seen=seen, refusal=TOO_MANY, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        actions.sign(
            assessment=opened.sitting.assessment,
            by=request.actor.user,
            typed_name=request.POST.get("signature", ""),
            password=request.POST.get("password", ""),
            seen_revision=seen,
            at=timezone.now(),
        )
    except actions.WrongSignature as wrong:
        return draw(request, opened, seen=seen, errors=wrong.by_field, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except actions.ChangedMeanwhile as refusal:
        return draw(request, opened, seen=0, refusal=str(refusal), status=HTTPStatus.CONFLICT)
    except actions.SigningRefused as refusal:
        return draw(request, opened, seen=seen, refusal=str(refusal), status=HTTPStatus.CONFLICT)
    return redirect("programs:findings", opened.patient.public_id, opened.sitting.assessment.public_id)


def revision_seen(request: StaffRequest, opened: Opened) -> int:
    """The revision of the page on which the answers were read; without one, of the page that is drawn now."""
    if request.method == "POST":
        return number_from(request.POST.get("seen", ""))
    return number_from(request.GET.get("seen", "")) or opened.sitting.revision


def draw(
    request: StaffRequest,
    opened: Opened,
    *,
    seen: int,
    errors: dict[str, str] | None = None,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    errors = errors or {}
    context = {
        **opened.context,
        "seen": seen,
        "now": timezone.now(),
        "left": len(SECTIONS) - len(opened.sitting.done),
        "refusal": refusal or refusal_to_sign(opened.sitting),
        "errors": [{"id": f"id_{field}", "text": text} for field, text in errors.items()],
        "error_of": errors,
        "signature": request.POST.get("signature", ""),
        "check_url": opened.url("check"),
    }
    return render(request, "intake/sign.html", context, status=status)
