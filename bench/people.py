"""The people that the rules are measured on: those of the differential test, with answers missing and at boundaries."""

from __future__ import annotations

from functools import cache
from typing import Any

from programs.matching.dictionary import Fact, raw_facts
from tests.matching.people import person

# Null is an answer of its own for these: no phase, and instruments that were not used.
MAY_BE_NULL = {"bipolar.phase", "bsl23.mean", "itq.ptsd_met", "itq.dso_met", "taps2.drug_max"}


@cache
def invented(count: int) -> list[dict[str, Any]]:
    return [person(seed) for seed in range(count)]


def answered(document: dict[str, Any]) -> dict[str, Any]:
    """The same person with every question answered."""
    given, day = document["facts"], document["as_of"]
    facts = {fact.key: _answer(fact, given.get(fact.key), day) for fact in raw_facts()}
    return {**document, "facts": {**facts, "cssrs.date": day, "withdrawal.scales_date": day}}


def _answer(fact: Fact, value: Any, day: str) -> Any:
    if isinstance(value, list) and fact.type == "items":
        return [_blank(fact) if entry is None or entry == "na" else entry for entry in value]
    if value is not None or fact.key in MAY_BE_NULL or fact.what_if == "today":
        return value
    match fact.type:
        case "items":
            return [_blank(fact)] * fact.length
        case "list":
            return []
        case "date":
            return day
        case "choice":
            return fact.values[-1]
        case "bool":
            return False
    return fact.minimum


def _blank(fact: Fact) -> Any:
    return False if fact.holds_truths else 0
