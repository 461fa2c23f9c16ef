"""The runs of a program: cohorts, their weeks, their rooms, and by whom they are paid."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from intake.models import Language
from programs.models.catalog import Program, names
from programs.models.publishing import PublicState, Published


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class BlockKind(models.TextChoices):
    GROUP = "group", "Group"
    INDIVIDUAL = "individual", "One-to-one"
    FAMILY = "family", "Family"


class Room(models.Model):
    """A room at a location."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "name"], name="room_named_once_per_location")]
        ordering = ["location__name", "name"]

    def __str__(self) -> str:
        return self.name


class Payer(models.Model):
    """An insurer or agency whose members the clinic may take."""

    name = models.CharField(max_length=100, unique=True)
    is_active = models.BooleanField("contract in force", default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PaymentOption(models.TextChoices):
    """Ways to pay oneself."""

    PLAN = "plan", "Payment plan"
    SLIDING_SCALE = "sliding_scale", "Sliding scale by income"
    ASSISTANCE = "assistance", "Financial assistance"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def admitting(self, today: date) -> CohortQuerySet:
        """Published, not closed, and still to be entered: by a last entry date, or an entry date to come."""
        to_come = EntryDate.objects.filter(cohort=models.OuterRef("pk"), on__gte=today)
        return self.filter(
            ~Q(entry=Cohort.Entry.SEMI_OPEN) | models.Exists(to_come),
            program__state=PublicState.PUBLISHED,
            state=PublicState.PUBLISHED,
            closed_at__isnull=True,
            last_entry_on__gte=today,
            ends_on__gt=today,
        )


class Cohort(Published):
    """A concrete run of a program: a weekly pattern, seats, and the people who go together."""

    class Delivery(models.TextChoices):
        ON_SITE = "on_site", "On site"
        ONLINE = "online", "Online"

    class Entry(models.TextChoices):
        OPEN = "open", "Open: join any week"
        SEMI_OPEN = "semi_open", "Semi-open: join on entry dates"
        CLOSED = "closed", "Closed: join until the last entry date"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=80, help_text="For staff, for example: Evenings, spring")
    location = models.ForeignKey(Location, models.PROTECT, related_name="cohorts")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="cohorts")
    facilitator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cohorts"
    )
    co_facilitators = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="cohorts_beside", blank=True)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.ON_SITE)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    seats_least = models.PositiveSmallIntegerField(
        "fewest people", default=4, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )
    seats = models.PositiveSmallIntegerField(default=8, validators=[MinValueValidator(1), MaxValueValidator(40)])
    entry = models.CharField(max_length=10, choices=Entry.choices, default=Entry.OPEN)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The day after the last day.")
    last_entry_on = models.DateField("last entry date", help_text="The last day on which people join.")
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    payers = models.ManyToManyField(Payer, related_name="cohorts", blank=True)
    payment_options = ArrayField(
        models.CharField(max_length=16, choices=PaymentOption.choices), default=list, blank=True
    )

    objects: ClassVar[CohortQuerySet] = CohortQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="cohort_named_once_per_program"),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on")),
                name="cohort_starts_before_it_ends",
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=Q(last_entry_on__gte=F("starts_on"), last_entry_on__lt=F("ends_on")),
                name="cohort_entry_within_its_run",
                violation_error_message="The last entry date must be within the run.",
            ),
            models.CheckConstraint(condition=Q(seats__gte=1, seats__lte=40), name="cohort_has_1_to_40_seats"),
            models.CheckConstraint(
                condition=Q(seats_least__gte=1, seats_least__lte=F("seats")),
                name="cohort_least_seats_within_seats",
                violation_error_message="The fewest people must be 1 or more, and not more than the seats.",
            ),
            models.CheckConstraint(
                condition=Q(delivery="online", room__isnull=True) | Q(delivery="on_site", room__isnull=False),
                name="cohort_on_site_has_a_room",
                violation_error_message="Choose a room for a cohort on site, and none for one online.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review", "published", "retired"]), name="cohort_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(entry__in=["open", "semi_open", "closed"]), name="cohort_entry_is_known"
            ),
            models.CheckConstraint(
                condition=Q(payment_options__contained_by=["plan", "sliding_scale", "assistance"]),
                name="cohort_payment_options_are_known",
            ),
        ]
        ordering = ["starts_on", "program__name", "name"]

    def __str__(self) -> str:
        return f"{self.program}: {self.name}"

    def clean(self) -> None:
        if self.room and self.location_id and self.room.location_id != self.location_id:
            raise ValidationError({"room": f"That room is at {self.room.location}. Choose one at {self.location}."})

    @staticmethod
    def last_entry(entry: str, said: date | None, starts_on: date, ends_on: date) -> date:
        """A closed cohort has a last entry date of its own, the end of the second week if nobody said one."""
        last_day = max(ends_on - timedelta(days=1), starts_on)
        if entry != Cohort.Entry.CLOSED:
            return last_day
        return said or min(starts_on + timedelta(days=13), last_day)

    @property
    def payment_names(self) -> list[str]:
        return names(PaymentOption, self.payment_options)

    @property
    def admission(self) -> str:
        """Whether it takes people: planned, open or closed; the dates are another matter."""
        if self.state in {PublicState.DRAFT, PublicState.IN_REVIEW}:
            return "planned"
        return "open" if self.state == PublicState.PUBLISHED and self.closed_at is None else "closed"


class EntryDate(models.Model):
    """A day on which people join a semi-open cohort: where a module begins."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="entry_dates")
    on = models.DateField("people join on")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "on"], name="entry_date_named_once")]
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"


class Block(models.Model):
    """
    One weekly meeting of a cohort, by the clock on its location's wall.

    Two of a cohort do not overlap (block_meets_at_one_time, kept at the end of the transaction: a whole
    evening is moved by half an hour in one save).
    """

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="blocks")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    starts = models.TimeField()
    minutes = models.PositiveSmallIntegerField(default=90, validators=[MinValueValidator(15), MaxValueValidator(480)])
    kind = models.CharField(max_length=12, choices=BlockKind.choices, default=BlockKind.GROUP)
    title = models.CharField("neutral title", max_length=40, default="Skills group")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=15, minutes__lte=480), name="block_lasts_15_to_480_minutes"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="block_weekday_is_a_day"),
        ]
        ordering = ["weekday", "starts"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}"

    @property
    def ends(self) -> time:
        """The local time at which the block ends."""
        hours, minutes = divmod(self.starts.hour * 60 + self.starts.minute + self.minutes, 60)
        return time(hours % 24, minutes)


class Closure(models.Model):
    """Days on which a location, or the whole clinic, is closed: no session is planned on them."""

    location = models.ForeignKey(
        Location, models.CASCADE, null=True, blank=True, related_name="closures", help_text="Empty: everywhere."
    )
    name = models.CharField(max_length=80, help_text="For example: Thanksgiving")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The first day on which it is open again.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on")),
                name="closure_starts_before_it_ends",
                violation_error_message="The end must be after the start.",
            ),
        ]
        ordering = ["starts_on"]

    def __str__(self) -> str:
        return self.name
