"""The person and the assessment: inquiries, patients, the people around them, answers."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from accounts.models import Location, Role
from accounts.policies import Actor
from accounts.zones import validate_zone

EARLIEST_BIRTH = date(1900, 1, 1)


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, actor: Actor | None) -> InquiryQuerySet:
        """All of them for who answers them; an inquiry belongs to no location yet. Otherwise none."""
        return self if actor and actor.may("inquiry.read") else self.none()

    def by_urgency(self) -> InquiryQuerySet:
        """Who may not be safe first, then whom nobody has answered by the promised time, then the oldest."""
        is_unsafe = Q(state=Inquiry.State.NEW) & ~Q(safe_now=Inquiry.Safe.YES)
        rank = Case(When(is_unsafe, then=0), When(state=Inquiry.State.NEW, then=1), default=2)
        return self.order_by(rank, "promised_by", "received_at", "pk")


class Inquiry(models.Model):
    """A first contact from the public page; nobody is looked up, no account is made."""

    class Who(models.TextChoices):
        ME = "me", "Me"
        SOMEONE = "someone", "Someone I care for"
        REFERRAL = "referral", "A referral"

    class Safe(models.TextChoices):
        YES = "yes", "Yes"
        NOT_SURE = "not_sure", "Not sure"
        NO = "no", "No"

    class Reach(models.TextChoices):
        PHONE = "phone", "Phone call"
        EMAIL = "email", "Email"

    class State(models.TextChoices):
        NEW = "new", "New"
        CALLED = "called", "Called back"
        REGISTERED = "registered", "Registered"
        CLOSED = "closed", "Closed"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    number = models.CharField("number to quote", max_length=12, unique=True, editable=False)
    who = models.CharField(max_length=10, choices=Who.choices)
    name = models.CharField(max_length=100)
    reach_by = models.CharField(max_length=10, choices=Reach.choices)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    may_leave_message = models.BooleanField(default=False)
    may_say_who = models.BooleanField(default=False)
    shared_phone = models.BooleanField(default=False)
    words = models.TextField("in their words", max_length=5000, blank=True)
    safe_now = models.CharField(max_length=10, choices=Safe.choices)
    insurance = models.CharField("insurance, in their words", max_length=300, blank=True)
    language = models.CharField("language to talk in", max_length=5, choices=Language.choices, default=Language.ENGLISH)
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    promised_by = models.DateTimeField()
    patient = models.ForeignKey("Patient", models.PROTECT, null=True, blank=True, related_name="inquiries")
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="last moved by"
    )
    handled_at = models.DateTimeField("last moved at", null=True, blank=True)

    objects: ClassVar[InquiryQuerySet] = InquiryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(reach_by="phone") & ~Q(phone="")) | (Q(reach_by="email") & ~Q(email="")),
                name="inquiry_can_be_answered",
                violation_error_message="Tell us how to reach you.",
            ),
            models.CheckConstraint(
                condition=Q(state="registered", patient__isnull=False)
                | (~Q(state="registered") & Q(patient__isnull=True)),
                name="inquiry_registered_as_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="new", handled_by__isnull=True, handled_at__isnull=True)
                | (~Q(state="new") & Q(handled_by__isnull=False, handled_at__isnull=False)),
                name="inquiry_moved_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["promised_by"], name="inquiry_open", condition=Q(state="new"))]
        ordering = ["promised_by", "received_at"]
        verbose_name_plural = "inquiries"

    def __str__(self) -> str:
        return f"Inquiry {self.number}"


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, actor: Actor | None) -> PatientQuerySet:
        """The rows of ROBUSTNESS 1.5: own record, own team, or own locations; otherwise none."""
        if actor is None:
            return self.none()
        match actor.role:
            case Role.PATIENT:
                return self.filter(user=actor.user)
            case Role.CLINICIAN:
                return self.filter(care_team__user=actor.user)
            case Role.COORDINATOR | Role.SUPERVISOR:
                return self.filter(location__staff=actor.user)
            case _:
                return self.none()


class Patient(models.Model):
    """A person receiving care, or on the way to it."""

    class Sex(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Another"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="patient")
    location = models.ForeignKey(Location, models.PROTECT, related_name="patients")
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    preferred_name = models.CharField(max_length=100, blank=True)
    sort_key = models.CharField(max_length=210, editable=False, db_index=True)
    born_on = models.DateField("date of birth")
    sex_for_clinical_use = models.CharField(max_length=10, choices=Sex.choices, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    needs_interpreter = models.BooleanField(default=False)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    zone = models.CharField("time zone", max_length=50, default="America/Chicago", validators=[validate_zone])
    remind_by_email = models.BooleanField(default=False)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PatientQuerySet] = PatientQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(born_on__gte=EARLIEST_BIRTH) & Q(born_on__lte=TruncDate(Now())),
                name="patient_born_between_1900_and_today",
                violation_error_message="Enter a date of birth between 1900 and today.",
            ),
            models.CheckConstraint(
                condition=Q(remind_by_email=False) | ~Q(email=""),
                name="patient_reminded_by_email_has_one",
                violation_error_message="Enter an email address, or turn email reminders off.",
            ),
            models.CheckConstraint(condition=~Q(first_name="") & ~Q(last_name=""), name="patient_has_a_name"),
        ]
        ordering = ["sort_key", "pk"]

    def __str__(self) -> str:
        return self.short_name

    @property
    def called(self) -> str:
        """The name to address the person by."""
        return self.preferred_name or self.first_name

    @property
    def short_name(self) -> str:
        """First name and initial, as screens show it."""
        return f"{self.called} {self.last_name[0]}."

    @property
    def full_name(self) -> str:
        return f"{self.called} {self.last_name}"


class CareTeamMember(models.Model):
    """A clinician who cares for a patient; who is not here does not see the record."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="care_team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="care_teams")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "user"], name="care_team_member_once")]

    def __str__(self) -> str:
        return f"{self.user} for {self.patient_id}"


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


class QuestionnaireResponse(models.Model):
    """
    The answers to one questionnaire in one assessment.

    `answers` maps an item's code to {"status": "answered" | "declined" | "not_sure", "value": ...,
    "by": user pk, "respondent": "patient" | "clinician" | "collateral", "at": ISO instant,
    "revision": the revision of this response in which the item last changed}. An item that is not
    there has not been answered. `version` fixes the definition that asked.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="responses")
    code = models.CharField("questionnaire", max_length=40)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    answers = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    note = models.TextField("private note", max_length=20000, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "code"], name="response_once_per_assessment")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


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
