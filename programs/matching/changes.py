"""Which single fact would change the result, if it were different (SEMANTICS S90-S92)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Batch, layout
from .decisions import decisions
from .dictionary import Fact, dictionary
from .encoding import encoder
from .facts import Facts
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
    """One person with one fact changed."""

    person: int
    fact: str
    origin: Any
    to: Any
    codes: tuple[int, ...]


# -- Candidate values


def _thresholds(fact: Fact) -> tuple[int, ...]:
    return tuple(int(value) for value in fact.what_if.partition(":")[2].split(","))


def candidates(fact: Fact, value: Any, today: str) -> list[Any]:
    """The values that a fact is varied to, in the order of S90; never the value it has, and each once."""
    found = _CANDIDATES[fact.what_if.partition(":")[0]](fact, value, today)
    known = list(value) if isinstance(value, tuple) else value
    return [to for position, to in enumerate(found) if to != known and to not in found[:position]]


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
    return tuple(fact for fact in dictionary().values() if fact.what_if != "none")


def _coded(fact: Fact, value: Any, as_of: date) -> list[tuple[Any, tuple[int, ...]]]:
    """The candidates with their codes."""
    encode = encoder(fact) if fact.kind == "raw" else lambda to, as_of: (to,)
    return [(to, encode(to, as_of)) for to in candidates(fact, value, as_of.isoformat())]


@cache
def _kept(fact: Fact, value: Any) -> list[tuple[Any, tuple[int, ...]]]:
    """The same for facts that do not depend on the day: they have few values, which are tried over and over."""
    return _coded(fact, value, date.min)


def variants(see: Evaluation, person: int, facts: Facts) -> Iterator[Variant]:
    """Everything that is tried for one person."""
    for fact in varied_facts():
        value = facts.given.get(fact.key) if fact.kind == "raw" else vocabulary()[fact.key].printed(see, person)
        if value is None and facts.given.get(NOT_ASKED.get(fact.key, "")) is False:
            continue
        if fact.type == "date":
            coded = _coded(fact, value, facts.as_of)
        else:
            coded = _kept(fact, tuple(value) if isinstance(value, list) else value)
        for to, codes in coded:
            yield Variant(person, fact.key, value, to, codes)


def with_variants(alone: Evaluation, tried: Sequence[Variant]) -> tuple[Batch, Origin]:
    """The people themselves, and after them everything that is tried; and where each column comes from."""
    people = alone.batch
    edits = [
        (place.in_truths, row, copy, code)
        for copy, variant in enumerate(tried, start=people.size)
        for place in [layout().places[variant.fact]]
        for row, code in enumerate(variant.codes, start=place.start)
    ]
    owners = np.array([*range(people.size), *(variant.person for variant in tried)], dtype=np.intp)
    return people.varied(owners, edits), Origin(alone, owners)


# -- Compared results


def what_would_change(
    rules: RuleSet, see: Evaluation, reports: Sequence[Report], tried: Sequence[Variant]
) -> list[list[dict[str, Any]]]:
    """For each person the entries of S92, read off a batch of the people and what is tried."""
    owners = [variant.person for variant in tried]
    decided = decisions(rules, see)
    before, after = decided.codes[:, owners], decided.codes[:, len(reports) :]
    differs = (before != after) & _compared(rules, reports)[:, owners]
    found: list[list[dict[str, Any]]] = [[] for _ in reports]
    for copy in map(int, np.flatnonzero(differs.any(axis=0))):
        variant = tried[copy]
        changes = [
            {"what": what, "from": words[before[field, copy]], "to": words[after[field, copy]]}
            for field, (what, words) in enumerate(decided.words.items())
            if differs[field, copy]
        ]
        found[variant.person].append(
            {"fact": variant.fact, "from": variant.origin, "to": variant.to, "changes": changes}
        )
    return [sorted(entries, key=lambda entry: str(entry["fact"])) for entries in found]


def _compared(rules: RuleSet, reports: Sequence[Report]) -> NDArray[np.bool_]:
    """Which decision fields count for whom, judged on the unvaried facts; the rule behind them never does."""
    return np.array(
        [[True, True, True, *(report.compares(gate) for gate in rules.gates), False] for report in reports]
    ).T
