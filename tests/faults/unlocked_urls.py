"""The product's addresses and the product's code, only nobody waits for the cohort's row: the positive control."""

from __future__ import annotations

import random
import time

from iop.urls import urlpatterns
from programs.models import Cohort
from scheduling.actions import seating
from scheduling.models import EnrollmentQuerySet

__all__ = ["urlpatterns"]
PAUSES = (0.1, 0.5)  # seconds between counting and writing, so that several meet there; never in step

count = EnrollmentQuerySet.count


def unlocked(cohort: Cohort) -> Cohort:
    return Cohort.objects.select_related("program__track", "location", "room", "facilitator").get(pk=cohort.pk)


def count_and_pause(rows: EnrollmentQuerySet) -> int:
    taken = count(rows)
    time.sleep(random.uniform(*PAUSES))
    return taken


seating.lock = unlocked
EnrollmentQuerySet.count = count_and_pause  # type: ignore[method-assign]
