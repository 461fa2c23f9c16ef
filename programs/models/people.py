"""What somebody who works here may do, and until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from programs.models.catalog import is_state


class Credential(models.Model):
    """A license, certificate or training of somebody who works here (DOMAIN 10.3)."""

    class Kind(models.TextChoices):
        PSYCHOLOGIST = "psychologist", "Psychologist"
        SOCIAL_WORKER = "social_worker", "Clinical social worker (LCSW, LICSW)"
        COUNSELOR = "counselor", "Professional counselor (LPC, LPCC, LMHC)"
        FAMILY_THERAPIST = "family_therapist", "Marriage and family therapist (LMFT)"
        PSYCHIATRIST = "psychiatrist", "Psychiatrist"
        PSYCHIATRIC_NURSE = "psychiatric_nurse", "Psychiatric nurse practitioner (PMHNP)"
        ADDICTION_COUNSELOR = "addiction_counselor", "Alcohol and drug counselor (CADC, LADC, LCDC)"
        PHYSICIAN = "physician", "Physician (MD, DO)"
        NURSE_PRACTITIONER = "nurse_practitioner", "Nurse practitioner"
        PHYSICIAN_ASSISTANT = "physician_assistant", "Physician assistant"
        NURSE = "nurse", "Nurse"
        DBT = "dbt", "DBT training and consultation team"
        PE = "pe", "PE training"
        CPT = "cpt", "CPT training"
        EMDR = "emdr", "EMDR training"
        PEER = "peer", "Certified peer specialist"
        ASSOCIATE = "associate", "Supervised associate"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.CharField(max_length=40)
    state = models.CharField(max_length=2, validators=[is_state])
    expires_on = models.DateField("last day")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "state", "number", "expires_on"], name="credential_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("psychologist", "social_worker", "counselor", "family_therapist", "psychiatrist"),
                        *("psychiatric_nurse", "addiction_counselor", "physician", "nurse_practitioner"),
                        *("physician_assistant", "nurse", "dbt", "pe", "cpt", "emdr", "peer", "associate"),
                    ]
                ),
                name="credential_kind_is_known",
            ),
        ]
        ordering = ["user__name", "expires_on"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.state}"
