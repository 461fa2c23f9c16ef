"""
One intake as it stands: its answers read through the versions that asked for them.

Where a section stands is worked out from its answers and stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from intake.instruments import (
    Item,
    Page,
    Questionnaire,
    answers_to_items,
    carried,
    is_settled,
    load,
    score,
    value_of,
    with_text,
)
from intake.instruments.answers import Answers
from intake.models import Assessment, InstrumentText, QuestionnaireResponse
from intake.sections import BY_SLUG, SAFETY, SECTION_OF, SECTIONS, TRIGGER, Part, Positive, Section, Yes

NOTHING: Final[Mapping[str, Any]] = {}


def needs_nothing_more(entry: Mapping[str, Any] | None) -> bool:
    """Answered, or left open with a reason; two different answers to one item still need settling."""
    return is_settled(entry) and "disputed" not in (entry or {})


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a section. Its number is fixed by the versions, so that an address keeps its meaning."""

    section: Section
    number: int
    code: str = ""
    page: Page | None = None

    @property
    def is_summary(self) -> bool:
        return self.page is None

    @property
    def order(self) -> tuple[int, int]:
        return SECTIONS.index(self.section), self.number


@dataclass(frozen=True, slots=True)
class Count:
    answered: int
    total: int
    touched: bool

    @property
    def is_done(self) -> bool:
        return self.answered == self.total


@lru_cache(maxsize=200)
def worded(code: str, version: int, text: int) -> Questionnaire:
    """A version in a clinic's wording, remembered: neither of them ever changes."""
    return with_text(load(code, version), InstrumentText.objects.get(pk=text).body)


