"""Deeds over one's own account."""

from __future__ import annotations

from accounts.models import User


def use_shortcuts(user: User, *, on: bool) -> None:
    """Whether number keys answer questions for this person, wherever they sign in."""
    User.objects.filter(pk=user.pk).update(shortcuts=on)
    user.shortcuts = on
