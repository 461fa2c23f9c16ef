"""Who may do what with the rules, with the reason when not."""

from __future__ import annotations

from typing import Final

from accounts.models import User
from accounts.policies import Actor
from programs.models import Rehearsal, RuleSet, RuleSetStep

State = RuleSet.State

NOT_YOURS: Final = "Only supervisors change the rules."
SECOND_PERSON: Final = "You wrote or submitted these rules. Somebody else publishes them."
REHEARSE_FIRST: Final = "See whose result would change first."
NOTHING_TO_COMPARE: Final = "Nothing is published yet, so there is nothing to compare with."


def refusal_to_write(ruleset: RuleSet, actor: Actor) -> str | None:
    """Say why this actor may not change this document; None when they may."""
    if not actor.may("rules.write"):
        return NOT_YOURS
    if not ruleset.is_draft:
        return f"These rules are {ruleset.get_state_display().lower()} and can no longer be changed. Start a new draft."
    return None


def refusal_to_move(ruleset: RuleSet, to: str, actor: Actor) -> str | None:
    """Say why this actor may not take these rules to a state; None when they may."""
    if not actor.may("rules.publish" if to == State.PUBLISHED else "rules.write"):
        return NOT_YOURS
    if to not in RuleSet.MOVES[ruleset.state]:
        if (ruleset.state, to) == (State.DRAFT, State.PUBLISHED):
            return "Send this draft to review first. A second person publishes it."
        return f"These rules are {ruleset.get_state_display().lower()}. That cannot become {State(to).label.lower()}."
    if to == State.PUBLISHED and has_written(ruleset, actor.user):
        return SECOND_PERSON
    if to == State.PUBLISHED and not is_rehearsed(ruleset):
        return REHEARSE_FIRST
    return None


def refusal_to_rehearse(ruleset: RuleSet, actor: Actor) -> str | None:
    """Say why this actor may not ask whose result these rules would change; None when they may."""
    if not actor.may("rules.write"):
        return "Only supervisors ask for this."
    if not ruleset.waits:
        return (
            f"These rules are {ruleset.get_state_display().lower()}. Only what is not in use yet is tried on everybody."
        )
    if not RuleSet.objects.filter(state=State.PUBLISHED).exists():
        return NOTHING_TO_COMPARE
    return None


def is_rehearsed(ruleset: RuleSet) -> bool:
    """Whether it was worked out whose result this very document would change; the first rules change nobody's."""
    if Rehearsal.objects.current(ruleset).with_outcome().exists():
        return True
    return not RuleSet.objects.filter(state=State.PUBLISHED).exists()


def has_written(ruleset: RuleSet, user: User) -> bool:
    """Whether any of it is theirs: who began it, changed it or submitted it."""
    return ruleset.steps.filter(by=user, kind__in=RuleSetStep.WRITING).exists()


def refusal_of_password(user: User, password: str) -> str | None:
    if not password or not user.check_password(password):
        return "That is not your password. Type the password that you sign in with."
    return None
