"""The assessment and its answers: what was asked, who said what when, what was signed, what was added later."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from intake.models.people import Language, Patient


class Assessment(models.Model):
    """
    One dated clinical evaluation: a set of questionnaires for one patient, with one signature.

    Once signed, a trigger refuses every change of the row and of its answers; what must change
    becomes an addendum.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SIGNED = "signed", "Signed"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assessments")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assessments")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signature = models.CharField("name as typed", max_length=200, blank=True)
    content_hash = models.CharField("SHA-256 of what was signed", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state="draft"),
                name="assessment_one_draft_per_patient",
                violation_error_message="An intake for this person is already open.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="draft", signed_at__isnull=True, signed_by__isnull=True, signature="", content_hash=""
                )
                | (
                    Q(state="signed", signed_at__isnull=False, signed_by__isnull=False)
                    & ~Q(signature="")
                    & ~Q(content_hash="")
                ),
                name="assessment_signed_whole_or_not_at_all",
            ),
        ]
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"Intake of {self.started_at:%Y-%m-%d}"

    @property
    def is_signed(self) -> bool:
        return self.state == self.State.SIGNED


class InstrumentText(models.Model):
    """
    A clinic's own licensed wording of one version of a questionnaire, in one language, loaded from a text pack.

    Append-only: a new pack is a new revision, so that what was asked can be shown as it was asked.
    `body` is {"title", "stem", "hint", "items": {code: {"text", "options": {value: label}}}}.
    """

    code = models.CharField("questionnaire", max_length=40)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    revision = models.PositiveIntegerField(default=1)
    license = models.TextField()
    source = models.TextField()
    body = models.JSONField()
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version", "language", "revision"], name="instrument_text_revision_once"
            ),
            models.CheckConstraint(
                condition=~Q(license="") & ~Q(source=""), name="instrument_text_has_license_and_source"
            ),
        ]
        ordering = ["code", "version", "language", "revision"]

    def __str__(self) -> str:
        return f"{self.code} v{self.version} {self.language}, revision {self.revision}"


class Assignment(models.Model):
    """
    One questionnaire that a clinician asked a person to answer on their own device.

    Where it stands is worked out from its instants. Its answers are a response of its own: once sent
    they are locked, and a clinician takes them into the intake by reviewing them.
    """

    class Respondent(models.TextChoices):
        PATIENT = "patient", "The person"
        COLLATERAL = "collateral", "Somebody for the person"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assignments")
    code = models.CharField("questionnaire", max_length=40)
    due_on = models.DateField(null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now, editable=False)
    respondent = models.CharField(max_length=12, choices=Respondent.choices, default=Respondent.PATIENT)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    device = models.CharField(max_length=40, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "code"],
                condition=Q(submitted_at__isnull=True, withdrawn_at__isnull=True),
                name="assignment_one_open_per_questionnaire",
                violation_error_message="This questionnaire is waiting for the person already.",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(started_at__isnull=False),
                name="assignment_sent_after_it_was_begun",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, submitted_at__isnull=False),
                name="assignment_reviewed_by_someone_after_it_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, submitted_at__isnull=True),
                name="assignment_withdrawn_by_someone_before_it_was_sent",
            ),
        ]
        indexes = [models.Index(fields=["patient", "assigned_at"], name="assignment_of_patient")]
        ordering = ["assigned_at", "pk"]

    def __str__(self) -> str:
        return f"{self.code} for {self.patient_id}"


class QuestionnaireResponse(models.Model):
    """
    The answers to one questionnaire: in an assessment, or as assigned to the person.

    `answers` maps an item's code to {"status": "answered" | "declined" | "not_sure" | "not_asked", "value": ...,
    "by": user pk, "respondent": "patient" | "clinician" | "collateral", "at": ISO instant,
    "revision": the revision of this response in which the item last changed}. An item that is not
    there has not been answered. Beside what stands an entry may hold "disputed", a colleague's other
    answer that nobody settled yet, or "clinician", a clinician's view of what the person answered
    themselves. `version` fixes the definition that asked, `text` the clinic's wording of it, if any.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="responses")
    assignment = models.OneToOneField(Assignment, models.PROTECT, null=True, blank=True, related_name="response")
    code = models.CharField("questionnaire", max_length=40)
    version = models.CharField(max_length=20)
    text = models.ForeignKey(InstrumentText, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    answers = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    note = models.TextField("private note", max_length=20000, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField("old answers found right", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "code"], name="response_once_per_assessment"),
            models.CheckConstraint(
                condition=Q(assessment__isnull=False, assignment__isnull=True)
                | Q(assessment__isnull=True, assignment__isnull=False),
                name="response_of_an_assessment_or_an_assignment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def parent(self) -> Assessment | Assignment:
        found = self.assessment or self.assignment
        assert found is not None  # noqa: S101 - a constraint says so
        return found

    @property
    def is_locked(self) -> bool:
        """Signed, sent or withdrawn: nothing of it changes any more."""
        parent = self.parent
        if isinstance(parent, Assessment):
            return parent.is_signed
        return bool(parent.submitted_at or parent.withdrawn_at)


class AnswerChange(models.Model):
    """
    Every value that was ever given to an item, in order; also the loser of a conflict.

    Append-only: what was typed is never lost, even when another answer was kept.
    """

    response = models.ForeignKey(QuestionnaireResponse, models.PROTECT, related_name="changes")
    item = models.CharField(max_length=60)
    answer = models.JSONField()
    revision = models.PositiveIntegerField()
    accepted = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["response", "item", "-revision"], name="answer_change_of_item")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.item} at revision {self.revision}"


class Addendum(models.Model):
    """
    A correction or an addition to a signed assessment; what was signed stays as it was.

    With `item`, it says what the answer to that question should have been: facts are read with it.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="addenda")
    code = models.CharField("questionnaire", max_length=40, blank=True)
    item = models.CharField(max_length=60, blank=True)
    answer = models.JSONField(null=True, blank=True)
    text = models.TextField("what was wrong, or is added", max_length=5000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    signature = models.CharField("name as typed", max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code="", item="", answer__isnull=True)
                | (~Q(code="") & ~Q(item="") & Q(answer__isnull=False)),
                name="addendum_corrects_an_item_or_none",
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(signature=""), name="addendum_says_why_and_is_signed"),
        ]
        ordering = ["at", "pk"]
        verbose_name_plural = "addenda"

    def __str__(self) -> str:
        return f"Addendum of {self.at:%Y-%m-%d}"
