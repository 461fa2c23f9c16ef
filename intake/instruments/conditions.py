"""When an item is shown: a condition on answers already given, as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intake.instruments.answers import Scalar, Value


@dataclass(frozen=True, slots=True)
class Answered:
    """The item has one of these values; ``negated``: it has none of them, or no answer at all."""

    item: str
    values: tuple[Scalar, ...]
    negated: bool = False

    def holds(self, given: Mapping[str, Value]) -> bool:
        value = given.get(self.item)
        chosen = value if isinstance(value, list) else [value]
        return any(one in self.values for one in chosen) is not self.negated

    def tests(self) -> Iterator["Answered"]:
        yield self


@dataclass(frozen=True, slots=True)
class Group:
    """All of the parts, or with ``every`` false any of them."""

    parts: tuple["Condition", ...]
    every: bool

    def holds(self, given: Mapping[str, Value]) -> bool:
        held = (part.holds(given) for part in self.parts)
        return all(held) if self.every else any(held)

    def tests(self) -> Iterator[Answered]:
        for part in self.parts:
            yield from part.tests()


Condition = Answered | Group
