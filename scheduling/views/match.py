"""Find a place: every cohort on offer, what fits, what nearly fits, and why the others do not."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import apnumber
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.policies import Actor, policy
from intake.models import Patient
from intake.money import beside
from intake.papers import here
from intake.queries import open_record
from programs.matching.offers import Blocker, Need
from programs.queries import adjunct_tracks
from scheduling import actions
from scheduling.models import SeatKind
from scheduling.permissions import refusal_to_hold
from scheduling.queries import match as offers
from scheduling.queries import seats as queries
from scheduling.queries.needs import need_of
from scheduling.whatif import WhatIf, chips, impossible_times

SHOWN = 25  # of each list, until all are asked for


class StaffRequest(HttpRequest):
    actor: Actor


@policy("match.read")
@require_safe
def match(request: StaffRequest, person: UUID, recommendation: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "match")
    return render(request, "scheduling/match.html", page(request, patient, recommendation))


@policy("enrollment.write")
@require_POST
def hold(request: StaffRequest, person: UUID, recommendation: UUID, cohort: UUID) -> HttpResponse:
    patient = open_record(request.actor, person, "hold")
    chosen = offers.published(patient, timezone.now()).filter(public_id=cohort).first()
    if chosen is None:
        return refused(request, patient, recommendation, gettext("This cohort is not on offer any more."))
    try:
        kind = SeatKind.ADJUNCT if WhatIf.asked(request.GET).beside else SeatKind.PRIMARY
        done = actions.hold(patient=patient, cohort=chosen, by=request.actor.user, at=timezone.now(), kind=kind)
    except actions.CohortFull:
        taken = gettext("Someone just took the last place in %s.") % chosen.name
        return refused(request, patient, recommendation, taken)
    except actions.EnrollmentRefused as refusal:
        return refused(request, patient, recommendation, str(refusal))
    left = gettext("A place in %(cohort)s is held for %(name)s. Places left there: %(left)d.")
    words = {"name": patient.called, "cohort": chosen.name, "left": done.seats_left}
    messages.success(request, left % words)
    return redirect("scheduling:place", patient.public_id, done.enrollment.public_id)


def refused(request: StaffRequest, patient: Patient, recommendation: UUID, sentence: str) -> HttpResponse:
    """The page as it stands now, with what was in the way and how many others fit."""
    context = page(request, patient, recommendation)
    if context["held_back"] is None:
        sentence = f"{sentence} {others_fit(context['fitting'])}"
    return render(request, "scheduling/match.html", {**context, "refusal": sentence}, status=HTTPStatus.CONFLICT)


def others_fit(count: int) -> str:
    if not count:
        return gettext("No other fits now.")
    words = ngettext("%(n)s other fits.", "%(n)s others fit.", count) % {"n": apnumber(count)}
    return words[:1].upper() + words[1:]


def page(request: StaffRequest, patient: Patient, recommendation: UUID) -> dict[str, Any]:
    where, now = queries.standing(patient), timezone.now()
    if where.recommendation is None or not queries.is_of(patient, recommendation):
        raise Http404
    held_back = refusal_to_hold(where, queries.team_names(patient))
    seats, second = queries.held(patient, now), adjunct_tracks(where.recommendation)
    what_if = WhatIf.asked(request.GET)
    context = {
        "patient": patient,
        "recommendation": where.recommendation,
        "held_back": held_back,
        "seats": seats,
        "may_stand_beside": bool(seats and second) and not what_if.beside,
        "may_enroll": request.actor.may("enrollment.write") and held_back is None,
        "reads_recommendation": request.actor.may("recommendation.read"),
        "fitting": 0,
    }
    if not where.is_decided:
        return context
    need = need_of(patient, where, now)
    if what_if.beside:
        need = replace(need, tracks=frozenset(second), level="")
    beside_all = {"money": beside(patient, here(patient, now))}
    return {**context, **beside_all, **listed(request, patient, need, what_if, offers.offered(patient, now))}


def asking(option: offers.Option, what_if: WhatIf) -> offers.Option:
    """A near miss that lacks a time may be asked about at once."""
    part = option.match.reasons[0].part
    return replace(option, asking=what_if.and_also(part).url()) if part else option


def listed(
    request: StaffRequest, patient: Patient, need: Need, what_if: WhatIf, offered: offers.Offered
) -> dict[str, Any]:
    """The three lists and what counts for them, with how many fit now and how many did before something was asked."""
    options = offered.ranked(what_if.applied(need))
    fits = [option for option in options if option.match.fits]
    near = [asking(option, what_if) for option in options if option.match.is_near]
    others = [option for option in options if not option.match.fits and not option.match.is_near]
    before = sum(option.match.fits for option in offered.ranked(need)) if what_if else len(fits)
    shown = None if "all" in request.GET else SHOWN
    return {
        "fitting": len(fits),
        "more": len(fits) - before,
        "counts": {"fits": len(fits), "near": len(near), "others": len(others)},
        "fits": fits[:shown],
        "near": near[:shown],
        "near_is_full": any(option.match.reasons[0].blocker is Blocker.SEAT for option in near),
        "others": others[:shown],
        "has_more": shown is not None and max(len(fits), len(near), len(others)) > shown,
        "what_if": what_if,
        "chips": chips(need, patient.location.name, what_if),
        "times": impossible_times(what_if.applied(need)),
    }
