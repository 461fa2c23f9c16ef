"""The rules of the clinic: who wrote them, who approved them, and what they were tried on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def published(self) -> RuleSet | None:
        """The one that new recommendations are made by; None while the clinic has approved none."""
        return self.filter(state=RuleSet.State.PUBLISHED).first()


class RuleSet(models.Model):
    """
    One version of the rules, and how far it is on its way to be used.

    The database keeps four eyes: who wrote or submitted a document never publishes it; a document
    that left its draft never changes; what was ever in review is never deleted.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    MOVES: Final[Mapping[str, frozenset[str]]] = {
        State.DRAFT: frozenset({State.IN_REVIEW, State.RETIRED}),
        State.IN_REVIEW: frozenset({State.DRAFT, State.PUBLISHED}),
        State.PUBLISHED: frozenset({State.RETIRED}),
        State.RETIRED: frozenset(),
    }

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.CharField(max_length=40)
    document = models.TextField("the rules, in YAML")
    content_hash = models.CharField("SHA-256 of the document", max_length=64, db_index=True)
    revision = models.PositiveIntegerField("counts the changes of the draft", default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    why = models.TextField("what changed and why", max_length=2000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[RuleSetQuerySet] = RuleSetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version"], name="ruleset_version_once"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="published"), name="ruleset_one_published"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review", "published", "retired"]), name="ruleset_state_is_known"
            ),
            models.CheckConstraint(condition=Q(state="draft") | ~Q(why=""), name="ruleset_past_draft_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "retired"]) | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="ruleset_in_review_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_by__isnull=False, published_at__isnull=False),
                name="ruleset_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True)
                | (~Q(published_by=F("created_by")) & ~Q(published_by=F("submitted_by"))),
                name="ruleset_published_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="retired", retired_by__isnull=False, retired_at__isnull=False)
                | (~Q(state="retired") & Q(retired_by__isnull=True, retired_at__isnull=True)),
                name="ruleset_retired_by_somebody",
            ),
        ]
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Rules {self.version}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def waits(self) -> bool:
        """Whether it may still come into use."""
        return self.state in {self.State.DRAFT, self.State.IN_REVIEW}


class RuleSetStep(models.Model):
    """One thing done to a rule set: by whom, when, why, and the document as it was from then on. Append-only."""

    class Kind(models.TextChoices):
        CREATED = "created", "Written"
        CHANGED = "changed", "Changed"
        SUBMITTED = "submitted", "Sent to review"
        WITHDRAWN = "withdrawn", "Taken back to draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    WRITING: Final = (Kind.CREATED, Kind.CHANGED, Kind.SUBMITTED)

    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(max_length=2000, blank=True)
    document = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["created", "changed", "submitted", "withdrawn", "published", "retired"]),
                name="ruleset_step_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["created", "changed"]) | ~Q(reason=""), name="ruleset_step_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["created", "changed"]) | ~Q(document=""), name="ruleset_step_keeps_the_document"
            ),
        ]
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class VignetteQuerySet(models.QuerySet["Vignette"]):
    def newest(self) -> VignetteQuerySet:
        """Of each vignette the version that counts, retired ones included."""
        return self.order_by("code", "-version").distinct("code")

    def in_use(self) -> list[Vignette]:
        """Those that a rule set has to pass."""
        return [vignette for vignette in self.newest() if not vignette.is_retired]


class Vignette(models.Model):
    """
    An invented person, and what a clinician expects of the rules. Append-only: a change is a new version.

    `facts` is an input document of the rules; `expectation` has the shape of `matching/vignettes/`.
    """

    code = models.SlugField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    narrative = models.TextField(max_length=4000)
    facts = models.JSONField()
    expectation = models.JSONField()
    is_retired = models.BooleanField(default=False)
    reason = models.CharField("why it was added, changed or retired", max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[VignetteQuerySet] = VignetteQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="vignette_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="vignette_says_why"),
            models.CheckConstraint(condition=Q(version__gte=1), name="vignette_version_counts_from_one"),
        ]
        ordering = ["code", "-version"]

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"

    def expects(self, part: str) -> dict[str, Any]:
        found: dict[str, Any] = self.expectation.get(part) or {}
        return found


class RehearsalQuerySet(models.QuerySet["Rehearsal"]):
    def under_way(self) -> RehearsalQuerySet:
        """What no worker has finished yet: the queue."""
        return self.filter(done_at=None)

    def with_outcome(self) -> RehearsalQuerySet:
        return self.filter(outcome__isnull=False)

    def current(self, ruleset: RuleSet) -> RehearsalQuerySet:
        """Those of this very document beside the rules that are published now."""
        return self.filter(before__state=RuleSet.State.PUBLISHED, after=ruleset, after_hash=ruleset.content_hash)


class Rehearsal(models.Model):
    """
    Whose result a rule set would change, worked out by a worker over every signed assessment.

    A row without an end is the queue. `after_hash` says which text of a draft was tried; the text of `before`,
    which was published, never changes. `outcome` is what `programs.replay.kept` makes of a replay: counts,
    and the first people as keys of assessments; names are looked up by whoever may read them.
    """

    before = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    after = models.ForeignKey(RuleSet, models.PROTECT, related_name="rehearsals")
    after_hash = models.CharField("SHA-256 of the document that was tried", max_length=64)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    failed = models.CharField("why there is no outcome, for people", max_length=200, blank=True)
    outcome = models.JSONField(null=True, blank=True)

    objects: ClassVar[RehearsalQuerySet] = RehearsalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after", "after_hash"], condition=Q(done_at=None), name="rehearsal_one_under_way"
            ),
            models.CheckConstraint(condition=~Q(before=F("after")), name="rehearsal_of_two_rule_sets"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, outcome__isnull=True, failed="")
                | Q(done_at__isnull=False, outcome__isnull=False, failed="")
                | (Q(done_at__isnull=False, outcome__isnull=True) & ~Q(failed="")),
                name="rehearsal_ends_with_an_outcome_or_a_reason",
            ),
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.before} beside {self.after}"
