"""
Every item of every questionnaire, at its limit, beyond it, and with what nobody should send.

Made from the definitions, so that a new item is covered without a new test. All items of a page are sent in one
request; each is looked at by itself: stored as it should be, or refused with a sentence and not stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, cycle
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.html import escape

from intake.instruments import Item, catalog
from intake.instruments.answers import LONGEST_TEXT
from intake.models import AnswerChange
from intake.presentation import TYPED, shape_of
from intake.queries import sitting_of
from intake.sections import SECTIONS
from intake.sitting import Step

pytestmark = pytest.mark.django_db

REFUSED = object()
ZONE = ZoneInfo("America/Chicago")
STATUSES = ("declined", "not_sure", "not_asked")
MILLION = "a" * 1_000_000
HOSTILE = {
    "nul": "a\x00b",
    "escape": "a\x1b[2Jb",
    "right to left": "\u202eevil\u202c",
    "emoji": "🌊👩‍👩‍👧",
    "html": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE intake_patient; --",
    "template": "{{ request.user.password }}{% csrf_token %}",
}
Sent = dict[str, list[str]]
Expected = dict[str, Any]
Payloads = Iterator[tuple[str, list[str], Any]]
REVISIONS = ("", "0", "-1", "x", "9" * 30, "1; DROP TABLE")


def today():
    return timezone.now().astimezone(ZONE).date()


def limits(item: Item) -> Payloads:
    """What must be taken: name, what a form posts, the value to store."""
    match item.kind:
        case "choice" | "yes_no":
            yield "first", [item.options[0].raw], item.options[0].value
            yield "last", [item.options[-1].raw], item.options[-1].value
        case "multi":
            yield "first", [item.options[0].raw], [item.options[0].raw]
            yield "last", [option.raw for option in item.options], [option.raw for option in item.options]
        case "checkbox":
            yield "first", ["on"], True
        case "integer" | "decimal":
            number = int if item.kind == "integer" else float
            yield "first", [str(item.min or 0)], number(item.min or 0)
            yield "last", [str(item.max or 9)], number(item.max or 9)
        case "date":
            yield "first", ["1900-01-01"], "1900-01-01"
            yield "last", [f"{today():%m/%d/%Y}"], today().isoformat()
        case "text":
            yield "first", ["a"], "a"
            yield "last", ["é" * LONGEST_TEXT], "é" * LONGEST_TEXT


def beyond(item: Item) -> Payloads:
    """What must not: one step over the limit, another type, several answers to one question."""
    match item.kind:
        case "integer" | "decimal":
            yield "above", [str(10**9 if item.max is None else item.max + 1)], REFUSED
            yield "below", ["-" + "9" * 10 if item.min is None else str(item.min - 1)], REFUSED
            yield "type", ["1e3"], REFUSED
            yield "digits", ["٣"], REFUSED
        case "date":
            yield "above", [str(today() + timedelta(days=1))], REFUSED
            yield "below", ["1899-12-31"], REFUSED
            yield "type", ["2026-02-30"], REFUSED
        case "text":
            yield "above", ["a" * (LONGEST_TEXT + 1)], REFUSED
            yield "type", ["one", "two"], REFUSED
        case "multi":
            yield "above", [*(option.raw for option in item.options), "more"], REFUSED
            yield "type", ["{}"], REFUSED
        case _:
            yield "above", ["99"], REFUSED
            yield "below", ["-1"], REFUSED
            yield "type", ["[object Object]"], REFUSED
            yield "digits", ["yes", "no"], REFUSED


def hostile(item: Item) -> Payloads:
    for name, text in HOSTILE.items():
        shown = (item.kind == "text" and text.isprintable()) or (
            name in ("right to left", "emoji") and item.kind == "text"
        )
        yield name, [text], text if shown else REFUSED


def left_open(item: Item) -> Payloads:
    for status in STATUSES:
        may = status in item.allow
        yield status, [status], None if may else status if item.kind == "text" else REFUSED


def by_name(step: Step, *kinds: Callable[[Item], Payloads]) -> list[tuple[str, Sent, Expected]]:
    """For every kind of payload what all items of a page that have it post, and what becomes of each."""
    sent: dict[str, tuple[Sent, Expected]] = {}
    for item in step.page.items:
        for name, raw, value in chain.from_iterable(payloads(item) for payloads in kinds):
            posts, expected = sent.setdefault(name, ({}, {}))
            posts[item.code], expected[item.code] = raw, value
    return [(name, posts, expected) for name, (posts, expected) in sent.items()]


def entries(desk, code: str) -> dict[str, Any]:
    found = desk.assessment.responses.filter(code=code).first()
    return found.answers if found else {}


def pages(desk, section) -> list[tuple[str, Step]]:
    """Every page of a section, those of closed second stages too."""
    sitting = sitting_of(desk.assessment.patient, desk.assessment.public_id)
    return [(f"{section.slug}/{step.number}/", step) for step in sitting.steps(section) if step.page]


@pytest.fixture(params=SECTIONS, ids=lambda section: section.slug)
def section(request):
    return request.param


def test_every_questionnaire_of_the_catalog_is_asked_in_a_section(desk):
    asked = {step.code for section in SECTIONS for _, step in pages(desk, section)}
    assert {one.code for one in catalog()} - asked == set()


def test_saved_in_the_background_each_is_stored_or_refused_with_a_sentence(desk, section):
    for place, step in pages(desk, section):
        for name, posts, expected in by_name(step, limits, beyond, hostile, left_open):
            before = entries(desk, step.code)
            told = desk.autosave(place, revision=10**6, **posts)
            refused = {code for code, value in expected.items() if value is REFUSED}
            at = f"{place} {name}"
            assert told.status_code == (422 if refused else 200), at
            assert set(told.json().get("errors", {})) == refused, at
            assert all(text.endswith(".") for text in told.json().get("errors", {}).values()), at
            after = entries(desk, step.code)
            for code, value in expected.items():
                if value is REFUSED:
                    assert after.get(code) == before.get(code), f"{at} {code}"
                else:
                    status = name if name in STATUSES and value is None else "answered"
                    assert (after[code]["value"], after[code]["status"]) == (value, status), f"{at} {code}"


def test_a_million_characters_are_stored_nowhere(desk, section):
    for place, step in pages(desk, section):
        for item in step.page.items:
            told = desk.autosave(place, **{item.code: MILLION})
            assert (told.status_code, set(told.json()["errors"])) == (422, {item.code})
            assert len(told.json()["errors"][item.code]) < 300
    assert not AnswerChange.objects.exists()


def test_items_of_other_pages_are_stored_nowhere(desk, section):
    everywhere = {item.code for one in SECTIONS for _, step in pages(desk, one) for item in step.page.items}
    for place, step in pages(desk, section):
        foreign = everywhere - {item.code for item in step.page.items}
        told = desk.autosave(place, **dict.fromkeys(sorted(foreign)[:200], "1"))
        assert told.status_code == 422
        assert set(told.json()["errors"]) == set(sorted(foreign)[:200])
    assert not AnswerChange.objects.exists()


def test_a_page_older_than_a_colleagues_answers_overwrites_none(desk, sams_desk, section):
    """Whatever stands for the revision, when it is none that we gave out."""
    for (place, step), revision in zip(pages(desk, section), cycle(REVISIONS), strict=False):
        firsts, *_, lasts = by_name(step, limits)
        sams_desk.autosave(place, **firsts[1])
        told = desk.autosave(place, revision=revision, **lasts[1])
        stands = entries(desk, step.code)
        differs = {code for code in lasts[1] if code in firsts[1] and lasts[2][code] != firsts[2][code]}
        assert told.status_code == (409 if differs else 200)
        assert {one["item"] for one in told.json().get("conflicts", ())} == differs
        assert {code: stands[code]["value"] for code in firsts[1]} == firsts[2]


def test_sent_as_a_page_what_was_typed_stays_on_it(desk, section):
    for place, step in pages(desk, section):
        typed = {item.code for item in step.page.items if shape_of(item) in TYPED}
        for name, posts, expected in by_name(step, beyond, hostile):
            if name in ("above", "nul", "html"):
                before = entries(desk, step.code)
                page = desk.post(place, revision=10**6, **posts)
                refused = {code for code, value in expected.items() if value is REFUSED}
                after, text, at = entries(desk, step.code), page.content.decode(), f"{place} {name}"
                assert page.status_code == (422 if refused else 302), at
                assert ("There is a problem" in text) is bool(refused), at
                assert HOSTILE["html"] not in text, at
                for code in refused:
                    assert after.get(code) == before.get(code), f"{at} {code}"
                    if code in typed and f'id="item_{code}"' in text:
                        assert escape(posts[code][0]) in text, f"{at} {code}"


def test_text_that_is_kept_is_shown_as_text(desk):
    for text in HOSTILE["html"], HOSTILE["template"], HOSTILE["right to left"]:
        desk.autosave("goals/1/", revision=10**6, own_words=text)
        for place in ("goals/1/", "check/"):
            shown = desk.client.get(desk.base + place).content.decode()
            assert escape(text) in shown
            assert HOSTILE["html"] not in shown


def test_with_nothing_else_of_the_page_is_lost(desk):
    """A refused answer beside good ones: these are stored, and the page says which to look at."""
    posts = {f"phq9_{number}": "1" for number in range(1, 9)} | {"phq9_9": "7"}
    page = desk.post("mood/1/", **posts)
    assert page.status_code == 422
    assert set(desk.response("phq9").answers) == {f"phq9_{number}" for number in range(1, 9)}


@pytest.mark.parametrize("field", ["revision", "changed", "asked", "note", "settle", "unsay", "return", "leave"])
def test_the_fields_around_the_answers_never_break_the_page(desk, field):
    for text in (*HOSTILE.values(), MILLION):
        for headers in ({}, {"X-Autosave": "1", "X-Sequence": "9" * 30}):
            fields = {"revision": "0", "asked": "phq9_1", "changed": "phq9_1", "phq9_1": "2", field: text}
            answer = desk.client.post(f"{desk.base}mood/1/", fields, headers=headers)
            assert answer.status_code in (200, 302, 404, 422)
    stored = desk.response("phq9")
    assert set(stored.answers) <= {"phq9_1"}
    assert stored.note in ("", HOSTILE["template"])
