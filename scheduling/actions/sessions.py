"""From a cohort's weekly pattern to its sessions, as rows with exact instants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from messaging import actions as messaging
from messaging import moments
from messaging.models import OutboxMessage, State
from messaging.tasks import ring
from programs.models import Block, Closure, Cohort
from scheduling import reminders, timetable
from scheduling.models import Enrollment, Reply, Session

Key = tuple[int | None, date]  # the block, and the day on the location's wall
FROM_PATTERN = ("during", "kind", "title", "room_id", "facilitator_id")


class SessionsRefused(Exception):
    """The pattern cannot be put on the calendar; the message names what is in the way."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What became of the sessions ahead; `kept` differ from the pattern because people were told or answered."""

    added: int
    changed: int
    removed: int
    kept: int


@transaction.atomic(durable=True)
def generate_sessions(*, cohort: Cohort, at: datetime) -> Generated:
    """
    Bring the sessions ahead in line with the weekly pattern; a second time changes nothing.

    Raises:
        SessionsRefused: a room, a facilitator or the cohort itself is taken at one of the times.
    """
    done = write_sessions(lock(cohort), at=at)
    transaction.on_commit(ring, robust=True)
    return done


def lock(cohort: Cohort) -> Cohort:
    """The cohort under its lock, which is the first that any deed over seats or sessions takes."""
    rows = Cohort.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("program__track", "location", "room", "facilitator").get(pk=cohort.pk)


def write_sessions(cohort: Cohort, *, at: datetime) -> Generated:
    """The rows of `generate_sessions`, for a caller that holds the cohort's lock."""
    wanted = {key: session for key, session in by_pattern(cohort).items() if session.starts_at > at}
    present = {(row.block_id, row.local_on): row for row in cohort.sessions.filter(block__isnull=False)}
    missing = [session for key, session in wanted.items() if key not in present]
    ahead = {key: row for key, row in present.items() if row.starts_at > at and row.canceled_at is None}
    differ = [row for key, row in ahead.items() if key not in wanted or shape(row) != shape(wanted[key])]
    touched = touched_among(differ)
    free = [row for row in differ if row.pk not in touched]
    gone = [row for row in free if (row.block_id, row.local_on) not in wanted]
    moved = [(row, wanted[row.block_id, row.local_on]) for row in free if (row.block_id, row.local_on) in wanted]
    remove(gone)
    store(cohort, missing, moved, at=at)
    remind_again(cohort, [*missing, *(row for row, _ in moved)], moved=[row for row, _ in moved], at=at)
    return Generated(len(missing), len(moved), len(gone), len(touched))


def by_pattern(cohort: Cohort) -> dict[Key, Session]:
    """Every session of the cohort's run, as its pattern has it; none on a day on which its location is closed."""
    blocks = {(block.weekday, block.starts): block for block in cohort.blocks.all()}
    pattern = [timetable.Block(block.weekday, block.starts, block.minutes, block.kind) for block in blocks.values()]
    # The cohort's end is the day after its last day; a run names the last day.
    run = timetable.Run(cohort.starts_on, cohort.ends_on - timedelta(days=1), ZoneInfo(cohort.location.zone))
    closures = Closure.objects.filter(Q(location=cohort.location) | Q(location__isnull=True))
    closed = [(each.starts_on, each.ends_on) for each in closures]
    found: dict[Key, Session] = {}
    for each in timetable.occurrences(pattern, run):
        block = blocks[each.block.weekday, each.block.starts]
        if not any(starts_on <= each.local_date < ends_on for starts_on, ends_on in closed):
            found[block.pk, each.local_date] = session_of(cohort, block, each)
    return found


def session_of(cohort: Cohort, block: Block, each: timetable.Occurrence) -> Session:
    return Session(
        cohort=cohort,
        block=block,
        local_on=each.local_date,
        during=DateTimeTZRange(each.starts_at, each.ends_at),
        kind=block.kind,
        title=block.title,
        room=cohort.room,
        facilitator=cohort.facilitator,
    )


