"""From items and stored entries to what the templates draw; nothing is decided here and nothing is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format

from intake.alarms import WITHDRAWAL, is_watched
from intake.instruments import Item, Option, Questionnaire
from intake.sections import SAFETY, TRIGGER

DECLINED, NOT_SURE, NOT_ASKED = "declined", "not_sure", "not_asked"  # what a form posts in place of an answer
SHORT_LABEL: Final = 30
MOST_TILES: Final = 5
TYPED: Final = ("line", "text", "date")

Entry = Mapping[str, Any]


def clock(at: datetime, zone: ZoneInfo) -> str:
    """ "10:42 am" on the wall of the clinic, for the lines that a save answers with."""
    return date_format(at.astimezone(zone), "g:i A").lower()


@dataclass(frozen=True, slots=True)
class Side:
    """One of two different answers to an item."""

    who: str
    words: str
    at: str
    keep: str
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    """One question as the page draws it. `shape`: tiles, cards, checks, line, date, text, tick."""

    item: Item
    shape: str
    legend: str
    number: int | None = None
    options: list[dict[str, Any]] = field(default_factory=list)
    extras: list[dict[str, Any]] = field(default_factory=list)
    typed: str = ""
    likert: bool = False
    error: str = ""
    sides: tuple[Side, ...] = ()
    changed_by: str = ""
    told: tuple[str, ...] = ()
    beside: str = ""
    may_unsay: bool = False
    bearing: list[dict[str, Any]] = field(default_factory=list)
    has_panel: bool = False
    is_shown: bool = True

    @property
    def code(self) -> str:
        return self.item.code

    @property
    def compact(self) -> bool:
        return self.item.kind in ("multi", "yes_no")

    @property
    def is_typed(self) -> bool:
        return self.shape in TYPED


def has_panel(item: Item) -> bool:
    """Say whether an answer can make a safety panel appear below the question."""
    return is_watched(item) or item.code == WITHDRAWAL[-1]


def number_of(questionnaire: Questionnaire, item: Item) -> int | None:
    """The number under which a published form prints the item, which its code ends with."""
    last = item.code.rpartition("_")[2]
    return int(last) if questionnaire.kind == "instrument" and last.isdigit() else None


def shape_of(item: Item) -> str:
    match item.kind:
        case "yes_no":
            return "tiles"
        case "choice":
            return "tiles" if fits_tiles(item) else "cards"
        case "multi":
            return "checks"
        case "checkbox":
            return "tick"
        case "text":
            return "text"
        case "date":
            return "date"
        case _:
            return "line"


def fits_tiles(item: Item) -> bool:
    short = all(option.key and not option.anchor and len(option.label) <= SHORT_LABEL for option in item.options)
    return short and len(item.options) <= MOST_TILES


def is_about_safety(questionnaire: Questionnaire, item: Item) -> bool:
    """Such items need the explicit choice "Refused or cannot be asked", not a key pressed in passing."""
    return questionnaire.code == SAFETY or (questionnaire.code, item.code) == TRIGGER


def card(questionnaire: Questionnaire, item: Item, entry: Entry, **more: Any) -> Card:
    """
    One question with its stored entry.

    Args:
        more: what only some cards have: error, sides, changed_by, told, beside, may_unsay, is_shown,
            posted (what was typed and refused).
    """
    posted: list[str] | None = more.pop("posted", None)
    shape = shape_of(item)
    # In a field that is typed into stands a clinician's own view; among tiles the person's answer stays the chosen one.
    standing = entry.get("clinician", entry) if shape in TYPED else entry
    chosen = posted if posted is not None else chosen_of(item, standing)
    return Card(
        item,
        shape,
        item.text,
        number=number_of(questionnaire, item),
        options=options_of(questionnaire, item, chosen),
        extras=extras_of(questionnaire, item, chosen),
        typed=next((one for one in chosen if one not in (DECLINED, NOT_SURE, NOT_ASKED)), ""),
        likert=item.kind in ("choice", "yes_no") and all(option.key for option in item.options),
        has_panel=has_panel(item),
        **more,
    )


def chosen_of(item: Item, entry: Entry) -> list[str]:
    """What a form would post for a stored entry."""
    status = entry.get("status", "answered")
    if status != "answered":
        return [status]
    value = entry.get("value")
    if value is None:
        return []
    if isinstance(value, list):
        return list(value) or ["none"]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [f"{value:g}" if isinstance(value, float) else str(value)]


def options_of(questionnaire: Questionnaire, item: Item, chosen: list[str]) -> list[dict[str, Any]]:
    offered = [option_of(option, chosen) for option in item.options]
    if item.none_label:
        offered.append({"value": "none", "label": item.none_label, "checked": "none" in chosen})
    if item.kind == "checkbox":
        offered.append({"value": "yes", "label": item.text, "checked": "yes" in chosen})
    if questionnaire.kind == "ratings" and "not_sure" in item.allow:
        hint = "No level can be worked out without this area" if item.code <= "d7" else "Counts as not known"
        offered.append({"value": NOT_SURE, "label": "Unknown", "hint": hint, "key": "U", "checked": NOT_SURE in chosen})
    return offered


def option_of(option: Option, chosen: list[str]) -> dict[str, Any]:
    key = option.key.upper() if option.key else ""
    label = f"{key}  {option.label}" if option.anchor and key else option.label
    return {
        "value": option.raw,
        "label": label,
        "hint": option.anchor or "",
        "key": key,
        "checked": option.raw in chosen,
    }


def extras_of(questionnaire: Questionnaire, item: Item, chosen: list[str]) -> list[dict[str, Any]]:
    extras = []
    if "not_sure" in item.allow and questionnaire.kind != "ratings":
        extras.append({"value": NOT_SURE, "label": "Not sure", "key": "U", "checked": NOT_SURE in chosen})
    if "declined" in item.allow:
        about_safety = is_about_safety(questionnaire, item)
        extras.append(
            {
                "value": DECLINED,
                "label": "Refused or cannot be asked" if about_safety else "Prefers not to say",
                "key": "" if about_safety else "S",
                "checked": DECLINED in chosen,
            }
        )
    if NOT_ASKED in chosen:  # chosen for all that is open at once ("Skip this questionnaire"), never one by one
        extras.append({"value": NOT_ASKED, "label": "Not asked", "key": "", "checked": True})
    return extras


def words_of(questionnaire: Questionnaire, item: Item, entry: Entry) -> str:
    """An answer as people read it; empty when nobody answered."""
    match entry.get("status", "answered"):
        case "declined":
            return "Refused or cannot be asked" if is_about_safety(questionnaire, item) else "Prefers not to say"
        case "not_sure":
            return "Unknown" if questionnaire.kind == "ratings" else "Not sure"
        case "not_asked":
            return item.else_label or "Not asked"
    value = entry.get("value")
    if value is None:
        return ""
    if isinstance(value, list):
        labels = [option.label for option in item.options if option.raw in value]
        return ", ".join(labels) or item.none_label or "None"
    if item.kind == "checkbox":
        return "Yes"
    option = item.option(value)
    if option:
        return option.label
    if item.kind == "date":
        day = date.fromisoformat(value)
        return f"{day:%b} {day.day}, {day.year}"
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{shown} {item.unit}" if item.unit else shown


def sides_of(
    questionnaire: Questionnaire, item: Item, entry: Entry, names: Mapping[int, str], me: int, zone: ZoneInfo
) -> tuple[Side, ...]:
    """Both answers of a dispute, one's own first."""
    if "disputed" not in entry:
        return ()
    both = [("disputed", entry["disputed"]), ("standing", entry)]
    both.sort(key=lambda pair: pair[1]["by"] != me)
    sides = []
    for keep, said in both:
        own = said["by"] == me
        name = names.get(said["by"], "A colleague")
        words = words_of(questionnaire, item, said) or "No answer"
        label = "Keep mine" if own else f"Use {name.split()[0]}'s"
        sides.append(Side("You" if own else name, words, clock(datetime.fromisoformat(said["at"]), zone), keep, label))
    return tuple(sides)
