"""Consents and coverage on a person's record, and the coordinator's list of coverage to check."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import policy
from intake import coverage_list, money, papers
from intake.actions import papers as actions
from intake.forms.papers import ConsentForm, CoverageForm
from intake.models import Consent, Coverage, Patient
from intake.papers import here
from intake.queries import open_record
from intake.statements import consent_text
from intake.views.answering import number_from
from intake.views.flow import StaffRequest

# ---- Consents ----


@policy("consent.status")
@require_safe
def consents(request: StaffRequest, person: UUID) -> HttpResponse:
    """Who may be told what; a coordinator reads that there is a consent, not what is in it."""
    patient = open_record(request.actor, person, "consents")
    context = {
        "patient": patient,
        "rows": papers.consents_of(patient, here(patient, timezone.now())),
        "reads": request.actor.may("consent.read"),
        "may_write": request.actor.may("consent.write"),
    }
    return render(request, "intake/papers/consents.html", context)


@policy("consent.write")
@require_safe
def choose_consent(request: StaffRequest, person: UUID) -> HttpResponse:
    """The four kinds; none can be combined with another."""
    patient = open_record(request.actor, person, "consent.choose")
    kinds = [(kind, consent_text(kind, patient.language)) for kind in Consent.Kind]
    return render(request, "intake/papers/choose.html", {"patient": patient, "kinds": kinds})


@policy("consent.write")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_consent(request: StaffRequest, person: UUID, kind: str) -> HttpResponse:
    if kind not in Consent.Kind:
        raise Http404
    patient, now = open_record(request.actor, person, "consent.sign"), timezone.now()
    text = consent_text(kind, patient.language)
    form = ConsentForm(request.POST or None, patient=patient, text=text, today=here(patient, now))
    if form.is_valid():
        actions.sign_consent(
            patient=patient, signed=form.signed(), by=request.actor.user, at=now, key=form.cleaned_data["key"]
        )
        messages.success(request, _("The consent is signed and holds from now on."))
        return redirect("intake:consents", patient.public_id)
    context = {"patient": patient, "form": form, "text": text}
    return render(request, "intake/papers/sign.html", context, status=status_of(form))


@policy("consent.read")
@require_safe
def consent(request: StaffRequest, person: UUID, consent: UUID) -> HttpResponse:
    """The consent as it was signed."""
    patient = open_record(request.actor, person, "consent")
    row = papers.consent_row(find_consent(patient, consent), here(patient, timezone.now()))
    context = {"patient": patient, "row": row, "may_write": request.actor.may("consent.write")}
    return render(request, "intake/papers/consent.html", context)


@policy("consent.write")
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_consent(request: StaffRequest, person: UUID, consent: UUID) -> HttpResponse:
    """What stops, and the deed."""
    patient, now = open_record(request.actor, person, "consent.revoke"), timezone.now()
    found, refusal = find_consent(patient, consent), ""
    if request.method == "POST":
        try:
            actions.revoke_consent(consent=found, by=request.actor.user, at=now)
        except actions.PaperRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Sharing has stopped. Nothing is shared because of this consent any more."))
            return redirect("intake:consent", patient.public_id, found.public_id)
    row = papers.consent_row(find_consent(patient, consent), here(patient, now))
    context = {"patient": patient, "row": row, "refusal": refusal}
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "intake/papers/revoke.html", context, status=status)


def find_consent(patient: Patient, public_id: UUID) -> Consent:
    rows = patient.consents.select_related("support_person", "recorded_by", "revoked_by")
    return get_object_or_404(rows, public_id=public_id)


# ---- Coverage ----


@policy("contact.read")
@require_safe
def coverage(request: StaffRequest, person: UUID) -> HttpResponse:
    """What the payer said last and what was said before, what is authorized, and what it may cost."""
    patient = open_record(request.actor, person, "coverage")
    today, reads = here(patient, timezone.now()), request.actor.may("money.read")
    context = {
        "patient": patient,
        "found": papers.coverages_of(patient, today),
        "money": money.money_of(patient, today, reads=reads),
        "reads": reads,
        "may_write": request.actor.may("contact.write"),
        "writes_money": request.actor.may("money.write"),
    }
    return render(request, "intake/papers/coverage.html", context)


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def check_coverage(request: StaffRequest, person: UUID, rank: int) -> HttpResponse:
    """Note what the payer said; what was said the last time stands there, but not who said it and when."""
    if rank not in Coverage.Rank:
        raise Http404
    patient, now = open_record(request.actor, person, "coverage.check"), timezone.now()
    live = papers.live_coverage(patient, rank)
    form = CoverageForm(request.POST or None, today=here(patient, now), initial=from_before(live))
    context = {"patient": patient, "form": form, "rank": Coverage.Rank(rank), "before": live}
    if not form.is_valid():
        return render(request, "intake/papers/check.html", context, status=status_of(form))
    try:
        actions.save_check(
            patient=patient,
            rank=rank,
            told=form.told,
            seen=form.cleaned_data["seen"],
            by=request.actor.user,
            at=now,
            key=form.cleaned_data["key"],
        )
    except actions.PaperRefused as refused:
        # The next press is meant: it follows after the colleague's check was on the screen.
        current = papers.live_coverage(patient, rank)
        form.data = {**request.POST.dict(), "seen": str(current.public_id) if current else ""}
        form.add_error(None, str(refused))
        context["other"] = papers.Check(current, here(patient, now)) if current else None
        return render(request, "intake/papers/check.html", context, status=HTTPStatus.CONFLICT)
    messages.success(request, _("The check is saved."))
    return redirect("intake:coverage", patient.public_id)


def from_before(live: Coverage | None) -> dict[str, Any]:
    if live is None:
        return {}
    known = {name: getattr(live, name) for name in CoverageForm.Meta.fields if name not in CoverageForm.ASKED_ANEW}
    answers = {True: "yes", False: "no", None: ""}
    for name in ("telehealth_covered", "authorization_needed"):
        known[name] = answers[known[name]]
    return {**known, "seen": live.public_id}


@policy("contact.write")
@require_http_methods(["GET", "HEAD", "POST"])
def end_coverage(request: StaffRequest, person: UUID, coverage: UUID) -> HttpResponse:
    """What follows when somebody is no longer insured there, and the deed."""
    patient = open_record(request.actor, person, "coverage.end")
    found, refusal = get_object_or_404(patient.coverages, public_id=coverage), ""
    if request.method == "POST":
        try:
            actions.end_coverage(coverage=found, at=timezone.now())
        except actions.PaperRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("%(payer)s is noted as ended.") % {"payer": found.payer})
            return redirect("intake:coverage", patient.public_id)
    context = {"patient": patient, "coverage": found, "refusal": refusal}
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "intake/papers/end_coverage.html", context, status=status)


@policy("coverage.list")
@require_safe
def coverages(request: StaffRequest) -> HttpResponse:
    found = coverage_list.worklist(
        actor=request.actor,
        chosen=request.GET.get("show", "todo"),
        rows=number_from(request.GET.get("rows", ""), digits=3),
        today=timezone.now().astimezone(settings.CLINIC.zone).date(),
    )
    context = {"worklist": found, "may_write": request.actor.may("contact.write")}
    return render(request, "intake/papers/coverages.html", context)


def status_of(form: ConsentForm | CoverageForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
