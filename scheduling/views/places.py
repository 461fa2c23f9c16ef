"""One person's place in a cohort: what comes before it is theirs, taking it, changing it, completing it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import Actor, policy
from intake.models import Patient
from intake.queries import note_opened, open_record
from intake.statements import group_agreement
from scheduling import actions, checklist
from scheduling.forms import AgreementForm, MoveForm
from scheduling.models import Enrollment
from scheduling.permissions import refusal_to_end, refusal_to_enroll
from scheduling.queries import places
from scheduling.queries import staff as queries
from scheduling.queries.straight import seat_to_take


class StaffRequest(HttpRequest):
    actor: Actor


def open_place(request: StaffRequest, person: UUID, enrollment: UUID, action: str) -> tuple[Patient, Enrollment]:
    patient = open_record(request.actor, person, action)
    seat = queries.seat_of(patient, enrollment)
    if seat is None:
        raise Http404
    return patient, seat


@policy("match.read")
@require_safe
def place(request: StaffRequest, person: UUID, enrollment: UUID) -> HttpResponse:
    """The enrollment page: the list, and the one next step."""
    return draw(request, *open_place(request, person, enrollment, "place"))


def draw(request: StaffRequest, patient: Patient, seat: Enrollment, refusal: str = "") -> HttpResponse:
    now = timezone.now()
    ahead = places.ahead_of(patient, seat.cohort, now)
    context = {
        "patient": patient,
        "seat": seat,
        "rows": checklist.rows(seat, ahead, request.actor, now),
        "has_run_out": seat.has_run_out(now) or (seat.enrolled_at is None and seat.ended_at and not seat.ended_by_id),
        "held_back": refusal_to_enroll(ahead),
        "recommendation": ahead.where.recommendation,
        "leaving": places.main_elsewhere(seat) if seat.state == Enrollment.State.HELD else None,
        "may_write": request.actor.may("enrollment.write"),
        "refusal": refusal,
    }
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "scheduling/place.html", context, status=status)


@policy("enrollment.write")
@require_POST
def take(request: StaffRequest, person: UUID, enrollment: UUID) -> HttpResponse:
    """Enroll: the held place becomes the person's own."""
    # Read as a save is, and on record all the same; it comes by the door when the page has to be shown again.
    seat = seat_to_take(request.actor, person, enrollment)
    if seat is None:
        raise Http404
    note_opened(request.actor, person, "enroll")
    try:
        done = actions.enroll_from_hold(enrollment=seat, by=request.actor.user, at=timezone.now())
    except (actions.EnrollmentRefused, actions.WithdrawalRefused) as refused:
        return draw(request, *open_place(request, person, enrollment, "place"), str(refused))
    words = gettext("%(name)s has a place in %(cohort)s. Places left there: %(left)d.")
    names = {"name": seat.patient.called, "cohort": seat.cohort.name, "left": done.seats_left}
    messages.success(request, words % names)
    return redirect("scheduling:person", person)


@policy("enrollment.write")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, person: UUID, enrollment: UUID) -> HttpResponse:
    """To another cohort that fits; what follows from it stands above the button."""
    patient, seat = open_place(request, person, enrollment, "move")
    now = timezone.now()
    options = places.other_options(seat, now)
    form = MoveForm(request.POST if request.method == "POST" else None, options=options)
    refusal = refusal_to_end(seat, now) or ""
    if form.is_valid() and not refusal:
        chosen = form.cleaned_data["cohort"].cohort
        try:
            actions.transfer(
                enrollment=seat, cohort=chosen, by=request.actor.user, at=now, reason=form.cleaned_data["reason"]
            )
        except (actions.EnrollmentRefused, actions.WithdrawalRefused) as refused:
            refusal = str(refused)
        else:
            words = gettext("%(name)s has moved from %(old)s to %(new)s.")
            names = {"name": patient.called, "old": seat.cohort.name, "new": chosen.name}
            messages.success(request, words % names)
            return redirect("scheduling:person", patient.public_id)
    context = {"patient": patient, "seat": seat, "form": form, "refusal": refusal, "options": options}
    return render(request, "scheduling/move.html", context, status=status_of(request, form, refusal))


@policy("enrollment.write")
@require_http_methods(["GET", "HEAD", "POST"])
def complete(request: StaffRequest, person: UUID, enrollment: UUID) -> HttpResponse:
    """What noting a program as completed does, and the deed."""
    patient, seat = open_place(request, person, enrollment, "complete")
    now = timezone.now()
    refusal = refusal_to_end(seat, now) or ""
    if request.method == "POST":
        try:
            actions.complete(enrollment=seat, by=request.actor.user, at=now)
        except (actions.EnrollmentRefused, actions.WithdrawalRefused) as refused:
            refusal = str(refused)
        else:
            words = gettext("%(name)s has completed %(cohort)s.")
            messages.success(request, words % {"name": patient.called, "cohort": seat.cohort.name})
            return redirect("scheduling:person", patient.public_id)
    context = {"patient": patient, "seat": seat, "refusal": refusal, "ahead": queries.sessions_left(seat.cohort, now)}
    status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    return render(request, "scheduling/complete.html", context, status=status)


@policy("consent.write")
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: StaffRequest, person: UUID) -> HttpResponse:
    """The group agreement, read and signed on one page."""
    patient = open_record(request.actor, person, "agreement.sign")
    words = group_agreement(patient.language)
    form = AgreementForm(request.POST or None, patient=patient, words=words)
    if form.is_valid():
        actions.sign_group_agreement(
            patient=patient,
            words=words,
            signature=form.cleaned_data["signature"],
            by=request.actor.user,
            at=timezone.now(),
            key=form.cleaned_data["key"],
        )
        messages.success(request, gettext("The group agreement is signed."))
        held = places.newest_open(patient, timezone.now())
        if held:
            return redirect("scheduling:place", patient.public_id, held.public_id)
        return redirect("scheduling:person", patient.public_id)
    context = {"patient": patient, "form": form, "agreement": words}
    return render(request, "scheduling/agreement.html", context, status=status_of(request, form, ""))


def status_of(request: HttpRequest, form: Any, refusal: str) -> HTTPStatus:
    if request.method == "POST" and refusal:
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
