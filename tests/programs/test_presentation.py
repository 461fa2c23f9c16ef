"""What the page says in each state of a result, from the examples of the contract."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from intake.queries import Behind
from programs.matching import default_engine
from programs.presentation import Page, page_of
from programs.trackcards import speaks
from scheduling.demo.catalog import read
from tests.matching.contract import CONTRACT
from tests.matching.contract import read as contract
from tests.programs import people
from tests.programs.reading import grade

EXAMPLES = sorted(path.name.removesuffix(".facts.json") for path in (CONTRACT / "examples").glob("*.facts.json"))
TOLD_ON = date(2026, 3, 2)
STATES = {
    "02-t2-nothing-supported": ("none", "No track fits well"),
    "03-t3-dbt-gate-open": ("hold", "On hold until one check is done"),
    "06-t5-trauma-without-event": ("assess", "What the intake points to"),
    "07-t6-within-one-point": ("close", "What the intake points to"),
    "21-missing-data": ("missing", "Not enough information yet"),
    "22-incomplete-and-stale-safety": ("hold", "On hold until two checks are done"),
    "23-minor": ("scope", "These rules are for adults"),
    "24-p8-family-format": ("ranked", "What the intake points to"),
    "25-main-problem-outside": ("pick", "What the intake points to"),
    "26-screen-against-clinician": ("assess", "What the intake points to"),
}


def page(name: str, **over: Any) -> Page:
    """The page of an example; facts in `over` replace those of the example."""
    document = contract(f"examples/{name}.facts.json")
    document["facts"].update(over)
    return page_of(
        default_engine().recommend(document), document["facts"], lambda fact: Behind(f"/answers/{fact}", TOLD_ON)
    )


@pytest.mark.parametrize("name", STATES)
def test_each_result_has_its_state_and_its_title(name):
    found = page(name)

    assert (found.state, found.title) == STATES[name]


def test_every_state_of_the_page_is_met():
    assert {state for state, _title in STATES.values()} == {
        "hold", "missing", "scope", "none", "assess", "close", "pick", "ranked",
    }  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_only_a_result_with_a_first_track_ranks_them(name):
    found = page(name)

    ranks = [card.rank for card in found.cards]
    assert ranks == (list(range(1, len(ranks) + 1)) if found.state == "ranked" else [None] * len(ranks))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("01-t1-depression-strong", "Tracks, best match first"),
        ("07-t6-within-one-point", "These two are too close to rank"),
        ("25-main-problem-outside", "Tracks with some support"),
    ],
)
def test_the_heading_of_the_tracks_says_how_they_stand_to_each_other(name, title):
    assert page(name).tracks_title == title


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_on_the_page_is_a_percentage_or_a_bare_code(name):
    said = json.dumps([str(part) for part in words_of(page(name))])

    assert "%" not in said
    assert "_" not in said


def words_of(found: Page) -> list[str]:
    lines = [line.text for card in [*found.cards, *found.unsupported] for line in [*card.toward, *card.against]]
    return [
        found.title, found.level, found.tracks_title, found.confidence, *found.level_reasons, *found.alternatives,
        *found.conditions, *found.notes, *found.confidence_reasons, *lines, *(line.label for line in found.missing),
        *(text for gate in [*found.gates, *found.later_gates] for text in (gate.title, gate.reason)),
        *(text for card in found.cards for text in [card.title, card.band, *card.holds, *(card.changes or [])]),
    ]  # fmt: skip


def test_each_line_of_evidence_is_one_fact_with_its_value_and_where_it_was_answered():
    card = page("01-t1-depression-strong").cards[0]

    assert [(line.text, line.source, line.url) for line in card.toward[:2]] == [
        (
            "Depressive episode or persistent depression, not bipolar: confirmed",
            "Diagnoses and clinical view",
            "/answers/diagnosis.depressive_disorder",
        ),
        ("PHQ-9 total: 21 of 27", "PHQ-9", "/answers/phq9.total"),
    ]
    assert {line.on for line in card.toward} == {TOLD_ON}
    assert [line.text for line in card.against] == ["Withdrawal or self-neglect: no"]


@pytest.mark.parametrize(
    ("fact", "value", "sign"),
    [
        ("phq9.total", 21, True),
        ("phq9.total", 0, False),
        ("dysregulation.items", [False] * 9, False),
        ("dysregulation.items", [False] * 8 + [True], True),
        ("functioning.loss_tied_to", [], False),
        ("functioning.loss_tied_to", ["dbt"], True),
        ("diagnosis.bpd", "none", False),
        ("diagnosis.bpd", "suspected", True),
        ("trauma.daily_avoidance", False, False),
        ("trauma.daily_avoidance", True, True),
        ("self_harm.episodes_3m", 0, False),
    ],
)
def test_a_value_is_told_from_its_absence(fact, value, sign):
    assert speaks(fact, value) is sign


def test_at_most_three_answers_that_would_change_the_result_stand_in_the_first_card_alone():
    found = page("13-g9-conjoint-blocked")

    assert all(card.changes is None for card in found.cards[1:])
    for name in EXAMPLES:
        assert all(len(card.changes or []) <= 3 for card in page(name).cards)


def test_a_change_says_the_answer_and_what_becomes_of_the_result():
    changes = page("01-t1-depression-strong").cards[0].changes

    assert changes[0] == (
        "Depressive episode or persistent depression, not bipolar: no instead of confirmed. "
        "Then more assessment is needed before a track."
    )
    assert changes[2].endswith(
        "serious (3) instead of moderate (2). Then level of care becomes partial hospitalization."
    )


def test_where_no_single_answer_changes_anything_the_card_can_say_so():
    assert page("23-minor").cards[0].changes == []


def test_what_is_missing_comes_first_only_where_it_could_change_the_result():
    found = page("21-missing-data")

    assert found.missing_first
    assert [line.matters for line in found.missing[:3]] == [
        "could change the result",
        "could change the result",
        "needed for safety",
    ]
    assert found.missing[0].url == "/answers/diagnosis.depressive_disorder"
    assert not page("01-t1-depression-strong").missing_first


def test_without_a_rating_the_questions_come_first_and_nothing_is_said_of_the_tracks():
    unrated = {"dimension.d5": None, "dimension.d6": None, "dimension.d9": None}
    found = page("02-t2-nothing-supported", **unrated)

    assert (found.state, found.missing_first, found.notes) == ("missing", True, [])


@pytest.mark.django_db
def test_a_track_is_not_offered_for_agreement_while_the_level_cannot_be_worked_out(signed_in):
    made = people.of_example("01-t1-depression-strong", **{"dimension.d5": None, "dimension.d6": None})
    place = [made.assessment.patient.public_id, made.public_id]

    found = signed_in(made.assessment.owner).get(reverse("programs:recommendation", args=place)).text

    assert made.result["selection"]["primary_track"] == "depression"
    assert "agree:" not in found
    assert "Choose a track" in found
    assert found.index("Missing information") < found.index("Nothing is guessed.")


def test_an_area_that_was_not_rated_is_unknown_and_not_none():
    areas = {area.label: area.word for area in page("21-missing-data").areas}

    assert (areas["Substance-use risk"], areas["Medical stability"]) == ("Unknown", "None")
    assert len(areas) == 9


def test_open_checks_that_stop_only_a_start_are_listed_apart():
    found = page("12-g6-g7-g8-enrollment-blocked")

    assert found.gates == []
    assert [(gate.id, gate.can_be_cleared) for gate in found.later_gates] == [("G6", False), ("G7", True), ("G8", True)]


def test_sessions_together_are_a_question_only_where_family_work_is_considered():
    assert "G9" in {gate.id for gate in page("13-g9-conjoint-blocked").later_gates}
    idle = {"family.relative_willing": False, "family.patient_consents": False, "preference.format": "group"}

    assert "G9" not in {gate.id for gate in page("13-g9-conjoint-blocked", **idle).later_gates}


def test_trauma_processing_on_hold_is_said_on_the_card_of_trauma():
    cards = {card.family: card for card in page("15-p4-trauma-stabilisation").cards}

    assert cards["trauma"].holds[0].startswith("Trauma processing is on hold, stabilization can start: ")
    assert cards["depression"].holds == []


# ---- the rendered page


def read_page(signed_in, name: str, which: str = "recommendation") -> str:
    made = people.of_example(name)
    patient = made.assessment.patient.public_id
    answer = signed_in(made.assessment.owner).get(reverse(f"programs:{which}", args=[patient, made.public_id]))
    assert answer.status_code == 200
    return str(answer.text).partition("<main")[2]


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_read_without_a_percentage(signed_in, name):
    found = read_page(signed_in, name)

    assert "%" not in found
    assert page(name).title in found


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, (state, _) in STATES.items() if state in {"hold", "missing", "scope"}])
def test_no_level_and_no_track_is_shown_where_nothing_may_be_guessed(signed_in, name):
    found = read_page(signed_in, name)

    assert "Level of care</p>" not in found
    assert 'id="level"' not in found
    assert 'id="track_' not in found
    assert "Tracks" not in found
    assert "Not supported" not in found
    assert "agree:" not in found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("02-t2-nothing-supported", "Consider outpatient care or a specialist referral"),
        ("06-t5-trauma-without-event", "more assessment is needed first"),
        ("25-main-problem-outside", "The main problem lies outside the six tracks, so no track is proposed first."),
        ("23-minor", "Refer to a program for young people."),
        ("21-missing-data", "Nothing is guessed."),
    ],
)
def test_a_result_without_a_first_track_says_what_to_do(signed_in, name, said):
    assert said in read_page(signed_in, name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_person_s_version_has_no_answer_on_partner_violence_no_points_and_no_diagnosis(signed_in, name):
    found = read_page(signed_in, name, "person_version")

    for unsaid in ("HARK", "artner violence", "fear", "Fear", "of 27", "points", "PHQ", "disorder", "onfidence", "%"):
        assert unsaid not in found
    assert "What you can choose" in found


@pytest.mark.django_db
def test_answers_on_partner_violence_stay_out_of_the_person_s_version_while_they_close_a_gate(signed_in):
    violence = {"hark.items": [True, True, False, True], "ipv.fear_disclosed": True, "family.relative_willing": True}
    made = people.of_example("01-t1-depression-strong", **violence)
    client, place = signed_in(made.assessment.owner), [made.assessment.patient.public_id, made.public_id]

    staff = client.get(reverse("programs:recommendation", args=place)).text
    theirs = client.get(reverse("programs:person_version", args=place)).text

    assert "Written reason for sessions together" in staff
    assert not [word for word in ("violence", "Fear", "fear", "together", "Safe place", "HARK") if word in theirs]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, (state, _) in STATES.items() if state == "hold"])
def test_the_person_s_version_of_a_hold_names_no_level_and_blames_nobody(signed_in, name):
    found = read_page(signed_in, name, "person_version")

    assert "You have done nothing wrong." in found
    assert "How much support may help" not in found


# ---- the answers behind areas and checks, and what the person wants


def test_a_check_on_hold_names_the_answers_behind_it():
    (gate,) = page("03-t3-dbt-gate-open").gates

    assert [(line.text, line.url) for line in gate.answers] == [
        ("C-SSRS screen", "/answers/cssrs.level"),
        ("Danger to self or others: serious (3)", "/answers/dimension.d1"),
    ]


def test_an_area_opens_the_rating_and_what_bears_on_it():
    area = page("01-t1-depression-strong").areas[5]

    assert (area.label, area.word) == ("Functioning", "Moderate")
    assert [line.text for line in area.answers] == [
        "Functioning: moderate (2)",
        "B-IPF answers: 7 of 7 answered",
        "Withdrawal or self-neglect: no",
        "Loss of functioning tied to: depression",
    ]


def test_what_was_said_about_a_partner_is_not_among_the_answers_of_an_area():
    found = page("01-t1-depression-strong", **{"ipv.fear_disclosed": True, "ipv.protective_order": True})

    said = " ".join(line.text for area in found.areas for line in area.answers)
    assert "Safe place tonight" in said
    assert not [word for word in ("fear", "Fear", "rotective", "partner") if word in said]


@pytest.mark.parametrize(
    ("goal", "effect"),
    [
        ("depression", "Their main goal adds a point to Depression. The order would be the same without it."),
        ("trauma", "Their main goal adds a point to Trauma. Without it the order would be another."),
        ("dbt", ""),  # no evidence of its own, so no point
        ("other", ""),
        (None, ""),
    ],
)
def test_the_page_says_whether_the_person_s_goal_changed_the_order(goal, effect):
    """Depression 7 and trauma 6 points, with a goal outside the four."""
    assert page("07-t6-within-one-point", **{"preference.main_goal": goal}).wants.effect == effect


def test_a_goal_that_only_widens_the_lead_changes_no_order():
    wants = page("01-t1-depression-strong").wants

    assert wants.effect == "Their main goal adds a point to Depression. The order would be the same without it."
    assert wants.lines[0].text == "Main goal: low mood and depression"


# ---- the reading level of what the person reads


def test_the_grade_of_a_text_grows_with_its_words_and_sentences():
    assert grade("You can say no. We will still help you.") < 3
    assert grade("Pharmacological augmentation necessitates interdisciplinary documentation of contraindications.") > 20


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_adult_with_six_years_of_school_can_read_the_person_s_version(signed_in, name):
    page_text = re.sub(r"<[^>]+>", "\n", read_page(signed_in, name, "person_version"))

    assert grade(page_text) <= 6


@pytest.mark.parametrize("track", read("clinic.yaml")["tracks"], ids=lambda track: track["code"])
def test_the_words_of_the_demo_tracks_can_be_read_with_six_years_of_school(track):
    assert grade(f"{track['sentence']}\n{track['may_help']}") <= 6


@pytest.mark.django_db
def test_the_person_s_version_says_where_help_may_be_needed_without_a_number_and_never_who_is_at_home(signed_in):
    made = people.of_example("01-t1-depression-strong", **{"dimension.d5": 3, "dimension.d7": 3})
    place = [made.assessment.patient.public_id, made.public_id]

    page_text = signed_in(made.assessment.owner).get(reverse("programs:person_version", args=place)).text

    assert re.findall(r"<li>([^<:]+): ([^<:]+ help)</li>", page_text) == [
        ("Mood and thoughts", "some help"), ("Alcohol or drug use", "more help"),
        ("Daily life", "some help"), ("Where you live", "more help"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_confidence_is_not_spoken_of_while_the_level_cannot_be_worked_out(signed_in):
    assert "Confidence" not in read_page(signed_in, "21-missing-data")
    assert "Confidence" in read_page(signed_in, "01-t1-depression-strong")
