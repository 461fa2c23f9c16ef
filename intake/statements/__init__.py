"""
What people are asked and what they sign, word for word: versioned data in both languages.

A stored answer keeps its own copy of the words, so a new version changes nothing that was said before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Final

import yaml
from django.conf import settings

HERE: Final = Path(__file__).parent
LANGUAGES: Final = ("en", "es")


@cache
def read(name: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.safe_load((HERE / name).read_text("utf-8"))
    return document


def filled(words: Mapping[str, str], language: str) -> str:
    """
    The words in this language with the clinic's name and number in them.

    Raises:
        KeyError: the language is missing, or the words name something that nobody fills in.
    """
    return Template(words[language]).substitute(clinic=settings.CLINIC.name, phone=settings.CLINIC.phone)


# ---- How somebody may be reached ----


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about one channel, in one language."""

    channel: str
    statement: str
    asks: Mapping[str, str]  # "wanted", then message, who, times where they apply: the question of each
    says_who: bool  # the clinic's name is in every message of this channel

    def text(self, *names: str) -> str:
        """The statement and these questions of it, all when none is named, as they are kept with the answer."""
        return "\n".join([self.statement, *(self.asks[name] for name in names or self.asks)])


def asked_about(channel: str, language: str) -> Asked:
    document = read("contact.yaml")
    found = document["channels"][channel]
    asks = {"wanted": filled(found["wanted"], language)}
    asks |= {name: filled(document["questions"][name], language) for name in found["asks"]}
    return Asked(channel, filled(found, language), asks, bool(found.get("says_who")))


# ---- What is signed ----


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a consent: its heading, what it says, and the words beside its tick."""

    name: str
    asks: str
    says: str
    ticks: str
    hint: str  # helps to fill it in, and is not signed


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A consent of one kind in one language, before anything is filled in."""

    kind: str
    language: str
    version: str
    title: str
    says: str
    parts: tuple[Part, ...]
    no_end: str
    until: str

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def with_answers(self, answers: Mapping[str, str]) -> str:
        """The whole text as it is signed: every part that the page showed, each with what was filled in."""
        blocks = [self.title, self.says]
        for part in self.parts:
            lines = (part.asks, part.says, part.ticks, answers.get(part.name, ""))
            blocks.append("\n".join(line for line in lines if line))
        return "\n\n".join(blocks)


def consent_text(kind: str, language: str) -> ConsentText:
    document = read("consents.yaml")
    own = document["kinds"][kind]
    parts = []
    for name in document["order"]:
        part = document["shared"][name]
        words = (part["asks"], part.get("says") or own.get(name), part.get("ticks"), own["hints"].get(name))
        parts.append(Part(name, *(filled(each, language) if each else "" for each in words)))
    return ConsentText(
        kind=kind,
        language=language,
        version=f"{document['version']}.{language}",
        title=filled(own["title"], language),
        says=filled(own["says"], language),
        parts=tuple(parts),
        no_end=filled(document["no_end"], language),
        until=filled(document["until"], language),
    )


@dataclass(frozen=True, slots=True)
class GroupText:
    """What is signed before the first group, in one language."""

    language: str
    version: str
    title: str
    says: str
    points: tuple[str, ...]
    asks: str
    signs: str

    def signed(self, signature: str) -> str:
        """The whole text as it is signed."""
        return "\n\n".join([self.title, self.says, "\n".join(self.points), self.asks, self.signs, signature])


def group_agreement(language: str) -> GroupText:
    document = read("group.yaml")
    words = {name: filled(document[name], language) for name in ("title", "says", "asks", "signs")}
    points = tuple(filled(point, language) for point in document["points"])
    return GroupText(language=language, version=f"{document['version']}.{language}", points=points, **words)
