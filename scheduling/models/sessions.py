"""Meetings with their instants, and what people say about coming."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Role
from accounts.policies import Actor
from intake.models import Patient
from programs.models import Block, BlockKind, Cohort, Room
from scheduling.models.seats import Enrollment


class SessionQuerySet(models.QuerySet["Session"]):
    def planned(self) -> SessionQuerySet:
        return self.filter(canceled_at__isnull=True)

    def visible_to(self, actor: Actor | None) -> SessionQuerySet:
        """A patient's own sessions; for staff, those they lead or those at their locations."""
        if actor is None:
            return self.none()
        match actor.role:
            case Role.PATIENT:
                own = Enrollment.objects.active().filter(patient__user=actor.user)
                return self.filter(cohort__in=own.values("cohort"))
            case Role.CLINICIAN:
                return self.filter(Q(facilitator=actor.user) | Q(cohort__location__staff=actor.user)).distinct()
            case Role.COORDINATOR | Role.SUPERVISOR:
                return self.filter(cohort__location__staff=actor.user)
            case _:
                return self.none()


class Session(models.Model):
    """
    One meeting; `during` is UTC, start included, end excluded.

    Generated from a weekly block, which `block` and `local_on` (the day on the location's wall)
    identify, so that generating again finds the row that is there.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="sessions")
    block = models.ForeignKey(Block, models.SET_NULL, null=True, blank=True, related_name="sessions")
    local_on = models.DateField()
    during = DateTimeRangeField()
    kind = models.CharField(max_length=12, choices=BlockKind.choices, default=BlockKind.GROUP)
    title = models.CharField(max_length=40)
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="sessions")
    facilitator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="sessions_led"
    )
    canceled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["block", "local_on"], name="session_once_per_block_and_day"),
            models.CheckConstraint(
                condition=Q(during__startswith__isnull=False, during__endswith__isnull=False)
                & Q(during__isempty=False),
                name="session_has_a_start_and_an_end",
            ),
            ExclusionConstraint(
                name="session_room_not_double_booked",
                expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(canceled_at__isnull=True, room__isnull=False),
                violation_error_message="That room is taken for part of this time.",
            ),
            ExclusionConstraint(
                name="session_facilitator_not_double_booked",
                expressions=[("facilitator", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(canceled_at__isnull=True, facilitator__isnull=False),
                violation_error_message="The facilitator leads another session for part of this time.",
            ),
            ExclusionConstraint(
                name="session_cohort_not_in_two_places",
                expressions=[("cohort", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(canceled_at__isnull=True),
                violation_error_message="The cohort already meets for part of this time.",
            ),
        ]
        ordering = ["during"]

    def __str__(self) -> str:
        return f"{self.title} {self.local_on}"

    @property
    def starts_at(self) -> datetime:
        return cast(datetime, self.during.lower)

    @property
    def ends_at(self) -> datetime:
        return cast(datetime, self.during.upper)

    @property
    def is_online(self) -> bool:
        return self.cohort.delivery == Cohort.Delivery.ONLINE

    @property
    def place_zone(self) -> ZoneInfo:
        """The clock on the wall of the clinic's place."""
        return ZoneInfo(self.cohort.location.zone)

    def zone_for(self, patient: Patient) -> ZoneInfo:
        """The clock on which the person is told the time: their own when online, else that of the place."""
        return ZoneInfo(patient.zone) if self.is_online else self.place_zone


class Reply(models.Model):
    """What a person said about coming to a session: the newest word counts."""

    class Answer(models.TextChoices):
        COMING = "coming", "I'll be there"
        CANNOT = "cannot", "I can't come"

    session = models.ForeignKey(Session, models.PROTECT, related_name="replies")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="replies")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "patient"], name="reply_once_per_session"),
            models.CheckConstraint(condition=Q(answer__in=["coming", "cannot"]), name="reply_is_known"),
        ]
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return self.get_answer_display()
