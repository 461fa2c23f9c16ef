"""The task list and what it derives: statuses, resuming, second stages, the facts for the rooms above."""

from __future__ import annotations

from datetime import date

import pytest

from intake.instruments import catalog
from intake.queries import Given, facts_of, sitting_of
from intake.sections import BY_SLUG, SECTION_OF, SECTIONS, TOTAL

pytestmark = pytest.mark.django_db

PHQ9 = {f"phq9_{number}": 2 for number in range(1, 9)} | {"phq9_9": 0}
GAD7 = {f"gad7_{number}": 1 for number in range(1, 8)}


@pytest.fixture
def rows(desk):
    """A function: the rows of the task list as they stand now, by title."""

    def read():
        page = desk.client.get(desk.base)
        return {row["title"]: row for _, _, group in page.context["groups"] for row in group}

    return read


def test_every_questionnaire_stands_in_one_section():
    assert sorted(SECTION_OF) == sorted(questionnaire.code for questionnaire in catalog())
    assert sum(len(section.parts) for section in SECTIONS) == len(SECTION_OF)
    assert TOTAL == 12


def test_a_new_intake_is_ready_to_start(rows):
    assert {row["status"] for row in rows().values()} == {"Ready to start", "Not yet", "None"}


def test_a_section_counts_what_is_answered(rows, answered):
    answered("phq9", phq9_1=1, phq9_2=2)
    assert rows()["Mood and anxiety"]["status"] == "In progress, 2 of 16"


def test_a_section_is_completed_when_nothing_required_is_open(rows, answered):
    answered("phq9", **PHQ9)
    answered("gad7", **GAD7)
    assert (rows()["Mood and anxiety"]["status"], rows()["Mood and anxiety"]["tone"]) == ("Completed", "done")


def test_the_safety_check_is_due_after_item_9_and_comes_first(desk, rows, answered, assessment):
    answered("phq9", phq9_9=1)
    page = desk.client.get(desk.base)
    assert page.context["groups"][1][2][0]["title"] == "Safety"
    assert rows()["Safety"]["status"] == "Safety check due"


def test_the_check_is_not_yet_a_link_and_says_what_is_missing(rows):
    row = rows()["Check answers and sign"]
    assert (row["status"], row["url"]) == ("Not yet", "")
    assert "Emergency now" in row["hint"]


def test_the_check_is_open_once_the_safety_questions_are_answered(rows, safe):
    row = rows()["Check answers and sign"]
    assert row["status"] == "Ready to start"
    assert "10 sections with open questions" in row["hint"]


def test_work_goes_on_where_it_stopped(desk):
    desk.autosave("mood/1/", **{f"phq9_{number}": "1" for number in range(1, 5)})
    resume = desk.client.get(desk.base).context["resume"]
    assert resume["label"] == "Continue where you left off: Mood and anxiety, PHQ-9 question 5"
    assert resume["url"] == f"{desk.base}mood/1/#slot_phq9_5"


def test_a_section_opens_on_its_first_open_page(desk):
    desk.autosave("mood/1/", **PHQ9)
    assert desk.client.get(f"{desk.base}mood/").url == f"{desk.base}mood/2/"


class TestASecondStage:
    def test_is_closed_until_its_screen_is_positive(self, assessment, patient, answered):
        sitting = sitting_of(patient, assessment.public_id)
        assert "audit" not in sitting.open_codes(BY_SLUG["substance"])
        answered("audit_c", audit_c_1=4, audit_c_2=3, audit_c_3=3)
        sitting = sitting_of(patient, assessment.public_id)
        assert {"audit", "bam"} <= set(sitting.open_codes(BY_SLUG["substance"]))
        assert ("AUDIT", "AUDIT-C is positive") in sitting.opened_by(BY_SLUG["substance"])

    def test_does_not_change_the_addresses_of_other_pages(self, assessment, patient, answered):
        def numbers():
            sitting = sitting_of(patient, assessment.public_id)
            return {(step.code, step.number) for step in sitting.steps(BY_SLUG["substance"])}

        before = numbers()
        answered("audit_c", audit_c_1=4, audit_c_2=3, audit_c_3=3)
        assert numbers() == before

    def test_is_passed_over_while_closed(self, desk, answered):
        answered("audit_c", audit_c_1=0)
        page = desk.post("substance/2/", drug_times="0")
        assert "Alcohol and drugs" in desk.client.get(page.url).content.decode()


class TestTheSummary:
    def test_says_score_and_band_in_one_line(self, desk, answered):
        answered("phq9", **PHQ9, phq9_difficulty=1)
        text = desk.client.get(f"{desk.base}mood/3/").content.decode()
        assert "PHQ-9: 16 of 27, moderately severe" in text

    def test_says_what_is_open(self, desk, answered):
        answered("phq9", phq9_1=3)
        text = desk.client.get(f"{desk.base}mood/3/").content.decode()
        assert "15 questions of this section are open" in text

    def test_no_score_stands_on_the_question_page(self, desk, answered):
        answered("phq9", **PHQ9)
        assert "16 of 27" not in desk.client.get(f"{desk.base}mood/1/").content.decode()


def test_every_page_of_every_section_can_be_drawn(desk, patient, assessment, answered):
    answered("audit_c", audit_c_1=4, audit_c_2=3, audit_c_3=3)
    sitting = sitting_of(patient, assessment.public_id)
    for section in SECTIONS:
        for step in sitting.steps(section):
            page = desk.client.get(f"{desk.base}{section.slug}/{step.number}/")
            assert page.status_code == 200, step
            assert page.content.decode().count("<h1") == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_task_list_costs_the_same_queries(desk, sam, django_assert_num_queries, answered, number):
    for item in list(PHQ9)[:number]:
        answered("phq9", **{item: 1})
    with django_assert_num_queries(10):  # session, user, roles, record, its opening, intake, answers, names, forms
        desk.client.get(desk.base)


@pytest.mark.parametrize("number", [1, 3])
def test_a_page_costs_the_same_queries(desk, django_assert_num_queries, answered, number):
    for item in list(PHQ9)[:number]:
        answered("phq9", **{item: 1})
    with django_assert_num_queries(8):
        desk.client.get(f"{desk.base}mood/1/")


class TestForTheRoomsAbove:
    def test_facts_name_every_raw_fact_and_leave_the_unknown_open(self, assessment, answered):
        answered("phq9", **PHQ9)
        document = facts_of(assessment, as_of=date(2026, 3, 11))
        assert (document["schema"], document["as_of"]) == ("iop.facts/1", "2026-03-11")
        assert document["facts"]["phq9.items"] == [2] * 8 + [0]
        assert document["facts"]["phq9.date"] == "2026-03-11"
        assert document["facts"]["person.age"] == 36
        assert document["facts"]["gad7.items"] is None

    def test_a_text_answer_is_what_was_written(self, assessment, answered):
        answered("goals", own_words="Sleep through the night.")
        assert Given(assessment).text("goals", "own_words") == "Sleep through the night."
        assert Given(assessment).text("goals", "main_goal") == ""

    @pytest.mark.parametrize(
        ("fact", "place"),
        [
            ("phq9.item9", "mood/1/#slot_phq9_9"),
            ("phq9.total", "mood/1/#slot_phq9_1"),
            ("dimension.d4", "ratings/1/#slot_d4"),
            ("cssrs.level", "safety/2/#slot_cssrs_date"),
            ("no.such_fact", None),
        ],
    )
    def test_a_fact_has_the_address_of_its_question(self, desk, fact, place):
        found = Given(desk.assessment).behind(fact)

        assert (found and found.url) == (f"{desk.base}{place}" if place else None)
