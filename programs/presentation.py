"""
From a recommendation document to what the page says (EXPERIENCE 5.10).

Nothing is decided here and nothing is looked up: rows of the document become sentences, and a
function of the caller turns a fact into the address of its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from intake.bearing import BEARING
from programs import words
from programs.matching import default_engine
from programs.models import Clearance, Level
from programs.rulewords import facts_in
from programs.trackcards import Document, Line, Locate, TrackCard, cards_of, line_of, sentences, unsupported_of

Facts = Mapping[str, Any]

NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
POSSIBLE: Final = 3  # points from which a track is possible
WISHES: Final = ("preference.main_goal", "preference.format", "preference.trauma_processing")
UNTOLD: Final = frozenset({"ipv.fear_disclosed", "ipv.protective_order", "family.relative_unsafe"})


@dataclass(frozen=True, slots=True)
class GateRow:
    id: str
    title: str
    reason: str
    answers: list[Line]
    can_be_cleared: bool


@dataclass(frozen=True, slots=True)
class MissingLine:
    label: str
    matters: str
    url: str
    ask_url: str  # where the answer can be added to what was signed


@dataclass(frozen=True, slots=True)
class Area:
    """How much need there is in one area, with the answers to look at behind it."""

    label: str
    value: int
    word: str
    answers: list[Line]


@dataclass(frozen=True, slots=True)
class Wants:
    """What the person prefers, and what that changed."""

    lines: list[Line]
    effect: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the recommendation page prints, in its order."""

    state: str  # hold, scope, missing, none, assess, close, pick, ranked
    title: str
    level: str
    level_reasons: list[str]
    alternatives: list[str]
    conditions: list[str]
    confidence: str
    missing_count: int
    missing: list[MissingLine]
    missing_first: bool
    areas: list[Area]
    gates: list[GateRow]
    later_gates: list[GateRow]
    tracks_title: str
    cards: list[TrackCard]
    unsupported: list[TrackCard]
    notes: list[str]
    wants: Wants
    confidence_reasons: list[str]

    @property
    def shows_tracks(self) -> bool:
        """Not while a check comes first, a rating is missing, or the rules do not apply: nothing is guessed."""
        return self.state not in {"hold", "missing", "scope"}


def page_of(document: Document, facts: Facts, locate: Locate) -> Page:
    """Build the page of one recommendation."""
    return Page(
        state=state_of(document),
        title=title_of(document),
        level=level_words(document["level_of_care"]),
        level_reasons=level_reasons(document),
        alternatives=[alternative_words(each) for each in document["level_of_care"]["alternatives"]],
        conditions=[words.CONDITIONS[code] for code in document["level_of_care"]["conditions"]],
        confidence=document["confidence"]["level"].replace("_", " "),
        missing_count=len(document["missing"]),
        missing=missing_lines(document, locate),
        missing_first=state_of(document) == "missing" or bool(facts_that_matter(document)),
        areas=areas_of(facts, locate),
        gates=[gate_row(document, gate, facts, locate) for gate in open_gates(document, "blocks_recommendation")],
        later_gates=[gate_row(document, gate, facts, locate) for gate in later_gates(document, facts)],
        tracks_title=tracks_title_of(document),
        cards=cards_of(document, locate),
        unsupported=unsupported_of(document, locate),
        notes=notes_of(document),
        wants=wants_of(document, facts, locate),
        confidence_reasons=sentences(document, {"confidence"}),
    )


def state_of(document: Document) -> str:
    """Which of the page's states this result is; the first that holds."""
    if document["gate_summary"]["blocks_recommendation"]:
        return "hold"
    outcome, status = document["selection"]["outcome"], document["level_of_care"]["status"]
    if outcome == "out_of_scope":
        return "scope"
    if status == "no_result":
        return "missing"
    if outcome == "clinician_picks":
        # One candidate is the track that would lead, were the main problem not outside the six.
        return "close" if len(document["selection"]["candidates"]) > 1 else "pick"
    return {"no_track_supported": "none", "further_assessment": "assess"}.get(outcome, "ranked")


