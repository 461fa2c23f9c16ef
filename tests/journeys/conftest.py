"""
A real browser on the live server: what a person would see, at a phone's and a desk's width.

A journey fails on any console error, page error or policy report, and on any accessibility
violation of the pages it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, ConsoleMessage, Page
from playwright.sync_api import TimeoutError as NeverSeen

from accounts.models import User
from tests import make
from tests.faults.processes import Sink
from tests.faults.processes import mail_sink as run_mail_sink

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
AXE = Axe()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


class Visitor:
    """Somebody at a screen; knows what went wrong behind it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, user: User) -> None:
        self.open("/sign-in/")
        self.page.get_by_label("Email").fill(user.email)
        self.page.get_by_label("Password", exact=True).fill(make.PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def press(self, name: str, *, exact: bool = True) -> None:
        self.page.get_by_role("button", name=name, exact=exact).click()

    def follow(self, name: str, *, exact: bool = True) -> None:
        self.page.get_by_role("link", name=name, exact=exact).first.click()

    def sees(self, text: str) -> None:
        try:
            self.page.get_by_text(text).first.wait_for(timeout=5000)
        except NeverSeen as never:
            raise AssertionError(
                f"{text!r} is not on {self.page.url}: {self.page.inner_text('main')[:1500]}"
            ) from never

    def is_accessible(self) -> None:
        """No violation in the page as it stands, at a phone's width and at a desk's."""
        before = self.page.viewport_size or DESK
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            found = AXE.run(self.page, options=RULES).response["violations"]
            told = [f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:160]})" for each in found]
            assert told == [], f"{self.page.url} at {size['width']}: {told}"
            sideways = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert sideways <= 0, f"{self.page.url} scrolls sideways by {sideways} at {size['width']}"
        self.page.set_viewport_size(before)


@pytest.fixture
def visit(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Callable[..., Visitor]]:
    """A function: open a browser of one's own; at the end nobody may have heard an error."""
    visitors: list[Visitor] = []

    def arrive(size: dict[str, int] | None = None, **options: Any) -> Visitor:
        # Calm, so that a question does not scroll away from under the pointer.
        context = browser.new_context(viewport=size or DESK, reduced_motion="reduce", **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        visitor = Visitor(context.new_page(), live_server.url)
        visitors.append(visitor)
        return visitor

    yield arrive
    for visitor in visitors:
        visitor.page.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def mail_sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """A real SMTP server that keeps what it accepts, once per key."""
    with run_mail_sink(tmp_path / "mail.jsonl", delay=0) as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield sink


@pytest.fixture
def with_password() -> Callable[[User], User]:
    """A function: let this person sign in with the demo's passphrase."""

    def give(user: User) -> User:
        user.password = make_password(make.PASSWORD)
        user.save(update_fields=["password"])
        return user

    return give
