"""From whom a person is kept apart, as far as somebody may see the other one. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.policies import Actor
from intake.models import KeepApart, Patient


@dataclass(frozen=True, slots=True)
class Pair:
    """`other` is None when this actor may not see them: somebody else's patient stays unnamed."""

    row: KeepApart
    other: Patient | None


def pairs_of(patient: Patient, actor: Actor) -> list[Pair]:
    rows = list(KeepApart.objects.live().of(patient).select_related("recorded_by"))
    keys = {row.first_id if row.second_id == patient.pk else row.second_id for row in rows}
    seen = Patient.objects.visible_to(actor).in_bulk(keys)
    return [
        Pair(row, seen.get(row.first_id) if row.second_id == patient.pk else seen.get(row.second_id)) for row in rows
    ]
