"""Not a cent is lost or made: installments add up to the whole, and a discount never rounds against the person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.costs.cents import CENT, INSTALLMENTS_MOST, discounted, installments, months_later, needs_disclosure

AMOUNTS = st.integers(INSTALLMENTS_MOST, 999_999_999).map(lambda cents: Decimal(cents) * CENT)
DAYS = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@given(AMOUNTS, st.integers(1, INSTALLMENTS_MOST), DAYS, st.sampled_from(["weekly", "biweekly", "monthly"]))
def test_installments_add_up_to_the_whole_and_differ_by_a_cent_at_most(total, count, first_on, rhythm):
    parts = installments(total, count, first_on, rhythm)
    amounts = [part.amount for part in parts]
    assert sum(amounts) == total
    assert len(parts) == count
    assert amounts == sorted(amounts, reverse=True)
    assert 0 <= amounts[0] - amounts[-1] <= CENT
    assert all(amount > 0 and amount == amount.quantize(CENT) for amount in amounts)
    days = [part.due_on for part in parts]
    assert days[0] == first_on
    assert days == sorted(set(days))


@pytest.mark.parametrize("total", range(1, 200))
def test_every_small_total_in_every_number_of_parts(total):
    for count in range(1, min(total, INSTALLMENTS_MOST) + 1):
        parts = installments(total * CENT, count, date(2026, 1, 31), "monthly")
        assert sum(part.amount for part in parts) == total * CENT


def test_a_hundred_dollars_in_three():
    parts = installments(Decimal("100.00"), 3, date(2026, 1, 31), "monthly")
    assert [(part.due_on, part.amount) for part in parts] == [
        (date(2026, 1, 31), Decimal("33.34")),
        (date(2026, 2, 28), Decimal("33.33")),
        (date(2026, 3, 31), Decimal("33.33")),
    ]


@pytest.mark.parametrize(
    ("total", "count"), [("0.02", 3), ("0.00", 1), ("1.005", 2), ("10.00", 0), ("10.00", INSTALLMENTS_MOST + 1)]
)
def test_what_cannot_be_parted_into_cents_is_refused(total, count):
    with pytest.raises(ValueError, match="installments"):
        installments(Decimal(total), count, date(2026, 3, 1), "weekly")


@given(AMOUNTS, st.integers(0, 100))
def test_a_discount_is_cut_to_the_cent_in_favor_of_the_person(amount, percent):
    pays = discounted(amount, percent)
    exact = Fraction(amount) * (100 - percent) / 100
    assert pays == pays.quantize(CENT)
    assert 0 <= exact - Fraction(pays) < Fraction(1, 100)
    assert percent != 0 or pays == amount
    assert percent != 100 or pays == 0


@given(DAYS, st.integers(0, 240))
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(day, months):
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later.replace(day=28) <= later))


@pytest.mark.parametrize(
    ("count", "charge", "needed"),
    [(4, "0", False), (5, "0", True), (1, "0.01", True), (60, "5", True), (1, "0", False)],
)
def test_more_than_four_installments_or_a_charge_may_need_a_disclosure(count, charge, needed):
    assert needs_disclosure(count, Decimal(charge)) is needed
