"""A save reads by hand what the querysets would: the same rows, for the same people, in one query."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import Role
from accounts.policies import Actor
from intake.actions import forms
from intake.actions.answers import Change
from intake.models import Assignment, Patient, QuestionnaireResponse
from intake.saving import form_for_saving, responses_for_saving
from tests import make

pytestmark = pytest.mark.django_db


def read(actor, assessment, codes=("phq9", "safety")):
    return responses_for_saving(actor, assessment.patient.public_id, assessment.public_id, codes)


def test_finds_the_named_answers_with_their_intake_and_person(assessment, dana, answered, django_assert_num_queries):
    answered("phq9", phq9_1=2)
    with django_assert_num_queries(1):
        found = read(Actor(dana, Role.CLINICIAN), assessment)
        person = found["phq9"].assessment.patient
        told = found["phq9"].answers["phq9_1"]["value"], person.called, person.location.zone
    assert set(found) == {"phq9", "safety"}
    assert told == (2, "Rosa", "America/Chicago")
    assert found["phq9"].assessment.patient == assessment.patient
    assert found["phq9"].assessment is found["safety"].assessment


def test_reads_every_column_as_a_queryset_does(assessment, dana, answered):
    answered("phq9", phq9_1=2)
    by_hand = read(Actor(dana, Role.CLINICIAN), assessment)["phq9"]
    stored = QuestionnaireResponse.objects.select_related("assessment__patient__location").get(pk=by_hand.pk)
    pairs = [(by_hand, stored), (by_hand.assessment, stored.assessment)]
    pairs += [(by_hand.assessment.patient, stored.assessment.patient)]
    pairs += [(by_hand.assessment.patient.location, stored.assessment.patient.location)]
    for one, other in pairs:
        names = {field.attname for field in one._meta.concrete_fields} - one.get_deferred_fields()
        assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}


@pytest.mark.parametrize("role", Role)
def test_lets_nobody_see_more_than_the_record_does(assessment, mill, role):
    inside, outside = make.user(role, at=mill), make.user(role, at=make.location())
    for actor in (Actor(inside, role), Actor(outside, role)):
        may = Patient.objects.visible_to(actor).filter(pk=assessment.patient_id).exists()
        assert bool(read(actor, assessment)) is may


def test_finds_nothing_under_another_persons_address(assessment, dana):
    actor = Actor(dana, Role.CLINICIAN)
    other = make.assessment(patient=make.patient(team=dana))
    assert responses_for_saving(actor, other.patient.public_id, assessment.public_id, ["phq9"]) == {}
    assert responses_for_saving(actor, assessment.patient.public_id, uuid4(), ["phq9"]) == {}


class TestAForm:
    @pytest.fixture
    def begun(self, patient, dana):
        patient.user = make.user(Role.PATIENT)
        patient.save()
        given = forms.assign(patient=patient, codes=["phq9"], due_on=None, by=dana, at=make.NOON).made[0]
        form = forms.begin(assignment=given, for_someone=False, at=make.NOON)
        changes = [Change("phq9_1", 2)]
        forms.save(form=form, changes=changes, base_revision=0, by=patient.user, at=make.NOON)
        return given

    def test_is_found_with_its_answers_by_whose_it_is(self, begun, patient, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = form_for_saving(Actor(patient.user, Role.PATIENT), begun.public_id)
            told = found.response.answers["phq9_1"]["value"], found.patient.called, found.patient.location.zone
        assert told == (2, "Rosa", "America/Chicago")
        stored = Assignment.objects.get(pk=begun.pk)
        columns = [field.attname for field in Assignment._meta.concrete_fields]
        assert [getattr(found, name) for name in columns] == [getattr(stored, name) for name in columns]

    @pytest.mark.parametrize("role", Role)
    def test_lets_nobody_see_more_than_the_record_does(self, begun, mill, role):
        for user in (make.user(role, at=mill), make.user(role)):
            may = Patient.objects.visible_to(Actor(user, role)).filter(pk=begun.patient_id).exists()
            assert bool(form_for_saving(Actor(user, role), begun.public_id)) is may

    def test_that_was_not_begun_has_nothing_to_save_to(self, patient, dana):
        given = forms.assign(patient=patient, codes=["gad7"], due_on=None, by=dana, at=make.NOON).made[0]
        assert form_for_saving(Actor(dana, Role.CLINICIAN), given.public_id) is None
