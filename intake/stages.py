"""The second stages of a section: which are open, which are not needed, which nobody can tell yet, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from intake.instruments import is_settled, value_of
from intake.sections import Part, Positive, Section, Yes
from intake.sitting import Sitting

State = Literal["open", "not_needed", "not_yet"]


@dataclass(frozen=True, slots=True)
class Stage:
    code: str
    title: str
    state: State
    reason: str


def stages(sitting: Sitting, section: Section) -> Iterator[Stage]:
    opened = dict(sitting.opened_by(section))
    for part in section.parts:
        if part.after:
            title = sitting.questionnaire(part.code).title
            if sitting.is_open(part):
                yield Stage(part.code, title, "open", opened.get(title, "Answered before"))
            else:
                yield closed(sitting, part, title)


def closed(sitting: Sitting, part: Part, title: str) -> Stage:
    """Not needed once everything that could open it has said no."""
    told = [answer_of(sitting, opener) for opener in part.after]
    waiting = [words for is_no, words in told if not is_no]
    if waiting:
        return Stage(part.code, title, "not_yet", ", ".join(waiting))
    return Stage(part.code, title, "not_needed", ", ".join(words for _, words in told))


def answer_of(sitting: Sitting, opener: Positive | Yes) -> tuple[bool, str]:
    """Whether what could open a stage has said no, in words."""
    asked, answers = sitting.questionnaire(opener.code), sitting.answers(opener.code)
    if isinstance(opener, Positive):
        found = sitting.score(opener.code)
        if found is not None and found["cut_off"] == "negative":
            return True, f"{asked.title} below cut-off"
        done = sitting.count_of(opener.code).is_done
        return False, f"{asked.title} gives no result" if done else f"{asked.title} not answered"
    item, entry = asked.item(opener.item), answers.get(opener.item)
    if item not in asked.shown(answers):
        return True, f"{item.label}: does not apply"
    if value_of(entry) is False:
        return True, f"{item.label}: no"
    return False, f"{item.label}: not known" if is_settled(entry) else f"{item.label} not answered"
