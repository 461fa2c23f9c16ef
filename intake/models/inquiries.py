"""First contacts."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.functions import Upper
from django.utils import timezone

from accounts.policies import Actor
from intake.models.people import Language


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, actor: Actor | None) -> InquiryQuerySet:
        """All of them for who answers them; an inquiry belongs to no location yet. Otherwise none."""
        return self if actor and actor.may("inquiry.read") else self.none()

    def by_urgency(self) -> InquiryQuerySet:
        """Who may not be safe first, then who is to be called now, then by promised time, then the oldest."""
        is_new = Q(state=Inquiry.State.NEW)
        is_unsafe = is_new & ~Q(safe_now=Inquiry.Safe.YES)
        is_now = is_new & Q(triage=Inquiry.Triage.NOW)
        rank = Case(When(is_unsafe, then=0), When(is_now, then=1), When(is_new, then=2), default=3)
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

    class Triage(models.TextChoices):
        NOW = "now", "Call now"
        SOON = "soon", "Within a day"
        ROUTINE = "routine", "In the usual order"
        ELSEWHERE = "elsewhere", "Better helped elsewhere"

    class State(models.TextChoices):
        NEW = "new", "New"
        CALLED = "called", "Called back"
        REGISTERED = "registered", "Registered"
        CLOSED = "closed", "Closed"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    number = models.CharField("number to quote", max_length=12, unique=True, editable=False)
    form_key = models.UUIDField("key of the form it came with", null=True, editable=False)
    who = models.CharField(max_length=10, choices=Who.choices)
    name = models.CharField(max_length=100)
    person_name = models.CharField("who needs care, when somebody else asks", max_length=100, blank=True)
    name_key = models.CharField("who needs care, to compare", max_length=210, blank=True, editable=False)
    referrer = models.CharField("where the person who refers works", max_length=100, blank=True)
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
    triage = models.CharField(max_length=12, choices=Triage.choices, blank=True)
    triage_note = models.CharField(max_length=500, blank=True)
    triaged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="triage set by"
    )
    triaged_at = models.DateTimeField("triage set at", null=True, blank=True)
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
            models.UniqueConstraint(
                fields=["form_key"],
                name="inquiry_sent_once",
                violation_error_message="This was already sent.",
            ),
            models.CheckConstraint(
                condition=Q(triage="", triage_note="", triaged_by__isnull=True, triaged_at__isnull=True)
                | Q(
                    triage__in=["now", "soon", "routine", "elsewhere"],
                    triaged_by__isnull=False,
                    triaged_at__isnull=False,
                ),
                name="inquiry_triage_set_by_somebody",
            ),
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
        indexes = [
            models.Index(fields=["promised_by"], name="inquiry_open", condition=Q(state="new")),
            models.Index(fields=["phone"], name="inquiry_by_phone"),
            models.Index(fields=["name_key"], name="inquiry_by_name"),
            models.Index(Upper("email"), name="inquiry_by_email"),
        ]
        ordering = ["promised_by", "received_at"]
        verbose_name_plural = "inquiries"

    def __str__(self) -> str:
        return f"Inquiry {self.number}"

    @property
    def who_needs_care(self) -> str:
        """The name of the person who is to be helped; empty when somebody else wrote and did not say it."""
        return self.name if self.who == self.Who.ME else self.person_name
