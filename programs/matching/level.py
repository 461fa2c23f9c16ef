"""Level of care: how much treatment, from rows that push up, match or push down (SEMANTICS S53-S60)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Mask
from .document import Section
from .encoding import UNKNOWN, YES
from .gates import STOPS_RECOMMENDATION, Gate
from .language import Scope
from .logic import Any_, Condition, Evaluation, Node, fold
from .terms import Term, TruthTerm

# Statuses without a level, from the weakest claim to the strongest: a later one hides an earlier one.
UNDETERMINED, NO_PLACEMENT, GATED, NO_RESULT, OUT_OF_SCOPE = (
    "undetermined", "no_placement", "gated", "no_result", "out_of_scope",
)  # fmt: skip
STATUSES = (UNDETERMINED, NO_PLACEMENT, GATED, NO_RESULT, OUT_OF_SCOPE)
# Rows decide in this order: what pushes up, what matches, what pushes down. A cleared gate's row pushes up.
PRECEDENCE = (frozenset({"gate", "up"}), frozenset({"match"}), frozenset({"down"}))


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A lower level that a row tolerates, and under which conditions."""

    rank: int
    conditions: tuple[str, ...]
    when: Condition | None


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What a row gives in one case."""

    when: Condition | None
    rank: int
    conditions: tuple[str, ...]
    lower: tuple[Offer, ...]
    higher: tuple[int, ...]


class Row(Node[NDArray[np.int8]]):
    """One row of the table; its column is the rank of the level it gives, 0 while it does not fire."""

    def __init__(self, section: Section, ranks: list[str], scope: Scope, when: Condition | None) -> None:
        self.id, self.kind, self.says = section.text("id"), section.text("kind"), section.text("says")
        self.when = when
        self.consider = tuple(section.get("consider", ()))
        self.options = tuple(section.get("options", ()))
        self.cases = tuple(_case(entry, ranks, scope) for entry in section.optional("gives"))

    @property
    def number(self) -> int:
        return int(self.id[1:])

    @property
    def gives_level(self) -> bool:
        return any(self.kind in kinds for kinds in PRECEDENCE)

    def evaluate(self, see: Evaluation) -> NDArray[np.int8]:
        assert self.when is not None  # noqa: S101 - only a row with a condition gives a level
        fires = see[self.when] == YES
        rank: NDArray[np.int8] = np.multiply(fires, self.cases[-1].rank, dtype=np.int8)
        for case in reversed(self.cases[:-1]):
            if case.when is not None:
                np.copyto(rank, case.rank, where=fires & (see[case.when] == YES))
        return rank

    def fires(self, see: Evaluation, person: int) -> bool:
        return self.when is not None and see.fires(self.when, person)

    def case(self, see: Evaluation, person: int) -> Case:
        return next(case for case in self.cases if case.when is None or see.fires(case.when, person))


def _case(section: Section, ranks: list[str], scope: Scope) -> Case:
    def rank(entry: Section) -> int:
        if entry.content not in ranks:
            raise entry.error(f"{entry.content} is not one of the levels {', '.join(ranks)}")
        return ranks.index(entry.content) + 1

    def when(entry: Section) -> Condition | None:
        return entry.condition("when", scope) if "when" in entry else None

    return Case(
        when=when(section),
        rank=rank(section["level"]) if "level" in section else 0,
        conditions=(section.text("condition"),) if "condition" in section else (),
        lower=tuple(
            Offer(rank(offer["level"]), tuple(offer.get("conditions", ())), when(offer))
            for offer in section.optional("lower")
        ),
        higher=tuple(rank(entry) for entry in section.optional("higher")),
    )


class LevelOfCare(Node[NDArray[np.int8]]):
    """
    The level for everybody, or why there is none.

    Its column holds a position in ``words``: the levels in rank order, then the statuses without a level.
    """

    def __init__(self, section: Section, scope: Scope, gates: list[Gate], in_scope: Condition) -> None:
        self.ranks: list[str] = section["ranks"].content
        self.words = (*self.ranks, *STATUSES)
        self.names: dict[str, str] = section["names"].content
        self.says: dict[str, str] = section["says"].content
        self.required: tuple[str, ...] = tuple(entry.fact_name("int") for entry in section["required"])
        self._incomplete = Any_(*(entry.meaning(scope, "missing({})") for entry in section["required"]))
        self.rows = tuple(
            Row(row, self.ranks, scope, row.condition("when", scope) if "when" in row else self._default(row))
            for row in section["rows"]
        )
        for row, written in zip(self.rows, section["rows"], strict=True):
            open_ended = [case.when is None for case in row.cases]
            if row.gives_level and open_ended != [False] * (len(open_ended) - 1) + [True]:
                raise written.error(f"{row.id}: each case but the last has a when, and the last has none")
        self.gates = gates
        self.stops = [gate for gate in gates if gate.blocks in STOPS_RECOMMENDATION]
        self.stopped = Any_(*(gate.open for gate in self.stops))
        self.in_scope = in_scope

    def _default(self, row: Section) -> Condition | None:
        return self._incomplete if row.text("kind") == "no_result" else None

    def terms(self) -> list[Term]:
        """Later rules may ask whether a row fires, by its id."""
        return [TruthTerm(row.id, row.when) for row in self.rows if row.when is not None]

    def _of_kind(self, *kinds: str) -> list[Row]:
        return [row for row in self.rows if row.kind in kinds]

    def evaluate(self, see: Evaluation) -> NDArray[np.int8]:
        column = np.full(see.batch.size, self.words.index(UNDETERMINED), dtype=np.int8)
        for kinds in reversed(PRECEDENCE):
            rank = fold(np.maximum, [see[row] for row in self._of_kind(*kinds)])
            np.copyto(column, rank - 1, where=rank > 0)
        for status, holds in (
            (NO_PLACEMENT, self._fired(see, "no_placement")),
            (GATED, see[self.stopped] == YES),
            (NO_RESULT, self._fired(see, "no_result")),
            (OUT_OF_SCOPE, see[self.in_scope] == 0),
        ):
            column[holds] = self.words.index(status)
        return column

    def _fired(self, see: Evaluation, kind: str) -> Mask:
        return fold(np.logical_or, [see[row.when] == YES for row in self._of_kind(kind) if row.when is not None])

    def describe(self, see: Evaluation, person: int) -> dict[str, Any]:
        """The whole level part of one person's output."""
        word = self.words[see[self][person]]
        status = word if word in STATUSES else "determined"
        fired = [row for row in self.rows if row.fires(see, person)]
        level, conditions, alternatives = _Combined(self, see, person, fired).outcome()
        barriers = [code for row in fired if row.kind == "hold_level" for code in row.cases[0].conditions]
        if status == UNDETERMINED:
            fired += self._of_kind("otherwise")
            conditions = set()
            alternatives = [
                (self.ranks.index(level) + 1, ()) for row in self._of_kind("otherwise") for level in row.options
            ]
        elif status == NO_PLACEMENT:
            refused = [code for row in fired if row.kind == "no_placement" for code in row.cases[0].conditions]
            alternatives = [(level, tuple(refused))] if level else []
        elif status != "determined":
            alternatives = []
        return {
            "status": status,
            "level": word if status == "determined" else None,
            "conditions": sorted(conditions | set(barriers)) if status in ("determined", UNDETERMINED) else [],
            "alternatives": [
                {"level": self.ranks[rank - 1], "conditions": list(codes)} for rank, codes in sorted(alternatives)
            ],
            "consider": self._consider(see, person, status, fired),
            "rows_fired": [row.id for row in sorted(fired, key=lambda row: row.number)],
            "rows_indeterminate": [
                row.id for row in sorted(self.indeterminate(see, person), key=lambda row: row.number)
            ],
            "blocking_gates": [gate.id for gate in self.stops if see.fires(gate.open, person)],
        }

    def indeterminate(self, see: Evaluation, person: int) -> list[Row]:
        return [row for row in self.rows if row.when is not None and see[row.when][person] == UNKNOWN]

    def _consider(self, see: Evaluation, person: int, status: str, fired: list[Row]) -> list[str]:
        if status not in (GATED, NO_RESULT, OUT_OF_SCOPE):
            return []
        from_gates = [
            code for gate in self.gates if gate.words[see[gate][person]] == "emergency" for code in gate.consider
        ]
        return sorted({code for row in fired for code in row.consider} | set(from_gates))


