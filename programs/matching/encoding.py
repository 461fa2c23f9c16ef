"""How one answer becomes codes: a function for each type of fact, strict about what it takes."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from .dictionary import Fact

NO, UNKNOWN, YES = 0, 1, 2
NULL = -1
# Ages go into 16-bit columns. No window is longer than months, so an older date reads the same at this age.
OLDEST = 30_000

Codes = tuple[int, ...]


class FactError(ValueError):
    """An input document that does not keep to the dictionary; the message says where, and never repeats an answer."""


Encoder = Callable[[Any, date], Codes]


def encoder(fact: Fact) -> Encoder:
    match fact.type:
        case "bool":
            return _bool_encoder(fact.key)
        case "int":
            return _table_encoder(fact.key, range(fact.minimum, fact.maximum + 1), f"a whole number {_span(fact)}")
        case "choice":
            return _choice_encoder(fact)
        case "number":
            return _number_encoder(fact)
        case "date":
            return lambda value, as_of: (age(calendar_day(value, fact.key), as_of),)
        case "list":
            return _list_encoder(fact)
        case "items":
            return _items_encoder(fact)
    raise FactError(f"{fact.key}: the dictionary has a type that is not known here: {fact.type}.")


def _bool_encoder(key: str) -> Encoder:
    def encode(value: Any, as_of: date) -> Codes:
        if value is True:
            return (YES,)
        if value is False:
            return (NO,)
        raise FactError(f"{key} must be true, false or null.")

    return encode


def _whole(value: Any) -> int | None:
    """The whole number that JSON wrote, or None: true is not 1, but 3.0 is 3."""
    if type(value) is int:
        return value
    return int(value) if type(value) is float and value.is_integer() else None


def _table_encoder(key: str, allowed: Iterable[int], words: str) -> Encoder:
    codes = {value: (value,) for value in allowed}

    def encode(value: Any, as_of: date) -> Codes:
        whole = _whole(value)
        if whole is None or whole not in codes:
            raise FactError(f"{key} must be {words} or null.")
        return codes[whole]

    return encode


def _choice_encoder(fact: Fact) -> Encoder:
    codes = {value: (position,) for position, value in enumerate(fact.values)}

    def encode(value: Any, as_of: date) -> Codes:
        if not isinstance(value, str) or value not in codes:
            raise FactError(f"{fact.key} must be one of {', '.join(fact.values)}, or null.")
        return codes[value]

    return encode


def _number_encoder(fact: Fact) -> Encoder:
    def encode(value: Any, as_of: date) -> Codes:
        fits = type(value) in (int, float) and fact.minimum <= value <= fact.maximum and round(value, 2) == value
        if not fits:
            raise FactError(f"{fact.key} must be a number {_span(fact)} with at most two decimals, or null.")
        return (round(value * fact.scale),)

    return encode


def _list_encoder(fact: Fact) -> Encoder:
    allowed = frozenset(fact.values)

    def encode(value: Any, as_of: date) -> Codes:
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry in allowed for entry in value):
            raise FactError(f"{fact.key} must be a list of {', '.join(fact.values)}, or null.")
        if len(set(value)) != len(value):
            raise FactError(f"{fact.key} names an entry twice.")
        return tuple(YES if entry in value else NO for entry in fact.values)

    return encode


def _items_encoder(fact: Fact) -> Encoder:
    entries = [_item_codes(fact, position) for position in range(fact.length)]
    words = "true, false or null" if fact.holds_truths else fact.item

    def encode(value: Any, as_of: date) -> Codes:
        if not isinstance(value, list) or len(value) != fact.length:
            raise FactError(f"{fact.key} must be a list of {fact.length} answers, or null.")
        codes = tuple(
            table.get((type(entry), entry)) if entry.__hash__ else None  # a nested list has no hash
            for table, entry in zip(entries, value, strict=True)
        )
        if None in codes:
            raise FactError(f"{fact.key}: answer {codes.index(None) + 1} must be {words}.")
        return codes  # type: ignore[return-value]

    return encode


def _item_codes(fact: Fact, position: int) -> Mapping[tuple[type, Any], int]:
    """Code by (type, answer), because Python takes True for 1; ``na`` counts as not answered (S26)."""
    if fact.holds_truths:
        return {(type(None), None): UNKNOWN, (bool, True): YES, (bool, False): NO}
    codes: dict[tuple[type, Any], int] = {
        (kind, kind(value)): value for value in _item_values(fact, position) for kind in (int, float)
    }
    codes[type(None), None] = NULL
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


def _span(fact: Fact) -> str:
    return f"from {fact.minimum} to {fact.maximum}"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def calendar_day(value: Any, where: str) -> date:
    # fromisoformat also reads 20260302 and 2026-W10-1, which the contract does not.
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise FactError(f"{where} must be a day of the calendar, written 2026-03-02.")


def age(day: date, as_of: date) -> int:
    days = (as_of - day).days
    return NULL if days < 0 else min(days, OLDEST)
