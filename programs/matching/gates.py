"""Gates: what has to be safe before anything is proposed (SEMANTICS S40-S52)."""

from dataclasses import dataclass

import numpy as np

from .columns import Mask, Truths, layout
from .document import Section
from .encoding import NO, UNKNOWN, YES
from .language import Scope
from .logic import NOTHING, Condition, Evaluation, Node, Unknowns, fold, truth
from .measures import Finding, always
from .terms import Term, TruthTerm

# The status of a gate is its strongest trigger, unless it is cleared.
CLEAR, INCOMPLETE, HOLD, CLEARED = NO, UNKNOWN, YES, 3
STOPS_RECOMMENDATION = frozenset({"everything", "recommendation"})
STOPS_ENROLLMENT = STOPS_RECOMMENDATION | {"enrollment"}


@dataclass(frozen=True, slots=True, eq=False)
class Trigger:
    code: str
    when: Condition
    says: str


@dataclass(frozen=True, slots=True, eq=False)
class Clearance:
    """What clears a gate: a dated act inside a window, a condition, or both (S51)."""

    requires: Condition | None = None
    date: str | None = None
    within_days: int = 0
    not_before: str | None = None

    def holds(self, see: Evaluation) -> Mask:
        valid: Mask = np.ones(see.batch.size, dtype=bool) if self.requires is None else see[self.requires] == YES
        if self.date is None:
            return valid
        # Without a sign, the null of a missing date is the greatest age of all.
        age = see.batch.numbers[layout().places[self.date].start].view(np.uint16)
        dated: Mask = age <= self.within_days
        if self.not_before is not None:
            dated &= age <= see.batch.numbers[layout().places[self.not_before].start].view(np.uint16)
        return dated if self.requires is None else dated & valid


class Gate(Node[Truths]):
    """One gate; its column holds ``CLEAR``, ``INCOMPLETE``, ``HOLD`` or ``CLEARED``."""

    def __init__(self, section: Section, scope: Scope) -> None:
        self.id, self.name, self.blocks = section.text("id"), section.text("name"), section.text("blocks")
        self.says, self.unless, self.cleared_says = (
            section.text("says"),
            section.text("unless"),
            section.text("cleared"),
        )
        self.private = bool(section.get("private"))
        self.consider = tuple(section.get("consider", ()))
        self.triggers = tuple(
            Trigger(row.text("code"), row.condition("when", scope), row.text("says")) for row in section["triggers"]
        )
        self.asks = tuple(entry.meaning(scope) for entry in section.optional("asks"))
        self.clearance = _clearance(section["clearance"], scope) if "clearance" in section else None
        self.open = Finding(lambda see: truth(see[self] - UNKNOWN < YES), always(), NOTHING)

    def evaluate(self, see: Evaluation) -> Truths:
        asked = [np.bitwise_and(see[ask], UNKNOWN, dtype=np.uint8) for ask in self.asks]
        status = fold(np.maximum, [*(see[trigger.when] for trigger in self.triggers), *asked])
        if self.clearance is None:
            return status
        return np.where(self.clearance.holds(see) & (status != CLEAR), np.uint8(CLEARED), status)

    @property
    def words(self) -> tuple[str, ...]:
        """What the statuses are called, in the order of their codes."""
        return ("clear", "incomplete", "emergency" if self.blocks == "everything" else "hold", "cleared")

    def fired(self, see: Evaluation, person: int) -> list[Trigger]:
        return [trigger for trigger in self.triggers if see.fires(trigger.when, person)]

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return see.unknown_in([*(trigger.when for trigger in self.triggers), *self.asks], person)

    def terms(self) -> list[Term]:
        """``g2.open``, ``g2.hold`` and ``g2.cleared``: what later rules may ask of a gate; never unknown."""
        name = self.id.lower()
        return [
            TruthTerm(f"{name}.open", self.open),
            TruthTerm(f"{name}.hold", Finding(lambda see: truth(see[self] == HOLD), always(), NOTHING)),
            TruthTerm(f"{name}.cleared", Finding(lambda see: truth(see[self] == CLEARED), always(), NOTHING)),
        ]


def _clearance(section: Section, scope: Scope) -> Clearance:
    requires = "when" if "when" in section else "requires"
    return Clearance(
        requires=section.condition(requires, scope) if requires in section else None,
        date=section.fact("date", "date") if "date" in section else None,
        within_days=section.get("within_days", 0),
        not_before=section.fact("not_before", "date") if "not_before" in section else None,
    )
