"""Forms in the record: given, followed, taken back, read by who cares for the person."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import AccessEvent
from intake.models import Assignment
from tests.intake.forms.pages import staff_url, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class TestTheRecord:
    def test_gives_several_with_a_due_day(self, clinic, rosa):
        page = clinic.post(
            f"/staff/people/{rosa.public_id}/forms/", {"codes": ["phq9", "gad7"], "due_on": "2026-03-13"}, follow=True
        )

        assert "2 forms wait for Rosa in the portal." in words(page)
        assert "PHQ-9 Wed, Mar 11 Dana Kessler Fri, Mar 13 Assigned" in words(page)
        assert set(Assignment.objects.values_list("code", "due_on")) == {
            ("phq9", date(2026, 3, 13)),
            ("gad7", date(2026, 3, 13)),
        }

    @pytest.mark.parametrize(
        ("posted", "sentence"),
        [
            ({}, "Choose at least one questionnaire."),
            ({"codes": ["safety"]}, "not for answering alone"),
            ({"codes": ["phq9"], "due_on": "2026-03-10"}, "Choose a due day from today on"),
            ({"codes": ["phq9"], "due_on": "2027-03-10"}, "within 6 months"),
            ({"codes": ["phq9"], "due_on": "soon"}, "Enter the due day as month/day/year"),
        ],
    )
    def test_says_what_is_wrong_and_gives_nothing(self, clinic, rosa, posted, sentence):
        page = clinic.post(f"/staff/people/{rosa.public_id}/forms/", posted)

        assert page.status_code == 422
        assert sentence in words(page)
        assert not Assignment.objects.exists()

    def test_says_when_one_waits_already(self, clinic, rosa, given):
        given("phq9")
        page = clinic.post(f"/staff/people/{rosa.public_id}/forms/", {"codes": ["phq9"]}, follow=True)

        assert "Rosa has PHQ-9 to fill in already." in words(page)

    def test_shows_where_each_stands(self, clinic, rosa, begun, given, consented, sent, dana):
        begun("gad7", gad7_1=1)
        given("audit_c", due_on=date(2026, 3, 10))
        said = words(clinic.get(f"/staff/people/{rosa.public_id}/forms/"))

        assert "To read 8 of 27, mild" in said
        assert "Started, 1 of 7" in said
        assert "Assigned, overdue" in said
        clinic.post(staff_url("review_form", sent))
        assert "Reviewed Dana Kessler, Wed, Mar 11" in words(clinic.get(staff_url("forms", sent)))

    def test_before_consent_nothing_is_read(self, clinic, sent, assessment):
        listed, page = clinic.get(staff_url("forms", sent)), clinic.get(staff_url("form", sent))
        for each in (listed, page):
            assert "Not yet: answers are read once consent to treatment is recorded." in words(each)
            assert "of 27" not in words(each)
            assert f"/intake/{assessment.public_id}/arrival/1/" in each.content.decode()
        assert "Several days" not in words(page)
        refused = clinic.post(staff_url("review_form", sent), follow=True)
        assert "record consent to treatment first" in words(refused)
        assert Assignment.objects.get().reviewed_at is None

    def test_a_sent_one_shows_answers_score_band_device_who_and_when(self, clinic, sent, consented):
        said = words(clinic.get(staff_url("form", sent)))

        assert "Filled in by The person" in said
        assert "Sent Wed, Mar 11, 12:00 pm CT, from a phone" in said
        assert "Score 8 of 27, mild Below the usual cut-off of 10." in said
        assert "Feeling tired or having little energy Several days" in said
        assert "Take into the intake" in said

    def test_opening_one_is_on_record(self, clinic, sent, consented, rosa):
        clinic.get(staff_url("form", sent))
        assert AccessEvent.objects.filter(patient=rosa.public_id, action="forms.read").exists()

    def test_taken_into_the_intake_it_stands_there_as_the_persons_own(self, clinic, sent, consented):
        page = clinic.post(staff_url("review_form", sent), follow=True)
        assert "PHQ-9 is read, and its answers are in the intake." in words(page)

        answers = consented.responses.get(code="phq9").answers
        assert {said["respondent"] for said in answers.values()} == {"patient"}

    def test_one_that_is_not_sent_has_no_page(self, clinic, begun):
        assert clinic.get(staff_url("form", begun(phq9_1=1))).status_code == 404

    def test_taking_one_back_says_what_follows_first(self, clinic, begun):
        form = begun(phq9_1=1)
        assert "It was begun: 1 of 9 answered." in words(clinic.get(staff_url("withdraw_form", form)))
        page = clinic.post(staff_url("withdraw_form", form), follow=True)

        assert "PHQ-9 is taken back. Rosa no longer sees it." in words(page)
        assert "Taken back" in words(page)

    def test_the_task_list_of_the_intake_says_what_came_before_it(self, clinic, desk, sent, answered, given):
        assert "Questionnaires filled in before Record consent to treatment first Not yet" in words(
            clinic.get(desk.base)
        )
        answered("arrival", consent_treatment=True)
        assert "PHQ-9, Mar 11, phone 1 to read" in words(clinic.get(desk.base))
        clinic.post(staff_url("review_form", sent))
        assert "PHQ-9, Mar 11, phone Completed" in words(clinic.get(desk.base))

    def test_today_lists_what_waits_to_be_read(self, clinic, sent, consented):
        said = words(clinic.get("/staff/"))
        assert "1 form to read" in said
        clinic.post(staff_url("review_form", sent))
        assert "form to read" not in words(clinic.get("/staff/"))

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same_queries(self, clinic, rosa, given, number, django_assert_num_queries):
        for code in ["phq9", "gad7", "audit_c"][:number]:
            given(code)
        with django_assert_num_queries(10):
            clinic.get(f"/staff/people/{rosa.public_id}/forms/")
