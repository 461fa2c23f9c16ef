"""
What stands around cohorts in tables of its own, as plain values.

The same five queries for one cohort and for a thousand, for which models would cost more than the match itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from programs.matching.offers import License
from programs.matching.weekly import Slot
from programs.models import Block, Cohort, Credential, EntryDate

# Training and peer certificates are good to have; they license nobody to lead a group (DOMAIN 10.3).
Kind = Credential.Kind
NO_LICENSE = (Kind.DBT, Kind.PE, Kind.CPT, Kind.EMDR, Kind.PEER)


@dataclass(frozen=True, slots=True)
class Around:
    """`payers` are those with a contract in force, in lower case; None when none was ever put on record."""

    slots: tuple[Slot, ...]
    entry_dates: tuple[date, ...]
    payers: frozenset[str] | None
    licenses: tuple[License, ...]


def around_each(cohorts: Mapping[int, Cohort], rows: QuerySet[Cohort]) -> dict[int, Around]:
    """
    What stands around each cohort.

    Args:
        cohorts: by key.
        rows: the same cohorts as a question, which is shorter to ask than a thousand keys.
    """
    inside = {"cohort__in": rows.order_by().values("pk")}
    blocks = grouped(Block.objects.filter(**inside).values_list("cohort", "weekday", "starts", "minutes"))
    dates = grouped(EntryDate.objects.filter(**inside).values_list("cohort", "on"))
    payers = grouped(
        Cohort.payers.through.objects.filter(**inside).values_list("cohort", "payer__name", "payer__is_active")
    )
    beside = grouped(Cohort.co_facilitators.through.objects.filter(**inside).values_list("cohort", "user"))
    held = Credential.objects.exclude(kind__in=NO_LICENSE)
    licenses = grouped(held.values_list("user", "state", "expires_on"))
    return {
        key: Around(
            slots=tuple(Slot(*block) for block in blocks[key]),
            entry_dates=tuple(on for (on,) in dates[key]),
            payers=frozenset(name.casefold() for name, active in payers[key] if active) if payers[key] else None,
            licenses=tuple(
                License(*each)
                for leader in (cohort.facilitator_id, *(user for (user,) in beside[key]))
                for each in licenses[leader]
            ),
        )
        for key, cohort in cohorts.items()
    }


def around_one(cohort: Cohort) -> Around:
    return around_each({cohort.pk: cohort}, Cohort.objects.filter(pk=cohort.pk))[cohort.pk]


def grouped(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    """Rows by what stands first in them."""
    found: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *values in rows:
        found[key].append(tuple(values))
    return found
