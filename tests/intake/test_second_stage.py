"""Second stages open with what was answered, carry what was answered, and feed the facts; old versions stay as asked."""

from __future__ import annotations

from datetime import date

import pytest

from intake.models import QuestionnaireResponse
from intake.queries import Given, facts_of, sitting_of
from intake.sections import BY_SLUG

pytestmark = pytest.mark.django_db

SCREEN = {"audit_c_1": 4, "audit_c_2": 2, "audit_c_3": 1}


@pytest.fixture
def sitting(desk):
    """A function: the intake as it is stored now."""
    return lambda: sitting_of(desk.assessment.patient, desk.assessment.public_id)


def place(sitting, code: str, item: str) -> str:
    step = sitting.step_of(code, item)
    return f"{step.section.slug}/{step.number}/"


def test_the_exposure_list_opens_with_the_screen_and_comes_before_the_severity_form(answered, sitting):
    answered("pcptsd5", pcptsd5_exposure=True, pcptsd5_1=True, pcptsd5_2=True, pcptsd5_3=True)

    assert sitting().open_codes(BY_SLUG["trauma"]) == ["pcptsd5", "lec5", "pcl5", "trauma_interview"]


@pytest.mark.parametrize(("item", "scale"), [("heavy_use_7d", "ciwa"), ("opioid_daily_7d", "cows")])
def test_a_withdrawal_scale_opens_with_a_yes_and_says_so(answered, sitting, item, scale):
    assert scale not in sitting().open_codes(BY_SLUG["substance"])

    answered("substance", **{item: True})

    assert scale in sitting().open_codes(BY_SLUG["substance"])
    title = sitting().questionnaire(scale).title
    label = sitting().questionnaire("substance").item(item).label
    assert sitting().opened_by(BY_SLUG["substance"]) == [(title, f"{label}: yes")]


def test_a_withdrawal_scale_feeds_its_total_into_the_facts(answered, desk):
    answered("substance", heavy_use_7d=True)
    answered("ciwa", **{f"ciwa_{number}": 2 for number in range(1, 11)})

    facts = facts_of(desk.assessment, date(2026, 3, 10))["facts"]

    assert (facts["ciwa.total"], facts["cows.total"]) == (20, None)
    assert facts["withdrawal.scales_date"] is not None
    assert Given(desk.assessment).behind("ciwa.total").url.endswith("#slot_ciwa_1")


def test_the_full_alcohol_form_shows_what_is_carried_and_counts_it(answered, desk, sitting):
    answered("audit_c", **SCREEN)

    page = desk.client.get(desk.base + place(sitting(), "audit", "audit_1"))

    cards = {card.code: card for card in page.context["cards"]}
    assert [option["value"] for option in cards["audit_1"].options if option["checked"]] == ["4"]
    assert page.content.decode().count("Carried from AUDIT-C") == 3
    assert (page.context["count"].answered, page.context["count"].total) == (3, 10)


def test_continuing_keeps_what_is_carried_carried(answered, desk, sitting):
    answered("audit_c", **SCREEN)
    posted = {"audit_1": "4", "audit_2": "2", "audit_3": "1", "audit_4": "0"}

    desk.post(place(sitting(), "audit", "audit_1"), **posted)

    assert sorted(desk.response("audit").answers) == ["audit_4"]
    assert sitting().answers("audit")["audit_2"]["carried"] == "audit_c"


def test_another_answer_to_a_carried_question_becomes_the_forms_own(answered, desk, sitting):
    answered("audit_c", **SCREEN)

    saved = desk.autosave(place(sitting(), "audit", "audit_1"), audit_2="4")

    assert saved.status_code == 200
    assert desk.value("audit", "audit_2") == 4
    assert desk.value("audit_c", "audit_c_2") == 2
    assert "carried" not in sitting().answers("audit")["audit_2"]


def test_what_is_carried_alone_does_not_open_a_form(answered, sitting):
    answered("audit_c", audit_c_1=1, audit_c_2=0, audit_c_3=0)

    assert sitting().carried("audit")
    assert "audit" not in sitting().open_codes(BY_SLUG["substance"])


OLD = [
    ("substance", "ciwa_total", 12, "CIWA-Ar total"),
    ("bam", "bam_4", 3, "Days of any alcohol"),
    ("bipf", "bipf_1", "na", "Romantic partner"),
    ("safety", "cssrs_q1", False, "Wish to be dead, past month"),
]


@pytest.mark.parametrize(("code", "item", "value", "words"), OLD)
def test_answers_to_an_earlier_version_are_drawn_with_their_own_questions(
    answered, desk, sitting, code, item, value, words
):
    QuestionnaireResponse.objects.filter(assessment=desk.assessment, code=code).update(version="1")
    answered(code, **{item: value})

    page = desk.client.get(desk.base + place(sitting(), code, item))

    cards = {card.code: card for card in page.context["cards"]}
    assert page.status_code == 200
    assert words in page.content.decode()
    assert page.context["asked"].version == 1
    assert [option["checked"] for option in cards[item].options].count(True) == (1 if cards[item].options else 0)
    assert cards[item].typed or cards[item].options


def test_a_form_that_came_after_the_signature_is_no_part_of_what_was_signed(answered, desk, sitting):
    answered("substance", heavy_use_7d=True)
    now = sitting()
    del now.responses["ciwa"]

    assert now.open_codes(BY_SLUG["substance"]).count("ciwa") == 1
    now.assessment.state = "signed"
    assert now.open_codes(BY_SLUG["substance"]).count("ciwa") == 0
