"""What a condition may name: answers, scores with bounds, and how each is compared."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Place, Truths
from .dictionary import Fact
from .encoding import NO, NULL, UNKNOWN, YES
from .logic import NOTHING, Condition, Evaluation, Node, Not, Unclear, Unknowns, at_least, at_most, truth

Operand = Decimal | str
Bounds = NDArray[Any]  # shape (2, people): the lowest and the highest that a score can be


class TermError(ValueError):
    """A condition that asks of a term what it cannot answer."""


class Term:
    """A name in the expression language. What a kind of term does not support, it refuses with a sentence."""

    def __init__(self, name: str) -> None:
        self.name = name

    def condition(self) -> Condition:
        raise TermError(f"{self.name} is not a yes or no: compare it with something.")

    def compared(self, operator: str, operands: tuple[Operand, ...]) -> Condition:
        raise TermError(f"{self.name} cannot be compared with {operator!r}.")

    def missing(self) -> Condition:
        raise TermError(f"{self.name} cannot be missing.")

    def given(self) -> Condition:
        return Not(self.missing())

    def printed(self, see: Evaluation, person: int) -> Any:
        """The value as the output shows it; null where there is none."""
        raise TermError(f"{self.name} is not printed.")


# -- Answers: conditions and columns that come straight from a batch


class TruthRow(Condition):
    """One row of the sheet of truths: a bool, one entry of a list, one answer of a checklist."""

    def __init__(self, key: str, row: int) -> None:
        self.key, self.row = key, row

    def evaluate(self, see: Evaluation) -> Truths:
        row: Truths = see.batch.truths[self.row]
        return row

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return frozenset({self.key})

    def reads(self) -> Unknowns:
        return frozenset({self.key})


class OrNo(Condition):
    """An optional answer: not given reads as no, and is never missing (S14)."""

    def __init__(self, part: Condition) -> None:
        self.part = part

    def evaluate(self, see: Evaluation) -> Truths:
        # Unknown is 1, and loses its only bit.
        return np.bitwise_and(see[self.part], YES, dtype=np.uint8)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return NOTHING

    def reads(self) -> Unknowns:
        return self.part.reads()


class NumberRow(Node[NDArray[np.intp]]):
    """One row of the sheet of numbers, as NumPy's own indices: tables are looked up by it several times as fast."""

    def __init__(self, row: int) -> None:
        self.row = row

    def evaluate(self, see: Evaluation) -> NDArray[np.intp]:
        indices: NDArray[np.intp] = see.batch.numbers[self.row].astype(np.intp)
        return indices


class TruthTerm(Term):
    """A yes or no: a bool answer, a derived one, or a condition that a rule set names."""

    def __init__(self, name: str, meaning: Condition) -> None:
        super().__init__(name)
        self.meaning = meaning

    def condition(self) -> Condition:
        return self.meaning

    def missing(self) -> Condition:
        return Unclear(self.meaning)

    def printed(self, see: Evaluation, person: int) -> Any:
        return (False, None, True)[see[self.meaning][person]]


class ListTerm(Term):
    """A list of entries: each is yes or no; all are unknown while the list is null."""

    def __init__(self, fact: Fact, place: Place) -> None:
        super().__init__(fact.key)
        self.entries = {
            value: TruthRow(fact.key, row)
            for value, row in zip(fact.values, range(place.start, place.stop), strict=True)
        }

    def compared(self, operator: str, operands: tuple[Operand, ...]) -> Condition:
        if operator != "contains":
            return super().compared(operator, operands)
        entry = str(operands[0])
        if entry not in self.entries:
            raise TermError(f"{self.name} never contains {entry}: its entries are {', '.join(self.entries)}.")
        return self.entries[entry]

    def missing(self) -> Condition:
        return Unclear(next(iter(self.entries.values())))


# -- Numbers and choices


class Compare(Condition):
    """A comparison with one value, looked up by its code; the last place of the table answers for null."""

    def __init__(self, value: "ValueTerm", table: list[int]) -> None:
        self.value, self.table = value, np.array(table, dtype=np.uint8)

    def evaluate(self, see: Evaluation) -> Truths:
        answers: Truths = self.table.take(see[self.value.column])  # NULL is -1, and so finds the last
        return answers

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return self.value.unknown(see, person)

    def reads(self) -> Unknowns:
        return self.value.reads


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, operand: value == operand,
    ">=": lambda value, operand: value >= operand,
    "<=": lambda value, operand: value <= operand,
    ">": lambda value, operand: value > operand,
    "<": lambda value, operand: value < operand,
}


