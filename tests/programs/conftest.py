"""No test of this folder rings a real worker."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the worker was rung."""
    heard: list[str] = []
    monkeypatch.setattr("programs.actions.rehearsing.ring", lambda: heard.append("ring"))
    return heard
