"""Four people with an alert in different states, moved on by the same deeds as in a clinic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.models import Role, User
from accounts.policies import Actor
from intake import protocol
from intake.actions import safety
from intake.alarms import SELF, Alarm
from intake.models import Patient, SafetyEvent
from scheduling.demo.people import Person, everybody

PLAN: Final[Mapping[str, str]] = {
    "warning_signs": "I stop answering messages.\nI lie awake after three.",
    "own_coping": "A shower, then the slow playlist.\nThe walk around the pond.",
    "distractions": "The library on Mill Street.\nChess with Bao, 312-555-0171",
    "people_to_ask": "Carmen, my sister, 312-555-0172",
    "professionals": "Oak Street Clinic, 312-555-0142\n988, call or text",
    "safer_surroundings": "Carmen keeps my pills and gives me one day at a time.",
    "reasons_for_living": "My nephew's first school day.",
}


def load_alerts(now: datetime) -> bool:
    """Open the alerts, once; say whether any was opened."""
    if SafetyEvent.objects.exists():
        return False
    people = list(everybody())
    enrolled, drafts = of_stage(people, "enrolled"), of_stage(people, "draft")
    closed_with_plan(patient_of(enrolled[0]), now - timedelta(days=9))
    monitored(patient_of(enrolled[3]), now - timedelta(hours=50))
    overdue(patient_of(drafts[1]), now - timedelta(minutes=40))
    just_opened(patient_of(drafts[4]), now - timedelta(minutes=6))
    return True


def of_stage(people: list[Person], stage: str) -> list[Person]:
    return [person for person in people if person.stage == stage]


def patient_of(person: Person) -> Patient:
    return Patient.objects.select_related("location").get(email=person.email)


@transaction.atomic
def opened(patient: Patient, triggers: Mapping[str, str], at: datetime) -> SafetyEvent:
    """An alert that these answers, each with its level, set off."""
    owner = patient.registered_by
    after = {Alarm(SELF, level, trigger) for trigger, level in triggers.items()}
    assessment = patient.assessments.first()
    safety.follow(patient_id=patient.pk, assessment=assessment, owner=owner, before=(), after=after, by=owner, at=at)
    return SafetyEvent.objects.get(patient=patient)


def moved(event: SafetyEvent, to: str, by: User, at: datetime, words: str) -> SafetyEvent:
    seen = protocol.version(event.state, event.level, event.working_level)
    return safety.move(event=event, to=to, seen=seen, words=words, by=Actor(by, Role.CLINICIAN), at=at)


def monitored(patient: Patient, at: datetime) -> SafetyEvent:
    """A moderate alert that is assessed, with a plan in its second version."""
    owner = patient.registered_by
    event = opened(patient, {"phq9_9": "S2", "cssrs_q3": "S2"}, at)
    found = "Formulation: thoughts most evenings, no plan, no intent; the sister protects.\nConsultation: supervisor."
    event = moved(event, protocol.ASSESSED, owner, at + timedelta(minutes=35), found)
    for version, coping in enumerate(("The walk around the pond.", PLAN["own_coping"])):
        elements, written = {**PLAN, "own_coping": coping}, at + timedelta(minutes=50, hours=20 * version)
        safety.write_plan(patient=patient, elements=elements, seen=version, by=owner, at=written)
    event = moved(event, protocol.PLAN_IN_PLACE, owner, at + timedelta(minutes=55), "Written together; has a copy.")
    return moved(event, protocol.MONITORING, owner, at + timedelta(minutes=58), "I call the day after tomorrow.")


def closed_with_plan(patient: Patient, at: datetime) -> SafetyEvent:
    event = monitored(patient, at)
    words = "Two lower results in a row. The plan stays in use."
    return moved(event, protocol.CLOSED, patient.registered_by, at + timedelta(days=6), words)


def overdue(patient: Patient, at: datetime) -> SafetyEvent:
    """A high alert whose quarter of an hour is over."""
    event = opened(patient, {"phq9_9": "S2", "cssrs_q4": "S3"}, at)
    words = "Sits with the coordinator in room 2."
    return safety.add(event=event, kind="with", words=words, by=patient.registered_by, at=at + timedelta(minutes=4))


def just_opened(patient: Patient, at: datetime) -> SafetyEvent:
    return opened(patient, {"cssrs_q1_open": "SU"}, at)
