"""What this app does when something happens below it."""

from typing import Any

from django.db.models.signals import pre_delete
from django.utils import timezone

from programs.models import Block
from scheduling import actions


def drop_sessions(instance: Block, **_later: Any) -> None:
    """A weekly meeting that goes takes its sessions ahead with it; without it nobody could tell whose they were."""
    actions.drop_sessions_of(block=instance, at=timezone.now())


def connect() -> None:
    pre_delete.connect(drop_sessions, sender=Block, dispatch_uid="scheduling.drop_sessions")
