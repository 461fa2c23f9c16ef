"""The recommendation: read it, see how it was worked out, clear a check, decide."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import Actor, policy
from intake.instruments import load as definition
from intake.models import Patient
from intake.queries import Given, open_record, scored_since
from programs import actions, queries, words
from programs.forms import ClearanceForm, DecisionForm
from programs.models import Clearance, Recommendation
from programs.presentation import hard_areas, page_of
from programs.working import worked_out

STALE_DAYS = 30


class StaffRequest(HttpRequest):
    actor: Actor


def load(request: StaffRequest, person: UUID, recommendation: UUID) -> tuple[Patient, Recommendation]:
    """The person through the one door, and a recommendation of theirs."""
    patient = open_record(request.actor, person, action="recommendation")
    found = queries.recommendation_of(patient, recommendation)
    if found is None:
        raise Http404
    return patient, found


def page_context(request: StaffRequest, patient: Patient, recommendation: Recommendation) -> dict[str, Any]:
    now, assessment = timezone.now(), recommendation.assessment
    given = Given(assessment)
    page = page_of(recommendation.result, recommendation.facts["facts"], given.behind)
    decisions = queries.decisions_of(assessment)
    decision = next((each for each in decisions if each.recommendation == recommendation), None)
    return {
        "patient": patient,
        "recommendation": recommendation,
        "intake": assessment,
        "page": page,
        "worked": worked_out(recommendation),
        "decision": decision,
        "earlier": [each for each in decisions if each != decision],
        "newer": queries.newer_than(recommendation),
        "is_old": queries.age_in_days(assessment, now) > STALE_DAYS,
        "new_scores": [definition(each.code).title for each in scored_since(assessment)],
        "goals": given.text("goals", "own_words"),
        "may_decide": request.actor.may("recommendation.decide"),
        "may_ask": request.actor.may("intake.write"),
    }


def decision_form(recommendation: Recommendation, data: Any = None) -> DecisionForm:
    proposed = [(code, words.track_name(code)) for code in queries.proposed_tracks(recommendation)]
    return DecisionForm(data, proposed=proposed, on_hold=queries.on_hold(recommendation))


@policy("recommendation.read")
@require_safe
def findings(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    """Where signing leads: the recommendation, or the findings alone when the rules could not be worked out."""
    patient = open_record(request.actor, person, action="findings")
    assessment = queries.signed_assessment(patient, intake)
    if assessment is None:
        raise Http404
    newest = queries.newest_recommendation(assessment)
    if newest:
        return redirect("programs:recommendation", patient.public_id, newest.public_id)
    rules = queries.published_rules()
    context = {
        "patient": patient,
        "intake": assessment,
        "rules": rules,
        "later": queries.approved_after(rules, assessment),
    }
    return render(request, "programs/findings.html", context)


@policy("recommendation.decide")
@require_POST
def work_out(request: StaffRequest, person: UUID, intake: UUID) -> HttpResponse:
    """Evaluate the rules again over a signed intake: after a failure, or because time has passed."""
    patient = open_record(request.actor, person, action="work_out")
    assessment = queries.signed_assessment(patient, intake)
    if assessment is None:
        raise Http404
    try:
        made = actions.recommend(assessment=assessment, at=timezone.now())
    except actions.RulesFailed as failure:
        messages.error(request, str(failure))
        return redirect("programs:findings", patient.public_id, assessment.public_id)
    return redirect("programs:recommendation", patient.public_id, made.public_id)


@policy("recommendation.read")
@require_safe
def recommendation(request: StaffRequest, person: UUID, recommendation: UUID) -> HttpResponse:
    patient, found = load(request, person, recommendation)
    context = page_context(request, patient, found)
    context["change"] = "change" in request.GET
    return render(request, "programs/recommendation.html", {**context, "form": decision_form(found)})


@policy("recommendation.decide")
@require_POST
def decide(request: StaffRequest, person: UUID, recommendation: UUID) -> HttpResponse:
    patient, found = load(request, person, recommendation)
    form = decision_form(found, request.POST)
    if form.is_valid():
        try:
            actions.decide(recommendation=found, chosen=form.chosen(), by=request.actor.user, at=timezone.now())
        except actions.DecisionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("programs:recommendation", patient.public_id, found.public_id)
    context = {**page_context(request, patient, found), "form": form, "change": True}
    return render(request, "programs/recommendation.html", context, status=422)


@policy("recommendation.decide")
@require_http_methods(["GET", "POST"])
def clear(request: StaffRequest, person: UUID, recommendation: UUID, gate: str) -> HttpResponse:
    """Record that the check behind a gate was done; the rules are worked out again."""
    patient, found = load(request, person, recommendation)
    if gate not in Clearance.Gate.values:
        raise Http404
    now = timezone.now()
    form = ClearanceForm(request.POST or None, today=queries.local_day(found.assessment, now))
    if form.is_valid():
        try:
            made = actions.clear_gate(
                recommendation=found, gate=gate, by=request.actor.user, at=now, **form.cleaned_data
            )
        except actions.DecisionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Recorded, and worked out again.")
            return redirect("programs:recommendation", patient.public_id, made.public_id)
    page = page_of(found.result, found.facts["facts"], Given(found.assessment).behind)
    row = next((row for row in [*page.gates, *page.later_gates] if row.id == gate), None)
    context = {"patient": patient, "recommendation": found, "gate": Clearance.Gate(gate), "row": row, "form": form}
    return render(request, "programs/clear.html", context, status=422 if form.errors else 200)


@policy("recommendation.read")
@require_safe
def how(request: StaffRequest, person: UUID, recommendation: UUID) -> HttpResponse:
    """Every row that was read, with what it read and what came of it."""
    patient, found = load(request, person, recommendation)
    context: dict[str, Any] = {"patient": patient, "intake": found.assessment, "recommendation": found}
    context |= {"as_of": date.fromisoformat(found.facts["as_of"]), "reasons": found.result["reasons"]}
    return render(request, "programs/how.html", {**context, "worked": worked_out(found)})


@policy("recommendation.read")
@require_safe
def person_version(request: StaffRequest, person: UUID, recommendation: UUID) -> HttpResponse:
    """The same result in plain words, to print or to turn around."""
    patient, found = load(request, person, recommendation)
    context = page_context(request, patient, found)
    context["tracks"] = queries.tracks_in_plain_words(found)
    context["hard"] = hard_areas(found.facts["facts"])
    return render(request, "programs/person_version.html", context)
