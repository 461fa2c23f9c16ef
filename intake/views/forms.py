"""Questionnaires that people answer by themselves, on the clinician's side: give, follow, take back, read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import policy
from intake import assigned, queries
from intake.actions import forms as actions
from intake.assigned import Form
from intake.forms.giving import GiveForm
from intake.instruments import with_text
from intake.models import Patient
from intake.presentation import words_of
from intake.views.flow import StaffRequest

WHO = {"patient": "The person", "collateral": "Somebody for the person"}


@policy("intake.read")
@require_http_methods(["GET", "HEAD", "POST"])
def forms(request: StaffRequest, person: UUID) -> HttpResponse:
    patient, now = queries.open_record(request.actor, person, "forms"), timezone.now()
    if request.method == "POST" and not request.actor.may("intake.write"):
        raise Http404
    today = now.astimezone(ZoneInfo(patient.location.zone)).date()
    form = give_form(request, patient, today)
    if form.is_valid() and give(request, patient, form, now):
        return redirect("intake:forms", patient.public_id)
    readable = assigned.may_be_read(patient)
    context = {
        "patient": patient,
        "rows": [row_of(one, patient, today, readable=readable) for one in assigned.forms_of(patient)],
        "readable": readable,
        "consent_url": "" if readable else consent_url(patient),
        "form": form,
        "may_write": request.actor.may("intake.write"),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "intake/forms/list.html", context, status=status)


def give_form(request: StaffRequest, patient: Patient, today: date) -> GiveForm:
    offered = [with_text(asked, text.body) if text else asked for asked, text in assigned.assignable(patient.language)]
    return GiveForm(
        request.POST if request.method == "POST" else None, offered=offered, language=patient.language, today=today
    )


def give(request: StaffRequest, patient: Patient, form: GiveForm, at: datetime) -> bool:
    asked_for: dict[str, Any] = form.cleaned_data
    by = request.actor.user
    try:
        given = actions.assign(patient=patient, codes=asked_for["codes"], due_on=asked_for["due_on"], by=by, at=at)
    except actions.FormRefused as refusal:
        form.add_error("codes", str(refusal))
        return False
    if given.made:
        number = len(given.made)
        what = "1 form waits" if number == 1 else f"{number} forms wait"
        where = "in the portal" if patient.user_id else "until there is a sign-in for the portal"
        messages.success(request, f"{what} for {patient.called} {where}.")
    if given.waiting:
        messages.warning(request, f"{patient.called} has {titles(given.waiting)} to fill in already.")
    return True


def titles(codes: Iterable[str]) -> str:
    return ", ".join(assigned.load(code).title for code in codes)


def consent_url(patient: Patient) -> str:
    """Where consent is recorded: the first page of the open intake; empty when none is open."""
    intake = queries.draft_of(patient)
    return reverse("intake:page", args=[patient.public_id, intake.public_id, "arrival", 1]) if intake else ""


# ---- Where each stands ----


def row_of(form: Form, patient: Patient, today: date, *, readable: bool) -> dict[str, Any]:
    given = form.assignment
    text, tone = status_of(form, today)
    is_read = bool(given.submitted_at) and readable
    return {
        "form": form,
        "url": reverse("intake:form", args=[patient.public_id, given.public_id]) if is_read else "",
        "status": text,
        "tone": tone,
        "score": score_line(form, patient) if is_read else "",
        "withdraw_url": reverse("intake:withdraw_form", args=[patient.public_id, given.public_id])
        if form.is_open
        else "",
    }


def status_of(form: Form, today: date) -> tuple[str, str]:
    given = form.assignment
    if given.withdrawn_at:
        return "Taken back", ""
    if given.reviewed_at:
        return "Reviewed", "fern"
    if given.submitted_at:
        return "To read", "amber"
    late = ", overdue" if form.is_overdue(today) else ""
    if given.started_at:
        done, total = form.progress
        return f"Started, {done} of {total}{late}", "amber" if late else "dusk"
    return f"Assigned{late}", "amber" if late else "action"


def score_line(form: Form, patient: Patient) -> str:
    """ "17 of 27, moderately severe"; what a form says without its answers."""
    found = form.score(patient.sex_for_clinical_use)
    scoring = form.asked.scoring
    if found is None or scoring is None:
        return ""
    band = scoring.band(found["band"])
    words = (
        [f"{found['total']:g}" + (f" of {scoring.highest}" if scoring.highest else "")]
        if found["total"] is not None
        else []
    )
    if band:
        words.append(band.label.lower() if words else band.label)
    elif found["cut_off"] in ("positive", "negative"):
        words.append("at or above its cut-off" if found["cut_off"] == "positive" else "below its cut-off")
    if found["missing"]:
        words.append(f"{len(found['missing'])} not answered")
    return ", ".join(words) or "No score: too much is not answered"


# ---- One that was sent ----


@policy("intake.read")
@require_safe
def form(request: StaffRequest, person: UUID, form: UUID) -> HttpResponse:
    patient, found = open_form(request, person, form, "forms.read")
    if found.assignment.submitted_at is None:
        raise Http404
    readable = assigned.may_be_read(patient)
    context = {
        "patient": patient,
        "form": found,
        "readable": readable,
        "consent_url": "" if readable else consent_url(patient),
        "who": ", ".join(WHO[who] for who in WHO if who in respondents(found)),
        "score": score_line(found, patient) if readable else "",
        "band": band_text(found, patient) if readable else "",
        "rows": rows_of(found) if readable else [],
        "intake": queries.draft_of(patient),
        "may_write": request.actor.may("intake.write"),
    }
    return render(request, "intake/forms/form.html", context)


def open_form(request: StaffRequest, person: UUID, public_id: UUID, action: str) -> tuple[Patient, Form]:
    patient = queries.open_record(request.actor, person, action)
    found = assigned.form_of(patient, public_id)
    if found is None:
        raise Http404
    return patient, found


def respondents(form: Form) -> set[str]:
    return {entry["respondent"] for entry in form.answers.values()}


def rows_of(form: Form) -> list[dict[str, Any]]:
    """The answers that count; of some that somebody else filled in, those say so."""
    mixed = len(respondents(form)) > 1
    rows = []
    for screen in form.shown:
        entry = form.answers.get(screen.item.code, {})
        said = words_of(form.asked, screen.item, entry)
        if mixed and said:
            said = f"{said} ({WHO[entry['respondent']].lower()})"
        rows.append({"label": screen.item.text, "value": said})
    return rows


def band_text(form: Form, patient: Patient) -> str:
    found, scoring = form.score(patient.sex_for_clinical_use), form.asked.scoring
    band = scoring.band(found["band"]) if found and scoring else None
    return band.text if band else ""


@policy("intake.write")
@require_POST
def review(request: StaffRequest, person: UUID, form: UUID) -> HttpResponse:
    patient, found = open_form(request, person, form, "forms.review")
    if not assigned.may_be_read(patient):
        messages.error(request, "Not yet: record consent to treatment first.")
        return redirect("intake:form", person, form)
    try:
        done = actions.review(assignment=found.assignment, by=request.actor.user, at=timezone.now())
    except actions.FormRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("intake:form", person, form)
    if done.is_new and done.intake:
        messages.success(request, f"{found.asked.title} is read, and its answers are in the intake.")
    elif done.is_new:
        messages.success(request, f"{found.asked.title} is marked as read.")
    return redirect("intake:forms", person)


@policy("intake.write")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, person: UUID, form: UUID) -> HttpResponse:
    patient, found = open_form(request, person, form, "forms.withdraw")
    if request.method == "POST":
        try:
            actions.withdraw(assignment=found.assignment, by=request.actor.user, at=timezone.now())
        except actions.FormRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{found.asked.title} is taken back. {patient.called} no longer sees it.")
        return redirect("intake:forms", person)
    if not found.is_open:
        return redirect("intake:forms", person)
    return render(request, "intake/forms/withdraw.html", {"patient": patient, "form": found})
