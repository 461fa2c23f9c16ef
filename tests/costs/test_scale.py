"""The sliding scale: what comes along is sound, and what is not sound is refused with a sentence."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intake.costs.scale import HERE, ScaleRefused, in_effect, read_scales, scales_of

SCALE = read_scales()[-1]
HOUSEHOLDS = st.integers(1, 30)
INCOMES = st.integers(0, 99_999_999).map(lambda cents: Decimal(cents) / 100)


@pytest.fixture
def document():
    return yaml.safe_load((HERE / "sliding_scale.yaml").read_text("utf-8"))


def test_the_scale_that_comes_along_names_its_year_its_source_and_since_when_it_counts():
    assert SCALE.year == SCALE.effective_on.year == 2025
    assert "90 FR 5917" in SCALE.source
    assert [SCALE.guideline(n) for n in (1, 2, 4, 8)] == [15650, 21150, 32150, 54150]


@pytest.mark.parametrize(
    ("income", "percent", "discount"),
    [
        ("0", 0, 100),
        ("15650", 100, 100),
        ("15650.01", 101, 80),
        ("19562.50", 125, 80),
        ("19562.51", 126, 60),
        ("23475", 150, 60),
        ("27387.50", 175, 40),
        ("31300", 200, 20),
        ("31300.01", 201, 0),
        ("900000", 5751, 0),
    ],
)
def test_a_cent_above_a_step_is_on_the_next_one(income, percent, discount):
    assert SCALE.percent(1, Decimal(income)) == percent
    assert SCALE.discount(1, Decimal(income)) == discount


@given(HOUSEHOLDS, INCOMES)
def test_every_income_is_on_one_step_and_nothing_is_taken_off_above_200_percent(household, income):
    percent = SCALE.percent(household, income)
    assert (percent - 1) * SCALE.guideline(household) < income * 100 <= percent * SCALE.guideline(household)
    assert sum(tier.holds(percent) for tier in SCALE.tiers) == (percent <= 200)
    assert (SCALE.discount(household, income) > 0) == (percent <= 200)


@given(HOUSEHOLDS, INCOMES, INCOMES)
def test_who_has_more_never_gets_more_off(household, one, other):
    low, high = sorted((one, other))
    assert SCALE.discount(household, low) >= SCALE.discount(household, high)


@pytest.mark.parametrize("household", [0, 31, -1])
def test_a_household_has_people(household):
    with pytest.raises(ValueError, match="household"):
        SCALE.guideline(household)


def tiers(*pairs):
    return [{"up_to": up_to, "discount": discount} for up_to, discount in pairs]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tiers": tiers((100, 100), (150, 75), (140, 50), (175, 25), (200, 10))}, "must not overlap"),
        ({"tiers": tiers((100, 100), (150, 75), (150, 50), (200, 25))}, "must not overlap"),
        ({"tiers": tiers((100, 100), (150, 75), (200, 25))}, "at least 3 partial steps"),
        ({"tiers": tiers((100, 100), (125, 75), (150, 50), (175, 25))}, "at least 3 partial steps"),
        ({"tiers": tiers((100, 100), (125, 75), (150, 50), (175, 25), (201, 5))}, "above 200 percent"),
        ({"tiers": tiers((100, 100), (125, 50), (150, 75), (200, 25))}, "less than the one before"),
        ({"tiers": tiers((100, 101), (125, 75), (150, 50), (200, 25))}, "none more than 100"),
        ({"tiers": tiers((80, 100), (125, 75), (150, 50), (200, 25))}, "The first step reaches 100"),
        ({"tiers": tiers((100, 100), (125, 75), (150, 50), (200, 0))}, "whole numbers above 0"),
        ({"tiers": tiers((100, 100), (125.5, 75), (150, 50), (200, 25))}, "whole numbers above 0"),
        ({"tiers": []}, "must not overlap"),
        ({"one_person": -1}, "whole numbers above 0"),
        ({"one_person": 15650.5}, "whole numbers above 0"),
        ({"source": ""}, "a source"),
        ({"effective_on": "2026"}, "a day of effect"),
    ],
)
def test_a_scale_that_is_not_sound_is_refused(document, change, sentence):
    document["scales"][0] |= change
    with pytest.raises(ScaleRefused, match=sentence):
        scales_of(document)


def test_a_file_that_is_no_scale_is_refused_by_its_name(tmp_path):
    for text in ("scales: []", "scales: [1]", "a: 1", "{", "scales:\n  - {year: 2025, tiers: []}"):
        path = tmp_path / "ours.yaml"
        path.write_text(text)
        with pytest.raises(ScaleRefused, match=r"ours\.yaml"):
            read_scales(path)
    with pytest.raises(ScaleRefused, match="missing"):
        read_scales(tmp_path / "missing.yaml")


def test_the_scale_in_effect_on_the_day_counts(document):
    later = deepcopy(document["scales"][0]) | {"effective_on": date(2026, 1, 13), "year": 2026}
    scales = scales_of({"scales": [later, document["scales"][0]]})
    assert [scale.year for scale in scales] == [2025, 2026]
    assert in_effect(scales, date(2025, 1, 14)) is None
    assert in_effect(scales, date(2026, 1, 12)).year == 2025
    assert in_effect(scales, date(2026, 1, 13)).year == 2026


def test_two_scales_of_one_day_are_refused(document):
    with pytest.raises(ScaleRefused, match="a day of effect of its own"):
        scales_of({"scales": [document["scales"][0]] * 2})
