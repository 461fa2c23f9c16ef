"""When: seats held and taken, meetings with their instants, and what people say about coming."""

from scheduling.models.seats import Enrollment, EnrollmentQuerySet, GroupAgreement, SeatKind, SeatState, takes_a_seat
from scheduling.models.sessions import Reply, Session, SessionQuerySet

__all__ = [
    "Enrollment",
    "EnrollmentQuerySet",
    "GroupAgreement",
    "Reply",
    "SeatKind",
    "SeatState",
    "Session",
    "SessionQuerySet",
    "takes_a_seat",
]
