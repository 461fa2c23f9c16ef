"""The waitlist: joining it, asking whether people are safe meanwhile, moving them, offering a freed seat, leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake import protocol
from intake.actions import safety
from intake.models import Patient
from programs.models import Cohort, Program
from scheduling.actions.offers import back_in_line, open_offer, step
from scheduling.actions.seating import Desk, EnrollmentRefused, end, patiently, sit_down, until
from scheduling.actions.seats import keep
from scheduling.line import next_who_fits
from scheduling.models import Enrollment, SeatOffer, SeatState, Urgency, WaitlistEntry, WaitlistStep

Kind, State = WaitlistStep.Kind, WaitlistEntry.State
WORRY = next(reason for reason in protocol.REASONS if reason.code == "worry_by_clinician")
CHECKS = (Kind.CHECKED, Kind.NOT_REACHED, Kind.WORRIED)


class WaitlistRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What is known when somebody joins the line."""

    program: Program
    cohort: Cohort | None
    urgency: str
    referred_on: date
    interim: str


@transaction.atomic(durable=True)
def join(*, patient: Patient, joining: Joining, by: User, at: datetime) -> WaitlistEntry:
    """
    Put a person in the line of a program.

    Raises:
        WaitlistRefused: they wait for it already, or have a place in it.
    """
    person = Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient.pk)
    if person.enrollments.live(at).filter(cohort__program=joining.program).exists():
        raise WaitlistRefused(f"{person.short_name} has a place in this program already.")
    values = {name: getattr(joining, name) for name in Joining.__slots__}
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            entry = WaitlistEntry.objects.create(
                patient=person, **values, safety_checked_at=at, added_by=by, added_at=at
            )
    except IntegrityError as error:
        if violates(error, "waitlist_once_per_program"):
            raise WaitlistRefused(f"{person.short_name} already waits for this program.") from error
        raise
    step(entry, Kind.JOINED, joining.interim, by=by, at=at)
    return entry


# ---- While they wait ----


def change(entry: WaitlistEntry, deed: Callable[[WaitlistEntry], None]) -> WaitlistEntry:
    """Do something about an entry that is still open, under its lock; the caller has the transaction."""
    locked = WaitlistEntry.objects.select_for_update(no_key=True, of=("self",)).get(pk=entry.pk)
    refuse_ended(locked)
    deed(locked)
    locked.save()
    return locked


def refuse_ended(entry: WaitlistEntry) -> None:
    if entry.state in {State.PLACED, State.LEFT}:
        raise WaitlistRefused(
            f"{entry.patient.short_name} does not wait any more: {entry.get_state_display().lower()}."
        )


def check_safety(*, entry: WaitlistEntry, outcome: str, note: str, by: User, at: datetime) -> None:
    """
    Record that somebody who waits was asked whether they are safe; cause for concern opens a safety alert.

    Who was not reached stays due.

    Raises:
        WaitlistRefused: they do not wait any more.
    """
    if outcome not in CHECKS:
        raise ValueError(f"{outcome} is not an outcome of a check.")
    if outcome == Kind.WORRIED:
        # First and on its own: whatever happens to the line of the list, the alert is there.
        safety.open_by_hand(patient=entry.patient, reason=WORRY, words=note, by=by, at=at)
    record_check(entry=entry, outcome=outcome, note=note, by=by, at=at)


@transaction.atomic(durable=True)
def record_check(*, entry: WaitlistEntry, outcome: str, note: str, by: User, at: datetime) -> None:
    def deed(locked: WaitlistEntry) -> None:
        if outcome != Kind.NOT_REACHED:
            locked.safety_checked_at = at
        step(locked, Kind(outcome), note, by=by, at=at)

    change(entry, deed)


@transaction.atomic(durable=True)
def agree_interim(*, entry: WaitlistEntry, words: str, by: User, at: datetime) -> None:
    """
    Note the support that a person has until a place opens.

    Raises:
        WaitlistRefused: they do not wait any more.
    """

    def deed(locked: WaitlistEntry) -> None:
        locked.interim = words
        step(locked, Kind.INTERIM, words, by=by, at=at)

    change(entry, deed)


