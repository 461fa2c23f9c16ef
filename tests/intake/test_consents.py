"""Consents: each element is asked for, what is shown is what is kept, and nothing is shared on a doubt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection

from accounts.models import AccessEvent, Role
from intake.actions import papers as actions
from intake.models import Consent, Patient
from intake.papers import active_consent
from intake.statements import LANGUAGES, consent_text
from tests import make

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 20)


@pytest.fixture
def clinician(signed_in, dana):
    return signed_in(dana)


def base(patient: Patient) -> str:
    return f"/staff/people/{patient.public_id}/consents/"


def fields(kind: str = "disclosure", language: str = "en", **over) -> dict[str, str]:
    values = {
        "patient_name": "Rosa Marlow",
        "discloser": "Oak Street Clinic",
        "information": "That I am in care here, and the days I come",
        "recipient": "Lakeshore Legal Aid",
        "purpose": "So that they can help me with my rent",
        "ends": "day",
        "expires_on": "2099-09-01",
        "revocation": "on",
        "statement": "on",
        "signature": "Rosa Marlow",
        "text_version": consent_text(kind, language).version,
        "key": str(uuid4()),
    }
    return {name: value for name, value in (values | over).items() if value is not None}


@pytest.fixture
def rosa(patient):
    Patient.objects.filter(pk=patient.pk).update(last_name="Marlow")
    patient.refresh_from_db()
    return patient


# ---- Signing


@pytest.mark.parametrize("kind", list(Consent.Kind))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_page_showed_is_what_is_kept(clinician, rosa, kind, language):
    Patient.objects.filter(pk=rosa.pk).update(language=language)
    url = f"{base(rosa)}new/{kind.value}/"
    page = unescape(clinician.get(url).content.decode())
    answer = clinician.post(url, fields(kind, language))

    kept = Consent.objects.get()
    assert answer.url == base(rosa)
    assert (kept.kind, kept.text_version, kept.expires_on) == (kind, f"1.{language}", date(2099, 9, 1))
    filled_in = ("patient_name", "discloser", "information", "recipient", "purpose", "signature")
    typed = {getattr(kept, name) for name in filled_in}
    assert {"en": "September 1, 2099", "es": "1 de septiembre de 2099"}[language] in kept.text
    for line in filter(None, kept.text.splitlines()):
        assert line in page or any(value in line for value in typed) or "2099" in line
    assert all(value in kept.text for value in (*typed, kept.revocation, kept.statement))


def test_nothing_is_chosen_or_ticked_beforehand(clinician, rosa):
    make.supporter(rosa)
    for kind in Consent.Kind:
        page = clinician.get(f"{base(rosa)}new/{kind.value}/").content.decode()
        assert " checked" not in page
        assert page.count(" selected") == ("support_person" in page)  # that one says "Nobody of these"
        assert 'value="Oak Street Clinic"' not in page


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ("patient_name", "Enter the name of the person it is about."),
        ("discloser", "Enter who may share it"),
        ("information", "Describe what may be shared."),
        ("recipient", "Say with whom it may be shared."),
        ("purpose", "Say what it is shared for."),
        ("revocation", "The person has to know how to take it back"),
        ("ends", "Choose until when this consent holds."),
        ("expires_on", "Enter the day on which this consent ends."),
        ("signature", "The person types their name to sign."),
        ("statement", "The person has to know what can happen afterward"),
        ("text_version", "Open the page again."),
        ("key", "Open the page again."),
    ],
)
def test_each_element_is_asked_for_and_nothing_typed_is_lost(clinician, rosa, without, sentence):
    page = clinician.post(f"{base(rosa)}new/disclosure/", fields(**{without: None}))

    html = unescape(page.content.decode())
    assert page.status_code == 422
    assert sentence in html
    assert "There is a problem" in html
    assert without == "information" or "That I am in care here, and the days I come" in html
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"ends": "event", "expires_event": ""}, "Say which event ends this consent."),
        ({"ends": "none"}, "Select a valid choice"),
        ({"expires_on": "2020-01-01"}, "That day is past."),
        ({"expires_on": "soon"}, "Enter a day like 3/14/2026."),
        ({"signature": "Somebody Else"}, "Type the name of the person who signs"),
        ({"text_version": "0.en"}, "The words of this consent have changed"),
        ({"text_version": "1.es"}, "The words of this consent have changed"),
        ({"information": "x" * 2001}, "at most 2000 characters"),
        ({"information": "a\x00b"}, "characters"),
        ({"discloser": "x" * 301}, "Use 300 characters or fewer."),
        ({"recipient": "Ana\u202e"}, "Remove hidden characters."),
        ({"key": "1"}, "Open the page again."),
        ({"support_person": "1"}, "no longer stands on the record"),
    ],
)
def test_what_cannot_be_is_said(clinician, rosa, over, sentence):
    make.supporter(rosa)
    page = clinician.post(f"{base(rosa)}new/disclosure/", fields(**over))
    assert page.status_code == 422
    assert sentence in unescape(page.content.decode())
    assert not Consent.objects.exists()


def test_no_end_is_for_the_one_consent_to_care(clinician, rosa):
    clinician.post(f"{base(rosa)}new/care/", fields("care", ends="none", expires_on=None))
    kept = Consent.objects.get()
    assert (kept.expires_on, kept.expires_event) == (None, "")
    assert "None: until I take it back" in kept.text


def test_a_guardian_on_the_record_may_sign_and_no_other_support_person(clinician, rosa):
    make.supporter(rosa, name="Lou Marlow", relation="parent")
    url = f"{base(rosa)}new/disclosure/"
    assert clinician.post(url, fields(signature="Lou Marlow")).status_code == 422
    make.supporter(rosa, name="Gil Quayle", relation="guardian")
    assert clinician.post(url, fields(signature="gil  quayle")).status_code == 302
    assert Consent.objects.get().signature == "gil  quayle"


def test_names_are_compared_without_accents_and_case(clinician, rosa):
    Patient.objects.filter(pk=rosa.pk).update(last_name="Núñez")
    answer = clinician.post(f"{base(rosa)}new/disclosure/", fields(patient_name="Rosa Núñez", signature="rosa nunez"))
    assert answer.status_code == 302


def test_a_support_person_or_a_name_but_not_both(clinician, rosa):
    mother = make.supporter(rosa)
    url, chosen = f"{base(rosa)}new/disclosure/", str(mother.public_id)
    both = clinician.post(url, fields(support_person=chosen))
    assert "not both" in both.content.decode()

    clinician.post(url, fields(support_person=chosen, recipient=""))
    kept = Consent.objects.get()
    assert (kept.support_person, kept.recipient) == (mother, "Maria Marlow, parent")


def test_somebody_elses_support_person_cannot_be_named(clinician, rosa):
    make.supporter(rosa)
    stranger = make.supporter(make.patient())
    page = clinician.post(f"{base(rosa)}new/disclosure/", fields(support_person=str(stranger.public_id), recipient=""))
    assert page.status_code == 422


def test_pressing_twice_keeps_one(clinician, rosa):
    sent = fields()
    for _ in range(2):
        assert clinician.post(f"{base(rosa)}new/disclosure/", sent).status_code == 302
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("kind", ["everything", "care_legal", "careless"])
def test_there_is_no_fifth_kind(clinician, rosa, kind):
    assert clinician.get(f"{base(rosa)}new/{kind}/").status_code == 404
    assert clinician.post(f"{base(rosa)}new/{kind}/", fields()).status_code == 404


# ---- Reading


@pytest.fixture
def marked(rosa):
    return make.consent(
        rosa,
        information="MARK-INFORMATION",
        recipient="MARK-RECIPIENT",
        purpose="MARK-PURPOSE",
        discloser="MARK-DISCLOSER",
        text="MARK-TEXT",
        expires_on=None,
        expires_event="MARK-EVENT",
    )


def test_a_coordinator_reads_that_there_is_a_consent_and_not_what_is_in_it(signed_in, coordinator, rosa, marked):
    client = signed_in(coordinator)
    for path in (base(rosa), f"/staff/people/{rosa.public_id}/"):
        html = client.get(path).content.decode()
        assert "MARK" not in html
    html = client.get(base(rosa)).content.decode()
    assert "A person or organization" in html
    assert "Active" in html
    for path in (f"{marked.public_id}/", f"{marked.public_id}/revoke/", "new/", "new/care/"):
        assert client.get(base(rosa) + path).status_code == 404
        assert client.post(base(rosa) + path).status_code == 404


def test_the_list_says_who_what_why_and_until_when(clinician, rosa, marked):
    html = clinician.get(base(rosa)).content.decode()
    for words in ("MARK-RECIPIENT", "MARK-INFORMATION", "MARK-PURPOSE", "MARK-EVENT"):
        assert words in html
    assert "MARK-TEXT" in clinician.get(f"{base(rosa)}{marked.public_id}/").content.decode()


def test_without_a_consent_nothing_is_shared(clinician, rosa):
    assert "Nothing is shared" in clinician.get(base(rosa)).content.decode()


def test_the_states_of_the_list(clinician, rosa, dana, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: make.NOON)
    gone = make.supporter(rosa, name="Gone", ended_at=make.NOON, ended_by=dana)
    make.consent(rosa, recipient="A-active", expires_on=DAY + timedelta(days=90))
    make.consent(rosa, recipient="B-expiring", expires_on=DAY)
    make.consent(rosa, recipient="C-expired", expires_on=date(2026, 3, 10))
    make.consent(rosa, recipient="D-revoked", revoked_at=make.NOON, revoked_by=dana)
    make.consent(rosa, recipient="Gone, parent", support_person=gone)

    page = clinician.get(base(rosa))
    states = {row.consent.recipient: row.state for row in page.context["rows"]}
    assert states == {
        "A-active": "Active",
        "B-expiring": "Expiring",
        "C-expired": "Expired",
        "D-revoked": "Revoked",
        "Gone, parent": "Not in use",
    }
    assert "Nothing more is shared with D-revoked" in page.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries(clinician, rosa, number, django_assert_num_queries):
    for _ in range(number):
        make.consent(rosa, support_person=make.supporter(rosa, name=f"Person {number}"))
    clinician.get(base(rosa))
    with django_assert_num_queries(7):
        assert len(clinician.get(base(rosa)).context["rows"]) == number


def test_somebody_of_another_team_or_place_sees_nothing(signed_in, rosa, marked):
    strangers = [make.clinician(), make.user(Role.COORDINATOR, at=make.location()), make.user(Role.ADMIN)]
    for user in strangers:
        client = signed_in(user)
        for path in ("", "new/", "new/care/", f"{marked.public_id}/", f"{marked.public_id}/revoke/"):
            assert client.get(base(rosa) + path).status_code == 404
        assert client.post(f"{base(rosa)}{marked.public_id}/revoke/").status_code == 404
    assert not Consent.objects.exclude(revoked_at=None).exists()


def test_a_consent_of_somebody_else_is_not_there_under_this_person(clinician, dana, rosa):
    other = make.consent(make.patient(team=dana))
    assert clinician.get(f"{base(rosa)}{other.public_id}/").status_code == 404
    assert clinician.post(f"{base(rosa)}{other.public_id}/revoke/").status_code == 404


def test_reading_is_on_record(clinician, rosa, marked):
    clinician.get(f"{base(rosa)}{marked.public_id}/")
    assert AccessEvent.objects.filter(patient=rosa.public_id, action="consent").exists()


# ---- Taking back


def test_stopping_says_what_it_changes_and_holds_at_once(clinician, rosa, dana):
    signed = make.consent(rosa)
    url = f"{base(rosa)}{signed.public_id}/revoke/"
    assert "From this moment nothing more is shared" in clinician.get(url).content.decode()
    assert active_consent(rosa, kind="disclosure", on=DAY, recipient="Lakeshore Legal Aid") == signed

    clinician.post(url)

    signed.refresh_from_db()
    assert (signed.revoked_by, signed.revoked_at is not None) == (dana, True)
    assert active_consent(rosa, kind="disclosure", on=DAY, recipient="Lakeshore Legal Aid") is None
    again = clinician.post(url)
    assert again.status_code == 409
    assert "taken back before" in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_stop_it_together_stop_it_once(meet_at):
    dana = make.clinician()
    signed = make.consent(make.patient(team=dana))
    meet_at(Consent, "save")

    def press(_):
        try:
            actions.revoke_consent(consent=signed, by=dana, at=make.NOON)
        except actions.PaperRefused:
            return "told"
        finally:
            connection.close()
        return "stopped"

    with ThreadPoolExecutor() as desk:
        assert sorted(desk.map(press, range(2))) == ["stopped", "told"]
    close_old_connections()


# ---- The gate of later disclosures


class TestActiveConsent:
    @pytest.fixture
    def mother(self, rosa):
        return make.supporter(rosa)

    @pytest.fixture
    def given(self, rosa, mother):
        return make.consent(rosa, support_person=mother, recipient=mother.as_recipient)

    def ask(self, rosa, **over):
        return active_consent(rosa, **{"kind": "disclosure", "on": DAY, **over})

    def test_is_found_for_the_very_person(self, rosa, mother, given):
        assert self.ask(rosa, support_person=mother) == given

    def test_is_for_one_kind_only(self, rosa, mother, given):
        for kind in ("care", "counseling_notes", "legal"):
            assert self.ask(rosa, support_person=mother, kind=kind) is None

    @pytest.mark.parametrize("on", [date(2026, 3, 10), date(2026, 9, 2)])
    def test_is_not_before_it_was_signed_nor_after_its_end(self, rosa, mother, given, on):
        assert self.ask(rosa, support_person=mother, on=on) is None

    @pytest.mark.parametrize("on", [date(2026, 3, 11), date(2026, 9, 1)])
    def test_holds_on_its_first_and_last_day(self, rosa, mother, given, on):
        assert self.ask(rosa, support_person=mother, on=on) == given

    def test_is_for_nobody_else(self, rosa, given):
        assert self.ask(rosa, support_person=make.supporter(rosa, name="Lou", relation="sibling")) is None
        assert self.ask(rosa, recipient=given.recipient) is None
        assert self.ask(rosa) is None

    def test_follows_somebody_whose_phone_number_changed(self, rosa, mother, given, dana):
        type(mother).objects.filter(pk=mother.pk).update(ended_at=make.NOON, ended_by=dana)
        anew = make.supporter(rosa, phone="+13125550100")
        assert self.ask(rosa, support_person=mother) is None
        assert self.ask(rosa, support_person=anew) == given

    def test_is_in_doubt_between_namesakes(self, rosa, mother, given):
        twin = make.supporter(rosa)
        assert self.ask(rosa, support_person=mother) is None
        assert self.ask(rosa, support_person=twin) is None

    def test_ends_with_the_person_on_the_record(self, rosa, mother, given, dana):
        type(mother).objects.filter(pk=mother.pk).update(ended_at=make.NOON, ended_by=dana)
        assert self.ask(rosa, support_person=mother) is None

    def test_is_of_this_patient(self, mother, given):
        assert self.ask(make.patient(), support_person=mother) is None

    def test_to_care_names_a_class_and_nobody(self, rosa, mother):
        care = make.consent(rosa, kind="care", expires_on=None)
        assert self.ask(rosa, kind="care") == care
        assert self.ask(rosa, kind="care", support_person=mother) is None
        assert self.ask(rosa, recipient="") is None
