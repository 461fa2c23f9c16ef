"""A whole history decided again under another rule set: whose result would change, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from intake.models import Assessment
from programs import queries
from programs.matching import Batch, Engine, FactError, check, encode
from programs.matching.differences import Difference, Why, compare
from programs.models import Recommendation

CHUNK = 2000  # assessments that are in memory at once
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """The facts of one signed assessment, as the rules read them."""

    assessment: UUID
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One signed assessment that another rule set would decide differently."""

    assessment: UUID
    differences: tuple[Difference, ...]
    why: tuple[Why, ...]


@dataclass(slots=True)
class Replay:
    """
    What a replay came to.

    Attributes:
        assessments: how many were decided again.
        unreadable: how many more have facts that the engine no longer takes.
        changed: how many would be decided differently in any field.
        counts: the same by field: ``level``, ``primary``, ``format``, ``rule``, ``gate:G1`` and so on.
        moves: the same by field, from which word, to which.
        people: the first of the changes, with their reasons.
    """

    assessments: int = 0
    unreadable: int = 0
    changed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    people: list[Change] = field(default_factory=list)

    def count(self, change: Change) -> None:
        self.changed += 1
        for each in change.differences:
            self.counts[each.what] += 1
            self.moves[each.what, each.before, each.after] += 1


def written(change: Change) -> dict[str, Any]:
    """A change as JSON: the key of an assessment, codes, and the sentences of the rules. No name, no answer."""
    return {
        "assessment": str(change.assessment),
        "differences": [asdict(each) for each in change.differences],
        "why": [asdict(each) for each in change.why],
    }


def kept(found: Replay) -> dict[str, Any]:
    """A replay as JSON; `recalled` reads it again."""
    return {
        "assessments": found.assessments,
        "unreadable": found.unreadable,
        "changed": found.changed,
        "moves": [[*move, count] for move, count in found.moves.most_common()],
        "people": [written(change) for change in found.people],
    }


def recalled(outcome: Mapping[str, Any]) -> Replay:
    """The replay that `kept` wrote down."""
    found = Replay(outcome["assessments"], outcome["unreadable"], outcome["changed"])
    for what, before, after, count in outcome["moves"]:
        found.counts[what] += count
        found.moves[what, before, after] = count
    for each in outcome["people"]:
        differences = tuple(Difference(**difference) for difference in each["differences"])
        why = tuple(Why(**reason) for reason in each["why"])
        found.people.append(Change(UUID(each["assessment"]), differences, why))
    return found


@transaction.atomic  # so that the cursor of `stored` lives on the server, and sees one moment
def replay(before: Engine, after: Engine, rows: Iterable[Stored] | None = None, *, shown: int = SHOWN) -> Replay:
    """Decide stored facts under two rule sets; by default those of every signed assessment."""
    found = Replay()
    for change in changes(before, after, stored() if rows is None else rows, found):
        if len(found.people) < shown:
            found.people.append(change)
    return found


def changes(before: Engine, after: Engine, rows: Iterable[Stored], tally: Replay) -> Iterator[Change]:
    """All that would change, one by one, in the memory of one chunk; ``tally`` is counted up on the way."""
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        readable, batch = _read(chunk)
        tally.assessments += len(readable)
        tally.unreadable += len(chunk) - len(readable)
        for changed in compare(before.ruleset, after.ruleset, batch):
            change = Change(readable[changed.person].assessment, changed.differences, changed.why)
            tally.count(change)
            yield change


def _read(rows: list[Stored]) -> tuple[list[Stored], Batch]:
    """The rows whose facts the engine takes, and their columns."""
    try:
        return rows, encode([row.facts for row in rows])
    except FactError:
        rows = [row for row in rows if _is_readable(row)]
        return rows, encode([row.facts for row in rows])


def _is_readable(row: Stored) -> bool:
    try:
        check(row.facts)
    except FactError:
        return False
    return True


def stored() -> Iterator[Stored]:
    """
    The facts of every signed assessment, read as they are asked for.

    Those of its newest recommendation; from the answers where there is none. To be read inside a transaction.
    """
    newest = (
        Recommendation.objects.filter(assessment__state=Assessment.State.SIGNED)
        .order_by("assessment_id", "-pk")
        .distinct("assessment_id")
    )
    for assessment, facts in newest.values_list("assessment__public_id", "facts").iterator(chunk_size=CHUNK):
        yield Stored(assessment, facts)
    unasked = Assessment.objects.filter(state=Assessment.State.SIGNED, recommendations=None)
    for each in unasked.select_related("patient__location").prefetch_related("responses").iterator(chunk_size=CHUNK):
        if each.signed_at is not None:  # a constraint says so too
            yield Stored(each.public_id, queries.facts_for(each, each.signed_at))
