"""How somebody may be reached: asked in words that are kept; nobody asked means nothing is sent that way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Role
from intake.actions import contact as actions
from intake.models import Channel, ContactWish, Patient, SupportPerson
from intake.statements import LANGUAGES, asked_about
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_of_sam(signed_in, coordinator):
    return signed_in(coordinator)


@pytest.fixture
def rosa(patient):
    Patient.objects.filter(pk=patient.pk).update(phone="+13125550142", email="rosa@example.test")
    patient.refresh_from_db()
    return patient


def base(patient) -> str:
    return f"/staff/people/{patient.public_id}/contact/"


ANSWERS = {"wanted": "yes", "message": "yes", "who": "no", "times": "after 4 pm"}


# ---- Wishes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", list(Channel))
def test_a_wish_keeps_the_words_that_stood_on_the_page(desk_of_sam, rosa, channel, language):
    Patient.objects.filter(pk=rosa.pk).update(language=language)
    url = f"{base(rosa)}wishes/{channel.value}/"
    page = unescape(desk_of_sam.get(url).content.decode())
    assert " checked" not in page
    desk_of_sam.post(url, ANSWERS)

    kept = ContactWish.objects.get()
    assert (kept.channel, kept.is_wanted, kept.statement) == (channel, True, asked_about(channel, language).text())
    assert all(line in page for line in kept.statement.splitlines())
    assert kept.may_leave_message == (channel == Channel.CALL)
    assert kept.may_say_who == (channel in {Channel.TEXT, Channel.EMAIL})
    assert kept.best_times == ("after 4 pm" if channel in {Channel.CALL, Channel.TEXT} else "")


def test_a_no_is_kept_and_allows_nothing(desk_of_sam, rosa):
    desk_of_sam.post(f"{base(rosa)}wishes/call/", ANSWERS | {"wanted": "no"})
    kept = ContactWish.objects.get()
    assert (kept.is_wanted, kept.may_leave_message, kept.may_say_who, kept.best_times) == (False, False, False, "")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"wanted": ""}, "Choose the answer that the person gave."),
        ({"message": ""}, "Choose the answer that the person gave."),
        ({"who": ""}, "Choose the answer that the person gave."),
        ({"wanted": "perhaps"}, "Select a valid choice"),
        ({"times": "x" * 201}, "Use 200 characters or fewer."),
    ],
)
def test_an_open_question_is_not_taken_for_an_answer(desk_of_sam, rosa, over, sentence):
    page = desk_of_sam.post(f"{base(rosa)}wishes/call/", ANSWERS | over)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not ContactWish.objects.exists()


@pytest.mark.parametrize(
    ("channel", "sentence"), [("call", "no phone number"), ("text", "no phone number"), ("email", "no email address")]
)
def test_a_yes_needs_a_number_or_an_address(desk_of_sam, rosa, channel, sentence):
    Patient.objects.filter(pk=rosa.pk).update(phone="", email="")
    page = desk_of_sam.post(f"{base(rosa)}wishes/{channel}/", ANSWERS)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert desk_of_sam.post(f"{base(rosa)}wishes/{channel}/", ANSWERS | {"wanted": "no"}).status_code == 302


def test_a_new_wish_ends_the_one_before(desk_of_sam, rosa):
    for answer in ("yes", "no"):
        desk_of_sam.post(f"{base(rosa)}wishes/email/", {"wanted": answer})
    assert [wish.is_wanted for wish in ContactWish.objects.order_by("pk")] == [True, False]
    assert ContactWish.objects.live().get().is_wanted is False


@pytest.mark.django_db(transaction=True)
def test_of_two_wishes_at_once_one_stands(meet_at):
    patient = make.patient()
    meet_at(actions, "add_wishes")
    by = make.user(Role.COORDINATOR)

    def press(answer):
        wish = actions.Wish(channel=Channel.EMAIL, is_wanted=answer, statement="May we?")
        try:
            actions.record_wish(patient=patient, wish=wish, by=by, at=make.NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor() as desk:
        list(desk.map(press, [True, False]))
    assert ContactWish.objects.count() == 2
    assert ContactWish.objects.live().count() == 1


def test_there_is_no_fifth_way(desk_of_sam, rosa):
    assert desk_of_sam.get(f"{base(rosa)}wishes/pigeon/").status_code == 404


class TestMayBeEmailed:
    def test_who_said_yes_and_has_an_address(self):
        yes = make.patient(may_email=True)
        make.patient(may_email=False)
        make.patient(may_email=None)
        make.patient(may_email=True, email="")
        make.wish(make.patient(), Channel.CALL)
        make.wish(make.patient(), Channel.EMAIL, ended_at=make.NOON)
        assert list(Patient.objects.may_be_emailed()) == [yes]
        assert [each.may_be_emailed for each in Patient.objects.all()].count(True) == 1


# ---- Phone and email


def test_what_was_said_about_the_old_address_ends_with_it(desk_of_sam, rosa):
    for channel in Channel:
        make.wish(rosa, channel)
    desk_of_sam.post(f"{base(rosa)}change/", {"phone": "312 555 0142", "email": "new@example.test"})

    rosa.refresh_from_db()
    assert (rosa.phone, rosa.email, rosa.may_be_emailed) == ("+13125550142", "new@example.test", False)
    live = set(ContactWish.objects.live().values_list("channel", flat=True))
    assert live == {Channel.CALL, Channel.TEXT, Channel.LETTER}

    desk_of_sam.post(f"{base(rosa)}change/", {"phone": "", "email": "new@example.test"})
    assert set(ContactWish.objects.live().values_list("channel", flat=True)) == {Channel.LETTER}


@pytest.mark.parametrize(
    ("over", "sentence"), [({"phone": "call me"}, "10 digits"), ({"email": "rosa"}, "like name@example.com")]
)
def test_an_address_that_cannot_be_is_said(desk_of_sam, rosa, over, sentence):
    page = desk_of_sam.post(f"{base(rosa)}change/", {"phone": rosa.phone, "email": rosa.email} | over)
    assert page.status_code == 422
    assert sentence in page.content.decode()


# ---- Support people


def supporter(**over) -> dict[str, str]:
    values = {"name": "Maria Marlow", "relation": "parent", "phone": "312-555-0100", "key": str(uuid4())}
    return values | {"is_emergency_contact": "on"} | over


def test_somebody_is_added_once(desk_of_sam, rosa, coordinator):
    sent = supporter()
    for _ in range(2):
        assert desk_of_sam.post(f"{base(rosa)}people/new/", sent).status_code == 302
    kept = SupportPerson.objects.get()
    assert (kept.name, kept.phone, kept.is_emergency_contact, kept.added_by) == (
        "Maria Marlow",
        "+13125550100",
        True,
        coordinator,
    )
    html = desk_of_sam.get(base(rosa)).content.decode()
    assert "Call in an emergency" in html
    assert "312-555-0100" in desk_of_sam.get(f"/staff/people/{rosa.public_id}/").content.decode()


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"name": ""}, "Enter the name."),
        ({"relation": ""}, "Choose how they are related."),
        ({"relation": "enemy"}, "Select a valid choice"),
        ({"phone": ""}, "Enter the phone number to call in an emergency."),
        ({"phone": "x"}, "Enter a phone number with 10 digits"),
        ({"email": "x"}, "Enter an email address like name@example.com."),
        ({"name": "x" * 101}, "Use 100 characters or fewer."),
    ],
)
def test_what_is_missing_is_said(desk_of_sam, rosa, over, sentence):
    page = desk_of_sam.post(f"{base(rosa)}people/new/", supporter(**over))
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not SupportPerson.objects.exists()


def test_a_change_keeps_what_stood_there(desk_of_sam, rosa):
    before = make.supporter(rosa, phone="+13125550100", is_emergency_contact=True)
    url, sent = f"{base(rosa)}people/{before.public_id}/", supporter(phone="312-555-0199")
    assert 'value="Maria Marlow"' in desk_of_sam.get(url).content.decode()
    for _ in range(2):
        assert desk_of_sam.post(url, sent).status_code == 302

    before.refresh_from_db()
    assert (before.phone, before.ended_at is not None) == ("+13125550100", True)
    assert SupportPerson.objects.live().get().phone == "+13125550199"


def test_who_changes_what_a_colleague_ended_is_told(desk_of_sam, rosa, dana):
    known = make.supporter(rosa)
    SupportPerson.objects.update(ended_at=make.NOON, ended_by=dana)
    page = desk_of_sam.post(f"{base(rosa)}people/{known.public_id}/", supporter(phone="312-555-0199"))
    assert page.status_code == 409
    assert "changed or ended by a colleague" in page.content.decode()
    assert "312-555-0199" in page.content.decode()
    assert not SupportPerson.objects.live().exists()


def test_ending_warns_of_a_consent_and_stays_in_the_record(desk_of_sam, rosa, coordinator):
    known = make.supporter(rosa)
    url = f"{base(rosa)}people/{known.public_id}/end/"
    assert "A consent names them" not in desk_of_sam.get(url).content.decode()
    make.consent(rosa, support_person=known, recipient=known.as_recipient, expires_on=None, expires_event="Never")
    assert "A consent names them" in desk_of_sam.get(url).content.decode()
    assert desk_of_sam.post(url).status_code == 302
    known.refresh_from_db()
    assert known.ended_by == coordinator
    desk_of_sam.get(base(rosa))  # says once that she is no longer listed
    assert "Maria" not in desk_of_sam.get(base(rosa)).content.decode()
    assert desk_of_sam.post(url).status_code == 409


# ---- Who may


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SUPERVISOR])
def test_clinicians_and_supervisors_read(signed_in, dana, mill, rosa, role):
    known = make.supporter(rosa)
    client = signed_in(dana if role == Role.CLINICIAN else make.user(role, at=mill))
    html = client.get(base(rosa)).content.decode()
    assert "Maria Marlow" in html
    assert "Not asked, so not used" in html
    assert "Add somebody" not in html
    for path in (
        "change/",
        "wishes/call/",
        "people/new/",
        f"people/{known.public_id}/",
        f"people/{known.public_id}/end/",
    ):
        assert client.get(base(rosa) + path).status_code == 404
        assert client.post(base(rosa) + path, ANSWERS).status_code == 404


def test_somebody_of_another_place_sees_nothing(signed_in, rosa):
    known = make.supporter(rosa)
    for user in (make.user(Role.COORDINATOR, at=make.location()), make.clinician(), make.user(Role.FAMILY)):
        client = signed_in(user)
        for path in ("", "change/", "wishes/call/", "people/new/", f"people/{known.public_id}/"):
            assert client.get(base(rosa) + path).status_code == 404


def test_somebody_elses_support_person_is_not_there_under_this_person(desk_of_sam, rosa, mill):
    other = make.supporter(make.patient(location=mill))
    assert desk_of_sam.post(f"{base(rosa)}people/{other.public_id}/end/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_queries(desk_of_sam, rosa, number, django_assert_num_queries):
    for channel in list(Channel)[:number]:
        make.wish(rosa, channel)
        make.supporter(rosa, name=channel)
    with django_assert_num_queries(7):
        desk_of_sam.get(base(rosa))
