"""A replay: which signed assessments another rule set would decide differently, and why."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command

from programs import actions
from programs import replay as replays
from programs.matching import Engine, default_engine, load_ruleset
from programs.matching.differences import Difference, Why
from programs.replay import Change, Replay, Stored, changes, replay, stored
from tests import make
from tests.matching.contract import read
from tests.matching.people import person
from tests.programs import people

pytestmark = pytest.mark.django_db

CLOSER = ("ranking.lead <= 1", "ranking.lead <= 0")
LIGHTER = ("{points: 4, when: phq9 at least 20}", "{points: 1, when: phq9 at least 20}")


def edited(*edits: tuple[str, str]) -> str:
    """The default rules with some of their words changed; each stands there once."""
    text = default_engine().ruleset.text
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@cache  # a rule set takes half a second to read
def engine(*edits: tuple[str, str]) -> Engine:
    return Engine(load_ruleset(edited(*edits)))


def example(name: str, **facts: object) -> Stored:
    """A person of the contract's examples, with some facts replaced."""
    document = read(f"examples/{name}.facts.json")
    return Stored(uuid4(), {**document, "facts": {**document["facts"], **facts}})


def invented(count: int) -> list[Stored]:
    return [Stored(uuid4(), person(seed)) for seed in range(count)]


def only_change(row: Stored, *edits: tuple[str, str]) -> Change:
    [found] = replay(default_engine(), engine(*edits), [row]).people
    return found


def ways(change: Change) -> dict[str, tuple[str, str]]:
    return {why.ref: (why.before, why.after) for why in change.why}


# ---- what is told


def test_the_same_rules_change_nobody():
    found = replay(default_engine(), engine(), invented(50))

    assert (found.assessments, found.unreadable, found.changed, found.people) == (50, 0, 0, [])


def test_a_selection_rule_that_decides_otherwise_is_told_with_its_sentence():
    row = example("07-t6-within-one-point")

    assert only_change(row, CLOSER) == Change(
        row.assessment,
        (Difference("primary", "clinician_picks", "depression"), Difference("rule", "P6", "P7")),
        (
            Why("P6", "The best tracks are too close to rank, so the clinician picks.", "decides", "does not decide"),
            Why("P7", "The track with the most evidence comes first.", "does not decide", "decides"),
        ),
    )


def test_a_weight_is_told_with_the_points_of_its_row_and_of_its_family():
    row = example("07-t6-within-one-point", **{"phq9.items": [3, 3, 3, 3, 3, 3, 2, 0, 0]})

    told = ways(only_change(row, LIGHTER))

    assert told["depression.main_measure"] == ("4 points", "3 points")
    assert told["depression"][0].endswith("strong")


def test_a_level_row_is_told_with_the_level_it_gives():
    row = example("01-t1-depression-strong")
    before = default_engine().recommend(row.facts)["level_of_care"]
    assert (before["level"], before["rows_fired"]) == ("iop", ["L12"])

    found = only_change(
        row, ("dimension.d6 <= 3,\n    any(dimension.d5 = 3", "dimension.d6 <= 0,\n    any(dimension.d5 = 3")
    )

    assert found.differences[0] == Difference("level", "iop", "undetermined")
    assert ways(found)["L12"] == ("gives an intensive outpatient program (IOP)", "does not hold")


def test_a_clearance_window_is_told_as_a_row_of_its_gate():
    row = example("04-t3-dbt-gate-cleared", **{"clearance.g2": "2026-03-01"})
    old = "clearance: {date: clearance.g2, within_days: 1, not_before: cssrs.date}"
    lasting = example("04-t3-dbt-gate-cleared")
    document = {**lasting.facts, "as_of": "2026-03-03"}

    found = only_change(Stored(row.assessment, document), (old, old.replace("1,", "0,")))

    assert Difference("gate:G2", "cleared", "hold") in found.differences
    assert ways(found)["G2.clearance"] == ("holds", "does not hold")


def test_what_was_said_alone_is_not_told():
    row = example(
        "13-g9-conjoint-blocked",
        **{"hark.items": [True] * 4, "ipv.fear_disclosed": False, "ipv.protective_order": False},
    )
    when = "{code: hark_positive, when: hark.positive"
    assert when in default_engine().ruleset.text

    found = only_change(row, (when, "{code: hark_positive, when: ipv.protective_order"))

    assert [each.what for each in found.differences if each.what.startswith("gate")] == ["gate:G9"]
    assert not [ref for ref in ways(found) if ref.startswith("G9")]


