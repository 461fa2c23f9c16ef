"""The rules read aloud, and what differs between two versions, in words."""

from __future__ import annotations

from copy import deepcopy

import pytest

from programs.matching.document import RULES, read
from programs.ruledifference import difference
from programs.rulereading import parts_of
from programs.rulewords import place, say

TEXT = (RULES / "default.yaml").read_text(encoding="utf-8")
CONTENT = read(TEXT).content


def different(*changes: tuple[str, str]) -> list[str]:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return [f"{change.where}: {change.what}" for change in difference(CONTENT, read(text).content)]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("phq9 at least 20", "PHQ-9 total is 20 or more"),
        ("dimension.d7 <= 2", "Environment and support is 2 or less"),
        ("person.pregnant", "Pregnant: yes"),
        ("not environment.safe_tonight", "Safe place tonight: no"),
        ("not certain(person.pregnant)", "not (for certain, Pregnant: yes)"),
        ("missing(cssrs.level)", "C-SSRS screen is not known"),
        ("given(result.primary)", "first track is known"),
        ("diagnosis.bpd = confirmed", "Borderline personality disorder is confirmed"),
        ("bipolar.phase in (depressed, mixed)", "Phase now is depressed or mixed"),
        ("substance.dependence_classes contains opioid", "Physical dependence includes opioids"),
        ("any(g2.open, not g9.cleared)", "check G2 is open, or not (check G9 is cleared)"),
        ("all(manic_phase, any(L8, leads.trauma))",
         "“manic phase”, and (row L8 holds, or Trauma has more points than every other family)"),
        ("points.dbt at least moderate", "points of DBT is moderate or more"),
    ],
)  # fmt: skip
def test_a_condition_is_said_as_a_lead_reads_it(condition, words):
    assert say(condition) == words


def test_every_row_is_read_with_its_id_sentence_condition_and_section():
    parts = {part.id: part for part in parts_of(CONTENT)}
    rows = {row.id: row for part in parts.values() for row in part.rows}

    written = [
        *CONTENT["gates"],
        *CONTENT["level_of_care"]["rows"],
        *CONTENT["selection"]["rules"],
        *({**row, "id": f"{family['id']}.{row['id']}"} for family in CONTENT["evidence"]["families"] for row in family["rows"]),
    ]  # fmt: skip
    assert {row["id"] for row in written} <= set(rows)
    for row in written:
        assert (rows[row["id"]].says, rows[row["id"]].domain) == (row["says"], row["domain"])
        if "when" in row:
            assert say(row["when"]) in [line.text for line in rows[row["id"]].lines]
    assert "At most 12 points, and at most 2 unless" in parts["evidence-trauma"].about
    assert "strong from 8, moderate from 5, possible from 3" in parts["evidence-dbt"].about


def test_no_condition_of_the_document_is_left_unsaid():
    said = " ".join(
        f"{part.about} {line.label} {line.text}"
        for part in parts_of(CONTENT)
        for row in part.rows
        for line in row.lines
    ) + " ".join(part.about for part in parts_of(CONTENT))

    unsaid = [condition for condition in conditions(CONTENT) if say(condition) not in said]
    # Dates of a family's answers, which safety facts count and who asks for a phase say nothing about a decision.
    assert [each for each in unsaid if not each.startswith(("given(", "any(given(", "missing("))] == []


def conditions(node: object, key: str = "") -> list[str]:
    if isinstance(node, dict):
        return [found for name, value in node.items() for found in conditions(value, name)]
    if isinstance(node, list):
        return [found for value in node for found in conditions(value, key)]
    return [str(node)] if key in {"when", "applies", "requires", "clinician_says_none"} else []


def test_the_same_rules_differ_in_nothing():
    assert different() == []
    assert different(('version: "2026.1"', 'version: "2026.2"')) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("all(needs_iop, dimension.d7 <= 2)", "all(needs_iop, dimension.d7 <= 1)"),
         ["L12: threshold 2 becomes 1 (Environment and support)"]),
        (("{points: 4, when: phq9 at least 20}", "{points: 3, when: phq9 at least 20}"),
         ["Depression, main measure, PHQ-9 total is 20 or more: 4 points become 3"]),
        (("strong: 8", "strong: 9"), ["Bands: strong: 8 becomes 9"]),
        (("date: clearance.g4, within_days: 7", "date: clearance.g4, within_days: 5"),
         ["G4 Psychosis and mania, clearance: days that a clearance counts: 7 becomes 5"]),
        (("days_at_most: 14", "days_at_most: 10"),
         ["Confidence, high: days since the oldest answer at most: 14 becomes 10"]),
        (("[dbt, addiction, trauma, depression]", "[addiction, dbt, trauma, depression]"),
         ["Selection: order of ties: dbt, addiction, trauma, depression becomes addiction, dbt, trauma, depression"]),
        (("says: All needs are mild, which matches outpatient care.", "says: Needs are mild."),
         ["L15: the sentence becomes “Needs are mild.”, and was “All needs are mild, which matches outpatient care.”"]),
        (("      - {code: acute_psychosis, when: psychosis.acute, says: There are signs of acute psychosis.}\n", ""),
         ["G4 Psychosis and mania: removed: There are signs of acute psychosis, when Acute psychosis now: yes"]),
        (("      - {when: format.privacy_need, says: A strong need for privacy.}\n",
          "      - {when: format.privacy_need, says: A strong need for privacy.}\n"
          "      - {when: person.pregnant, says: Pregnant.}\n"),
         ["Format, favors: added: Pregnant, when Pregnant: yes"]),
        (("when: manic_signs_now, says", "when: mania.now, says"),
         ["G4 Psychosis and mania, “There are manic signs now”: "
          "the condition becomes: Manic signs now: yes. It was: “manic signs now”"]),
        (("  use_disorder: substance.sud_severity in (mild, moderate, severe)\n",
          "  use_disorder: substance.sud_severity in (mild, moderate, severe)\n  heavy: audit at least 20\n"),
         ["Shared condition “heavy”: added: heavy, AUDIT total is 20 or more"]),
        (("    private: true", "    private: false"), ["G9 Conjoint safety: private: yes becomes no"]),
    ],
)  # fmt: skip
def test_a_change_is_told_where_it_stands(change, told):
    assert different(change) == told


def test_every_single_value_that_changes_is_told():
    """No part of a document may differ without a word."""
    other = deepcopy(CONTENT)
    flat = [(path, value) for path, value in leaves(CONTENT, ()) if path[0] not in {"version", "schema"}]
    assert len(flat) > 600
    for path, value in flat:
        at = other
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = another(path, value)
        assert difference(CONTENT, other), path
        at[path[-1]] = value


def leaves(node: object, path: tuple) -> list[tuple[tuple, object]]:
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, (*path, key))]
    if isinstance(node, list):
        return [leaf for position, value in enumerate(node) for leaf in leaves(value, (*path, position))]
    return [(path, node)]


def another(path: tuple, value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if (
        path[-1] in {"when", "applies", "requires", "clinician_says_none", "violence"}
        or path[0] == "terms"
        or "asks" in path
    ):
        return "mania.now" if value != "mania.now" else "psychosis.acute"
    return f"{value} another"


def test_a_place_is_named_by_its_row():
    assert place(CONTENT, ("level_of_care", "rows", 11, "when")) == "L12"
    assert place(CONTENT, ("terms", "needs_iop")) == "Shared condition “needs iop”"
