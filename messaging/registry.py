"""
Who judges a message just before it leaves.

What a message is about (a session, a form) lives in apps above this one. Each registers its kinds
when it is ready; a kind that nobody registered is never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from messaging.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class Cancel:
    """What the message says is no longer so, or no longer wished."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    """It would come too late to be of use."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Right, but not at this hour: look again at ``until``."""

    until: datetime


Verdict = Cancel | Expire | Wait
Recheck = Callable[[OutboxMessage, datetime], Verdict | None]
Placeholders = Callable[[OutboxMessage], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rules:
    recheck: Recheck
    placeholders: Placeholders


def stored(message: OutboxMessage) -> Mapping[str, str]:
    """The placeholders as they were when the message was planned."""
    context: Mapping[str, str] = message.context
    return context


_rules: dict[str, Rules] = {}


def register(kind: str, *, recheck: Recheck, placeholders: Placeholders = stored) -> None:
    """
    Take responsibility for a kind of message.

    Args:
        recheck: asked right before sending, outside of any transaction; None lets it go.
        placeholders: gives ``first_name`` (may be empty) and ``zone``, the IANA zone in which
            the person is told the time.
    """
    _rules[kind] = Rules(recheck, placeholders)


def rules(kind: str) -> Rules:
    if kind not in _rules:
        raise LookupError(f"Nobody judges messages of kind {kind}.")
    return _rules[kind]