def shape(session: Session) -> tuple[object, ...]:
    """What the pattern decides about a session."""
    return session.starts_at, session.ends_at, *(getattr(session, name) for name in FROM_PATTERN[1:])


def touched_among(sessions: Collection[Session]) -> set[int]:
    """Those about which somebody has answered or was told: the pattern no longer changes them."""
    if not sessions:
        return set()
    told = OutboxMessage.objects.filter(
        occurrence__in=[reminders.occurrence(session) for session in sessions], state=State.SENT
    ).values_list("occurrence", flat=True)
    answered = set(Reply.objects.filter(session__in=sessions).values_list("session", flat=True))
    known = set(told)
    return answered | {session.pk for session in sessions if reminders.occurrence(session) in known}


def remove(sessions: Collection[Session]) -> None:
    if sessions:
        messaging.cancel(
            reason="The session is no longer planned.",
            occurrences=[reminders.occurrence(session) for session in sessions],
        )
        Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()


def store(cohort: Cohort, missing: list[Session], moved: list[tuple[Session, Session]], *, at: datetime) -> None:
    """Write new and changed sessions, or say which one is in the way."""
    rows = [row for row, _ in moved]
    for row, pattern in moved:
        for name in FROM_PATTERN:
            setattr(row, name, getattr(pattern, name))
    try:
        with transaction.atomic():
            # Two sessions may change places: out of the way first, or the first to move meets the second.
            Session.objects.filter(pk__in=[row.pk for row in rows]).update(canceled_at=at)
            Session.objects.bulk_update(rows, [*(name.removesuffix("_id") for name in FROM_PATTERN), "canceled_at"])
            Session.objects.bulk_create(missing)
    except IntegrityError as error:
        if clash := first_clash([*rows, *missing]):
            raise SessionsRefused(clash) from error
        raise


def first_clash(wanted: Iterable[Session]) -> str | None:
    """Name the first session that takes the room, the facilitator or the cohort's own time."""
    in_order = sorted(wanted, key=lambda session: session.starts_at)
    for one, following in pairwise(in_order):
        if following.starts_at < one.ends_at:
            return clash_words(following, one)
    for session in in_order:
        others = Session.objects.planned().filter(during__overlap=session.during).exclude(pk=session.pk)
        for other in others.select_related("cohort__location", "room", "facilitator"):
            if sentence := clash_words(session, other):
                return sentence
    return None


def clash_words(session: Session, other: Session) -> str | None:
    if other.cohort_id == session.cohort_id:
        who = f"{session.cohort.name} already meets"
    elif other.room_id is not None and other.room_id == session.room_id:
        who = f"{other.room} is taken"
    elif other.facilitator_id is not None and other.facilitator_id == session.facilitator_id:
        who = f"{other.facilitator} leads another session"
    else:
        return None
    local = other.starts_at.astimezone(other.place_zone)
    when = f"{moments.short_day(local, 'en')}, {moments.clock(local)}"
    return f"{who} on {when} ({other.title}, {other.cohort.name})."


def remind_again(cohort: Cohort, sessions: list[Session], *, moved: list[Session], at: datetime) -> None:
    """Plan the reminders of new and changed sessions for everybody who has a seat."""
    if not sessions:
        return
    if moved:
        messaging.cancel(
            reason="The session was moved.", occurrences=[reminders.occurrence(session) for session in moved]
        )
    seats = Enrollment.objects.active().filter(cohort=cohort).select_related("patient")
    planned = [message for seat in seats for message in reminders.messages_for(seat.patient, sessions)]
    messaging.plan(planned, now=at)


@transaction.atomic
def drop_sessions_of(*, block: Block, at: datetime) -> None:
    """Take the sessions ahead of a weekly meeting off the calendar, before the meeting itself is deleted."""
    ahead = list(block.sessions.planned().filter(during__startswith__gt=at))
    touched = touched_among(ahead)
    remove([session for session in ahead if session.pk not in touched])
