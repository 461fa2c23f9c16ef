"""
The numbers of a rule set that a clinical lead may change, each where it stands in the text.

A changed number is written over the old one, so that comments, order and everything else stay as they were.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

import yaml

from .columns import Batch
from .document import Path_, RuleSetError, read
from .facts import check
from .language import Compared, Joined, Phrase, parse
from .logic import Evaluation
from .terms import ScoreTerm, ValueTerm
from .vocabulary import vocabulary

# The keys under which a condition stands, in a document and in its lists.
CONDITIONS: Final = frozenset({"when", "applies", "requires", "clinician_says_none", "violence"})
# The keys of plain numbers and their limits, as in ruleset.schema.json. `cap` and `review_in_days` are part of the
# contract of the output and do not change.
LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "points": (1, 4),
    "high_measure": (1, 4),
    "strong": (0, 12),
    "moderate": (0, 12),
    "possible": (0, 12),
    "within_days": (0, 1000),
    "more_than": (0, 1000),
    "needed": (0, 1000),
    "candidates_within": (0, 1000),
    "missing_at_most": (0, 1000),
    "lead_at_least": (0, 1000),
    "days_at_most": (0, 1000),
}
MOST_POINTS: Final = 12

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", re.ASCII)
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML counts as one


@dataclass(frozen=True, slots=True)
class Number:
    """
    One number that may change.

    Attributes:
        path: where it stands in the document; ``place`` counts the numbers of a condition from 0.
        compared: the comparison that it belongs to; None for a plain number.
        start, end: where it stands in the text.
    """

    path: Path_
    place: int
    value: Decimal
    lowest: Decimal
    highest: Decimal
    step: Decimal
    compared: Compared | None
    start: int
    end: int

    @property
    def key(self) -> str:
        return ".".join(str(step) for step in (*self.path, self.place))

    def refusal(self, value: Decimal) -> str | None:
        """Why this number cannot become that one; None when it can."""
        kind = "whole number" if self.step == 1 else "number"
        if self.lowest <= value <= self.highest and value % self.step == 0:
            return None
        return f"Enter a {kind} from {self.lowest} to {self.highest}."


def numbers(text: str) -> list[Number]:
    """
    Every number of a document that may change, from top to bottom.

    Raises:
        RuleSetError: the document does not keep to its schema.
    """
    read(text)
    found: list[Number] = []
    for path, written, start, end in _scalars(text):
        if is_condition(path):
            found += _in_condition(path, written, text, start, end)
        elif path[-1] in LIMITS:
            low, high = LIMITS[str(path[-1])]
            found.append(Number(path, 0, Decimal(written), Decimal(low), Decimal(high), Decimal(1), None, start, end))
    return found


def with_numbers(text: str, wanted: Mapping[str, Decimal]) -> str:
    """
    Write numbers into a document, by their keys; nothing else of the text changes.

    Raises:
        RuleSetError: it could not be done so that only these numbers are different.
    """
    before = numbers(text)
    changed = text
    for number in reversed(before):
        value = wanted.get(number.key, number.value)
        if value != number.value:
            changed = changed[: number.start] + _written(value) + changed[number.end :]
    after = {number.key: number.value for number in numbers(changed)}
    if after != {number.key: wanted.get(number.key, number.value) for number in before}:
        raise RuleSetError("these numbers cannot be written in place; upload the document instead", 1)
    return changed


def with_version(text: str, version: str) -> str:
    """Give a document another version."""
    start, end = next((start, end) for path, _, start, end in _scalars(text) if path == ("version",))
    return text[:start] + json.dumps(version) + text[end:]


def is_condition(path: Path_) -> bool:
    """Whether a condition stands at this place."""
    of_gate = len(path) == 4 and (path[0], path[2]) == ("gates", "asks")
    return path[-1] in CONDITIONS or of_gate or (len(path) == 2 and path[0] == "terms")


def comparisons(phrase: Phrase) -> Iterator[Compared]:
    """The comparisons with a number, in the order in which they are written."""
    if isinstance(phrase, Joined):
        for part in phrase.parts:
            yield from comparisons(part)
    elif isinstance(phrase, Compared):
        for operand in phrase.operands:
            if isinstance(operand, Decimal):
                yield phrase


def _in_condition(path: Path_, condition: str, text: str, start: int, end: int) -> Iterator[Number]:
    compared = list(comparisons(parse(condition)))
    values = [Decimal(found) for found in _NUMBER.findall(condition)]
    # A folded text breaks its lines differently, but its numbers come in the same order; what follows may be a comment.
    written = list(_NUMBER.finditer(text, start, end))[: len(values)]
    if [Decimal(match[0]) for match in written] != values or len(compared) != len(values):
        return
    for place, (match, comparison) in enumerate(zip(written, compared, strict=True)):
        low, high, step = _range(comparison.name)
        yield Number(path, place, values[place], low, high, step, comparison, match.start(), match.end())


@cache
def _range(name: str) -> tuple[Decimal, Decimal, Decimal]:
    """From where to where a value can go, and in which steps."""
    for term in (vocabulary().get(name), vocabulary().get(f"{name}.total")):
        if isinstance(term, ScoreTerm):
            nobody = Evaluation(Batch.of([check({"schema": "iop.facts/1", "as_of": "2000-01-01", "facts": {}})]))
            _, high = nobody[term.bounds]  # of somebody who answered nothing, everything is still possible
            return Decimal(0), Decimal(int(high[0])), Decimal(1)
        if isinstance(term, ValueTerm) and not term.is_choice:
            lowest, second, *_, highest = (Decimal(label) for label in term.labels)
            return lowest, highest, second - lowest
    return Decimal(0), Decimal(MOST_POINTS), Decimal(1)


def _scalars(text: str) -> Iterator[tuple[Path_, str, int, int]]:
    """Every single value: its path, what is written, and where that begins and ends in the text."""
    starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]
    for path, node in _walk(yaml.compose(text, Loader=yaml.CSafeLoader), ()):
        start, end = (starts[mark.line] + mark.column for mark in (node.start_mark, node.end_mark))
        yield path, node.value, start, end


def _walk(node: yaml.Node | None, path: Path_) -> Iterator[tuple[Path_, yaml.ScalarNode]]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _walk(value, (*path, name.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, entry in enumerate(node.value):
            yield from _walk(entry, (*path, position))
    elif isinstance(node, yaml.ScalarNode):
        yield path, node


def _written(value: Decimal) -> str:
    return f"{value.normalize():f}"
