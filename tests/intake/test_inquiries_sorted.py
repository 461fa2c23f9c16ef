"""Triage, people who look alike, and one-step registration: what the coordinator does with an inquiry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.db import violates
from accounts.models import AccessEvent, Role
from accounts.policies import Actor
from intake.actions import inquiries as actions
from intake.lookalikes import lookalikes, name_key
from intake.models import Inquiry, Patient, SupportPerson
from tests import make
from tests.intake.first_contacts import inquiry, told

State, Triage = Inquiry.State, Inquiry.Triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam(mill):
    return make.user(Role.COORDINATOR, at=mill, name="Sam Okoye")


@pytest.fixture
def desk(signed_in, sam):
    return signed_in(sam)


@pytest.fixture
def rosa(mill):
    return make.patient(
        location=mill,
        first_name="Rosa",
        last_name="Núñez",
        sort_key="nunez rosa",
        phone="+13125550177",
        email="r@x.test",
    )


def page_of(kept: Inquiry) -> str:
    return f"/staff/inquiries/{kept.public_id}/"


def press(desk, kept: Inquiry, triage: str, note: str = "", seen: str = "", **more):
    return desk.post(page_of(kept) + "sort/", {"triage": triage, "note": note, "seen": seen}, **more)


# ---- Triage


@pytest.mark.parametrize("triage", Triage.values)
def test_triage_and_note_are_set_in_one_press(desk, sam, triage):
    kept = inquiry()

    html = press(desk, kept, triage, note="Calls after 4\r\nBrother answers", follow=True).content.decode()

    kept.refresh_from_db()
    assert (kept.triage, kept.triage_note, kept.triaged_by) == (triage, "Calls after 4\nBrother answers", sam)
    assert f'value="{triage}" aria-pressed="true"' in html
    assert html.count('aria-pressed="true"') == 1
    assert "Calls after 4<br>Brother answers" in html
    assert "Sam Okoye" in html


@pytest.mark.parametrize(
    ("triage", "note", "sentence"),
    [
        ("", "", "Choose how soon to call."),
        ("tomorrow", "Keep me", "Choose how soon to call."),
        ("now", "x" * 501, "Use 500 characters or fewer. You wrote 501."),
        ("now", "a\x1bb", "Remove hidden characters."),
        ("now", "a\x00b", "characters"),
    ],
)
def test_wrong_triage_is_said_and_the_note_is_not_lost(desk, triage, note, sentence):
    kept = inquiry()

    response = press(desk, kept, triage, note=note)

    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert "There is a problem" in html
    assert note[:7].replace("\x00", "") in html or "\x1b" in note or "\x00" in note
    assert Inquiry.objects.get().triage == ""


def test_a_note_of_five_hundred_characters_is_kept(desk):
    kept = inquiry()

    assert press(desk, kept, "soon", note="n" * 500).status_code == 302


def test_who_comes_second_is_told_what_a_colleague_set(desk, sam):
    kept = inquiry()
    actions.sort(inquiry=kept, triage="now", note="", seen="", by=sam, at=make.NOON)

    response = press(desk, kept, "routine", note="My note", seen="")

    html = response.content.decode()
    assert response.status_code == 409
    assert "A colleague set this to “Call now” meanwhile." in html
    assert "My note" in html
    assert Inquiry.objects.get().triage == "now"


@pytest.mark.django_db(transaction=True)
def test_of_presses_at_once_one_counts_and_the_others_are_told():
    sam, rounds, hands = make.user(Role.COORDINATOR), [inquiry() for _ in range(8)], 4
    together = Barrier(hands)

    def press_at_once(hand):
        said = []
        with closing(connection):
            for kept in rounds:
                connection.ensure_connection()  # or whoever connects first is through before the others begin
                together.wait()
                try:
                    actions.sort(inquiry=kept, triage="now", note=f"Hand {hand}", seen="", by=sam, at=make.NOON)
                except actions.InquiryRefused as refusal:
                    said.append(str(refusal))
                else:
                    said.append("set")
        return said

    with ThreadPoolExecutor(hands) as desks:
        by_round = list(zip(*desks.map(press_at_once, range(hands)), strict=True))

    told = "A colleague set this to “Call now” meanwhile. Look at it and choose again."
    assert [sorted(said) for said in by_round] == [[told] * (hands - 1) + ["set"]] * len(rounds)


@pytest.mark.parametrize("state", [State.CLOSED, State.REGISTERED])
def test_what_is_done_is_sorted_no_more(desk, sam, rosa, state):
    kept = inquiry()
    if state == State.CLOSED:
        actions.move(inquiry=kept, to=state, by=sam, at=make.NOON)
    else:
        actions.hand_over(inquiry=kept, patient=rosa, by=sam, at=make.NOON)

    assert "How soon to call" not in desk.get(page_of(kept)).content.decode()
    assert press(desk, kept, "now").status_code == 409
    assert Inquiry.objects.get().triage == ""


@pytest.mark.parametrize(
    "values",
    [
        {"triage": "tomorrow", "triaged_at": make.NOON},
        {"triage": "now"},
        {"triage_note": "A note by nobody"},
        {"triaged_at": make.NOON},
    ],
)
def test_triage_without_somebody_who_set_it_is_no_row(values):
    inquiry()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Inquiry.objects.update(**values)

    assert violates(refused.value, "inquiry_triage_set_by_somebody")


def test_a_form_is_sent_once_also_past_our_code():
    kept = inquiry()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Inquiry.objects.filter(pk=inquiry().pk).update(form_key=kept.form_key)

    assert violates(refused.value, "inquiry_sent_once")


# ---- The list


def listed(response) -> list[str]:
    return [row.inquiry.name for row in response.context["worklist"].rows]


def test_who_may_not_be_safe_comes_first_then_call_now_then_the_promise(desk, sam):
    inquiry(name="Later", at=make.NOON)
    inquiry(name="Earlier", at=make.NOON - timedelta(days=5))
    now = inquiry(name="Now", at=make.NOON + timedelta(days=1))
    inquiry(name="Unsafe", safe_now="not_sure", at=make.NOON + timedelta(days=2))
    done = inquiry(name="Called", at=make.NOON - timedelta(days=9))
    actions.sort(inquiry=now, triage="now", note="", seen="", by=sam, at=make.NOON)
    actions.sort(inquiry=done, triage="now", note="", seen="", by=sam, at=make.NOON)
    actions.move(inquiry=done, to=State.CALLED, by=sam, at=make.NOON)

    response = desk.get("/staff/inquiries/")

    assert listed(response) == ["Unsafe", "Now", "Earlier", "Later", "Called"]
    assert response.content.decode().count('class="ui-chip is-plum"') == 1


def test_every_filter_counts_the_rows_it_shows(desk, sam):
    for name, triage, safe in [("A", "now", "yes"), ("B", "soon", "no"), ("C", "elsewhere", "yes"), ("D", "", "yes")]:
        kept = inquiry(name=name, safe_now=safe)
        if triage:
            actions.sort(inquiry=kept, triage=triage, note="", seen="", by=sam, at=make.NOON)

    counts = desk.get("/staff/inquiries/").context["worklist"].counts

    assert {name: counts[name] for name in ("now", "soon", "elsewhere", "unsorted")} == {
        "now": 2,
        "soon": 1,
        "elsewhere": 1,
        "unsorted": 1,
    }
    for name, count in counts.items():
        assert len(listed(desk.get(f"/staff/inquiries/?show={name}"))) == count


def test_a_promise_that_is_past_is_said_plainly(desk):
    kept = inquiry(at=timezone.now() - timedelta(days=30))

    assert "past by" in desk.get("/staff/inquiries/").content.decode()
    assert "We promised to answer by" in desk.get(page_of(kept)).content.decode()


def test_a_referral_says_in_the_list_who_refers(desk):
    inquiry(who="referral", name="Lin", referrer="Mercy Hospital", person_name="Rosa")

    assert "Referred by Mercy Hospital" in desk.get("/staff/inquiries/").content.decode()


# ---- People who look alike


def alike(kept: Inquiry, actor) -> list[tuple[str, str]]:
    return [(each.patient.first_name, each.reasons) for each in lookalikes(kept, actor).people]


@pytest.fixture
def actor(sam):
    return Actor(sam, Role.COORDINATOR)


@pytest.mark.parametrize(
    ("over", "reasons"),
    [
        ({"name": "X", "phone": "+13125550177"}, "same phone number"),
        ({"name": "X", "phone": "+13125550000", "email": "R@X.TEST"}, "same email address"),
        ({"name": "rosa NUNEZ", "phone": "+13125550000"}, "same name"),
        ({"name": "Nuñez, Rosa", "phone": "+13125550000"}, "same name"),
        ({"name": "Rosa Núñez", "email": "r@x.test"}, "same phone number, same email address, same name"),
        (
            {"who": "someone", "name": "Lin", "person_name": "Rosa Núñez", "phone": "+13125550000"},
            "same name",
        ),
    ],
)
def test_somebody_registered_here_is_recognized(rosa, actor, over, reasons):
    assert alike(inquiry(**over), actor) == [("Rosa", reasons)]


@pytest.mark.parametrize(
    "over",
    [
        {"name": "Rosa"},  # a first name alone names nobody
        {"name": "Rosa Nunez-Lopez"},
        {"name": "Rosa Núñez", "who": "someone", "person_name": "Mei Brook"},
    ],
)
def test_others_are_not_taken_for_somebody(rosa, actor, over):
    assert alike(inquiry(phone="+13125550000", **over), actor) == []


@pytest.mark.parametrize("kept_as", ["312-555-0177", "+1 (312) 555-0177", "13125550177"])
def test_a_phone_number_is_known_however_it_is_kept(rosa, actor, kept_as):
    Patient.objects.update(phone=kept_as)

    assert alike(inquiry(name="X"), actor) == [("Rosa", "same phone number")]


def test_nobody_of_another_location_is_shown(desk, rosa):
    Patient.objects.filter(pk=rosa.pk).update(location=make.location())
    html = desk.get(page_of(inquiry(name="Rosa Núñez"))).content.decode()

    assert "Nobody like this is registered." in html
    assert "1989" not in html


def test_the_page_shows_two_identifiers_and_earlier_inquiries(desk, rosa):
    earlier = inquiry(name="Núñez Rosa", phone="+13125550001", at=make.NOON - timedelta(days=9))
    inquiry(name="Somebody Else", phone="+13125550002")

    html = desk.get(page_of(inquiry(name="Rosa Nunez"))).content.decode()

    assert "Looks like Rosa N., born March 14, 1989" in html
    assert earlier.number in html
    assert "Somebody Else" not in html


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ana Núñez", "ana nunez"),
        ("NUNEZ, ana", "ana nunez"),
        ("Ana", ""),
        ("  ", ""),
        ("Œnone Straße", "strasse œnone"),
        ("x " * 200, ("x " * 200)[:210].strip()),
    ],
)
def test_names_are_compared_without_case_accents_and_order(name, key):
    assert name_key(name).strip() == key


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_queries_whatever_it_finds(desk, mill, django_assert_num_queries, number):
    for _ in range(number):
        make.patient(location=mill, phone="+13125550177")
        inquiry()
    kept = inquiry()

    with django_assert_num_queries(6):  # session, user, roles, inquiry, people, inquiries
        html = desk.get(page_of(kept)).content.decode()

    assert html.count("Looks like") == number


# ---- Registered already


def register_as(desk, kept: Inquiry, person, **more):
    return desk.post(page_of(kept) + "register/", {"person": person}, **more)


def test_an_inquiry_joins_the_record_that_is_there(desk, sam, rosa):
    kept = inquiry()

    response = register_as(desk, kept, rosa.public_id)

    kept.refresh_from_db()
    assert response.url == f"/staff/people/{rosa.public_id}/"
    assert (kept.state, kept.patient, kept.handled_by) == (State.REGISTERED, rosa, sam)
    assert Patient.objects.count() == 1
    assert AccessEvent.objects.filter(patient=rosa.public_id, action="inquiry.register_as").count() == 1
    html = desk.get(page_of(kept)).content.decode()
    assert "Registered as" in html
    assert f"/staff/people/{rosa.public_id}/" in html
    assert "Do we know this person?" not in html


def test_who_presses_after_a_colleague_is_told(desk, sam, rosa):
    kept = inquiry()
    actions.hand_over(inquiry=kept, patient=make.patient(), by=sam, at=make.NOON)

    response = register_as(desk, kept, rosa.public_id)

    html = response.content.decode()
    assert response.status_code == 409
    assert f"Inquiry {kept.number} is “Registered” already." in html
    assert "Registered at another location." in html
    assert rosa.short_name not in html


@pytest.mark.parametrize("person", ["", "nonsense", "1", "44c5a095-3f09-4ed8-8fe7-470c94f115f0"])
def test_a_person_who_is_not_there_is_not_found(desk, person):
    assert register_as(desk, inquiry(), person).status_code == 404


def test_a_person_of_another_location_is_not_found(desk):
    kept = inquiry()

    assert register_as(desk, kept, make.patient().public_id).status_code == 404
    assert Inquiry.objects.get().state == State.NEW


def test_a_closed_inquiry_says_so_and_is_not_registered(desk, sam, rosa):
    kept = inquiry()
    actions.move(inquiry=kept, to=State.CLOSED, by=sam, at=make.NOON)

    html = desk.get(page_of(kept)).content.decode()

    assert "This inquiry is closed." in html
    assert "Register as" not in html
    assert register_as(desk, kept, rosa.public_id).status_code == 409


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SUPERVISOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_only_a_coordinator_sorts_and_registers(signed_in, mill, rosa, role):
    kept = inquiry()
    other = signed_in(make.user(role, at=mill))

    assert press(other, kept, "now").status_code == 404
    assert register_as(other, kept, rosa.public_id).status_code == 404
    assert (Inquiry.objects.get().triage, Inquiry.objects.get().state) == ("", State.NEW)


def test_a_supervisor_reads_the_triage_and_gets_no_buttons(signed_in, mill, sam, rosa):
    kept = inquiry()
    actions.sort(inquiry=kept, triage="now", note="Ask for Rosa", seen="", by=sam, at=make.NOON)

    html = signed_in(make.user(Role.SUPERVISOR, at=mill)).get(page_of(kept)).content.decode()

    assert "Ask for Rosa" in html
    assert "Looks like Rosa N." in html
    assert "Register as" not in html
    assert "How soon to call" not in html


def test_reading_neither_sorts_nor_registers(desk):
    kept = inquiry()

    assert desk.get(page_of(kept) + "sort/").status_code == 405
    assert desk.get(page_of(kept) + "register/").status_code == 405


# ---- Registration in one step


@pytest.fixture
def fields(mill, dana):
    return {
        "first_name": "Rosa",
        "last_name": "Marlow",
        "born_on_month": "3",
        "born_on_day": "14",
        "born_on_year": "1989",
        "language": "en",
        "location": mill.pk,
        "clinician": dana.pk,
    }


@pytest.fixture
def lins_inquiry():
    return inquiry(who="someone", name="Lin Marlow", person_name="Rosa Marlow", email="lin@x.test")


def test_the_form_knows_what_was_told_about_the_person_and_not_the_writers_phone(desk, lins_inquiry):
    html = desk.get("/staff/people/new/", {"inquiry": lins_inquiry.public_id}).content.decode()

    assert 'value="Rosa"' in html
    assert 'value="Marlow"' in html
    assert "Add Lin Marlow as a support person" in html
    assert "555-0177" not in html
    assert "+13125550177" not in html


def test_whoever_wrote_becomes_a_support_person_when_the_coordinator_ticks_it(desk, sam, lins_inquiry, fields):
    sent = fields | {"inquiry": str(lins_inquiry.public_id), "add_writer": "on", "writer_relation": "parent"}

    desk.post("/staff/people/new/", sent)

    made = SupportPerson.objects.get()
    assert (made.patient, made.name, made.relation) == (Patient.objects.get(), "Lin Marlow", "parent")
    assert (made.phone, made.email, made.added_by) == ("+13125550177", "lin@x.test", sam)
    assert not made.is_emergency_contact


@pytest.mark.parametrize("more", [{}, {"writer_relation": "parent"}])
def test_without_the_tick_nobody_is_added(desk, lins_inquiry, fields, more):
    desk.post("/staff/people/new/", fields | more | {"inquiry": str(lins_inquiry.public_id)})

    assert Inquiry.objects.get().state == State.REGISTERED
    assert not SupportPerson.objects.exists()


@pytest.mark.parametrize("relation", ["", "enemy", None])
def test_a_tick_without_a_relation_is_asked_again(desk, lins_inquiry, fields, relation):
    sent = fields | {"inquiry": str(lins_inquiry.public_id), "add_writer": "on"}
    response = desk.post("/staff/people/new/", sent | ({"writer_relation": relation} if relation is not None else {}))

    assert response.status_code == 422
    assert "Choose how they know the person" in response.content.decode()
    assert not Patient.objects.exists()


def test_who_wrote_for_themselves_is_no_support_person(desk, fields):
    kept = inquiry(name="Rosa Marlow")
    sent = fields | {"inquiry": str(kept.public_id), "add_writer": "on", "writer_relation": "friend"}

    desk.post("/staff/people/new/", sent)

    assert Inquiry.objects.get().state == State.REGISTERED
    assert not SupportPerson.objects.exists()


def test_when_the_inquiry_was_taken_meanwhile_nobody_is_registered_or_added(desk, sam, rosa, lins_inquiry, fields):
    actions.hand_over(inquiry=lins_inquiry, patient=rosa, by=sam, at=make.NOON)
    sent = fields | {"inquiry": str(lins_inquiry.public_id), "add_writer": "on", "writer_relation": "parent"}

    response = desk.post("/staff/people/new/", sent)

    assert response.status_code == 422
    assert Patient.objects.get() == rosa
    assert not SupportPerson.objects.exists()


# ---- Noting a call


def test_a_noted_call_pressed_twice_is_one_inquiry(desk):
    message = told()
    first = desk.post("/staff/inquiries/new/", message)
    second = desk.post("/staff/inquiries/new/", message)
    other = desk.post("/staff/inquiries/new/", message | {"words": "Something else"})

    assert first.url == second.url == page_of(Inquiry.objects.get())
    assert other.status_code == 422
    assert "with different content" in other.content.decode()
    assert "Something else" in other.content.decode()
