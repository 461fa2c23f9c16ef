"""Safety: alerts that somebody owns until they are closed, and the person's safety plan. Nothing here is deleted."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.policies import Actor
from intake.models.assessments import Assessment
from intake.models.people import Patient


class SafetyLevel(models.TextChoices):
    """The levels of DOMAIN 6.2, from the least to the most urgent; `SV` is danger to another person."""

    S1 = "S1", "S1, low"
    S2 = "S2", "S2, moderate"
    SU = "SU", "SU, not known"
    S3 = "S3", "S3, high"
    S4 = "S4", "S4, emergency"
    SV = "SV", "SV, danger to others"


class SafetyEventQuerySet(models.QuerySet["SafetyEvent"]):
    def visible_to(self, actor: Actor | None) -> SafetyEventQuerySet:
        """Those of the people whose record this actor may see; none for who never sees answers."""
        if actor is None or not actor.may("safety.read"):
            return self.none()
        return self.filter(patient__in=Patient.objects.visible_to(actor))

    def open(self) -> SafetyEventQuerySet:
        return self.exclude(state=SafetyEvent.State.CLOSED)


class SafetyEvent(models.Model):
    """
    One alert: what set it off, whose it is, what is due next and by when.

    Whether it is overdue is worked out from `due_at`, so that it holds after any restart.
    """

    class Kind(models.TextChoices):
        SELF = "self", "Danger to oneself"
        OTHERS = "others", "Danger to others"

    class State(models.TextChoices):
        """DOMAIN 6.3. An alert begins where its answer puts it; the states before are the screen itself."""

        POSITIVE = "positive", "Positive screen"
        ASSESSMENT_DUE = "assessment_due", "Assessment due"
        ASSESSED = "assessed", "Assessed"
        PLAN_IN_PLACE = "plan_in_place", "Plan in place"
        MONITORING = "monitoring", "Monitoring"
        CLOSED = "closed", "Closed"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="safety_events")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="safety_events")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SELF)
    level = models.CharField("highest level", max_length=2, choices=SafetyLevel.choices)
    working_level = models.CharField("level set by a clinician", max_length=2, choices=SafetyLevel.choices, blank=True)
    triggers = models.JSONField("codes of what set it off", default=list)
    state = models.CharField(max_length=20, choices=State.choices)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField("next step due", null=True, blank=True)
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    assessed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SafetyEventQuerySet] = SafetyEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=~Q(state="closed"), name="safety_event_one_open_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind="others", level="SV") | (Q(kind="self") & ~Q(level="SV")),
                name="safety_event_level_of_its_kind",
            ),
            models.CheckConstraint(
                condition=(~Q(state="closed") & Q(closed_at__isnull=True, closed_by__isnull=True))
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False),
                name="safety_event_closed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True)
                | ~Q(level__in=["S3", "S4"])
                | (Q(assessed_by__isnull=False) & ~Q(closed_by=F("assessed_by"))),
                name="safety_event_closed_by_a_second_person",
                violation_error_message="Somebody other than who assessed the risk closes this.",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="safety_event_open", condition=~Q(state="closed"))]
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"{self.level} of {self.opened_at:%Y-%m-%d}"

    @property
    def in_force(self) -> str:
        """The level one works at: the highest, unless a clinician set a lower one."""
        return self.working_level or self.level


class SafetyStep(models.Model):
    """One line of an alert's story: who did what when, in their words. Append-only."""

    event = models.ForeignKey(SafetyEvent, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=SafetyEvent.State.choices)
    level = models.CharField(max_length=2, choices=SafetyLevel.choices)
    note = models.TextField(max_length=5000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class SafetyPlan(models.Model):
    """One version of a person's safety plan, in the elements of DOMAIN 6.4; a change is the next version."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="safety_plans")
    version = models.PositiveIntegerField()
    warning_signs = models.TextField(max_length=2000)
    own_coping = models.TextField("what I can do by myself", max_length=2000)
    distractions = models.TextField("people and places that take my mind off things", max_length=2000, blank=True)
    people_to_ask = models.TextField("people I can ask for help", max_length=2000, blank=True)
    professionals = models.TextField("professionals and crisis lines", max_length=2000)
    safer_surroundings = models.TextField("making my surroundings safer", max_length=2000)
    reasons_for_living = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "version"], name="safety_plan_version_once")]
        ordering = ["patient", "-version"]

    def __str__(self) -> str:
        return f"Safety plan, version {self.version}"
