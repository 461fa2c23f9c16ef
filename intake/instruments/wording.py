"""A clinic's own licensed wording over a definition that names its questions by construct."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from intake.instruments.answers import NONE_OF_THESE
from intake.instruments.shapes import Item, Page, Questionnaire


def worded_items(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the items that a text pack words: those of the answer sheet, else every item, as in a translation."""
    return questionnaire.sheet or tuple(item.code for item in questionnaire.items)


def with_text(questionnaire: Questionnaire, body: Mapping[str, Any]) -> Questionnaire:
    """
    Return the questionnaire as a text pack words it; what is stored and how it is scored stay the same.

    Args:
        body: ``{"title", "stem", "hint", "items": {code: {"text", "options": {value: label}}}}``. Stem and hint stand on
            the pages of the items that it words; the title is the form's, so a section that holds it keeps its own.
    """
    items = tuple(_worded(item, body["items"].get(item.code)) for item in questionnaire.items)
    by_code = {item.code: item for item in items}
    is_whole = set(body["items"]) == set(by_code)
    return replace(
        questionnaire,
        title=body["title"] if is_whole else questionnaire.title,
        stem=body.get("stem") if is_whole else questionnaire.stem,
        hint=body.get("hint") if is_whole else questionnaire.hint,
        sheet=(),
        items=items,
        pages=tuple(_page(page, by_code, body, is_whole=is_whole) for page in questionnaire.pages),
    )


def _worded(item: Item, text: Mapping[str, Any] | None) -> Item:
    if text is None:
        return item
    labels = text.get("options", {})
    options = tuple(replace(option, label=labels.get(option.raw, option.label)) for option in item.options)
    none = labels.get(NONE_OF_THESE, item.none_label)
    # The short label, our own, stays for summaries; the hint belongs to the sheet.
    return replace(item, text=text["text"], short=item.label, hint=None, stem=None, options=options, none_label=none)


def _page(page: Page, by_code: Mapping[str, Item], body: Mapping[str, Any], *, is_whole: bool) -> Page:
    items = tuple(by_code[item.code] for item in page.items)
    if not any(item.code in body["items"] for item in items):
        return replace(page, items=items)
    # A section's page keeps its own hint, which may say how to ask; that of an answer sheet has served its turn.
    hint = body.get("hint") or (None if is_whole else page.hint)
    return Page(body.get("stem") or body["title"], items, hint)
