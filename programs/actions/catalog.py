"""The catalog: submitted, taken back, published by a second person, closed, retired, copied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import uuid4

from django.db import DatabaseError, connection, transaction

from accounts.models import User
from programs.listing import words_of
from programs.models import MOVES, Block, Cohort, EntryDate, Program, PublicState
from programs.refusals import sentence_of

Row = TypeVar("Row", Program, Cohort)


class CatalogRefused(Exception):
    """A refusal we foresaw; the message is fit to show."""


@transaction.atomic
def move(*, row: Row, to: PublicState, by: User, at: datetime) -> Row:
    """
    Move a program or a cohort between its states; publishing keeps what was published, as words.

    Raises:
        CatalogRefused: the move is none of the table, or the database refuses what would be published.
    """
    locked = lock(row)
    if refused := refusal_to_move(locked, to, by):
        raise CatalogRefused(refused)
    locked.state = to
    if to == PublicState.IN_REVIEW:
        locked.submitted_by, locked.submitted_at = by, at
    if to == PublicState.PUBLISHED:
        locked.published_by, locked.published_at = by, at
        locked.published_as = words_of(locked)
    write(locked)
    return locked


def refusal_to_move(row: Program | Cohort, to: PublicState, by: User) -> str | None:
    """Why this person may not move this row there; None when they may."""
    now = PublicState(row.state)
    if to not in MOVES[now]:
        return f"It is {now.label.lower()} and cannot become {to.label.lower()}. Open it again."
    if to == PublicState.PUBLISHED and row.submitted_by_id == by.pk:
        return "You submitted it for review. A second administrator reads it and publishes it."
    return None


@transaction.atomic
def close(*, cohort: Cohort, at: datetime) -> Cohort:
    """Stop entry; the cohort goes on for those who have a seat."""
    locked = lock(cohort)
    if locked.state != PublicState.PUBLISHED or locked.closed_at is not None:
        raise CatalogRefused("It takes nobody as it is.")
    locked.closed_at = at
    write(locked)
    return locked


@transaction.atomic
def reopen(*, cohort: Cohort) -> Cohort:
    """Take people again."""
    locked = lock(cohort)
    if locked.state != PublicState.PUBLISHED or locked.closed_at is None:
        raise CatalogRefused("It is not closed.")
    locked.closed_at = None
    write(locked)
    return locked


def lock(row: Row) -> Row:
    rows = type(row).objects.select_for_update(no_key=True, of=("self",))
    return rows.get(pk=row.pk)


def write(row: Program | Cohort) -> None:
    """Save, and have what waits for the end of the transaction looked at now, so that a refusal is a sentence."""
    try:
        with transaction.atomic():
            row.save()
            connection.check_constraints()
    except DatabaseError as error:
        if sentence := sentence_of(error):
            raise CatalogRefused(sentence) from error
        raise


# ---- Copies ----

AS_NEW: Final[Mapping[str, Any]] = {
    "submitted_by": None,
    "submitted_at": None,
    "published_by": None,
    "published_at": None,
    "published_as": {},
}


@transaction.atomic
def clone_program(*, program: Program) -> Program:
    """A draft that says the same under another name; its cohorts and accreditations stay where they are."""
    copy = Program.objects.get(pk=program.pk)
    taken = set(Program.objects.values_list("name", flat=True)) | set(Program.objects.values_list("slug", flat=True))
    make_new(copy)
    copy.name = free_name(program.name, taken, limit=80, between=" copy")
    copy.slug = free_name(program.slug, taken, limit=60, between="-copy")
    copy.save()
    return copy


@transaction.atomic
def clone_cohort(*, cohort: Cohort) -> Cohort:
    """A draft for the run after this one, as long, with the same week and the same people who lead."""
    copy, length = Cohort.objects.get(pk=cohort.pk), cohort.ends_on - cohort.starts_on
    taken = set(cohort.program.cohorts.values_list("name", flat=True))
    make_new(copy)
    copy.name = free_name(cohort.name, taken, limit=80, between=" copy")
    copy.closed_at = None
    copy.starts_on, copy.ends_on = cohort.ends_on, cohort.ends_on + length
    copy.last_entry_on = cohort.last_entry_on + length
    copy.save()
    copy.payers.set(cohort.payers.all())
    copy.co_facilitators.set(cohort.co_facilitators.all())
    for block in cohort.blocks.all():
        Block.objects.create(
            cohort=copy,
            weekday=block.weekday,
            starts=block.starts,
            minutes=block.minutes,
            kind=block.kind,
            title=block.title,
        )
    EntryDate.objects.bulk_create(EntryDate(cohort=copy, on=each.on + length) for each in cohort.entry_dates.all())
    return copy


def make_new(row: Program | Cohort) -> None:
    row.pk, row.public_id, row.state = None, uuid4(), PublicState.DRAFT
    row._state.adding = True
    for name, value in AS_NEW.items():
        setattr(row, name, value)


def free_name(name: str, taken: set[str], *, limit: int, between: str) -> str:
    """The name with "copy" behind it, and a number when that is taken."""
    for number in range(1, 1000):
        tail = between if number == 1 else f"{between} {number}" if " " in between else f"{between}-{number}"
        found = f"{name[: limit - len(tail)]}{tail}"
        if found not in taken:
            return found
    raise CatalogRefused("There are too many copies of it. Rename some first.")
