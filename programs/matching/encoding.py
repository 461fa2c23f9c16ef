"""
How answers become codes: an encoder for each fact, strict about what it takes, for one answer and for a column of them.

Python takes True for 1 and 1 for 1.0, so an answer is judged by its type first, and then looked up in a table.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dictionary import Fact

NO, UNKNOWN, YES = 0, 1, 2
NULL = -1
# Ages go into 16-bit columns. No window is longer than months, so an older date reads the same at this age.
OLDEST = 30_000

Codes = tuple[int, ...]
Column = NDArray[Any]  # shape (rows of the fact, people)
Days = NDArray[np.int32]  # the proleptic ordinal of each person's `as_of`
NONE = type(None)


class FactError(ValueError):
    """An input document that does not keep to the dictionary; the message says where, and never repeats an answer."""


class Encoder(ABC):
    """The codes of one fact."""

    def __init__(self, key: str) -> None:
        self.key = key

    @abstractmethod
    def one(self, value: Any, as_of: date) -> Codes:
        """
        The codes of one answer that is not null.

        Raises:
            FactError: it is not an answer to this fact; the message is fit to show.
        """

    @abstractmethod
    def many(self, values: Sequence[Any], as_of: Days) -> Column:
        """
        The same for a column of answers, nulls among them.

        Raises:
            FactError: some answer is not one to this fact; ``one`` says what is wrong with it.
        """

    def refusal(self, reason: str) -> FactError:
        return FactError(f"{self.key} {reason}")

    def demand(self, holds: bool) -> None:
        if not holds:
            raise self.refusal("has an answer that does not fit.")


def encoder(fact: Fact) -> Encoder:
    match fact.type:
        case "bool":
            return Single(fact.key, {bool}, {False: NO, True: YES}, UNKNOWN, "true, false or null")
        case "int":
            whole = range(fact.minimum, fact.maximum + 1)
            return Single(fact.key, NUMBERS, {n: n for n in whole}, NULL, f"a whole number {_span(fact)} or null")
        case "number":
            hundredths = {code / fact.scale: code for code in range(fact.minimum * fact.scale, fact.codes)}
            words = f"a number {_span(fact)} with at most two decimals, or null"
            return Single(fact.key, NUMBERS, hundredths, NULL, words)
        case "choice":
            words = f"one of {', '.join(fact.values)}, or null"
            return Single(fact.key, {str}, {value: code for code, value in enumerate(fact.values)}, NULL, words)
        case "date":
            return Day(fact.key)
        case "list":
            return Entries(fact)
        case "items":
            return Items(fact)
    raise FactError(f"{fact.key}: the dictionary has a type that is not known here: {fact.type}.")


NUMBERS = frozenset({int, float})  # JSON may write 3 as 3.0


def _span(fact: Fact) -> str:
    return f"from {fact.minimum} to {fact.maximum}"


class Single(Encoder):
    """A yes or no, a number, a choice: whatever has few enough values for a table."""

    def __init__(self, key: str, kinds: Iterable[type], codes: Mapping[Any, int], null: int, words: str) -> None:
        super().__init__(key)
        self.kinds, self.codes, self.words = frozenset(kinds), codes, words
        self.with_null = {**codes, None: null}

    def one(self, value: Any, as_of: date) -> Codes:
        code = self.codes.get(value) if type(value) in self.kinds else None
        if code is None:
            raise self.refusal(f"must be {self.words}.")
        return (code,)

    def many(self, values: Sequence[Any], as_of: Days) -> Column:
        self.demand({*map(type, values)} <= {*self.kinds, NONE})
        codes = list(map(self.with_null.get, values))
        self.demand(None not in codes)
        return np.array([codes], dtype=np.int16)


class Day(Encoder):
    """A date, as its age in days."""

    def one(self, value: Any, as_of: date) -> Codes:
        days = (as_of - calendar_day(value, self.key)).days
        return (NULL if days < 0 else min(days, OLDEST),)

    def many(self, values: Sequence[Any], as_of: Days) -> Column:
        never = date.max.toordinal()  # later than any `as_of`, and so no age at all (S4)
        self.demand({*map(type, values)} <= {str, NONE})
        days = [never if value is None else ordinal(value, self.key) for value in values]
        ages = as_of - np.array(days, dtype=np.int32)
        return np.where(ages < 0, NULL, np.minimum(ages, OLDEST))[None]


class Entries(Encoder):
    """A list of named entries: each is in it or not."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.key)
        self.values = fact.values

    def one(self, value: Any, as_of: date) -> Codes:
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry in self.values for entry in value):
            raise self.refusal(f"must be a list of {', '.join(self.values)}, or null.")
        if len(set(value)) != len(value):
            raise self.refusal("names an entry twice.")
        return tuple(YES if entry in value else NO for entry in self.values)

    def many(self, values: Sequence[Any], as_of: Days) -> Column:
        names = list(map(repr, values))
        different = dict(zip(names, values, strict=True))  # there are few
        unknown = (UNKNOWN,) * len(self.values)
        codes = {name: unknown if value is None else self.one(value, date.min) for name, value in different.items()}
        return np.array([codes[name] for name in names], dtype=np.uint8).reshape(-1, len(self.values)).T


