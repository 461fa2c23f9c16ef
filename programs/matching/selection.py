"""Which track is proposed: the first rule that holds decides (SEMANTICS S67-S75)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Mask
from .document import Section
from .encoding import UNKNOWN, YES
from .evidence import Evidence, Points
from .gates import Gate
from .language import Scope
from .logic import NOTHING, Condition, Constant, Evaluation, Node, Unknowns, fold
from .measures import Worked, always
from .terms import ScoreTerm, Term, ValueTerm

PRIMARY, PICKS, ASSESS = "primary", "clinician_picks", "further_assessment"
OUTCOMES = (PRIMARY, PICKS, ASSESS, "no_track_supported", "gate_open", "out_of_scope")
NONE = -1

Families = NDArray[np.int8]  # positions of families, NONE for none


@dataclass(frozen=True, slots=True)
class Ranking:
    """Families by points, ties by danger: a key that is unique and greater for what comes first."""

    keys: Points
    family_of: NDArray[np.int8]

    def first(self, among: Mask) -> Families:
        """The first family among some, for each person."""
        best: Points = np.where(among, self.keys, 0).max(axis=0)
        return np.where(best > 0, self.family_of[best % len(self.family_of)], NONE).astype(np.int8)


class Ranked(Node[Ranking]):
    def __init__(self, evidence: Evidence, tie_order: list[str]) -> None:
        self.evidence = evidence
        count = len(tie_order)
        self.bonus = np.array([count - tie_order.index(family.id) for family in evidence.families], dtype=np.uint8)
        # The key is points * (families + 1) + bonus, with bonus from 1 up, so no key is 0 and its rest names the family.
        self.family_of = np.zeros(count + 1, dtype=np.int8)
        self.family_of[self.bonus] = np.arange(count)

    def evaluate(self, see: Evaluation) -> Ranking:
        keys = see[self.evidence].points * np.uint8(len(self.family_of)) + self.bonus[:, None]
        return Ranking(keys, self.family_of)

    def order(self, see: Evaluation, person: int) -> list[int]:
        """Positions of all families in ranking order, for one person."""
        keys = see[self].keys[:, person]
        return sorted(range(len(keys)), key=lambda family: -int(keys[family]))


class TwoBest(Node[Points]):
    """The two highest points, the highest first."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def evaluate(self, see: Evaluation) -> Points:
        highest_first: Points = np.sort(see[self.evidence].points, axis=0)[:-3:-1]
        return highest_first


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    id: str
    says: str
    when: Condition
    section: Section

    @property
    def may_be_questioned(self) -> bool:
        return bool(self.section.get("may_be_questioned"))


@dataclass(slots=True)
class Chosen:
    """
    What the rules came to, for everybody.

    Attributes:
        rule: position of the rule that decided.
        outcome: position in ``OUTCOMES``.
        primary, adjunct: position of a family, or ``NONE``.
        candidates, assess: shape (families, people).
        question: 0 none, 1 the clinician found no such disorder, 2 the main problem lies elsewhere.
    """

    rule: NDArray[np.intp]
    outcome: NDArray[np.int8]
    primary: Families
    adjunct: Families
    candidates: Mask
    assess: Mask
    question: NDArray[np.int8]

    @property
    def primary_word(self) -> NDArray[np.int8]:
        """Position in ``Selection.words``: the primary family, or the outcome where there is none."""
        return np.where(self.primary == NONE, len(self.candidates) + self.outcome, self.primary).astype(np.int8)

    def proposes(self, family: int) -> Mask:
        """Whether a family is primary, adjunct or candidate."""
        proposed: Mask = (self.primary == family) | (self.adjunct == family) | self.candidates[family]
        return proposed


