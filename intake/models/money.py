"""Authorizations, self-pay estimates and payment plans. Rows are followed by new ones; none is rewritten."""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from intake.models.people import Patient

ENDED_BY_SOMEONE = Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False)


def dollars(label: str | None = None, **over: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=9, decimal_places=2, validators=[MinValueValidator(0)], **over)


class CareLevel(models.TextChoices):
    IOP = "iop", "Intensive outpatient"
    PHP = "php", "Partial hospitalization"
    OUTPATIENT = "outpatient", "Outpatient"


Row = TypeVar("Row", bound=models.Model)


class LiveQuerySet(models.QuerySet[Row]):
    def live(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Paper(models.Model):
    """What somebody wrote down about a person; a later row takes its place and this one ends."""

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


class Authorization(Paper):
    """
    What a payer allowed, in units, or why not (DOMAIN 9.2).

    A decision, an extension or a correction is a new row that `follows` the one before and ends it.
    """

    class Unit(models.TextChoices):
        DAYS = "days", "Days"
        VISITS = "visits", "Visits"
        HOURS = "hours", "Hours"
        UNITS = "units", "Units of a per diem"

    class Decision(models.TextChoices):
        PENDING = "pending", "Waiting for the payer"
        APPROVED = "approved", "Approved"
        PARTIAL = "partial", "Approved in part"
        DENIED = "denied", "Denied"

    GRANTED = (Decision.APPROVED, Decision.PARTIAL)

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="authorizations")
    follows = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="followed"
    )
    payer = models.CharField(max_length=120)
    number = models.CharField("authorization number", max_length=60, blank=True)
    codes = models.CharField("codes the payer authorized", max_length=120, blank=True)
    level = models.CharField(max_length=20, choices=CareLevel.choices)
    asked_on = models.DateField("asked for on")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    decided_on = models.DateField(null=True, blank=True)
    unit = models.CharField("counted in", max_length=10, choices=Unit.choices)
    units = models.PositiveSmallIntegerField("units authorized", null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    last_covered_on = models.DateField("last covered day, when earlier", null=True, blank=True)
    per_week = models.PositiveSmallIntegerField("at most in a week", null=True, blank=True)
    review_due_on = models.DateField("concurrent review due", null=True, blank=True)
    retroactive = models.CharField("window for asking afterward", max_length=120, blank=True)
    denial_reason = models.CharField(max_length=300, blank=True)
    appeal_by_on = models.DateField("appeal by", null=True, blank=True)
    second_appeal_by_on = models.DateField("second or outside appeal by", null=True, blank=True)
    peer_to_peer = models.CharField("peer-to-peer call", max_length=500, blank=True)
    told_by = models.CharField("who told us", max_length=120)
    told_on = models.DateField("when")
    reference = models.CharField("reference of the call or letter", max_length=60)

    objects: ClassVar[LiveQuerySet[Authorization]] = LiveQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["pending", "approved", "partial", "denied"])
                & Q(unit__in=["days", "visits", "hours", "units"])
                & Q(level__in=["iop", "php", "outpatient"]),
                name="authorization_words_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["approved", "partial"])
                | (
                    ~Q(number="")
                    & Q(units__isnull=False, starts_on__isnull=False, ends_on__isnull=False, decided_on__isnull=False)
                ),
                name="authorization_says_what_is_allowed",
                violation_error_message="What the payer allowed needs a number, units, the first day and the last.",
            ),
            models.CheckConstraint(
                condition=~Q(decision="denied") | (~Q(denial_reason="") & Q(decided_on__isnull=False)),
                name="authorization_denied_says_why",
                violation_error_message="Write down the reason the payer gave, and the day.",
            ),
            models.CheckConstraint(
                condition=(Q(units__isnull=True) | Q(units__gte=1)) & (Q(per_week__isnull=True) | Q(per_week__gte=1)),
                name="authorization_units_are_counted",
                violation_error_message="Enter 1 unit or more.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="authorization_ends_after_it_begins",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(last_covered_on__isnull=True)
                | Q(
                    starts_on__isnull=False,
                    ends_on__isnull=False,
                    last_covered_on__gte=F("starts_on"),
                    last_covered_on__lte=F("ends_on"),
                ),
                name="authorization_covers_days_within",
                violation_error_message="The last covered day lies between the first day and the last.",
            ),
            models.CheckConstraint(
                condition=Q(second_appeal_by_on__isnull=True)
                | Q(appeal_by_on__isnull=True)
                | Q(second_appeal_by_on__gte=F("appeal_by_on")),
                name="authorization_appeals_in_order",
                violation_error_message="The second appeal cannot be due before the first.",
            ),
            models.CheckConstraint(
                condition=~Q(payer="") & ~Q(told_by="") & ~Q(reference=""),
                name="authorization_says_who_told_us",
                violation_error_message="Say who told you, and the reference.",
            ),
            models.CheckConstraint(condition=ENDED_BY_SOMEONE, name="authorization_ended_by_someone"),
            models.UniqueConstraint(
                fields=["patient", "payer", "number"],
                condition=Q(ended_at__isnull=True) & ~Q(number=""),
                name="authorization_number_is_live_once",
                violation_error_message="This number already stands on the record.",
            ),
        ]
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.payer} {self.number}".strip()

    @property
    def is_granted(self) -> bool:
        return self.decision in self.GRANTED


