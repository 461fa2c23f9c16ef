"""People as columns: one row of codes for each answer, one column for each person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .dictionary import dictionary, raw_facts
from .encoding import NO, NULL, UNKNOWN, YES, Codes
from .facts import Facts

Truths = NDArray[np.uint8]
Numbers = NDArray[np.int16]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands: its rows in the sheet of truths (``NO``, ``UNKNOWN``, ``YES``) or in that of numbers."""

    in_truths: bool
    start: int
    stop: int
    given: int  # the row of truths that says whether an item list was given at all; -1 for other facts

    @property
    def rows(self) -> slice:
        return slice(self.start, self.stop)

    def cells(self, codes: Codes) -> "tuple[Cell, ...]":
        """Where the codes of an answer stand."""
        return tuple(Cell(self.in_truths, row, code) for row, code in enumerate(codes, start=self.start))


class Cell(NamedTuple):
    """One code of one person."""

    in_truths: bool
    row: int
    code: int


@dataclass(frozen=True, slots=True)
class Layout:
    places: Mapping[str, Place]
    null_truths: tuple[int, ...]
    null_numbers: tuple[int, ...]


@cache
def layout() -> Layout:
    """
    Give every raw fact its rows.

    A derived total that the what-would-change search varies (S91) has one row too, ``NULL`` unless it is varied.
    """
    places: dict[str, Place] = {}
    truths: list[int] = []
    numbers: list[int] = []
    for fact in raw_facts():
        width = fact.length or (len(fact.values) if fact.type == "list" else 1)
        sheet, null = (truths, UNKNOWN) if fact.holds_truths else (numbers, NULL)
        start = len(sheet)
        sheet.extend([null] * width)
        given = -1
        if fact.type == "items":
            given = len(truths)
            truths.append(NO)
        places[fact.key] = Place(fact.holds_truths, start, start + width, given)
    for fact in dictionary().values():
        if fact.kind == "derived" and fact.what_if != "none":
            places[fact.key] = Place(False, len(numbers), len(numbers) + 1, -1)
            numbers.append(NULL)
    return Layout(places, tuple(truths), tuple(numbers))


@dataclass(frozen=True, slots=True)
class Batch:
    """
    Answers of many people.

    Attributes:
        truths: shape (rows, people), ``NO``, ``UNKNOWN`` or ``YES``; null is ``UNKNOWN``.
        numbers: shape (rows, people), int16: whole numbers, hundredths, positions in a choice, ages of dates in
            days; null is ``NULL``.
    """

    truths: Truths
    numbers: Numbers

    @property
    def size(self) -> int:
        return int(self.truths.shape[1])

    @classmethod
    def of(cls, people: Iterable[Facts]) -> "Batch":
        plan = layout()
        truths, numbers = [], []
        for person in people:
            yes_no, number = list(plan.null_truths), list(plan.null_numbers)
            for key, codes in person.codes.items():
                place = plan.places[key]
                (yes_no if place.in_truths else number)[place.start : place.stop] = codes
                if place.given >= 0:
                    yes_no[place.given] = YES
            truths.append(yes_no)
            numbers.append(number)
        return cls(
            np.ascontiguousarray(np.array(truths, dtype=np.uint8).reshape(-1, len(plan.null_truths)).T),
            np.ascontiguousarray(np.array(numbers, dtype=np.int16).reshape(-1, len(plan.null_numbers)).T),
        )

    def only(self, people: NDArray[np.intp]) -> "Batch":
        """Some of the people."""
        return Batch(self.truths.take(people, axis=1), self.numbers.take(people, axis=1))

    def varied(self, owners: NDArray[np.intp], edits: Mapping[int, Sequence[Cell]]) -> "Batch":
        """
        Copy people and change single cells of the copies.

        Args:
            owners: for each copy the person whose answers it starts from.
            edits: for a copy the cells that differ.
        """
        truths, numbers = self.truths.take(owners, axis=1), self.numbers.take(owners, axis=1)
        for copy, cells in edits.items():
            for in_truths, row, code in cells:
                (truths if in_truths else numbers)[row, copy] = code
        return Batch(truths, numbers)