def title_of(document: Document) -> str:
    state = state_of(document)
    if state == "hold":
        count = len(document["gate_summary"]["blocks_recommendation"])
        return f"On hold until {NUMBERS[count]} {'check is' if count == 1 else 'checks are'} done"
    return {
        "scope": "These rules are for adults",
        "missing": "Not enough information yet",
        "none": "No track fits well",
    }.get(state, "What the intake points to")


def fact_line(fact: str, facts: Facts, locate: Locate) -> Line:
    """A fact with its value; one that is worked out from others has none of its own."""
    is_worked_out = fact not in facts
    text = words.label(fact) if is_worked_out else f"{words.label(fact)}: {words.value_words(fact, facts[fact])}"
    return line_of(fact, text, locate)


# ---- level of care


def level_words(level: Document) -> str:
    if level["level"]:
        return str(Level(level["level"]).label)
    return {
        "undetermined": "Outpatient or intensive outpatient",
        "no_placement": "No placement now",
    }.get(level["status"], "Not worked out yet")


def level_reasons(document: Document) -> list[str]:
    return sentences(document, {"level", *document["level_of_care"]["rows_fired"]})


def alternative_words(alternative: Document) -> str:
    name = str(Level(alternative["level"]).label)
    asks = ", ".join(words.CONDITIONS[code] for code in alternative["conditions"])
    return f"{name} ({asks})" if asks else name


def areas_of(facts: Facts, locate: Locate) -> list[Area]:
    return [
        Area(
            label,
            facts.get(f"dimension.{code}") or 0,
            rating_words(facts.get(f"dimension.{code}")),
            [fact_line(f"dimension.{code}", facts, locate), *answers_behind(code, facts, locate)],
        )
        for code, label in words.AREAS
    ]


def rating_words(value: int | None) -> str:
    return "Unknown" if value is None else words.RATINGS[value]


def answers_behind(area: str, facts: Facts, locate: Locate) -> list[Line]:
    """The answered facts that bear on an area. What was said about a partner is not put on a page that two may read."""
    names = (name if "." in name else f"{name}.items" for name in BEARING[area])
    return [fact_line(name, facts, locate) for name in names if name not in UNTOLD and facts.get(name) is not None]


def hard_areas(facts: Facts) -> list[tuple[str, str]]:
    """Where the person needs help, in plain words without a number."""
    rated = [
        (area, words.PLAIN_RATINGS[facts.get(f"dimension.{code}") or 0]) for code, area in words.PLAIN_AREAS.items()
    ]
    return [(area, word) for area, word in rated if word]


# ---- gates and what is missing


def open_gates(document: Document, summary: str) -> list[Document]:
    ids = document["gate_summary"][summary]
    return [gate for gate in document["gates"] if gate["id"] in ids]


def later_gates(document: Document, facts: Facts) -> list[Document]:
    """
    Open gates that do not stop the recommendation, where they matter.

    Sessions together matter once family work is considered, trauma processing once trauma is possible (S92).
    """
    first = document["gate_summary"]["blocks_recommendation"]
    trauma = next(track["points"] for track in document["tracks"] if track["family"] == "trauma")
    family = facts.get("family.relative_willing") or facts.get("family.patient_consents")
    idle = {
        *(() if family or facts.get("preference.format") == "family" else ("G9",)),
        *(() if trauma >= POSSIBLE else ("G10",)),
    }
    return [
        gate
        for gate in document["gates"]
        if gate["status"] in {"hold", "incomplete", "emergency"} and gate["id"] not in {*first, *idle}
    ]


def gate_row(document: Document, gate: Document, facts: Facts, locate: Locate) -> GateRow:
    has_clearance = gate["id"] in Clearance.Gate.values
    read = [fact for code in gate["triggers"] for fact in triggers().get(f"{gate['id']}.{code}", ())]
    lines = [fact_line(fact, facts, locate) for fact in dict.fromkeys([*read, *gate["unknown"]])]
    return GateRow(
        id=gate["id"],
        title=str(Clearance.Gate(gate["id"]).label) if has_clearance else "Consent and capacity",
        reason=" ".join(sentences(document, {gate["id"]})),
        answers=[line for line in lines if line.url],
        can_be_cleared=has_clearance,
    )


