"""What the public may read: written, read by a second person, published, and taken out of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import models


class PublicState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


# A trigger keeps the same table.
MOVES: Final[Mapping[PublicState, frozenset[PublicState]]] = {
    PublicState.DRAFT: frozenset({PublicState.IN_REVIEW, PublicState.RETIRED}),
    PublicState.IN_REVIEW: frozenset({PublicState.DRAFT, PublicState.PUBLISHED}),
    PublicState.PUBLISHED: frozenset({PublicState.DRAFT, PublicState.RETIRED}),
    PublicState.RETIRED: frozenset(),
}


def person() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )


class Published(models.Model):
    """
    A row of the catalog that a second person publishes; a trigger refuses the person who submitted it.

    `published_as` is what was published last, as words by field: what is to be published is shown beside it.
    """

    State = PublicState

    state = models.CharField(max_length=10, choices=PublicState.choices, default=PublicState.DRAFT, editable=False)
    submitted_by = person()
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_by = person()
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_as = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True
