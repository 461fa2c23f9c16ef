"""Deeds over the rules: write a draft, send it to review, publish it with a second person, retire it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.db import violates
from accounts.policies import Actor
from programs import queries, rulebook
from programs.actions import rehearsing
from programs.matching import FactError, RuleSetError, check, load_ruleset
from programs.matching.numbers import with_numbers
from programs.models import RuleSet, RuleSetStep, Vignette
from programs.permissions import SECOND_PERSON, is_rehearsed, refusal_of_password, refusal_to_move, refusal_to_write

State, Kind = RuleSet.State, RuleSetStep.Kind
LONGEST_VERSION = 40


class RulesRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class BrokenDocument(RulesRefused):
    """The document cannot be used; the message names line and reason."""


class ChangedMeanwhile(RulesRefused):
    """Somebody changed it after the page was opened. Nothing is saved."""


class WrongPassword(RulesRefused):
    """Whoever publishes or retires proves once more who they are."""


# ---- the document


def checked(document: str) -> str:
    """
    The version of a document that can be used.

    Raises:
        BrokenDocument: with its line and the reason.
    """
    try:
        version = load_ruleset(document).version
    except RuleSetError as error:
        raise BrokenDocument(f"Line {error.line}: {error.reason}.") from error
    if len(version) > LONGEST_VERSION:
        raise BrokenDocument(f"The version is longer than {LONGEST_VERSION} characters.")
    return version


@transaction.atomic(durable=True)
def start_draft(*, document: str, by: Actor, at: datetime, reason: str = "") -> RuleSet:
    """
    Keep a document as a new draft.

    Raises:
        RulesRefused: the document is broken, its version exists already, or it is not theirs to do.
    """
    if not by.may("rules.write"):
        raise RulesRefused("Only supervisors change the rules.")
    version = checked(document)
    draft = RuleSet(
        version=version, document=document, content_hash=queries.digest(document), created_by=by.user, created_at=at
    )
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:
        raise refused(error, version) or error from error
    note(draft, Kind.CREATED, by, at, reason=reason, document=document)
    return draft


@transaction.atomic(durable=True)
def change_draft(
    *, ruleset: RuleSet, document: str, seen_revision: int, by: Actor, at: datetime, reason: str = ""
) -> RuleSet:
    """
    Put another document in the place of a draft's.

    Raises:
        BrokenDocument, ChangedMeanwhile, RulesRefused: the draft is as it was.
    """
    refusal = refusal_to_write(ruleset, by)
    if refusal:
        raise RulesRefused(refusal)
    version = checked(document)
    try:
        with transaction.atomic():
            # Of two who saw the same revision the second changes no row.
            changed = RuleSet.objects.filter(pk=ruleset.pk, revision=seen_revision, state=State.DRAFT).update(
                document=document,
                version=version,
                content_hash=queries.digest(document),
                revision=F("revision") + 1,
            )
    except IntegrityError as error:
        raise refused(error, version) or error from error
    ruleset.refresh_from_db()
    if not changed:
        raise changed_meanwhile(ruleset)
    note(ruleset, Kind.CHANGED, by, at, reason=reason, document=document)
    return ruleset


def change_numbers(
    *, ruleset: RuleSet, wanted: Mapping[str, Decimal], seen_revision: int, by: Actor, at: datetime
) -> RuleSet:
    """
    Write weights and thresholds into a draft, in place.

    Raises:
        BrokenDocument, ChangedMeanwhile, RulesRefused: the draft is as it was.
    """
    if ruleset.revision != seen_revision:
        raise changed_meanwhile(ruleset)
    try:
        document = with_numbers(ruleset.document, wanted)
    except RuleSetError as error:
        raise BrokenDocument(f"Line {error.line}: {error.reason}.") from error
    if document == ruleset.document:
        raise RulesRefused("No number was changed, so nothing was saved.")
    return change_draft(ruleset=ruleset, document=document, seen_revision=seen_revision, by=by, at=at)


def refused(error: IntegrityError, version: str) -> RulesRefused | None:
    if violates(error, "ruleset_version_once"):
        return RulesRefused(f"There are rules with version {version} already. Give these another version.")
    return None


def changed_meanwhile(ruleset: RuleSet) -> ChangedMeanwhile:
    last = ruleset.steps.select_related("by").first()
    who = f"{last.by} changed" if last else "Somebody changed"
    return ChangedMeanwhile(f"{who} these rules after you opened them. Read them again, then make your change.")


def note(
    ruleset: RuleSet, kind: RuleSetStep.Kind, by: Actor, at: datetime, *, reason: str = "", document: str = ""
) -> None:
    RuleSetStep.objects.create(ruleset=ruleset, kind=kind, reason=reason, document=document, by=by.user, at=at)


# ---- the way of a draft


@transaction.atomic(durable=True)
def send_to_review(*, ruleset: RuleSet, why: str, seen_revision: int, by: Actor, at: datetime) -> RuleSet:
    """
    Ask for a second person, who reads whose result would change. From here on the document does not change.

    Raises:
        RulesRefused: it is no draft, has no reason, or changed meanwhile.
    """
    locked = lock(ruleset, seen_revision, State.IN_REVIEW, by)
    locked.state, locked.why = State.IN_REVIEW, reason_given(why)
    locked.submitted_by, locked.submitted_at = by.user, at
    locked.save(update_fields=["state", "why", "submitted_by", "submitted_at"])
    note(locked, Kind.SUBMITTED, by, at, reason=locked.why)
    if not is_rehearsed(locked):
        rehearsing.ask(locked, by, at)
    return locked


@transaction.atomic(durable=True)
def withdraw(*, ruleset: RuleSet, reason: str, seen_revision: int, by: Actor, at: datetime) -> RuleSet:
    """
    Take rules back from review to draft.

    Raises:
        RulesRefused: they are not in review, or there is no reason.
    """
    locked = lock(ruleset, seen_revision, State.DRAFT, by)
    said = reason_given(reason)
    locked.state = State.DRAFT
    locked.save(update_fields=["state"])
    note(locked, Kind.WITHDRAWN, by, at, reason=said)
    return locked


def publish(*, ruleset: RuleSet, reason: str, password: str, seen_revision: int, by: Actor, at: datetime) -> RuleSet:
    """
    Let new recommendations be made by these rules; the ones published before retire in the same transaction.

    Raises:
        WrongPassword: nothing is asked further.
        RulesRefused: not the second person, no reason, a vignette is not as expected, changed meanwhile, or nobody
            worked out whose result would change.
    """
    # Outside the lock: hashing a password takes its time, on purpose.
    wrong = refusal_of_password(by.user, password)
    if wrong:
        raise WrongPassword(wrong)
    try:
        return _publish(ruleset=ruleset, reason=reason, seen_revision=seen_revision, by=by, at=at)
    except IntegrityError as error:
        if violates(error, "ruleset_published_by_a_second_person"):
            raise RulesRefused(SECOND_PERSON) from error
        raise


@transaction.atomic(durable=True)
def _publish(*, ruleset: RuleSet, reason: str, seen_revision: int, by: Actor, at: datetime) -> RuleSet:
    # Two who publish at once, even two different rule sets, queue here: each locks all that could be published.
    candidates = RuleSet.objects.filter(state__in=[State.IN_REVIEW, State.PUBLISHED]).order_by("pk")
    list(candidates.select_for_update(no_key=True).values_list("pk", flat=True))
    locked = lock(ruleset, seen_revision, State.PUBLISHED, by)
    said = reason_given(reason)
    refuse_failing_vignettes(locked)
    for before in RuleSet.objects.filter(state=State.PUBLISHED):
        end(before, by, at, f"Replaced by version {locked.version}.")
    locked.state, locked.published_by, locked.published_at = State.PUBLISHED, by.user, at
    locked.save(update_fields=["state", "published_by", "published_at"])
    note(locked, Kind.PUBLISHED, by, at, reason=said)
    return locked


def refuse_failing_vignettes(ruleset: RuleSet) -> None:
    trials = rulebook.trials(ruleset)
    if not trials:
        raise RulesRefused("There is no vignette to try these rules on. Add one first.")
    failing = [trial.vignette.code for trial in trials if not trial.as_expected]
    if failing:
        raise RulesRefused(
            f"Not as expected: {', '.join(failing)}. Every vignette has to be, before rules are published."
        )


def retire(*, ruleset: RuleSet, reason: str, password: str, seen_revision: int, by: Actor, at: datetime) -> RuleSet:
    """
    Stop using published rules, or set a draft aside. One person may: it only ever takes recommendations away.

    Raises:
        WrongPassword, RulesRefused: nothing changed.
    """
    wrong = refusal_of_password(by.user, password)
    if wrong:
        raise WrongPassword(wrong)
    return _retire(ruleset=ruleset, reason=reason, seen_revision=seen_revision, by=by, at=at)


@transaction.atomic(durable=True)
def _retire(*, ruleset: RuleSet, reason: str, seen_revision: int, by: Actor, at: datetime) -> RuleSet:
    locked = lock(ruleset, seen_revision, State.RETIRED, by)
    return end(locked, by, at, reason_given(reason))


def end(ruleset: RuleSet, by: Actor, at: datetime, reason: str) -> RuleSet:
    fields = ["state", "retired_by", "retired_at"]
    if not ruleset.why:  # a draft that never asked for review
        ruleset.why = reason
        fields.append("why")
    ruleset.state, ruleset.retired_by, ruleset.retired_at = State.RETIRED, by.user, at
    ruleset.save(update_fields=fields)
    note(ruleset, Kind.RETIRED, by, at, reason=reason)
    return ruleset


def lock(ruleset: RuleSet, seen_revision: int, to: str, by: Actor) -> RuleSet:
    """The row as it is now, ours until the transaction ends, if this actor may take it where they want."""
    locked = RuleSet.objects.select_for_update(no_key=True).get(pk=ruleset.pk)
    refusal = refusal_to_move(locked, to, by)
    if refusal:
        raise RulesRefused(refusal)
    if locked.revision != seen_revision:
        raise changed_meanwhile(locked)
    return locked


def reason_given(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise RulesRefused("Say why, in one or two sentences.")
    return reason


# ---- vignettes


@transaction.atomic(durable=True)
def keep_vignette(*, vignette: Vignette, seen_version: int, by: Actor, at: datetime) -> Vignette:
    """
    Keep a vignette as the next version of its code; version 1 when it is new (`seen_version` 0).

    Raises:
        BrokenDocument: its facts are no input document.
        ChangedMeanwhile, RulesRefused: nothing is kept.
    """
    if not by.may("rules.write"):
        raise RulesRefused("Only supervisors change vignettes.")
    try:
        check(vignette.facts)
    except FactError as error:
        raise BrokenDocument(f"The facts cannot be used: {error}") from error
    vignette.pk, vignette.version, vignette.by, vignette.at = None, seen_version + 1, by.user, at
    vignette.reason = reason_given(vignette.reason)
    try:
        with transaction.atomic():
            vignette.save(force_insert=True)
    except IntegrityError as error:
        if violates(error, "vignette_version_once"):
            taken = f"There is a vignette {vignette.code} already. Give this one another code."
            raise (ChangedMeanwhile(VIGNETTE_CHANGED) if seen_version else RulesRefused(taken)) from error
        raise
    return vignette


VIGNETTE_CHANGED = "Somebody changed this vignette after you opened it. Read it again, then make your change."


def retire_vignette(*, vignette: Vignette, reason: str, by: Actor, at: datetime) -> Vignette:
    """
    Stop trying rules on a vignette; all its versions stay.

    Raises:
        RulesRefused: without a reason, or somebody changed it meanwhile.
    """
    seen: dict[str, Any] = {
        name: getattr(vignette, name) for name in ("code", "title", "narrative", "facts", "expectation")
    }
    last = Vignette(**seen, is_retired=True, reason=reason)
    return keep_vignette(vignette=last, seen_version=vignette.version, by=by, at=at)
