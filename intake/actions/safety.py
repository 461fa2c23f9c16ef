"""
Safety alerts: opened in the transaction that stores the answer, owned, moved on, closed.

An alert is a row from the first moment, so that it holds whatever happens to messages or processes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import User
from accounts.policies import Actor
from intake import protocol
from intake.alarms import OTHERS, SELF, URGENCY, Alarm, most_urgent
from intake.models import Assessment, Patient, SafetyEvent, SafetyLevel, SafetyPlan, SafetyStep
from intake.permissions import refusal_to_move, refusal_to_set_level
from intake.presentation import clock

State = SafetyEvent.State


def follow(
    *,
    patient_id: int,
    assessment: Assessment | None,
    owner: User,
    before: Collection[Alarm],
    after: Collection[Alarm],
    by: User,
    at: datetime,
) -> None:
    """
    Open or raise the alerts that a change of answers sets off; part of the transaction that stores the answers.

    An answer that is taken back lowers nothing: it is noted, and a clinician decides.
    """
    if set(before) == set(after):
        return
    # One at a time for a person: two answers saved at once make one alert.
    patient = Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("location").get(pk=patient_id)
    for kind in (SELF, OTHERS):
        new = {alarm for alarm in after if alarm.kind == kind} - set(before)
        gone = {alarm for alarm in before if alarm.kind == kind} - set(after)
        event = patient.safety_events.select_for_update().filter(kind=kind).exclude(state=State.CLOSED).first()
        if new:
            event = _raise(event, new, patient=patient, assessment=assessment, owner=owner, by=by, at=at)
        if gone and event is not None:
            note(event, "corrected", ", ".join(sorted(alarm.trigger for alarm in gone)), by=by, at=at)


def _raise(
    event: SafetyEvent | None,
    new: Collection[Alarm],
    *,
    patient: Patient,
    assessment: Assessment | None,
    owner: User,
    by: User,
    at: datetime,
) -> SafetyEvent:
    kind, level = next(iter(new)).kind, most_urgent(alarm.level for alarm in new)
    triggers = sorted({alarm.trigger for alarm in new})
    if event is None:
        event = SafetyEvent(patient=patient, assessment=assessment, kind=kind, owner=owner, opened_at=at)
        begin(event, level, at)
        event.triggers = triggers
        event.save()
        return note(event, "opened", "", by=by, at=at)
    event.triggers = sorted({*event.triggers, *triggers})
    if asks_again(event, new):
        begin(event, most_urgent([event.level, level]), at)
    event.save()
    return note(event, "raised", ", ".join(triggers), by=by, at=at)


def begin(event: SafetyEvent, level: str, at: datetime) -> None:
    """Set an alert to where its level begins."""
    event.level, event.working_level = level, ""
    event.state = State.POSITIVE if level == "S1" else State.ASSESSMENT_DUE
    event.due_at = protocol.due(level, at, ZoneInfo(event.patient.location.zone))
    event.assessed_by = event.assessed_at = None


def asks_again(event: SafetyEvent, new: Collection[Alarm]) -> bool:
    """
    Say whether new alarms ask for a new assessment.

    What the person says does when it is more urgent than what is in force, or as urgent once that was
    assessed. A clinician's rating does only above everything found so far: it may be what the assessment came to.
    """
    if URGENCY.index(most_urgent(alarm.level for alarm in new)) > URGENCY.index(event.level):
        return True
    said = [alarm.level for alarm in new if not alarm.is_rating]
    if not said:
        return False
    above = URGENCY.index(most_urgent(said)) - URGENCY.index(event.in_force)
    return above > 0 or (above == 0 and event.state not in protocol.BEFORE_ASSESSED)


def note(event: SafetyEvent, kind: str, words: str, *, by: User, at: datetime) -> SafetyEvent:
    """Write one line of an alert's story, with where it stands now."""
    SafetyStep.objects.create(event=event, kind=kind, state=event.state, level=event.in_force, note=words, by=by, at=at)
    return event


# ---- By hand ----


class SafetyRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class MovedMeanwhile(SafetyRefused):
    """A colleague, or a new answer, changed the alert after the page was drawn."""


class WrongPassword(SafetyRefused):
    """Closing asks for the password again; this was not it."""


class NoPlanYet(SafetyRefused):
    """No version of the plan was written since the alert opened."""


@transaction.atomic(durable=True)
def open_by_hand(*, patient: Patient, reason: protocol.Reason, words: str, by: User, at: datetime) -> SafetyEvent:
    """Open an alert because of what somebody sees, or raise the one that is open."""
    locked = Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("location").get(pk=patient.pk)
    kept = locked.safety_events.select_for_update().filter(kind=reason.kind).exclude(state=State.CLOSED).first()
    alarm = Alarm(reason.kind, reason.level, reason.code)
    event = _raise(kept, {alarm}, patient=locked, assessment=None, owner=by, by=by, at=at)
    return note(event, "note", words, by=by, at=at)


def move(
    *,
    event: SafetyEvent,
    to: str,
    seen: str,
    words: str,
    by: Actor,
    at: datetime,
    password: str = "",
    without_plan: bool = False,
) -> SafetyEvent:
    """
    Move an alert on, with what has to be on record.

    Args:
        seen: `protocol.version` of the alert on the page that was read.
        password: typed again, for closing what needs a second person.
        without_plan: `words` say why there is no safety plan.
    Raises:
        WrongPassword, NoPlanYet, MovedMeanwhile, SafetyRefused: nothing is changed.
    """
    # Outside the lock: hashing a password takes its time, on purpose.
    if to == State.CLOSED and event.level in protocol.SECOND_PERSON and not by.user.check_password(password):
        raise WrongPassword("That is not your password. Type the password that you sign in with.")
    return _move(event=event, to=to, seen=seen, words=words, by=by, at=at, without_plan=without_plan)


