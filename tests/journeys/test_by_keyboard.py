"""A full intake, second stage included, by keyboard alone: no pointer, no address typed after the task list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from intake.instruments import catalog
from intake.models import Assessment
from intake.sections import SECTIONS
from intake.sitting import Sitting
from tests import make
from tests.journeys.answering import Interview, shown

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MOST_TABS = 400  # the check page has a link for every answer
FOCUSED_ITEM = "(document.activeElement?.closest('[data-item]')?.dataset.item || '')"


class Keyboard(Interview):
    """Answers as the interview does, with Tab, Space, arrows, digits and letters only."""

    def answer(self, page: Page, item: Any) -> None:
        tab_to(page, f"{FOCUSED_ITEM} === {item.code!r}")
        value = self.value_of(item)
        if isinstance(value, list):
            for raw in [item.option(each).raw for each in value] or ["none"]:
                press_space_on(page, item.code, raw)
        elif item.kind == "checkbox":
            press_space_on(page, item.code, "yes")
        elif item.kind in {"text", "integer", "decimal", "date"} and value is not None:
            type_in(page, item, str(value))
        elif value is not None:
            choose(page, item.code, item.option(value).raw)
        else:
            self.leave_open_by_key(page, item)

    def leave_open_by_key(self, page: Page, item: Any) -> None:
        for status in ("not_sure", "declined"):
            if status in item.allow:
                return (press_space_on if item.kind == "multi" else choose)(page, item.code, status)
        return None


def tab_to(page: Page, condition: str) -> None:
    for _ in range(MOST_TABS):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TABS} tabs do not reach {condition} on {page.url}")


def choose(page: Page, code: str, raw: str) -> None:
    """By the number key where the question has keys, else with the arrows, once around at most."""
    key = page.locator(f'[data-item="{code}"] input[value="{raw}"]').get_attribute("data-key")
    if key and page.locator(f'[data-item="{code}"][data-likert]').count():
        page.keyboard.press(key)
    else:
        press_until_checked(page, code, raw)
    assert page.locator(f'[data-item="{code}"] input:checked').input_value() == raw


def press_until_checked(page: Page, code: str, raw: str) -> None:
    options = page.locator(f'[data-item="{code}"] input[type=radio]').count()
    is_checked = f'document.querySelector(\'[data-item="{code}"] input[value="{raw}"]\').checked'
    page.keyboard.press("Space")
    for _ in range(options):
        if page.evaluate(is_checked):
            return
        page.keyboard.press("ArrowDown")


def press_space_on(page: Page, code: str, raw: str) -> None:
    tab_to(page, f"{FOCUSED_ITEM} === {code!r} && document.activeElement.value === {raw!r}")
    page.keyboard.press("Space")


def type_in(page: Page, item: Any, value: str) -> None:
    if item.kind == "date":  # the native control takes month, day and year as they are printed
        year, month, day = value.split("-")
        value = f"{month}{day}{year}"
    page.keyboard.type(value)


class TestByKeyboardAlone:
    def test_a_clinician_answers_everything_and_signs(self, visit, with_password):
        clinician = with_password(make.clinician(at=make.location(name="Mill Street"), name="Dana Kessler"))
        patient = make.patient(
            team=clinician, first_name="Rosa", last_name="Marlow", location=clinician.locations.get()
        )
        self.desk = visit()
        self.desk.sign_in(clinician)
        self.desk.open(f"/staff/people/{patient.public_id}/")
        self.by_enter_on("Start intake")
        self.desk.sees("Intake for Rosa M.")
        self.when_every_page_is_answered(patient.location.zone)
        assert set(self.sitting(patient).done) == {section.slug for section in SECTIONS}
        assert {"audit", "bam", "pcl5"} <= {
            code for section in SECTIONS for code in self.sitting(patient).open_codes(section)
        }
        self.when_it_is_checked_and_signed()
        self.desk.sees("What the intake points to")
        assert Assessment.objects.get(patient=patient).is_signed

    def by_enter_on(self, words: str) -> None:
        page = self.desk.page
        tab_to(page, f"(document.activeElement.textContent || '').trim().startsWith({words!r})")
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def when_every_page_is_answered(self, zone: str) -> None:
        page, keyboard = self.desk.page, Keyboard("co_occurring", timezone.localdate().isoformat())
        items: Mapping[str, Any] = {item.code: item for asked in catalog() for item in asked.items}
        self.by_enter_on("Start with")
        for _ in range(90):
            if shown(page):
                keyboard.answer_page(page, items)
            if not page.locator("[data-continue]").count():
                break
            tab_to(page, "document.activeElement.matches('[data-continue]')")
            with page.expect_navigation():
                page.keyboard.press("Enter")

    def sitting(self, patient: Any) -> Sitting:
        assessment = Assessment.objects.get(patient=patient)
        return Sitting(assessment, assessment.responses.all())

    def when_it_is_checked_and_signed(self) -> None:
        page = self.desk.page
        self.by_enter_on("Check answers and sign")
        self.desk.sees("Nearly every day")
        self.by_enter_on("Sign")
        tab_to(page, "document.activeElement.name === 'signature'")
        page.keyboard.type("Dana Kessler")
        tab_to(page, "document.activeElement.name === 'password'")
        page.keyboard.type(make.PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
