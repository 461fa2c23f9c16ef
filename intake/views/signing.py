"""The end of an intake: sign it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from allauth.core.internal import ratelimit
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.policies import policy
from intake.actions import signing as actions
from intake.permissions import refusal_to_sign
from intake.sections import SECTIONS
from intake.views.answering import number_from
from intake.views.flow import Opened, StaffRequest, open_intake

RATES = {"sign": "5/5m/key"}
TOO_MANY = "That was too many tries. Wait five minutes, then sign. Nothing is lost."


@policy("intake.write")
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    opened = open_intake(request, person, intake, "intake.sign")
    if opened.sitting.assessment.is_signed:
        return redirect(opened.url("tasks"))
    seen = revision_seen(request, opened)
    if request.method != "POST":
        return draw(request, opened, seen=seen)
    if not may_try(request):
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


def may_try(request: StaffRequest) -> bool:
    """Count a try to sign, before the password is looked at, or the right one would still be told apart."""
    key = str(request.actor.user.pk)
    return ratelimit.consume(request, app="intake", action="sign", config=RATES, key=key) is not None


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
        "refusal": refusal or refusal_to_sign(opened.sitting, opened.alerts),
        "errors": [{"id": f"id_{field}", "text": text} for field, text in errors.items()],
        "error_of": errors,
        "signature": request.POST.get("signature", ""),
        "check_url": opened.url("check"),
    }
    return render(request, "intake/sign.html", context, status=status)
