"""From what a question page posts to changes of answers, with a sentence for each item that cannot be stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.http import QueryDict

from intake.actions.answers import NOTE, Change
from intake.instruments import AnswerError, Item, Questionnaire

NOTE_MAXIMUM: Final = 20_000


@dataclass(slots=True)
class Posted:
    changes: list[Change] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def read_page(
    questionnaire: Questionnaire, items: Iterable[Item], post: QueryDict, *, named: Collection[str] | None, today: date
) -> Posted:
    """
    Read the answers of a page.

    Args:
        items: the items of the page.
        named: the items that changed, from the saving in the background; None when the whole page was
            sent, of which only what it asked is read, as what it did not show was not emptied.
    """
    posted = Posted()
    by_code = {item.code: item for item in items}
    wanted = post.getlist("asked") if named is None else named
    for code in dict.fromkeys(wanted):
        if code == NOTE:
            continue
        if code not in by_code:
            posted.errors[code[:60]] = "This question is not on this page. Open the page again."
            continue
        try:
            change = read_item(questionnaire, by_code[code], post.getlist(code), today=today)
            # A page that is left without its tick says so in the record ("Not asked, not alone").
            is_unticked = named is None and change.value is None and by_code[code].else_label
            posted.changes.append(Change(code, None, "not_asked") if is_unticked else change)
        except AnswerError as error:
            posted.errors[code] = str(error)
    if NOTE in post and (named is None or NOTE in named):
        read_note(str(post[NOTE]), posted)
    return posted


def read_item(questionnaire: Questionnaire, item: Item, raw: list[str], *, today: date) -> Change:
    left_open = [status for status in item.allow if status in raw]
    given = [one for one in raw if one and one not in left_open]
    if len(left_open) + bool(given) > 1:
        raise AnswerError("Choose either an answer or one of the choices below it, not both.")
    if left_open:
        return Change(item.code, None, left_open[0])
    several = item.kind == "multi" or len(given) > 1
    value = questionnaire.clean(item.code, given if several else next(iter(given), None), today=today)
    return Change(item.code, value)


def read_note(text: str, posted: Posted) -> None:
    note = text.replace("\r\n", "\n").strip()
    if len(note) > NOTE_MAXIMUM:
        posted.errors[NOTE] = f"The note has {len(note):,} characters. Shorten it to {NOTE_MAXIMUM:,} or fewer."
    elif any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in note):
        posted.errors[NOTE] = "The note holds characters that cannot be shown. Type it again without them."
    else:
        posted.changes.append(Change(NOTE, note or None))