class Estimate(Paper):
    """A written self-pay estimate in good faith, and by when it has to be given (DOMAIN 9.4)."""

    class Why(models.TextChoices):
        BOOKED = "booked", "A session was booked"
        ASKED = "asked", "The person asked for it"

    class Given(models.TextChoices):
        HAND = "hand", "In their hands"
        MAIL = "mail", "By mail"
        PORTAL = "portal", "Electronically, as they asked"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="estimates")
    why = models.CharField(max_length=10, choices=Why.choices)
    since_on = models.DateField("booked or asked on")
    first_on = models.DateField("first session", null=True, blank=True)
    due_on = models.DateField("to be given by", null=True, blank=True)
    level = models.CharField(max_length=20, choices=CareLevel.choices)
    full_amount = dollars()
    household = models.PositiveSmallIntegerField("people in the household", null=True, blank=True)
    income = dollars("household income in a year", null=True, blank=True)
    income_shown = models.CharField("what they showed", max_length=200, blank=True)
    scale_on = models.DateField("scale in effect since", null=True, blank=True)
    poverty_percent = models.PositiveIntegerField("percent of the poverty guideline", null=True, blank=True)
    discount = models.PositiveSmallIntegerField("discount in percent", default=0)
    # Cut to the cent, so that the person never pays the fraction; the same rule as intake.costs.cents.discounted.
    amount = models.GeneratedField(
        expression=models.Func(
            Cast(F("full_amount"), models.DecimalField(max_digits=20, decimal_places=4))
            * (Value(100) - F("discount"))
            / Value(100),
            Value(2),
            function="TRUNC",
            output_field=models.DecimalField(max_digits=9, decimal_places=2),
        ),
        output_field=models.DecimalField(max_digits=9, decimal_places=2),
        db_persist=True,
    )
    given_on = models.DateField(null=True, blank=True)
    given_how = models.CharField(max_length=10, choices=Given.choices, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[LiveQuerySet[Estimate]] = LiveQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(why="asked") | Q(why="booked", first_on__isnull=False, first_on__gte=F("since_on")),
                name="estimate_says_what_set_the_clock",
                violation_error_message="Enter the first session that was booked.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gt=F("since_on")), name="estimate_due_after_it_was_asked"
            ),
            models.CheckConstraint(condition=Q(full_amount__gt=0), name="estimate_is_above_zero"),
            models.CheckConstraint(
                condition=Q(
                    household__isnull=True, income__isnull=True, poverty_percent__isnull=True, scale_on__isnull=True
                )
                | Q(
                    household__isnull=False,
                    household__gte=1,
                    income__isnull=False,
                    income__gte=0,
                    poverty_percent__isnull=False,
                    scale_on__isnull=False,
                ),
                name="estimate_income_is_of_a_household",
            ),
            models.CheckConstraint(
                condition=Q(discount=0) | Q(discount__lte=100, poverty_percent__isnull=False, poverty_percent__lte=200),
                name="estimate_no_discount_above_200_percent",
            ),
            models.CheckConstraint(
                condition=Q(given_on__isnull=True, given_by__isnull=True, given_how="")
                | Q(given_on__isnull=False, given_by__isnull=False, given_how__in=["hand", "mail", "portal"]),
                name="estimate_given_by_someone_somehow",
            ),
            models.CheckConstraint(condition=ENDED_BY_SOMEONE, name="estimate_ended_by_someone"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="estimate_one_live_per_person"
            ),
        ]
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return f"${self.full_amount:,.2f}"


class EstimateLine(models.Model):
    """One thing that is expected to be charged; the lines add up to the estimate."""

    estimate = models.ForeignKey(Estimate, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=120)
    code = models.CharField(max_length=20, blank=True)
    quantity = models.PositiveSmallIntegerField()
    price = dollars()
    amount = models.GeneratedField(
        expression=F("quantity") * F("price"),
        output_field=models.DecimalField(max_digits=9, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["estimate", "position"], name="estimate_line_position_once"),
            models.CheckConstraint(
                condition=~Q(what="") & Q(quantity__gte=1, price__gte=0), name="estimate_line_is_complete"
            ),
        ]
        ordering = ["estimate", "position"]

    def __str__(self) -> str:
        return self.what


class PaymentPlan(Paper):
    """What was agreed about paying in parts; its installments add up to the whole, to the cent."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", "Every week"
        BIWEEKLY = "biweekly", "Every 2 weeks"
        MONTHLY = "monthly", "Every month"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="payment_plans")
    total = dollars("amount to pay in parts")
    charge = dollars("charge for paying in parts", default=0)
    rhythm = models.CharField(max_length=10, choices=Rhythm.choices)
    agreed_on = models.DateField()
    disclosure = models.CharField("credit disclosure given", max_length=120, blank=True)

    objects: ClassVar[LiveQuerySet[PaymentPlan]] = LiveQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gt=0, charge__gte=0),
                name="payment_plan_is_above_zero",
                violation_error_message="Enter an amount above 0 dollars.",
            ),
            models.CheckConstraint(
                condition=Q(rhythm__in=["weekly", "biweekly", "monthly"]), name="payment_plan_rhythm_is_known"
            ),
            models.CheckConstraint(condition=ENDED_BY_SOMEONE, name="payment_plan_ended_by_someone"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="payment_plan_one_live_per_person"
            ),
        ]
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return f"${self.total:,.2f}, {self.get_rhythm_display().lower()}"


class Installment(models.Model):
    plan = models.ForeignKey(PaymentPlan, models.PROTECT, related_name="installments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = dollars()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="installment_number_once"),
            models.UniqueConstraint(fields=["plan", "due_on"], name="installment_day_once"),
            models.CheckConstraint(condition=Q(number__gte=1, amount__gt=0), name="installment_is_above_zero"),
        ]
        ordering = ["plan", "number"]

    def __str__(self) -> str:
        return f"{self.number}: ${self.amount:,.2f}"