def test_a_format_is_told_with_the_row_behind_it():
    row = example("05-t4-addiction-with-trauma", **{"behavior.disruptive": True, "format.privacy_need": False})

    found = only_change(row, ("needed: 2", "needed: 1"))

    assert Difference("format", "group", "individual") in found.differences
    assert ways(found)["format.favors"] == ("does not decide", "decides")


# ---- counting


def test_people_are_counted_by_what_would_change_and_kept_up_to_a_bound():
    found = replay(default_engine(), engine(LIGHTER, CLOSER), invented(400), shown=3)

    everything = list(changes(default_engine(), engine(LIGHTER, CLOSER), invented(400), Replay()))
    assert found.changed == len(everything) > 3
    assert len(found.people) == 3
    assert found.counts["primary"] == sum(count for (what, _, _), count in found.moves.items() if what == "primary")


def test_chunks_make_no_difference(monkeypatch):
    rows = invented(120)
    whole = replay(default_engine(), engine(CLOSER), rows)

    monkeypatch.setattr(replays, "CHUNK", 7)

    assert replay(default_engine(), engine(CLOSER), rows) == whole


def test_facts_that_the_engine_no_longer_takes_are_counted_and_passed_over():
    rows = [example("07-t6-within-one-point"), example("07-t6-within-one-point", **{"person.age": "forty"})]

    found = replay(default_engine(), engine(CLOSER), rows)

    assert (found.assessments, found.unreadable, found.changed) == (1, 1, 1)


# ---- what is read


def test_the_newest_recommendation_of_each_signed_assessment_is_read():
    assessment = people.signed()
    actions.recommend(assessment=assessment, at=make.NOON)
    newest = actions.recommend(assessment=assessment, at=make.NOON + timedelta(days=2))
    make.assessment(patient=people.a_patient())

    assert list(stored()) == [Stored(assessment.public_id, newest.facts)]


def test_an_assessment_without_a_recommendation_is_read_from_its_answers():
    assessment = people.signed("trauma")

    [row] = stored()

    made = actions.recommend(assessment=assessment, at=make.NOON)
    assert row == Stored(assessment.public_id, made.facts)


# ---- on the command line


def run(*arguments: object) -> tuple[list[dict[str, object]], int]:
    out, code = StringIO(), 0
    try:
        call_command("replay", *map(str, arguments), stdout=out, stderr=StringIO())
    except SystemExit as ended:
        code = int(str(ended.code))
    return [json.loads(line) for line in out.getvalue().splitlines()], code


@pytest.fixture
def draft(tmp_path):
    file = tmp_path / "draft.yaml"
    file.write_text(edited(CLOSER), encoding="utf-8")
    return file


def test_the_command_prints_each_change_and_a_summary(draft):
    made = people.of_example("07-t6-within-one-point")
    people.of_example("01-t1-depression-strong")

    (change, summary), code = run(draft)

    assert code == 0
    assert change["assessment"] == str(made.assessment.public_id)
    assert change["differences"][0] == {"what": "primary", "before": "clinician_picks", "after": "depression"}
    assert (summary["assessments"], summary["changed"]) == (2, 1)
    assert summary["moves"] == {"primary: clinician_picks to depression": 1, "rule: P6 to P7": 1}


def test_a_stored_version_can_be_named_and_compared_with_a_file(draft):
    people.of_example("07-t6-within-one-point")
    version = default_engine().ruleset.version

    (change, _), code = run(version, "--against", draft)

    assert code == 0
    assert change["differences"][0] == {"what": "primary", "before": "depression", "after": "clinician_picks"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (None, "is neither a stored version nor a file that can be read: No such file or directory."),
        ("a: [", "line 2: not YAML"),
    ],
)
def test_a_rule_set_that_cannot_be_used_is_refused_with_the_reason(tmp_path, text, detail):
    file = tmp_path / "broken.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    [line], code = run(file)

    assert code == 2
    assert line["error"] == "invalid_input"
    assert detail in line["detail"]
