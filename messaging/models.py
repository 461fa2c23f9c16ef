"""The outbox: nothing is sent that is not a row here."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Location
from accounts.policies import Actor


class Channel(models.TextChoices):
    EMAIL = "email", "Email"


class State(models.TextChoices):
    """The life of a message (REL-06)."""

    PENDING = "pending", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"
    EXPIRED = "expired", "Too late to send"


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> OutboxMessageQuerySet:
        """Waiting and due, or claimed by somebody whose lease has run out."""
        waiting = Q(state=State.PENDING, due_at__lte=now)
        abandoned = Q(state=State.SENDING, lease_until__lte=now)
        return self.filter(waiting | abandoned)

    def visible_to(self, actor: Actor | None) -> OutboxMessageQuerySet:
        """The messages of one's own locations, for those who look after deliveries; otherwise none."""
        if actor is None or not actor.may("message.read"):
            return self.none()
        return self.filter(location__staff=actor.user)


class OutboxMessage(models.Model):
    """
    One message to one recipient about one occurrence, whatever happens to it.

    `recipient` and `occurrence` are opaque keys of the app that knows ("patient:<uuid>",
    "session:<uuid>"), since this app stands below them. `context` holds only what the text
    prints: never a clinical word (DOMAIN 8.7). The public id is also the provider's key: the
    same row sent twice is one message to a provider that honors keys.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=60)
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=5, default="en")
    occurrence = models.CharField(max_length=60)
    occurrence_starts_at = models.DateTimeField()
    context = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    send_until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[OutboxMessageQuerySet] = OutboxMessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "occurrence", "occurrence_starts_at", "kind", "channel"],
                name="message_once_per_occurrence",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, claim__isnull=False, lease_until__isnull=False)
                | (~Q(state=State.SENDING) & Q(claim__isnull=True, lease_until__isnull=True)),
                name="message_claimed_only_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="message_sent_has_its_time",
            ),
            models.CheckConstraint(condition=Q(due_at__lte=F("send_until")), name="message_due_before_too_late"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="message_waiting", condition=Q(state=State.PENDING)),
            models.Index(fields=["lease_until"], name="message_claimed", condition=Q(state=State.SENDING)),
            models.Index(fields=["-due_at"], name="message_newest"),
        ]
        ordering = ["due_at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
