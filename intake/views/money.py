"""Authorizations, estimates and payment plans on a person's record."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.policies import policy
from intake import authorized, money
from intake.actions import money as actions
from intake.actions.papers import PaperRefused
from intake.forms.money import AuthorizationForm, EstimateForm, GivenForm, PlanForm
from intake.models import Authorization, Coverage, Patient
from intake.papers import here, live_coverage
from intake.queries import open_record
from intake.views.flow import StaffRequest

# What is asked anew each time, since somebody said it anew.
ASKED_ANEW = frozenset({"told_by", "told_on", "reference"})


def status_of(form: forms.BaseForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


# ---- Authorizations ----


@policy("money.write")
@require_http_methods(["GET", "HEAD", "POST"])
def add_authorization(request: StaffRequest, person: UUID) -> HttpResponse:
    """Note that a payer was asked for an authorization, or what it decided."""
    patient = open_record(request.actor, person, "authorization.add")
    live = live_coverage(patient, Coverage.Rank.FIRST)
    return write_authorization(request, patient, None, {"payer": live.payer if live else ""})


@policy("money.write")
@require_http_methods(["GET", "HEAD", "POST"])
def change_authorization(request: StaffRequest, person: UUID, authorization: UUID) -> HttpResponse:
    """A decision, an extension or a correction; what stood there before stays readable."""
    patient = open_record(request.actor, person, "authorization.change")
    before = get_object_or_404(patient.authorizations, public_id=authorization)
    known = {name: getattr(before, name) for name in authorized.LABELS if name not in ASKED_ANEW}
    return write_authorization(request, patient, before, known)


def write_authorization(
    request: StaffRequest, patient: Patient, before: Authorization | None, known: dict[str, Any]
) -> HttpResponse:
    now = timezone.now()
    form = AuthorizationForm(request.POST or None, today=here(patient, now), initial=known)
    context = {"patient": patient, "form": form, "before": before}
    status = status_of(form)
    if form.is_valid():
        try:
            actions.save_authorization(
                patient=patient,
                told=form.told,
                follows=before.public_id if before else None,
                by=request.actor.user,
                at=now,
                key=form.cleaned_data["key"],
            )
        except PaperRefused as refused:
            form.add_error(None, str(refused))
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("The authorization is saved."))
            return redirect("intake:coverage", patient.public_id)
    return render(request, "intake/money/authorization.html", context, status=status)


# ---- Estimates ----


@policy("money.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new_estimate(request: StaffRequest, person: UUID) -> HttpResponse:
    """Write a self-pay estimate: what it is for, the lines, and what the household's income takes off."""
    patient, now = open_record(request.actor, person, "estimate.write"), timezone.now()
    today = here(patient, now)
    scale, before = money.scale_on(today), patient.estimates.live().first()
    seen = {"seen": before.public_id if before else None, "since_on": today}
    form = EstimateForm(request.POST or None, today=today, initial=seen)
    status = status_of(form)
    if form.is_valid():
        try:
            written = actions.write_estimate(
                patient=patient,
                expected=form.expected,
                scale=scale,
                seen=form.cleaned_data["seen"],
                by=request.actor.user,
                at=now,
                key=form.cleaned_data["key"],
            )
        except PaperRefused as refused:
            # The next press is meant: it follows after the colleague's estimate could be read.
            current = patient.estimates.live().first()
            form.data = {**request.POST.dict(), "seen": str(current.public_id) if current else ""}
            form.add_error(None, str(refused))
            before, status = current, HTTPStatus.CONFLICT
        else:
            messages.success(request, _("The estimate is written. Give it to the person, and note when."))
            return redirect("intake:estimate", patient.public_id, written.public_id)
    context = {"patient": patient, "form": form, "scale": scale, "before": before, "today": today}
    return render(request, "intake/money/new_estimate.html", context, status=status)


@policy("money.read")
@require_http_methods(["GET", "HEAD", "POST"])
def estimate(request: StaffRequest, person: UUID, estimate: UUID) -> HttpResponse:
    """The estimate as the person gets it, and when they got it."""
    patient, now = open_record(request.actor, person, "estimate"), timezone.now()
    today = here(patient, now)
    rows = patient.estimates.select_related("recorded_by", "given_by").prefetch_related("lines")
    found = get_object_or_404(rows, public_id=estimate)
    may_write = request.actor.may("money.write")
    form = GivenForm(
        request.POST if may_write and request.method == "POST" else None,
        estimate=found,
        today=today,
        written_on=here(patient, found.recorded_at),
        initial={"given_on": today},
    )
    status = status_of(form)
    if form.is_valid():
        try:
            actions.give_estimate(
                estimate=found,
                on=form.cleaned_data["given_on"],
                how=form.cleaned_data["given_how"],
                by=request.actor.user,
            )
        except PaperRefused as refused:
            form.add_error(None, str(refused))
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("It is noted that the person has the estimate."))
            return redirect("intake:estimate", patient.public_id, found.public_id)
    context = {"patient": patient, "form": form, "row": money.Estimated(found, today), "may_write": may_write}
    return render(request, "intake/money/estimate.html", context, status=status)


# ---- Payment plans ----


@policy("money.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new_plan(request: StaffRequest, person: UUID) -> HttpResponse:
    """Agree on paying in parts."""
    patient, now = open_record(request.actor, person, "plan.agree"), timezone.now()
    today = here(patient, now)
    estimated, before = patient.estimates.live().first(), patient.payment_plans.live().first()
    known = {
        "total": estimated.amount if estimated else None,
        "agreed_on": today,
        "seen": before.public_id if before else None,
    }
    form = PlanForm(request.POST or None, today=today, initial=known)
    status = status_of(form)
    if form.is_valid():
        try:
            actions.agree_plan(
                patient=patient,
                terms=form.terms,
                seen=form.cleaned_data["seen"],
                by=request.actor.user,
                at=now,
                key=form.cleaned_data["key"],
            )
        except PaperRefused as refused:
            current = patient.payment_plans.live().first()
            form.data = {**request.POST.dict(), "seen": str(current.public_id) if current else ""}
            form.add_error(None, str(refused))
            before, status = current, HTTPStatus.CONFLICT
        else:
            messages.success(request, _("The payment plan is saved."))
            return redirect("intake:coverage", patient.public_id)
    context = {"patient": patient, "form": form, "before": before}
    return render(request, "intake/money/new_plan.html", context, status=status)


@policy("money.write")
@require_http_methods(["GET", "HEAD", "POST"])
def end_plan(request: StaffRequest, person: UUID, plan: UUID) -> HttpResponse:
    """What follows when a payment plan no longer holds, and the deed."""
    patient = open_record(request.actor, person, "plan.end")
    found, refusal = get_object_or_404(patient.payment_plans, public_id=plan), ""
    if request.method == "POST":
        try:
            actions.end_plan(plan=found, by=request.actor.user, at=timezone.now())
        except PaperRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("The payment plan is noted as ended."))
            return redirect("intake:coverage", patient.public_id)
    context = {"patient": patient, "plan": found, "refusal": refusal}
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "intake/money/end_plan.html", context, status=status)
