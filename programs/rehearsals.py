"""Questions over rehearsals: how far one is, what it came to, and who may read of whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.models import Role
from accounts.policies import Actor
from intake.models import Assessment, Patient
from programs import rulewords
from programs.models import Rehearsal, RuleSet
from programs.permissions import refusal_to_rehearse
from programs.replay import Change, Replay, recalled
from programs.rulebook import result_words

PEOPLE_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What is known about whose result a rule set would change.

    Attributes:
        row: the rehearsal that is shown; None when there is none.
        is_current: whether it is about the documents of today, or those of the day on which the rules were decided.
        refusal: why somebody cannot ask for one; None when they can.
        told: what it came to; None without an outcome.
    """

    row: Rehearsal | None
    is_current: bool
    refusal: str | None
    told: Told | None

    @property
    def is_under_way(self) -> bool:
        return self.row is not None and self.row.done_at is None


@dataclass(frozen=True, slots=True)
class Told:
    """What a replay over every signed assessment came to."""

    assessments: int
    changed: int
    unreadable: int
    counts: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose result would change, for a supervisor of their location."""

    name: str
    patient: UUID
    assessment: UUID
    changes: list[str]
    why: list[str]


def standing(ruleset: RuleSet, actor: Actor) -> Standing:
    """
    The newest rehearsal of this document beside the published rules; else the newest outcome of earlier documents.

    Of rules that are published or retired it is the last one before that.
    """
    rows = Rehearsal.objects.filter(after=ruleset).select_related("before", "asked_by").defer("before__document")
    current = rows.current(ruleset) if ruleset.waits else rows.with_outcome().filter(after_hash=ruleset.content_hash)
    row = current.first()
    is_current = row is not None
    if row is None and ruleset.waits:
        row = rows.with_outcome().first()
    told = in_words(recalled(row.outcome)) if row and row.outcome else None
    return Standing(row, is_current, refusal_to_rehearse(ruleset, actor), told)


def in_words(found: Replay) -> Told:
    return Told(
        assessments=found.assessments,
        changed=found.changed,
        unreadable=found.unreadable,
        counts=[(move_words(*move), count) for move, count in found.moves.most_common()],
    )


def people_of(row: Rehearsal | None, actor: Actor) -> list[Person]:
    """The first of those whose result would change; named only for a supervisor of the person's location."""
    if row is None or not row.outcome or actor.role != Role.SUPERVISOR:
        return []
    changes = recalled(row.outcome).people
    visible = Assessment.objects.filter(
        public_id__in=[change.assessment for change in changes], patient__in=Patient.objects.visible_to(actor)
    )
    known = {each.public_id: each for each in visible.select_related("patient")}
    named = [person_of(known[change.assessment], change) for change in changes if change.assessment in known]
    return named[:PEOPLE_SHOWN]


def person_of(assessment: Assessment, change: Change) -> Person:
    return Person(
        name=assessment.patient.short_name,
        patient=assessment.patient.public_id,
        assessment=assessment.public_id,
        changes=[move_words(each.what, each.before, each.after) for each in change.differences],
        why=[
            f"{why.ref}: {why.says} It {why.before} by the published rules, and {why.after} here." for why in change.why
        ],
    )


def move_words(what: str, before: str, after: str) -> str:
    """ "Level of care: intensive outpatient becomes outpatient"."""
    part, _, gate = what.partition(":")
    named = {"level": "Level of care", "primary": "First track", "format": "Format", "rule": "Selection rule"}
    name = f"Check {gate}" if gate else named.get(part, rulewords.plain(part).capitalize())
    return f"{name}: {result_words(before)} becomes {result_words(after)}"
