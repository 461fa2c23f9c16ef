"""From what a correction page posts to a correction, with a sentence for each field that cannot be kept."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from django.http import QueryDict

from intake.actions.addenda import Correction
from intake.actions.answers import Change
from intake.forms.answers import read_item
from intake.instruments import AnswerError, Item, Questionnaire

TEXT_MAXIMUM: Final = 5_000
EMPTY: Final = "empty"  # what the form posts for "There should be no answer"


@dataclass(slots=True)
class Typed:
    correction: Correction
    errors: dict[str, str] = field(default_factory=dict)


def read_correction(about: tuple[Questionnaire, Item] | None, post: QueryDict, *, today: date) -> Typed:
    errors: dict[str, str] = {}
    text = str(post.get("text", "")).replace("\r\n", "\n").strip()
    if not text:
        errors["text"] = "Say in a sentence what was wrong, or what you add."
    elif len(text) > TEXT_MAXIMUM:
        errors["text"] = f"This has {len(text):,} characters. Shorten it to {TEXT_MAXIMUM:,} or fewer."
    elif any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in text):
        errors["text"] = "This holds characters that cannot be shown. Type it again without them."
    if about is None:
        return Typed(Correction(text), errors)
    asked, item = about
    change = None
    try:
        change = read_answer(asked, item, post.getlist(item.code), today=today)
    except AnswerError as error:
        errors[item.code] = str(error)
    return Typed(Correction(text, asked.code, change), errors)


def read_answer(asked: Questionnaire, item: Item, raw: list[str], *, today: date) -> Change:
    if EMPTY in raw:
        if len([one for one in raw if one]) > 1 and item.kind in ("choice", "yes_no", "multi", "checkbox"):
            raise AnswerError("Choose either an answer or “There should be no answer”, not both.")
        return Change(item.code, None)
    change = read_item(asked, item, raw, today=today)
    if change.value is None and change.status == "answered":
        raise AnswerError("Give the right answer, or choose “There should be no answer”.")
    return change


def key_from(post: QueryDict) -> UUID | None:
    """The key that the page was drawn with; None when it did not come from our page."""
    try:
        return UUID(str(post.get("key", "")))
    except ValueError:
        return None
