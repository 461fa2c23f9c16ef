"""
How a recommendation was worked out: every row of its rule set, what the row asks, and what it came to.

The rows are asked again of the stored facts, under the stored rules; the result beside them is the stored one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from programs import words
from programs.matching.spoken import DECIDES, HOLDS
from programs.models import Recommendation
from programs.queries import engine_of
from programs.rulewords import points, say, sentence

Content = Mapping[str, Any]
SILENT: Final = {HOLDS[0], DECIDES[0], "0 points"}
GATE_STATES: Final = {
    "clear": "Clear",
    "cleared": "Cleared",
    "hold": "On hold",
    "incomplete": "Not known",
    "emergency": "Emergency",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its sentence, its condition in words, what it came to, and the answers it read."""

    id: str
    says: str
    asks: list[str]
    outcome: str
    read: list[str]

    @property
    def speaks(self) -> bool:
        """Whether it had a part in the result, or could not be settled."""
        return self.outcome not in SILENT


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    state: str
    rows: list[Row]

    @property
    def speaks(self) -> bool:
        return any(row.speaks for row in self.rows)


@dataclass(frozen=True, slots=True)
class Part:
    id: str
    title: str
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand of a level of confidence, and whether the result meets it."""

    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Demands:
    level: str
    conditions: list[Condition]


@dataclass(frozen=True, slots=True)
class WorkedOut:
    parts: list[Part]
    confidence: list[Demands]


def worked_out(recommendation: Recommendation) -> WorkedOut | None:
    """Every row in the order in which the rules are read; None where the rules are not on record, only their version."""
    if recommendation.ruleset is None:
        return None
    engine, result = engine_of(recommendation.ruleset.content_hash), recommendation.result
    working, content = engine.working(recommendation.facts), engine.ruleset.content
    is_rated = result["confidence"]["level"] != "not_rated"
    return WorkedOut(
        parts=_parts(content, working.rows, result),
        confidence=list(_demands(content["confidence"], working.confidence, result)) if is_rated else [],
    )


def _parts(content: Content, told: Mapping[str, str], result: Content) -> list[Part]:
    level, chosen, form = result["level_of_care"], result["selection"], result["selection"]["format"]
    return [
        Part("gates", "Safety checks", [_gate(gate, told, result) for gate in content["gates"]]),
        Part("levels", "Level of care", [
            Group("Rows in the order in which they are tried", words.OUTCOMES[level["level"] or level["status"]], list(_levels(content, told)))
        ]),
        Part("evidence", "Evidence for each track", [
            _family(family, told, _track(result, family["id"])) for family in content["evidence"]["families"]
        ]),
        Part("selection", "Which track comes first", [
            Group("The first rule that holds decides", f"Rule {chosen['rule']}", list(_selection(content["selection"], told)))
        ]),
        Part("format", "Group, individual or family", [
            Group("Asked when addiction work is proposed", form["primary"] if form else "not asked", list(_format(content["format"], told)))
        ]),
    ]  # fmt: skip


def _gate(gate: Content, told: Mapping[str, str], result: Content) -> Group:
    found = next(each for each in result["gates"] if each["id"] == gate["id"])
    asked = [(f"{gate['id']}.{row['code']}", row["says"], [say(row["when"])]) for row in gate["triggers"]]
    asked.append((f"{gate['id']}.clearance", gate.get("cleared", ""), []))
    # What a person said about a partner when asked alone is not told, not even as a row.
    rows = [Row(ref, says, asks, told[ref], []) for ref, says, asks in asked if ref in told]
    if found["unknown"]:
        rows.append(Row("", "Not known: " + ", ".join(map(words.label, found["unknown"])), [], HOLDS[1], []))
    return Group(f"{gate['id']}: {gate['name']}", GATE_STATES[found["status"]], rows)


def _levels(content: Content, told: Mapping[str, str]) -> Iterator[Row]:
    for row in content["level_of_care"]["rows"]:
        if row["id"] in told:
            yield Row(row["id"], row["says"], _asks(row), told[row["id"]], [])


def _asks(row: Content) -> list[str]:
    return [sentence(say(row["when"]))] if "when" in row else []


def _track(result: Content, family: str) -> Content:
    return next(track for track in result["tracks"] if track["family"] == family)


def _family(family: Content, told: Mapping[str, str], track: Content) -> Group:
    read = {row["id"]: row["inputs"] for row in track["rows"]}
    rows = []
    for row in family["rows"]:
        ref = f"{family['id']}.{row['id']}"
        asks = [f"{points(option['points'])}: {say(option['when'])}" for option in row["options"]]
        inputs = [
            f"{words.label(each['fact'])}: {words.value_words(each['fact'], each['value'])}" for each in read[ref]
        ]
        rows.append(Row(row["id"].replace("_", " "), row["says"], asks, told[ref], inputs))
    band = words.BANDS[track["band"]][0].lower()
    return Group(words.FAMILIES[family["id"]], f"{track['points']} of {track['cap']} points, {band}", rows)


def _selection(selection: Content, told: Mapping[str, str]) -> Iterator[Row]:
    for rule in selection["rules"]:
        yield Row(rule["id"], rule["says"], _asks(rule) or ["No rule above holds"], told[rule["id"]], [])
    for name, question in selection["questions"].items():
        yield Row(name.replace("_", " "), question["says"], _asks(question), told[f"question.{name}"], [])


def _format(section: Content, told: Mapping[str, str]) -> Iterator[Row]:
    for name in ("contraindications", "favors"):
        yield Row("", section[name]["says"], [], told[f"format.{name}"], [])
        for number, row in enumerate(section[name]["rows"], start=1):
            yield Row("", row["says"], _asks(row), told[f"format.{name}.{number}"], [])
    for name in ("default", "access", "preference"):
        yield Row("", section[name]["says"], [], told[f"format.{name}"], [])
    for name, row in section["family_work"].items():
        yield Row("", row["says"], _asks(row), told[f"format.{name}"], [])


# ---- confidence


def _demands(section: Content, met: Mapping[str, Mapping[str, bool]], result: Content) -> Iterator[Demands]:
    """What high and moderate confidence ask for, each demand met or not (DOMAIN 5.7)."""
    for row in section["levels"]:
        if row["level"] in met:
            said = _demand_words(row, result)
            yield Demands(
                str(row["level"]).capitalize(),
                [Condition(said[name], is_met) for name, is_met in met[row["level"]].items()],
            )


def _demand_words(row: Content, result: Content) -> Mapping[str, str]:
    found, most, days = result["confidence"], row["missing_at_most"], row["days_at_most"]
    age = "one has no date" if found["data_age_days"] is None else f"the oldest is {found['data_age_days']} days old"
    sources = " and its ".join(name.replace("_", " ") for name in row["needs_points_in"])
    return {
        "safety": "No answer is missing that safety rests on",
        "missing": f"{f'At most {most} answers' if most else 'No answer'} of those that count missing: {found['missing_count']}",
        "recent": f"No answer it rests on is older than {days} days: {age}",
        "conflicts": "No answers that count here contradict each other",
        "doubts": "Nothing speaks against the way the questions were answered",
        "sources": f"The first track has points for its {sources}",
        "lead": f"It leads by {points(row['lead_at_least'])} or more, or was decided by {' or '.join(row['or_decided_by'])}: "
        f"it leads by {found['lead']}, decided by {result['selection']['rule']}",
    }
