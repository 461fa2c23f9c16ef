"""
From a recommendation document to what the page says (EXPERIENCE 5.10).

Nothing is decided here and nothing is looked up: rows of the document become sentences, and a
function of the caller turns a fact into the address of its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from programs import words
from programs.models import Clearance, Level
from programs.queries import track_code

Document = Mapping[str, Any]
Locate = Callable[[str], str | None]  # the address of the answer behind a fact

OWN_EVIDENCE: Final = ("diagnosis", "main_measure", "behavior")
NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
CHANGES_SHOWN: Final = 3
POSSIBLE: Final = 3  # points from which a track is possible
NOT_EVIDENCE: Final = frozenset({"person.sex_for_clinical_use"})  # it only sets a cut-off


@dataclass(frozen=True, slots=True)
class Line:
    """One fact with its value and where it was answered."""

    text: str
    source: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class GateRow:
    id: str
    title: str
    reason: str
    source_url: str | None
    can_be_cleared: bool


@dataclass(frozen=True, slots=True)
class TrackCard:
    family: str
    code: str
    title: str
    band: str
    tone: str
    rank: int | None
    toward: list[Line]
    against: list[Line]
    holds: list[str]
    changes: list[str] | None  # only the first card says what would change it


@dataclass(frozen=True, slots=True)
class MissingLine:
    label: str
    matters: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Area:
    label: str
    value: int
    word: str


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
    confidence_reasons: list[str]

    @property
    def shows_tracks(self) -> bool:
        """Not while a check comes first, a rating is missing, or the rules do not apply: nothing is guessed."""
        return self.state not in {"hold", "missing", "scope"}


def page_of(document: Document, facts: Mapping[str, Any], locate: Locate) -> Page:
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
        areas=areas_of(facts),
        gates=[gate_row(document, gate, locate) for gate in open_gates(document, "blocks_recommendation")],
        later_gates=[gate_row(document, gate, locate) for gate in later_gates(document, facts)],
        tracks_title=tracks_title_of(document),
        cards=cards_of(document, locate),
        unsupported=unsupported_of(document, locate),
        notes=notes_of(document),
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


def sentences(document: Document, refs: Iterable[str]) -> list[str]:
    wanted = set(refs)
    return [reason["text"] for reason in document["reasons"] if reason["ref"] in wanted]


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


def areas_of(facts: Mapping[str, Any]) -> list[Area]:
    rated = [(label, facts.get(f"dimension.{code}")) for code, label in words.AREAS]
    return [Area(label, value or 0, "Unknown" if value is None else words.RATINGS[value]) for label, value in rated]


# ---- gates and what is missing


def open_gates(document: Document, summary: str) -> list[Document]:
    ids = document["gate_summary"][summary]
    return [gate for gate in document["gates"] if gate["id"] in ids]


def later_gates(document: Document, facts: Mapping[str, Any]) -> list[Document]:
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


def gate_row(document: Document, gate: Document, locate: Locate) -> GateRow:
    reasons = sentences(document, {gate["id"]})
    has_clearance = gate["id"] in Clearance.Gate.values
    title = str(Clearance.Gate(gate["id"]).label) if has_clearance else "Consent and capacity"
    addresses = (locate(fact) for fact in gate["unknown"])
    return GateRow(
        id=gate["id"],
        title=title,
        reason=" ".join(reasons),
        source_url=next((address for address in addresses if address), None),
        can_be_cleared=has_clearance,
    )


def facts_that_matter(document: Document) -> set[str]:
    """The missing facts of which one single answer would change the result."""
    missing = {entry["fact"] for entry in document["missing"]}
    return missing & {entry["fact"] for entry in document["what_would_change"]}


def missing_lines(document: Document, locate: Locate) -> list[MissingLine]:
    matter = facts_that_matter(document)
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
            url=locate(entry["fact"]),
        )
        for entry in ordered
    ]


# ---- tracks


def tracks_title_of(document: Document) -> str:
    state = state_of(document)
    if state == "close":
        return f"These {NUMBERS[len(document['selection']['candidates'])]} are too close to rank"
    return "Tracks, best match first" if state == "ranked" else "Tracks with some support"


def cards_of(document: Document, locate: Locate) -> list[TrackCard]:
    """The tracks with at least some support, best first; where none is proposed as the first, none has a rank."""
    selection = document["selection"]
    supported = [track for track in document["tracks"] if track["band"] != "not_supported"]
    first = [selection["primary"], *selection["candidates"]]
    ordered = sorted(
        supported,
        key=lambda track: (first.index(track["family"]) if track["family"] in first else len(first), -track["points"]),
    )
    return [
        track_card(document, track, locate, rank=place if selection["primary"] else None, lead=place == 1)
        for place, track in enumerate(ordered, start=1)
    ]


def unsupported_of(document: Document, locate: Locate) -> list[TrackCard]:
    return [
        track_card(document, track, locate, rank=None, lead=False)
        for track in document["tracks"]
        if track["band"] == "not_supported"
    ]


def track_card(document: Document, track: Document, locate: Locate, *, rank: int | None, lead: bool) -> TrackCard:
    band, tone = words.BANDS[track["band"]]
    code = track_code(track["family"], document["selection"]["format"])
    return TrackCard(
        family=track["family"],
        code=code,
        title=words.track_name(code)
        if track["family"] == "addiction" and document["selection"]["format"]
        else words.FAMILIES[track["family"]],
        band=band,
        tone=tone,
        rank=rank,
        toward=[line for row in track["rows"] if row["points"] for line in row_lines(row, locate, wanted=True)],
        against=against_lines(document, track, locate),
        holds=holds_of(document, track["family"]),
        changes=change_sentences(document) if lead else None,
    )


def against_lines(document: Document, track: Document, locate: Locate) -> list[Line]:
    """Evidence rows of the track's own that found nothing, with what they read."""
    rows = [row for row in track["rows"] if row["id"].split(".")[1] in OWN_EVIDENCE]
    lines = [
        line
        for row in rows
        if not row["points"] and not row["unknown"]
        for line in row_lines(row, locate, wanted=False)
    ]
    if track["cap"] == 2 and track["raw_points"] > track["cap"]:
        lines.insert(
            0,
            Line(
                "No confirmed event behind the symptoms, so the evidence counts at most 2 points",
                "",
                locate("trauma.qualifying_event"),
            ),
        )
    return lines


