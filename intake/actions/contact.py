"""How somebody may be reached, and who stands by them. Rows end; none is written over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.events import wish_recorded
from intake.models import Channel, ContactWish, Patient, SupportPerson


class ContactRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody said about one channel, with the words they were asked."""

    channel: str
    is_wanted: bool
    statement: str
    may_leave_message: bool = False
    may_say_who: bool = False
    best_times: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supporter:
    """Somebody who stands by a person, checked."""

    name: str
    relation: str
    phone: str = ""
    email: str = ""
    is_emergency_contact: bool = False


@transaction.atomic(durable=True)
def record_wish(*, patient: Patient, wish: Wish, by: User, at: datetime) -> ContactWish:
    """Keep a wish; it ends the one before about the same channel."""
    locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    locked.contact_wishes.live().filter(channel=wish.channel).update(ended_at=at)
    (kept,) = add_wishes(patient=locked, wishes=[wish], by=by, at=at)
    wish_recorded.send(sender=ContactWish, wish=kept, at=at)
    return kept


def add_wishes(*, patient: Patient, wishes: Iterable[Wish], by: User, at: datetime) -> list[ContactWish]:
    """The rows of wishes where none stand yet; part of the deed that calls it."""
    return ContactWish.objects.bulk_create(
        ContactWish(patient=patient, recorded_by=by, said_at=at, **asdict(wish)) for wish in wishes
    )


@transaction.atomic(durable=True)
def change_contact_data(*, patient: Patient, phone: str, email: str, at: datetime) -> Patient:
    """
    Keep another phone number or email address.

    The wishes for the old one end with it: nobody was asked about the new one, which others may read or answer.
    """
    locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    stale = [channel for channel in (Channel.CALL, Channel.TEXT) if locked.phone != phone]
    stale += [Channel.EMAIL] if locked.email != email else []
    locked.contact_wishes.live().filter(channel__in=stale).update(ended_at=at)
    locked.phone, locked.email = phone, email
    locked.save(update_fields=["phone", "email"])
    return locked


@transaction.atomic(durable=True)
def add_supporter(*, patient: Patient, supporter: Supporter, by: User, at: datetime, key: UUID) -> SupportPerson:
    """Add somebody; `key` came with the form, so that pressing twice adds one."""
    return _add(patient, supporter, by=by, at=at, key=key)


@transaction.atomic(durable=True)
def change_supporter(*, known: SupportPerson, supporter: Supporter, by: User, at: datetime, key: UUID) -> SupportPerson:
    """
    End the row and write a new one, so that who was called last month can still be read.

    Raises:
        ContactRefused: a colleague changed or ended the row meanwhile.
    """
    if repeated := SupportPerson.objects.filter(public_id=key, patient=known.patient_id).first():
        return repeated
    _end(known, by=by, at=at)
    return _add(known.patient, supporter, by=by, at=at, key=key)


@transaction.atomic(durable=True)
def end_supporter(*, known: SupportPerson, by: User, at: datetime) -> None:
    """
    Note that somebody no longer stands by the person.

    Raises:
        ContactRefused: a colleague changed or ended the row meanwhile.
    """
    _end(known, by=by, at=at)


def _add(patient: Patient, supporter: Supporter, *, by: User, at: datetime, key: UUID) -> SupportPerson:
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            return SupportPerson.objects.create(
                patient=patient, public_id=key, added_by=by, added_at=at, **asdict(supporter)
            )
    except IntegrityError as error:
        repeated = SupportPerson.objects.filter(public_id=key, patient=patient).first()
        if repeated is None or not violates(error, "intake_supportperson_public_id_key"):
            raise
        return repeated


def _end(known: SupportPerson, *, by: User, at: datetime) -> None:
    locked = SupportPerson.objects.select_for_update(no_key=True).get(pk=known.pk)
    if locked.ended_at is not None:
        raise ContactRefused(f"{locked.name} was changed or ended by a colleague meanwhile. Open the page again.")
    locked.ended_by, locked.ended_at = by, at
    locked.save(update_fields=["ended_by", "ended_at"])
