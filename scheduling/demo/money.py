"""Money of the invented people: authorizations in every state, estimates for those who pay themselves, a payment plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from accounts.models import User
from intake.actions.money import Expected, Line, by_income
from intake.costs.cents import installments
from intake.models import Authorization, Coverage, Estimate, EstimateLine, Installment, Patient, PaymentPlan
from intake.money import scale_on
from intake.papers import here

A_DAY: Final = timedelta(days=1)
CHARGES: Final = (
    Line("Day of the program", "S9480", 24, Decimal("250.00")),
    Line("Evaluation", "90791", 1, Decimal("300.00")),
)
# What the payer said, by turns: days from today, and the units that belong to them.
SAID: Final[tuple[dict[str, Any], ...]] = (
    {"decision": "approved", "first": -14, "last": 42, "units": 24},
    {"decision": "approved", "first": -40, "last": 4, "units": 24},
    {"decision": "pending"},
    {"decision": "denied", "denial_reason": "The payer finds two days a week enough"},
    {"decision": "partial", "first": -7, "last": 21, "units": 9},
)


def write_money(patient: Patient, *, number: int, at: datetime) -> None:
    """What is authorized for those whose payer wants it; an estimate for those without a payer."""
    by, today = User.objects.get(email="coordinator@demo.test"), here(patient, at)
    coverage = patient.coverages.live().first()
    if coverage is None:
        estimate(patient, number=number, by=by, at=at, today=today)
    elif coverage.authorization_needed:
        authorization(coverage, SAID[number // 7 % len(SAID)], by=by, at=at, today=today)


def authorization(coverage: Coverage, said: dict[str, Any], *, by: User, at: datetime, today: date) -> None:
    decided: dict[str, Any] = {"decided_on": today - 15 * A_DAY} if said["decision"] != "pending" else {}
    if said["decision"] == "denied":
        decided |= {"denial_reason": said["denial_reason"], "appeal_by_on": today + 45 * A_DAY}
    elif decided:
        first, last = today + said["first"] * A_DAY, today + said["last"] * A_DAY
        decided |= {"starts_on": first, "ends_on": last, "units": said["units"], "per_week": 3}
        decided |= {"number": f"A-{coverage.member_id[2:]}", "review_due_on": last - 7 * A_DAY}
    Authorization.objects.create(
        patient=coverage.patient,
        payer=coverage.payer,
        codes="S9480",
        level="iop",
        asked_on=today - 20 * A_DAY,
        decision=said["decision"],
        unit="days",
        told_by="Pat, utilization review",
        told_on=today - 15 * A_DAY,
        reference=f"UR-{coverage.member_id[2:]}",
        recorded_by=by,
        recorded_at=at,
        **decided,
    )


def estimate(patient: Patient, *, number: int, by: User, at: datetime, today: date) -> None:
    """Asked for on one of the last days, so that some are given, some due and some late."""
    since = today - (number % 9) * A_DAY
    expected = Expected(
        why="asked",
        since_on=since,
        first_on=None,
        level="iop",
        lines=CHARGES,
        household=1 + number % 4,
        income=Decimal(18000 + 900 * number),
        income_shown="Two pay slips",
    )
    given = {"given_on": today, "given_how": "hand", "given_by": by} if number % 2 else {}
    made = Estimate.objects.create(
        patient=patient,
        why=expected.why,
        since_on=since,
        due_on=expected.due_on,
        level=expected.level,
        full_amount=sum(line.amount for line in CHARGES),
        recorded_by=by,
        recorded_at=at,
        **by_income(expected, scale_on(today)),
        **given,
    )
    EstimateLine.objects.bulk_create(
        EstimateLine(
            estimate=made, position=n, what=line.what, code=line.code, quantity=line.quantity, price=line.price
        )
        for n, line in enumerate(CHARGES, start=1)
    )
    if given:
        plan(made, by=by, at=at, today=today)


def plan(made: Estimate, *, by: User, at: datetime, today: date) -> None:
    made.refresh_from_db(fields=["amount"])  # the database cuts it to the cent
    if not made.amount:
        return
    agreed = PaymentPlan.objects.create(
        patient=made.patient, total=made.amount, rhythm="monthly", agreed_on=today, recorded_by=by, recorded_at=at
    )
    Installment.objects.bulk_create(
        Installment(plan=agreed, number=part.number, due_on=part.due_on, amount=part.amount)
        for part in installments(made.amount, 3, today + 30 * A_DAY, "monthly")
    )
