"""The first contact: no account, nobody is looked up, nothing is kept before it is sent."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import PUBLIC, policy
from intake.actions import inquiries
from intake.forms.inquiries import ContactForm, opened_long_enough, opened_now
from intake.models import Inquiry

SENT_KEY = "inquiry_sent"
RATES = {"inquiry": "5/h/ip,20/d/ip", "inquiry_reach": "3/d/key"}


@policy(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "intake/contact.html", {"form": ContactForm(initial={"opened": opened_now()})})
    form = ContactForm(request.POST)
    if not form.is_valid():
        return ask_again(request, form)
    told = inquiries.FirstContact(**form.cleaned_data)
    if not within_rates(request, told):
        return render(
            request, "intake/contact.html", {"form": form, "too_many": True}, status=HTTPStatus.TOO_MANY_REQUESTS
        )
    inquiry = inquiries.receive(contact=told, zone=settings.CLINIC.zone, at=timezone.now())
    request.session[SENT_KEY] = {
        "number": inquiry.number,
        "promised_by": inquiry.promised_by.isoformat(),
        "reach_by": inquiry.reach_by,
        "is_safe": inquiry.safe_now == Inquiry.Safe.YES,
    }
    return redirect("intake:contact_sent")


@policy(PUBLIC)
@require_safe
def contact_sent(request: HttpRequest) -> HttpResponse:
    """What happens next, by when, and the number to quote; only in the browser that sent it."""
    sent = request.session.get(SENT_KEY)
    if sent is None:
        return redirect("intake:contact")
    promised_by = datetime.fromisoformat(sent["promised_by"])
    return render(
        request, "intake/contact_sent.html", {**sent, "promised_by": promised_by, "zone": settings.CLINIC.zone}
    )


def ask_again(request: HttpRequest, form: ContactForm) -> HttpResponse:
    """The same page with all that was typed, what to do, and the help panel for whoever may not be safe."""
    if not opened_long_enough(request.POST.get("opened", "")):
        shown = request.POST.copy()
        shown["opened"] = opened_now()
        form.data = shown
    return render(request, "intake/contact.html", {"form": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def within_rates(request: HttpRequest, told: inquiries.FirstContact) -> bool:
    """
    Count one more first contact; False when this address, phone or email has sent enough (ROBUSTNESS 5.2).

    allauth's counter keeps to the database cache and reads the client's address as sign-in does.
    """

    def fits(action: str, key: str | None = None) -> bool:
        return bool(ratelimit.consume(request, app="intake", action=action, config=RATES, key=key))

    reached = [each.lower() for each in (told.phone, told.email) if each]
    return fits("inquiry") and all(fits("inquiry_reach", each) for each in reached)
