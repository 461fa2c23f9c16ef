"""An open intake, two clinicians who share it, and a way to send what the page sends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Role, User
from intake.actions.people import start_intake
from intake.models import Assessment, CareTeamMember, Patient, QuestionnaireResponse
from tests import make

SAFETY_ANSWERS = {
    "emergency_signs": [],
    "safe_tonight": True,
    "cssrs_date": "2026-03-10",
    "cssrs_q1": False,
    "cssrs_q2": False,
    "cssrs_q6_lifetime": False,
    "threat_to_others": False,
    "violent_in_treatment": False,
    "self_harm_episodes_3m": 0,
    "self_harm_serious_8w": False,
    "crisis_contacts_12m": 0,
    "safety_plan_workable": True,
}

BUTTONS = {"note", "sequence", "leave", "settle", "refuse", "unsay", "confirm", "skip"}


@dataclass
class Desk:
    """A clinician at the pages of one intake."""

    client: Client
    user: User
    assessment: Assessment

    @property
    def base(self) -> str:
        return f"/staff/people/{self.assessment.patient.public_id}/intake/{self.assessment.public_id}/"

    def autosave(self, place: str, revision: int = 0, sequence: int = 0, **answers):
        """What the script posts: the changed items with their fields."""
        data = {"revision": revision, "changed": list(answers), **answers}
        headers = {"X-Autosave": "1", "X-Sequence": str(sequence)}
        return self.client.post(self.base + place, data, headers=headers)

    def post(self, place: str, revision: int = 0, **fields):
        """What the page posts without a script: everything it asked."""
        asked = fields.pop("asked", [name for name in fields if name not in BUTTONS])
        return self.client.post(self.base + place, {"revision": revision, "asked": asked, **fields})

    def response(self, code: str) -> QuestionnaireResponse:
        return self.assessment.responses.get(code=code)

    def value(self, code: str, item: str):
        return self.response(code).answers[item]["value"]


@pytest.fixture(autouse=True)
def _nobody_has_tried_yet(db):
    cache.clear()


@pytest.fixture
def mill():
    return make.location(name="Mill Street")


@pytest.fixture
def dana(mill):
    made = make.clinician(at=mill, name="Dana Kessler")
    made.set_password(make.PASSWORD)
    made.save()
    return made


@pytest.fixture
def sam(mill):
    return make.clinician(at=mill, name="Sam Okoye")


@pytest.fixture
def patient(dana, sam, mill) -> Patient:
    made = make.patient(team=dana, location=mill)
    CareTeamMember.objects.create(patient=made, user=sam)
    return made


@pytest.fixture
def assessment(patient, dana) -> Assessment:
    return start_intake(patient=patient, by=dana, at=make.NOON).assessment


@pytest.fixture
def desk(signed_in, dana, assessment) -> Desk:
    return Desk(signed_in(dana), dana, assessment)


@pytest.fixture
def sams_desk(signed_in, sam, assessment) -> Desk:
    return Desk(signed_in(sam), sam, assessment)


def entry(value, *, by: User, revision: int = 1, status: str = "answered"):
    return {
        "status": status,
        "value": value,
        "by": by.pk,
        "respondent": "clinician",
        "at": make.NOON.isoformat(),
        "revision": revision,
    }


@pytest.fixture
def answered(assessment, dana):
    """A function: stores answers as they stand, without history."""

    def store(code: str, **values) -> QuestionnaireResponse:
        response = assessment.responses.get(code=code)
        response.answers = response.answers | {item: entry(value, by=dana) for item, value in values.items()}
        response.revision = max(response.revision, 1)
        response.save()
        return response

    return store


@pytest.fixture
def safe(answered):
    """The safety questions are answered."""
    return answered("safety", **SAFETY_ANSWERS)


@pytest.fixture
def meet_at(monkeypatch):
    """
    A function: two threads wait for each other right before this function, so that without a lock both have read.

    With a lock the second cannot come; the first goes on after a second.
    """

    def meet(owner, name: str) -> None:
        together, real = Barrier(2), getattr(owner, name)

        def waiting(*args, **kwargs):
            with suppress(BrokenBarrierError):
                together.wait(timeout=1)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, waiting)

    return meet


@pytest.fixture
def coordinator(mill):
    return make.user(Role.COORDINATOR, at=mill)
