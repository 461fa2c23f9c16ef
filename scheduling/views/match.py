"""Find a place: every cohort within reach, what fits, what nearly fits, and why the others do not."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.policies import Actor, policy
from intake.models import Patient
from intake.queries import open_record
from scheduling import actions
from scheduling.permissions import refusal_to_enroll
from scheduling.queries import seats as queries


class StaffRequest(HttpRequest):
    actor: Actor


@policy("match.read")
@require_safe
def match(request: StaffRequest, person: UUID, recommendation: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "match")
    return render(request, "scheduling/match.html", page(request, patient, recommendation))


@policy("enrollment.write")
@require_POST
def enroll(request: StaffRequest, person: UUID, recommendation: UUID, cohort: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "enroll")
    chosen = queries.within_reach(patient, timezone.now()).filter(public_id=cohort).first()
    if chosen is None:
        return refused(request, patient, recommendation, gettext("This cohort is not on offer any more."))
    try:
        done = actions.enroll(patient=patient, cohort=chosen, by=request.actor.user, at=timezone.now())
    except actions.EnrollmentRefused as refusal:
        return refused(request, patient, recommendation, str(refusal))
    left = gettext("%(name)s has a place in %(cohort)s. Places left there: %(left)d.")
    words = {"name": patient.called, "cohort": chosen.name, "left": done.seats_left}
    messages.success(request, left % words)
    return redirect("scheduling:person", patient.public_id)


def refused(request: StaffRequest, patient: Patient, recommendation: UUID, sentence: str) -> HttpResponse:
    """The page as it stands now, with what was in the way and how many others fit."""
    context = page(request, patient, recommendation)
    return render(request, "scheduling/match.html", {**context, "refusal": sentence}, status=HTTPStatus.CONFLICT)


def page(request: StaffRequest, patient: Patient, recommendation: UUID) -> dict[str, Any]:
    where = queries.standing(patient)
    if where.recommendation is None or not queries.is_of(patient, recommendation):
        raise Http404
    held_back = refusal_to_enroll(where, queries.team_names(patient))
    need = queries.need_of(patient, where) if where.is_decided else None
    options = queries.options(patient, need, timezone.now()) if need else []
    near = [option for option in options if option.match.is_near]
    return {
        "patient": patient,
        "recommendation": where.recommendation,
        "held_back": held_back,
        "seats": queries.held(patient),
        "fits": [option for option in options if option.match.fits],
        "near": near,
        "others": [option for option in options if not option.match.fits and not option.match.is_near],
        "wishes": queries.wish_words(need) if need else [],
        "may_enroll": request.actor.may("enrollment.write") and held_back is None,
        "reads_recommendation": request.actor.may("recommendation.read"),
    }
