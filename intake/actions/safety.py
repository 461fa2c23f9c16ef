"""
Safety alerts: opened in the transaction that stores the answer, owned, moved on, closed.

An alert is a row from the first moment, so that it holds whatever happens to messages or processes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.models import User
from intake.alarms import LEVELS, OTHERS, SELF, Alarm, worst
from intake.models import Assessment, Patient, SafetyEvent, SafetyStep

State = SafetyEvent.State

# The time limits of DOMAIN 6.2, in minutes; who is not here has until the end of the day.
MINUTES: Final[Mapping[str, int]] = {"S4": 15, "S3": 15, "SV": 15, "SU": 30}


def due(level: str, at: datetime, zone: ZoneInfo) -> datetime:
    """Say by when somebody has to act on an alert of this level that is raised now."""
    if level in MINUTES:
        return at + timedelta(minutes=MINUTES[level])
    return datetime.combine(at.astimezone(zone).date(), time(23, 59), tzinfo=zone)


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
        raised = {alarm for alarm in after if alarm.kind == kind}
        gone = {alarm for alarm in before if alarm.kind == kind} - raised
        event = patient.safety_events.select_for_update().filter(kind=kind).exclude(state=State.CLOSED).first()
        if raised - set(before):
            event = _raise(event, raised, patient=patient, assessment=assessment, owner=owner, by=by, at=at)
        if gone and event is not None:
            note(event, "corrected", ", ".join(sorted(alarm.trigger for alarm in gone)), by=by, at=at)


def _raise(
    event: SafetyEvent | None,
    raised: Collection[Alarm],
    *,
    patient: Patient,
    assessment: Assessment | None,
    owner: User,
    by: User,
    at: datetime,
) -> SafetyEvent:
    kind = next(iter(raised)).kind
    level = "SV" if kind == OTHERS else worst({alarm.level for alarm in raised})
    triggers = sorted({alarm.trigger for alarm in raised})
    zone = ZoneInfo(patient.location.zone)
    if event is None:
        event = SafetyEvent.objects.create(
            patient=patient,
            assessment=assessment,
            kind=kind,
            level=level,
            triggers=triggers,
            state=State.POSITIVE if level == "S1" else State.ASSESSMENT_DUE,
            owner=owner,
            opened_at=at,
            due_at=due(level, at, zone),
        )
        return note(event, "opened", "", by=by, at=at)
    event.triggers = sorted({*event.triggers, *triggers})
    fields = ["triggers"]
    if kind == SELF and LEVELS.index(level) > LEVELS.index(event.level):
        event.level, event.working_level = level, ""
        event.state, event.due_at = State.ASSESSMENT_DUE, due(level, at, zone)
        event.assessed_by = event.assessed_at = None
        fields += ["level", "working_level", "state", "due_at", "assessed_by", "assessed_at"]
    event.save(update_fields=fields)
    return note(event, "raised", ", ".join(triggers), by=by, at=at)


def note(event: SafetyEvent, kind: str, words: str, *, by: User, at: datetime) -> SafetyEvent:
    """Write one line of an alert's story, with where it stands now."""
    SafetyStep.objects.create(
        event=event, kind=kind, state=event.state, level=event.working_level or event.level, note=words, by=by, at=at
    )
    return event
