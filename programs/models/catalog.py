"""What is offered: tracks, programs, cohorts and their weeks."""

from __future__ import annotations

from datetime import date, time
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from intake.models import Language


class TrackCode(models.TextChoices):
    DEPRESSION = "depression", "Depression"
    DBT = "dbt", "DBT"
    TRAUMA = "trauma", "Trauma"
    ADDICTION_INDIVIDUAL = "addiction_individual", "Addiction, individual"
    ADDICTION_GROUP = "addiction_group", "Addiction, group"
    ADDICTION_FAMILY = "addiction_family", "Addiction, family"


class Level(models.TextChoices):
    OUTPATIENT = "outpatient", "Outpatient"
    IOP = "iop", "Intensive outpatient"
    PHP = "php", "Partial hospitalization"
    RESIDENTIAL = "residential", "Residential"
    INPATIENT = "inpatient", "Inpatient"


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


class Track(models.Model):
    """One of the six clinical themes; the words are what the public reads."""

    code = models.CharField(max_length=24, choices=TrackCode.choices, unique=True)
    name = models.CharField(max_length=80)
    sentence = models.CharField("one sentence for the public", max_length=200)
    may_help = models.TextField("who it may help, in the reader's words")
    approach = models.TextField("what happens in it", blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(code__in=TrackCode.values), name="track_is_one_of_six")]
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class ProgramQuerySet(models.QuerySet["Program"]):
    def published(self) -> ProgramQuerySet:
        return self.filter(state=Program.State.PUBLISHED)


class Program(models.Model):
    """A service line: a track at a level with a curriculum."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    track = models.ForeignKey(Track, models.PROTECT, related_name="programs")
    name = models.CharField(max_length=80, unique=True)
    neutral_name = models.CharField(
        "neutral name", max_length=40, help_text="What patients and coordinators see in lists; never a diagnosis."
    )
    sentence = models.CharField("one sentence", max_length=200)
    week = models.TextField("what a week looks like", blank=True)
    level = models.CharField(max_length=12, choices=Level.choices, default=Level.IOP)
    weeks = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(52)])
    modalities = models.CharField(
        max_length=200, blank=True, help_text="For example: CBT, skills practice, medicine visits"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)

    objects: ClassVar[ProgramQuerySet] = ProgramQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=52), name="program_lasts_1_to_52_weeks"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "retired"]), name="program_state_is_known"
            ),
        ]
        ordering = ["track__order", "name"]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A room at a location."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "name"], name="room_named_once_per_location")]
        ordering = ["location__name", "name"]

    def __str__(self) -> str:
        return self.name


class CohortQuerySet(models.QuerySet["Cohort"]):
    def admitting(self, today: date) -> CohortQuerySet:
        """Published and still taking people: before the last entry date, and before the end."""
        return self.filter(
            program__state=Program.State.PUBLISHED, state=Cohort.State.OPEN, last_entry_on__gte=today, ends_on__gt=today
        )


class Cohort(models.Model):
    """A concrete run of a program: a weekly pattern, seats, and the people who go together."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        OPEN = "open", "Taking people"
        CLOSED = "closed", "Closed"

    class Delivery(models.TextChoices):
        ON_SITE = "on_site", "On site"
        ONLINE = "online", "Online"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=80, help_text="For staff, for example: Evenings, spring")
    location = models.ForeignKey(Location, models.PROTECT, related_name="cohorts")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="cohorts")
    facilitator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cohorts"
    )
    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.ON_SITE)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    seats = models.PositiveSmallIntegerField(default=8, validators=[MinValueValidator(1), MaxValueValidator(40)])
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The day after the last day.")
    last_entry_on = models.DateField(help_text="Closed cohorts: the first day. Open ones: up to the end.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)

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
                condition=Q(delivery="online", room__isnull=True) | Q(delivery="on_site", room__isnull=False),
                name="cohort_on_site_has_a_room",
                violation_error_message="Choose a room for a cohort on site, and none for one online.",
            ),
        ]
        ordering = ["starts_on", "program__name", "name"]

    def __str__(self) -> str:
        return f"{self.program}: {self.name}"

    def clean(self) -> None:
        if self.room and self.location_id and self.room.location_id != self.location_id:
            raise ValidationError({"room": f"That room is at {self.room.location}. Choose one at {self.location}."})


class Block(models.Model):
    """One weekly meeting of a cohort, by the clock on its location's wall."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="blocks")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    starts = models.TimeField()
    minutes = models.PositiveSmallIntegerField(default=90, validators=[MinValueValidator(15), MaxValueValidator(480)])
    kind = models.CharField(max_length=12, choices=BlockKind.choices, default=BlockKind.GROUP)
    title = models.CharField("neutral title", max_length=40, default="Skills group")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "weekday", "starts"], name="block_starts_once"),
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