@transaction.atomic(durable=True)
def move_to_front(*, entry: WaitlistEntry, reason: str, by: User, at: datetime) -> None:
    """
    Put somebody before everybody else in the line, with a reason that stands beside their place.

    Raises:
        WaitlistRefused: they do not wait any more, or stand at the front already.
    """

    def deed(locked: WaitlistEntry) -> None:
        if locked.moved_at is not None:
            raise WaitlistRefused(f"{locked.patient.short_name} was moved to the front before.")
        locked.moved_at, locked.moved_by, locked.moved_reason = at, by, reason
        step(locked, Kind.MOVED, reason, by=by, at=at)

    change(entry, deed)


@transaction.atomic(durable=True)
def put_back(*, entry: WaitlistEntry, reason: str, by: User, at: datetime) -> None:
    """
    Put somebody back where urgency and the day of the referral have them.

    Raises:
        WaitlistRefused: they do not wait any more, or stand there already.
    """

    def deed(locked: WaitlistEntry) -> None:
        if locked.moved_at is None:
            raise WaitlistRefused(f"{locked.patient.short_name} stands in order already.")
        locked.moved_at, locked.moved_by, locked.moved_reason = None, None, ""
        step(locked, Kind.MOVED_BACK, reason, by=by, at=at)

    change(entry, deed)


@transaction.atomic(durable=True)
def set_urgency(*, entry: WaitlistEntry, urgency: str, reason: str, by: User, at: datetime) -> None:
    """
    Say anew how urgent it is, with a reason.

    Raises:
        WaitlistRefused: they do not wait any more.
    """

    def deed(locked: WaitlistEntry) -> None:
        locked.urgency = Urgency(urgency)
        step(locked, Kind.URGENCY, f"{Urgency(urgency).label}: {reason}"[:300], by=by, at=at)

    change(entry, deed)


# ---- Offering ----


def offer(*, entry: WaitlistEntry, cohort: Cohort, by: User, at: datetime, passing: str = "") -> SeatOffer:
    """
    Offer a free seat to somebody who waits; it counts as taken until the offer ends.

    Args:
        passing: why somebody who stands before them and fits is passed over; empty when nobody is.
    Raises:
        WaitlistRefused: they do not wait any more, have an offer, or somebody else is next and no reason was given.
        EnrollmentRefused: as `hold`; `CohortFull` when no seat is free any more.
    """
    return patiently(lambda: _offer(entry=entry, cohort=cohort, by=by, at=at, passing=passing))


@transaction.atomic(durable=True)
def _offer(*, entry: WaitlistEntry, cohort: Cohort, by: User, at: datetime, passing: str) -> SeatOffer:
    # Two coordinators may offer to the same person, in one cohort or in two: the second waits, and is told.
    desk = sit_down(entry.patient, cohort, at=at)
    locked = in_line(entry, desk)
    refuse_offered(locked, desk)
    following = next_who_fits(desk.cohort, at)
    if following is not None and following.pk != locked.pk:
        name = following.patient.short_name
        if not passing:
            raise WaitlistRefused(f"{name} is next in line and fits. Say why {locked.patient.short_name} comes first.")
        step(following, Kind.PASSED, passing, by=by, at=at)
    held = keep(desk, by=by, until=at + timedelta(hours=settings.CLINIC.offer_hours)).enrollment
    locked.state = State.OFFERED
    locked.save(update_fields=["state"])
    made = SeatOffer.objects.create(
        entry=locked, cohort=desk.cohort, seat=held, offered_by=by, offered_at=at, expires_at=held.held_until or at
    )
    step(locked, Kind.OFFERED, f"{desk.cohort.name}, until {until(held)}", by=by, at=at)
    return made


def in_line(entry: WaitlistEntry, desk: Desk) -> WaitlistEntry:
    """The entry under its lock, after the person's; an offer that ran out is noted."""
    rows = WaitlistEntry.objects.select_for_update(no_key=True, of=("self",)).select_related("patient", "program")
    locked = rows.get(pk=entry.pk)
    refuse_ended(locked)
    back_in_line(locked, at=desk.at)
    return locked


