"""What two rule sets decide differently about the same people, and which of their rows speak differently."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .columns import Batch
from .decisions import decisions
from .logic import Evaluation
from .ruleset import RuleSet
from .spoken import spoken

ABSENT = "is not in the rule set"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is decided differently; ``what`` is a name of ``Decisions.words``."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Why:
    """One row that speaks differently: its id, its sentence, and what it came to under each rule set."""

    ref: str
    says: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One person, by position in the batch, about whom two rule sets differ."""

    person: int
    differences: tuple[Difference, ...]
    why: tuple[Why, ...]


def compare(before: RuleSet, after: RuleSet, batch: Batch) -> Iterator[Changed]:
    """Everybody about whom two rule sets decide differently, and why."""
    see = Evaluation(batch)  # one for both: what does not depend on the rules is worked out once
    old, new = decisions(before, see), decisions(after, see)
    # The schema gives the decision fields of every rule set the same words, so codes can be compared.
    people = np.flatnonzero((old.codes != new.codes).any(axis=0))
    if not people.size:
        return
    for person, why in zip(people.tolist(), whys(before, after, batch.only(people)), strict=True):
        was, now = old.row(person), new.row(person)
        fields = tuple(Difference(what, was[what], now[what]) for what in was if was[what] != now[what])
        yield Changed(person, fields, why)


def whys(before: RuleSet, after: RuleSet, batch: Batch) -> list[tuple[Why, ...]]:
    """For each person the rows that speak differently, in the order of the rule sets."""
    see = Evaluation(batch)
    old, new = ({row.ref: row for row in spoken(rules)} for rules in (before, after))
    found: list[list[Why]] = [[] for _ in range(batch.size)]
    for ref in new | old:
        was, now = (rows[ref].told(see) if ref in rows else np.full(batch.size, ABSENT) for rows in (old, new))
        says = (new.get(ref) or old[ref]).says
        for person in np.flatnonzero(was != now).tolist():
            found[person].append(Why(ref, says, str(was[person]), str(now[person])))
    return [tuple(rows) for rows in found]