@transaction.atomic(durable=True)
def _move(
    *, event: SafetyEvent, to: str, seen: str, words: str, by: Actor, at: datetime, without_plan: bool
) -> SafetyEvent:
    locked = _lock(event, seen)
    refusal = refusal_to_move(locked, to, by)
    if refusal:
        raise SafetyRefused(refusal)
    if to == State.PLAN_IN_PLACE and not without_plan and not has_new_plan(locked):
        raise NoPlanYet("Write a safety plan first, or say why there is none.")
    locked.state = to
    locked.due_at = _due_after(locked, at)
    if to == State.ASSESSED:
        locked.assessed_by, locked.assessed_at = by.user, at
    if to == State.CLOSED:
        locked.closed_by, locked.closed_at = by.user, at
    locked.save(update_fields=["state", "due_at", "assessed_by", "assessed_at", "closed_by", "closed_at"])
    return note(locked, to, f"No plan: {words}" if without_plan else words, by=by.user, at=at)


def _due_after(event: SafetyEvent, at: datetime) -> datetime | None:
    """By when the step after this one is due."""
    zone = ZoneInfo(event.patient.location.zone)
    if event.state == State.CLOSED:
        return None
    if event.state == State.MONITORING:
        return at + protocol.NEXT_CONTACT
    if event.state == State.ASSESSMENT_DUE:
        return protocol.due(event.in_force, at, zone)
    return protocol.due("S1", at, zone)


def has_new_plan(event: SafetyEvent) -> bool:
    """Whether a version of the safety plan was written since the alert opened."""
    return SafetyPlan.objects.filter(patient=event.patient_id, at__gte=event.opened_at).exists()


@transaction.atomic(durable=True)
def set_level(*, event: SafetyEvent, level: str, seen: str, words: str, by: Actor, at: datetime) -> SafetyEvent:
    """Work at a lower level than the answers said, for a written reason; the highest level stays on record."""
    locked = _lock(event, seen)
    refusal = refusal_to_set_level(locked, level, by)
    if refusal:
        raise SafetyRefused(refusal)
    locked.working_level = level
    locked.save(update_fields=["working_level"])
    return note(locked, "level", words, by=by.user, at=at)


@transaction.atomic(durable=True)
def hand_over(*, event: SafetyEvent, owner: User, seen: str, words: str, by: User, at: datetime) -> SafetyEvent:
    """Put an alert into somebody's hands, one's own or a colleague's."""
    locked = _lock(event, seen)
    if locked.state == State.CLOSED:
        raise SafetyRefused("This alert is closed.")
    locked.owner = owner
    locked.save(update_fields=["owner"])
    return note(locked, "owner", f"{owner.name}: {words}", by=by, at=at)


@transaction.atomic(durable=True)
def add(*, event: SafetyEvent, kind: str, words: str, by: User, at: datetime) -> SafetyEvent:
    """Add to an alert's story, also after it is closed; reaching somebody who is monitored sets the next contact."""
    locked = _lock(event, seen="")
    if kind == "reached" and locked.state == State.MONITORING:
        locked.due_at = _due_after(locked, at)
        locked.save(update_fields=["due_at"])
    return note(locked, kind, words, by=by, at=at)


@transaction.atomic(durable=True)
def refuse_overtaken(*, event: SafetyEvent, seen: str) -> None:
    """
    Say who changed an alert since the page that showed `seen`; nothing when nobody did.

    Raises:
        MovedMeanwhile: with the name, the time and where it stands now.
    """
    _lock(event, seen)


def _lock(event: SafetyEvent, seen: str) -> SafetyEvent:
    rows = SafetyEvent.objects.select_for_update(no_key=True, of=("self",)).select_related("patient__location")
    locked = rows.get(pk=event.pk)
    if seen and seen != protocol.version(locked.state, locked.level, locked.working_level):
        raise MovedMeanwhile(_moved_line(locked))
    return locked


def _moved_line(event: SafetyEvent) -> str:
    step = event.steps.select_related("by").exclude(kind__in=[entry.kind for entry in protocol.ENTRIES]).last()
    assert step is not None  # noqa: S101 - an alert begins with a step
    zone = ZoneInfo(event.patient.location.zone)
    where = f"{event.get_state_display()}, {SafetyLevel(event.in_force).label}"
    return (
        f"{step.by.name} changed this at {clock(step.at, zone)}. It now stands at: {where}. Read it again, then go on."
    )


# ---- The safety plan ----


@transaction.atomic(durable=True)
def write_plan(*, patient: Patient, elements: Mapping[str, str], seen: int, by: User, at: datetime) -> SafetyPlan:
    """
    Write the next version of somebody's safety plan.

    Args:
        seen: the version that the writer began from; 0 for none.
    Raises:
        MovedMeanwhile: a colleague wrote one in between.
    """
    Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient.pk)
    newest = patient.safety_plans.select_related("by").first()
    version = newest.version if newest else 0
    if newest and version != seen:
        zone = ZoneInfo(patient.location.zone)
        raise MovedMeanwhile(
            f"{newest.by.name} wrote version {version} at {clock(newest.at, zone)}, while you were writing. "
            "Below is what you wrote. Read theirs, take over what is missing, then save."
        )
    return SafetyPlan.objects.create(patient=patient, version=version + 1, by=by, at=at, **elements)
