"""Session reminders: which are planned when a seat is given, and whether each still holds when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from intake.models import Patient
from messaging.models import Channel, OutboxMessage
from messaging.registry import Cancel, Verdict, Wait
from messaging.registry import register as take_responsibility
from scheduling.models import Enrollment, Reply, Session
from scheduling.timetable import DAYTIME, ReminderKind, next_allowed, reminder_times


def recipient(patient: Patient) -> str:
    return f"patient:{patient.public_id}"


def occurrence(session: Session) -> str:
    return f"session:{session.public_id}"


def of_key(key: str) -> UUID:
    """The public id in a key such as "session:<uuid>"."""
    return UUID(key.partition(":")[2])


def messages_for(patient: Patient, sessions: Iterable[Session]) -> list[OutboxMessage]:
    """
    Both reminders of each session, for somebody whom we may email; sessions come with cohort and location.

    The time is told on the clock of `Session.zone_for`; quiet hours are those where the person is.
    """
    return for_each(patient, sessions) if patient.may_be_emailed else []


def for_each(patient: Patient, sessions: Iterable[Session]) -> list[OutboxMessage]:
    """The same for somebody of whom it is known that we may."""
    home = ZoneInfo(patient.zone)
    return [
        OutboxMessage(
            kind=reminder.kind,
            channel=Channel.EMAIL,
            location=session.cohort.location,
            recipient=recipient(patient),
            address=patient.email,
            language=patient.language,
            occurrence=occurrence(session),
            occurrence_starts_at=session.starts_at,
            context={"first_name": patient.called, "zone": session.zone_for(patient).key},
            due_at=reminder.due_at,
            send_until=reminder.send_until,
        )
        for session in sessions
        for reminder in reminder_times(session.starts_at, home)
    ]


def recheck(message: OutboxMessage, now: datetime) -> Verdict | None:
    """Say why a reminder must not leave now: what it says is no longer so, or no longer wished, or it is night."""
    session = Session.objects.filter(public_id=of_key(message.occurrence)).first()
    if session is None or session.canceled_at or session.starts_at != message.occurrence_starts_at:
        return Cancel("The session is no longer planned at that time.")
    patient = Patient.objects.filter(public_id=of_key(message.recipient)).first()
    if patient is None or not Enrollment.objects.active().filter(patient=patient, cohort=session.cohort_id).exists():
        return Cancel("The person no longer has a seat there.")
    if patient.email != message.address or not patient.may_be_emailed:
        return Cancel("The person no longer wants reminders at this address.")
    if Reply.objects.filter(session=session, patient=patient, answer=Reply.Answer.CANNOT).exists():
        return Cancel("The person said that they can't come.")
    allowed = next_allowed(now, ZoneInfo(patient.zone), DAYTIME)
    return Wait(allowed) if allowed > now else None


def register() -> None:
    """Tell the outbox how to judge the kinds of this app."""
    for kind in ReminderKind:
        take_responsibility(kind, recheck=recheck)
