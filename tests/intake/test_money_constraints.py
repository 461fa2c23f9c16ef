"""What a payer cannot have said and sums that do not add up are not in the database, and nothing there is rewritten."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.db import violates
from intake.costs.cents import discounted
from intake.models import Authorization, Estimate, EstimateLine, Installment, PaymentPlan
from tests import make

pytestmark = pytest.mark.django_db


def refused(rule: str, write, *args, **values) -> None:
    def now(*args, **values):
        write(*args, **values)
        connection.check_constraints()  # what is looked at when the transaction ends

    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        now(*args, **values)
    assert violates(refusal.value, rule)


# ---- Authorizations


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"decision": "perhaps"}, "authorization_words_are_known"),
        ({"unit": "weeks"}, "authorization_words_are_known"),
        ({"level": "residential"}, "authorization_words_are_known"),
        ({"number": ""}, "authorization_says_what_is_allowed"),
        ({"units": None}, "authorization_says_what_is_allowed"),
        ({"decision": "partial", "starts_on": None}, "authorization_says_what_is_allowed"),
        ({"ends_on": None}, "authorization_says_what_is_allowed"),
        ({"decided_on": None}, "authorization_says_what_is_allowed"),
        ({"decision": "denied"}, "authorization_denied_says_why"),
        ({"decision": "denied", "denial_reason": "Not needed", "decided_on": None}, "authorization_denied_says_why"),
        ({"units": 0}, "authorization_units_are_counted"),
        ({"per_week": 0}, "authorization_units_are_counted"),
        ({"units": -1}, "authorization_units_are_counted"),
        ({"ends_on": date(2026, 3, 8)}, "authorization_ends_after_it_begins"),
        (
            {"decision": "pending", "starts_on": None, "last_covered_on": date(2026, 3, 9)},
            "authorization_covers_days_within",
        ),
        ({"last_covered_on": date(2026, 3, 8)}, "authorization_covers_days_within"),
        ({"last_covered_on": date(2026, 4, 25)}, "authorization_covers_days_within"),
        (
            {"appeal_by_on": date(2026, 4, 2), "second_appeal_by_on": date(2026, 4, 1)},
            "authorization_appeals_in_order",
        ),
        ({"payer": ""}, "authorization_says_who_told_us"),
        ({"told_by": ""}, "authorization_says_who_told_us"),
        ({"reference": ""}, "authorization_says_who_told_us"),
        ({"ended_at": make.NOON}, "authorization_ended_by_someone"),
    ],
)
def test_an_authorization_that_cannot_be_is_not_kept(patient, values, rule):
    refused(rule, make.authorization, patient, **values)


def test_a_number_of_a_payer_stands_once(patient):
    first = make.authorization(patient, number="A-1")
    assert make.authorization(patient, number="A-1", payer="Prairie Health Plan").pk
    refused("authorization_number_is_live_once", make.authorization, patient, number="A-1")
    Authorization.objects.filter(pk=first.pk).update(ended_at=make.NOON, ended_by=patient.registered_by)
    assert make.authorization(patient, number="A-1", follows=first).pk


def test_one_row_is_followed_by_one(patient):
    first = make.authorization(patient)
    make.authorization(patient, follows=first)
    refused("intake_authorization_follows_id_key", make.authorization, patient, follows=first)


@pytest.mark.parametrize("change", [{"units": 99}, {"decision": "denied", "denial_reason": "x"}, {"told_by": "Me"}])
def test_an_authorization_is_not_rewritten(patient, change):
    row = make.authorization(patient)
    refused("authorization_only_ended", Authorization.objects.filter(pk=row.pk).update, **change)


def test_an_authorization_ends_once_and_is_kept(patient):
    row = make.authorization(patient, ended_at=make.NOON, ended_by=patient.registered_by)
    refused("authorization_only_ended", Authorization.objects.filter(pk=row.pk).update, ended_at=None, ended_by=None)
    refused("authorization_is_kept", row.delete)


# ---- Estimates


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"why": "booked"}, "estimate_says_what_set_the_clock"),
        ({"why": "booked", "first_on": date(2026, 3, 10)}, "estimate_says_what_set_the_clock"),
        ({"why": "bored"}, "estimate_says_what_set_the_clock"),
        ({"due_on": date(2026, 3, 11)}, "estimate_due_after_it_was_asked"),
        ({"household": 1}, "estimate_income_is_of_a_household"),
        ({"income": 1}, "estimate_income_is_of_a_household"),
        (
            {"household": 1, "poverty_percent": 1, "scale_on": date(2025, 1, 15)},
            "estimate_income_is_of_a_household",
        ),
        ({"discount": 20}, "estimate_no_discount_above_200_percent"),
        ({"given_on": date(2026, 3, 12)}, "estimate_given_by_someone_somehow"),
        ({"given_how": "hand"}, "estimate_given_by_someone_somehow"),
        ({"ended_at": make.NOON}, "estimate_ended_by_someone"),
    ],
)
def test_an_estimate_that_cannot_be_is_not_kept(patient, values, rule):
    refused(rule, make.estimate, patient, **values)


@pytest.mark.parametrize(("percent", "discount"), [(201, 20), (201, 1), (100, 101)])
def test_nothing_is_taken_off_above_200_percent_and_never_more_than_all(patient, percent, discount):
    income = {"household": 1, "income": 1, "scale_on": date(2025, 1, 15), "poverty_percent": percent}
    refused("estimate_no_discount_above_200_percent", make.estimate, patient, discount=discount, **income)


@pytest.mark.parametrize("line", [("", 1, "1"), ("Day", 1, "-1")])
def test_a_line_is_complete(patient, line):
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        make.estimate(patient, lines=(("Day", 2, "5"), line))
    assert violates(refusal.value, "estimate_line_is_complete")


def test_an_estimate_of_nothing_is_none(patient):
    refused("estimate_is_above_zero", make.estimate, patient, lines=(("Day", 1, "0"),))


@pytest.mark.parametrize("full", ["5999.99", "6000.01", "1"])
def test_the_lines_add_up_to_the_estimate(patient, full):
    refused("estimate_lines_add_up", make.estimate, patient, full_amount=Decimal(full))


def test_a_line_cannot_be_slipped_in_later(patient):
    written = make.estimate(patient)
    connection.check_constraints()
    more = {"estimate": written, "position": 2, "what": "Fee", "quantity": 1, "price": 1}
    refused("estimate_lines_add_up", EstimateLine.objects.create, **more)
    refused("estimate_line_position_once", EstimateLine.objects.create, **more | {"position": 1})


def test_one_estimate_stands(patient):
    make.estimate(patient)
    refused("estimate_one_live_per_person", make.estimate, patient)


def test_an_estimate_is_given_once_ended_once_and_kept(patient):
    rows = Estimate.objects.filter(pk=make.estimate(patient).pk)
    by = patient.registered_by
    for change in ({"full_amount": 1}, {"due_on": date(2027, 1, 1)}, {"discount": 0, "level": "php"}):
        refused("estimate_only_given_and_ended", rows.update, **change)
    assert rows.update(given_on=date(2026, 3, 12), given_how="hand", given_by=by) == 1
    refused("estimate_only_given_and_ended", rows.update, given_on=date(2026, 3, 13))
    assert rows.update(ended_at=make.NOON, ended_by=by) == 1
    refused("estimate_only_given_and_ended", rows.update, ended_at=make.NOON + timedelta(1))
    refused("estimate_is_kept", rows._raw_delete, rows.db)
    line = EstimateLine.objects.get()
    refused("estimate_line_is_kept", line.delete)
    refused("estimate_line_is_kept", EstimateLine.objects.update, quantity=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 999_999_999), st.integers(0, 100))
def test_the_database_cuts_to_the_cent_as_the_rule_says(patient, cents, discount):
    amount = Decimal(cents) / 100
    income = {"household": 1, "income": 1, "scale_on": date(2025, 1, 15), "poverty_percent": 150}
    with transaction.atomic():
        written = make.estimate(patient, lines=(("All", 1, str(amount)),), discount=discount, **income)
        connection.check_constraints()
        transaction.set_rollback(True)
    assert written.amount == discounted(amount, discount)


# ---- Payment plans


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"charge": -1, "total": 201}, "payment_plan_is_above_zero"),
        ({"rhythm": "daily"}, "payment_plan_rhythm_is_known"),
        ({"ended_at": make.NOON}, "payment_plan_ended_by_someone"),
        ({"total": Decimal("199.99")}, "installments_add_up"),
        ({"charge": Decimal("0.01")}, "installments_add_up"),
    ],
)
def test_a_plan_that_cannot_be_is_not_kept(patient, values, rule):
    refused(rule, make.plan, patient, **values)


def test_installments_are_above_zero_and_each_stands_once(patient):
    refused("installment_is_above_zero", make.plan, patient, "100", "0")
    refused("installment_is_above_zero", make.plan, patient, "100", "-1")
    agreed = make.plan(patient)
    connection.check_constraints()
    more = {"plan": agreed, "number": 3, "due_on": date(2027, 1, 1), "amount": 1}
    refused("installments_add_up", Installment.objects.create, **more)
    refused("installment_number_once", Installment.objects.create, **more | {"number": 1})
    refused("installment_day_once", Installment.objects.create, **more | {"due_on": date(2026, 4, 1)})


def test_one_plan_stands_is_not_rewritten_and_kept(patient):
    rows = PaymentPlan.objects.filter(pk=make.plan(patient).pk)
    refused("payment_plan_one_live_per_person", make.plan, patient)
    refused("payment_plan_only_ended", rows.update, total=1)
    assert rows.update(ended_at=make.NOON, ended_by=patient.registered_by) == 1
    refused("payment_plan_only_ended", rows.update, ended_at=None, ended_by=None)
    refused("payment_plan_is_kept", rows._raw_delete, rows.db)
    refused("installment_is_kept", Installment.objects.update, amount=5)
    refused("installment_is_kept", Installment.objects.first().delete)
