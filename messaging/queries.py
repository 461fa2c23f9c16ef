"""Questions about the outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.policies import Actor
from messaging.models import OutboxMessage, State

PAGE = 25


@dataclass(frozen=True, slots=True)
class Page:
    messages: list[OutboxMessage]
    more: bool


def outbox(actor: Actor | None, *, state: State | None, page: int) -> Page:
    """One page of the messages somebody may see, the latest due first."""
    messages = OutboxMessage.objects.visible_to(actor).select_related("location").order_by("-due_at", "-pk")
    if state is not None:
        messages = messages.filter(state=state)
    start = (page - 1) * PAGE
    found = list(messages[start : start + PAGE + 1])
    return Page(found[:PAGE], more=len(found) > PAGE)


def received(message: OutboxMessage) -> list[dict[str, Any]] | None:
    """What the local mail sink took in under a message's key; None where mail leaves for real."""
    if not (settings.DEBUG and settings.MAIL_SINK_LOG):
        return None
    log = Path(settings.MAIL_SINK_LOG)
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return [row for row in map(json.loads, lines) if row["key"] == str(message.public_id)]
