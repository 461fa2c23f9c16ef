"""The engine: facts in, an explained recommendation out. It reads no clock, no database and no file but its rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .changes import variants, what_would_change, with_variants
from .columns import Batch, Truths
from .facts import Facts, check
from .formats import FORMATS
from .level import STATUSES
from .logic import Evaluation
from .report import Report
from .ruleset import RuleSet, default_ruleset

GATE_WORDS = ("clear", "incomplete", "hold", "cleared")


@dataclass(frozen=True, slots=True)
class DecisionColumns:
    """
    The decision fields of many people, as codes into the tuples of words beside them.

    Attributes:
        level: position in ``level_words``; where there is no level, the status says why.
        rule: position in ``rule_words``.
        primary: position in ``primary_words``: a family, or the outcome where there is no primary.
        format: position in ``format_words``; the last stands for none.
        gates: shape (gates, people), positions in ``GATE_WORDS``.
    """

    level: NDArray[np.int8]
    rule: NDArray[np.intp]
    primary: NDArray[np.int8]
    format: NDArray[np.int8]
    gates: Truths
    level_words: tuple[str, ...]
    rule_words: tuple[str, ...]
    primary_words: tuple[str, ...]
    gate_ids: tuple[str, ...]
    format_words: tuple[str, ...] = (*FORMATS, "none")

    def row(self, person: int) -> dict[str, Any]:
        """One person's decision fields in words."""
        level = self.level_words[self.level[person]]
        return {
            "status": level if level in STATUSES else "determined",
            "level": None if level in STATUSES else level,
            "rule": self.rule_words[self.rule[person]],
            "primary": self.primary_words[self.primary[person]],
            "format": self.format_words[self.format[person]],
            "gates": {
                gate: GATE_WORDS[status] for gate, status in zip(self.gate_ids, self.gates[:, person], strict=True)
            },
        }


class Engine:
    """One rule set, ready to be asked about people."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset

    def recommend(self, document: object) -> dict[str, Any]:
        """
        Give the whole output document of one person.

        Raises:
            FactError: the document does not keep to the dictionary of facts.
        """
        return self.explain([check(document)])[0]

    def recommend_many(self, documents: Iterable[object]) -> list[dict[str, Any]]:
        """The same for several people at once, which is several times as fast for each."""
        return self.explain([check(document) for document in documents])

    def explain(self, people: Sequence[Facts]) -> list[dict[str, Any]]:
        """The same for documents that were checked already."""
        if not people:
            return []
        batch = Batch.of(people)
        alone = Evaluation(batch)
        tried = [variant for person, facts in enumerate(people) for variant in variants(alone, person, facts)]
        # One evaluation for the people and for everything that is tried: a node costs the same for one as for hundreds.
        see = Evaluation(*with_variants(alone, tried))
        reports = [Report(self.ruleset, see, person, facts) for person, facts in enumerate(people)]
        changes = what_would_change(self.ruleset, see, reports, tried)
        return [report.document(entries) for report, entries in zip(reports, changes, strict=True)]

    def decide(self, batch: Batch) -> DecisionColumns:
        """The decision fields alone: what a replay over a whole history compares."""
        rules, see = self.ruleset, Evaluation(batch)
        chosen = see[rules.selection]
        return DecisionColumns(
            level=see[rules.level],
            rule=chosen.rule,
            primary=chosen.primary_word,
            format=see[rules.format].printed,
            gates=np.stack([see[gate] for gate in rules.gates]),
            level_words=rules.level.words,
            rule_words=tuple(rule.id for rule in rules.selection.rules),
            primary_words=rules.selection.words,
            gate_ids=tuple(gate.id for gate in rules.gates),
        )


@cache
def default_engine() -> Engine:
    """The engine with the rule set of the repository; built once in a process, for it never changes."""
    return Engine(default_ruleset())
