"""What the clinic can do about time and seats."""

from scheduling.actions.replies import ReplyRefused, reply
from scheduling.actions.seats import (
    AlreadyEnrolled,
    CohortFull,
    Enrolled,
    EnrollmentRefused,
    WithdrawalRefused,
    enroll,
    plan_reminders,
    withdraw,
)
from scheduling.actions.sessions import Generated, SessionsRefused, drop_sessions_of, generate_sessions

__all__ = [
    "AlreadyEnrolled",
    "CohortFull",
    "Enrolled",
    "EnrollmentRefused",
    "Generated",
    "ReplyRefused",
    "SessionsRefused",
    "WithdrawalRefused",
    "drop_sessions_of",
    "enroll",
    "generate_sessions",
    "plan_reminders",
    "reply",
    "withdraw",
]
