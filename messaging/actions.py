"""
The life of a message: planned with its deed, claimed, checked again, sent, recorded.

A worker may be killed at any line. What it had claimed comes back when the lease runs out and is
sent under the same key, so that a provider that honors keys delivers it once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from psycopg2.extras import Json, execute_values  # type: ignore[import-untyped]  # its stubs are a package of their own

from messaging import texts
from messaging.channels import Letter, Permanent, Temporary
from messaging.models import OutboxMessage, State
from messaging.moments import moment
from messaging.permissions import refusal_to_retry
from messaging.registry import Cancel, Expire, Wait, rules

log = logging.getLogger(__name__)

LADDER = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200))
JITTER = 0.2
TRIES = len(LADDER) + 1
CRASHES = 3
BATCH = 20
BUDGET = timedelta(seconds=40)  # a sweep ends well before the task's soft limit of 60 seconds
CONTEXT = frozenset({"first_name", "zone"})  # all that a row may say about a person beside the address

# Written by hand: a hundred reminders are planned with a seat, and Django took longer to put them together than
# PostgreSQL to store them. What is there stays as it is, and what was canceled waits again.
OCCASION = ("recipient", "occurrence", "occurrence_starts_at", "kind", "channel")
RENEWED = ("location_id", "address", "language", "context", "due_at", "send_until", "state", "reason", "attempts")
PLANNED = ("public_id", "created_at", *OCCASION, *RENEWED)
PLAN = f"""
INSERT INTO messaging_outboxmessage ({", ".join(PLANNED)}) VALUES %s
ON CONFLICT ({", ".join(OCCASION)}) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in RENEWED)}
WHERE messaging_outboxmessage.state = '{State.CANCELED}'
"""  # noqa: S608 - names of our own columns

Clock = Callable[[], datetime]
Deliver = Callable[[Letter], None]


class RetryRefused(Exception):
    """The message cannot be sent again; the sentence is fit to show."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed message; ``tried`` when it counts as a try."""

    state: State
    reason: str = ""
    due_at: datetime | None = None
    sent_at: datetime | None = None
    tried: bool = False


def plan(messages: Iterable[OutboxMessage], *, now: datetime) -> None:
    """
    Write messages into the outbox, inside the transaction of the deed that causes them.

    One that is there already (same recipient, occurrence, start, kind and channel) stays as it is;
    one that was canceled waits again. What could only come too late is left out.
    """
    wanted = {occasion(message): message for message in messages if message.send_until > now}
    for message in wanted.values():
        refuse_unknown(message)
    if wanted:
        with connection.cursor() as cursor:
            execute_values(cursor, PLAN, [row_of(message) for message in wanted.values()], page_size=len(wanted))


def row_of(message: OutboxMessage) -> tuple[object, ...]:
    """What is stored of a message that is planned, in the order of `PLANNED`."""
    values = (getattr(message, name) for name in PLANNED)
    return tuple(Json(value) if isinstance(value, dict) else value for value in values)


def refuse_unknown(message: OutboxMessage) -> None:
    """Raise for a kind without a text, and for a context that holds more than the text prints."""
    if message.kind not in texts.kinds():
        raise ValueError(f"There is no text for messages of kind {message.kind}.")
    if extra := set(message.context) - CONTEXT:
        raise ValueError(f"A message may carry {', '.join(sorted(CONTEXT))}; not {', '.join(sorted(extra))}.")


def occasion(message: OutboxMessage) -> tuple[str, str, datetime, str, str]:
    """The unique key of the table."""
    return message.recipient, message.occurrence, message.occurrence_starts_at, message.kind, message.channel


def cancel(*, reason: str, recipient: str | None = None, occurrences: Collection[str] | None = None) -> int:
    """
    Call back what has not left yet, inside the transaction of the deed that makes it untrue.

    Args:
        reason: a sentence for staff.
        recipient: only messages to this one; everybody's when left out.
        occurrences: only messages about these; all of the recipient's when left out.
    Returns:
        How many will not be sent.
    """
    if recipient is None and occurrences is None:
        raise ValueError("Say whose messages to cancel, or about what.")
    messages = OutboxMessage.objects.all()
    if recipient is not None:
        messages = messages.filter(recipient=recipient)
    if occurrences is not None:
        messages = messages.filter(occurrence__in=occurrences)
    waiting = messages.filter(state=State.PENDING).update(state=State.CANCELED, reason=reason)
    # A worker holds these. It looks at its claim once more before it sends, but may be past that.
    claimed = messages.filter(state=State.SENDING).update(
        state=State.CANCELED, claim=None, lease_until=None, reason=f"{reason} It may have left just before."
    )
    return waiting + claimed


@transaction.atomic(durable=True)
def retry(*, message: OutboxMessage, now: datetime) -> None:
    """
    Let a failed message wait again, from the first rung of the ladder.

    Raises:
        RetryRefused: it did not fail, or it would come too late.
    """
    locked = OutboxMessage.objects.select_for_update(no_key=True).get(pk=message.pk)
    if refused := refusal_to_retry(locked, now):
        raise RetryRefused(refused)
    locked.state, locked.reason, locked.attempts, locked.due_at = State.PENDING, "", 0, now
    locked.save(update_fields=["state", "reason", "attempts", "due_at"])


def lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.MESSAGING_LEASE_SECONDS)


