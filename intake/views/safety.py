"""The worklist of alerts, the alerts of one person, one alert, and the safety plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import policy
from intake import protocol, queries
from intake import safety as questions
from intake.actions import safety as actions
from intake.forms.safety import EntryForm, LevelForm, MoveForm, OpenForm, OwnerForm, PlanForm
from intake.models import Patient, SafetyEvent, SafetyPlan
from intake.permissions import refusal_to_move, refusal_to_set_level
from intake.safety import Row
from intake.views.answering import number_from
from intake.views.flow import StaffRequest

RATES = {"close": "5/5m/key"}
TOO_MANY = "That was too many tries. Wait five minutes, then close it. What you wrote is below."
OVERTAKEN = HTTPStatus.CONFLICT
TO_CORRECT = HTTPStatus.UNPROCESSABLE_ENTITY


# ---- The worklist ----


@policy("safety.read")
@require_safe
def safety(request: StaffRequest) -> HttpResponse:
    """What is overdue, then what is due next."""
    found = questions.worklist(
        actor=request.actor,
        chosen=request.GET.get("show", "open"),
        rows=number_from(request.GET.get("rows", ""), digits=3),
        now=timezone.now(),
    )
    return render(request, "intake/safety/worklist.html", {"worklist": found, "now": timezone.now()})


# ---- One person ----


@policy("safety.read")
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: StaffRequest, person: UUID) -> HttpResponse:
    """A person's alerts and plans; and the form that opens an alert by hand."""
    patient = queries.open_record(request.actor, person, "safety")
    now = timezone.now()
    form = OpenForm(request.POST or None, initial={"reason": request.GET.get("reason", "")})
    if form.is_valid():
        event = actions.open_by_hand(
            patient=patient,
            reason=form.reason_chosen,
            words=form.cleaned_data["words"],
            by=request.actor.user,
            at=now,
        )
        return redirect("intake:safety_event", patient.public_id, event.public_id)
    context = {
        "patient": patient,
        "now": now,
        "zone": patient.location.zone,
        "rows": [Row(event, now) for event in questions.events_of(patient)],
        "plans": questions.plans_of(patient),
        "form": form,
        "hints": {reason.code: reason.hint for reason in protocol.REASONS},
    }
    return render(request, "intake/safety/person.html", context, status=TO_CORRECT if form.errors else HTTPStatus.OK)


# ---- One alert ----


@dataclass(frozen=True, slots=True)
class Deed:
    """A form of the page: `refusal` stands in its place where this actor may not."""

    name: str
    title: str
    button: str
    form: forms.Form | None
    refusal: str | None = None


class Alert:
    """One request to the page of an alert."""

    def __init__(self, request: StaffRequest, patient: Patient, event: SafetyEvent, now: datetime) -> None:
        self.request, self.patient, self.event, self.now = request, patient, event, now
        self.posted = request.POST.get("deed", "") if request.method == "POST" else ""

    @cached_property
    def deeds(self) -> dict[str, Deed]:
        found = [self.step_to(to) for to in protocol.next_states(self.event.in_force, self.event.state)]
        found.append(self.entry())
        if self.event.state != protocol.CLOSED:
            found.append(self.owner())
            if self.event.level in protocol.WORKING_LEVELS:
                found.append(self.level())
        return {deed.name: deed for deed in found}

    def bound(self, name: str) -> dict[str, Any]:
        return {"prefix": name, "data": self.request.POST if self.posted == name else None}

    def step_to(self, to: str) -> Deed:
        refusal = refusal_to_move(self.event, to, self.request.actor)
        lacks_plan = to == protocol.PLAN_IN_PLACE and not actions.has_new_plan(self.event)
        form = MoveForm(
            **self.bound(to),
            records=protocol.records_for(self.event.in_force, to),
            asks_password=to == protocol.CLOSED and self.event.level in protocol.SECOND_PERSON,
            lacks_plan=lacks_plan,
        )
        return Deed(to, STEP_TITLES[to], STEP_BUTTONS[to], None if refusal else form, refusal)

    def entry(self) -> Deed:
        kind = self.request.GET.get("kind", "")
        return Deed("add", "Add to the story", "Add", EntryForm(**self.bound("add"), initial={"kind": kind}))

    def owner(self) -> Deed:
        people = questions.who_may_own(self.patient)
        initial = {"owner": self.request.actor.user.public_id}
        form = OwnerForm(**self.bound("owner"), people=people, initial=initial)
        return Deed("owner", "Take over or hand over", "Put it in these hands", form)

    def level(self) -> Deed:
        levels = [one for one in protocol.WORKING_LEVELS[self.event.level] if one != self.event.working_level]
        refusal = refusal_to_set_level(self.event, levels[0], self.request.actor)
        form = None if refusal else LevelForm(**self.bound("level"), levels=levels)
        return Deed("level", "Work at a lower level", "Set this level", form, refusal)

    def do(self, deed: Deed) -> None:
        """
        The deed that was posted.

        Raises:
            SafetyRefused: nothing is changed.
        """
        assert deed.form is not None  # noqa: S101 - asked by the caller
        given, actor, seen = deed.form.cleaned_data, self.request.actor, self.request.POST.get("seen", "-")
        event, at, words = self.event, self.now, given.get("words", "")
        if deed.name == "add":
            actions.add(event=event, kind=given["kind"], words=words, by=actor.user, at=at)
        elif deed.name == "owner":
            actions.hand_over(event=event, owner=given["owner"], seen=seen, words=words, by=actor.user, at=at)
        elif deed.name == "level":
            actions.set_level(event=event, level=given["level"], seen=seen, words=words, by=actor, at=at)
        else:
            assert isinstance(deed.form, MoveForm)  # noqa: S101 - every other deed is a step
            actions.move(
                event=event,
                to=deed.name,
                seen=seen,
                words=deed.form.words,
                by=actor,
                at=at,
                password=given.get("password", ""),
                without_plan=deed.form.without_plan,
            )


