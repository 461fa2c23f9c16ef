"""Who may do what, with the reason when not: one sentence for the page, the refusal and the test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from scheduling.models import Enrollment, Session
from scheduling.standing import Standing


def refusal_to_enroll(where: Standing, clinicians: Iterable[str] = ()) -> str | None:
    """Say why this person cannot be given a seat now, and who can change that; None when they can."""
    who = f"A clinician of the care team ({', '.join(names)})" if (names := list(clinicians)) else "A clinician"
    if where.recommendation is None:
        return f"There is no signed intake yet. {who} signs it first."
    if gates := where.open_gates:
        if len(gates) == 1:
            return f"Check {gates[0]} is still open, and comes before any seat. {who} can close it on the recommendation page."
        checks = ", ".join(gates)
        return f"Checks {checks} are still open, and come before any seat. {who} can close them on the recommendation page."
    if not where.is_decided:
        return f"Nothing is decided yet. {who} or a supervisor records the decision on the recommendation page."
    return None


def refusal_to_withdraw(enrollment: Enrollment) -> str | None:
    if enrollment.withdrawn_at is not None:
        return f"{enrollment.patient.short_name} has already given up this seat."
    return None


def refusal_to_reply(session: Session, at: datetime) -> str | None:
    """Say why nobody can answer about this session any more; None when they can."""
    if session.canceled_at is not None:
        return "This session is canceled. There is nothing to do."
    if session.starts_at <= at:
        return "This session has already started. Please call us instead."
    return None
