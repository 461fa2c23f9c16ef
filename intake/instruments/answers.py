"""What a stored answer looks like, and how text from a form becomes the value that is stored."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intake.instruments.shapes import Item

Scalar = bool | int | float | str
Value = Scalar | list[str] | None

# item code -> {"value": ..., "at": "2026-03-02T10:42:00-06:00", "status": "answered" | "declined" | "not_sure" | "not_asked"}
Answers = Mapping[str, Mapping[str, Any]]

LONGEST_TEXT = 5_000
EARLIEST_DATE = date(1900, 1, 1)
NONE_OF_THESE = "none"  # what a form posts for "None of these"; stored as the empty list, "checked, none" (S2)

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?")
_KEPT_CONTROLS = frozenset("\n\t")


class AnswerError(ValueError):
    """An answer that cannot be stored; the message is a sentence for the person who gave it."""


def value_of(entry: Mapping[str, Any] | None) -> Value:
    """Return what was answered; None when nothing was, or when it was left open with a reason."""
    if entry is None or entry.get("status", "answered") != "answered":
        return None
    value: Value = entry.get("value")
    return value


def is_settled(entry: Mapping[str, Any] | None) -> bool:
    """Say whether an item needs no more asking: answered, or left open with a reason."""
    if entry is None:
        return False
    return entry.get("status", "answered") != "answered" or entry.get("value") is not None


def clean(item: "Item", raw: object, *, today: date) -> Value:
    """
    Turn what a form posted into the value to store; None clears the answer.

    Args:
        raw: a string, for ``multi`` a sequence of strings; an already stored value is accepted too.
        today: the local date; a date after it is refused.
    Raises:
        AnswerError: the sentence says what to do.
    """
    if raw is None or raw in ("", [], ()):
        return None
    if item.kind == "multi":
        return _clean_multi(item, raw)
    if isinstance(raw, list | tuple):
        raise AnswerError("Give one answer to this question.")
    return _CLEANERS[item.kind](item, raw, today)


def _clean_choice(item: "Item", raw: object, _today: date) -> Value:
    for option in item.options:
        # Compared as posted text, since to Python the stored values True and 1 are equal.
        if raw == option.raw or (type(raw) is type(option.value) and raw == option.value):
            return option.value
    raise AnswerError(f"{_quoted(raw)} is not one of the answers. Choose one of those shown.")


def _clean_multi(item: "Item", raw: object) -> Value:
    chosen: Sequence[object] = raw if isinstance(raw, list | tuple) else [raw]
    if NONE_OF_THESE in chosen and item.none_label is not None:
        if len(set(map(str, chosen))) > 1:
            raise AnswerError(f"Choose either “{item.none_label}” or the others, not both.")
        return []
    known = {option.raw for option in item.options}
    for choice in chosen:
        if choice not in known:
            raise AnswerError(f"{_quoted(choice)} is not one of the answers. Choose from those shown.")
    return [option.raw for option in item.options if option.raw in chosen]


def _clean_checkbox(_item: "Item", raw: object, _today: date) -> Value:
    if raw in (True, "on", "yes", "true"):
        return True
    raise AnswerError("Tick the box or leave it empty.")


def _clean_integer(item: "Item", raw: object, _today: date) -> Value:
    text = _number_text(raw)
    if not _INTEGER.fullmatch(text):
        raise AnswerError(f"Enter a whole number in digits, such as {item.example}. {_quoted(raw)} is not one.")
    return _within(item, int(text))


def _clean_decimal(item: "Item", raw: object, _today: date) -> Value:
    text = _number_text(raw)
    if not _DECIMAL.fullmatch(text):
        raise AnswerError(f"Enter a number with at most two decimals, such as 1.87. {_quoted(raw)} is not one.")
    return _within(item, float(text))


def _number_text(raw: object) -> str:
    return "" if isinstance(raw, bool) else str(raw).strip()


def _within(item: "Item", number: int | float) -> int | float:
    if item.min is not None and item.max is not None and not item.min <= number <= item.max:
        raise AnswerError(f"Enter a number from {item.min} to {item.max:,}. {number:,} is outside that range.")
    return number


def _clean_date(_item: "Item", raw: object, today: date) -> Value:
    day = _parsed_date(str(raw).strip())
    if day is None:
        raise AnswerError(f"Enter a date as month/day/year, such as 3/11/2026. {_quoted(raw)} is not a date.")
    if day > today:
        raise AnswerError(f"{day:%B} {day.day}, {day.year} is in the future. Enter today's date or an earlier one.")
    if day < EARLIEST_DATE:
        raise AnswerError("Enter a date after 1900.")
    return day.isoformat()


def _parsed_date(text: str) -> date | None:
    for layout in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, layout).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None


def _clean_text(_item: "Item", raw: object, _today: date) -> Value:
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > LONGEST_TEXT:
        raise AnswerError(f"This answer has {len(text):,} characters. Shorten it to {LONGEST_TEXT:,} or fewer.")
    if any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in _KEPT_CONTROLS for mark in text):
        raise AnswerError("This answer holds characters that cannot be shown. Type it again without them.")
    return text or None


def _quoted(raw: object) -> str:
    shown = "".join(mark for mark in str(raw)[:40] if mark.isprintable())
    return f"“{shown}”"


_CLEANERS: Mapping[str, Callable[["Item", object, date], Value]] = {
    "choice": _clean_choice,
    "yes_no": _clean_choice,
    "checkbox": _clean_checkbox,
    "integer": _clean_integer,
    "decimal": _clean_decimal,
    "date": _clean_date,
    "text": _clean_text,
}
