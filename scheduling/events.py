"""What this app does when something happens below it."""

from datetime import datetime
from typing import Any

from django.db.models.signals import pre_delete
from django.utils import timezone

from intake.events import wish_recorded
from intake.models import Channel, ContactWish
from programs.models import Block
from scheduling import actions


def drop_sessions(instance: Block, **_later: Any) -> None:
    """A weekly meeting that goes takes its sessions ahead with it; without it nobody could tell whose they were."""
    actions.drop_sessions_of(block=instance, at=timezone.now())


def plan_reminders(wish: ContactWish, at: datetime, **_later: Any) -> None:
    """Who says yes to email is reminded of what is ahead; who says no is left alone when a message is due."""
    if wish.channel == Channel.EMAIL and wish.is_wanted:
        actions.plan_reminders(patient=wish.patient, at=at)


def connect() -> None:
    wish_recorded.connect(plan_reminders, dispatch_uid="scheduling.plan_reminders")
    pre_delete.connect(drop_sessions, sender=Block, dispatch_uid="scheduling.drop_sessions")