class Selection(Node[Chosen]):
    def __init__(self, section: Section, evidence: Evidence, gates: list[Gate], scope: Scope) -> None:
        self.evidence, self.gates = evidence, {gate.id: gate for gate in gates}
        self.ranked = Ranked(evidence, section["tie_order"].content)
        self.two_best = TwoBest(evidence)
        self.proposable = evidence.bands[section.text("proposable")]
        within = scope.within({term.name: term for term in self._ranking_terms()})
        self.rules = tuple(
            Rule(
                row.text("id"), row.text("says"), row.condition("when", within) if "when" in row else Constant(YES), row
            )
            for row in section["rules"]
        )
        questions = section["questions"]
        self.screen_only = [family.screen_only() for family in evidence.families]
        self.outside = questions["outside"].condition("when", within)
        self.words = (*(family.id for family in evidence.families), *OUTCOMES)
        self.question_says = ("", questions["screen_only"].text("says"), questions["outside"].text("says"))
        self.one_adjunct = section["one_adjunct_only"]
        self._held_by = {
            row.id: self._treating(row.section["held_by"]) for row in self.rules if "held_by" in row.section
        }
        self._families = np.arange(len(evidence.families), dtype=np.int8)[:, None]

    def _ranking_terms(self) -> list[Term]:
        second: Any = Worked(lambda see: see[self.two_best][[1, 1]])
        lead: Any = Worked(lambda see: (see[self.two_best][0] - see[self.two_best][1]).astype(np.int16))
        return [
            ScoreTerm("ranking.second", second, NOTHING, words=self.evidence.bands),
            ValueTerm("ranking.lead", lead, range(16), unknown=always(), reads=NOTHING),
        ]

    # -- For everybody

    def evaluate(self, see: Evaluation) -> Chosen:
        size = see.batch.size
        rule = np.argmax(np.array([see[rule.when] for rule in self.rules]) == YES, axis=0)
        nobody = np.zeros((len(self._families), size), dtype=bool)
        none = np.full(size, NONE, dtype=np.int8)
        chosen = Chosen(
            rule, np.zeros(size, dtype=np.int8), none, none.copy(), nobody, nobody.copy(), np.zeros(size, dtype=np.int8)
        )
        for position, row in enumerate(self.rules):
            where = rule == position
            if where.any():
                self._decide(row, see, where, chosen)
        return chosen

    def _decide(self, rule: Rule, see: Evaluation, where: Mask, chosen: Chosen) -> None:
        section = rule.section
        if "propose" in section:
            self._propose(rule, see, where, chosen)
        elif "assess" in section:
            self._assess(section["assess"], see, where, chosen)
        elif "candidates_within" in section:
            close = see[self.evidence].points + section["candidates_within"].content >= see[self.two_best][0]
            chosen.candidates |= close & self._supported(see) & where
            chosen.outcome[where] = OUTCOMES.index(PICKS)
        else:
            chosen.outcome[where] = OUTCOMES.index(section.text("outcome"))

    def _supported(self, see: Evaluation) -> Mask:
        supported: Mask = see[self.evidence].points >= self.proposable
        return supported

    def _propose(self, rule: Rule, see: Evaluation, where: Mask, chosen: Chosen) -> None:
        propose, supported, ranking = rule.section["propose"], self._supported(see), see[self.ranked]
        if propose.text("primary") == "first":
            primary = ranking.first(np.ones_like(supported))
        else:
            primary = np.full(see.batch.size, self.evidence.index(propose.text("primary")), dtype=np.int8)
        others = supported & (self._families != primary)
        if "adjunct_from" in propose:
            allowed = [self.evidence.index(entry) for entry in propose["adjunct_from"].content]
            others &= np.isin(self._families, allowed)
        adjunct = ranking.first(others)
        if rule.id in self._held_by:
            treats = ranking.first(self._pointed_to(self._held_by[rule.id], see) & supported)
            adjunct = np.where(treats == NONE, adjunct, primary)
            primary = np.where(treats == NONE, primary, treats)
        np.copyto(chosen.primary, primary, where=where)
        np.copyto(chosen.adjunct, adjunct, where=where)
        if rule.may_be_questioned:
            self._question(see, where, chosen)

    def _treating(self, held_by: Section) -> dict[int, list[Condition]]:
        """By family, the triggers of a gate that its work would treat (S70)."""
        triggers = {trigger.code: trigger.when for trigger in self.gates[held_by.text("gate")].triggers}
        for family, codes in held_by.items():
            for code in () if family == "gate" else codes:
                if code.content not in triggers:
                    raise code.error(f"{code.content} is no trigger of {held_by.text('gate')}")
        return {
            self.evidence.index(family): [triggers[code] for code in codes.content]
            for family, codes in held_by.items()
            if family != "gate"
        }

    def _pointed_to(self, treating: dict[int, list[Condition]], see: Evaluation) -> Mask:
        """The families that treat what has fired."""
        pointed = np.zeros((len(self._families), see.batch.size), dtype=bool)
        for family, triggers in treating.items():
            pointed[family] = fold(np.logical_or, [see[trigger] == YES for trigger in triggers])
        return pointed

    def _question(self, see: Evaluation, where: Mask, chosen: Chosen) -> None:
        """A proposal that rests on points alone gives way to a clinician's finding (S70b, S70c)."""
        proposed = (self._families == chosen.primary) & where
        doubted = proposed & (np.array([see[condition] for condition in self.screen_only]) == YES)
        outside = proposed & (see[self.outside] == YES) & ~doubted
        chosen.assess |= doubted
        chosen.candidates |= outside
        for kind, mask, outcome in ((1, doubted.any(axis=0), ASSESS), (2, outside.any(axis=0), PICKS)):
            chosen.question[mask] = kind
            chosen.outcome[mask] = OUTCOMES.index(outcome)
            chosen.primary[mask] = chosen.adjunct[mask] = NONE

    def _assess(self, section: Section, see: Evaluation, where: Mask, chosen: Chosen) -> None:
        least = self.evidence.bands[section.text("at_least")]
        tally = see[self.evidence]
        worth = ((tally.points >= least) | (tally.points_max >= least)) & where
        chosen.assess |= worth
        chosen.outcome[where] = OUTCOMES.index(section.text("otherwise"))
        chosen.outcome[worth.any(axis=0)] = OUTCOMES.index(section.text("outcome"))

    # -- For one person

    def undecided(self, see: Evaluation, person: int) -> list[Rule]:
        """The rules before the deciding one that could not be answered."""
        decided = int(see[self].rule[person])
        return [rule for rule in self.rules[:decided] if see[rule.when][person] == UNKNOWN]

    def unknown(self, rule: Rule, see: Evaluation, person: int) -> Unknowns:
        return see.unknown(rule.when, person)

    def lead(self, see: Evaluation, person: int) -> int | None:
        """Points over the next family; of the two best where the clinician picks (S67)."""
        chosen, points = see[self], see[self.evidence].points[:, person]
        primary = int(chosen.primary[person])
        if primary != NONE:
            return int(points[primary]) - max(int(p) for family, p in enumerate(points) if family != primary)
        if OUTCOMES[chosen.outcome[person]] == PICKS:
            first, second = see[self.two_best]
            return int(first[person]) - int(second[person])
        return None

    def describe(self, see: Evaluation, person: int) -> dict[str, Any]:
        """The selection part of one person's output, but for the format and what follows from it."""
        chosen = see[self]
        rule = self.rules[chosen.rule[person]]
        primary, adjunct = int(chosen.primary[person]), int(chosen.adjunct[person])
        names = [family.id for family in self.evidence.families]
        order = self.ranked.order(see, person)
        supported = [family for family in order if see[self.evidence].points[family, person] >= self.proposable]
        candidates = [family for family in order if chosen.candidates[family, person]]
        assess = [family for family in range(len(names)) if chosen.assess[family, person]]
        taken = {primary, adjunct, *candidates, *assess}
        proposes_nothing = "outcome" in rule.section
        several = len(supported) > self.one_adjunct["more_than"].content
        return {
            "rule": rule.id,
            "modifiers": [self.one_adjunct.text("id")]
            if several and rule.id in self.one_adjunct["rules"].content
            else [],
            "rules_indeterminate": [undecided.id for undecided in self.undecided(see, person)],
            "outcome": OUTCOMES[chosen.outcome[person]],
            "primary": names[primary] if primary != NONE else None,
            "adjuncts": [{"family": names[adjunct], "mode": rule.section["propose"].text("mode")}]
            if adjunct != NONE
            else [],
            "candidates": [names[family] for family in candidates],
            "plan_problems": [] if proposes_nothing else [names[family] for family in supported if family not in taken],
            "further_assessment_of": [names[family] for family in assess],
        }
