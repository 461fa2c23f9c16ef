"""What the clinic does with a first contact: take it in, sort it, note the call, close it, make a patient of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.lookalikes import name_key
from intake.models import Inquiry, Patient
from intake.promises import call_back_by

State, Triage = Inquiry.State, Inquiry.Triage

MOVES: Final[Mapping[str, frozenset[str]]] = {
    State.NEW: frozenset({State.CALLED, State.CLOSED, State.REGISTERED}),
    State.CALLED: frozenset({State.CLOSED, State.REGISTERED}),
    State.CLOSED: frozenset({State.CALLED}),
    State.REGISTERED: frozenset(),
}
# Read over the phone: no vowels, so no words, and nothing that looks or sounds like something else.
ALPHABET: Final = "234679CDFHJKMRTWXY"
NUMBER_LENGTH: Final = 6


class InquiryRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class TooManySent(Exception):
    """Enough came from there for now; nothing was kept."""


class SentDifferently(Exception):
    """This form was sent before with other content; `number` is what was given for it then."""

    def __init__(self, number: str) -> None:
        super().__init__(f"This was already sent as {number}, with different content.")
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """What somebody told us, already checked."""

    who: str
    name: str
    person_name: str
    referrer: str
    language: str
    reach_by: str
    phone: str
    email: str
    shared_phone: bool
    may_leave_message: bool
    may_say_who: bool
    words: str
    safe_now: str
    insurance: str


def new_number() -> str:
    """A number to quote, such as "Q-7KM2XR"; it says nothing about when or how many."""
    return "Q-" + "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_LENGTH))


@transaction.atomic
def receive(
    *, contact: FirstContact, form_key: UUID, zone: ZoneInfo, at: datetime, may_send: Callable[[], bool] | None = None
) -> Inquiry:
    """
    Keep a first contact with its number and the time by which we promised to call; a form sent again gives the same.

    Nobody is looked up: the answer is the same whether or not we know the person (SEC-20).

    Args:
        form_key: the form's own; two presses carry the same one.
        may_send: asked when the message is a new one, so that one sent twice counts once.
    Raises:
        TooManySent: `may_send` said no.
        SentDifferently: the form was sent before with other content.
    """
    told = {name: getattr(contact, name) for name in FirstContact.__slots__}
    inquiry = _insert({**told, "form_key": form_key, "promised_by": call_back_by(at, zone), "received_at": at})
    if inquiry is None:
        return _sent_before(form_key, told)
    if may_send and not may_send():
        raise TooManySent
    return inquiry


def _insert(values: Mapping[str, Any]) -> Inquiry | None:
    """The new row; None when this form was sent before. A second press waits here until the first is through."""
    fresh = Inquiry(**values)
    fresh.name_key = name_key(fresh.who_needs_care)
    while True:
        fresh.number = new_number()
        try:
            with transaction.atomic():  # a savepoint: only a number that was given before is tried again
                fresh.save(force_insert=True)
        except IntegrityError as error:
            if violates(error, "inquiry_sent_once"):
                return None
            if not violates(error, "intake_inquiry_number_key"):
                raise
        else:
            return fresh


def _sent_before(form_key: UUID, told: Mapping[str, Any]) -> Inquiry:
    kept = Inquiry.objects.get(form_key=form_key)
    if any(getattr(kept, name) != value for name, value in told.items()):
        raise SentDifferently(kept.number)
    return kept


@transaction.atomic(durable=True)
def sort(*, inquiry: Inquiry, triage: str, note: str, seen: str, by: User, at: datetime) -> Inquiry:
    """
    Set how soon to call, with a note for colleagues.

    Args:
        seen: the triage that stood on the page; another one now means that a colleague was quicker.
    Raises:
        InquiryRefused: a colleague was quicker, or the inquiry is done.
    """
    locked = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
    if State.REGISTERED not in MOVES[locked.state]:
        raise InquiryRefused(f"Inquiry {locked.number} is “{locked.get_state_display()}” now. Triage is for open ones.")
    if locked.triage != seen:
        now = locked.get_triage_display() or "Not sorted"
        raise InquiryRefused(f"A colleague set this to “{now}” meanwhile. Look at it and choose again.")
    locked.triage, locked.triage_note, locked.triaged_by, locked.triaged_at = Triage(triage), note, by, at
    locked.save(update_fields=["triage", "triage_note", "triaged_by", "triaged_at"])
    return locked


@transaction.atomic(durable=True)
def move(*, inquiry: Inquiry, to: str, by: User, at: datetime) -> Inquiry:
    """
    Note that somebody was called, or that nothing more is to be done.

    Raises:
        InquiryRefused: the inquiry does not stand where this step begins, or a colleague was quicker.
    """
    locked = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
    if to == State.REGISTERED or to not in MOVES[locked.state]:
        raise InquiryRefused(f"Inquiry {locked.number} is “{locked.get_state_display()}” now. Open it again to go on.")
    return _set(locked, to=to, by=by, at=at)


@transaction.atomic
def hand_over(*, inquiry: Inquiry, patient: Patient, by: User, at: datetime) -> Inquiry:
    """
    Note as whom the inquiry was registered; part of the deed that registers the patient.

    Raises:
        InquiryRefused: it was registered or closed meanwhile.
    """
    locked = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
    if State.REGISTERED not in MOVES[locked.state]:
        raise InquiryRefused(f"Inquiry {locked.number} is “{locked.get_state_display()}” already.")
    locked.patient = patient
    return _set(locked, to=State.REGISTERED, by=by, at=at)


def _set(inquiry: Inquiry, *, to: str, by: User, at: datetime) -> Inquiry:
    inquiry.state, inquiry.handled_by, inquiry.handled_at = to, by, at
    inquiry.save(update_fields=["state", "handled_by", "handled_at", "patient"])
    return inquiry
