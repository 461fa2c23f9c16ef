"""
The web process is killed with -9 between any two answers of an intake: REL-13, REL-24, FLT-22.

The history of answers is read afterwards: it holds every answer that was told "saved", in order, and at most the one
that was on its way. The positive control says "saved" before it saves, and is found out.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from urllib.parse import urlencode

import pytest
from django.db import transaction

from intake.actions.people import start_intake
from intake.models import AnswerChange, Assessment
from tests import make
from tests.faults.processes import free_port, is_up, wait_until, web

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

ROUNDS = 3
TOKEN = "t" * 32
SETTINGS = "tests.faults.web_settings"


@dataclass
class Page:
    """An open page of an intake: sends one answer after the other and knows which were told "saved"."""

    path: str
    session: str
    saved: list[tuple[str, int]] = field(default_factory=list)
    numbers: count = field(default_factory=count)
    revision: int = 0
    line: HTTPConnection | None = None

    def connect(self, port: int) -> None:
        self.hang_up()
        self.line = HTTPConnection("127.0.0.1", port, timeout=30)

    def hang_up(self) -> None:
        if self.line:
            self.line.close()

    def request(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes, int]:
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "X-Autosave": "1",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        assert self.line
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        return answer.status, answer.read(), int(answer.headers.get("X-Worker", 0))

    def answer(self, item: str, value: int) -> None:
        """Save one answer; the server's word that it is saved is believed."""
        data = urlencode({"revision": self.revision, "changed": item, item: value})
        status, body, _ = self.request("POST", self.path, data)
        assert status == 200, body
        self.revision = json.loads(body)["revision"]
        self.saved.append((item, value))

    def answer_until_cut_off(self) -> tuple[str, int]:
        """Answer as fast as it goes; the answer that was on its way when the line broke."""
        while True:
            said = self.next_answer()
            try:
                self.answer(*said)
            except (OSError, HTTPException):
                return said

    def next_answer(self) -> tuple[str, int]:
        """Of every item in turn another answer than the last."""
        number = next(self.numbers)
        return f"phq9_{number % 8 + 1}", number // 8 % 4


@pytest.fixture
def intake() -> Assessment:
    patient = make.patient()
    make.CareTeamMember.objects.create(patient=patient, user=patient.registered_by)
    patient.registered_by.role_assignments.get_or_create(role="clinician")
    return start_intake(patient=patient, by=patient.registered_by, at=make.NOON).assessment


@pytest.fixture
def opened(signed_in):
    """A function: a page of an intake, in the hands of who owns it."""
    pages = []

    def open_page(intake: Assessment, path: str = "") -> Page:
        own = f"/staff/people/{intake.patient.public_id}/intake/{intake.public_id}/mood/1/"
        pages.append(Page(path or own, signed_in(intake.owner).cookies["sessionid"].value))
        return pages[-1]

    yield open_page
    for page in pages:
        page.hang_up()


def kill_at_random(page: Page) -> list[tuple[str, int]]:
    """Answer, be cut off by kill -9, and again; the answers that were on their way."""
    dice, on_their_way = random.Random(3), []
    for _ in range(ROUNDS):
        port = free_port()
        with web(port, settings_module=SETTINGS) as server:
            wait_until(lambda at=port: is_up(at), seconds=60, what="the web server")
            page.connect(port)
            page.answer(*page.next_answer())  # the first takes its time: definitions are read
            threading.Timer(dice.uniform(0.05, 0.5), os.killpg, (server.pid, signal.SIGKILL)).start()
            on_their_way.append(page.answer_until_cut_off())
    return on_their_way


def history(intake: Assessment) -> list[tuple[str, int]]:
    rows = AnswerChange.objects.filter(response__assessment=intake, accepted=True)
    return [(row.item, row.answer["value"]) for row in rows]


def test_every_answer_told_saved_is_stored_and_at_most_the_one_on_its_way_is_not(intake, opened):
    page = opened(intake)
    on_their_way = kill_at_random(page)

    told = history(intake)
    in_order = iter(told)
    assert all(said in in_order for said in page.saved), "An answer that was told saved is not in the history."
    assert Counter(told) - Counter(page.saved) <= Counter(on_their_way)
    stored = {item: entry["value"] for item, entry in intake.responses.get(code="phq9").answers.items()}
    assert stored == dict(told)


def test_a_save_that_is_told_before_it_is_stored_loses_answers(intake, opened):
    """The positive control: a test that cannot fail proves nothing."""
    page = opened(intake, path=f"/naive/{intake.responses.get(code='phq9').pk}/")
    kill_at_random(page)
    assert len(history(intake)) < len(page.saved)


def test_a_worker_killed_amid_a_save_takes_nobody_elses_with_it(intake, opened):
    """FLT-22: only the request that the dead worker held fails, and not half of it is stored."""
    port, stuck, others = free_port(), opened(intake), []
    with web(port, settings_module=SETTINGS, workers=2):
        wait_until(lambda: is_up(port), seconds=60, what="the web server")
        stuck.connect(port)
        held_by = stuck.request("GET", "/healthz/")[2]

        def is_with_another() -> bool:
            others[:] = [opened(intake)]
            others[0].connect(port)
            return others[0].request("GET", "/healthz/")[2] != held_by

        wait_until(is_with_another, seconds=20, what="a line to the other worker")
        others[0].request("GET", stuck.path)  # the first page takes its time
        failed = []

        def save() -> None:
            try:
                stuck.answer("phq9_1", 3)
            except (OSError, HTTPException) as error:
                failed.append(error)

        with transaction.atomic():
            Assessment.objects.select_for_update().get(pk=intake.pk)  # the save waits for this row
            saving = threading.Thread(target=save)
            saving.start()
            time.sleep(0.3)
            assert saving.is_alive(), "The save did not wait; nothing was amid it."
            os.kill(held_by, signal.SIGKILL)
            saving.join(10)
            started = time.monotonic()
            status, _, by = others[0].request("GET", stuck.path)
            assert (status, by != held_by, time.monotonic() - started < 2) == (200, True, True)
        assert len(failed) == 1
        assert history(intake) == []

        wait_until(lambda: is_up(port), seconds=60, what="a new worker")
        stuck.connect(port)
        stuck.answer("phq9_1", 3)
    assert history(intake) == [("phq9_1", 3)]
