"""A form given to Rosa, her portal and the clinician's desk, on a working day at noon."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Role
from intake.actions import forms as actions
from intake.actions.answers import Change
from intake.models import Assignment
from tests import make
from tests.intake.forms.pages import ALL, OPEN


class Clock:
    now = OPEN


@pytest.fixture
def clock(monkeypatch):
    """Noon on a working day, until a test says otherwise."""
    told = Clock()
    for module in ("myforms", "forms"):
        monkeypatch.setattr(f"intake.views.{module}.timezone.now", lambda: told.now)
    return told


@pytest.fixture
def rosa(patient):
    patient.user = make.user(Role.PATIENT, name="Rosa M.")
    patient.save()
    return patient


@pytest.fixture
def portal(signed_in, rosa):
    return signed_in(rosa.user)


@pytest.fixture
def clinic(signed_in, dana):
    return signed_in(dana)


@pytest.fixture
def given(rosa, dana):
    def give(code: str = "phq9", due_on: date | None = None) -> Assignment:
        return actions.assign(patient=rosa, codes=[code], due_on=due_on, by=dana, at=OPEN).made[0]

    return give


@pytest.fixture
def begun(given):
    def begin(code: str = "phq9", **answers) -> Assignment:
        form = actions.begin(assignment=given(code), for_someone=False, at=OPEN)
        changes = [Change(item, value) for item, value in answers.items()]
        actions.save(form=form, changes=changes, base_revision=0, by=form.assignment.patient.user, at=OPEN)
        return form.assignment

    return begin


@pytest.fixture
def sent(begun):
    form = begun(**ALL)
    actions.submit(assignment=form, device="phone", at=OPEN)
    return form


@pytest.fixture
def consented(assessment, answered):
    answered("arrival", consent_treatment=True)
    return assessment
