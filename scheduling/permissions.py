"""Who may do what, with the reason when not: one sentence for the page, the refusal and the test."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from scheduling.models import Enrollment, Session
from scheduling.standing import Ahead, Standing


def clinician_of(clinicians: Iterable[str]) -> str:
    names = ", ".join(clinicians)
    return f"A clinician of the care team ({names})" if names else "A clinician"


def refusal_to_hold(where: Standing, clinicians: Collection[str] = ()) -> str | None:
    """Say why no seat can be held for this person yet, and who can change that; None when one can."""
    who = clinician_of(clinicians)
    if where.recommendation is None:
        return f"There is no signed intake yet. {who} signs it first."
    if where.early_gates:
        return open_checks(where.early_gates, who)
    if not where.is_decided:
        return f"Nothing is decided yet. {who} or a supervisor records the decision on the recommendation page."
    return None


def open_checks(gates: Collection[str], who: str) -> str:
    names = ", ".join(gates)
    if len(gates) == 1:
        return f"Check {names} is still open, and comes before any seat. {who} can close it on the recommendation page."
    return f"Checks {names} are still open, and come before any seat. {who} can close them on the recommendation page."


def refusal_over_checks(ahead: Ahead) -> str | None:
    return open_checks(ahead.gates, clinician_of(ahead.clinicians)) if ahead.gates else None


def refusal_without_care(ahead: Ahead) -> str | None:
    return None if ahead.papers.care else unsigned("The consent to treatment, payment and operations", ahead)


def refusal_without_agreement(ahead: Ahead) -> str | None:
    return unsigned("The group agreement", ahead) if ahead.papers.group_is_missing else None


def unsigned(what: str, ahead: Ahead) -> str:
    return f"{what} is not signed yet. {clinician_of(ahead.clinicians)} or a supervisor signs it with the person."


def refusal_to_enroll(ahead: Ahead) -> str | None:
    """Say the first thing that comes before a seat is a person's own, and who can do it; None when all is there."""
    if ahead.where.recommendation is not None and (open_now := refusal_over_checks(ahead)):
        return open_now
    decision = refusal_to_hold(ahead.where, ahead.clinicians)
    return decision or refusal_without_care(ahead) or refusal_without_agreement(ahead)


def refusal_to_withdraw(enrollment: Enrollment, at: datetime) -> str | None:
    name = enrollment.patient.short_name
    if enrollment.has_run_out(at):
        return f"The hold for {name} has run out: nobody has this seat because of it any more."
    match enrollment.state:
        case Enrollment.State.WITHDRAWN:
            return f"{name} has already given up this seat."
        case Enrollment.State.TRANSFERRED:
            return f"{name} has moved to another cohort and has no seat here any more."
        case Enrollment.State.COMPLETED:
            return f"{name} has completed this program and has no seat here any more."
        case _:
            return None


def refusal_to_end(enrollment: Enrollment, at: datetime) -> str | None:
    """Why a seat cannot be completed or changed for another: only one that somebody has can."""
    if enrollment.state == Enrollment.State.HELD:
        return f"{enrollment.patient.short_name} does not have this seat yet: it was held for them."
    return refusal_to_withdraw(enrollment, at)


def refusal_to_reply(session: Session, at: datetime) -> str | None:
    """Say why nobody can answer about this session any more; None when they can."""
    if session.canceled_at is not None:
        return "This session is canceled. There is nothing to do."
    if session.starts_at <= at:
        return "This session has already started. Please call us instead."
    return None
