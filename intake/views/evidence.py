"""The answers that bear on a clinician's rating, beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intake.bearing import BEARING
from intake.instruments import Item
from intake.presentation import words_of
from intake.sections import SECTION_OF
from intake.sitting import NOTHING
from intake.views.flow import Opened
from intake.views.scores import score_line


def bearing_of(opened: Opened) -> Mapping[str, list[dict[str, Any]]]:
    """By area: the scores and answers to look at again, each with the way to its question."""
    asked = questions(opened)
    return {area: [row for name in names if (row := row_of(opened, name, asked))] for area, names in BEARING.items()}


def questions(opened: Opened) -> Mapping[str, tuple[str, Item]]:
    """Every raw fact with the question that asks for it in the versions of this intake."""
    found: dict[str, tuple[str, Item]] = {}
    for code in SECTION_OF:
        for item in opened.sitting.questionnaire(code).items:
            if item.fact is not None:
                found.setdefault(item.fact.key, (code, item))
    return found


def row_of(opened: Opened, name: str, asked: Mapping[str, tuple[str, Item]]) -> dict[str, Any] | None:
    """None for a second stage that is closed: it asks nothing, so nothing of it is missing."""
    sitting = opened.sitting
    if "." in name:
        code, item = asked[name]
        label, value = (
            item.label,
            words_of(sitting.questionnaire(code), item, sitting.answers(code).get(item.code, NOTHING)),
        )
    else:
        code, item = name, sitting.questionnaire(name).items[0]
        if code not in sitting.open_codes(SECTION_OF[code]):
            return None
        score = score_line(sitting, code)
        label, value = (score["title"], score["line"]) if score else (sitting.questionnaire(code).title, "")
    step = sitting.step_of(code, item.code)
    return {"label": label, "value": value, "url": f"{opened.step_url(step)}#slot_{item.code}"}
