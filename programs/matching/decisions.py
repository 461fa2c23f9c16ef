"""The decision fields of many people: what the what-would-change search and a replay compare (SEMANTICS S92)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .formats import FORMATS
from .logic import Evaluation
from .ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Decisions:
    """
    The decision fields, as codes.

    Attributes:
        codes: shape (fields, people); a code is a position in the words of its field.
        words: what the codes of each field stand for, by its name, in the order of the rows of ``codes``: ``level``
            (the level, or the status where there is none), ``primary`` (the family, or the outcome where there is
            none), ``format``, ``gate:G1`` and so on, and last ``rule``, the selection rule that decided.
    """

    codes: NDArray[np.int8]
    words: Mapping[str, tuple[str, ...]]

    def row(self, person: int) -> dict[str, str]:
        """One person's decision fields in words."""
        column = self.codes[:, person].tolist()
        return {field: words[code] for (field, words), code in zip(self.words.items(), column, strict=True)}


def decisions(rules: RuleSet, see: Evaluation) -> Decisions:
    chosen = see[rules.selection]
    columns = [
        see[rules.level],
        chosen.primary_word,
        see[rules.format].printed,
        *(see[gate] for gate in rules.gates),
        chosen.rule,
    ]
    return Decisions(np.array(columns, dtype=np.int8), words(rules))


def words(rules: RuleSet) -> dict[str, tuple[str, ...]]:
    return {
        "level": rules.level.words,
        "primary": rules.selection.words,
        "format": (*FORMATS, "none"),  # NO_FORMAT is -1, and so finds the last
        **{f"gate:{gate.id}": gate.words for gate in rules.gates},
        "rule": tuple(rule.id for rule in rules.selection.rules),
    }
