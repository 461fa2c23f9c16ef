"""The invented people reach every part of the rules, so that two evaluators who agree about them agree about the rules."""

from collections import Counter

import pytest

from programs.matching import Batch, check, default_engine
from programs.matching.formats import BASES, FAMILY_WORK
from programs.matching.logic import Evaluation
from programs.matching.report import Report
from programs.matching.spoken import DECIDES, HOLDS, spoken

from .people import person

RULES = default_engine().ruleset
# Rows that the contract makes known to everybody, whatever is missing (S40, S44, S50, S53).
NEVER_UNKNOWN = {
    "G2.cssrs_high",
    "G2.cssrs_incomplete",
    "G6.consent_missing",
    "L18",
    "question.screen_only",
    "question.outside",
}
LISTS = ("battery", "second_stage", "cautions", "routing", "conflicts", "doubts")


@pytest.fixture(scope="module")
def people():
    return [check(person(seed)) for seed in range(1500)]


@pytest.fixture(scope="module")
def see(people):
    return Evaluation(Batch.of(people))


@pytest.fixture(scope="module")
def bases(people, see):
    """What the confidence of everybody with a rated result rests on."""
    reports = [Report(RULES, see, place, facts) for place, facts in enumerate(people)]
    return [report.basis for report in reports if report.confidence["level"] != "not_rated"]


def possible(row) -> set[str]:
    """The words that a row can come to."""
    if row.words is DECIDES:
        return {DECIDES[0], DECIDES[2]}
    if row.words is HOLDS:
        known = row.ref in NEVER_UNKNOWN or row.ref.endswith(".clearance")
        return {HOLDS[0], HOLDS[2]} if known else set(HOLDS)
    if level := next((level for level in RULES.level.rows if level.id == row.ref), None):
        names = list(RULES.level.names.values())
        return {*HOLDS[:2], *(f"gives {names[case.rank - 1]}" for case in level.cases)}
    if evidence := next((evidence for evidence in RULES.evidence.rows if evidence.id == row.ref), None):
        return {row.words[0], *(row.words[option.points] for option in evidence.options)}
    # Points of a whole family: one point is beyond dysregulation, whose rows begin at two.
    return set(row.words) - ({row.words[1]} if row.ref == "dbt" else set())


@pytest.mark.parametrize("row", list(spoken(RULES)), ids=lambda row: row.ref)
def test_a_row_comes_to_everything_it_can(row, see):
    assert set(row.told(see)) == possible(row)


@pytest.mark.parametrize("name", LISTS)
def test_every_code_is_listed_for_some_and_not_for_others(name, see):
    reached = {row.code: {int(truth) for truth in see[row.when]} & {0, 2} for row in getattr(RULES, name)}

    assert reached == {row.code: {0, 2} for row in getattr(RULES, name)}


def test_every_decision_is_reached(people, see):
    decided = default_engine().decide(see.batch)
    reached = {
        field: {words[code] for code in codes}
        for (field, words), codes in zip(decided.words.items(), decided.codes, strict=True)
    }

    never = {field: set(words) - reached[field] for field, words in decided.words.items()}
    # A primary is printed as its family, never as the outcome `primary`; consent cannot be cleared.
    assert {field: words for field, words in never.items() if words} == {"primary": {"primary"}, "gate:G6": {"cleared"}}


def test_every_format_is_reached_for_every_reason(see):
    fitted = see[RULES.format]
    proposed = fitted.printed >= 0

    assert {BASES[basis] for basis in fitted.basis[proposed]} == set(BASES)
    assert {FAMILY_WORK[work] for work in fitted.work[proposed]} == set(FAMILY_WORK)
    assert {bool(waits) for waits in fitted.waitlist[proposed]} == {True, False}
    assert {bool(review) for review in fitted.review[proposed]} == {True, False}


def test_every_safety_level_is_reached(people, see):
    levels = {RULES.safety.level(see, place) for place in range(len(people))}

    assert levels == {level for level, _ in RULES.safety.levels}


def demands_not_met(basis, demand) -> list[str]:
    """What stands against a level of confidence."""
    decided = basis.rule in demand["or_decided_by"] or (basis.lead or 0) >= demand["lead_at_least"]
    against = {
        "gap": basis.safety_gap,
        "conflict": basis.relevant_conflicts,
        "doubt": basis.doubts,
        "missing": basis.missing_count > demand["missing_at_most"],
        "no date": basis.data_age_days is None,
        "old": (basis.data_age_days or 0) > demand["days_at_most"],
        "lead": basis.primary and not decided,
        "points": basis.primary and not all(basis.has_points(row) for row in demand["needs_points_in"]),
    }
    return [reason for reason, holds in against.items() if holds]


@pytest.mark.parametrize("demand", RULES.confidence.levels[:2], ids=lambda demand: demand["level"])
def test_every_demand_of_confidence_is_met_by_some_and_not_by_others(demand, bases):
    reasons = [demands_not_met(basis, demand) for basis in bases]

    assert [] in reasons
    assert set(Counter(reason for found in reasons for reason in found)) == {
        "gap", "conflict", "doubt", "missing", "no date", "old", "lead", "points",
    }  # fmt: skip