class Sitting:
    """An assessment with its responses, asked what is done, what is open and what comes next."""

    def __init__(self, assessment: Assessment, responses: Iterable[QuestionnaireResponse]) -> None:
        self.assessment = assessment
        self.responses = {response.code: response for response in responses}

    def questionnaire(self, code: str) -> Questionnaire:
        """As its version asks, in the clinic's own wording where a text pack was in use."""
        response = self.responses.get(code)
        if response is None:
            return load(code)
        version = int(response.version)
        return worded(code, version, response.text_id) if response.text_id else load(code, version)

    def answers(self, code: str) -> Answers:
        """What counts: what was answered here, and what an earlier questionnaire has answered already."""
        own, shared = self.own_answers(code), self.carried(code)
        return {**own, **shared} if shared else own

    def own_answers(self, code: str) -> Answers:
        response = self.responses.get(code)
        return response.answers if response else NOTHING

    def carried(self, code: str) -> Answers:
        """Entries that stand in from another questionnaire until the question is answered here."""
        asked = self.questionnaire(code)
        shared = {item.carries.code for item in asked.items if item.carries}
        sources = {one: (self.questionnaire(one), self.own_answers(one)) for one in shared}
        return carried(asked, self.own_answers(code), sources) if sources else NOTHING

    @cached_property
    def revision(self) -> int:
        """Rises with every stored change of any answer: what a signer saw is named by it."""
        return sum(response.revision for response in self.responses.values())

    @property
    def saved_at(self) -> datetime | None:
        return max((response.updated_at for response in self.responses.values() if response.revision), default=None)

    # ---- Scores and what they open ----

    def score(self, code: str) -> dict[str, Any] | None:
        """The score document of a scored questionnaire; None for the others."""
        asked = self.questionnaire(code)
        if asked.scoring is None:
            return None
        sex = value_of(self.answers("arrival").get("sex_for_clinical_use"))
        known = str(sex or self.assessment.patient.sex_for_clinical_use) or None
        return score(asked.scoring.scorer, answers_to_items(asked, self.answers(code)), sex=known)

    def is_positive(self, code: str) -> bool:
        found = self.score(code)
        return found is not None and found["cut_off"] == "positive"

    def is_open(self, part: Part) -> bool:
        """A second stage opens with what it follows, and stays once something in it was answered."""
        if part.after and self.assessment.is_signed and part.code not in self.responses:
            return False  # a questionnaire that came after the signature was no part of what was signed
        return not part.after or any(map(self.holds, part.after)) or bool(self.own_answers(part.code))

    def holds(self, opener: Positive | Yes) -> bool:
        if isinstance(opener, Positive):
            return self.is_positive(opener.code)
        return self.questionnaire(opener.code).values(self.answers(opener.code)).get(opener.item) is True

    def open_codes(self, section: Section) -> list[str]:
        return [part.code for part in section.parts if self.is_open(part)]

    def opened_by(self, section: Section) -> list[tuple[str, str]]:
        """The second stages that are open, each with the screen or the answer that opened it, in words."""
        found = []
        for part in section.parts:
            reasons = [opener for opener in part.after if self.holds(opener)]
            if reasons:
                found.append((self.questionnaire(part.code).title, self._words_of(reasons[0])))
        return found

    def _words_of(self, opener: Positive | Yes) -> str:
        asked = self.questionnaire(opener.code)
        return f"{asked.title} is positive" if isinstance(opener, Positive) else f"{asked.item(opener.item).label}: yes"

    # ---- Pages ----

    def steps(self, section: Section) -> list[Step]:
        """Every page of a section, those of closed second stages too."""
        pages = [(code, page) for code in section.codes for page in self.questionnaire(code).pages]
        steps = [Step(section, number, code, page) for number, (code, page) in enumerate(pages, start=1)]
        if any(self.questionnaire(code).scoring for code in section.codes):
            steps.append(Step(section, len(steps) + 1))
        return steps

    def open_steps(self, section: Section) -> list[Step]:
        codes = self.open_codes(section)
        return [step for step in self.steps(section) if step.is_summary or step.code in codes]

    def step(self, slug: str, number: int) -> Step | None:
        section = BY_SLUG.get(slug)
        steps = self.steps(section) if section else []
        return steps[number - 1] if 1 <= number <= len(steps) else None

    def after(self, step: Step) -> Step | None:
        """The page that Continue leads to; None after the last one."""
        return next((one for one in self._all_open() if one.order > step.order), None)

    def before(self, step: Step) -> Step | None:
        return next((one for one in reversed(list(self._all_open())) if one.order < step.order), None)

    def _all_open(self) -> Iterator[Step]:
        for section in SECTIONS:
            yield from self.open_steps(section)

    def shown_on(self, step: Step) -> list[Item]:
        assert step.page is not None  # noqa: S101 - a summary asks nothing
        shown = {item.code for item in self.questionnaire(step.code).shown(self.answers(step.code))}
        return [item for item in step.page.items if item.code in shown]

    def step_of(self, code: str, item_code: str) -> Step | None:
        section = SECTION_OF.get(code)
        for step in self.steps(section) if section else []:
            if step.page and step.code == code and any(item.code == item_code for item in step.page.items):
                return step
        return None

    # ---- What is done ----

    def count(self, step: Step) -> Count:
        """Of a page: the required items that need nothing more; of a page without any, all of them."""
        items = self.shown_on(step)
        return self._count(step.code, [item for item in items if item.required] or items)

    def _count(self, code: str, items: list[Item]) -> Count:
        answers = self.answers(code)
        done = sum(needs_nothing_more(answers.get(item.code)) for item in items)
        return Count(done, len(items), bool(self.own_answers(code)))

    def section_count(self, section: Section) -> Count:
        counts = [self.count_of(code) for code in self.open_codes(section)]
        return Count(
            sum(one.answered for one in counts), sum(one.total for one in counts), any(one.touched for one in counts)
        )

    def count_of(self, code: str) -> Count:
        """Of one questionnaire: its required items that are shown."""
        shown = self.questionnaire(code).shown(self.answers(code))
        return self._count(code, [item for item in shown if item.required])

    @cached_property
    def done(self) -> frozenset[str]:
        return frozenset(
            section.slug
            for section in SECTIONS
            if (found := self.section_count(section)).is_done and (found.touched or not found.total)
        )

    def open_items(self, section: Section) -> list[tuple[Step, Item]]:
        """The required items of a section that nobody has answered or closed, with their pages."""
        return [
            (step, item)
            for step in self.open_steps(section)
            if step.page
            for item in self.shown_on(step)
            if item.required and not needs_nothing_more(self.answers(step.code).get(item.code))
        ]

    def disputed(self) -> list[tuple[str, Item]]:
        """Items with two different answers that nobody has settled."""
        return [
            (code, item)
            for code in self.responses
            for item in self.questionnaire(code).items
            if "disputed" in self.answers(code).get(item.code, NOTHING)
        ]

    # ---- Safety ----

    @property
    def is_triggered(self) -> bool:
        """An answer was given after which the safety questions are due now."""
        code, item = TRIGGER
        value = value_of(self.answers(code).get(item))
        return isinstance(value, int) and value >= 1

    @property
    def is_safety_due(self) -> bool:
        return self.is_triggered and SAFETY not in self.done

    # ---- Resuming ----

    def resume_at(self) -> tuple[Step, Item] | None:
        """
        Where to go on: the first open question after the last saved answer, else the first open one anywhere.

        None when nothing required is open.
        """
        latest = max(self.responses.values(), key=lambda one: (one.revision > 0, one.updated_at), default=None)
        if latest and latest.revision and latest.code in SECTION_OF:
            for step, item in self.open_items(SECTION_OF[latest.code]):
                return step, item
        for section in SECTIONS:
            for step, item in self.open_items(section):
                return step, item
        return None
