"""When: seats held and taken, meetings with their instants, what people say about coming, and who waits."""

from scheduling.models.seats import Enrollment, EnrollmentQuerySet, GroupAgreement, SeatKind, SeatState, takes_a_seat
from scheduling.models.sessions import Reply, Session, SessionQuerySet
from scheduling.models.waitlist import SeatOffer, Urgency, WaitlistEntry, WaitlistEntryQuerySet, WaitlistStep

__all__ = [
    "Enrollment",
    "EnrollmentQuerySet",
    "GroupAgreement",
    "Reply",
    "SeatKind",
    "SeatOffer",
    "SeatState",
    "Session",
    "SessionQuerySet",
    "Urgency",
    "WaitlistEntry",
    "WaitlistEntryQuerySet",
    "WaitlistStep",
    "takes_a_seat",
]
