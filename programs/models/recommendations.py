"""What was recommended over a signed intake, what was checked, and what was decided. Nothing here is changed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from intake.models import Assessment
from programs.models.catalog import Level, TrackCode
from programs.models.rules import RuleSet


class Clearance(models.Model):
    """
    A clinician's record that the check a gate asks for was done. Append-only.

    The gates and their windows are those of the rule set: G1 to G5, G9 and G10 count from the day
    of the record, G7 and G8 stand once recorded; G6 has none, since only consent closes it.
    """

    class Gate(models.TextChoices):
        G1 = "G1", "Emergency workflow closed"
        G2 = "G2", "Same-day risk assessment by a licensed clinician"
        G3 = "G3", "Withdrawal clearance by a prescriber or nurse"
        G4 = "G4", "Psychiatric clearance"
        G5 = "G5", "Medical clearance"
        G7 = "G7", "Safe place arranged"
        G8 = "G8", "Plan for what stands in the way of coming"
        G9 = "G9", "Written reason for sessions together"
        G10 = "G10", "Clinician's clearance for trauma processing"

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="clearances")
    gate = models.CharField(max_length=3, choices=Gate.choices)
    done_on = models.DateField("done on")
    note = models.CharField("what was found, and by whom", max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="clearance_says_what_was_found"),
            models.CheckConstraint(
                condition=Q(gate__in=["G1", "G2", "G3", "G4", "G5", "G7", "G8", "G9", "G10"]),
                name="clearance_of_a_gate_that_has_one",
            ),
        ]
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.gate} on {self.done_on:%Y-%m-%d}"


def told(section: str, key: str, field: models.Field[Any, Any]) -> models.GeneratedField:
    """A column that PostgreSQL keeps beside the result: one value of it."""
    read = KeyTransform if isinstance(field, models.JSONField) else KeyTextTransform
    return models.GeneratedField(
        expression=read(key, KeyTransform(section, "result")), output_field=field, db_persist=True
    )


class Recommendation(models.Model):
    """
    What the rules made of one signed assessment: facts in, document out, kept as it was.

    Immutable: a trigger refuses UPDATE and DELETE. The hash is SHA-256 over the canonical JSON of
    facts, rule set version and result, so that a re-evaluation can be compared word for word.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="recommendations")
    facts = models.JSONField()
    ruleset = models.ForeignKey(RuleSet, models.PROTECT, null=True, blank=True, related_name="recommendations")
    ruleset_version = models.CharField(max_length=40)
    result = models.JSONField()
    content_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    # What reports count by. A document is stored compressed, and reading one key of a hundred thousand takes seconds.
    rule = told("selection", "rule", models.TextField())
    level_status = told("level_of_care", "status", models.TextField())
    level_rows = told("level_of_care", "rows_fired", models.JSONField())
    primary_track = told("selection", "primary_track", models.TextField())

    class Meta:
        get_latest_by = "made_at"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"Recommendation of {self.made_at:%Y-%m-%d}"


class Decision(models.Model):
    """What a clinician decided over a recommendation. Append-only: the newest counts, all are kept."""

    class Choice(models.TextChoices):
        AGREE = "agree", "Agree with track 1"
        OTHER_TRACK = "other_track", "Choose another track"
        OTHER_LEVEL = "other_level", "Another level of care"
        REFERRAL = "referral", "Refer elsewhere"
        NOT_READY = "not_ready", "Not ready to decide"

    class Reason(models.TextChoices):
        CLINICAL = "clinical_judgment", "Clinical judgment"
        PREFERENCE = "person_prefers", "The person prefers it"
        MISSING = "facts_missing", "Something important is not in the answers"
        HISTORY = "known_history", "Known history"
        ACCESS = "access", "Times, place or language"
        OTHER = "other", "Another reason"

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=12, choices=Choice.choices)
    track = models.CharField(max_length=24, choices=TrackCode.choices, blank=True)
    level = models.CharField(max_length=12, choices=Level.choices, blank=True)
    reason_code = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    reason = models.CharField("in one or two sentences", max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(choice="agree") | (~Q(reason_code="") & ~Q(reason="")),
                name="decision_against_has_a_reason",
                violation_error_message="Say why, in one or two sentences.",
            ),
            models.CheckConstraint(
                condition=~Q(choice__in=["agree", "other_track"]) | ~Q(track=""), name="decision_for_a_track_names_it"
            ),
            models.CheckConstraint(
                condition=~Q(choice="other_level") | ~Q(level=""), name="decision_for_a_level_names_it"
            ),
        ]
        get_latest_by = "at"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.get_choice_display()
