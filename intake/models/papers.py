"""Consents and coverage: what was agreed, and who pays. Rows end; none is rewritten."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Final
from uuid import uuid4

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from intake.models.people import Patient, SupportPerson

ELEMENTS = ("patient_name", "discloser", "information", "recipient", "purpose", "revocation", "statement", "signature")


def _each_element_is_there() -> Q:
    condition = Q()
    for element in (*ELEMENTS, "text", "text_version"):
        condition &= ~Q(**{element: ""})
    return condition


EXPIRES_SOON: Final = timedelta(days=30)
CHECK_ENDS_SOON: Final = timedelta(days=14)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def active(self, on: date) -> ConsentQuerySet:
        """
        Those that hold on this day of the clinic.

        A consent to tell a support person names them; it follows them when their row is written anew
        with another phone number, and holds no longer once nobody of that name stands by the patient.
        """
        still_there = SupportPerson.objects.live().filter(
            patient=OuterRef("patient"),
            name=OuterRef("support_person__name"),
            relation=OuterRef("support_person__relation"),
        )
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on),
            Q(support_person__isnull=True) | Exists(still_there),
            revoked_at__isnull=True,
        )


class Consent(models.Model):
    """
    A written consent to disclose, with every element of 42 CFR 2.31 (DOMAIN 8.2) and the exact text that was shown.

    Once saved it only ever gains a revocation; a trigger refuses every other change.
    """

    class Kind(models.TextChoices):
        CARE = "care", "Treatment, payment and operations, one consent for the future"
        DISCLOSURE = "disclosure", "To a named person or organization"
        COUNSELING_NOTES = "counseling_notes", "Counseling notes, apart from everything else"
        LEGAL = "legal", "Use in a legal proceeding, apart from everything else"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    patient_name = models.CharField(max_length=210)
    discloser = models.CharField("who may disclose", max_length=300)
    information = models.TextField("what may be disclosed", max_length=2000)
    recipient = models.CharField("to whom", max_length=300)
    support_person = models.ForeignKey(
        SupportPerson, models.PROTECT, null=True, blank=True, related_name="consents", verbose_name="support person"
    )
    purpose = models.CharField(max_length=300)
    revocation = models.TextField("right to revoke, how, and the exception", max_length=2000)
    expires_on = models.DateField(null=True, blank=True)
    expires_event = models.CharField("or on this event", max_length=200, blank=True)
    statement = models.TextField("what may happen to it afterwards, and what refusing means", max_length=2000)
    signature = models.CharField("name as typed", max_length=210)
    signed_at = models.DateTimeField(default=timezone.now)
    text = models.TextField("the whole text as shown", max_length=20000)
    text_version = models.CharField(max_length=20)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ConsentQuerySet] = ConsentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_each_element_is_there(),
                name="consent_has_every_element",
                violation_error_message="A consent needs each of its parts. Fill in what is empty.",
            ),
            models.CheckConstraint(
                condition=Q(kind="care") | Q(expires_on__isnull=False) | ~Q(expires_event=""),
                name="consent_ends_some_day",
                violation_error_message="Say until when this consent holds, or which event ends it.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["care", "disclosure", "counseling_notes", "legal"]), name="consent_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="consent_revoked_by_someone",
            ),
        ]
        ordering = ["-signed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.signed_at:%Y-%m-%d}"


def _money(label: str | None = None) -> models.DecimalField:
    return models.DecimalField(
        label, max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


def _no_amount_below_zero(*names: str) -> Q:
    condition = Q()
    for name in names:
        condition &= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0})
    return condition


class CoverageQuerySet(models.QuerySet["Coverage"]):
    def live(self) -> CoverageQuerySet:
        return self.filter(ended_at__isnull=True)


class Coverage(models.Model):
    """
    How care is paid for, as somebody at the payer told us (DOMAIN 9.1). Money in dollars.

    A new check is a new row that ends the one before; nothing here ever changes what is recommended.
    """

    class Rank(models.IntegerChoices):
        FIRST = 1, "Primary"
        SECOND = 2, "Secondary"

    class Network(models.TextChoices):
        IN = "in", "In network"
        OUT = "out", "Out of network"
        UNKNOWN = "", "Not known"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverages")
    rank = models.PositiveSmallIntegerField(choices=Rank.choices, default=Rank.FIRST)
    payer = models.CharField(max_length=120)
    plan = models.CharField(max_length=120, blank=True)
    product_type = models.CharField(max_length=60, blank=True)
    member_id = models.CharField(max_length=60)
    group_number = models.CharField(max_length=60, blank=True)
    subscriber = models.CharField("subscriber, when not the person", max_length=120, blank=True)
    subscriber_relation = models.CharField(max_length=60, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    carve_out = models.CharField("behavioral health payer, when another", max_length=120, blank=True)
    carve_out_phone = models.CharField(max_length=20, blank=True)
    network = models.CharField(max_length=3, choices=Network.choices, blank=True)
    mental_health_benefit = models.CharField("IOP benefit, mental health", max_length=200, blank=True)
    substance_benefit = models.CharField("IOP benefit, substance use", max_length=200, blank=True)
    deductible = _money()
    deductible_met = _money()
    family_deductible = _money()
    family_deductible_met = _money()
    copay = _money("copay per day")
    coinsurance = models.PositiveSmallIntegerField("coinsurance, percent", null=True, blank=True)
    out_of_pocket_maximum = _money()
    out_of_pocket_met = _money()
    limits = models.CharField("visit or day limits", max_length=200, blank=True)
    exclusions = models.CharField(max_length=300, blank=True)
    authorization_needed = models.BooleanField("prior authorization needed", null=True, blank=True)
    authorization_codes = models.CharField("for which codes", max_length=200, blank=True)
    necessity_criteria = models.CharField("medical necessity criteria the payer uses", max_length=200, blank=True)
    telehealth_covered = models.BooleanField(null=True, blank=True)
    coordination = models.CharField("coordination of benefits", max_length=200, blank=True)
    claims_address = models.CharField("claims address or payer id", max_length=200, blank=True)
    timely_filing = models.CharField("time limit for filing", max_length=60, blank=True)
    told_by = models.CharField("who told us", max_length=120)
    told_on = models.DateField("when")
    reference = models.CharField("call reference number", max_length=60)
    check_expires_on = models.DateField("this check holds until")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[CoverageQuerySet] = CoverageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rank__in=[1, 2]), name="coverage_rank_is_known"),
            models.CheckConstraint(
                condition=Q(check_expires_on__gte=models.F("told_on")),
                name="coverage_check_holds_from_when_told",
                violation_error_message="A check cannot be over before the day you were told.",
            ),
            models.UniqueConstraint(
                fields=["patient", "rank"], condition=Q(ended_at__isnull=True), name="coverage_one_live_per_rank"
            ),
            models.CheckConstraint(
                condition=~Q(payer="") & ~Q(member_id="") & ~Q(told_by="") & ~Q(reference=""),
                name="coverage_says_who_told_us",
                violation_error_message="Say who told you, and the reference of the call.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(ends_on__gte=models.F("effective_on")),
                name="coverage_ends_after_it_begins",
                violation_error_message="The end of the plan is before its beginning.",
            ),
            models.CheckConstraint(
                condition=Q(coinsurance__isnull=True) | Q(coinsurance__lte=100),
                name="coverage_coinsurance_is_a_percentage",
                violation_error_message="Enter coinsurance from 0 to 100 percent.",
            ),
            models.CheckConstraint(
                condition=_no_amount_below_zero(
                    "deductible",
                    "deductible_met",
                    "family_deductible",
                    "family_deductible_met",
                    "copay",
                    "out_of_pocket_maximum",
                    "out_of_pocket_met",
                ),
                name="coverage_amounts_are_not_negative",
                violation_error_message="Enter amounts of 0 dollars or more.",
            ),
        ]
        ordering = ["patient", "rank", "-recorded_at"]

    def __str__(self) -> str:
        return f"{self.payer}, {self.get_rank_display().lower()}"
