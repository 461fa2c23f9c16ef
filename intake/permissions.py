"""Who may do what with an intake, with the reason when not."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from accounts.policies import Actor
from intake import protocol
from intake.models import Assessment, SafetyEvent, SafetyLevel
from intake.sections import BY_SLUG, SAFETY
from intake.sitting import Sitting


def refusal_to_write(assessment: Assessment) -> str | None:
    """Say why answers of this intake can no longer change; None when they can."""
    if assessment.is_signed:
        return "This intake is signed and can no longer be changed."
    return None


def refusal_to_sign(sitting: Sitting, alerts: Iterable[SafetyEvent]) -> str | None:
    """
    Say what must be answered or done before anybody can sign; None when nothing must.

    Args:
        alerts: the open alerts of the person, whatever set them off: one alert takes in what is answered later.
    """
    written = refusal_to_write(sitting.assessment)
    if written:
        return written
    missing = [item.label for _, item in sitting.open_items(BY_SLUG[SAFETY])]
    if missing:
        return f"Safety questions first: {listed(missing)}."
    waiting = [
        str(SafetyLevel(event.in_force).label)
        for event in alerts
        if event.in_force in protocol.BLOCKS_SIGNING and event.state in protocol.BEFORE_ASSESSED
    ]
    if waiting:
        return f"A safety alert is not assessed yet: {listed(waiting)}. Record the assessment first."
    disputed = [item.label for _, item in sitting.disputed()]
    if disputed:
        return f"Two people answered differently. Choose one answer for: {listed(disputed)}."
    return None


def refusal_to_move(event: SafetyEvent, to: str, actor: Actor) -> str | None:
    """Say why this actor may not move an alert to a state; None when they may."""
    if not actor.may("safety.write"):
        return "Only clinicians and supervisors work on safety alerts."
    if to not in protocol.next_states(event.in_force, event.state):
        to_words, now_words = SafetyEvent.State(to).label.lower(), event.get_state_display().lower()
        return f"An alert at level {SafetyLevel(event.in_force).label} does not go from {now_words} to {to_words}."
    if to == protocol.CLOSED and event.level in protocol.SECOND_PERSON:
        if event.assessed_by_id == actor.user.pk:
            return "You assessed this risk. Somebody else closes it."
        if not actor.may("safety.close"):
            return "A supervisor closes an alert that was at S3 or S4."
    return None


def refusal_to_set_level(event: SafetyEvent, level: str, actor: Actor) -> str | None:
    """Say why this actor may not work at another level; None when they may."""
    if not actor.may("safety.write"):
        return "Only clinicians and supervisors work on safety alerts."
    if event.state == protocol.CLOSED:
        return "This alert is closed."
    if level not in protocol.WORKING_LEVELS.get(event.level, ()):
        return f"The level of an alert at {SafetyLevel(event.level).label} is not set by hand."
    if event.assessed_at is None:
        return "Record the assessment first. A lower level needs one."
    return None


def refusal_of_signature(user: User, typed_name: str, password: str) -> dict[str, str]:
    """Say, by field, why this is not the signature of this person."""
    refused = {}
    if _plain(typed_name) != _plain(user.name):
        refused["signature"] = f"Type your name as it stands in your account: {user.name}."
    if not password or not user.check_password(password):
        refused["password"] = "That is not your password. Type the password that you sign in with."  # noqa: S105
    return refused


def listed(names: list[str], most: int = 3) -> str:
    """ "a, b, c and 4 more"."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