STEP_TITLES = {
    protocol.ASSESSMENT_DUE: "Ask for a full assessment",
    protocol.ASSESSED: "Record the assessment",
    protocol.PLAN_IN_PLACE: "Safety plan in place",
    protocol.MONITORING: "Begin monitoring",
    protocol.CLOSED: "Close this alert",
}
STEP_BUTTONS = {
    protocol.ASSESSMENT_DUE: "Move to assessment due",
    protocol.ASSESSED: "Record the assessment",
    protocol.PLAN_IN_PLACE: "Record that the plan is in place",
    protocol.MONITORING: "Begin monitoring",
    protocol.CLOSED: "Close this alert",
}


@policy("safety.read")
@require_http_methods(["GET", "HEAD", "POST"])
def event(request: StaffRequest, person: UUID, event: UUID) -> HttpResponse:
    """One alert: where it stands, what is due, its story, and a form for each next step."""
    patient = queries.open_record(request.actor, person, "safety.event")
    found = questions.event_of(patient, event)
    if found is None:
        raise Http404
    alert = Alert(request, patient, found, timezone.now())
    if request.method != "POST":
        return draw(alert)
    return post(alert)


def post(alert: Alert) -> HttpResponse:
    deed, request = alert.deeds.get(alert.posted), alert.request
    if deed is None or deed.form is None:
        # Offered on the page that was read; a colleague was faster, or it never was.
        return overtaken(alert, deed)
    if not deed.form.is_valid():
        return draw(alert, deed, status=TO_CORRECT)
    if "password" in deed.form.fields and not ratelimit.consume(
        request, app="intake", action="close", config=RATES, key=str(request.actor.user.pk)
    ):
        return draw(alert, deed, refusal=TOO_MANY, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        alert.do(deed)
    except actions.WrongPassword as wrong:
        deed.form.add_error("password", str(wrong))
        return draw(alert, deed, status=TO_CORRECT)
    except actions.NoPlanYet as missing:
        deed.form.add_error("without_plan" if "without_plan" in deed.form.fields else None, str(missing))
        return draw(alert, deed, status=TO_CORRECT)
    except actions.SafetyRefused as refusal:
        return draw(fresh(alert), deed, refusal=str(refusal), status=OVERTAKEN)
    messages.success(request, "Recorded.")
    return redirect("intake:safety_event", alert.patient.public_id, alert.event.public_id)


def overtaken(alert: Alert, deed: Deed | None) -> HttpResponse:
    """Say who moved the alert on since the page was drawn; keep what was typed."""
    seen = alert.request.POST.get("seen", "-")
    try:
        actions.refuse_overtaken(event=alert.event, seen=seen)
    except actions.MovedMeanwhile as refusal:
        return draw(alert, typed=typed_in(alert), refusal=str(refusal), status=OVERTAKEN)
    if deed is None:
        raise Http404
    return draw(alert, refusal=deed.refusal or "", status=HTTPStatus.FORBIDDEN)


def typed_in(alert: Alert) -> str:
    """The words of a form that is no longer offered, so that nothing typed is lost."""
    start, kept = f"{alert.posted}-", {"password", "without_plan"}
    fields = [(name.removeprefix(start), value) for name, value in alert.request.POST.items() if name.startswith(start)]
    return "\n".join(str(value) for name, value in fields if name not in kept and str(value).strip())


def fresh(alert: Alert) -> Alert:
    event = questions.event_of(alert.patient, alert.event.public_id)
    assert event is not None  # noqa: S101 - alerts are not deleted
    return Alert(alert.request, alert.patient, event, alert.now)


def draw(
    alert: Alert,
    deed: Deed | None = None,
    *,
    refusal: str = "",
    typed: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    event = alert.event
    if refusal and deed and deed.name not in alert.deeds:
        typed = typed or typed_in(alert)
    limit, duties = protocol.DUTIES[event.in_force]
    context = {
        "patient": alert.patient,
        "now": alert.now,
        "zone": alert.patient.location.zone,
        "row": Row(event, alert.now),
        "seen": protocol.version(event.state, event.level, event.working_level),
        "limit": limit,
        "duties": duties if event.state in protocol.BEFORE_ASSESSED else (),
        "steps": [one for one in alert.deeds.values() if one.name in STEP_TITLES],
        "others": [one for one in alert.deeds.values() if one.name not in STEP_TITLES],
        "form": deed.form if deed else None,
        "chosen": alert.posted or ("add" if "kind" in alert.request.GET else ""),
        "refusal": refusal,
        "typed": typed,
        "plan": questions.plans_of(alert.patient)[:1],
    }
    return render(alert.request, "intake/safety/event.html", context, status=status)


# ---- The safety plan ----


@policy("safety.read")
@require_http_methods(["GET", "HEAD", "POST"])
def write_plan(request: StaffRequest, person: UUID) -> HttpResponse:
    """Write the next version of a person's plan, from the one that stands."""
    patient = queries.open_record(request.actor, person, "safety.plan.write")
    newest = next(iter(questions.plans_of(patient)), None)
    form = PlanForm(request.POST or None, initial=initial_of(newest))
    refusal = ""
    if form.is_valid():
        try:
            plan = actions.write_plan(
                patient=patient,
                elements=form.elements,
                seen=form.cleaned_data["seen"],
                by=request.actor.user,
                at=timezone.now(),
            )
        except actions.MovedMeanwhile as overtaken_by:
            refusal = str(overtaken_by)
            # Whoever read that may save over it knowingly.
            form.data = {**request.POST.dict(), "seen": str(newest.version if newest else 0)}
        else:
            messages.success(request, f"Version {plan.version} is saved. Give {patient.called} a copy.")
            return redirect("intake:plan", patient.public_id, plan.version)
    context = {"patient": patient, "form": form, "newest": newest, "refusal": refusal, "zone": patient.location.zone}
    status = OVERTAKEN if refusal else TO_CORRECT if form.errors else HTTPStatus.OK
    return render(request, "intake/safety/write_plan.html", context, status=status)


def initial_of(newest: SafetyPlan | None) -> dict[str, Any]:
    """The version that stands; a first one begins with the clinic's line and the crisis lines."""
    if newest:
        return {"seen": newest.version, **{name: getattr(newest, name) for name in questions.ELEMENTS}}
    clinic = settings.CLINIC
    lines = [f"{clinic.name}: {clinic.phone}", *(f"{line.name}: {line.shown}" for line in clinic.crisis_lines[:1])]
    return {"seen": 0, "professionals": "\n".join([*lines, "In danger: 911"])}


@policy("safety.read")
@require_safe
def plan(request: StaffRequest, person: UUID, version: int) -> HttpResponse:
    """One version of a plan, with what it changed of the one before."""
    patient = queries.open_record(request.actor, person, "safety.plan")
    plans = {found.version: found for found in questions.plans_of(patient)}
    if version not in plans:
        raise Http404
    context = {
        "patient": patient,
        "plan": plans[version],
        "plans": list(plans.values()),
        "elements": questions.elements_of(plans[version], plans.get(version - 1)),
        "is_newest": version == max(plans),
        "zone": patient.location.zone,
    }
    return render(request, "intake/safety/plan.html", context)


@policy("portal.own")
@require_safe
def my_plan(request: StaffRequest) -> HttpResponse:
    """A person's own plan, with every way to call somebody."""
    patient = queries.open_own_record(request.actor, "own.safety_plan")
    found = next(iter(questions.plans_of(patient)), None)
    context = {"patient": patient, "plan": found, "elements": questions.elements_of(found) if found else ()}
    return render(request, "intake/safety/my_plan.html", context)