@cache
def triggers() -> Mapping[str, tuple[str, ...]]:
    """The facts that the triggers of the gates read, by "G2.cssrs_high"; rows keep their ids in every rule set."""
    rules = default_engine().ruleset
    told = {gate.id for gate in rules.gates if not gate.private}
    return {
        f"{gate['id']}.{row['code']}": facts_in(row["when"], rules.content["terms"])
        for gate in rules.content["gates"]
        if gate["id"] in told
        for row in gate["triggers"]
    }


def facts_that_matter(document: Document) -> set[str]:
    """The missing facts of which one single answer would change the result."""
    missing = {entry["fact"] for entry in document["missing"]}
    return missing & {entry["fact"] for entry in document["what_would_change"]}


def missing_lines(document: Document, locate: Locate) -> list[MissingLine]:
    matter = facts_that_matter(document)
    found = {entry["fact"]: locate(entry["fact"]) for entry in document["missing"]}
    ordered = sorted(
        document["missing"], key=lambda entry: (entry["fact"] not in matter, not entry["safety"], entry["fact"])
    )
    return [
        MissingLine(
            label=words.label(entry["fact"]),
            matters="could change the result"
            if entry["fact"] in matter
            else "needed for safety"
            if entry["safety"]
            else "",
            url=behind.url if (behind := found[entry["fact"]]) else "",
            ask_url=behind.correct_url if behind else "",
        )
        for entry in ordered
    ]


# ---- tracks, and what stands beside them


def tracks_title_of(document: Document) -> str:
    state = state_of(document)
    if state == "close":
        return f"These {NUMBERS[len(document['selection']['candidates'])]} are too close to rank"
    return "Tracks, best match first" if state == "ranked" else "Tracks with some support"


def notes_of(document: Document) -> list[str]:
    """Adjunct, format, plan problems, routing: one line each."""
    selection = document["selection"]
    notes = [
        f"{words.FAMILIES[adjunct['family']]} as a second, smaller part"
        + (", worked on together" if adjunct["mode"] == "integrated" else "")
        for adjunct in selection["adjuncts"]
    ]
    notes += sentences(document, {"format"})
    if selection["plan_problems"]:
        named = ", ".join(words.FAMILIES[family] for family in selection["plan_problems"])
        notes.append(f"For the treatment plan as well: {named}")
    # While a rating is missing, "no track" would read what was not asked as a no.
    unsaid = {"no_track_supported"} if state_of(document) == "missing" else set()
    return notes + [words.ROUTING[code] for code in document["routing"] if code not in unsaid]


# ---- what the person wants


def wants_of(document: Document, facts: Facts, locate: Locate) -> Wants:
    lines = [fact_line(fact, facts, locate) for fact in WISHES if facts.get(fact) is not None]
    goal = next((track["family"] for track in document["tracks"] if goal_points(track)), None)
    if goal is None or state_of(document) not in {"ranked", "close"}:
        return Wants(lines, "")
    changed = order_of(document, with_goal=True) != order_of(document, with_goal=False)
    effect = "Without it the order would be another." if changed else "The order would be the same without it."
    return Wants(lines, f"Their main goal adds a point to {words.FAMILIES[goal]}. {effect}")


def goal_points(track: Document) -> int:
    """What the person's main goal adds to a family."""
    return sum(row["points"] for row in track["rows"] if row["id"] == f"{track['family']}.main_goal")


def order_of(document: Document, *, with_goal: bool) -> list[set[str]]:
    """The families by their points, those with the same points together."""
    ranks: dict[int, set[str]] = {}
    for track in document["tracks"]:
        points = track["points"] - (0 if with_goal else goal_points(track))
        ranks.setdefault(points, set()).add(track["family"])
    return [ranks[points] for points in sorted(ranks, reverse=True)]
