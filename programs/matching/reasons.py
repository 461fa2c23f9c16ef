"""Why: the sentences of the rows that spoke, each with a reference to its row (SEMANTICS S95)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .dictionary import dictionary
from .ruleset import RuleSet

if TYPE_CHECKING:
    from .report import Report

Reason = dict[str, str]


def reasons(rules: RuleSet, report: "Report", output: dict[str, Any]) -> list[Reason]:
    """
    Explain one output document in plain sentences.

    No sentence holds a percentage, and none tells what a person said about a partner when asked alone.
    """
    told = [
        *_gates(report),
        *_level(rules, output["level_of_care"]),
        *_tracks(rules, output["tracks"]),
        *_selection(rules, report, output["selection"]),
        *_confidence(rules, report, output["confidence"]),
        *_missing(output["missing"]),
    ]
    return [{"ref": ref, "text": text} for ref, text in told]


def _gates(report: "Report") -> Iterator[tuple[str, str]]:
    for gate, printed in zip(report.rules.gates, report.gates, strict=True):
        status = printed["status"]
        if status == "incomplete":
            yield gate.id, gate.unless
        elif status == "cleared":
            yield gate.id, gate.cleared_says
        elif status != "clear":
            yield gate.id, gate.says
            if not gate.private:
                yield from ((gate.id, trigger.says) for trigger in gate.fired(report.see, report.person))


def _level(rules: RuleSet, level: dict[str, Any]) -> Iterator[tuple[str, str]]:
    name = rules.level.names.get(level["level"], "")
    yield "level_of_care", rules.level.says[level["status"]].replace("{level}", name)
    rows = {row.id: row for row in rules.level.rows}
    yield from ((row, rows[row].says) for row in level["rows_fired"])


def _tracks(rules: RuleSet, tracks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for family, track in zip(rules.evidence.families, tracks, strict=True):
        for row, printed in zip(family.rows, track["rows"], strict=True):
            if printed["points"]:
                yield row.id, row.says


def _selection(rules: RuleSet, report: "Report", selection: dict[str, Any]) -> Iterator[tuple[str, str]]:
    chosen = report.see[rules.selection]
    rule = rules.selection.rules[chosen.rule[report.person]]
    yield rule.id, rule.says
    if question := rules.selection.question_says[chosen.question[report.person]]:
        yield rule.id, question
    if selection["modifiers"]:
        yield rules.selection.one_adjunct.text("id"), rules.selection.one_adjunct.text("says")
    if selection["format"] is not None:
        yield from (("format", text) for text in rules.format.says(selection["format"]))


def _confidence(rules: RuleSet, report: "Report", confidence: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "confidence", rules.confidence.says[confidence["level"]]
    for row in (*rules.conflicts, *rules.doubts):
        if row.code in report.conflicts or row.code in report.doubts:
            yield "confidence", row.says


def _missing(missing: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for entry in missing:
        if entry["safety"]:
            fact = dictionary()[entry["fact"]]
            private = fact.section == "violence"
            yield (
                fact.key,
                "A question that is asked alone is still open." if private else f"Still open: {fact.meaning}",
            )
