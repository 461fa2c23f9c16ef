"""Filling in an intake as a clinician does: every question of every page that the browser shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page

from scheduling.demo.catalog import read
from scheduling.demo.people import WITHOUT_FACT, fact_value


class Interview:
    """What one person answers: a persona of the demo clinic, with the day of today's suicide screen."""

    def __init__(self, persona: str, today: str) -> None:
        told = read("personas.yaml")
        self.facts: Mapping[str, Any] = {
            **told["base"],
            "cssrs.date": today,
            "safety_plan.workable": True,
            **told[persona]["facts"],
        }
        self.free: Mapping[str, Any] = {**WITHOUT_FACT, "own_words": told[persona]["words"]}

    def answer_page(self, page: Page, items: Mapping[str, Any]) -> None:
        """Answer what is shown, again until nothing new appears: an answer may reveal a question."""
        done: set[str] = set()
        while open_now := [code for code in shown(page) if code not in done]:
            for code in open_now:
                self.answer(page, items[code])
                done.add(code)

    def value_of(self, item: Any) -> Any:
        return self.free.get(item.code) if item.fact is None else fact_value(self.facts, item.fact)

    def answer(self, page: Page, item: Any) -> None:
        value = self.value_of(item)
        field = page.locator(f'[data-item="{item.code}"]')
        if value is None:
            leave_open(field)
        elif isinstance(value, list):
            tick(field, [item.option(each).raw for each in value] or ["none"])
        elif item.kind in {"text", "integer", "decimal", "date"}:
            field.locator("input, textarea").first.fill(str(value))
        elif item.kind == "checkbox":
            tick(field, ["yes"])
        else:
            field.locator(f'input[value="{item.option(value).raw}"]').check()


def shown(page: Page) -> list[str]:
    """The codes of the questions in view, in their order."""
    fields = page.locator("[data-item]:visible")
    return [str(fields.nth(place).get_attribute("data-item")) for place in range(fields.count())]


def leave_open(field: Locator) -> None:
    """Say that the person is not sure, or would rather not say, whichever the question offers."""
    for status in ("not_sure", "declined"):
        offered = field.locator(f'input[value="{status}"]')
        if offered.count():
            offered.check()
            return


def tick(field: Locator, values: list[str]) -> None:
    for value in values:
        field.locator(f'input[type="checkbox"][value="{value}"]').check()
