"""The format of addiction work: group, individual or with the family (SEMANTICS S76-S80)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Mask
from .document import Section
from .encoding import NO, UNKNOWN, YES
from .language import Scope
from .logic import Any_, AtLeastSome, Evaluation, Node, Unknowns
from .selection import Selection

NO_FORMAT, GROUP, INDIVIDUAL, FAMILY = -1, 0, 1, 2
FORMATS = ("group", "individual", "family")
BASES = ("default", "contraindication", "favors_individual", "access", "preference")
DEFAULT, CONTRAINDICATION, FAVORS, ACCESS, PREFERENCE = range(5)
SECTIONS = ("default", "contraindications", "favors", "access", "preference")  # where a basis says its sentence
FAMILY_WORK = ("no", "separate_only", "added", "primary")
NO_WORK, SEPARATE, ADDED, MAIN = range(4)
WORK_SECTIONS = {"separate_only": "separate", "added": "added", "primary": "main"}


@dataclass(frozen=True, slots=True)
class Fitted:
    """
    The format for everybody.

    Attributes:
        first: ``GROUP`` or ``INDIVIDUAL``, before family work; ``basis`` says why.
        work: position in ``FAMILY_WORK``.
        printed: the primary format, ``NO_FORMAT`` where addiction is not proposed.
    """

    first: NDArray[np.int8]
    basis: NDArray[np.int8]
    review: Mask
    waitlist: Mask
    work: NDArray[np.int8]
    printed: NDArray[np.int8]


class Format(Node[Fitted]):
    def __init__(self, section: Section, selection: Selection, scope: Scope) -> None:
        self.section, self.selection = section, selection
        self.family = selection.evidence.index(section.text("family"))
        self.default = FORMATS.index(section["default"].text("format"))
        against, favors, work = section["contraindications"], section["favors"], section["family_work"]
        self.against = Any_(*(row.condition("when", scope) for row in against["rows"]))
        self.factors = tuple(row.condition("when", scope) for row in favors["rows"])
        self.favored = AtLeastSome(favors["needed"].content, *self.factors)
        self.review_in_days: int = favors["review_in_days"].content
        self.places = tuple(section["access"].condition(name, scope) for name in FORMATS[:FAMILY])
        self.preference = section["preference"].fact("fact", "choice")
        wish = section["preference"]["fact"]
        self.wishes = tuple(wish.meaning(scope, f"{{}} = {name}") for name in FORMATS[:FAMILY])
        self.family_added = work["added"].condition("when", scope)
        self.family_main = work["main"].condition("when", scope)
        self.family_separate = work["separate"].condition("when", scope)

    def evaluate(self, see: Evaluation) -> Fitted:
        against, favored = see[self.against] == YES, see[self.favored] == YES
        first = np.full(see.batch.size, self.default, dtype=np.int8)
        basis = np.full(see.batch.size, DEFAULT, dtype=np.int8)
        review = favored & ~against
        first[against | favored] = INDIVIDUAL
        basis[review] = FAVORS
        basis[against] = CONTRAINDICATION
        waitlist = self._find_place(see, against, first, basis)
        self._break_tie(see, against, first, basis, waitlist)
        work = self._family_work(see)
        printed = np.where(work == MAIN, FAMILY, first)
        proposed = see[self.selection].proposes(self.family)
        return Fitted(first, basis, review, waitlist, work, np.where(proposed, printed, NO_FORMAT))

    def _find_place(self, see: Evaluation, against: Mask, first: NDArray[np.int8], basis: NDArray[np.int8]) -> Mask:
        """Offer the other format rather than a wait, but never a group that is contra-indicated (S77, step 4)."""
        group, individual = (see[place] for place in self.places)
        is_group = first == GROUP
        full = np.where(is_group, group, individual) == NO
        switch = full & ~against & (np.where(is_group, individual, group) == YES)
        first[switch] = 1 - first[switch]
        basis[switch] = ACCESS
        waitlist: Mask = full & ~switch
        return waitlist

    def _break_tie(
        self, see: Evaluation, against: Mask, first: NDArray[np.int8], basis: NDArray[np.int8], waitlist: Mask
    ) -> None:
        """With exactly one factor for individual work either format fits (S77, step 5)."""
        tie = ~against & (sum((see[factor] == YES).view(np.uint8) for factor in self.factors) == 1)
        for wanted, (wish, place) in enumerate(zip(self.wishes, self.places, strict=True)):
            granted = tie & (see[wish] == YES) & (first != wanted) & (see[place] != NO)
            first[granted] = wanted
            basis[granted] = PREFERENCE
            waitlist[granted] = False

    def _family_work(self, see: Evaluation) -> NDArray[np.int8]:
        work = np.full(see.batch.size, NO_WORK, dtype=np.int8)
        added = see[self.family_added] == YES
        work[see[self.family_separate] == YES] = SEPARATE
        work[added] = ADDED
        work[added & (see[self.family_main] == YES)] = MAIN
        return work

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        """What the format still asks for; two-or-more matters only while nothing speaks against a group (S79)."""
        asks = [self.against, self.family_added]
        if see[self.against][person] != YES:
            asks.append(self.favored)
        wish = frozenset({self.preference}) if see[self.wishes[0]][person] == UNKNOWN else frozenset()
        return see.unknown_in(asks, person) | wish

    def describe(self, see: Evaluation, person: int, preference: str | None) -> dict[str, Any] | None:
        fitted = see[self]
        if fitted.printed[person] == NO_FORMAT:
            return None
        first, work = FORMATS[fitted.first[person]], int(fitted.work[person])
        return {
            "primary": FORMATS[fitted.printed[person]],
            "added": [first] if work == MAIN else ["family"] if work == ADDED else [],
            "basis": BASES[fitted.basis[person]],
            "family": FAMILY_WORK[work],
            "review_in_days": self.review_in_days if fitted.review[person] else None,
            "waitlist": bool(fitted.waitlist[person]),
            "preference": preference,
            "unknown": sorted(self.unknown(see, person)),
        }

    def says(self, printed: dict[str, Any]) -> list[str]:
        """Why this format, in sentences."""
        section = self.section
        told = [section[SECTIONS[BASES.index(printed["basis"])]].text("says")]
        work = WORK_SECTIONS.get(printed["family"])
        return told + ([section["family_work"][work].text("says")] if work else [])
