"""Which single fact would change the result, if it were different (SEMANTICS S90-S92)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Batch, layout
from .dictionary import Fact, dictionary
from .encoding import NULL, encoder
from .facts import Facts
from .formats import FORMATS
from .logic import Evaluation
from .report import Report
from .ruleset import RuleSet
from .selection import NONE, OUTCOMES
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
    return tuple(fact for fact in dictionary().values() if fact.what_if != "none")


def variants(see: Evaluation, person: int, facts: Facts) -> Iterator[Variant]:
    """Everything that is tried for one person."""
    today = facts.as_of.isoformat()
    for fact in varied_facts():
        value = facts.given.get(fact.key) if fact.kind == "raw" else vocabulary()[fact.key].printed(see, person)
        if value is None and facts.given.get(NOT_ASKED.get(fact.key, "")) is False:
            continue
        for to in candidates(fact, value, today):
            codes = encoder(fact)(to, facts.as_of) if fact.kind == "raw" else (to,)
            yield Variant(person, fact.key, value, to, codes)


def varied_batch(batch: Batch, tried: Sequence[Variant]) -> Batch:
    edits = [
        (place.in_truths, row, copy, code)
        for copy, variant in enumerate(tried)
        for place in [layout().places[variant.fact]]
        for row, code in zip(range(place.start, place.stop), variant.codes, strict=True)
    ]
    return batch.varied([variant.person for variant in tried], edits)


# -- Compared results


@dataclass(frozen=True, slots=True)
class Results:
    """The compared quantities as codes: one row for each, in the order of S92, and the words of the codes."""

    names: tuple[str, ...]
    codes: NDArray[np.int16]
    words: tuple[Callable[[int], str], ...]


def results(rules: RuleSet, see: Evaluation) -> Results:
    chosen = see[rules.selection]
    families = [family.id for family in rules.evidence.families]
    primary = np.where(chosen.primary == NONE, len(families) + chosen.outcome, chosen.primary)
    columns = [see[rules.level], primary, see[rules.format].printed, *(see[gate] for gate in rules.gates)]
    return Results(
        names=("level", "primary", "format", *(f"gate:{gate.id}" for gate in rules.gates)),
        codes=np.stack(columns).astype(np.int16),
        words=(
            rules.level.words.__getitem__,
            (*families, *OUTCOMES).__getitem__,
            lambda code: "none" if code == NULL else FORMATS[code],
            *(gate.word for gate in rules.gates),
        ),
    )


def what_would_change(rules: RuleSet, see: Evaluation, people: Sequence[Facts]) -> list[list[dict[str, Any]]]:
    """For each person of an evaluated batch the entries of S92, every variant of everybody tried at once."""
    tried = [variant for person, facts in enumerate(people) for variant in variants(see, person, facts)]
    before = results(rules, see)
    after = results(rules, Evaluation(varied_batch(see.batch, tried)))
    owners = [variant.person for variant in tried]
    compared = _compared(rules, see, people)
    differs = (before.codes[:, owners] != after.codes) & compared[:, owners]
    found: list[list[dict[str, Any]]] = [[] for _ in people]
    for copy in np.flatnonzero(differs.any(axis=0)):
        variant = tried[copy]
        changes = [
            {
                "what": before.names[quantity],
                "from": before.words[quantity](int(before.codes[quantity, variant.person])),
                "to": before.words[quantity](int(after.codes[quantity, copy])),
            }
            for quantity in np.flatnonzero(differs[:, copy])
        ]
        found[variant.person].append(
            {"fact": variant.fact, "from": variant.origin, "to": variant.to, "changes": changes}
        )
    return [sorted(entries, key=lambda entry: str(entry["fact"])) for entries in found]


def _compared(rules: RuleSet, see: Evaluation, people: Sequence[Facts]) -> NDArray[np.bool_]:
    """Which quantities count for whom, judged on the unvaried facts."""
    compared = np.ones((3 + len(rules.gates), len(people)), dtype=bool)
    for person, facts in enumerate(people):
        report = Report(rules, see, person, facts)
        compared[3:, person] = [report.compares(gate) for gate in rules.gates]
    return compared
