"""Who may do what with an intake, with the reason when not."""

from __future__ import annotations

from accounts.models import User
from intake.models import Assessment
from intake.sections import BY_SLUG, SAFETY
from intake.sitting import Sitting


def refusal_to_write(assessment: Assessment) -> str | None:
    """Say why answers of this intake can no longer change; None when they can."""
    if assessment.is_signed:
        return "This intake is signed and can no longer be changed."
    return None


def refusal_to_sign(sitting: Sitting) -> str | None:
    """Say what must be answered before anybody can sign; None when nothing must."""
    written = refusal_to_write(sitting.assessment)
    if written:
        return written
    missing = [item.label for _, item in sitting.open_items(BY_SLUG[SAFETY])]
    if missing:
        return f"Safety questions first: {listed(missing)}."
    disputed = [item.label for _, item in sitting.disputed()]
    if disputed:
        return f"Two people answered differently. Choose one answer for: {listed(disputed)}."
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
