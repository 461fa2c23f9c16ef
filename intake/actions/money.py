"""Authorizations that are asked for and decided, estimates that are written and given, payment plans that are agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from intake.actions.papers import PaperRefused
from intake.costs.cents import Rhythm, installments
from intake.costs.days import estimate_due
from intake.costs.scale import SlidingScale
from intake.models import Authorization, Estimate, EstimateLine, Installment, Patient, PaymentPlan


def locked(patient: Patient) -> Patient:
    """Two coordinators may save together: the second waits here, and then sees what the first one saved."""
    return Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


def end(row: Authorization | Estimate | PaymentPlan, *, by: User, at: datetime) -> None:
    row.ended_at, row.ended_by = at, by
    row.save(update_fields=["ended_at", "ended_by"])


# ---- Authorizations ----


@transaction.atomic(durable=True)
def save_authorization(
    *, patient: Patient, told: Mapping[str, Any], follows: UUID | None, by: User, at: datetime, key: UUID
) -> Authorization:
    """
    Keep what a payer was asked or has decided, which ends the row that it follows.

    Args:
        told: the checked fields of `Authorization`.
        follows: the row that was changed on the page; None for a new authorization.
        key: came with the form, so that pressing twice keeps one.
    Raises:
        PaperRefused: a colleague changed it meanwhile, or the number stands on the record already.
    """
    person = locked(patient)
    if repeated := Authorization.objects.filter(public_id=key, patient=person).first():
        return repeated
    before = None
    if follows is not None:
        before = Authorization.objects.live().filter(public_id=follows, patient=person).first()
        if before is None:
            raise PaperRefused("A colleague changed this authorization meanwhile. Open it again before you save.")
        end(before, by=by, at=at)
    same = person.authorizations.live().filter(payer=told["payer"], number=told["number"]).exclude(number="")
    if same.exists():
        raise PaperRefused(
            f"Authorization {told['number']} of {told['payer']} already stands on the record. Change that one instead."
        )
    return Authorization.objects.create(
        patient=person, follows=before, public_id=key, recorded_by=by, recorded_at=at, **told
    )


# ---- Estimates ----


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is expected to be charged."""

    what: str
    code: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an estimate says, before the discount is looked up."""

    why: str
    since_on: date
    first_on: date | None
    level: str
    lines: Sequence[Line]
    household: int | None = None
    income: Decimal | None = None
    income_shown: str = ""

    @property
    def due_on(self) -> date | None:
        if self.why == Estimate.Why.ASKED:
            return estimate_due(asked_on=self.since_on)
        return estimate_due(booked_on=self.since_on, first_on=self.first_on)


@transaction.atomic(durable=True)
def write_estimate(
    *,
    patient: Patient,
    expected: Expected,
    scale: SlidingScale | None,
    seen: UUID | None,
    by: User,
    at: datetime,
    key: UUID,
) -> Estimate:
    """
    Write a self-pay estimate, which ends the one before.

    Args:
        scale: the sliding scale in effect, by which the same is taken off for everybody; None without one.
        seen: the estimate that stood there when the form was opened.
    Raises:
        PaperRefused: a colleague wrote one meanwhile.
    """
    person = locked(patient)
    if repeated := Estimate.objects.filter(public_id=key, patient=person).first():
        return repeated
    before = person.estimates.live().first()
    if (before.public_id if before else None) != seen:
        raise PaperRefused("A colleague wrote an estimate meanwhile. Read it first: what you typed is still here.")
    if before is not None:
        end(before, by=by, at=at)
    estimate = Estimate.objects.create(
        patient=person,
        public_id=key,
        why=expected.why,
        since_on=expected.since_on,
        first_on=expected.first_on,
        due_on=expected.due_on,
        level=expected.level,
        full_amount=sum((line.amount for line in expected.lines), Decimal(0)),
        recorded_by=by,
        recorded_at=at,
        **by_income(expected, scale),
    )
    EstimateLine.objects.bulk_create(
        EstimateLine(
            estimate=estimate, position=n, what=line.what, code=line.code, quantity=line.quantity, price=line.price
        )
        for n, line in enumerate(expected.lines, start=1)
    )
    return estimate


def by_income(expected: Expected, scale: SlidingScale | None) -> dict[str, Any]:
    """What the household's income takes off; nothing when it was not asked."""
    if expected.household is None or expected.income is None or scale is None:
        return {}
    return {
        "household": expected.household,
        "income": expected.income,
        "income_shown": expected.income_shown,
        "scale_on": scale.effective_on,
        "poverty_percent": scale.percent(expected.household, expected.income),
        "discount": scale.discount(expected.household, expected.income),
    }


@transaction.atomic(durable=True)
def give_estimate(*, estimate: Estimate, on: date, how: str, by: User) -> Estimate:
    """
    Note that the person holds the estimate in writing.

    Raises:
        PaperRefused: it was given before, or another one took its place.
    """
    row = Estimate.objects.select_for_update(no_key=True, of=("self",)).get(pk=estimate.pk)
    if row.ended_at is not None:
        raise PaperRefused("Another estimate took the place of this one. Give that one instead.")
    if row.given_on is not None:
        raise PaperRefused("This estimate was given before.")
    row.given_on, row.given_how, row.given_by = on, how, by
    row.save(update_fields=["given_on", "given_how", "given_by"])
    return row


# ---- Payment plans ----


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed about paying in parts."""

    total: Decimal
    charge: Decimal
    count: int
    first_on: date
    rhythm: Rhythm
    agreed_on: date
    disclosure: str = ""


@transaction.atomic(durable=True)
def agree_plan(*, patient: Patient, terms: Terms, seen: UUID | None, by: User, at: datetime, key: UUID) -> PaymentPlan:
    """
    Keep a payment plan with its installments, which ends the one before.

    Raises:
        PaperRefused: a colleague agreed on another meanwhile.
    """
    person = locked(patient)
    if repeated := PaymentPlan.objects.filter(public_id=key, patient=person).first():
        return repeated
    before = person.payment_plans.live().first()
    if (before.public_id if before else None) != seen:
        raise PaperRefused(
            "A colleague changed the payment plan meanwhile. Read it first: what you typed is still here."
        )
    if before is not None:
        end(before, by=by, at=at)
    plan = PaymentPlan.objects.create(
        patient=person,
        public_id=key,
        total=terms.total,
        charge=terms.charge,
        rhythm=terms.rhythm,
        agreed_on=terms.agreed_on,
        disclosure=terms.disclosure,
        recorded_by=by,
        recorded_at=at,
    )
    parts = installments(terms.total + terms.charge, terms.count, terms.first_on, terms.rhythm)
    Installment.objects.bulk_create(
        Installment(plan=plan, number=part.number, due_on=part.due_on, amount=part.amount) for part in parts
    )
    return plan


@transaction.atomic(durable=True)
def end_plan(*, plan: PaymentPlan, by: User, at: datetime) -> None:
    """
    Note that a payment plan no longer holds.

    Raises:
        PaperRefused: it ended before.
    """
    row = PaymentPlan.objects.select_for_update(no_key=True, of=("self",)).get(pk=plan.pk)
    if row.ended_at is not None:
        raise PaperRefused("This payment plan ended before.")
    end(row, by=by, at=at)
