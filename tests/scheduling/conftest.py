"""No test of this folder rings a real worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone

from tests import make


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the worker was rung."""
    heard: list[str] = []
    for module in ("seats", "seating", "straight", "sessions", "replies"):
        monkeypatch.setattr(f"scheduling.actions.{module}.ring", lambda: heard.append("ring"))
    return heard


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """The views' clock: Wednesday, March 11, noon in Chicago, until a test sets it."""

    def set_to(now: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now)

    set_to(make.NOON)
    return set_to
