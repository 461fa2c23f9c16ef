"""Deeds over a recommendation: work it out, clear a gate, decide."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from threading import Thread
from typing import Any, Final, TypeVar

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.models import Assessment
from programs import queries
from programs.models import Clearance, Decision, Recommendation, TrackCode

log = logging.getLogger(__name__)

T = TypeVar("T")
LONGEST: Final = 2.0  # seconds that anybody waits for the rules (REL-18)


class DecisionRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class RulesFailed(DecisionRefused):
    """The engine could not be asked, or could not answer. Nothing is kept."""


class NoRules(RulesFailed):
    """The clinic has approved no rules, so none are applied."""


class RulesTooSlow(RulesFailed):
    """The engine did not answer in time."""


def content_hash(facts: Mapping[str, Any], ruleset_version: str, result: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what went in, by which rules, and what came out."""
    whole = {"facts": facts, "ruleset_version": ruleset_version, "result": result}
    return hashlib.sha256(
        json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def queue(assessment: Assessment) -> None:
    """
    Wait until nobody else works out or decides over this intake.

    Two checks recorded at once would each miss the other, and a decision would be kept over a
    recommendation that is no longer the newest.
    """
    Assessment.objects.select_for_update(no_key=True).get(pk=assessment.pk)


@transaction.atomic
def recommend(*, assessment: Assessment, at: datetime) -> Recommendation:
    """
    Evaluate the rules over the assessment as its location's calendar has it at `at`, and keep the result.

    Joins the caller's transaction when there is one: signing calls it.

    Raises:
        RulesFailed: there is no result, for whatever reason.
    """
    queue(assessment)
    rules = queries.published_rules()
    if rules is None:
        raise NoRules("The clinic has not approved the recommendation rules yet, so nothing was recorded.")
    facts = queries.facts_for(assessment, at)
    try:
        engine = queries.engine_of(rules.content_hash)
        result = within(LONGEST, lambda: engine.recommend(facts))
        refuse_unknown_tracks(result)
    except TimeoutError as error:
        log.exception("recommendation.too_slow assessment=%s", assessment.public_id)
        raise RulesTooSlow("The rules took too long, so nothing was recorded. Try again later.") from error
    except Exception as error:
        log.exception("recommendation.failed assessment=%s", assessment.public_id)
        raise RulesFailed("The rules could not be worked out, so nothing was recorded. Try again later.") from error
    version: str = result["ruleset_version"]
    return Recommendation.objects.create(
        assessment=assessment,
        facts=facts,
        ruleset=rules,
        ruleset_version=version,
        result=result,
        content_hash=content_hash(facts, version, result),
        made_at=at,
    )


def within(seconds: float, work: Callable[[], T]) -> T:
    """
    What `work` returns, if it returns in time. It may not touch the database: it runs in a thread of its own.

    Python cannot stop a thread that hangs; it is left behind, and nobody waits for it.

    Raises:
        TimeoutError: it took longer.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:
            outcome.set_exception(error)

    Thread(target=run, daemon=True, name="rules").start()
    return outcome.result(timeout=seconds)


def refuse_unknown_tracks(result: Mapping[str, Any]) -> None:
    """A result that names what the clinic does not have is no result."""
    named = result["selection"]["primary_track"]
    if named is not None and named not in TrackCode.values:
        raise ValueError(f"the rules name a track that does not exist: {named}")


@transaction.atomic(durable=True)
def clear_gate(
    *, recommendation: Recommendation, gate: str, done_on: date, note: str, by: User, at: datetime
) -> Recommendation:
    """
    Record that a gate's check was done and work the recommendation out again.

    Returns the new recommendation; the old one is kept.

    Raises:
        DecisionRefused: the gate has no clearance, the check lies in the future, or the rules fail.
    """
    if gate not in Clearance.Gate.values:
        raise DecisionRefused("Only the answers themselves can change this check.")
    if done_on > queries.local_day(recommendation.assessment, at):
        raise DecisionRefused("The check cannot be later than today.")
    Clearance.objects.create(assessment=recommendation.assessment, gate=gate, done_on=done_on, note=note, by=by, at=at)
    return recommend(assessment=recommendation.assessment, at=at)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a clinician wants recorded, as the form understood it."""

    choice: str
    track: str = ""
    level: str = ""
    reason_code: str = ""
    reason: str = ""


@transaction.atomic(durable=True)
def decide(*, recommendation: Recommendation, chosen: Chosen, by: User, at: datetime) -> Decision:
    """
    Record a decision over the newest recommendation. An earlier decision is kept beside it.

    Raises:
        DecisionRefused: there is a newer recommendation, nothing to agree with, checks are open, or a
            reason is missing.
    """
    queue(recommendation.assessment)
    if queries.newest_recommendation(recommendation.assessment) != recommendation:
        raise DecisionRefused("There is a newer recommendation for this intake. Open it and decide there.")
    if chosen.choice == Decision.Choice.AGREE and chosen.track not in queries.proposed_tracks(recommendation):
        raise DecisionRefused("This recommendation does not propose that track. Choose another track and say why.")
    if chosen.choice == Decision.Choice.OTHER_TRACK and queries.on_hold(recommendation):
        raise DecisionRefused("Checks are still open. Record them first; then a track can be chosen.")
    try:
        with transaction.atomic():
            return Decision.objects.create(
                recommendation=recommendation,
                choice=chosen.choice,
                track=chosen.track,
                level=chosen.level,
                reason_code=chosen.reason_code,
                reason=chosen.reason,
                by=by,
                at=at,
            )
    except IntegrityError as error:
        for constraint, sentence in REFUSALS.items():
            if violates(error, constraint):
                raise DecisionRefused(sentence) from error
        raise


REFUSALS = {
    "decision_against_has_a_reason": "Say why, in one or two sentences.",
    "decision_for_a_track_names_it": "Choose the track.",
    "decision_for_a_level_names_it": "Choose the level of care.",
}
