"""What every row of a rule set came to about people: the words behind "how this was worked out"."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encoding import YES
from .formats import FAMILY_WORK, NO_FORMAT, SECTIONS, WORK_SECTIONS
from .gates import Gate
from .level import LevelOfCare, Row
from .logic import Condition, Evaluation, truth
from .ruleset import RuleSet

HOLDS = ("does not hold", "is unknown", "holds")
DECIDES = ("does not decide", "", "decides")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One row of a rule set; ``words`` say what the codes of its column mean."""

    ref: str
    says: str
    words: tuple[str, ...]
    codes: Callable[[Evaluation], NDArray[Any]]

    def told(self, see: Evaluation) -> NDArray[np.str_]:
        told: NDArray[np.str_] = np.array(self.words)[self.codes(see)]
        return told


def spoken(rules: RuleSet) -> Iterator[Spoken]:
    """Every row that has a say in the decision fields."""
    for gate in rules.gates:
        yield from _gate(gate)
    yield from (_level(rules.level, row) for row in rules.level.rows if row.when is not None)
    yield from _evidence(rules)
    yield from _selection(rules)
    yield from _format(rules)


def _truth(ref: str, says: str, when: Condition) -> Spoken:
    return Spoken(ref, says, HOLDS, lambda see: see[when])


def _gate(gate: Gate) -> Iterator[Spoken]:
    # What a person said about a partner when asked alone is not told, not even as a row (S95).
    if not gate.private:
        yield from (_truth(f"{gate.id}.{trigger.code}", trigger.says, trigger.when) for trigger in gate.triggers)
    if (clearance := gate.clearance) is not None:
        yield Spoken(f"{gate.id}.clearance", gate.cleared_says, HOLDS, lambda see: truth(clearance.holds(see)))


def _level(level: LevelOfCare, row: Row) -> Spoken:
    when = row.when
    assert when is not None  # noqa: S101 - the caller asks for rows with a condition
    if not row.gives_level:
        return _truth(row.id, row.says, when)
    words = (*HOLDS[:2], *(f"gives {name}" for name in level.names.values()))
    return Spoken(row.id, row.says, words, lambda see: np.where(see[when] == YES, see[row] + 1, see[when]))


def _evidence(rules: RuleSet) -> Iterator[Spoken]:
    evidence = rules.evidence

    def points(position: int) -> Callable[[Evaluation], NDArray[Any]]:
        return lambda see: see[evidence].rows[position]

    def total(position: int) -> Callable[[Evaluation], NDArray[Any]]:
        return lambda see: see[evidence].points[position]

    for position, row in enumerate(evidence.rows):
        most = max(option.points for option in row.options)
        yield Spoken(row.id, row.says, tuple(_points(n) for n in range(most + 1)), points(position))
    for position, family in enumerate(evidence.families):
        words = tuple(f"{_points(n)}, {evidence.band(n).replace('_', ' ')}" for n in range(family.cap + 1))
        yield Spoken(family.id, f"All rows of {family.name} together.", words, total(position))


def _points(count: int) -> str:
    return f"{count} point{'' if count == 1 else 's'}"


def _selection(rules: RuleSet) -> Iterator[Spoken]:
    selection = rules.selection

    def decides(position: int) -> Callable[[Evaluation], NDArray[Any]]:
        return lambda see: truth(see[selection].rule == position)

    def questioned(kind: int) -> Callable[[Evaluation], NDArray[Any]]:
        return lambda see: truth(see[selection].question == kind)

    for position, rule in enumerate(selection.rules):
        yield Spoken(rule.id, rule.says, DECIDES, decides(position))
    for kind, name in enumerate(("screen_only", "outside"), start=1):
        yield Spoken(f"question.{name}", selection.question_says[kind], HOLDS, questioned(kind))


def _format(rules: RuleSet) -> Iterator[Spoken]:
    form, section = rules.format, rules.format.section
    for name, conditions in (("contraindications", form.against.parts()), ("favors", form.factors)):
        for number, (row, when) in enumerate(zip(section[name]["rows"], conditions, strict=True), start=1):
            yield _truth(f"format.{name}.{number}", row.text("says"), when)

    def rests_on(basis: int) -> Callable[[Evaluation], NDArray[Any]]:
        return lambda see: truth((see[form].basis == basis) & (see[form].printed != NO_FORMAT))

    def family_work(work: int) -> Callable[[Evaluation], NDArray[Any]]:
        return lambda see: truth((see[form].work == work) & (see[form].printed != NO_FORMAT))

    for basis, name in enumerate(SECTIONS):
        yield Spoken(f"format.{name}", section[name].text("says"), DECIDES, rests_on(basis))
    for work, name in WORK_SECTIONS.items():
        says = section["family_work"][name].text("says")
        yield Spoken(f"format.{name}", says, DECIDES, family_work(FAMILY_WORK.index(work)))
