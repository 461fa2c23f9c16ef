"""Every shipped definition is sound, licensed, and together they answer each raw fact once."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from intake.instruments import Questionnaire, catalog, load, score
from intake.instruments.facts import PERSON_FACTS
from intake.instruments.scoring import SCORERS
from intake.sections import SECTIONS, Yes

DICTIONARY = Path(__file__).parents[2] / "programs" / "matching" / "facts.yaml"
RAW: dict[str, dict[str, Any]] = {
    fact["key"]: fact for fact in yaml.safe_load(DICTIONARY.read_text())["facts"] if fact["kind"] == "raw"
}
ALL = catalog()
FACTS = [(item, item.fact) for questionnaire in ALL for item in questionnaire.items if item.fact is not None]

every_questionnaire = pytest.mark.parametrize("questionnaire", ALL, ids=lambda one: one.code)


def test_every_raw_fact_is_asked_once_or_dated_or_known_from_the_record():
    totals = [one.total_fact for one in ALL if one.total_fact is not None]
    places = Counter([(path.key, path.index) for _, path in FACTS] + [(total, None) for total in totals])
    asked = {key for key, _ in places}
    dated = {questionnaire.date_fact for questionnaire in ALL if questionnaire.date_fact is not None}

    assert asked | dated | PERSON_FACTS == set(RAW)
    assert not asked & dated
    assert not PERSON_FACTS & (asked | dated)
    assert [place for place, count in places.items() if count > 1] == []


# What is asked for a reason that no fact, score or condition shows; a questionnaire, or one of its questions.
PURPOSES = {
    "lec5": "the kind of event behind trauma.qualifying_event, and the index event to which the PCL-5 refers",
    "phq9.phq9_difficulty": "printed on the published form, unscored",
    "history.past_treatment": "read by the clinician beside the ratings",
    "goals": "the person's words and wishes: the match and the recommendation page read them",
}


def test_every_question_has_a_use():
    branching = {
        (one.code, test.item) for one in ALL for item in one.items if item.show_when for test in item.show_when.tests()
    }
    opening = {
        (opener.code, opener.item)
        for section in SECTIONS
        for part in section.parts
        for opener in part.after
        if isinstance(opener, Yes)
    }
    useless = [
        f"{one.code}.{item.code}"
        for one in ALL
        for item in one.items
        if item.fact is None
        and item.code not in (one.scoring.items if one.scoring else ())
        and (one.code, item.code) not in branching | opening
        and not {one.code, f"{one.code}.{item.code}"} & set(PURPOSES)
    ]

    assert useless == []


def test_a_second_stage_names_what_is_there():
    for section in SECTIONS:
        for part in section.parts:
            for opener in part.after:
                asked = load(opener.code)
                assert opener.code in section.codes[: section.codes.index(part.code)]
                if isinstance(opener, Yes):
                    assert asked.item(opener.item).kind == "yes_no"
                else:
                    assert asked.scoring is not None


@pytest.mark.parametrize("code", ["bam", "cows"])
def test_a_form_without_its_text_is_an_answer_sheet(code):
    sheet = load(code)

    assert sheet.sheet == tuple(item.code for item in sheet.items)
    assert all("not_asked" in item.allow for item in sheet.items)


def test_a_section_names_the_questions_whose_text_is_the_clinics_own():
    assert load("safety").sheet == load("safety").scoring.items
    assert load("home").sheet == load("home").scoring.items
    assert {one.code for one in ALL if one.sheet} == {"bam", "cows", "home", "safety"}


def test_a_total_is_a_fact_only_of_a_scored_form_with_the_range_of_the_fact():
    for one in ALL:
        if one.total_fact is not None:
            assert one.scoring is not None
            assert one.scoring.highest == RAW[one.total_fact]["max"]


def test_every_list_of_items_is_asked_whole():
    for key, fact in RAW.items():
        places = sorted(path.index for _, path in FACTS if path.key == key and path.index is not None)
        assert places == (list(range(fact["length"])) if fact["type"] == "items" else [])


def values_expected(key: str, index: int | None) -> set[Any]:
    """The values that the dictionary allows for a fact answered by choosing."""
    fact = RAW[key]
    if key == "audit.items":
        return {0, 1, 2, 3, 4} if index is not None and index < 8 else {0, 2, 4}
    if key == "bam.items":
        return {0, 4} if index == 13 else {0, 1, 2, 3, 4}
    if key == "bipf.items":
        return {0, 1, 2, 3, 4, 5, 6, "na"}
    if fact["type"] == "items":
        return {True, False} if fact["item"].startswith("bool") else set(range(int(fact["item"][6]) + 1))
    if fact["type"] == "bool":
        return {True, False}
    return set(fact["values"]) if "values" in fact else set(range(fact["min"], fact["max"] + 1))


@every_questionnaire
def test_an_item_can_only_be_answered_with_values_of_its_fact(questionnaire: Questionnaire):
    for item in questionnaire.items:
        if item.fact is None:
            continue
        fact = RAW[item.fact.key]
        if item.options:
            assert {option.value for option in item.options} == values_expected(item.fact.key, item.fact.index)
            assert (item.kind == "multi") == (fact["type"] == "list")
        else:
            assert item.kind == {"int": "integer", "number": "decimal", "date": "date"}[fact["type"]]
            assert (item.min, item.max) == (fact.get("min"), fact.get("max"))


def test_every_list_fact_can_be_answered_with_none_of_these():
    assert all(item.none_label for item, path in FACTS if RAW[path.key]["type"] == "list")


@every_questionnaire
def test_shipped_text_names_its_license_and_published_text_its_source(questionnaire: Questionnaire):
    assert questionnaire.license.statement
    if questionnaire.license.category != "own":
        assert questionnaire.source
        assert questionnaire.attribution


def test_only_text_free_to_ship_is_shipped():
    published = {one.code: one.license.category for one in ALL if one.license.category != "own"}

    assert published == {
        "audit": "B",
        "audit_c": "A",
        "bipf": "A",
        "ciwa": "A",
        "drug_single_item": "A",
        "gad7": "A",
        "lec5": "A",
        "pcl5": "A",
        "pcptsd5": "A",
        "phq9": "A",
    }


@every_questionnaire
def test_every_item_stands_on_one_page_in_order(questionnaire: Questionnaire):
    assert [item for page in questionnaire.pages for item in page.items] == list(questionnaire.items)


@every_questionnaire
def test_bands_are_those_of_the_scorer(questionnaire: Questionnaire):
    scoring = questionnaire.scoring
    if scoring is None or not scoring.bands or scoring.bands[0].low is None:
        return
    size = len(scoring.items)
    top = [values[-1] for values in SCORERS[scoring.scorer].allowed]
    for place in range(size + 1):  # from nothing to everything at its highest, one item after the other
        document = score(scoring.scorer, top[:place] + [0] * (size - place))
        band = scoring.band(document["band"])
        assert band is not None
        assert band.low <= document["total"] <= band.high
    edges = [(band.low or 0, band.high or 0) for band in scoring.bands]
    assert [low for low, _ in edges[1:]] == [high + 1 for _, high in edges[:-1]]
    assert (edges[0][0], edges[-1][1]) == (0, scoring.highest)


def test_the_screener_has_words_for_every_level():
    scoring = load("safety").scoring

    assert scoring is not None
    assert [band.code for band in scoring.bands] == ["high", "incomplete", "moderate", "low", "none"]


@pytest.mark.parametrize("code", ["phq9", "gad7"])
def test_the_lowest_label_is_not_at_all(code):
    labels = {tuple(option.label for option in item.options) for item in load(code).items if item.required}

    assert labels == {("Not at all", "Several days", "More than half the days", "Nearly every day")}


def test_ratings_show_the_anchor_of_every_step():
    for item in load("ratings").items:
        assert all(option.anchor for option in item.options)
        assert "not_sure" in item.allow


def test_loinc_codes_are_the_checked_ones():
    codes = {one.code: [item.loinc for item in one.items if item.loinc] for one in ALL}

    assert codes["phq9"][:9] == [
        "44250-9",
        "44255-8",
        "44259-0",
        "44254-1",
        "44251-7",
        "44258-2",
        "44252-5",
        "44253-3",
        "44260-8",
    ]
    assert codes["gad7"] == ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]
    assert codes["audit_c"] == codes["audit"][:3] == ["68518-0", "68519-8", "68520-6"]
    assert codes["safety"] == ["93246-7", "93247-5", "93248-3", "93249-1", "93250-9", "93267-3", "93269-9"]
    assert {one.code for one in ALL if codes[one.code]} == {"phq9", "gad7", "audit_c", "audit", "safety", "home"}
