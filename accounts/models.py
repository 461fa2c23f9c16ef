"""Who works here, who is cared for here as a user of the product, and where."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.zones import validate_zone


class Role(models.TextChoices):
    """The roles of ROBUSTNESS 1.5. One person may hold several and acts in one at a time."""

    PATIENT = "patient", "Patient"
    FAMILY = "family", "Family member"
    CLINICIAN = "clinician", "Clinician"
    COORDINATOR = "coordinator", "Coordinator"
    SUPERVISOR = "supervisor", "Supervisor"
    ADMIN = "admin", "Administrator"


STAFF_ROLES = frozenset({Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR})


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **extra: Any) -> User:
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **extra)
        RoleAssignment.objects.create(user=user, role=Role.ADMIN)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in; `name` is how colleagues and patients see them ("Dana K.")."""

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(
        max_length=254, unique=True, error_messages={"unique": "That email has an account already."}
    )
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    shortcuts = models.BooleanField("number keys answer questions", default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_in_lower_case"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return super().normalize_username(username).strip().lower()

    def get_full_name(self) -> str:
        """What Django and the admin print beside the email."""
        return self.name

    def held_roles(self) -> list[Role]:
        """The roles this person holds, in the order of `Role`."""
        held = {Role(assignment.role) for assignment in self.role_assignments.all()}
        return [role for role in Role if role in held]


class RoleAssignment(models.Model):
    """One role that one person holds."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_held_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class AccessFeature(models.TextChoices):
    STEP_FREE = "step_free", "Step-free entrance"
    ELEVATOR = "elevator", "Elevator"
    ACCESSIBLE_RESTROOM = "accessible_restroom", "Accessible restroom"
    HEARING_LOOP = "hearing_loop", "Hearing loop"
    PARKING = "parking", "Parking"
    TRANSIT = "transit", "Close to public transit"
    QUIET_ROOM = "quiet_room", "Quiet room"


class Location(models.Model):
    """A place of the clinic; its time zone is the clock on the wall of everything that happens there."""

    name = models.CharField(max_length=100, unique=True)
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    zone = models.CharField("time zone", max_length=50, default="America/Chicago", validators=[validate_zone])
    entrance_notes = models.CharField(max_length=300, blank=True)
    access_features = ArrayField(
        models.CharField(max_length=24, choices=AccessFeature.choices), default=list, blank=True
    )
    staff = models.ManyToManyField(User, related_name="locations", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(access_features__contained_by=AccessFeature.values), name="location_access_is_known"
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def access_names(self) -> list[str]:
        return [str(feature.label) for feature in AccessFeature if feature in self.access_features]


class AccessEvent(models.Model):
    """
    One opening of a person's record: who, in which role, which record, when.

    Holds ids only, never a clinical value; rows are written by the one door through which a
    patient is loaded and are never changed (a trigger refuses).
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    patient = models.UUIDField(db_index=True)
    action = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"