class ValueTerm(Term):
    """
    A number or a choice.

    Args:
        column: codes, ``NULL`` for none.
        labels: what each code from 0 up stands for: text for a choice, a number otherwise.
        unknown: the facts to ask for when the value is null; by default the fact itself.
        optional: null reads as no (S14).
    """

    def __init__(
        self,
        name: str,
        column: Node[Any],
        labels: Collection[Any],
        *,
        unknown: Callable[[Evaluation, int], Unknowns] | None = None,
        reads: Unknowns | None = None,
        optional: bool = False,
    ) -> None:
        super().__init__(name)
        self.column = column
        self.labels = tuple(labels)
        self.reads = frozenset({name}) if reads is None else reads
        self.unknown = unknown or (lambda see, person: self.reads)
        self.optional = optional

    @property
    def is_choice(self) -> bool:
        return isinstance(self.labels[0], str)

    def compared(self, operator: str, operands: tuple[Operand, ...]) -> Condition:
        for operand in operands:
            self._accept(operator, operand)
        if operator == "in":
            answers = [label in operands for label in self.labels]
        elif operator in OPERATORS:
            answers = [OPERATORS[operator](label, operands[0]) for label in self.labels]
        else:
            return super().compared(operator, operands)
        return Compare(self, [YES if answer else NO for answer in answers] + [NO if self.optional else UNKNOWN])

    def _accept(self, operator: str, operand: Operand) -> None:
        if self.is_choice:
            if operator not in ("=", "in"):
                raise TermError(f"{self.name} is a choice: use = or in, not {operator!r}.")
            if operand not in self.labels:
                raise TermError(f"{self.name} is never {operand}: it is one of {', '.join(self.labels)}.")
        elif isinstance(operand, str):
            raise TermError(f"{self.name} is a number and cannot be compared with {operand}.")

    def missing(self) -> Condition:
        return IsNull(self)

    def printed(self, see: Evaluation, person: int) -> Any:
        code = int(see[self.column][person])
        if code == NULL:
            return None
        label = self.labels[code]
        return label if isinstance(label, str) else int(label) if label == int(label) else float(label)


class IsNull(Condition):
    def __init__(self, value: ValueTerm) -> None:
        self.value = value

    def evaluate(self, see: Evaluation) -> Truths:
        return truth(see[self.value.column] == NULL)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return NOTHING

    def reads(self) -> Unknowns:
        return self.value.reads


# -- Scores


class Reaches(Condition):
    """``at least`` or ``at most`` on a score that lies between two bounds."""

    def __init__(self, score: "ScoreTerm", threshold: int, *, upwards: bool) -> None:
        self.score, self.threshold, self.upwards = score, threshold, upwards

    def evaluate(self, see: Evaluation) -> Truths:
        judge = at_least if self.upwards else at_most
        return self.score.settle(see, judge(see[self.score.bounds], self.threshold))

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return self.score.unknown(see, person)

    def reads(self) -> Unknowns:
        return self.score.reads


class ScoreTerm(Term):
    """
    A score known only between two bounds (S11).

    Args:
        asks: the raw facts to ask for while a comparison is unknown, unless ``unknown`` says otherwise.
        words: thresholds that have a name, such as the bands of evidence points.
        settle: the last word on a comparison, for instruments that are not always due (S14).
    """

    def __init__(
        self,
        name: str,
        bounds: Node[Bounds],
        asks: Unknowns,
        *,
        unknown: Callable[[Evaluation, int], Unknowns] | None = None,
        words: dict[str, int] | None = None,
        settle: Callable[[Evaluation, Truths], Truths] | None = None,
        total: ValueTerm | None = None,
    ) -> None:
        super().__init__(name)
        self.bounds, self.words, self.total = bounds, words or {}, total
        self.reads = asks | {total.name} if total else asks
        self.unknown = unknown or (lambda see, person: asks)
        self.settle = settle or (lambda see, truths: truths)

    def compared(self, operator: str, operands: tuple[Operand, ...]) -> Condition:
        if operator not in ("at least", "at most"):
            raise TermError(f"{self.name} is a score with bounds: use at least or at most, not {operator!r}.")
        return Reaches(self, self._threshold(operands[0]), upwards=operator == "at least")

    def _threshold(self, operand: Operand) -> int:
        if isinstance(operand, str):
            if operand not in self.words:
                known = f": it knows {', '.join(self.words)}" if self.words else ""
                raise TermError(f"{self.name} cannot be compared with {operand}{known}.")
            return self.words[operand]
        if operand != int(operand):
            raise TermError(f"{self.name} is counted in whole points, not {operand}.")
        return int(operand)

    def missing(self) -> Condition:
        return self.total.missing() if self.total else super().missing()

    def printed(self, see: Evaluation, person: int) -> Any:
        return self.total.printed(see, person) if self.total else super().printed(see, person)
