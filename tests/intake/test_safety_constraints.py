"""What PostgreSQL keeps of safety, whoever writes: each rule broken once."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.db import violates
from intake.actions import safety
from intake.models import SafetyEvent, SafetyPlan, SafetyStep
from tests import make

pytestmark = pytest.mark.django_db


def event_of(patient, by, **over) -> SafetyEvent:
    values = {"patient": patient, "level": "S2", "state": "assessment_due", "owner": by, "opened_at": make.NOON}
    return SafetyEvent.objects.create(**{**values, **over})


@pytest.fixture
def event(patient, dana):
    return safety.note(event_of(patient, dana), "opened", "", by=dana, at=make.NOON)


@pytest.fixture
def plan(patient, dana):
    return safety.write_plan(patient=patient, elements={"warning_signs": "Pacing"}, seen=0, by=dana, at=make.NOON)


def refused_by(constraint: str, deed) -> bool:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        deed()
    return violates(refused.value, constraint)


def test_an_alert_is_not_deleted(event):
    assert refused_by("safety_step_is_kept", lambda: event.steps.all().delete())
    assert refused_by("safety_event_is_kept", lambda: SafetyEvent.objects.filter(pk=event.pk)._raw_delete("default"))


def test_a_step_is_not_rewritten_nor_deleted(event):
    steps = SafetyStep.objects.filter(event=event)
    assert refused_by("safety_step_is_kept", lambda: steps.update(note="Nothing happened."))
    assert refused_by("safety_step_is_kept", lambda: steps._raw_delete("default"))


def test_a_version_of_a_plan_is_not_rewritten_nor_deleted(plan):
    rows = SafetyPlan.objects.filter(pk=plan.pk)
    assert refused_by("safety_plan_is_kept", lambda: rows.update(warning_signs="None"))
    assert refused_by("safety_plan_is_kept", lambda: rows._raw_delete("default"))


def test_a_version_exists_once(plan, patient, dana):
    again = SafetyPlan(patient=patient, version=1, warning_signs="Other", by=dana)
    assert refused_by("safety_plan_version_once", again.save)


def test_what_is_closed_stays_closed(event, dana):
    rows = SafetyEvent.objects.filter(pk=event.pk)
    rows.update(state="closed", closed_by=dana, closed_at=make.NOON)
    assert refused_by("safety_event_closed_stays", lambda: rows.update(state="monitoring", closed_by=None))
    assert refused_by("safety_event_closed_stays", lambda: rows.update(triggers=[]))


def test_one_alert_of_a_kind_is_open(event, patient, dana):
    assert refused_by("safety_event_one_open_per_kind", lambda: event_of(patient, dana))
    event_of(patient, dana, kind="others", level="SV")


@pytest.mark.parametrize(("kind", "level"), [("self", "SV"), ("others", "S3")])
def test_a_level_is_one_of_its_kind(patient, dana, kind, level):
    assert refused_by("safety_event_level_of_its_kind", lambda: event_of(patient, dana, kind=kind, level=level))


@pytest.mark.parametrize(
    ("state", "by", "at"), [("closed", False, True), ("closed", True, False), ("monitoring", True, True)]
)
def test_an_alert_is_closed_by_somebody_or_open(event, dana, state, by, at):
    changed = {"state": state, "closed_by": dana if by else None, "closed_at": make.NOON if at else None}
    assert refused_by(
        "safety_event_closed_by_someone", lambda: SafetyEvent.objects.filter(pk=event.pk).update(**changed)
    )


@pytest.mark.parametrize("level", ["S3", "S4"])
@pytest.mark.parametrize("assessed_by_closer", [True, False])
def test_a_high_alert_is_closed_by_a_second_person(event, dana, level, assessed_by_closer):
    rows = SafetyEvent.objects.filter(pk=event.pk)
    rows.update(level=level, assessed_by=dana if assessed_by_closer else None)
    closed = {"state": "closed", "closed_by": dana, "closed_at": make.NOON}
    assert refused_by("safety_event_closed_by_a_second_person", lambda: rows.update(**closed))


def test_a_second_person_may(event, dana, sam):
    SafetyEvent.objects.filter(pk=event.pk).update(
        level="S3", assessed_by=dana, state="closed", closed_by=sam, closed_at=make.NOON
    )
    assert SafetyEvent.objects.get(pk=event.pk).closed_by == sam
