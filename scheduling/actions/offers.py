"""What a seat's deed means for the line: who has it waits no more, who gives it up is back."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from scheduling.models import Enrollment, SeatOffer, WaitlistEntry, WaitlistStep

Kind = WaitlistStep.Kind


def step(entry: WaitlistEntry, kind: WaitlistStep.Kind, note: str, *, by: User | None, at: datetime) -> None:
    """Write one line of the story."""
    WaitlistStep.objects.create(entry=entry, kind=kind, note=note, by=by, at=at)


def open_offer(entry: WaitlistEntry) -> SeatOffer | None:
    return entry.offers.filter(state=SeatOffer.State.OPEN).select_related("seat", "cohort__location").first()


def back_in_line(entry: WaitlistEntry, *, at: datetime) -> None:
    """Note that the place that was offered is not held any more; looked at when somebody asks, as every hold is."""
    made = entry.offers.select_related("seat").first()
    if entry.state != WaitlistEntry.State.OFFERED or made is None or made.seat.takes_seat(at):
        return
    if made.state == SeatOffer.State.OPEN:
        made.state = SeatOffer.State.EXPIRED
        made.save(update_fields=["state"])
    step(entry, Kind.EXPIRED, "", by=None, at=made.seat.held_until or at)
    entry.state = WaitlistEntry.State.WAITING
    entry.save(update_fields=["state"])


def seated(seat: Enrollment, *, by: User, at: datetime) -> None:
    """Whoever has a place in a program does not wait for it any more; the caller has the person's lock."""
    for entry in WaitlistEntry.objects.open().filter(patient=seat.patient_id, program=seat.cohort.program_id):
        if made := open_offer(entry):
            made.state = SeatOffer.State.ACCEPTED
            made.save(update_fields=["state"])
            step(entry, Kind.ACCEPTED, "", by=by, at=at)
        entry.state = WaitlistEntry.State.PLACED
        entry.save(update_fields=["state"])


def given_up(seat: Enrollment, *, by: User, at: datetime) -> None:
    """Whoever gives up a place that was offered is back in line; the caller has the person's lock."""
    rows = WaitlistEntry.objects.open().filter(offers__seat=seat, state=WaitlistEntry.State.OFFERED)
    for entry in rows:
        if made := open_offer(entry):
            made.state = SeatOffer.State.DECLINED
            made.save(update_fields=["state"])
        step(entry, Kind.DECLINED, "", by=by, at=at)
        entry.state = WaitlistEntry.State.WAITING
        entry.save(update_fields=["state"])
