"""A person's own schedule: the next session, weeks, one session, and their word about coming."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import Actor, policy
from intake import assigned
from intake.models import Patient
from intake.queries import open_own_record
from messaging import moments
from scheduling import actions
from scheduling.forms import CannotComeForm
from scheduling.models import Reply
from scheduling.presentation import title_of, week_page
from scheduling.queries import schedule as queries
from scheduling.queries.schedule import Meeting


class PatientRequest(HttpRequest):
    actor: Actor


def own_meeting(request: PatientRequest, patient: Patient, session: UUID) -> Meeting:
    found = queries.own_meeting(patient, session, timezone.now())
    if found is None:
        raise Http404
    return found


@policy("portal.own")
@require_safe
def my_schedule(request: PatientRequest) -> HttpResponse:
    patient, now = open_own_record(request.actor, "own.schedule"), timezone.now()
    zone = ZoneInfo(patient.location.zone)
    first_weekday = settings.CLINIC.first_weekday
    starts_on = queries.week_start(now.astimezone(zone).date(), first_weekday)
    week = queries.week(patient, starts_on, first_weekday, now)
    context = {
        "patient": patient,
        "now": now,
        "zone": zone,
        "next": queries.next_meeting(patient, now),
        "canceled": queries.canceled_soon(patient, now),
        "nudge": next(iter(assigned.to_do(assigned.forms_of(patient))), None),
        **week_page(week, queries.hours_needed(patient), from_today=True),
    }
    return render(request, "scheduling/my/schedule.html", context)


@policy("portal.own")
@require_safe
def my_week(request: PatientRequest, week: str) -> HttpResponse:
    first_weekday = settings.CLINIC.first_weekday
    starts_on = queries.week_of_slug(week, first_weekday)
    if starts_on is None:
        raise Http404
    patient = open_own_record(request.actor, "own.week")
    shown = queries.week(patient, starts_on, first_weekday, timezone.now())
    context = {"patient": patient, **week_page(shown, queries.hours_needed(patient)), "heading": title_of(shown)}
    return render(request, "scheduling/my/week.html", context)


@policy("portal.own")
@require_safe
def my_session(request: PatientRequest, session: UUID) -> HttpResponse:
    patient = open_own_record(request.actor, "own.session")
    context = {"patient": patient, "meeting": own_meeting(request, patient, session), "now": timezone.now()}
    return render(request, "scheduling/my/session.html", context)


@policy("portal.own")
@require_POST
def confirm(request: PatientRequest, session: UUID) -> HttpResponse:
    patient = open_own_record(request.actor, "own.confirm")
    meeting = own_meeting(request, patient, session)
    if say(request, meeting, patient, Reply.Answer.COMING):
        messages.success(request, gettext("You're confirmed for %s.") % day_and_time(meeting))
    if "from_session" in request.POST:
        return redirect("scheduling:my_session", session)
    return redirect("scheduling:my_schedule")


@policy("portal.own")
@require_http_methods(["GET", "HEAD", "POST"])
def cannot_come(request: PatientRequest, session: UUID) -> HttpResponse:
    patient = open_own_record(request.actor, "own.cannot_come")
    meeting = own_meeting(request, patient, session)
    form = CannotComeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if say(request, meeting, patient, Reply.Answer.CANNOT, reason=form.cleaned_data["reason"]):
            messages.success(request, gettext("Thank you for telling us. Your care team sees it right away."))
        return redirect("scheduling:my_session", session)
    now = timezone.now()
    context = {
        "patient": patient,
        "meeting": meeting,
        "form": form,
        "is_today": meeting.starts_at.date() == now.astimezone(meeting.zone).date(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "scheduling/my/cannot_come.html", context, status=status)


def say(request: PatientRequest, meeting: Meeting, patient: Patient, answer: str, *, reason: str = "") -> bool:
    """Keep the answer; False when it was refused, with the reason on the next page."""
    try:
        actions.reply(session=meeting.session, patient=patient, answer=answer, reason=reason, at=timezone.now())
    except actions.ReplyRefused as refusal:
        messages.warning(request, str(refusal))
        return False
    return True


def day_and_time(meeting: Meeting) -> str:
    """ "Thursday, March 12, 5:30 pm CT"."""
    return f"{moments.long_day(meeting.starts_at, 'en')}, {moments.clock(meeting.starts_at)}"
