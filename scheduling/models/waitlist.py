"""Who waits for a seat: in which order and why, what happens meanwhile, what was offered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.policies import Actor
from intake.models import Patient
from programs.models import Cohort, Program
from scheduling.models.seats import Enrollment


class Urgency(models.TextChoices):
    EMERGENCY = "emergency", _("Emergency")
    URGENT = "urgent", _("Urgent")
    ROUTINE = "routine", _("Routine")


# How often somebody who waits is asked again whether they are safe.
CHECK_EVERY: Final = {
    Urgency.EMERGENCY: timedelta(days=1),
    Urgency.URGENT: timedelta(days=2),
    Urgency.ROUTINE: timedelta(days=7),
}


class WaitlistEntryQuerySet(models.QuerySet["WaitlistEntry"]):
    def visible_to(self, actor: Actor | None) -> WaitlistEntryQuerySet:
        if actor is None or actor.role not in {Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR}:
            return self.none()
        return self.filter(patient__in=Patient.objects.visible_to(actor))

    def open(self) -> WaitlistEntryQuerySet:
        return self.filter(state__in=["waiting", "offered"])

    def in_order(self) -> WaitlistEntryQuerySet:
        """Who was moved to the front, then clinical urgency, then the day of the referral (DOMAIN 10.2)."""
        grade = Case(*(When(urgency=each, then=Value(place)) for place, each in enumerate(Urgency)))
        return self.order_by(F("moved_at").asc(nulls_last=True), grade, "referred_on", "pk")


class WaitlistEntry(models.Model):
    """One person's place in the line for a program, or for one cohort of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OFFERED = "offered", _("A place is offered")
        PLACED = "placed", _("Has a place")
        LEFT = "left", _("Left the list")

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waitlist_entries")
    program = models.ForeignKey(Program, models.PROTECT, related_name="waitlist")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="waitlist")
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.ROUTINE)
    referred_on = models.DateField()
    interim = models.CharField("support meanwhile", max_length=300, blank=True)
    safety_checked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True, blank=True)
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    moved_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[WaitlistEntryQuerySet] = WaitlistEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(urgency__in=["emergency", "urgent", "routine"]), name="waitlist_urgency_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "offered", "placed", "left"]), name="waitlist_state_is_known"
            ),
            models.UniqueConstraint(
                name="waitlist_once_per_program",
                fields=["patient", "program"],
                condition=Q(state__in=["waiting", "offered"]),
                violation_error_message="This person already waits for this program.",
            ),
            models.CheckConstraint(
                name="waitlist_moved_with_a_reason",
                condition=Q(moved_at__isnull=True, moved_by__isnull=True, moved_reason="")
                | (Q(moved_at__isnull=False, moved_by__isnull=False) & ~Q(moved_reason="")),
            ),
        ]
        verbose_name_plural = "waitlist entries"

    def __str__(self) -> str:
        return f"{self.patient} for {self.program}"

    @property
    def check_due_at(self) -> datetime:
        return self.safety_checked_at + CHECK_EVERY[Urgency(self.urgency)]

    def check_is_due(self, now: datetime) -> bool:
        return self.check_due_at <= now


class SeatOffer(models.Model):
    """
    A freed seat offered to somebody who waits, until a moment.

    The seat is a held enrollment, so that an offer takes a place as every hold does and ends with its time.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Ran out")

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="offers")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="offers")
    seat = models.OneToOneField(Enrollment, models.PROTECT, related_name="offer")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "expired"]), name="seat_offer_state_is_known"
            ),
            models.UniqueConstraint(
                name="seat_offer_one_open_per_entry",
                fields=["entry"],
                condition=Q(state="open"),
                violation_error_message="A place is already offered to this person.",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="seat_offer_ends_after_it_begins"),
        ]
        ordering = ["-offered_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.cohort} until {self.expires_at:%Y-%m-%d %H:%M}"


class WaitlistStep(models.Model):
    """One line of the story of somebody's waiting. Append-only."""

    class Kind(models.TextChoices):
        JOINED = "joined", _("Joined the list")
        CHECKED = "checked", _("Asked whether they are safe")
        NOT_REACHED = "not_reached", _("Tried to reach them")
        WORRIED = "worried", _("Asked whether they are safe: there is cause for concern")
        INTERIM = "interim", _("Support meanwhile")
        MOVED = "moved", _("Moved to the front")
        MOVED_BACK = "moved_back", _("Put back in order")
        URGENCY = "urgency", _("Urgency changed")
        OFFERED = "offered", _("Offered a place")
        PASSED = "passed", _("Passed over")
        ACCEPTED = "accepted", _("Accepted the place")
        DECLINED = "declined", _("Declined the place")
        EXPIRED = "expired", _("The offer ran out")
        LEFT = "left", _("Left the list")

    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["moved", "moved_back", "urgency", "passed", "left"]) | ~Q(note=""),
                name="waitlist_step_says_why",
            ),
            # Nobody does it when an offer runs out.
            models.CheckConstraint(condition=Q(by__isnull=False) | Q(kind="expired"), name="waitlist_step_by_someone"),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()
