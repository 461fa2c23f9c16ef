"""People on the way to a seat: what was recommended and decided, and who has a seat."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

from accounts.models import Role, User
from intake.models import Assessment, Patient, QuestionnaireResponse
from programs.models import Cohort, Decision, Recommendation, TrackCode
from scheduling.models import Enrollment
from tests import make

MONDAY_NOON = datetime(2026, 3, 9, 17, 0, tzinfo=make.NOON.tzinfo)


def result(
    *, gates: tuple[str, ...] = (), level: str | None = "iop", track: str | None = "depression"
) -> dict[str, Any]:
    """The parts of a recommendation document that matter for a seat."""
    return {
        "gate_summary": {"blocks_recommendation": [], "blocks_enrollment": list(gates)},
        "level_of_care": {"level": level},
        "selection": {"primary_track": track, "candidates": [], "format": None},
    }


def recommended(
    patient: Patient, *, at: datetime = MONDAY_NOON, assessment: Assessment | None = None, **over: Any
) -> Recommendation:
    """What the rules made of a signed intake, which is made when none is given."""
    return Recommendation.objects.create(
        assessment=assessment or signed(patient, at),
        facts={"facts": {}},
        ruleset_version="1",
        result=result(**over),
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
    return person


def wishes(patient: Patient, **answers: Any) -> QuestionnaireResponse:
    """What the person said about coming, in a draft: a signed intake takes no answers."""
    draft = make.assessment(patient=patient)
    said = {item: {"status": "answered", "value": value} for item, value in answers.items()}
    return QuestionnaireResponse.objects.create(assessment=draft, code="goals", version="1", answers=said)


def seat(patient: Patient, cohort: Cohort, *, at: datetime = MONDAY_NOON, **over: Any) -> Enrollment:
    return Enrollment.objects.create(
        patient=patient, cohort=cohort, enrolled_at=at, enrolled_by=patient.registered_by, **over
    )


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