@transaction.atomic(durable=True)
def claim_batch(*, now: datetime, limit: int = BATCH) -> list[OutboxMessage]:
    """
    Take due messages, oldest first, and those whose worker did not come back.

    Committed before anything is sent: nobody else takes them until the lease runs out.
    """
    due = OutboxMessage.objects.due(now).select_for_update(skip_locked=True)
    batch = list(due.order_by("due_at", "pk")[:limit])
    claim, until = uuid4(), lease(now)
    OutboxMessage.objects.filter(pk__in=[message.pk for message in batch]).update(
        state=State.SENDING, claim=claim, lease_until=until
    )
    for message in batch:
        message.state, message.claim, message.lease_until = State.SENDING, claim, until
    return batch


def begin(message: OutboxMessage, *, now: datetime) -> bool:
    """Count a try and renew the lease; False when the message was canceled or taken by another."""
    mine = OutboxMessage.objects.filter(pk=message.pk, state=State.SENDING, claim=message.claim)
    # The reason of an earlier try goes, so that a try without a reason is one that was cut off.
    return mine.update(attempts=message.attempts + 1, reason="", lease_until=lease(now)) == 1


def record(message: OutboxMessage, outcome: Outcome) -> bool:
    """Write what became of a message, only while it is still ours; False when it is not."""
    mine = OutboxMessage.objects.filter(pk=message.pk, state=State.SENDING, claim=message.claim)
    written = mine.update(
        state=outcome.state,
        reason=outcome.reason,
        due_at=outcome.due_at or message.due_at,
        sent_at=outcome.sent_at,
        attempts=message.attempts + outcome.tried,
        claim=None,
        lease_until=None,
    )
    return written == 1


def sweep(*, clock: Clock, deliver: Deliver) -> int:
    """
    Work off what is due and return how many messages were taken up.

    ``clock`` is read again for every message: a sweep lasts, and a lease must start when it is taken.
    """
    ends, taken = clock() + BUDGET, 0
    while clock() < ends and (batch := claim_batch(now=clock())):
        for message in batch:
            work_off(message, clock=clock, deliver=deliver)
        taken += len(batch)
    return taken


def work_off(message: OutboxMessage, *, clock: Clock, deliver: Deliver) -> None:
    """See one claimed message through; whatever goes wrong stays with this message."""
    try:
        outcome = attempt(message, clock=clock, deliver=deliver)
    except Exception as error:  # one poisoned row must not stop the others
        outcome = after_crash(message, error, now=clock())
    if outcome and not record(message, outcome):
        log.warning("message.claim_lost message=%s outcome=%s", message.pk, outcome.state)


def attempt(message: OutboxMessage, *, clock: Clock, deliver: Deliver) -> Outcome | None:
    """Check, compose and send; None when the message was taken away in between."""
    if kept_back := judge(message, now=clock()):
        return kept_back
    letter = compose(message, now=clock())
    if not begin(message, now=clock()):
        return None
    try:
        deliver(letter)
    except Permanent as error:
        return Outcome(State.FAILED, str(error), tried=True)
    except Temporary as error:
        return again(message, str(error), now=clock())
    return Outcome(State.SENT, sent_at=clock(), tried=True)


def judge(message: OutboxMessage, *, now: datetime) -> Outcome | None:
    """Say why a message must not leave now; None when it may."""
    cut_off = message.attempts > 0 and not message.reason
    if cut_off and message.attempts >= TRIES:
        return Outcome(State.FAILED, f"Parked: the worker stopped {message.attempts} times while sending it.")
    if now >= message.send_until:
        last = " The last try was cut off; it may have arrived." if cut_off else ""
        return Outcome(State.EXPIRED, f"It would have come too late.{last}")
    match rules(message.kind).recheck(message, now):
        case Cancel(reason):
            return Outcome(State.CANCELED, reason)
        case Expire(reason):
            return Outcome(State.EXPIRED, reason)
        case Wait(until) if until < message.send_until:
            return Outcome(State.PENDING, message.reason, due_at=until)
        case Wait():
            return Outcome(State.EXPIRED, "By the time the person may be written to, it would come too late.")
    return None


def compose(message: OutboxMessage, *, now: datetime) -> Letter:
    """Put the message into words."""
    given = rules(message.kind).placeholders(message)
    when = moment(message.occurrence_starts_at, ZoneInfo(given["zone"]), message.language, now=now)
    clinic = {"alias": settings.CLINIC.name, "phone": settings.CLINIC.phone, "portal": settings.PORTAL_ADDRESS}
    values = {**clinic, **when, "first_name": given["first_name"]}
    subject, body = texts.email(message.kind, message.language, values)
    return Letter(str(message.public_id), message.address, subject, body)


def again(message: OutboxMessage, reason: str, *, now: datetime) -> Outcome:
    """Wait for the next rung of the ladder, unless there is none or it is beyond the time to send."""
    if message.attempts >= len(LADDER):
        return Outcome(State.FAILED, f"{reason} It was tried {message.attempts + 1} times.", tried=True)
    due_at = now + LADDER[message.attempts] * SystemRandom().uniform(1 - JITTER, 1 + JITTER)
    if due_at >= message.send_until:
        return Outcome(State.FAILED, f"{reason} There was no time for another try.", tried=True)
    return Outcome(State.PENDING, reason, due_at=due_at, tried=True)


def after_crash(message: OutboxMessage, error: Exception, *, now: datetime) -> Outcome:
    """Try a message again that made our own code fail, three times in all."""
    # The type only: the text of an error may hold an address or a name.
    log.error("message.crashed message=%s error=%s", message.pk, type(error).__name__)
    reason = f"Our own code failed on it ({type(error).__name__})."
    if message.attempts + 1 >= CRASHES:
        return Outcome(State.FAILED, f"Parked: {reason}", tried=True)
    return again(message, reason, now=now)
