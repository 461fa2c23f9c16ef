"""An input document, checked whole (SEMANTICS S1-S4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from .dictionary import dictionary, raw_facts
from .encoding import Codes, Encoder, FactError, calendar_day, encoder

INPUT_SCHEMA = "iop.facts/1"


@dataclass(frozen=True, slots=True)
class Facts:
    """A checked document: ``given`` holds what was answered, as it was written; a null is left out."""

    as_of: date
    given: Mapping[str, Any]
    codes: Mapping[str, Codes] = field(repr=False)

    def age_days(self, key: str) -> int | None:
        """Days from a date fact to ``as_of``; a later date counts as not given (S4)."""
        text = self.given.get(key)
        days = -1 if text is None else (self.as_of - date.fromisoformat(text)).days
        return days if days >= 0 else None


def check(document: object) -> Facts:
    """
    Check an input document whole and turn its answers into codes.

    Args:
        document: what JSON gave: ``{"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": {key: value or null}}``.
    Raises:
        FactError: the first thing that does not fit; nothing is repaired.
    """
    day, given = answers_of(document)
    as_of, known = calendar_day(day, "as_of"), encoders()
    # 3.0 is the whole number 3, and is kept as that: equal answers must not print differently.
    answered = {
        key: int(value) if type(value) is float and value.is_integer() else value
        for key, value in given.items()
        if value is not None
    }
    return Facts(as_of, answered, {key: known[key].one(value, as_of) for key, value in answered.items()})


def answers_of(document: object) -> tuple[Any, dict[str, Any]]:
    """The day and the answers of a document, which are yet to be checked one by one."""
    if not isinstance(document, dict):
        raise FactError("The document must be an object with schema, as_of and facts.")
    if stray := document.keys() - {"schema", "as_of", "facts"}:
        raise FactError(f"{min(map(str, stray))!r} is not part of an input document: it holds schema, as_of and facts.")
    if document.get("schema") != INPUT_SCHEMA:
        raise FactError(f'schema must be "{INPUT_SCHEMA}".')
    given = document.get("facts")
    if not isinstance(given, dict):
        raise FactError("facts must be an object of fact keys and values.")
    if strangers := given.keys() - encoders().keys():
        raise FactError(_about_stranger(min(strangers, key=str)))
    return document.get("as_of"), given


@cache
def encoders() -> Mapping[str, Encoder]:
    """By the key of each raw fact."""
    return {fact.key: encoder(fact) for fact in raw_facts()}


def _about_stranger(key: object) -> str:
    if key in dictionary():
        return f"{key} is worked out from other facts and cannot be given."
    return f"{str(key)[:80]!r} is not a fact of the dictionary."
