"""First contacts, for the people who answer them."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import policy
from intake import worklist
from intake.actions import inquiries as actions
from intake.forms.inquiries import InquiryForm
from intake.models import Inquiry


@policy("inquiry.read")
@require_safe
def inquiries(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("rows", "")
    found = worklist.worklist(
        actor=request.actor,  # type: ignore[attr-defined]
        chosen=request.GET.get("show", "open"),
        rows=int(asked) if asked.isdecimal() and len(asked) < 4 else worklist.PAGE,
        now=timezone.now(),
        zone=settings.CLINIC.zone,
    )
    may_write = request.actor.may("inquiry.write")  # type: ignore[attr-defined]
    return render(
        request, "intake/inquiries.html", {"worklist": found, "may_write": may_write, "zone": settings.CLINIC.zone}
    )


@policy("inquiry.read")
@require_safe
def inquiry(request: HttpRequest, inquiry: UUID) -> HttpResponse:
    found = load(request, inquiry)
    return render(request, "intake/inquiry.html", detail(request, found))


@policy("inquiry.write")
@require_POST
def move(request: HttpRequest, inquiry: UUID) -> HttpResponse:
    found = load(request, inquiry)
    to = request.POST.get("to", "")
    try:
        moved = actions.move(inquiry=found, to=to, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except actions.InquiryRefused as refusal:
        found.refresh_from_db()
        page = {**detail(request, found), "refusal": str(refusal)}
        return render(request, "intake/inquiry.html", page, status=HTTPStatus.CONFLICT)
    messages.success(
        request, _("%(number)s: %(state)s.") % {"number": moved.number, "state": moved.get_state_display().lower()}
    )
    return redirect("intake:inquiry", moved.public_id)


@policy("inquiry.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new_inquiry(request: HttpRequest) -> HttpResponse:
    """Somebody called: the same questions, noted by the coordinator."""
    form = InquiryForm(request.POST or None)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return render(request, "intake/inquiry_new.html", {"form": form}, status=status)
    told = actions.FirstContact(**form.cleaned_data)
    noted = actions.receive(contact=told, zone=settings.CLINIC.zone, at=timezone.now())
    messages.success(request, _("Saved as %s.") % noted.number)
    return redirect("intake:inquiry", noted.public_id)


def load(request: HttpRequest, public_id: UUID) -> Inquiry:
    visible = Inquiry.objects.visible_to(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(visible.select_related("handled_by"), public_id=public_id)


def detail(request: HttpRequest, inquiry: Inquiry) -> dict[str, object]:
    actor = request.actor  # type: ignore[attr-defined]
    return {
        "inquiry": inquiry,
        "moves": actions.MOVES[inquiry.state] if actor.may("inquiry.write") else frozenset(),
        "is_unsafe": worklist.is_unsafe(inquiry),
        "now": timezone.now(),
        "zone": settings.CLINIC.zone,
    }
