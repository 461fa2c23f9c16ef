"""Deeds over whose result rules would change: ask for it, and, in a worker, work it out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.policies import Actor
from programs.bell import ring
from programs.models import Rehearsal, RuleSet
from programs.permissions import refusal_to_rehearse
from programs.queries import engine_of
from programs.replay import kept, replay

log = logging.getLogger(__name__)


class RehearsalRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


@transaction.atomic(durable=True)
def ask_for_rehearsal(*, ruleset: RuleSet, by: Actor, at: datetime) -> Rehearsal:
    """
    Ask whose result a rule set would change; while that is under way, it is the same one that is given.

    Raises:
        RehearsalRefused: nothing is asked.
    """
    # The document as it is now; and of two who ask at once the second finds the row of the first.
    locked = RuleSet.objects.select_for_update(no_key=True).get(pk=ruleset.pk)
    refusal = refusal_to_rehearse(locked, by)
    if refusal:
        raise RehearsalRefused(refusal)
    return ask(locked, by, at)


def ask(locked: RuleSet, by: Actor, at: datetime) -> Rehearsal:
    """The rehearsal of a rule set whose row is locked, inside the transaction of the deed that asks."""
    before = RuleSet.objects.defer("document").get(state=RuleSet.State.PUBLISHED)
    row, _ = Rehearsal.objects.get_or_create(
        before=before,
        after=locked,
        after_hash=locked.content_hash,
        done_at=None,
        defaults={"asked_by": by.user, "asked_at": at},
    )
    transaction.on_commit(ring, robust=True)
    return row


@transaction.atomic(durable=True)
def work_out_next(*, clock: Callable[[], datetime]) -> Rehearsal | None:
    """
    Work out the oldest rehearsal that no other worker is at; None when there is none.

    The claim is the lock on the row, held until the outcome is written: who is killed meanwhile, or loses the
    database, loses it, and the next sweep begins anew. A lease would be a guess about the slowest clinic, to be
    waited for after every crash; and the transaction is as long as the replay's own, which is one already.
    """
    waiting = Rehearsal.objects.under_way().select_related("before").defer("before__document").order_by("pk")
    row = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if row is None:
        return None
    try:
        row.outcome = kept(replay(engine_of(row.before.content_hash), engine_of(row.after_hash)))
    except Exception as error:  # whatever a document does to the engine, its row must not be tried forever
        row.failed = failure(row, error)
    row.done_at = clock()
    row.save(update_fields=["outcome", "failed", "done_at"])
    return row


def failure(row: Rehearsal, error: Exception) -> str:
    """Why there is no outcome, for people."""
    if isinstance(error, RuleSet.DoesNotExist):
        return "The draft was changed before this was worked out."
    # The type only: the text of an error may hold a fact of somebody.
    kind = type(error).__name__
    log.error("rehearsal.failed rehearsal=%s error=%s", row.pk, kind)
    return f"It could not be worked out ({kind}). If that stays so, tell whoever runs Tideway for you."
