"""The cards of the tracks: one fact a line, with its value, its day and the way to its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from intake.queries import Behind
from programs import words
from programs.queries import track_code

Document = Mapping[str, Any]
Locate = Callable[[str], Behind | None]  # what stands behind a fact

OWN_EVIDENCE: Final = ("diagnosis", "main_measure", "behavior")
CHANGES_SHOWN: Final = 3
NOT_EVIDENCE: Final = frozenset({"person.sex_for_clinical_use"})  # it only sets a cut-off


@dataclass(frozen=True, slots=True)
class Line:
    """One fact with its value, where it was answered, and on which day."""

    text: str
    source: str = ""
    url: str = ""
    on: date | None = None


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


def sentences(document: Document, refs: Iterable[str]) -> list[str]:
    wanted = set(refs)
    return [reason["text"] for reason in document["reasons"] if reason["ref"] in wanted]


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
            line_of(
                "trauma.qualifying_event",
                "No confirmed event behind the symptoms, so the evidence counts at most 2 points",
                locate,
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
        lines.append(line_of(fact, f"{words.label(fact)}: {words.value_words(fact, value)}", locate))
    return lines


def line_of(fact: str, text: str, locate: Locate) -> Line:
    """What is said of a fact, with the question behind it."""
    behind = locate(fact)
    return Line(text, words.source(fact), behind.url, behind.on) if behind else Line(text, words.source(fact))


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
