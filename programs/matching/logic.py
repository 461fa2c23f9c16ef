"""
Three-valued logic over columns of people (SEMANTICS S8-S12).

No is 0, unknown is 1, yes is 2. AND is then the minimum, OR the maximum and NOT the distance from 2, so one operation
on a column answers for everybody. Which facts keep a condition unknown is asked of one person at a time, and only of
the conditions that are unknown for that person.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .columns import Batch, Mask, Truths
from .encoding import UNKNOWN, YES

T = TypeVar("T")
Unknowns = frozenset[str]
NOTHING: Unknowns = frozenset()


class Node(ABC, Generic[T]):
    """Something that can be worked out for a batch; it asks ``see[...]`` for what it rests on."""

    @abstractmethod
    def evaluate(self, see: "Evaluation") -> T: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch of variants comes from: the people themselves, and whose variant each column is."""

    see: "Evaluation"
    owners: NDArray[np.intp]


class Evaluation(dict[Node[Any], Any]):
    """A batch, and everything worked out about it so far: each node once, and only when somebody asks."""

    def __init__(self, batch: Batch, origin: "Origin | None" = None) -> None:
        super().__init__()
        self.batch, self.origin = batch, origin

    if TYPE_CHECKING:

        def __getitem__(self, node: Node[T]) -> T: ...

    def __missing__(self, node: Node[T]) -> T:
        value = self[node] = node.evaluate(self)
        return value

    def unknown(self, condition: "Condition", person: int) -> Unknowns:
        """The raw facts that keep a condition unknown for one person; nothing when it is yes or no (S9)."""
        if self[condition][person] != UNKNOWN:
            return NOTHING
        return condition.unknown(self, person)

    def unknown_in(self, conditions: Iterable["Condition"], person: int) -> Unknowns:
        return NOTHING.union(*(self.unknown(condition, person) for condition in conditions))

    def fires(self, condition: "Condition", person: int) -> bool:
        return bool(self[condition][person] == YES)

    def constant(self, value: int) -> Truths:
        return np.full(self.batch.size, value, dtype=np.uint8)


class Condition(Node[Truths]):
    """A node that is no, unknown or yes for each person."""

    @abstractmethod
    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        """The unknown set; asked only where the condition is unknown."""

    def parts(self) -> tuple["Condition", ...]:
        return ()

    def reads(self) -> Unknowns:
        """The facts it reads, by key, for the person who checks the result."""
        return NOTHING.union(*(part.reads() for part in self.parts()))


class Constant(Condition):
    def __init__(self, value: int) -> None:
        self.value = value

    def evaluate(self, see: Evaluation) -> Truths:
        return see.constant(self.value)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return NOTHING


class _Compound(Condition):
    def __init__(self, *parts: Condition) -> None:
        self._parts = parts

    def parts(self) -> tuple[Condition, ...]:
        return self._parts

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return see.unknown_in(self._parts, person)


class All(_Compound):
    def evaluate(self, see: Evaluation) -> Truths:
        return fold(np.minimum, [see[part] for part in self._parts])


class Any_(_Compound):
    def evaluate(self, see: Evaluation) -> Truths:
        return fold(np.maximum, [see[part] for part in self._parts])


def fold(ufunc: np.ufunc, columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Join columns one by one, which beats ``reduce`` since that first copies all of them into one array."""
    if len(columns) == 1:
        return columns[0]
    result: NDArray[Any] = ufunc(columns[0], columns[1])
    for column in columns[2:]:
        ufunc(result, column, out=result)
    return result


class Not(_Compound):
    def evaluate(self, see: Evaluation) -> Truths:
        return np.subtract(YES, see[self._parts[0]], dtype=np.uint8)


class AtLeastSome(_Compound):
    """Yes when at least ``needed`` parts are; unknown when the unknown ones could still make up the number."""

    def __init__(self, needed: int, *parts: Condition) -> None:
        super().__init__(*parts)
        self.needed = needed

    def evaluate(self, see: Evaluation) -> Truths:
        columns = np.array([see[part] for part in self._parts])
        sure, maybe = (np.add.reduce(counted, dtype=np.uint8) for counted in (columns >> 1, columns + 1 >> 1))
        return at_least(np.array([sure, maybe]), self.needed)


class Certain(_Compound):
    """Yes when its part is yes, else no: for the few rules that read "not known" as no."""

    def evaluate(self, see: Evaluation) -> Truths:
        return np.bitwise_and(see[self._parts[0]], YES, dtype=np.uint8)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return NOTHING


class Unclear(_Compound):
    """Yes when its part is unknown, else no."""

    def evaluate(self, see: Evaluation) -> Truths:
        return truth(see[self._parts[0]] == UNKNOWN)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return NOTHING


def truth(mask: Mask) -> Truths:
    """Yes where the mask holds, no elsewhere."""
    ones = mask.view(np.uint8)
    return ones + ones


def at_least(bounds: NDArray[Any], threshold: int | NDArray[Any]) -> Truths:
    """Whether a score that lies between two bounds, low and high, reaches a threshold (S11)."""
    low, high = (bounds >= threshold).view(np.uint8)
    result: Truths = low + high
    return result


def at_most(bounds: NDArray[Any], threshold: int) -> Truths:
    return np.subtract(YES, at_least(bounds, threshold + 1), dtype=np.uint8)
