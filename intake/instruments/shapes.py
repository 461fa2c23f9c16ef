"""The shape of a questionnaire: what is asked, page by page, and what its answers are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from intake.instruments.answers import Answers, Scalar, Value, clean, is_settled, value_of
from intake.instruments.conditions import Condition

ItemKind = Literal["choice", "yes_no", "integer", "decimal", "text", "date", "multi", "checkbox"]
QuestionnaireKind = Literal["instrument", "section", "checklist", "ratings"]
OpenStatus = Literal["declined", "not_sure", "not_asked"]
Sensitivity = Literal["suicide", "self_harm", "violence", "substance", "trauma"]


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: ``value`` is stored, ``raw`` is what a form posts for it."""

    value: Scalar
    label: str
    anchor: str | None = None  # for ratings: what this step means
    loinc: str | None = None

    @property
    def raw(self) -> str:
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value)

    @property
    def key(self) -> str | None:
        """The key that chooses this option: its digit, or y and n."""
        if isinstance(self.value, bool):
            return self.raw[0]
        return self.raw if len(self.raw) == 1 and self.raw.isdigit() else None


YES_NO = (Option(True, "Yes"), Option(False, "No"))


@dataclass(frozen=True, slots=True)
class FactPath:
    """Which raw fact an item answers; ``index`` is its place in a list of items."""

    key: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Carry:
    """The same question in another questionnaire, whose answer stands in until this one has its own."""

    code: str
    item: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``text`` of a published instrument is verbatim."""

    code: str
    text: str
    kind: ItemKind
    options: tuple[Option, ...] = ()
    required: bool = True
    short: str | None = None
    hint: str | None = None
    stem: str | None = None  # read before this item and those after it on its page
    sensitivity: Sensitivity | None = None
    fact: FactPath | None = None
    show_when: Condition | None = None
    carries: Carry | None = None
    allow: tuple[OpenStatus, ...] = ()
    else_label: str | None = None  # for checkbox: what the record says without the tick
    none_label: str | None = None  # for multi: the explicit "None of these"
    unit: str | None = None
    min: int | None = None
    max: int | None = None
    loinc: str | None = None

    @property
    def label(self) -> str:
        """The short form where there is one, for summaries and task lists."""
        return self.short or self.text

    @property
    def example(self) -> int:
        return min(3, self.max) if self.max is not None else 3

    def option(self, value: Value) -> Option | None:
        """Return the option that a stored value stands for."""
        return next((one for one in self.options if type(one.value) is type(value) and one.value == value), None)


@dataclass(frozen=True, slots=True)
class Page:
    heading: str
    items: tuple[Item, ...]
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a score in words; ``low`` and ``high`` are both included."""

    code: str
    label: str
    text: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scoring:
    scorer: str
    items: tuple[str, ...]  # in the scorer's order
    bands: tuple[Band, ...] = ()
    highest: int | None = None

    def band(self, code: str | None) -> Band | None:
        return next((band for band in self.bands if band.code == code), None)


@dataclass(frozen=True, slots=True)
class License:
    """``category`` as in DOMAIN 3.1: A, B or C; ``own`` is this project's own wording."""

    category: Literal["A", "B", "C", "own"]
    statement: str


@dataclass(frozen=True)
class Questionnaire:
    """One version of a questionnaire; a published version never changes, the next one does."""

    code: str
    version: int
    language: str
    kind: QuestionnaireKind
    title: str
    stem: str | None
    hint: str | None
    recall: str | None
    license: License
    source: str | None
    attribution: str | None
    loinc: str | None
    total_loinc: str | None
    date_fact: str | None
    total_fact: str | None
    sheet: tuple[str, ...]  # items named by construct, since their wording is the clinic's own to load
    items: tuple[Item, ...]
    pages: tuple[Page, ...]
    scoring: Scoring | None

    @cached_property
    def _by_code(self) -> Mapping[str, Item]:
        return {item.code: item for item in self.items}

    def item(self, code: str) -> Item:
        """Return the item; KeyError when this version has none of that code."""
        return self._by_code[code]

    def values(self, answers: Answers) -> dict[str, Value]:
        """Return the values of the items that are shown; an answer that skip logic hides counts as not given."""
        return {item.code: value_of(answers.get(item.code)) for item in self.shown(answers)}

    def shown(self, answers: Answers) -> list[Item]:
        """Return the items to show, in order. A condition sees shown answers only, and its own item's."""
        shown: list[Item] = []
        given: dict[str, Value] = {}
        for item in self.items:
            own = {item.code: value_of(answers.get(item.code))}
            if item.show_when is None or item.show_when.holds(given | own):
                shown.append(item)
                given |= own
        return shown

    def clean(self, item_code: str, raw: object, *, today: date) -> Value:
        """Turn posted text into the value to store; AnswerError carries a sentence for the person."""
        return clean(self.item(item_code), raw, today=today)

    def progress(self, answers: Answers) -> tuple[int, int]:
        """Count the required items that are settled, and all that are required, among those shown."""
        required = [item for item in self.shown(answers) if item.required]
        return sum(is_settled(answers.get(item.code)) for item in required), len(required)
