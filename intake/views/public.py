"""The first contact: no account, nobody is looked up, nothing is kept before it is sent."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import PUBLIC, policy
from intake.actions import inquiries
from intake.forms.contact import BY_SLUG, CHECK, ORDER, RETURNS, Contact, summary
from intake.models import Inquiry

SENT_KEY = "inquiry_sent"
RATES = {"inquiry": "5/h/ip,20/d/ip", "inquiry_reach": "3/d/key"}


@policy(PUBLIC)
@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    return show_step(request, Contact.begun(), ORDER[0])


@policy(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_step(request: HttpRequest, step: str) -> HttpResponse:
    """Show the step that was asked for, or the first one before it that is to be mended."""
    if step not in ORDER:
        raise Http404
    if request.method != "POST":
        return redirect("intake:contact")  # what was typed travels with the form, not with the address
    told = Contact(request.POST.dict())
    wrong = told.first_wrong(before=step)
    if wrong:
        return show_step(request, told, wrong, told.checked[wrong])
    return show_check(request, told) if step == CHECK else show_step(request, told, step)


@policy(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_sent(request: HttpRequest) -> HttpResponse:
    """Send; then what happens next, by when, and the number to quote, only in the browser that sent it."""
    if request.method == "POST":
        return send(request, Contact(request.POST.dict()))
    sent = request.session.get(SENT_KEY)
    if sent is None:
        return redirect("intake:contact")
    promised_by = datetime.fromisoformat(sent["promised_by"])
    return render(
        request, "intake/contact_sent.html", {**sent, "promised_by": promised_by, "zone": settings.CLINIC.zone}
    )


def send(request: HttpRequest, told: Contact) -> HttpResponse:
    wrong = told.first_wrong(before=CHECK)
    if wrong:
        return show_step(request, told, wrong, told.checked[wrong])
    if told.is_quick:
        quick = _("That was very quick. Look over what you wrote and send it again.")
        return show_check(request, told.renewed(), HTTPStatus.UNPROCESSABLE_ENTITY, error=quick)
    first_contact = inquiries.FirstContact(**told.told)
    try:
        inquiry = inquiries.receive(
            contact=first_contact,
            form_key=told.form_key,
            zone=settings.CLINIC.zone,
            at=timezone.now(),
            may_send=partial(within_rates, request, first_contact),
        )
    except inquiries.TooManySent:
        return show_check(request, told, HTTPStatus.TOO_MANY_REQUESTS, too_many=True)
    except inquiries.SentDifferently as refusal:
        return show_check(request, told, HTTPStatus.UNPROCESSABLE_ENTITY, sent_as=refusal.number)
    request.session[SENT_KEY] = {
        "number": inquiry.number,
        "promised_by": inquiry.promised_by.isoformat(),
        "reach_by": inquiry.reach_by,
        "is_safe": inquiry.safe_now == Inquiry.Safe.YES,
    }
    return redirect("intake:contact_sent")


def show_step(request: HttpRequest, told: Contact, slug: str, mend: forms.Form | None = None) -> HttpResponse:
    """One step with all the others carried along; `mend` is its form with what is to be put right."""
    number = ORDER.index(slug)
    returns = RETURNS in told.typed
    page = {
        "form": mend or told.form(slug),
        "step": BY_SLUG[slug],
        "fields": f"intake/contact_step_{slug}.html",
        "number": number + 1,
        "steps": len(ORDER),
        "carried": told.carried(slug),
        "next": CHECK if returns else ORDER[number + 1],
        "back": None if returns or number == 0 else ORDER[number - 1],
        "returns": returns,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if mend else HTTPStatus.OK
    return render(request, "intake/contact.html", page, status=status)


def show_check(request: HttpRequest, told: Contact, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> HttpResponse:
    """All that was told, in words, before it is sent."""
    page = {"told": told.told, "summary": summary(told.told), "carried": told.carried(CHECK), "number": len(ORDER)}
    page |= {"steps": len(ORDER), **more}
    return render(request, "intake/contact_check.html", page, status=status)


def within_rates(request: HttpRequest, told: inquiries.FirstContact) -> bool:
    """
    Count one more first contact; False when this address, phone or email has sent enough (ROBUSTNESS 5.2).

    allauth's counter keeps to the database cache and reads the client's address as sign-in does.
    """

    def fits(action: str, key: str | None = None) -> bool:
        return bool(ratelimit.consume(request, app="intake", action=action, config=RATES, key=key))

    reached = [each.lower() for each in (told.phone, told.email) if each]
    return fits("inquiry") and all(fits("inquiry_reach", each) for each in reached)
