"""Two people are kept apart, and are not any more. Rows end; none is written over."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.models import KeepApart, Patient


class KeepApartRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


@transaction.atomic(durable=True)
def keep_apart(*, one: Patient, other: Patient, why: str, by: User, at: datetime) -> KeepApart:
    """
    Note that these two are not put together in a group; seats that they have now stay as they are.

    Raises:
        KeepApartRefused: they are one person, or are kept apart already.
    """
    if one.pk == other.pk:
        raise KeepApartRefused("That is the same person. Choose somebody else.")
    first, second = sorted((one, other), key=lambda person: person.pk)
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            return KeepApart.objects.create(first=first, second=second, why=why, recorded_by=by, recorded_at=at)
    except IntegrityError as error:
        if violates(error, "keep_apart_once"):
            raise KeepApartRefused(f"{one.short_name} and {other.short_name} are kept apart already.") from error
        raise


@transaction.atomic(durable=True)
def end_keep_apart(*, pair: KeepApart, by: User, at: datetime) -> None:
    """
    Note that the two may be put together again.

    Raises:
        KeepApartRefused: a colleague did so before.
    """
    locked = KeepApart.objects.select_for_update(no_key=True, of=("self",)).get(pk=pair.pk)
    if locked.ended_at is not None:
        raise KeepApartRefused("A colleague ended this before. Open the page again.")
    locked.ended_by, locked.ended_at = by, at
    locked.save(update_fields=["ended_by", "ended_at"])
