"""Autosave and the plain post: merged by item, nothing lost, nothing bad stored."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from intake.actions.answers import Change, save_answers
from intake.models import AnswerChange, QuestionnaireResponse
from tests import make

pytestmark = pytest.mark.django_db

PHQ9 = "mood/1/"


def test_an_answer_is_stored_with_who_when_and_revision(desk):
    told = desk.autosave(PHQ9, phq9_1="2").json()

    stored = desk.response("phq9").answers["phq9_1"]
    assert (stored["value"], stored["by"], stored["revision"]) == (2, desk.user.pk, 1)
    assert told["revision"] == 1
    assert told["progress"] == {"answered": 1, "total": 9}
    assert re.fullmatch(r"\d{1,2}:\d\d [ap]m", told["saved_at"])


def test_every_value_stays_in_the_history(desk):
    desk.autosave(PHQ9, phq9_1="2")
    desk.autosave(PHQ9, revision=1, phq9_1="3")

    kept = AnswerChange.objects.filter(item="phq9_1").values_list("answer__value", "revision", "accepted")
    assert list(kept) == [(2, 1, True), (3, 2, True)]


def test_saying_the_same_again_writes_nothing(desk):
    desk.autosave(PHQ9, phq9_1="2")
    again = desk.autosave(PHQ9, phq9_1="2")

    assert again.json()["revision"] == 1
    assert AnswerChange.objects.count() == 1


def test_an_answer_can_be_left_open_with_a_reason(desk):
    told = desk.autosave(PHQ9, phq9_1="declined").json()

    assert desk.response("phq9").answers["phq9_1"]["status"] == "declined"
    assert told["progress"]["answered"] == 1


def test_different_items_of_two_people_are_merged(desk, sams_desk):
    desk.autosave(PHQ9, phq9_1="2")
    late = sams_desk.autosave(PHQ9, revision=0, phq9_2="1")

    assert late.status_code == 200
    assert (desk.value("phq9", "phq9_1"), desk.value("phq9", "phq9_2")) == (2, 1)
    assert "Dana Kessler changed this" in late.json()["fragments"]["#slot_phq9_1"]


class TestTwoAnswersToOneItem:
    @pytest.fixture
    def told(self, desk, sams_desk):
        sams_desk.autosave(PHQ9, phq9_1="3")
        return desk.autosave(PHQ9, revision=0, phq9_1="1", phq9_2="2")

    def test_are_a_conflict_and_both_are_kept(self, desk, told):
        assert told.status_code == 409
        assert told.json()["conflicts"] == [{"item": "phq9_1", "text": "Sam Okoye changed an answer here."}]
        assert desk.value("phq9", "phq9_1") == 3
        kept = AnswerChange.objects.filter(item="phq9_1").values_list("answer__value", "accepted")
        assert list(kept) == [(3, True), (1, False)]

    def test_do_not_keep_the_other_items_from_being_saved(self, desk, told):
        assert desk.value("phq9", "phq9_2") == 2

    def test_are_shown_in_the_item_with_both_values(self, told):
        panel = told.json()["fragments"]["#slot_phq9_1"]
        assert "<strong>You</strong>" in panel
        assert "Several days" in panel
        assert "<strong>Sam Okoye</strong>" in panel
        assert "Keep mine" in panel
        assert "Use Sam&#x27;s" in panel

    def test_count_as_unanswered_until_settled(self, desk, told):
        assert told.json()["progress"]["answered"] == 1
        desk.post(PHQ9, revision=2, settle="phq9_1:disputed", asked=[])
        assert desk.value("phq9", "phq9_1") == 1
        assert "disputed" not in desk.response("phq9").answers["phq9_1"]

    def test_can_be_settled_for_the_colleague(self, desk, told):
        desk.post(PHQ9, revision=2, settle="phq9_1:standing", asked=[])
        assert desk.value("phq9", "phq9_1") == 3
        assert "disputed" not in desk.response("phq9").answers["phq9_1"]

    def test_are_not_settled_by_posting_the_whole_page(self, desk, told):
        desk.post(PHQ9, revision=2, phq9_1="3", phq9_2="2")
        assert "disputed" in desk.response("phq9").answers["phq9_1"]

    def test_are_not_asked_about_again_when_sent_again(self, desk, told):
        again = desk.autosave(PHQ9, revision=0, phq9_1="1")
        assert again.status_code == 409
        assert AnswerChange.objects.filter(item="phq9_1").count() == 2


def test_the_same_value_from_two_people_is_no_conflict(desk, sams_desk):
    sams_desk.autosave(PHQ9, phq9_1="3")
    assert desk.autosave(PHQ9, revision=0, phq9_1="3").status_code == 200


def test_ones_own_later_answer_wins_over_the_earlier(desk):
    desk.autosave(PHQ9, phq9_1="3")
    assert desk.autosave(PHQ9, revision=0, phq9_1="1").status_code == 200
    assert desk.value("phq9", "phq9_1") == 1


def test_an_older_request_that_arrives_late_is_ignored(desk):
    desk.autosave(PHQ9, sequence=20, phq9_1="3")
    late = desk.autosave(PHQ9, revision=0, sequence=10, phq9_1="1", phq9_2="2")

    assert late.status_code == 200
    assert (desk.value("phq9", "phq9_1"), desk.value("phq9", "phq9_2")) == (3, 2)


def test_a_questionnaire_without_a_row_gets_one_with_its_first_answer(desk):
    desk.assessment.responses.filter(code="phq9").delete()
    assert desk.autosave(PHQ9, phq9_1="2").status_code == 200
    assert desk.value("phq9", "phq9_1") == 2


def test_what_a_page_sends_back_never_splits_a_header(desk):
    page = desk.post(PHQ9, phq9_1="1", **{"return": "x\r\nSet-Cookie: a=b"}, asked=["phq9_1"])
    assert page.url.endswith("/check/#row_x%0D%0ASet-Cookie%3A%20a%3Db")
    assert desk.post(PHQ9, settle="x\r\ny:standing", asked=[]).status_code == 404


class TestBadInput:
    """A sentence at the field, nothing of it stored (letters, unknown options, too long, too late)."""

    @pytest.mark.parametrize(
        ("place", "code", "item", "raw", "sentence"),
        [
            (PHQ9, "phq9", "phq9_1", "7", "is not one of the answers"),
            (PHQ9, "phq9", "phq9_1", "two", "is not one of the answers"),
            ("substance/2/", "drug_single_item", "drug_times", "abc", "whole number"),
            ("substance/2/", "drug_single_item", "drug_times", "9999", "outside that range"),
            ("safety/2/", "safety", "cssrs_date", "2199-01-01", "in the future"),
            ("safety/2/", "safety", "cssrs_date", "soon", "is not a date"),
            ("goals/1/", "goals", "own_words", "a" * 5001, "Shorten it to 5,000"),
            ("goals/1/", "goals", "own_words", "a\x00b", "characters that cannot be shown"),
            ("goals/2/", "goals", "available_mon", ["morning", "none"], "not both"),
            ("goals/2/", "goals", "available_mon", ["morning", "not_sure"], "not both"),
            (PHQ9, "phq9", "phq9_1", "not_sure", "is not one of the answers"),
        ],
    )
    def test_is_refused_with_a_sentence(self, desk, place, code, item, raw, sentence):
        told = desk.autosave(place, **{item: raw})

        assert told.status_code == 422
        assert sentence in told.json()["errors"][item]
        assert item not in desk.response(code).answers
        assert not AnswerChange.objects.exists()

    def test_does_not_keep_the_good_answers_from_being_saved(self, desk):
        told = desk.autosave(PHQ9, phq9_1="7", phq9_2="1")
        assert told.status_code == 422
        assert desk.value("phq9", "phq9_2") == 1

    def test_of_an_unknown_question_is_refused(self, desk):
        told = desk.autosave(PHQ9, gad7_1="1")
        assert told.status_code == 422
        assert "not on this page" in told.json()["errors"]["gad7_1"]

    def test_on_the_plain_page_keeps_what_was_typed(self, desk):
        page = desk.post("substance/2/", drug_times="a few")
        text = page.content.decode()
        assert page.status_code == 422
        assert "There is a problem" in text
        assert 'value="a few"' in text
        assert not desk.response("drug_single_item").answers

    def test_of_two_megabytes_is_answered_by_a_sentence(self, desk):
        desk.client.raise_request_exception = False
        page = desk.autosave("goals/1/", own_words="a" * 2_000_000)
        assert page.status_code == 413
        assert "too much to save at once" in page.content.decode()
        assert not desk.response("goals").answers

    def test_of_a_revision_is_read_as_none(self, desk):
        assert desk.autosave(PHQ9, revision="x' OR 1", phq9_1="1").status_code == 200


class TestWithoutScript:
    def test_continue_saves_the_page_and_goes_on(self, desk):
        page = desk.post(PHQ9, **{f"phq9_{n}": "1" for n in range(1, 9)}, phq9_9="0", note="Tired today")

        assert page.url == f"{desk.base}mood/2/"
        assert desk.value("phq9", "phq9_8") == 1
        assert desk.response("phq9").note == "Tired today"

    def test_save_and_leave_goes_to_the_person(self, desk):
        page = desk.post(PHQ9, phq9_1="1", leave="1")
        assert page.url == f"/staff/people/{desk.assessment.patient.public_id}/"
        assert desk.value("phq9", "phq9_1") == 1

    def test_an_untouched_answer_of_a_stale_page_overwrites_nothing(self, desk, sams_desk):
        desk.autosave(PHQ9, phq9_1="1")
        sams_desk.autosave(PHQ9, revision=1, phq9_1="3")

        page = desk.post(PHQ9, revision=1, phq9_1="1", phq9_2="2")

        assert page.status_code == 302
        assert desk.value("phq9", "phq9_1") == 3
        assert "disputed" not in desk.response("phq9").answers["phq9_1"]
        assert desk.value("phq9", "phq9_2") == 2

    def test_a_changed_answer_of_a_stale_page_is_a_conflict_shown_on_the_page(self, desk, sams_desk):
        sams_desk.autosave(PHQ9, phq9_1="3")
        page = desk.post(PHQ9, revision=0, phq9_1="1")
        assert page.status_code == 409
        assert "Keep mine" in page.content.decode()

    def test_questions_that_an_answer_adds_are_shown_before_going_on(self, desk):
        page = desk.post("trauma/1/", pcptsd5_exposure="yes")
        assert page.url == f"{desk.base}trauma/1/#slot_pcptsd5_1"
        assert "5 questions were added" in desk.client.get(page.url).content.decode()

    def test_an_unticked_list_is_emptied(self, desk):
        desk.post("goals/2/", available_mon=["morning"])
        desk.post("goals/2/", revision=1, asked=["available_mon"])
        assert desk.value("goals", "available_mon") is None

    def test_a_question_that_was_not_shown_is_not_emptied(self, desk, answered):
        answered("audit_c", audit_c_1=2, audit_c_2=3)
        desk.post("substance/1/", revision=1, audit_c_1="0")
        assert desk.value("audit_c", "audit_c_2") == 3


def test_skip_logic_brings_questions_directly_below_and_takes_them_away(desk):
    shown = desk.autosave("trauma/1/", pcptsd5_exposure="yes").json()
    assert "pcptsd5_1" in shown["fragments"]["#slot_pcptsd5_1"]
    assert "5 more questions" in shown["fragments"]["#revealed"]
    assert shown["progress"] == {"answered": 1, "total": 6}

    hidden = desk.autosave("trauma/1/", revision=1, pcptsd5_exposure="no").json()
    assert "fieldset" not in hidden["fragments"]["#slot_pcptsd5_1"]
    assert hidden["progress"] == {"answered": 1, "total": 1}


class TestTheSafetyPanel:
    def test_comes_with_the_answer_that_opens_it(self, desk):
        panel = desk.autosave(PHQ9, phq9_9="1").json()["fragments"]["#safety_phq9_9"]
        assert 'role="alert"' in panel
        assert "This answer needs a safety check before you finish" in panel
        assert f"{desk.base}safety/1/" in panel

    def test_goes_when_the_answer_is_taken_back(self, desk):
        desk.autosave(PHQ9, phq9_9="1")
        panel = desk.autosave(PHQ9, revision=1, phq9_9="0").json()["fragments"]["#safety_phq9_9"]
        assert "safety check" not in panel

    def test_is_one_line_on_later_pages_until_the_safety_questions_are_answered(self, desk, answered):
        answered("phq9", phq9_9=2)
        assert "A safety check is due before you finish" in desk.client.get(f"{desk.base}health/1/").content.decode()

    def test_is_gone_once_they_are(self, desk, answered, safe):
        answered("phq9", phq9_9=2)
        assert "safety check" not in desk.client.get(f"{desk.base}health/1/").content.decode()

    def test_can_be_answered_as_refused_in_one_press(self, desk):
        desk.post("safety/2/", refuse="1", asked=[])
        answers = desk.response("safety").answers
        assert {answers[code]["status"] for code in ("cssrs_q1", "cssrs_q2", "cssrs_q6_lifetime")} == {"declined"}


def test_an_autosave_costs_five_queries(desk):
    desk.autosave(PHQ9, phq9_1="1")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        desk.autosave(PHQ9, revision=1, phq9_2="2")
    rows = [query["sql"] for query in asked if not re.match(r"(SAVEPOINT|RELEASE|BEGIN|COMMIT)", query["sql"])]
    # Sign-in session, user, their roles, the answers, and one write of answer and history together.
    assert len(rows) == 5, rows


@pytest.mark.django_db(transaction=True)
def test_two_people_saving_at_once_both_find_their_answers(assessment, dana, sam):
    together = Barrier(2)

    def press(user, item):
        with closing(connection):
            response = QuestionnaireResponse.objects.select_related("assessment").get(
                assessment=assessment, code="phq9"
            )
            together.wait()
            save_answers(response=response, changes=[Change(item, 2)], base_revision=0, by=user, at=make.NOON)

    for number in range(1, 9, 2):
        with ThreadPoolExecutor() as desks:
            list(desks.map(press, (dana, sam), (f"phq9_{number}", f"phq9_{number + 1}")))

    stored = QuestionnaireResponse.objects.get(assessment=assessment, code="phq9")
    assert {item: entry["value"] for item, entry in stored.answers.items()} == {f"phq9_{n}": 2 for n in range(1, 9)}
    assert stored.revision == 8
    assert AnswerChange.objects.count() == 8


def test_a_save_in_the_background_that_continue_overtook_is_ignored(desk):
    desk.post(PHQ9, sequence="1772000002000", phq9_1="3")
    desk.autosave(PHQ9, revision=0, sequence=1772000001000, phq9_1="1")

    assert desk.value("phq9", "phq9_1") == 3
