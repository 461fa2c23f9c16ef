"""Today, a person's summary, a session's roster, and giving a seat up."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.policies import Actor, policy
from intake import safety
from intake.assigned import waiting_for_review
from intake.papers import glance, here
from intake.queries import open_record
from intake.worklist import worklist
from scheduling import actions
from scheduling.models import Enrollment, Reply, Session
from scheduling.permissions import refusal_to_withdraw
from scheduling.queries import seats
from scheduling.queries import staff as queries
from scheduling.standing import Standing


class StaffRequest(HttpRequest):
    actor: Actor


@policy("staff.today")
@require_safe
def today(request: StaffRequest) -> HttpResponse:
    """Tiles that lead to their lists, then the day in order of time; what a role does not do is not there."""
    actor, now = request.actor, timezone.now()
    zone = queries.zone_of(actor.user)
    context: dict[str, Any] = {
        "now": now,
        "zone": zone,
        "sessions": list(queries.sessions_on(actor, now.astimezone(zone).date())),
        "waiting": queries.first_page(queries.waiting_for_a_place(actor)),
        "places_only": actor.role != Role.CLINICIAN,
    }
    if actor.may("intake.write"):
        context["drafts"] = queries.first_page(queries.drafts_of(actor))
        context["forms"] = queries.first_page(waiting_for_review(actor))
    if actor.may("inquiry.read"):
        context["inquiries"] = worklist(actor=actor, chosen="new", rows=queries.PAGE, now=now, zone=zone)
    if actor.role == Role.SUPERVISOR:
        context["alerts"] = safety.worklist(actor=actor, chosen="open", rows=queries.PAGE, now=now)
    if actor.may("safety.read"):
        context["safety"] = context["alerts"].counts if "alerts" in context else safety.counts(actor=actor, now=now)
    context["cannot"] = sum(session.cannot for session in context["sessions"])
    return render(request, "scheduling/today.html", context)


@policy("patient.read")
@require_safe
def person(request: StaffRequest, person: UUID) -> HttpResponse:
    """Where somebody stands on the road, and the one next step."""
    patient, now = open_record(request.actor, person, "summary"), timezone.now()
    found = queries.summary(patient, now)
    where = seats.standing(patient)
    context = {
        "patient": patient,
        "summary": found,
        "papers": glance(patient, here(patient, now)),
        "next_session": found.next_session,
        "now": now,
        "where": where,
        "step": next_step(request.actor, patient.public_id, found, where),
        "reads_intake": request.actor.may("intake.read"),
        "reads_recommendation": request.actor.may("recommendation.read"),
        "keeps_apart": request.actor.may("keepapart.write"),
        "may_withdraw": request.actor.may("enrollment.write"),
    }
    return render(request, "scheduling/person.html", context)


def next_step(actor: Actor, person: UUID, found: queries.Summary, where: Standing) -> dict[str, str] | None:
    """The one main action of the summary; None when the next step is somebody else's."""
    match_url = where.recommendation and reverse("scheduling:match", args=[person, where.recommendation.public_id])
    if any(seat.state == Enrollment.State.ACTIVE for seat in found.enrollments):
        return None
    if found.held and actor.may("match.read"):
        return {"label": gettext("Enroll"), "url": reverse("scheduling:place", args=[person, found.held[0].public_id])}
    if found.draft and actor.may("intake.write"):
        url = reverse("intake:tasks", args=[person, found.draft.public_id])
        return {"label": gettext("Continue the intake"), "url": url}
    if where.is_decided and match_url and actor.may("match.read"):
        return {"label": gettext("Find a place"), "url": match_url}
    if where.recommendation and actor.may("recommendation.read"):
        url = reverse("programs:recommendation", args=[person, where.recommendation.public_id])
        return {"label": gettext("See what the intake points to"), "url": url}
    if found.signed and actor.may("recommendation.read"):
        url = reverse("programs:findings", args=[person, found.signed.public_id])
        return {"label": gettext("See the findings"), "url": url}
    if not found.signed and not found.draft and actor.may("intake.write"):
        return {"label": gettext("Start intake"), "url": reverse("intake:start_intake", args=[person]), "post": "yes"}
    return None


@policy("session.read")
@require_safe
def session(request: StaffRequest, session: UUID) -> HttpResponse:
    found = own_session(request, session)
    roster = queries.roster(request.actor, found)
    context = {
        "session": found,
        "zone": found.place_zone,
        "roster": roster,
        "coming": roster.count(Reply.Answer.COMING),
        "cannot": roster.count(Reply.Answer.CANNOT),
        "leads": found.facilitator_id == request.actor.user.pk,
    }
    return render(request, "scheduling/session.html", context)


def own_session(request: StaffRequest, public_id: UUID) -> Session:
    rows = Session.objects.visible_to(request.actor)
    rows = rows.select_related("cohort__location", "cohort__program", "room", "facilitator")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@policy("enrollment.write")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, person: UUID, enrollment: UUID) -> HttpResponse:
    """What giving a seat up would do, and the deed."""
    patient = open_record(request.actor, person, "withdraw")
    seat = queries.seat_of(patient, enrollment)
    if seat is None:
        raise Http404
    now = timezone.now()
    refusal = refusal_to_withdraw(seat, now)
    if request.method == "POST":
        try:
            actions.withdraw(enrollment=seat, by=request.actor.user, at=now)
        except (actions.WithdrawalRefused, actions.EnrollmentRefused) as refused:
            refusal = str(refused)
        else:
            words = gettext("%(name)s has given up the place in %(cohort)s.")
            messages.success(request, words % {"name": patient.called, "cohort": seat.cohort.name})
            return redirect("scheduling:person", patient.public_id)
    ahead = queries.sessions_left(seat.cohort, now)
    context = {"patient": patient, "seat": seat, "refusal": refusal, "ahead": ahead}
    status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    return render(request, "scheduling/withdraw.html", context, status=status)
