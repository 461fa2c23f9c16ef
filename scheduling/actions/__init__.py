"""What the clinic can do about time and seats."""

from scheduling.actions.papers import sign_group_agreement
from scheduling.actions.replies import ReplyRefused, reply
from scheduling.actions.seats import (
    AlreadyEnrolled,
    CohortFull,
    Enrolled,
    EnrollmentRefused,
    Held,
    HoldExpired,
    WithdrawalRefused,
    complete,
    enroll,
    enroll_from_hold,
    hold,
    plan_reminders,
    transfer,
    withdraw,
)
from scheduling.actions.sessions import Generated, SessionsRefused, drop_sessions_of, generate_sessions

__all__ = [
    "AlreadyEnrolled",
    "CohortFull",
    "Enrolled",
    "EnrollmentRefused",
    "Generated",
    "Held",
    "HoldExpired",
    "ReplyRefused",
    "SessionsRefused",
    "WithdrawalRefused",
    "complete",
    "drop_sessions_of",
    "enroll",
    "enroll_from_hold",
    "generate_sessions",
    "hold",
    "plan_reminders",
    "reply",
    "sign_group_agreement",
    "transfer",
    "withdraw",
]
