"""The catalog, kept by administrators; no clinical content (EXPERIENCE 9)."""

from programs.admin.cohorts import CohortAdmin, CohortForm, CohortInline
from programs.admin.places import ClosureAdmin, CredentialAdmin, LevelHoursAdmin, PayerAdmin, RoomAdmin
from programs.admin.programs import ProgramAdmin, TrackAdmin

__all__ = [
    "ClosureAdmin",
    "CohortAdmin",
    "CohortForm",
    "CohortInline",
    "CredentialAdmin",
    "LevelHoursAdmin",
    "PayerAdmin",
    "ProgramAdmin",
    "RoomAdmin",
    "TrackAdmin",
]
