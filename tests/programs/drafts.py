"""Rule sets on their way, made by the deeds that make them."""

from __future__ import annotations

from typing import Any

from accounts.policies import Actor
from intake.models import Assessment
from programs import actions
from programs.actions import rehearsing, rules
from programs.matching.numbers import with_version
from programs.models import Rehearsal, RuleSet
from programs.rulebook import default_document
from tests import make
from tests.programs import people

PASSWORD = make.PASSWORD
RAISED = ("any(all(points.addiction at least strong", "any(all(points.addiction at least moderate")
L12 = ("when: all(needs_iop, dimension.d7 <= 2)", "when: all(needs_iop, dimension.d7 <= 1)")
DEPRESSED = ("{points: 3, when: phq9 at least 15}", "{points: 3, when: phq9 at least 18}")
# A level that a vignette does not expect: P03, P04 and others are IOP.
NO_IOP = (
    'kind: match\n      domain: "2.2"\n      when: all(needs_iop',
    'kind: match\n      domain: "2.2"\n      when: all(mania.now, needs_iop',
)


def document(*changes: tuple[str, str], version: str = "2026.2") -> str:
    text = with_version(default_document(), version)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def supervisor(**over: Any) -> Actor:
    """A supervisor who can prove who they are."""
    actor = make.supervisor(**over)
    actor.user.set_password(PASSWORD)
    actor.user.save(update_fields=["password"])
    return actor


def draft(*changes: tuple[str, str], by: Actor | None = None, version: str = "2026.2") -> RuleSet:
    return rules.start_draft(document=document(*changes, version=version), by=by or supervisor(), at=make.NOON)


def submitted(*changes: tuple[str, str], by: Actor | None = None, version: str = "2026.2") -> RuleSet:
    """In review, and nobody has worked out yet whose result would change."""
    by = by or supervisor()
    found = draft(*changes, by=by, version=version)
    return rules.send_to_review(
        ruleset=found, why="Fits our people better.", seen_revision=found.revision, by=by, at=make.NOON
    )


def in_review(*changes: tuple[str, str], by: Actor | None = None, version: str = "2026.2") -> RuleSet:
    """In review, with all that a second person has to see before they publish it."""
    found = submitted(*changes, by=by, version=version)
    work_out()
    return found


def change(found: RuleSet) -> RuleSet:
    return rules.change_draft(
        ruleset=found, document=document(L12), seen_revision=found.revision, by=supervisor(), at=make.NOON
    )


def somebody_would_change(**over: Any) -> Assessment:
    """A signed intake that a draft with `DEPRESSED` decides differently."""
    assessment = people.signed("close_call", **{"preference.main_goal": "trauma", **over})
    actions.recommend(assessment=assessment, at=make.NOON)
    return assessment


def ask(found: RuleSet, *, by: Actor | None = None) -> Rehearsal:
    return rehearsing.ask_for_rehearsal(ruleset=found, by=by or supervisor(), at=make.NOON)


def work_out() -> Rehearsal | None:
    """What a worker does when the bell rings."""
    return rehearsing.work_out_next(clock=lambda: make.NOON)


def publish(found: RuleSet, *, by: Actor | None = None, **over: Any) -> RuleSet:
    values = {"reason": "Read and agreed.", "password": PASSWORD, "seen_revision": found.revision, "at": make.NOON}
    return rules.publish(ruleset=found, by=by or supervisor(), **{**values, **over})