class Items(Encoder):
    """The answers of one questionnaire, by position."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.key)
        self.length, self.null = fact.length, UNKNOWN if fact.holds_truths else NULL
        self.tables = [_item_codes(fact, position) for position in range(fact.length)]
        self.words = "true, false or null" if fact.holds_truths else fact.item
        # For columns: what any position takes, and which of its codes each position takes; NULL is the last of them.
        answers = {pair: code for table in self.tables for pair, code in table.items()}
        self.kinds = {kind for kind, _ in answers}
        self.codes = {answer: code for (_, answer), code in answers.items()}
        self.allowed = np.array([[code in table.values() for code in (*range(20), NULL)] for table in self.tables])

    def one(self, value: Any, as_of: date) -> Codes:
        if not isinstance(value, list) or len(value) != self.length:
            raise self.refusal(f"must be a list of {self.length} answers, or null.")
        codes = tuple(
            table.get((type(entry), entry)) if entry.__hash__ else None  # a nested list has no hash
            for table, entry in zip(self.tables, value, strict=True)
        )
        if None in codes:
            raise FactError(f"{self.key}: answer {codes.index(None) + 1} must be {self.words}.")
        return codes  # type: ignore[return-value]

    def many(self, values: Sequence[Any], as_of: Days) -> Column:
        blank = [None] * self.length
        lists = [blank if value is None else value for value in values]
        self.demand({*map(type, lists)} == {list} and {*map(len, lists)} == {self.length})
        answers = list(chain.from_iterable(lists))
        self.demand({*map(type, answers)} <= self.kinds)
        codes = list(map(self.codes.get, answers))
        self.demand(None not in codes)
        columns: Column = np.array(codes, dtype=np.int16).reshape(-1, self.length).T
        self.demand(bool(np.take_along_axis(self.allowed, columns.astype(np.intp), axis=1).all()))
        return columns


def _item_codes(fact: Fact, position: int) -> Mapping[tuple[type, Any], int]:
    """Code by type and answer; ``na`` counts as not answered (S26)."""
    if fact.holds_truths:
        return {(NONE, None): UNKNOWN, (bool, True): YES, (bool, False): NO}
    codes: dict[tuple[type, Any], int] = {
        (kind, kind(value)): value for value in _item_values(fact, position) for kind in (int, float)
    }
    codes[NONE, None] = NULL
    if re.search(r"\bna\b", fact.item):
        codes[str, "na"] = NULL
    return codes


def _item_values(fact: Fact, position: int) -> Iterable[int]:
    """What one position accepts, read from the dictionary's words, such as ``int 0-4 or null (item 14: 0 or 4)``."""
    for first, last, listed in re.findall(r"items? (\d+)(?:-(\d+))?:? (?:one of )?((?:\d+(?:,| or ))+\d+)", fact.item):
        if int(first) <= position + 1 <= int(last or first):
            return [int(value) for value in re.findall(r"\d+", listed)]
    low, high = re.findall(r"int (\d+)-(\d+)", fact.item)[0]
    return range(int(low), int(high) + 1)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def calendar_day(value: Any, where: str) -> date:
    # fromisoformat also reads 20260302 and 2026-W10-1, which the contract does not.
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise FactError(f"{where} must be a day of the calendar, written 2026-03-02.")


@lru_cache(10_000)
def ordinal(value: str, where: str) -> int:
    return calendar_day(value, where).toordinal()