Alternative = tuple[int, tuple[str, ...]]


class _Combined:
    """What the fired rows say together for one person (S57)."""

    def __init__(self, level: LevelOfCare, see: Evaluation, person: int, fired: list[Row]) -> None:
        self.see, self.person = see, person
        chosen = next((rows for kinds in PRECEDENCE if (rows := [row for row in fired if row.kind in kinds])), [])
        self.cases = [row.case(see, person) for row in chosen]

    def outcome(self) -> tuple[int, set[str], list[Alternative]]:
        """The rank of the level (0 for none), its conditions, and the alternatives."""
        level = max((case.rank for case in self.cases), default=0)
        conditions = {code for case in self.cases for code in case.conditions}
        higher = {rank for case in self.cases for rank in case.higher if rank > level}
        lower = [(rank, codes) for rank in range(1, level) if (codes := self._tolerated(rank)) is not None]
        return level, conditions, [*lower, *((rank, ()) for rank in higher)]

    def _tolerated(self, rank: int) -> tuple[str, ...] | None:
        """The conditions of a lower level, or None unless every row that asks for more tolerates it."""
        codes: set[str] = set()
        for case in self.cases:
            if case.rank > rank:
                offer = next((offer for offer in case.lower if offer.rank == rank and self._holds(offer)), None)
                if offer is None:
                    return None
                codes.update(offer.conditions)
        return tuple(sorted(codes))

    def _holds(self, offer: Offer) -> bool:
        return offer.when is None or self.see.fires(offer.when, self.person)
