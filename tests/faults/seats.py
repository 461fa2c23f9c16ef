"""A clinic as it stands today, with people who may be given a seat, and a desk that presses buttons over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import time, timedelta
from http.client import HTTPConnection
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.models import Location
from intake.models import Patient
from programs.models import Cohort
from scheduling import actions
from scheduling.queries.seats import standing
from tests import make
from tests.scheduling import people

TOKEN = "t" * 32


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who is signed in, on lines of their own to a running server."""

    port: int
    session: str

    def post(self, path: str, **data: object) -> Answer:
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            line.request("POST", path, urlencode(data), headers)
            answer = line.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            line.close()


def a_cohort(place: Location, *, hour: int = 17, **over: Any) -> Cohort:
    """One that began last week and is on the calendar."""
    now = timezone.now()
    today = now.date()
    values = {"starts_on": today - timedelta(days=7), "ends_on": today + timedelta(weeks=9)}
    values["last_entry_on"] = today + timedelta(weeks=6)
    cohort = make.cohort(**{"location": place, "blocks": tuple((day, time(hour)) for day in (1, 3)), **values, **over})
    actions.generate_sessions(cohort=cohort, at=now)
    return cohort


def ready_people(place: Location, count: int) -> list[Patient]:
    return [people.ready(location=place) for _ in range(count)]


def hold_path(person: Patient, cohort: Cohort) -> str:
    made = standing(person).recommendation
    assert made
    return reverse("scheduling:hold", args=[person.public_id, made.public_id, cohort.public_id])


def seat_path(name: str, seat: Any) -> str:
    return reverse(f"scheduling:{name}", args=[seat.patient.public_id, seat.public_id])


def together(presses: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """All at the same moment."""
    start = Barrier(len(presses))

    def press(one: Callable[[], Answer]) -> Answer:
        start.wait(timeout=60)
        return one()

    with ThreadPoolExecutor(max_workers=len(presses)) as hands:
        return list(hands.map(press, presses))
