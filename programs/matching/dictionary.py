"""The dictionary of facts: what may be asked, in which words and ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DICTIONARY = Path(__file__).with_name("facts.yaml")


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """
    One entry of the dictionary.

    ``what_if`` says how the what-would-change search varies it (S90); ``clause`` cites SEMANTICS for a derived fact.
    """

    key: str
    kind: str
    type: str
    meaning: str
    domain: str
    section: str
    safety: bool
    what_if: str
    minimum: int = 0
    maximum: int = 0
    values: tuple[str, ...] = ()
    length: int = 0
    item: str = ""
    clause: str = ""

    @property
    def scale(self) -> int:
        """How many codes make one unit: numbers are kept in hundredths, since binary fractions cannot be compared."""
        return 100 if self.type == "number" else 1

    @property
    def codes(self) -> int:
        """How many codes a single value of this fact can take, from 0 up; null is ``NULL``."""
        return len(self.values) if self.type == "choice" else self.maximum * self.scale + 1

    @property
    def holds_truths(self) -> bool:
        return self.type in ("bool", "list") or self.item.startswith("bool")


@cache
def dictionary() -> Mapping[str, Fact]:
    """Every fact by its key, raw ones first, in the order of the contract."""
    document = yaml.load(DICTIONARY.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {row["key"]: _fact(row) for row in document["facts"]}


@cache
def raw_facts() -> tuple[Fact, ...]:
    return tuple(fact for fact in dictionary().values() if fact.kind == "raw")


def _fact(row: dict[str, Any]) -> Fact:
    plain = ("key", "kind", "type", "meaning", "domain", "section", "what_if", "length", "item", "clause")
    return Fact(
        **{"domain": "", **{name: row[name] for name in plain if name in row}},
        safety=bool(row.get("safety")),
        minimum=row.get("min", 0),
        maximum=row.get("max", 0),
        values=tuple(row.get("values", ())),
    )
