"""Administrators at their desks, a cohort that says something in every column, and no test that rings a real worker."""

from __future__ import annotations

from datetime import date, time

import pytest

from accounts.models import Role
from programs.models import Cohort, EntryDate, Payer, Program
from tests import make


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the worker was rung."""
    heard: list[str] = []
    monkeypatch.setattr("programs.actions.rehearsing.ring", lambda: heard.append("ring"))
    return heard


@pytest.fixture
def desks(signed_in):
    """Two administrators at their desks: who writes, and who publishes."""
    people = [make.user(Role.ADMIN, is_staff=True, is_superuser=True, name=name) for name in ("Ada Q.", "Bela Q.")]
    return [signed_in(person) for person in people]


@pytest.fixture
def desk(signed_in):
    return signed_in(make.user(Role.ADMIN, is_staff=True, is_superuser=True))


@pytest.fixture
def evenings() -> Program:
    return make.program(slug="evenings", name="Evenings")


@pytest.fixture
def spring(evenings) -> Cohort:
    """A draft that says something in every column."""
    place = make.location(name="Mill Street")
    lead = make.clinician(email="dana@example.test", at=place)
    made = make.cohort(
        program=evenings, name="Spring", state="draft", entry="semi_open", location=place, seats_least=4, seats=10,
        room=make.room(location=place, name="Room 1"), facilitator=lead, last_entry_on=date(2026, 5, 10),
        payment_options=["plan", "assistance"], blocks=((1, time(17, 30)), (3, time(9))),
    )  # fmt: skip
    EntryDate.objects.create(cohort=made, on=date(2026, 3, 30))
    made.payers.add(Payer.objects.create(name="Lakeshore, Mutual"), Payer.objects.create(name="Prairie"))
    made.co_facilitators.add(make.clinician(email="joel@example.test", at=place))
    return made
