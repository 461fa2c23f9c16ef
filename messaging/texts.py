"""
The words of every message: data with named placeholders (SEC-31), checked when it is loaded.

Whatever a person typed is only ever filled in; it is never read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from messaging.gsm7 import fits_one_segment
from messaging.moments import LANGUAGES, NEAR, short_day

HERE = Path(__file__).parent
PLACEHOLDERS = frozenset({"alias", "phone", "portal", "first_name", "day", "day_long", "near", "time"})
LONGEST_ALIAS, LONGEST_PHONE, LONGEST_TIME = "W" * 20, "0" * 14, "12:30 pm AKT"


class TextsError(ValueError):
    """The file of texts cannot be used; the message names the place and what to change."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One kind in one language."""

    text: str
    drops: tuple[str, ...]
    subject: str
    nameless: str
    body: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What is sent on one occasion, in every language."""

    code: str
    title: str
    purpose: str
    trigger: str
    channels: tuple[str, ...]
    reading_grade: int
    approved_on: date | None
    wordings: Mapping[str, Wording]


def fill(template: str, values: Mapping[str, str]) -> str:
    return Template(template).substitute(values)


def email(kind: str, language: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Give the subject and the plain-text body of a message."""
    wording = kinds()[kind].wordings[language]
    body = wording.body if values["first_name"] else wording.body.replace(wording.nameless, "")
    return fill(wording.subject, values), fill(body, values)


def segment(wording: Wording, values: Mapping[str, str]) -> str:
    """Fill in the short text; while it runs over one GSM-7 segment it loses its drops, in order."""
    text = wording.text
    for drop in ("", *wording.drops):
        text = text.replace(drop, "") if drop else text
        nameless = "$first_name" in text and not values["first_name"]
        if not nameless and fits_one_segment(filled := fill(text, values)):
            return filled
    return fill(text, values)


@lru_cache
def kinds() -> Mapping[str, Kind]:
    """The shipped texts, by kind."""
    return load((HERE / "texts.yaml").read_text("utf-8"), banned_words((HERE / "banned_words.yaml").read_text("utf-8")))


def banned_words(source: str) -> re.Pattern[str]:
    """Compile the list: whole words, a star standing for any ending."""
    listed = [word for words in yaml.safe_load(source).values() for word in words]
    patterns = [re.escape(word).replace(r"\*", r"\w*") for word in listed]
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


def load(source: str, banned: re.Pattern[str]) -> Mapping[str, Kind]:
    """
    Read texts and refuse what must not be sent.

    Raises:
        TextsError: a part is missing or unknown, a placeholder does not exist, a word is banned, or
            a short text could need a second segment at the longest alias, phone and date.
    """
    return {code: read_kind(code, parts, banned) for code, parts in yaml.safe_load(source).items()}


def read_kind(code: str, parts: dict[str, Any], banned: re.Pattern[str]) -> Kind:
    about = [field.name for field in fields(Kind) if field.name not in {"code", "wordings"}]
    require_exactly(code, parts, [*about, *LANGUAGES])
    wordings = {language: read_wording(f"{code}.{language}", parts[language], banned) for language in LANGUAGES}
    for language, wording in wordings.items():
        refuse_second_segment(f"{code}.{language}.text", language, wording)
    return Kind(
        code, wordings=wordings, **{name: parts[name] for name in about} | {"channels": tuple(parts["channels"])}
    )


def read_wording(place: str, parts: dict[str, Any], banned: re.Pattern[str]) -> Wording:
    require_exactly(place, parts, [field.name for field in fields(Wording)])
    wording = Wording(**parts | {"drops": tuple(parts["drops"])})
    for name in ("text", "subject", "body"):
        check_template(f"{place}.{name}", getattr(wording, name), banned)
    for drop in wording.drops:
        require_part(f"{place}.drops", drop, wording.text)
    require_part(f"{place}.nameless", wording.nameless, wording.body)
    return wording


def require_exactly(place: str, parts: Any, names: Iterable[str]) -> None:
    given, expected = set(parts or ()), set(names)
    if missing := sorted(expected - given):
        raise TextsError(f"{place}: {', '.join(missing)} is missing.")
    if extra := sorted(given - expected):
        raise TextsError(f"{place}: {', '.join(extra)} is not known here. Take it out, or correct its spelling.")


def require_part(place: str, part: str, whole: str) -> None:
    if part not in whole:
        raise TextsError(f"{place}: {part!r} does not stand in the text it would be taken from.")


def check_template(place: str, source: str, banned: re.Pattern[str]) -> None:
    template = Template(source)
    if not template.is_valid():
        raise TextsError(f"{place}: a $ stands alone. Write $name for a placeholder, or $$ for the sign.")
    if unknown := sorted(set(template.get_identifiers()) - PLACEHOLDERS):
        raise TextsError(f"{place}: ${unknown[0]} is no placeholder. Use one of {', '.join(sorted(PLACEHOLDERS))}.")
    if found := banned.search(source):
        raise TextsError(f"{place}: the word {found.group()!r} may not stand in a message. Say it without.")


def refuse_second_segment(place: str, language: str, wording: Wording) -> None:
    for day in days_of_a_year(language):
        values = {
            "alias": LONGEST_ALIAS,
            "phone": LONGEST_PHONE,
            "first_name": "",
            "portal": "",
            "day": day,
            "day_long": day,
            "near": max(NEAR[language], key=len),
            "time": LONGEST_TIME,
        }
        longest = segment(wording, values)
        if not fits_one_segment(longest):
            raise TextsError(f"{place}: needs a second segment when its values are long ({len(longest)} characters).")


def days_of_a_year(language: str) -> list[str]:
    """Every short day of a year, since both its length and its letters decide."""
    year = (datetime(2026, 1, 1) + timedelta(days=n) for n in range(365))  # noqa: DTZ001 - only its words are used
    return sorted({short_day(day, language) for day in year})
