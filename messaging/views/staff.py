"""The outbox as coordinators see it: what waits, what left, what failed and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.policies import Actor, policy
from messaging import actions, queries, texts
from messaging.models import OutboxMessage, State
from messaging.permissions import refusal_to_retry

LAST_PAGE = 400
TONES = {
    State.PENDING: "amber",
    State.SENDING: "action",
    State.SENT: "fern",
    State.FAILED: "brick",
    State.CANCELED: "none",
    State.EXPIRED: "dusk",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a line of the table and as a page."""

    message: OutboxMessage
    title: str
    tone: str
    may_retry: bool


def row(message: OutboxMessage, actor: Actor) -> Row:
    kind = texts.kinds().get(message.kind)
    may_retry = actor.may("message.write") and refusal_to_retry(message, timezone.now()) is None
    return Row(message, kind.title if kind else message.kind, TONES[State(message.state)], may_retry)


@policy("message.read")
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    state = chosen_state(request.GET.get("state", ""))
    number = chosen_page(request.GET.get("page", ""))
    page = queries.outbox(actor, state=state, page=number)
    context = {
        "rows": [row(message, actor) for message in page.messages],
        "pills": pills(state),
        "state": state,
        "older": list_url(state, number + 1) if page.more and number < LAST_PAGE else "",
        "newer": list_url(state, number - 1) if number > 1 else "",
        "all_url": reverse("messaging:outbox"),
    }
    return render(request, "messaging/outbox.html", context)


@policy("message.read")
@require_safe
def detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return message_page(request, visible(request, public_id))


@policy("message.write")
@require_POST
def retry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    message = visible(request, public_id)
    try:
        actions.retry(message=message, now=timezone.now())
    except actions.RetryRefused as refusal:
        messages.error(request, str(refusal))
        message.refresh_from_db()
        return message_page(request, message, status=409)
    messages.success(request, "The message waits to be sent again.")
    return redirect("messaging:message", public_id)


def visible(request: HttpRequest, public_id: UUID) -> OutboxMessage:
    scope = OutboxMessage.objects.visible_to(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(scope.select_related("location"), public_id=public_id)


def message_page(request: HttpRequest, message: OutboxMessage, status: int = 200) -> HttpResponse:
    context = {
        "row": row(message, request.actor),  # type: ignore[attr-defined]
        "message": message,
        "zone": message.location.zone,
        "received": queries.received(message),
    }
    return render(request, "messaging/message.html", context, status=status)


def chosen_state(asked: str) -> State | None:
    return State(asked) if asked in State.values else None


def chosen_page(asked: str) -> int:
    return min(max(int(asked), 1), LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def list_url(state: State | None, page: int = 1) -> str:
    asked = ({"state": state.value} if state else {}) | ({"page": page} if page > 1 else {})
    return reverse("messaging:outbox") + (f"?{urlencode(asked)}" if asked else "")


def pills(chosen: State | None) -> list[dict[str, Any]]:
    everything = {"label": "All", "url": list_url(None), "active": chosen is None}
    return [everything] + [{"label": s.label, "url": list_url(s), "active": s is chosen} for s in State]
