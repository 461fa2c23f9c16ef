"""What the clinic does with a first contact: take it in, note the call, close it, make a patient of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.models import Inquiry, Patient
from intake.promises import call_back_by

State = Inquiry.State

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """What somebody told us, already checked."""

    who: str
    name: str
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
def receive(*, contact: FirstContact, zone: ZoneInfo, at: datetime) -> Inquiry:
    """
    Keep a first contact with its number and the time by which we promised to call.

    Nobody is looked up: the answer is the same whether or not we know the person (SEC-20).
    """
    values = {name: getattr(contact, name) for name in FirstContact.__slots__}
    promised_by = call_back_by(at, zone)
    while True:
        try:
            with transaction.atomic():  # a savepoint: only a number that was given before is tried again
                return Inquiry.objects.create(number=new_number(), promised_by=promised_by, received_at=at, **values)
        except IntegrityError as error:
            if not violates(error, "intake_inquiry_number_key"):
                raise


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
