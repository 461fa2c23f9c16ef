"""Corrections of a signed intake: beside what was signed, signed like it, and heard by the rules."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.db import violates
from accounts.models import Role
from intake.actions import addenda, signing
from intake.actions.answers import Change
from intake.events import assessment_amended
from intake.models import Addendum, SafetyEvent
from intake.queries import facts_of, sitting_of
from programs.models import Recommendation
from tests import make
from tests.intake.conftest import SAFETY_ANSWERS, Desk

pytestmark = pytest.mark.django_db

PHQ9 = {f"phq9_{number}": 1 for number in range(1, 9)} | {"phq9_9": 0}
ABOUT = "?about=phq9.phq9_1"


def signed_intake(assessment, by, answered):
    answered("phq9", **PHQ9)
    answered("safety", **SAFETY_ANSWERS)
    seen = sitting_of(assessment.patient, assessment.public_id).revision
    signed = signing.sign(
        assessment=assessment, by=by, typed_name=by.name, password=make.PASSWORD, seen_revision=seen, at=timezone.now()
    )
    assessment.refresh_from_db()
    return signed


@pytest.fixture
def signed(desk, answered):
    return signed_intake(desk.assessment, desk.user, answered)


def correct(desk: Desk, about: str = ABOUT, key: UUID | None = None, **fields):
    values = {
        "key": key or uuid4(),
        "text": "I ticked the line above.",
        "signature": desk.user.name,
        "password": make.PASSWORD,
    }
    return desk.client.post(f"{desk.base}correct/{about}", {**values, **fields})


def text_of(page) -> str:
    return " ".join(page.content.decode().replace("&#x27;", "'").split())


class TestACorrection:
    def test_stands_beside_what_was_signed(self, desk, signed):
        page = correct(desk, phq9_1="3")

        assert page.url == f"{desk.base}mood/1/#slot_phq9_1"
        added = Addendum.objects.get()
        assert (added.code, added.item, added.answer["value"], added.signature) == ("phq9", "phq9_1", 3, "Dana Kessler")
        assert desk.value("phq9", "phq9_1") == 1
        text = text_of(desk.client.get(page.url))
        assert "Several days" in text
        assert re.search(r"Corrected \w+ \d+ by Dana Kessler: Nearly every day. I ticked the line above.", text)

    def test_leaves_the_signature_as_it_was(self, desk, signed):
        correct(desk, phq9_1="3")
        sitting = sitting_of(desk.assessment.patient, desk.assessment.public_id)
        assert signing.content_hash(sitting) == signed.content_hash

    def test_asks_the_question_as_it_was_asked(self, desk, signed):
        text = text_of(desk.client.get(f"{desk.base}correct/{ABOUT}"))
        assert "Little interest or pleasure in doing things" in text
        assert "Signed answer" in text
        assert 'name="phq9_1"' in text
        assert "checked" not in text

    def test_is_read_by_the_facts_and_makes_nothing_fresher(self, desk, signed):
        before = facts_of(desk.assessment, as_of=date(2026, 3, 11))["facts"]
        correct(desk, phq9_1="3")
        after = facts_of(desk.assessment, as_of=date(2026, 3, 11))["facts"]
        assert (before["phq9.items"][0], after["phq9.items"][0]) == (1, 3)
        assert after["phq9.date"] == before["phq9.date"] == "2026-03-11"

    def test_can_say_that_there_should_be_no_answer(self, desk, signed):
        correct(desk, phq9_1="empty")
        assert facts_of(desk.assessment, as_of=date(2026, 3, 11))["facts"]["phq9.items"][0] is None
        assert "No answer" in text_of(desk.client.get(f"{desk.base}mood/1/"))

    def test_can_be_corrected_again(self, desk, signed):
        correct(desk, phq9_1="3")
        correct(desk, phq9_1="2")
        assert facts_of(desk.assessment, as_of=date(2026, 3, 11))["facts"]["phq9.items"][0] == 2
        assert text_of(desk.client.get(f"{desk.base}mood/1/")).count("Corrected") == 2

    def test_works_the_recommendation_out_again_and_keeps_the_old_one(self, desk, signed):
        correct(desk, phq9_1="3")
        first, second = Recommendation.objects.order_by("pk")
        assert (first.facts["facts"]["phq9.items"][0], second.facts["facts"]["phq9.items"][0]) == (1, 3)

    def test_tells_the_rooms_above_in_its_own_transaction(self, desk, signed):
        heard = []

        def hear(assessment, **_later):
            heard.append((assessment.pk, connection.in_atomic_block))

        assessment_amended.connect(hear)
        correct(desk, phq9_1="3")
        assessment_amended.disconnect(hear)
        assert heard == [(desk.assessment.pk, True)]

    def test_is_not_added_when_a_listener_fails(self, desk, signed):
        def fail(**_later):
            raise RuntimeError("no")

        assessment_amended.connect(fail)
        desk.client.raise_request_exception = False
        page = correct(desk, phq9_1="3")
        assessment_amended.disconnect(fail)
        assert page.status_code == 500
        assert not Addendum.objects.exists()

    def test_of_a_dangerous_answer_opens_an_alert(self, desk, signed):
        assert not SafetyEvent.objects.exists()
        correct(desk, "?about=phq9.phq9_9", phq9_9="2")
        event = SafetyEvent.objects.get()
        assert (event.level, event.triggers, event.owner) == ("S2", ["phq9_9"], desk.user)

    def test_changes_the_score_that_the_summary_shows_beside_the_signed_one(self, desk, signed):
        correct(desk, phq9_1="3")
        text = text_of(desk.client.get(f"{desk.base}mood/3/"))
        assert "PHQ-9: 8 of 27" in text
        assert "With corrections: 10 of 27" in text

    def test_of_words_alone_is_listed(self, desk, signed):
        page = correct(desk, "", text="Came with her sister, who waited outside.")
        assert page.url == desk.base
        assert "Came with her sister" in text_of(desk.client.get(desk.base))
        assert "Came with her sister" in text_of(desk.client.get(f"{desk.base}check/"))

    def test_is_said_on_the_persons_summary(self, desk, signed):
        person = f"/staff/people/{desk.assessment.patient.public_id}/"
        assert "Amended since." not in text_of(desk.client.get(person))
        correct(desk, phq9_1="3")
        assert "Amended since." in text_of(desk.client.get(person))


class TestACorrectionIsRefused:
    @pytest.mark.parametrize(
        ("over", "sentence"),
        [
            ({}, "Give the right answer"),
            ({"phq9_1": "9"}, "is not one of the answers"),
            ({"phq9_1": ["3", "empty"]}, "not both"),
            ({"phq9_1": "3", "text": "  "}, "Say in a sentence what was wrong"),
            ({"phq9_1": "3", "text": "a" * 5001}, "Shorten it to 5,000"),
            ({"phq9_1": "3", "text": "a\x00b"}, "characters that cannot be shown"),
            ({"phq9_1": "3", "signature": "Someone Else"}, "Type your name as it stands in your account"),
            ({"phq9_1": "3", "password": "wrong"}, "That is not your password."),
        ],
    )
    def test_with_a_sentence_and_keeps_what_was_typed(self, desk, signed, over, sentence):
        page = correct(desk, **over)
        assert page.status_code == 422
        assert sentence in text_of(page)
        assert "There is a problem" in text_of(page)
        if "text" not in over:
            assert "I ticked the line above." in text_of(page)
        assert not Addendum.objects.exists()

    def test_when_it_changes_nothing(self, desk, signed):
        page = correct(desk, phq9_1="1")
        assert page.status_code == 409
        assert "That is the answer as it stands" in text_of(page)

    def test_after_five_tries_even_with_the_right_password(self, desk, signed):
        for _ in range(5):
            correct(desk, phq9_1="3", password="wrong")
        assert correct(desk, phq9_1="3").status_code == 429
        assert not Addendum.objects.exists()

    @pytest.mark.parametrize("key", ["", "x", "1"])
    def test_without_a_key_of_ours(self, desk, signed, key):
        assert correct(desk, phq9_1="3", key=key or " ").status_code == 422
        assert not Addendum.objects.exists()

    @pytest.mark.parametrize(
        "about", ["?about=phq9.nothing", "?about=nothing.phq9_1", "?about=x", "?about=arrival.phq9_1"]
    )
    def test_about_what_nobody_asked(self, desk, signed, about):
        assert desk.client.get(f"{desk.base}correct/{about}").status_code == 404

    def test_while_the_intake_is_a_draft(self, desk):
        assert desk.client.get(f"{desk.base}correct/").status_code == 404
        assert correct(desk, "").status_code == 404

    def test_from_who_may_not_write(self, signed_in, desk, signed, mill):
        supervisor = signed_in(make.user(Role.SUPERVISOR, at=mill))
        assert supervisor.get(f"{desk.base}correct/").status_code == 404
        assert "add a correction" not in text_of(supervisor.get(desk.base))
        stranger = signed_in(make.clinician(at=make.location()))
        assert stranger.get(f"{desk.base}correct/").status_code == 404


class TestSentTwice:
    def test_it_is_added_once(self, desk, signed):
        key = uuid4()
        assert correct(desk, key=key, phq9_1="3").status_code == 302
        assert correct(desk, key=key, phq9_1="3").status_code == 302
        assert Addendum.objects.count() == 1
        assert Recommendation.objects.count() == 2

    def test_with_other_words_it_is_refused(self, desk, signed):
        key = uuid4()
        correct(desk, key=key, phq9_1="3")
        page = correct(desk, key=key, phq9_1="2")
        assert page.status_code == 409
        assert "sent already" in text_of(page)
        assert Addendum.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_a_correction_is_added_once(assessment, dana, answered):
    signed_intake(assessment, dana, answered)
    key, together = uuid4(), Barrier(2)

    def press(_number):
        with closing(connection):
            together.wait()
            return addenda.add_addendum(
                assessment=assessment,
                key=key,
                correction=addenda.Correction("Misheard.", "phq9", Change("phq9_1", 3)),
                by=dana,
                typed_name=dana.name,
                password=make.PASSWORD,
                at=timezone.now(),
            ).pk

    with ThreadPoolExecutor() as desks:
        added = set(desks.map(press, range(2)))
    assert len(added) == Addendum.objects.count() == 1
    assert Recommendation.objects.count() == 2


class TestWhatCameAfterTheSignature:
    def test_is_proposed_to_its_author_alone(self, desk, sams_desk, signed):
        sams_desk.autosave("mood/1/", phq9_1="3")
        sams_desk.autosave("mood/2/", gad7_1="2")
        text = text_of(sams_desk.client.get(desk.base))
        assert "2 answers came after the signature" in text
        assert f'href="{desk.base}correct/?about=phq9.phq9_1"' in text
        assert "came after the signature" not in text_of(desk.client.get(desk.base))

    def test_fills_in_the_correction_page(self, desk, signed):
        desk.autosave("mood/1/", phq9_1="3")
        text = text_of(desk.client.get(f"{desk.base}correct/{ABOUT}"))
        assert re.search(r'value="3" data-key="3" checked', text)
        assert "after the intake was signed" in text

    def test_is_done_with_once_it_is_added(self, desk, signed):
        desk.autosave("mood/1/", phq9_1="3")
        correct(desk, phq9_1="3")
        assert "came after the signature" not in text_of(desk.client.get(desk.base))

    def test_of_a_note_becomes_words(self, desk, signed):
        desk.autosave("mood/1/", note="Sister will call tomorrow.")
        assert "1 answer came after the signature" in text_of(desk.client.get(desk.base))
        assert "Sister will call tomorrow." in text_of(desk.client.get(f"{desk.base}correct/?about=phq9.note"))

    def test_is_not_a_view_that_was_kept_beside_an_answer_before(self, desk, sam, answered):
        response = answered("phq9", phq9_1=1)
        response.answers["phq9_1"]["respondent"] = "patient"
        response.save()
        desk.autosave("mood/1/", revision=1, phq9_1="3")
        answered("safety", **SAFETY_ANSWERS)
        seen = sitting_of(desk.assessment.patient, desk.assessment.public_id).revision
        signing.sign(
            assessment=desk.assessment,
            by=desk.user,
            typed_name=desk.user.name,
            password=make.PASSWORD,
            seen_revision=seen,
            at=timezone.now() + timedelta(seconds=1),
        )
        assert "came after the signature" not in text_of(desk.client.get(desk.base))


class TestTheDatabase:
    @pytest.fixture
    def added(self, desk, signed):
        correct(desk, phq9_1="3")
        return Addendum.objects.get()

    @pytest.mark.parametrize("change", [lambda rows: rows.update(text="Other"), lambda rows: rows.delete()])
    def test_keeps_every_addendum(self, added, change):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            change(Addendum.objects.all())
        assert violates(refused.value, "addendum_is_kept")

    @pytest.mark.parametrize(
        ("over", "constraint"),
        [
            ({"item": ""}, "addendum_corrects_an_item_or_none"),
            ({"answer": None}, "addendum_corrects_an_item_or_none"),
            ({"text": ""}, "addendum_says_why_and_is_signed"),
            ({"signature": ""}, "addendum_says_why_and_is_signed"),
        ],
    )
    def test_refuses_half_an_addendum(self, desk, signed, over, constraint):
        whole = {"code": "phq9", "item": "phq9_1", "answer": {"value": 3}, "text": "Wrong", "signature": "Dana"}
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            Addendum.objects.create(assessment=desk.assessment, by=desk.user, **{**whole, **over})
        assert violates(refused.value, constraint)

    def test_refuses_one_for_a_draft(self, desk):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            Addendum.objects.create(assessment=desk.assessment, by=desk.user, text="Early", signature="Dana")
        assert violates(refused.value, "addendum_is_for_a_signed_assessment")


@pytest.mark.parametrize("number", [1, 3])
def test_a_signed_page_costs_the_same_queries(desk, signed, django_assert_num_queries, number):
    for value in range(number):
        correct(desk, phq9_1=str((value + 2) % 4))
    with django_assert_num_queries(9):  # session, user, roles, record, its opening, intake, answers, addenda, names
        desk.client.get(f"{desk.base}mood/1/")
    with django_assert_num_queries(12):  # and what came after the signature, and forms
        desk.client.get(desk.base)
