"""The forms of the person who signs in as patient@demo.test: one to fill in, one that was sent yesterday."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from intake.instruments import load
from intake.models import Assignment, Patient, QuestionnaireResponse
from scheduling.demo.people import answer

SENT: Final = {f"gad7_{number}": value for number, value in enumerate((2, 1, 2, 1, 0, 2, 1), start=1)}


def give_forms(patient: Patient, now: datetime) -> None:
    given_at, sent_at = now - timedelta(days=3), now - timedelta(days=1)
    by, today = patient.registered_by, now.astimezone(ZoneInfo(patient.location.zone)).date()
    Assignment.objects.create(
        patient=patient, code="phq9", due_on=today + timedelta(days=3), assigned_by=by, assigned_at=now
    )
    done = Assignment.objects.create(
        patient=patient, code="gad7", due_on=today, assigned_by=by, assigned_at=given_at, started_at=sent_at
    )
    assert patient.user is not None  # noqa: S101 - who signs in has a sign-in
    entries = {item: answer(value, at=sent_at, by=patient.user) for item, value in SENT.items()}
    QuestionnaireResponse.objects.create(
        assignment=done,
        code="gad7",
        version=str(load("gad7").version),
        answers={item: {**entry, "respondent": "patient"} for item, entry in entries.items()},
        revision=1,
        updated_at=sent_at,
    )
    # The answers are in; only now is it sent, since what is sent is locked.
    done.submitted_at, done.device = sent_at + timedelta(minutes=2), "phone"
    done.save(update_fields=["submitted_at", "device"])
