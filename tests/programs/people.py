"""Signed intakes with real answers, and what the rules make of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from intake.models import Assessment, Patient, QuestionnaireResponse
from programs.actions import content_hash
from programs.matching import default_engine
from programs.models import Recommendation
from scheduling.demo.catalog import read
from scheduling.demo.people import answers_of
from tests import make
from tests.matching.contract import read as contract

PERSONAS = read("personas.yaml")
AGREE_WITH_DEPRESSION = {"choice": "agree:depression"}


def signed(persona: str = "depression", *, at: datetime = make.NOON, **over: Any) -> Assessment:
    """An intake of an invented person, answered and signed at `at`; facts in `over` replace the persona's."""
    patient = over.pop("patient", None) or a_patient()
    chicago = ZoneInfo(patient.location.zone)
    own = PERSONAS[persona].get("facts", {})
    facts = {**PERSONAS["base"], "cssrs.date": at.astimezone(chicago).date().isoformat(), **own, **over}
    owner = patient.registered_by
    made = Assessment.objects.create(patient=patient, owner=owner, started_at=at)
    for code, answers in answers_of(facts, PERSONAS[persona].get("words", ""), at=at, by=owner).items():
        QuestionnaireResponse.objects.create(assessment=made, code=code, version="1", answers=answers, revision=1)
    return sign(made, at)


def sign(assessment: Assessment, at: datetime) -> Assessment:
    assessment.state = Assessment.State.SIGNED
    assessment.signed_at, assessment.signed_by = at, assessment.owner
    assessment.signature, assessment.content_hash = assessment.owner.name, "0" * 64
    assessment.save()
    return assessment


def a_patient(*, team: User | None = None, **over: Any) -> Patient:
    """Somebody with a clinician of their own."""
    place = over.pop("location", None) or make.location()
    return make.patient(team=team or make.clinician(at=place), location=place, **over)


def of_example(name: str, *, at: datetime = make.NOON, **over: Any) -> Recommendation:
    """What the rules make of an example of the contract, over an intake without answers; `over` replaces facts."""
    assessment = sign(make.assessment(patient=a_patient(), started_at=at), at)
    document = contract(f"examples/{name}.facts.json")
    document["facts"].update(over)
    result = default_engine().recommend(document)
    version = result["ruleset_version"]
    return Recommendation.objects.create(
        assessment=assessment,
        facts=document,
        ruleset_version=version,
        result=result,
        content_hash=content_hash(document, version, result),
        made_at=at,
    )
