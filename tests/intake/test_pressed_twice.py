"""What creates something creates it once: double click, reload of the POST, ten at once (REL-12, FLT-16)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from intake.models import Assessment, Assignment, CareTeamMember, ContactWish, Patient, QuestionnaireResponse
from intake.sections import SECTION_OF
from programs.models import Recommendation
from tests import make

TEN = 10


@pytest.fixture
def person(mill):
    """The fields of the register form, with the key that it was drawn with."""
    born = {"born_on_month": "3", "born_on_day": "14", "born_on_year": "1989"}
    asked = {"phone": "312-555-0142", "email": "ana@example.test", "may_call": "yes", "may_email": "yes"}
    name = {"first_name": "Ana", "last_name": "Núñez", "language": "es", "location": mill.pk}
    return {**name, **born, **asked, "form_key": str(uuid4())}


def press_at_once(client: Client, path: str, fields: dict[str, object]) -> list[tuple[int, str]]:
    """Ten presses that leave together; status and place of every answer."""
    together = Barrier(TEN)

    def press(_number: int) -> tuple[int, str]:
        with closing(connection):
            own = Client()
            own.cookies = client.cookies
            together.wait()
            answer = own.post(path, fields)
            return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(TEN) as presses:
        return list(presses.map(press, range(TEN)))


@pytest.mark.django_db(transaction=True)
class TestTenAtOnce:
    def test_register_one_person_whole(self, signed_in, dana, person):
        told = press_at_once(signed_in(dana), "/staff/people/new/", person)
        ana = Patient.objects.get()
        assert set(told) == {(302, f"/staff/people/{ana.public_id}/")}
        assert (CareTeamMember.objects.count(), ContactWish.objects.count()) == (1, 2)

    def test_open_one_intake_with_every_questionnaire_once(self, signed_in, dana, patient):
        base = f"/staff/people/{patient.public_id}/intake/"
        told = press_at_once(signed_in(dana), base, {})
        assert set(told) == {(302, f"{base}{Assessment.objects.get().public_id}/")}
        assert QuestionnaireResponse.objects.count() == len(SECTION_OF)

    def test_give_every_form_once(self, signed_in, dana, patient):
        path = f"/staff/people/{patient.public_id}/forms/"
        press_at_once(signed_in(dana), path, {"codes": ["phq9", "gad7"]})
        assert sorted(Assignment.objects.values_list("code", flat=True)) == ["gad7", "phq9"]

    def test_sign_once(self, desk, safe):
        fields = {"signature": "Dana Kessler", "password": make.PASSWORD, "seen": 1}
        told = press_at_once(desk.client, f"{desk.base}sign/", fields)
        desk.assessment.refresh_from_db()
        assert desk.assessment.is_signed
        assert Recommendation.objects.count() == 1
        # The first signs; the others are told so, or that these were too many tries.
        assert {status for status, _ in told} <= {302, 409, 429}


@pytest.mark.django_db
class TestTheRegisterForm:
    def test_is_drawn_with_a_key_of_its_own(self, signed_in, dana):
        client = signed_in(dana)
        keys = [client.get("/staff/people/new/").context["form"]["form_key"].value() for _ in range(2)]
        assert keys[0] != keys[1]

    def test_sent_again_leads_to_the_same_person(self, signed_in, dana, person):
        client = signed_in(dana)
        first, again = (client.post("/staff/people/new/", person) for _ in range(2))
        assert first.url == again.url
        assert Patient.objects.count() == 1

    def test_sent_again_with_other_content_says_so_and_registers_nobody(self, signed_in, dana, person):
        client = signed_in(dana)
        client.post("/staff/people/new/", person)
        page = client.post("/staff/people/new/", person | {"first_name": "Eva"})
        assert page.status_code == 422
        assert "This form has registered Ana Núñez." in page.content.decode()
        assert 'value="Eva"' in page.content.decode()
        assert Patient.objects.count() == 1

    def test_of_two_colleagues_do_not_meet(self, signed_in, dana, sam, person):
        for colleague in (dana, sam):
            signed_in(colleague).post("/staff/people/new/", person)
        assert Patient.objects.count() == 2

    @pytest.mark.parametrize("key", ["", "x", "' OR 1=1 --"])
    def test_with_a_key_that_is_not_ours_is_a_form_of_its_own(self, signed_in, dana, person, key):
        client = signed_in(dana)
        for _ in range(2):
            assert client.post("/staff/people/new/", person | {"form_key": key}).status_code == 302
        assert Patient.objects.count() == 2


@pytest.mark.django_db
def test_an_intake_opened_again_is_the_one_that_is_open(signed_in, dana, sam, patient):
    path = f"/staff/people/{patient.public_id}/intake/"
    first, again = (signed_in(colleague).post(path) for colleague in (dana, sam))
    assert first.url == again.url


@pytest.mark.django_db
def test_a_form_that_waits_is_not_given_again(signed_in, dana, patient):
    patient.user = make.user(Role.PATIENT)
    patient.save()
    client, today = signed_in(dana), timezone.localdate()
    for _ in range(2):
        client.post(f"/staff/people/{patient.public_id}/forms/", {"codes": ["phq9"], "due_on": str(today)})
    assert Assignment.objects.count() == 1
