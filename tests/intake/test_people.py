"""Finding, registering and opening: who sees whom, and what registration asks."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.db import violates
from accounts.models import AccessEvent, Role
from accounts.policies import Actor
from intake.actions import people
from intake.models import Assessment, CareTeamMember, Inquiry, Patient
from intake.queries import open_own_record
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician(dana, signed_in):
    return signed_in(dana)


def rows(page) -> list[str]:
    return [person.full_name for person in page.context["found"].people]


@pytest.fixture
def person_fields(mill):
    return {
        "first_name": "Ana",
        "last_name": "Núñez",
        "born_on_month": "3",
        "born_on_day": "14",
        "born_on_year": "1989",
        "language": "es",
        "phone": "(312) 555-0142",
        "email": "ana@example.test",
        "may_call": "yes",
        "may_leave_message": "on",
        "may_email": "yes",
        "location": mill.pk,
    }


class TestFinding:
    @pytest.fixture(autouse=True)
    def everybody(self, dana):
        make.patient(
            team=dana,
            first_name="Ana",
            last_name="Núñez",
            sort_key="nunez ana",
            phone="+13125550142",
            born_on=date(1990, 1, 2),
        )
        make.patient(team=dana, first_name="Rosa", last_name="Marlow", sort_key="marlow rosa", preferred_name="Rosie")
        make.patient(first_name="Ana", last_name="Elsewhere", sort_key="elsewhere ana")

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", ["Rosie Marlow", "Ana Núñez"]),
            ("nunez", ["Ana Núñez"]),
            ("NÚÑEZ ana", ["Ana Núñez"]),
            ("rosie", ["Rosie Marlow"]),
            ("1/2/1990", ["Ana Núñez"]),
            ("1990-01-02", ["Ana Núñez"]),
            ("312-555-0142", ["Ana Núñez"]),
            ("0142", ["Ana Núñez"]),
            ("elsewhere", []),
            ("' OR 1=1 --", []),
            ("%", None),
            ("an%", []),
        ],
    )
    def test_is_by_name_birth_date_or_phone_among_ones_own(self, clinician, text, found):
        page = clinician.get("/staff/people/", {"q": text})
        if found is None:
            assert page.status_code == 422
        else:
            assert rows(page) == found

    def test_shows_two_identifiers(self, clinician):
        text = clinician.get("/staff/people/", {"q": "nunez"}).content.decode()
        assert "Jan 2, 1990" in text
        assert "ends in 0142" in text
        assert "5550142" not in text

    @pytest.mark.parametrize(("text", "sentence"), [("a", "at least 2"), ("a" * 101, "100 characters or fewer")])
    def test_refuses_too_little_and_too_much(self, clinician, text, sentence):
        page = clinician.get("/staff/people/", {"q": text})
        assert page.status_code == 422
        assert sentence in page.content.decode()

    def test_says_so_when_nobody_matches(self, clinician):
        assert "Nobody matches" in clinician.get("/staff/people/", {"q": "zzz"}).content.decode()


def test_the_list_shows_25_and_more_on_request(clinician, dana, mill):
    for _ in range(27):
        make.patient(team=dana, location=mill)
    first = clinician.get("/staff/people/")
    assert len(rows(first)) == 25
    assert "?rows=50" in first.content.decode()
    assert len(rows(clinician.get("/staff/people/?rows=50"))) == 27
    assert len(rows(clinician.get("/staff/people/?rows=99999999"))) == 25


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries(clinician, dana, mill, django_assert_num_queries, number):
    for _ in range(number):
        make.patient(team=dana, location=mill)
    with django_assert_num_queries(4):
        page = clinician.get("/staff/people/")
    assert len(rows(page)) == number


class TestRegistering:
    def test_makes_a_patient_seen_by_the_clinician(self, clinician, dana, mill, person_fields):
        page = clinician.post("/staff/people/new/", person_fields)

        made = Patient.objects.get()
        assert page.url == f"/staff/people/{made.public_id}/"
        assert (made.sort_key, made.phone, made.born_on) == ("nunez ana", "+13125550142", date(1989, 3, 14))
        assert (made.may_be_emailed, made.zone, made.registered_by) == (True, mill.zone, dana)
        assert list(made.care_team.values_list("user", flat=True)) == [dana.pk]

    def test_keeps_what_was_said_about_calls_and_email_with_the_words_on_the_page(self, clinician, person_fields):
        page = unescape(clinician.get("/staff/people/new/").content.decode())
        clinician.post("/staff/people/new/", person_fields)

        call, email = Patient.objects.get().contact_wishes.order_by("channel")
        assert (call.is_wanted, call.may_leave_message, call.may_say_who) == (True, True, False)
        assert (email.is_wanted, email.may_say_who) == (True, True)
        for line in f"{call.statement}\n{email.statement}".splitlines():
            assert line in page

    @pytest.mark.parametrize("name", ["may_call", "may_email"])
    def test_leaves_no_wish_where_nobody_asked_and_chooses_none_beforehand(self, clinician, person_fields, name):
        assert "checked" not in clinician.get("/staff/people/new/").content.decode()
        clinician.post("/staff/people/new/", {key: value for key, value in person_fields.items() if key != name})

        channel = {"may_call": "call", "may_email": "email"}[name]
        assert not Patient.objects.get().contact_wishes.filter(channel=channel).exists()

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"first_name": ""}, "Enter the first name."),
            ({"last_name": "x" * 101}, "Use 100 characters or fewer."),
            ({"first_name": "A\x00na"}, "characters"),
            ({"first_name": "A\u202ena"}, "Remove hidden characters."),
            ({"born_on_year": ""}, "Enter month, day and year as numbers"),
            ({"born_on_day": "1x"}, "Enter month, day and year as numbers"),
            ({"born_on_month": "2", "born_on_day": "30"}, "That day is not in the calendar."),
            ({"born_on_year": "1889"}, "from 1900 on"),
            ({"born_on_year": "89"}, "from 1900 on"),
            ({"born_on_month": "", "born_on_day": "", "born_on_year": ""}, "Enter the date of birth."),
            ({"phone": "call me"}, "Enter a phone number with 10 digits"),
            ({"phone": "123"}, "Enter a phone number with 10 digits"),
            ({"email": "ana"}, "Enter an email address like name@example.com."),
            ({"email": ""}, "Enter the email address that we may write to"),
            ({"phone": ""}, "Enter the phone number that we may call"),
            ({"may_call": "perhaps"}, "Select a valid choice"),
            ({"location": ""}, "Choose the location."),
        ],
    )
    def test_refuses_with_a_sentence_and_keeps_what_was_typed(self, clinician, person_fields, wrong, sentence):
        page = clinician.post("/staff/people/new/", person_fields | wrong)
        text = page.content.decode()
        assert page.status_code == 422
        assert sentence in text
        assert "There is a problem" in text
        assert 'value="14"' in text or "born_on_day" in wrong
        assert not Patient.objects.exists()

    def test_refuses_a_date_of_birth_tomorrow(self, clinician, person_fields):
        day = timezone.now().date() + timedelta(days=2)
        fields = person_fields | {"born_on_month": day.month, "born_on_day": day.day, "born_on_year": day.year}
        page = clinician.post("/staff/people/new/", fields)
        assert page.status_code == 422
        assert "That date of birth is in the future. Check the year." in page.content.decode()

    def test_offers_only_ones_own_locations(self, clinician, person_fields):
        elsewhere = make.location(name="Elsewhere")
        assert clinician.post("/staff/people/new/", person_fields | {"location": elsewhere.pk}).status_code == 422

    def test_by_a_coordinator_names_who_will_see_the_person(self, signed_in, coordinator, dana, person_fields):
        client = signed_in(coordinator)
        assert "Choose who will see the person." in client.post("/staff/people/new/", person_fields).content.decode()
        client.post("/staff/people/new/", person_fields | {"clinician": dana.pk})
        assert CareTeamMember.objects.get().user == dana

    def test_closes_the_inquiry_the_person_came_with(self, signed_in, coordinator, dana, person_fields):
        inquiry = Inquiry.objects.create(
            number="Q-1",
            who="me",
            name="Ana Núñez",
            reach_by="phone",
            phone="+13125550142",
            safe_now="yes",
            promised_by=make.NOON,
        )
        client = signed_in(coordinator)
        form = client.get("/staff/people/new/", {"inquiry": inquiry.public_id})
        assert 'value="Núñez"' in form.content.decode()

        client.post("/staff/people/new/", person_fields | {"clinician": dana.pk, "inquiry": str(inquiry.public_id)})
        inquiry.refresh_from_db()
        assert (inquiry.state, inquiry.patient) == ("registered", Patient.objects.get())

    def test_for_an_inquiry_that_is_taken_registers_nobody(self, signed_in, coordinator, dana, person_fields):
        inquiry = Inquiry.objects.create(
            number="Q-1",
            who="me",
            name="Ana",
            reach_by="phone",
            phone="+13125550142",
            safe_now="yes",
            promised_by=make.NOON,
            state="closed",
            handled_by=dana,
            handled_at=make.NOON,
        )
        fields = person_fields | {"clinician": dana.pk, "inquiry": str(inquiry.public_id)}
        page = signed_in(coordinator).post("/staff/people/new/", fields)
        assert page.status_code == 422
        assert not Patient.objects.exists()


class TestStarting:
    def test_opens_a_draft_with_the_versions_of_today(self, clinician, patient):
        page = clinician.post(f"/staff/people/{patient.public_id}/intake/")
        made = Assessment.objects.get()
        assert page.url == f"/staff/people/{patient.public_id}/intake/{made.public_id}/"
        assert made.responses.get(code="phq9").version == "1"

    def test_a_second_press_opens_the_same_one(self, clinician, patient):
        first = clinician.post(f"/staff/people/{patient.public_id}/intake/")
        second = clinician.post(f"/staff/people/{patient.public_id}/intake/")
        assert first.url == second.url
        assert Assessment.objects.count() == 1

    def test_is_no_matter_of_a_link(self, clinician, patient):
        assert clinician.get(f"/staff/people/{patient.public_id}/intake/").status_code == 405

    def test_the_database_keeps_one_draft_per_patient(self, assessment, dana):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            make.assessment(patient=assessment.patient, owner=dana)
        assert violates(refused.value, "assessment_one_draft_per_patient")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"born_on": date(1899, 12, 31)}, "patient_born_between_1900_and_today"),
        ({"born_on": date(2199, 1, 1)}, "patient_born_between_1900_and_today"),
        ({"last_name": ""}, "patient_has_a_name"),
    ],
)
def test_the_database_refuses_what_must_not_exist(values, rule):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        make.patient(**values)
    assert violates(refused.value, rule)


def test_a_member_of_the_care_team_is_there_once(patient, dana):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        CareTeamMember.objects.create(patient=patient, user=dana)
    assert violates(refused.value, "care_team_member_once")


@pytest.mark.parametrize(
    ("last", "first", "key"),
    [("Núñez", "Ana", "nunez ana"), ("O'Neil ", " Zoë", "o'neil zoe"), ("Straße", "Ø", "strasse ø")],
)
def test_names_sort_without_case_and_accents(last, first, key):
    assert people.sort_key(last, first) == key


class TestTheDoor:
    PLACES = ("", "mood/", "mood/1/", "mood/3/", "check/", "sign/")

    def test_puts_every_opening_on_record(self, desk, dana):
        before = AccessEvent.objects.count()
        for place in self.PLACES:
            desk.client.get(desk.base + place)
        events = AccessEvent.objects.all()[: AccessEvent.objects.count() - before]
        assert len(events) == len(self.PLACES)
        assert {(event.user, event.role, event.patient) for event in events} == {
            (dana, "clinician", desk.assessment.patient.public_id)
        }

    def test_is_closed_to_a_clinician_of_another_team(self, signed_in, desk, mill):
        stranger = signed_in(make.clinician(at=mill))
        for place in self.PLACES:
            assert stranger.get(desk.base + place).status_code == 404
        for sent in ({"X-Autosave": "1"}, {}):
            data = {"changed": "phq9_1", "asked": "phq9_1", "phq9_1": "1", "revision": "0"}
            assert stranger.post(f"{desk.base}mood/1/", data, headers=sent).status_code == 404
        assert stranger.post(f"/staff/people/{desk.assessment.patient.public_id}/intake/").status_code == 404
        assert not desk.response("phq9").answers

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
    def test_of_an_intake_is_closed_to_other_roles(self, signed_in, desk, mill, role):
        other = signed_in(make.user(role, at=mill))
        for place in self.PLACES:
            assert other.get(desk.base + place).status_code == 404

    def test_leads_the_signed_out_to_sign_in_and_back(self, client, desk):
        page = client.get(f"{desk.base}mood/1/")
        assert page.url == f"/sign-in/?next={desk.base}mood/1/"
        told = client.post(f"{desk.base}mood/1/", {"phq9_1": "1"}, headers={"X-Autosave": "1"})
        assert told.status_code == 401

    def test_finds_nothing_of_another_patient_under_this_one(self, desk, dana, mill):
        other = make.patient(team=dana, location=mill)
        base = f"/staff/people/{other.public_id}/intake/{desk.assessment.public_id}/"
        assert desk.client.get(base).status_code == 404
        told = desk.client.post(f"{base}mood/1/", {"changed": "phq9_1", "phq9_1": "1"}, headers={"X-Autosave": "1"})
        assert told.status_code == 404
        assert not desk.response("phq9").answers

    @pytest.mark.parametrize("place", ["nowhere/", "nowhere/1/", "mood/0/", "mood/99/"])
    def test_of_a_page_that_is_not_there_is_closed(self, desk, place):
        assert desk.client.get(desk.base + place).status_code == 404


def test_only_a_patient_has_a_record_of_their_own(patient, dana):
    """A clinician sees records too; none of them is theirs."""
    with pytest.raises(Http404):
        open_own_record(Actor(dana, Role.CLINICIAN), "own.schedule")
    assert not AccessEvent.objects.exists()