def refuse_offered(entry: WaitlistEntry, desk: Desk) -> None:
    if entry.state == State.OFFERED and (made := entry.offers.select_related("cohort__location", "seat").first()):
        raise WaitlistRefused(
            f"{made.offered_by} offered {entry.patient.short_name} a place in {made.cohort.name},"
            f" which is held until {until(made.seat)}."
        )
    if entry.program_id != desk.cohort.program_id:
        raise WaitlistRefused(f"{entry.patient.short_name} waits for another program.")


def accept(*, made: SeatOffer, by: User, at: datetime) -> Enrollment:
    """
    Note that somebody takes the place that was offered; it is held for them as every place is, until they are enrolled.

    Raises:
        WaitlistRefused: the offer ran out, or was answered before.
    """
    return patiently(lambda: _answer(made=made, accepts=True, note="", by=by, at=at))


def decline(*, made: SeatOffer, note: str, by: User, at: datetime) -> Enrollment:
    """
    Note that somebody does not take it; the seat is free for the next, and they stay in line.

    Raises:
        WaitlistRefused: the offer ran out, or was answered before.
    """
    return patiently(lambda: _answer(made=made, accepts=False, note=note, by=by, at=at))


@transaction.atomic(durable=True)
def _answer(*, made: SeatOffer, accepts: bool, note: str, by: User, at: datetime) -> Enrollment:
    desk = sit_down(made.entry.patient, made.cohort, at=at)
    entry = WaitlistEntry.objects.select_for_update(no_key=True).get(pk=made.entry_id)
    current = open_offer(entry)
    seat = next((each for each in desk.seats if each.pk == made.seat_id), None)
    if seat is None and made.expires_at <= at:
        raise WaitlistRefused(
            f"This place was offered until {until(made.seat)}. It is free for whoever is next in line."
        )
    if seat is None or current is None or current.pk != made.pk:
        raise WaitlistRefused("This offer was answered before. Look at the list again.")
    current.state = SeatOffer.State.ACCEPTED if accepts else SeatOffer.State.DECLINED
    current.save(update_fields=["state"])
    step(entry, Kind.ACCEPTED if accepts else Kind.DECLINED, note, by=by, at=at)
    if accepts:
        seat.held_until = at + timedelta(hours=settings.CLINIC.hold_hours)
        seat.save(update_fields=["held_until"])
        return seat
    end(seat, SeatState.WITHDRAWN, by=by, at=at, reason="The offer was declined.")
    entry.state = State.WAITING
    entry.save(update_fields=["state"])
    return seat


def leave(*, entry: WaitlistEntry, reason: str, by: User, at: datetime) -> None:
    """
    Take somebody off the list, with a reason; a place that is offered to them is free again.

    Raises:
        WaitlistRefused: they do not wait any more.
    """
    patiently(lambda: _leave(entry=entry, reason=reason, by=by, at=at))


@transaction.atomic(durable=True)
def _leave(*, entry: WaitlistEntry, reason: str, by: User, at: datetime) -> None:
    last = entry.offers.select_related("cohort").first()
    person = Patient.objects.get(pk=entry.patient_id)
    desk = sit_down(person, last.cohort, at=at) if last else None
    rows = WaitlistEntry.objects.select_for_update(no_key=True, of=("self",)).select_related("patient")
    locked = rows.get(pk=entry.pk)
    refuse_ended(locked)
    if desk and last and (held := next((each for each in desk.seats if each.pk == last.seat_id), None)):
        if held.state == SeatState.ACTIVE:
            raise WaitlistRefused(f"{person.short_name} has the place that was offered.")
        end(held, SeatState.WITHDRAWN, by=by, at=at, reason="Left the waitlist.")
        if current := open_offer(locked):
            current.state = SeatOffer.State.DECLINED
            current.save(update_fields=["state"])
    locked.state = State.LEFT
    locked.save(update_fields=["state"])
    step(locked, Kind.LEFT, reason, by=by, at=at)


__all__ = [
    "EnrollmentRefused",
    "Joining",
    "WaitlistRefused",
    "accept",
    "agree_interim",
    "check_safety",
    "decline",
    "join",
    "leave",
    "move_to_front",
    "offer",
    "put_back",
    "set_urgency",
]
