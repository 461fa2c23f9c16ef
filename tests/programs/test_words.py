"""Everything the rules can name has words: facts, gates, conditions, routing, bands, outcomes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from programs import words
from programs.models import Clearance, Level, TrackCode
from tests.matching.contract import CONTRACT, read

FACTS = yaml.safe_load((CONTRACT / "facts.yaml").read_text(encoding="utf-8"))["facts"]
SCHEMA = read("recommendation.schema.json")


def codes(*path: str) -> set[Any]:
    """The values an enum of the output document allows."""
    found: Any = SCHEMA
    for step in path:
        found = found[step]
    return set(found["enum"])


@pytest.mark.parametrize("fact", [fact["key"] for fact in FACTS])
def test_every_fact_has_a_name_that_is_not_its_key(fact):
    name = words.label(fact)

    assert name[0].isupper()
    assert name.lower() != fact.replace(".", ": ").replace("_", " ")
    assert "_" not in name


def test_all_facts_of_the_dictionary_are_looked_at():
    assert (len(FACTS), len({fact["key"] for fact in FACTS})) == (170, 170)


def test_no_two_facts_have_the_same_name():
    names = [words.label(fact["key"]) for fact in FACTS]

    assert {name for name in names if names.count(name) > 1} == set()


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact["type"] in {"choice", "bool"}], ids=lambda f: f["key"])
def test_every_value_that_can_be_chosen_has_words(fact):
    values = fact["values"] if fact["type"] == "choice" else [True, False]

    assert all("_" not in words.value_words(fact["key"], value) for value in values)
    assert words.value_words(fact["key"], None) == "not answered"


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("phq9.total", 17, "17 of 27"),
        ("dimension.d5", 3, "serious (3)"),
        ("trauma.daily_avoidance", True, "yes"),
        ("diagnosis.bpd", "none", "no"),
        ("diagnosis.bpd", "confirmed", "confirmed"),
        ("phq9.items", [3, None, 2, 1, 0, 0, 0, 0, 0], "8 of 9 answered"),
        ("dysregulation.items", [True, True, None, False, False, False, False, False, False], "2 of 9 yes"),
        ("functioning.loss_tied_to", ["depression", "trauma"], "depression, trauma"),
        ("functioning.loss_tied_to", [], "none"),
        ("emergency.signs", [], "none"),
        ("cssrs.date", "2026-03-11", "2026-03-11"),
    ],
)
def test_values_read_as_people_say_them(fact, value, said):
    assert words.value_words(fact, value) == said


def test_every_code_of_the_output_has_words():
    assert words.CONDITIONS.keys() == codes("$defs", "level_conditions", "items")
    assert words.ROUTING.keys() == codes("properties", "routing", "items")
    assert words.BANDS.keys() == codes("$defs", "band")
    assert words.FAMILIES.keys() == codes("$defs", "family")
    assert words.GATES.keys() == codes("$defs", "gate_id")
    assert set(Level.values) == codes("$defs", "level")
    outcomes = codes("properties", "selection", "properties", "outcome")
    assert outcomes - {"primary"} == words.WITHOUT_TRACK.keys()
    assert {code for code in codes("properties", "level_of_care", "properties", "status") if code != "determined"} <= (
        words.OUTCOMES.keys()
    )


def test_every_track_and_every_gate_but_consent_has_a_name():
    assert {words.track_name(code) for code in TrackCode.values} == set(TrackCode.labels)
    assert words.GATES.keys() - set(Clearance.Gate.values) == {"G6"}
