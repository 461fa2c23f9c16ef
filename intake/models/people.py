"""The person: who they are, who cares for them, who stands by them, how they may be reached."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from accounts.models import Location, Role
from accounts.policies import Actor
from accounts.zones import validate_zone

EARLIEST_BIRTH = date(1900, 1, 1)


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"


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

    def may_be_emailed(self) -> PatientQuerySet:
        """Those who said yes to email and have an address; nobody asked means no (PRV-09)."""
        said_yes = ContactWish.objects.live().filter(patient=OuterRef("pk"), channel=Channel.EMAIL, is_wanted=True)
        return self.exclude(email="").filter(Exists(said_yes))


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
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    form_key = models.UUIDField("key of the form that registered them", null=True, editable=False)

    objects: ClassVar[PatientQuerySet] = PatientQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registered_by", "form_key"],
                name="patient_registered_once",
                violation_error_message="This form was already sent.",
            ),
            models.CheckConstraint(
                condition=Q(born_on__gte=EARLIEST_BIRTH) & Q(born_on__lte=TruncDate(Now())),
                name="patient_born_between_1900_and_today",
                violation_error_message="Enter a date of birth between 1900 and today.",
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

    @property
    def legal_name(self) -> str:
        """As insurance and signed documents have it."""
        return f"{self.first_name} {self.last_name}"

    @property
    def may_be_emailed(self) -> bool:
        """Costs a query."""
        return Patient.objects.may_be_emailed().filter(pk=self.pk).exists()


class CareTeamMember(models.Model):
    """A clinician who cares for a patient; who is not here does not see the record."""

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="care_team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="care_teams")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "user"], name="care_team_member_once")]

    def __str__(self) -> str:
        return f"{self.user} for {self.patient_id}"


class SupportPersonQuerySet(models.QuerySet["SupportPerson"]):
    def live(self) -> SupportPersonQuerySet:
        return self.filter(ended_at__isnull=True)


class SupportPerson(models.Model):
    """
    Somebody who stands by a patient. Being named here lets nobody see anything: that takes a consent.

    Rows end, they are not deleted: who was the emergency contact last month can still be read.
    """

    class Relation(models.TextChoices):
        PARTNER = "partner", "Partner or spouse"
        PARENT = "parent", "Parent"
        CHILD = "child", "Son or daughter"
        SIBLING = "sibling", "Brother or sister"
        RELATIVE = "relative", "Another relative"
        FRIEND = "friend", "Friend"
        PROFESSIONAL = "professional", "Professional, such as a sponsor or case manager"
        GUARDIAN = "guardian", "Guardian"
        OTHER = "other", "Somebody else"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="support_people")
    name = models.CharField(max_length=100)
    relation = models.CharField(max_length=20, choices=Relation.choices)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    is_emergency_contact = models.BooleanField("call in an emergency", default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SupportPersonQuerySet] = SupportPersonQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="support_person_has_a_name"),
            models.CheckConstraint(
                condition=Q(is_emergency_contact=False) | ~Q(phone=""),
                name="emergency_contact_has_a_phone",
                violation_error_message="Enter a phone number for somebody whom we call in an emergency.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="support_person_ended_by_someone",
            ),
        ]
        ordering = ["-is_emergency_contact", "name", "pk"]
        verbose_name_plural = "support people"

    def __str__(self) -> str:
        return self.name

    @property
    def as_recipient(self) -> str:
        """How a consent names them: "Ana Ruiz, parent"."""
        return f"{self.name}, {self.get_relation_display().lower()}"


class Channel(models.TextChoices):
    CALL = "call", "Phone call"
    TEXT = "text", "Text message"
    EMAIL = "email", "Email"
    LETTER = "letter", "Letter"


class ContactWishQuerySet(models.QuerySet["ContactWish"]):
    def live(self) -> ContactWishQuerySet:
        return self.filter(ended_at__isnull=True)


class ContactWish(models.Model):
    """
    What a person said about one way to reach them, with the very words they were asked.

    No live row means nobody asked: nothing is sent that way (PRV-09). A new wish ends the one before.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contact_wishes")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    is_wanted = models.BooleanField("may be used")
    may_leave_message = models.BooleanField("may leave a message", default=False)
    may_say_who = models.BooleanField("may say who is calling", default=False)
    best_times = models.CharField(max_length=200, blank=True)
    statement = models.TextField("what the person was asked, as shown")
    said_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ContactWishQuerySet] = ContactWishQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "channel"],
                condition=Q(ended_at__isnull=True),
                name="contact_wish_one_live_per_channel",
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="contact_wish_channel_is_known"),
            models.CheckConstraint(condition=~Q(statement=""), name="contact_wish_keeps_what_was_asked"),
        ]
        ordering = ["patient", "channel", "said_at"]
        verbose_name_plural = "contact wishes"

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {'yes' if self.is_wanted else 'no'}"
