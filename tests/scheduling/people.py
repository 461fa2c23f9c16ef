"""People on the way to a seat: what was recommended and decided, and who has a seat."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from accounts.models import Role, User
from intake.models import Assessment, Consent, Patient, QuestionnaireResponse
from programs.models import Cohort, Decision, Recommendation, TrackCode
from scheduling.models import Enrollment, GroupAgreement
from tests import make

MONDAY_NOON = datetime(2026, 3, 9, 17, 0, tzinfo=make.NOON.tzinfo)


def result(
    *, gates: tuple[str, ...] = (), level: str | None = "iop", track: str | None = "depression"
) -> dict[str, Any]:
    """The parts of a recommendation document that matter for a seat."""
    return {
        "gate_summary": {"blocks_recommendation": [], "blocks_enrollment": list(gates)},
        "level_of_care": {"level": level},
        "selection": {"primary_track": track, "candidates": [], "adjuncts": [], "format": None},
    }


def recommended(
    patient: Patient,
    *,
    at: datetime = MONDAY_NOON,
    assessment: Assessment | None = None,
    document: dict[str, Any] | None = None,
    **over: Any,
) -> Recommendation:
    """What the rules made of a signed intake, which is made when none is given."""
    return Recommendation.objects.create(
        assessment=assessment or signed(patient, at),
        facts={"facts": {}},
        ruleset_version="1",
        result=document or result(**over),
        content_hash="0" * 64,
        made_at=at,
    )


def signed(patient: Patient, at: datetime) -> Assessment:
    return Assessment.objects.create(
        patient=patient,
        owner=patient.registered_by,
        state=Assessment.State.SIGNED,
        signed_at=at,
        signed_by=patient.registered_by,
        signature="Person",
        content_hash="0" * 64,
    )


def decided(patient: Patient, *, choice: str = "agree", at: datetime = MONDAY_NOON, **over: Any) -> Decision:
    """A decision over the newest recommendation, which is made when there is none."""
    newest = Recommendation.objects.filter(assessment__patient=patient).order_by("-made_at", "-pk").first()
    track = TrackCode.DEPRESSION if choice in {"agree", "other_track"} else ""
    why = {} if choice == "agree" else {"reason_code": "other", "reason": "Because."}
    values = {"track": track, "by": patient.registered_by, "at": at, **why, **over}
    return Decision.objects.create(recommendation=newest or recommended(patient), choice=choice, **values)


def ready(**over: Any) -> Patient:
    """Somebody who may be given a seat and said yes to email."""
    person = make.patient(**{"may_email": True, **over})
    decided(person)
    papers(person)
    return person


def papers(person: Patient, *, care: bool = True, group: bool = True) -> None:
    """What is signed before the first session."""
    signed_at = MONDAY_NOON - timedelta(days=1)
    if care:
        make.consent(person, kind=Consent.Kind.CARE, expires_on=None, signed_at=signed_at)
    if group:
        GroupAgreement.objects.create(
            patient=person,
            signature="Rosa Marlow",
            text="All of it.",
            text_version="1.en",
            signed_at=signed_at,
            recorded_by=person.registered_by,
        )


def wishes(patient: Patient, **answers: Any) -> QuestionnaireResponse:
    """What the person said about coming, in a draft: a signed intake takes no answers."""
    draft = make.assessment(patient=patient)
    said = {item: {"status": "answered", "value": value} for item, value in answers.items()}
    return QuestionnaireResponse.objects.create(assessment=draft, code="goals", version="1", answers=said)


SAID: dict[str, Any] = {
    **{f"available_{day}": ["evening"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "available_sat": [],
    "setting": "on_site",
    "session_language": "en",
}


def asked_and_decided(clinician: User, **said: Any) -> Patient:
    """Rosa, decided for the first track; can come on weekday evenings, on site, in English, or as she said."""
    person = make.patient(team=clinician, first_name="Rosa", last_name="Marlow")
    wishes(person, **{**SAID, **said})
    draft = person.assessments.get()
    draft.state, draft.signed_at, draft.signed_by = Assessment.State.SIGNED, MONDAY_NOON, clinician
    draft.signature, draft.content_hash = clinician.name, "0" * 64
    draft.save()
    recommended(person, assessment=draft)
    decided(person)
    return person


def seat(patient: Patient, cohort: Cohort, *, at: datetime = MONDAY_NOON, **over: Any) -> Enrollment:
    return Enrollment.objects.create(
        patient=patient, cohort=cohort, enrolled_at=at, enrolled_by=patient.registered_by, **over
    )


def held(patient: Patient, cohort: Cohort, *, until: datetime, at: datetime = MONDAY_NOON, **over: Any) -> Enrollment:
    """A place that is held."""
    values = {"state": Enrollment.State.HELD, "held_by": patient.registered_by, "held_at": at, "held_until": until}
    return Enrollment.objects.create(patient=patient, cohort=cohort, **{**values, **over})


def member(cohort: Cohort, **over: Any) -> Patient:
    """Somebody who signs in and has a seat."""
    person = make.patient(**{"user": make.user(Role.PATIENT), "location": cohort.location, **over})
    seat(person, cohort)
    return person


def coordinator(cohort: Cohort) -> User:
    return make.user(Role.COORDINATOR, at=cohort.location)


def words(response: Any) -> str:
    """What a reader finds in the main part of a page, spaces evened out."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main))).strip()
