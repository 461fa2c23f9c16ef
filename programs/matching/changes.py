"""Which single fact would change the result, if it were different (SEMANTICS S90-S92)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Cell, layout
from .decisions import decisions
from .dictionary import Fact, dictionary
from .facts import Facts, encoders
from .logic import Evaluation, Origin
from .report import Report
from .ruleset import RuleSet
from .vocabulary import vocabulary

# Questions that are null because they were not to be asked: by the answer that spares them (S90).
NOT_ASKED = {
    "cssrs.q3": "cssrs.q2",
    "cssrs.q4": "cssrs.q2",
    "cssrs.q5": "cssrs.q2",
    "cssrs.q6_3m": "cssrs.q6_lifetime",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One fact changed: what it was and what it is tried as, and the cells of a batch that say so."""

    fact: str
    origin: Any
    to: Any
    cells: tuple[Cell, ...]


# -- Candidate values


def _thresholds(fact: Fact) -> tuple[int, ...]:
    return tuple(int(value) for value in fact.what_if.partition(":")[2].split(","))


def candidates(fact: Fact, value: Any, today: str) -> list[Any]:
    """The values that a fact is varied to, in the order of S90; never the value it has, and each once."""
    found = _CANDIDATES[fact.what_if.partition(":")[0]](fact, value, today)
    return [to for position, to in enumerate(found) if to != value and to not in found[:position]]


def _resolve(danger: bool) -> Callable[[Fact, Any, str], list[Any]]:
    """A present danger sign is varied away, an unanswered one both ways; an absent one is not made up."""

    def candidates(fact: Fact, value: Any, today: str) -> list[Any]:
        if value is None:
            return [not danger, danger]
        return [not danger] if value is danger else []

    return candidates


def _step(fact: Fact, value: Any, today: str) -> list[Any]:
    if value is None:
        return list(range(fact.minimum, fact.maximum + 1))
    return [to for to in (value - 1, value + 1) if fact.minimum <= to <= fact.maximum]


def _across(fact: Fact, value: Any, today: str) -> list[Any]:
    thresholds = _thresholds(fact)
    if value is None:
        return [0, *thresholds]
    return [threshold - 1 if value >= threshold else threshold for threshold in thresholds]


_CANDIDATES: dict[str, Callable[[Fact, Any, str], list[Any]]] = {
    "flip": lambda fact, value, today: [False, True] if value is None else [not value],
    "resolve_yes": _resolve(danger=True),
    "resolve_no": _resolve(danger=False),
    "values": lambda fact, value, today: list(fact.values),
    "step": _step,
    "thresholds": _across,
    "empty_list": lambda fact, value, today: [[]],
    "reset": lambda fact, value, today: ["none"] if value is not None else [],
    "today": lambda fact, value, today: [today],
}


@cache
def varied_facts() -> tuple[Fact, ...]:
    """In the order in which changes are listed (S92)."""
    return tuple(fact for key, fact in sorted(dictionary().items()) if fact.what_if != "none")


def variants(see: Evaluation, person: int, facts: Facts) -> list[Variant]:
    """Everything that is tried for one person."""
    today, tried = facts.as_of.isoformat(), []
    for fact in varied_facts():
        value = facts.given.get(fact.key) if fact.kind == "raw" else vocabulary()[fact.key].printed(see, person)
        if value is None and facts.given.get(NOT_ASKED.get(fact.key, "")) is False:
            continue
        known = tuple(value) if isinstance(value, list) else value
        tried += _variants(fact, known, today if fact.type == "date" else "")
    return tried


@lru_cache(10_000)  # answers have few values, which are tried over and over
def _variants(fact: Fact, value: Any, today: str) -> list[Variant]:
    encode = encoders()[fact.key].one if fact.kind == "raw" else lambda to, as_of: (to,)
    as_of, place = date.fromisoformat(today) if today else date.min, layout().places[fact.key]
    origin = list(value) if isinstance(value, tuple) else value
    return [Variant(fact.key, origin, to, place.cells(encode(to, as_of))) for to in candidates(fact, origin, today)]


def with_variants(alone: Evaluation, tried: Sequence[Sequence[Variant]]) -> Evaluation:
    """The people themselves, and after them for each of them everything that is tried."""
    people = range(alone.batch.size)
    owners = np.array([*people, *np.repeat(people, [len(own) for own in tried])], dtype=np.intp)
    cells = [variant.cells for own in tried for variant in own]
    return Evaluation(alone.batch.varied(owners, dict(enumerate(cells, start=len(people)))), Origin(alone, owners))


# -- Compared results


def what_would_change(
    rules: RuleSet, see: Evaluation, reports: Sequence[Report], tried: Sequence[Sequence[Variant]]
) -> list[list[dict[str, Any]]]:
    """For each person the entries of S92, read off a batch of the people and what is tried."""
    decided, size = decisions(rules, see), len(reports)
    owners = np.repeat(range(size), [len(own) for own in tried])
    before, after = decided.codes.take(owners, axis=1), decided.codes[:, size:]
    differs = (before != after) & _compared(rules, reports).take(owners, axis=1)
    variants = [variant for own in tried for variant in own]
    found: list[list[dict[str, Any]]] = [[] for _ in reports]
    fields = list(decided.words.items())
    for copy in np.flatnonzero(differs.any(axis=0)).tolist():
        variant = variants[copy]
        changes = [
            {"what": what, "from": words[before[field, copy]], "to": words[after[field, copy]]}
            for field in np.flatnonzero(differs[:, copy]).tolist()
            for what, words in [fields[field]]
        ]
        found[owners[copy]].append({"fact": variant.fact, "from": variant.origin, "to": variant.to, "changes": changes})
    return found


def _compared(rules: RuleSet, reports: Sequence[Report]) -> NDArray[np.bool_]:
    """Which decision fields count for whom, judged on the unvaried facts; the rule behind them never does."""
    return np.array(
        [[True, True, True, *(report.compares(gate) for gate in rules.gates), False] for report in reports]
    ).T
