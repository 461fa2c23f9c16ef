"""A message that is due, and a mail server that only remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from messaging import registry
from messaging.channels import Letter
from messaging.models import OutboxMessage
from tests import make

NOW = make.NOON
KIND = "session_reminder_3h"


class Post:
    """Takes letters, or raises what it was told to."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.trouble: Callable[[Letter], Exception | None] = lambda _letter: None

    def __call__(self, letter: Letter) -> None:
        if error := self.trouble(letter):
            raise error
        self.letters.append(letter)

    @property
    def keys(self) -> list[str]:
        return [letter.key for letter in self.letters]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Rules]:
    """Both kinds are judged by nobody but the test."""
    lets_go = registry.Rules(recheck=lambda _message, _now: None, placeholders=registry.stored)
    table = {"session_reminder_2d": lets_go, KIND: lets_go}
    monkeypatch.setattr(registry, "_rules", table)
    return table


@pytest.fixture
def location(db):
    return make.location()


@pytest.fixture
def draft(location) -> Callable[..., OutboxMessage]:
    """A function: a message that is not in the database."""
    numbers = iter(range(10_000))

    def build(**over: Any) -> OutboxMessage:
        number = next(numbers)
        values = {
            "kind": KIND,
            "location": location,
            "recipient": f"patient:{number}",
            "address": f"rosa{number}@example.test",
            "occurrence": "session:1",
            "occurrence_starts_at": NOW + timedelta(hours=3),
            "context": {"first_name": "Rosa", "zone": "America/Chicago"},
            "due_at": NOW,
            "send_until": NOW + timedelta(hours=2, minutes=45),
        }
        return OutboxMessage(**{**values, **over})

    return build


@pytest.fixture
def message(draft) -> Callable[..., OutboxMessage]:
    """A function: a message in the database."""

    def build(**over: Any) -> OutboxMessage:
        made: OutboxMessage = draft(**over)
        made.save()
        return made

    return build
