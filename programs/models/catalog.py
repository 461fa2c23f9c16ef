"""What is offered: tracks and programs, who accredits them, and how many hours a level has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from intake.models import Language
from programs.models.publishing import PublicState, Published


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


class Format(models.TextChoices):
    GROUP = "group", "Group"
    INDIVIDUAL = "individual", "One-to-one"
    FAMILY = "family", "Family"


class Modality(models.TextChoices):
    """What is practiced; the public reads these words."""

    CBT = "cbt", "Cognitive behavioral therapy (CBT)"
    BEHAVIORAL_ACTIVATION = "behavioral_activation", "Behavioral activation"
    DBT_MINDFULNESS = "dbt_mindfulness", "DBT skills: mindfulness"
    DBT_DISTRESS_TOLERANCE = "dbt_distress_tolerance", "DBT skills: distress tolerance"
    DBT_EMOTION_REGULATION = "dbt_emotion_regulation", "DBT skills: emotion regulation"
    DBT_INTERPERSONAL = "dbt_interpersonal", "DBT skills: interpersonal effectiveness"
    EMDR = "emdr", "EMDR"
    MINDFULNESS = "mindfulness", "Mindfulness"
    MEDICATION_MANAGEMENT = "medication_management", "Medication management"
    FITNESS = "fitness", "Fitness"
    MOTIVATIONAL_INTERVIEWING = "motivational_interviewing", "Motivational interviewing"
    RELAPSE_PREVENTION = "relapse_prevention", "Relapse prevention"
    CONTINGENCY_MANAGEMENT = "contingency_management", "Contingency management"
    PE = "pe", "Prolonged exposure (PE)"
    CPT = "cpt", "Cognitive processing therapy (CPT)"
    BEHAVIORAL_COUPLES = "behavioral_couples", "Behavioral couples therapy"
    FAMILY_BEHAVIOR = "family_behavior", "Family behavior therapy"
    CRAFT = "craft", "CRAFT"
    PSYCHOEDUCATION = "psychoeducation", "Psychoeducation"


is_state = RegexValidator(r"\A[A-Z]{2}\Z", "Enter the two letters of a state, for example IL.")


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
        return self.filter(state=PublicState.PUBLISHED)


class Program(Published):
    """A service line: a track at a level with a curriculum."""

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
    format = models.CharField(max_length=12, choices=Format.choices, default=Format.GROUP)
    weeks = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(52)])
    days_per_week = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1), MaxValueValidator(7)])
    session_minutes = models.PositiveSmallIntegerField(
        "minutes a day", default=180, validators=[MinValueValidator(15), MaxValueValidator(720)]
    )
    minutes_per_week = models.GeneratedField(
        expression=F("days_per_week") * F("session_minutes"),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    modalities = ArrayField(models.CharField(max_length=32, choices=Modality.choices), default=list, blank=True)
    evidence_note = models.TextField(
        blank=True, max_length=2000, help_text="For staff: why these methods, with the source."
    )
    age_least = models.PositiveSmallIntegerField("youngest age", default=18)
    age_most = models.PositiveSmallIntegerField("oldest age", null=True, blank=True, help_text="Empty: no limit.")
    languages = ArrayField(models.CharField(max_length=5, choices=Language.choices), default=list, blank=True)
    telehealth = models.BooleanField("can be attended online", default=False)
    states_licensed = ArrayField(
        models.CharField(max_length=2, validators=[is_state]),
        default=list,
        blank=True,
        verbose_name="states in which people may be who attend online",
        help_text="Two letters each, for example: IL, WI",
    )

    objects: ClassVar[ProgramQuerySet] = ProgramQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=52), name="program_lasts_1_to_52_weeks"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review", "published", "retired"]), name="program_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(format__in=["group", "individual", "family"]), name="program_format_is_known"
            ),
            models.CheckConstraint(
                condition=Q(days_per_week__gte=1, days_per_week__lte=7, session_minutes__gte=15)
                & Q(session_minutes__lte=720),
                name="program_week_is_a_week",
                violation_error_message="A week has 1 to 7 days of 15 to 720 minutes.",
            ),
            models.CheckConstraint(
                condition=Q(modalities__contained_by=Modality.values), name="program_modalities_are_known"
            ),
            models.CheckConstraint(
                condition=Q(languages__contained_by=["en", "es"]), name="program_languages_are_known"
            ),
            models.CheckConstraint(
                condition=Q(age_most__isnull=True) | Q(age_most__gte=F("age_least")),
                name="program_ages_in_order",
                violation_error_message="The oldest age must not be below the youngest.",
            ),
        ]
        ordering = ["track__order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def modality_names(self) -> list[str]:
        return names(Modality, self.modalities)

    @property
    def language_names(self) -> list[str]:
        return names(Language, self.languages)


def names(choices: type[models.TextChoices], values: Iterable[str]) -> list[str]:
    """The words for stored values, in the order of the choices."""
    chosen = set(values)
    return [str(choice.label) for choice in choices if choice.value in chosen]


class Accreditation(models.Model):
    """Who vouches for a program, under which number, until when."""

    class Body(models.TextChoices):
        JOINT_COMMISSION = "joint_commission", "The Joint Commission"
        CARF = "carf", "CARF"
        OTHER = "other", "Other"

    program = models.ForeignKey(Program, models.CASCADE, related_name="accreditations")
    body = models.CharField(max_length=20, choices=Body.choices)
    number = models.CharField(max_length=40)
    expires_on = models.DateField("last day")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "body", "number"], name="accreditation_recorded_once"),
            models.CheckConstraint(
                condition=Q(body__in=["joint_commission", "carf", "other"]), name="accreditation_body_is_known"
            ),
        ]
        ordering = ["body", "-expires_on"]

    def __str__(self) -> str:
        return f"{self.get_body_display()} {self.number}"


class LevelHours(models.Model):
    """How much a level of care meets in a week: what published programs and cohorts are held to."""

    level = models.CharField(max_length=12, choices=Level.choices, unique=True)
    least_minutes = models.PositiveSmallIntegerField("least minutes a week")
    most_minutes = models.PositiveSmallIntegerField(
        "most minutes a week", null=True, blank=True, help_text="Empty: no limit."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most_minutes__isnull=True) | Q(most_minutes__gte=F("least_minutes")),
                name="level_hours_in_order",
                violation_error_message="The most must not be below the least.",
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="level_hours_of_a_level"),
        ]
        ordering = ["least_minutes"]
        verbose_name = verbose_name_plural = "hours of a level"

    def __str__(self) -> str:
        return self.get_level_display()
