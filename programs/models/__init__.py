"""What is offered, the rules, and what was recommended and decided by them."""

from programs.models.catalog import (
    Block,
    BlockKind,
    Cohort,
    Level,
    Program,
    ProgramQuerySet,
    Room,
    Track,
    TrackCode,
    Weekday,
)
from programs.models.recommendations import Clearance, Decision, Recommendation
from programs.models.rules import Rehearsal, RuleSet, RuleSetStep, Vignette

__all__ = [
    "Block",
    "BlockKind",
    "Clearance",
    "Cohort",
    "Decision",
    "Level",
    "Program",
    "ProgramQuerySet",
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