def row_lines(row: Document, locate: Locate, *, wanted: bool) -> list[Line]:
    """The inputs of a row that speak for it (`wanted`) or against it, totals before the answers they are made of."""
    worked_out = {stem(entry["fact"]) for entry in row["inputs"] if not entry["fact"].endswith(".items")}
    lines = []
    for entry in row["inputs"]:
        fact, value = entry["fact"], entry["value"]
        made_of_items = fact.endswith(".items") and stem(fact) in worked_out
        if value is None or made_of_items or fact in NOT_EVIDENCE or speaks(fact, value) is not wanted:
            continue
        url = locate(fact)
        lines.append(Line(f"{words.label(fact)}: {words.value_words(fact, value)}", words.source(fact), url))
    return lines


def stem(fact: str) -> str:
    return fact.split(".")[0]


def speaks(fact: str, value: Any) -> bool:
    """Whether a value is a sign rather than its absence. A total is one whenever its row earned points with it."""
    if fact in words.HIGHEST:
        return bool(value)
    return any(value) if isinstance(value, list) else value not in (False, 0, "none")


def holds_of(document: Document, family: str) -> list[str]:
    if family != "trauma" or document["selection"]["trauma_phase"] != "stabilization":
        return []
    return ["Trauma processing is on hold, stabilization can start: " + " ".join(sentences(document, {"G10"}))]


def change_sentences(document: Document) -> list[str]:
    """At most three single answers that would change rank, level or format, the most telling first."""
    changes = document["what_would_change"]
    telling = sorted(
        changes, key=lambda change: not any(each["what"] in {"level", "primary"} for each in change["changes"])
    )
    return [change_sentence(change) for change in telling[:CHANGES_SHOWN]]


def change_sentence(change: Document) -> str:
    fact = change["fact"]
    effects = [effect_words(each) for each in change["changes"] if each["what"] in words.DERIVED_CHOICES] or [
        "a safety check changes"
    ]
    now, then = words.value_words(fact, change["from"]), words.value_words(fact, change["to"])
    return f"{words.label(fact)}: {then} instead of {now}. Then {' and '.join(effects)}."


def effect_words(effect: Document) -> str:
    """What becomes of the track, the format or the level: "level of care becomes residential"."""
    what, to = effect["what"], effect["to"]
    if what == "primary" and to in words.WITHOUT_TRACK:
        return words.WITHOUT_TRACK[to]
    return f"{words.DERIVED_CHOICES[what]} becomes {words.OUTCOMES.get(to, to)}"


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
