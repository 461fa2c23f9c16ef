"""People who are not put together in one group (DOMAIN 4.4, 5.8)."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from intake.models.people import Patient


class KeepApartQuerySet(models.QuerySet["KeepApart"]):
    def live(self) -> KeepApartQuerySet:
        return self.filter(ended_at__isnull=True)

    def of(self, patient: Patient) -> KeepApartQuerySet:
        return self.filter(Q(first=patient) | Q(second=patient))

    def others(self, patient: Patient) -> models.QuerySet[KeepApart, int]:
        """The keys of those from whom this person is kept apart, for use inside another question."""
        other = Case(When(first=patient, then="second_id"), default="first_id")
        return self.live().of(patient).annotate(other=other).values_list("other", flat=True)


class KeepApart(models.Model):
    """
    Two people who are not put into the same group, whichever of them asked; the lower key comes first.

    Rows end, they are not deleted or written over. Coordinators learn neither the pair nor the reason.
    """

    class Why(models.TextChoices):
        RELATIVE = "relative", "Relatives"
        PARTNER = "partner", "Partners, or former partners"
        HARM = "harm", "One has harmed the other, or fear of it"
        COLLEAGUE = "colleague", "Colleagues or neighbors"
        OTHER = "other", "Another reason"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    first = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    second = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    why = models.CharField(max_length=10, choices=Why.choices)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[KeepApartQuerySet] = KeepApartQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="keep_apart_two_people_in_order"),
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(ended_at__isnull=True),
                name="keep_apart_once",
                violation_error_message="These two are kept apart already.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="keep_apart_ended_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(why__in=["relative", "partner", "harm", "colleague", "other"]),
                name="keep_apart_reason_is_known",
            ),
        ]
        ordering = ["-recorded_at", "-pk"]
        verbose_name_plural = "people kept apart"

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"
