"""Seats: held for a while, taken, given up; and what somebody signs before the first group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.models import Patient
from programs.models import Cohort


class SeatState(models.TextChoices):
    HELD = "held", _("Held")
    ACTIVE = "active", _("Has the place")
    COMPLETED = "completed", _("Completed")
    WITHDRAWN = "withdrawn", _("Given up")
    TRANSFERRED = "transferred", _("Moved to another cohort")


class SeatKind(models.TextChoices):
    PRIMARY = "primary", _("Main program")
    ADJUNCT = "adjunct", _("Beside the main program")


OPEN: Final = (SeatState.HELD, SeatState.ACTIVE)
# A trigger keeps the same table.
MOVES: Final[Mapping[SeatState, frozenset[SeatState]]] = {
    SeatState.HELD: frozenset({SeatState.ACTIVE, SeatState.WITHDRAWN}),
    SeatState.ACTIVE: frozenset({SeatState.COMPLETED, SeatState.WITHDRAWN, SeatState.TRANSFERRED}),
    SeatState.COMPLETED: frozenset(),
    SeatState.WITHDRAWN: frozenset(),
    SeatState.TRANSFERRED: frozenset(),
}


def takes_a_seat(at: datetime, of: str = "") -> Q:
    """Rows that take a seat at this moment; `of` is the way to them, such as "enrollments__"."""
    held = Q(**{f"{of}state": SeatState.HELD, f"{of}held_until__gt": at})
    return Q(**{f"{of}state": SeatState.ACTIVE}) | held


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def live(self, at: datetime) -> EnrollmentQuerySet:
        """Those that take a seat: had, or held and not run out. A hold ends by its time, not by a job (REL-23)."""
        return self.filter(takes_a_seat(at))

    def active(self) -> EnrollmentQuerySet:
        """Those of people who come: expected at sessions and reminded of them."""
        return self.filter(state=SeatState.ACTIVE)

    def unended(self) -> EnrollmentQuerySet:
        """Those that nobody has ended, holds that ran out among them."""
        return self.filter(state__in=OPEN)


class Enrollment(models.Model):
    """One person's seat in one cohort: held until a moment, had, and ended by a deed or by its time."""

    Kind, State = SeatKind, SeatState

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="enrollments")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrollments")
    kind = models.CharField(max_length=10, choices=SeatKind.choices, default=SeatKind.PRIMARY)
    state = models.CharField(max_length=12, choices=SeatState.choices, default=SeatState.ACTIVE)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    held_until = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[EnrollmentQuerySet] = EnrollmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["held", "active", "completed", "withdrawn", "transferred"]),
                name="enrollment_state_is_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["primary", "adjunct"]), name="enrollment_kind_is_known"),
            models.UniqueConstraint(
                name="enrollment_one_live_per_cohort",
                fields=["patient", "cohort"],
                condition=Q(state__in=["held", "active"]),
                violation_error_message="This person already has a seat here.",
            ),
            models.UniqueConstraint(
                name="enrollment_one_active_primary",
                fields=["patient"],
                condition=Q(state="active", kind="primary"),
                violation_error_message="This person already has a place in a main program.",
            ),
            models.UniqueConstraint(
                name="enrollment_one_held_primary",
                fields=["patient"],
                condition=Q(state="held", kind="primary"),
                violation_error_message="A place is already held for this person.",
            ),
            models.CheckConstraint(
                name="enrollment_held_by_someone_until",
                condition=Q(held_at__isnull=True, held_by__isnull=True, held_until__isnull=True)
                | Q(held_at__isnull=False, held_by__isnull=False, held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="enrollment_had_by_someones_deed",
                condition=Q(state="held", held_at__isnull=False, enrolled_at__isnull=True, enrolled_by__isnull=True)
                | Q(state="withdrawn", held_at__isnull=False, enrolled_at__isnull=True, enrolled_by__isnull=True)
                | (~Q(state="held") & Q(enrolled_at__isnull=False, enrolled_by__isnull=False)),
            ),
            # Nobody ends a hold that runs out: its row says when, and names nobody.
            models.CheckConstraint(
                name="enrollment_live_or_ended_by_someone",
                condition=Q(state__in=["held", "active"], ended_at__isnull=True, ended_by__isnull=True)
                | (~Q(state__in=["held", "active"]) & Q(ended_at__isnull=False, ended_by__isnull=False))
                | Q(
                    state="withdrawn",
                    enrolled_at__isnull=True,
                    ended_at=models.F("held_until"),
                    ended_by__isnull=True,
                ),
            ),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.patient} in {self.cohort}"

    @property
    def since(self) -> datetime | None:
        """When the person got it, for a hold when it was held."""
        return self.enrolled_at or self.held_at

    def has_run_out(self, at: datetime) -> bool:
        return self.state == SeatState.HELD and self.held_until is not None and self.held_until <= at

    def takes_seat(self, at: datetime) -> bool:
        return self.state == SeatState.ACTIVE or (self.state == SeatState.HELD and not self.has_run_out(at))


class GroupAgreement(models.Model):
    """What a person signs before the first group (DOMAIN 10.4): members are not bound by the privacy rules. Kept."""

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="group_agreements")
    signature = models.CharField("name as typed", max_length=210)
    text = models.TextField("the whole text as shown", max_length=20000)
    text_version = models.CharField(max_length=20)
    signed_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(signature="") & ~Q(text="") & ~Q(text_version=""), name="group_agreement_is_signed"
            )
        ]
        ordering = ["-signed_at", "-pk"]

    def __str__(self) -> str:
        return f"Group agreement of {self.signed_at:%Y-%m-%d}"
