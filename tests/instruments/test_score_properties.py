"""What must hold of every form, however it is filled in, judged by trying each way to complete it."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.instruments import score
from intake.instruments.bounds import Bounds, all_of, any_of, bounds, prorated_sum, round_half_up
from intake.instruments.scoring import SCORERS

# C-SSRS is not a sum, and its "incomplete" does not ask what completions would say (S27): its own test is below.
SUMS = sorted(set(SCORERS) - {"cssrs", "bipf", "drug_single_item"})
MAY_PRORATE = {"phq9": 2, "gad7": 1, "pcl5": 4, "bsl23": 2, "bipf": 3, "bam": 2, "whodas12": 1}

Form = list[Any]


@st.composite
def forms(draw: st.DrawFn, instrument: str, most_missing: int) -> Form:
    """A filled form of an instrument with some answers taken out."""
    allowed = SCORERS[instrument].allowed
    form = [draw(st.sampled_from(values)) for values in allowed]
    gaps = draw(st.sets(st.integers(0, len(form) - 1), max_size=most_missing))
    return [None if place in gaps else value for place, value in enumerate(form)]


def completions(instrument: str, form: Form, missing: list[int]) -> Iterator[Form]:
    """Every way to answer what is missing; a skip zero is an answer and stays out."""
    values = [SCORERS[instrument].allowed[place - 1] for place in missing]
    for chosen in product(*values):
        filled = list(form)
        for place, value in zip(missing, chosen, strict=True):
            filled[place - 1] = value
        yield filled


def agreed(words: set[str], undecided: str = "indeterminate") -> str:
    return words.pop() if len(words) == 1 else undecided


@pytest.mark.parametrize("instrument", SUMS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_cut_off_is_decided_exactly_when_every_completion_agrees(instrument, data):
    form = data.draw(forms(instrument, most_missing=3))
    if instrument == "pcptsd5" and form[0] is None:
        form[0] = 1  # without the exposure nothing is known, by rule (S22)
    partial = score(instrument, form)

    finished = [score(instrument, filled) for filled in completions(instrument, form, partial["missing"])]

    if partial["cut_off"] is not None:
        assert partial["cut_off"] == agreed({document["cut_off"] for document in finished})
    for name, word in partial["results"].items():
        assert word == agreed({document["results"][name] for document in finished})
    assert partial["indeterminate"] == ("indeterminate" in {partial["cut_off"], *partial["results"].values()})


@pytest.mark.parametrize("instrument", sorted(SCORERS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_total_is_prorated_only_within_the_limit_of_its_instrument(instrument, data):
    form = data.draw(forms(instrument, most_missing=8))

    document = score(instrument, form)

    if document["is_prorated"]:
        assert instrument in MAY_PRORATE
        if document["total"] is not None:
            assert 0 < len(document["missing"]) <= MAY_PRORATE[instrument]
    if document["missing"] and not document["is_prorated"] and instrument != "cssrs":
        assert document["total"] is None or instrument == "bam"


TOTALED = sorted(set(SUMS) - {"bam", "itq", "taps", "bsl23"})


@pytest.mark.parametrize("instrument", TOTALED)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_prorated_total_lies_between_the_lowest_and_the_highest_completion(instrument, data):
    form = data.draw(forms(instrument, most_missing=3))
    partial = score(instrument, form)
    if partial["total"] is None:
        return

    totals = [score(instrument, filled)["total"] for filled in completions(instrument, form, partial["missing"])]

    assert min(totals) <= partial["total"] <= max(totals)
    assert partial["is_prorated"] == bool(partial["missing"])


@pytest.mark.parametrize("instrument", sorted(SCORERS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_complete_form_has_nothing_missing_open_or_prorated(instrument, data):
    form = data.draw(forms(instrument, most_missing=0))

    document = score(instrument, form)

    assert document["missing"] == []
    assert not document["is_prorated"]
    assert not document["indeterminate"]
    assert None not in document["subscales"].values()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sets(st.integers(0, 19)))
def test_the_cluster_rule_is_what_every_completion_of_the_clusters_says(data, gaps):
    form = data.draw(forms("pcl5", most_missing=0))
    partial = [None if place in gaps else item for place, item in enumerate(form)]
    needs = {(0, 5): 1, (5, 7): 1, (7, 14): 2, (14, 20): 2}

    # Each cluster at its fewest and at its most: what is unanswered is absent, or present.
    def holds(unanswered: int) -> bool:
        filled = [unanswered if item is None else item for item in partial]
        return all(sum(item >= 2 for item in filled[start:end]) >= need for (start, end), need in needs.items())

    assert score("pcl5", partial)["results"]["cluster_rule"] == agreed(
        {"yes" if holds(unanswered) else "no" for unanswered in (0, 4)}
    )


@pytest.mark.parametrize("instrument", ["audit_c", "audit", "taps"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_skip_zero_scores_as_a_zero_that_was_answered(instrument, data):
    form = data.draw(forms(instrument, most_missing=6))
    partial = score(instrument, form)
    skipped = [place for place, item in enumerate(form, start=1) if item is None and place not in partial["missing"]]

    spelled = [0 if place in skipped else item for place, item in enumerate(form, start=1)]

    assert score(instrument, spelled) == partial


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=1, max_size=9))
def test_bounds_hold_every_completion_and_the_prorated_sum(items):
    edge = bounds(items, 3)
    lowest = sum(0 if item is None else item for item in items)
    highest = sum(3 if item is None else item for item in items)

    assert edge == Bounds(lowest, highest)
    prorated = prorated_sum(items, at_most_missing=8)
    assert prorated is None or edge.low <= prorated <= edge.high


@given(st.integers(-400, 400), st.integers(1, 40))
def test_rounding_is_half_up_in_whole_numbers(numerator, denominator):
    from fractions import Fraction

    assert round_half_up(Fraction(numerator, denominator)) == (2 * numerator + denominator) // (2 * denominator)


@given(st.lists(st.sampled_from([True, False, None]), max_size=5))
def test_unknown_is_never_read_as_no(truths):
    known = [truth for truth in truths if truth is not None]
    every = {all(known + list(filled)) for filled in product([True, False], repeat=len(truths) - len(known))}
    some = {any(known + list(filled)) for filled in product([True, False], repeat=len(truths) - len(known))}

    assert all_of(truths) == (every.pop() if len(every) == 1 else None)
    assert any_of(truths) == (some.pop() if len(some) == 1 else None)


def test_every_possible_screener_has_the_level_of_the_protocol():
    for q1, q2, q3, q4, q5, lifetime, recent in product([0, 1, None], repeat=7):
        document = score("cssrs", [q1, q2, q3, q4, q5, lifetime, recent])

        gaps = [place for place, answer in ((1, q1), (2, q2), (6, lifetime)) if answer is None]
        gaps += [place for place, answer in ((3, q3), (4, q4), (5, q5)) if q2 == 1 and answer is None]
        gaps += [7] if lifetime == 1 and recent is None else []
        if q4 == 1 or q5 == 1 or recent == 1:
            assert (document["band"], document["cut_off"], document["missing"]) == ("high", "positive", [])
        elif gaps:
            assert (document["band"], document["cut_off"]) == ("incomplete", "indeterminate")
            assert document["missing"] == sorted(gaps)
        elif q3 == 1 or lifetime == 1:
            assert (document["band"], document["cut_off"]) == ("moderate", "negative")
        else:
            expected = "low" if q1 == 1 or q2 == 1 else "none"
            assert (document["band"], document["cut_off"]) == (expected, "negative")


@pytest.mark.parametrize(
    ("items", "total", "flags"),
    [
        ([0, None, None], 0, []),  # never drinks: the rest is 0, not missing
        ([4, 0, 0], 4, ["item1_only"]),
        ([0, 4, None], 4, []),  # an answer keeps its value where skipping was allowed
    ],
)
def test_audit_c_skips_by_its_first_answer(items, total, flags):
    document = score("audit_c", items, "female")

    assert (document["total"], document["flags"], document["missing"]) == (total, flags, [])


def test_only_men_have_the_higher_alcohol_cut_off():
    by_sex = {sex: score("audit_c", [1, 1, 1], sex)["cut_off"] for sex in ("male", "female", "other", None)}

    assert by_sex == {"male": "negative", "female": "positive", "other": "positive", None: "positive"}


def test_the_full_form_skips_twice():
    document = score("audit", [0, None, None, None, None, None, None, None, 4, 0])
    after_zero_twice = score("audit", [2, 0, 0, None, None, None, None, None, None, 4])

    assert (document["total"], document["missing"]) == (4, [])
    assert (after_zero_twice["total"], after_zero_twice["missing"]) == (None, [9])


def test_item_nine_is_never_imputed():
    document = score("phq9", [1, 1, 1, 1, 1, 1, 1, 1, None])

    assert (document["total"], document["is_prorated"], document["flags"]) == (None, False, ["item9_missing"])


def test_halves_round_up_in_a_prorated_total():
    # Eight answers with the sum 4: 4 x 9 / 8 is 4.5, which rounds to even as 4 and half up as 5.
    assert score("phq9", [1, 1, 1, 1, 0, 0, 0, None, 0])["total"] == 5
