"""What may be done with a message, with the reason when not."""

from __future__ import annotations

from datetime import datetime

from messaging.models import OutboxMessage, State


def refusal_to_retry(message: OutboxMessage, now: datetime) -> str | None:
    """Say why a message cannot be sent again; None when it can."""
    if message.state != State.FAILED:
        return f"Only a failed message can be sent again. This one is: {message.get_state_display().lower()}."
    if now >= message.send_until:
        return "It is too late to send this message. Call the person if it still matters."
    return None
