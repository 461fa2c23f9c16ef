"""What is offered, the rules, and what was recommended and decided by them."""

from programs.models.catalog import (
    Accreditation,
    Format,
    Level,
    LevelHours,
    Modality,
    Program,
    ProgramQuerySet,
    Track,
    TrackCode,
)
from programs.models.cohorts import (
    Block,
    BlockKind,
    Closure,
    Cohort,
    EntryDate,
    Payer,
    PaymentOption,
    Room,
    Weekday,
)
from programs.models.people import Credential
from programs.models.publishing import MOVES, PublicState, Published
from programs.models.recommendations import Clearance, Decision, Recommendation
from programs.models.rules import Rehearsal, RuleSet, RuleSetStep, Vignette

__all__ = [
    "MOVES",
    "Accreditation",
    "Block",
    "BlockKind",
    "Clearance",
    "Closure",
    "Cohort",
    "Credential",
    "Decision",
    "EntryDate",
    "Format",
    "Level",
    "LevelHours",
    "Modality",
    "Payer",
    "PaymentOption",
    "Program",
    "ProgramQuerySet",
    "PublicState",
    "Published",
    "Recommendation",
    "Rehearsal",
    "Room",
    "RuleSet",
    "RuleSetStep",
    "Track",
    "TrackCode",
    "Vignette",
    "Weekday",
]
