"""How a person may be reached, and who stands by them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import policy
from intake.actions import contact as actions
from intake.forms.reach import ContactDataForm, SupporterForm, WishForm
from intake.models import Channel, Patient, SupportPerson
from intake.papers import address_of, here, names_in_consent, ways_of
from intake.queries import open_record
from intake.views.flow import StaffRequest


@policy("contact.read")
@require_safe
def contact(request: StaffRequest, person: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "contact")
    context = {
        "patient": patient,
        "ways": ways_of(patient),
        "supporters": patient.support_people.live(),
        "may_write": request.actor.may("contact.write"),
    }
    return render(request, "intake/contact/contact.html", context)


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def change_contact(request: StaffRequest, person: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "contact.change")
    form = ContactDataForm(request.POST or None, initial={"phone": patient.phone, "email": patient.email})
    if form.is_valid():
        actions.change_contact_data(patient=patient, at=timezone.now(), **form.cleaned_data)
        return saved(request, patient, _("Saved. Ask again about a way whose number or address is new."))
    return page(request, "change.html", form, patient=patient)


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_wish(request: StaffRequest, person: UUID, channel: str) -> HttpResponse:
    if channel not in Channel:
        raise Http404
    patient = open_record(request.actor, person, "contact.wish")
    form = WishForm(request.POST or None, patient=patient, channel=channel)
    if form.is_valid():
        actions.record_wish(patient=patient, wish=form.wish, by=request.actor.user, at=timezone.now())
        return saved(request, patient, _("Saved, with the words that were asked."))
    return page(
        request, "wish.html", form, patient=patient, label=Channel(channel).label, address=address_of(patient, channel)
    )


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def add_supporter(request: StaffRequest, person: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "contact.supporter")
    form = SupporterForm(request.POST or None)
    if form.is_valid():
        added = actions.add_supporter(
            patient=patient,
            supporter=form.supporter,
            by=request.actor.user,
            at=timezone.now(),
            key=form.cleaned_data["key"],
        )
        return saved(request, patient, _("%(name)s is added.") % {"name": added.name})
    return page(request, "supporter.html", form, patient=patient)


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def change_supporter(request: StaffRequest, person: UUID, supporter: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "contact.supporter")
    known = find_supporter(patient, supporter)
    form = SupporterForm(request.POST or None, initial=values_of(known))
    if form.is_valid():
        try:
            actions.change_supporter(
                known=known,
                supporter=form.supporter,
                by=request.actor.user,
                at=timezone.now(),
                key=form.cleaned_data["key"],
            )
        except actions.ContactRefused as refused:
            form.add_error(None, str(refused))
            return page(request, "supporter.html", form, HTTPStatus.CONFLICT, patient=patient, known=known)
        return saved(request, patient, _("Saved. What stood there before is kept."))
    return page(request, "supporter.html", form, patient=patient, known=known)


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def end_supporter(request: StaffRequest, person: UUID, supporter: UUID) -> HttpResponse:
    """What follows when somebody no longer stands by the person, and the deed."""
    patient, now = open_record(request.actor, person, "contact.supporter"), timezone.now()
    known, refusal = find_supporter(patient, supporter), ""
    if request.method == "POST":
        try:
            actions.end_supporter(known=known, by=request.actor.user, at=now)
        except actions.ContactRefused as refused:
            refusal = str(refused)
        else:
            return saved(request, patient, _("%(name)s is no longer listed.") % {"name": known.name})
    has_consent = names_in_consent(patient, known, here(patient, now))
    context = {"patient": patient, "known": known, "refusal": refusal, "has_consent": has_consent}
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "intake/contact/end.html", context, status=status)


def find_supporter(patient: Patient, public_id: UUID) -> SupportPerson:
    """Somebody who stands by this person, or did until a moment ago."""
    return get_object_or_404(patient.support_people, public_id=public_id)


def values_of(known: SupportPerson) -> dict[str, Any]:
    return {name: getattr(known, name) for name in ("name", "relation", "phone", "email", "is_emergency_contact")}


def saved(request: StaffRequest, patient: Patient, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("intake:record_contact", patient.public_id)


def page(
    request: StaffRequest, name: str, form: forms.Form, status: HTTPStatus | None = None, **context: Any
) -> HttpResponse:
    known = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, f"intake/contact/{name}", {"form": form, **context}, status=status or known)
