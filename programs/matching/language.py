"""
The language of conditions: small enough to read aloud, and unable to do anything but compare.

    condition   = "not" condition
                | ("any" | "all") "(" condition {"," condition} ")"
                | "certain" "(" condition ")"               yes if it is known to be so, else no
                | ("missing" | "given") "(" name ")"
                | name                                      a yes or no
                | name ("=" | ">=" | "<=" | ">" | "<") value
                | name "at" ("least" | "most") value        a score with bounds
                | name "in" "(" value {"," value} ")"
                | name "contains" word                      a list
    value       = number | word
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from .logic import All, Any_, Certain, Condition, Not
from .terms import Operand, Term, TermError

T = TypeVar("T")


class LanguageError(ValueError):
    """A condition that cannot be read; the message names the place in it, counted from 1."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # word, number, sign or end
    text: str
    at: int = field(compare=False)


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])
           | (?P<word>[A-Za-z_]\w*(?:\.\w+)*)
           | (?P<sign>>=|<=|[=<>(),]))""",
    re.VERBOSE | re.ASCII,
)
DEEPEST = 20  # a condition that is nested deeper cannot be read aloud, and must not exhaust the stack
_RESERVED = frozenset({"not", "any", "all", "certain", "missing", "given", "at", "least", "most", "in", "contains"})


def tokenize(text: str) -> list[Token]:
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            at = place + len(text[place:]) - len(text[place:].lstrip())
            raise LanguageError(f"cannot read {text[at : at + 12]!r} at {at + 1}")
        tokens.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        place = match.end()
    return [*tokens, Token("end", "the end", len(text) + 1)]


# -- What a condition says


@dataclass(frozen=True, slots=True)
class Said:
    """A name that is a yes or no."""

    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    name: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """``missing`` or ``given``."""

    question: str
    name: str


@dataclass(frozen=True, slots=True)
class Joined:
    """``not``, ``certain``, ``any`` or ``all``."""

    word: str
    parts: tuple["Phrase", ...]


Phrase = Said | Compared | Asked | Joined


def parse(text: str) -> Phrase:
    """
    Read one condition.

    Raises:
        LanguageError: it is not a condition of the language.
    """
    reader = _Reader(tokenize(text))
    phrase = reader.condition()
    reader.expect("end", "the end")
    return phrase


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = iter(tokens)
        self._next = next(self._tokens)
        self._depth = 0

    def _take(self) -> Token:
        token = self._next
        self._next = next(self._tokens, token)
        return token

    def _took(self, *texts: str) -> str | None:
        return self._take().text if self._next.kind != "number" and self._next.text in texts else None

    def expect(self, kind: str, wanted: str) -> Token:
        if self._next.kind != kind or (kind == "sign" and self._next.text != wanted):
            raise LanguageError(f"expected {wanted} at {self._next.at}, found {self._next.text}")
        return self._take()

    def condition(self) -> Phrase:
        self._depth += 1
        if self._depth > DEEPEST:
            raise LanguageError(f"too deep at {self._next.at}: name parts of it under terms")
        phrase = self._phrase()
        self._depth -= 1
        return phrase

    def _phrase(self) -> Phrase:
        if self._took("not"):
            return Joined("not", (self.condition(),))
        if word := self._took("any", "all"):
            return Joined(word, self._listed(self.condition))
        if self._took("certain"):
            return Joined("certain", (self._bracketed(self.condition),))
        if word := self._took("missing", "given"):
            return Asked(word, self._bracketed(self._name))
        return self._comparison()

    def _comparison(self) -> Phrase:
        name = self._name()
        if sign := self._took("=", ">=", "<=", ">", "<", "contains"):
            return Compared(name, sign, (self._value(),))
        if self._took("at"):
            bound = self._took("least", "most")
            if bound is None:
                raise LanguageError(f"expected least or most at {self._next.at}, found {self._next.text}")
            return Compared(name, f"at {bound}", (self._value(),))
        if self._took("in"):
            return Compared(name, "in", self._listed(self._value))
        return Said(name)

    def _name(self) -> str:
        name = self.expect("word", "a name")
        if name.text in _RESERVED:
            raise LanguageError(f"expected a name at {name.at}, found {name.text}")
        return name.text

    def _value(self) -> Operand:
        token = self._take()
        if token.kind == "number":
            return Decimal(token.text)
        if token.kind == "word":
            return token.text
        raise LanguageError(f"expected a value at {token.at}, found {token.text}")

    def _bracketed(self, read: Callable[[], T]) -> T:
        self.expect("sign", "(")
        content = read()
        self.expect("sign", ")")
        return content

    def _listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        self.expect("sign", "(")
        parts = [read()]
        while self._took(","):
            parts.append(read())
        self.expect("sign", ")")
        return tuple(parts)


# -- What it means


class Scope:
    """
    The names that one part of a rule set may use.

    The same phrase means the same node, so that a comparison that many rows share is made once for all of them. A
    phrase belongs to the outermost scope that knows its names: an inner name can never leak outwards.
    """

    def __init__(self, terms: Mapping[str, Term], outer: "Scope | None" = None) -> None:
        self._terms, self._outer = terms, outer
        self._known: dict[Phrase, Condition] = {}

    def within(self, terms: Mapping[str, Term]) -> "Scope":
        return Scope(terms, self)

    def __contains__(self, name: str) -> bool:
        return name in self._terms or (self._outer is not None and name in self._outer)

    def __getitem__(self, name: str) -> Term:
        if name in self._terms:
            return self._terms[name]
        if self._outer is not None:
            return self._outer[name]
        raise LanguageError(f"{name} is not a name that can be used here")

    def meaning(self, text: str) -> Condition:
        """
        Turn a condition into a node.

        Raises:
            LanguageError: it cannot be read, or asks something of a name that the name cannot answer.
        """
        try:
            return self._compiled(parse(text))
        except TermError as refusal:
            raise LanguageError(str(refusal)) from refusal

    def _compiled(self, phrase: Phrase) -> Condition:
        if self._outer is not None and all(name in self._outer for name in names(phrase)):
            return self._outer._compiled(phrase)
        if phrase not in self._known:
            self._known[phrase] = self._compile(phrase)
        return self._known[phrase]

    def _compile(self, phrase: Phrase) -> Condition:
        match phrase:
            case Said(name):
                return self[name].condition()
            case Compared(name, operator, operands):
                return self[name].compared(operator, operands)
            case Asked("missing", name):
                return self[name].missing()
            case Asked(_, name):
                return self[name].given()
            case Joined(word, parts):
                return _JOINS[word](*(self._compiled(part) for part in parts))


def names(phrase: Phrase) -> Iterator[str]:
    """Every name that a phrase uses."""
    if isinstance(phrase, Joined):
        for part in phrase.parts:
            yield from names(part)
    else:
        yield phrase.name


_JOINS: dict[str, Callable[..., Condition]] = {"not": Not, "certain": Certain, "any": Any_, "all": All}
