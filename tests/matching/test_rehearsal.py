"""A vignette tried: what is as expected, and what is said where it is not."""

import pytest

from programs.matching import default_engine
from programs.matching.rehearsal import Deviation, deviations

from .contract import VIGNETTES, read

NAMES = sorted(path.name for path in VIGNETTES.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_the_rules_that_come_along_are_as_expected(name):
    case = read(f"vignettes/{name}")

    assert deviations(default_engine().recommend(case["facts"]), case["clinical"]) == []


@pytest.mark.parametrize(
    ("change", "deviation"),
    [
        ({"level": {"acceptable": ["inpatient"]}}, Deviation("level", ("inpatient",), "php")),
        ({"primary": {"acceptable": ["trauma", "depression"]}}, Deviation("primary", ("trauma", "depression"), "dbt")),
        ({"format": None}, Deviation("format", ("none",), "group")),
        ({"format": {"primary": ["individual"], "family": ["no"]}}, Deviation("format", ("individual",), "group")),
        ({"format": {"primary": ["group"], "family": ["added"]}}, Deviation("family_work", ("added",), "no")),
        ({"gates_open": ["G1"]}, Deviation("gate", ("G1 open",), "G1 not open")),
    ],
)
def test_what_nobody_expected_is_named(change, deviation):
    case = read("vignettes/P02-the-same-kind-of-referral-after-the-assessment.json")

    assert deviations(default_engine().recommend(case["facts"]), {**case["clinical"], **change}) == [deviation]


def test_an_open_gate_that_must_not_be_open_is_named():
    case = read("vignettes/P01-recent-attempt-asks-for-dbt.json")
    expected = {**case["clinical"], "gates_open": [], "gates_not_open": ["G2"]}

    assert deviations(default_engine().recommend(case["facts"]), expected) == [
        Deviation("gate", ("G2 not open",), "G2 open")
    ]
