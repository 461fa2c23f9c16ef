"""Cases worked by hand from the contract: where each instrument turns from one band, rule or flag to the next."""

from collections.abc import Sequence

import pytest

from intake.instruments import score
from intake.instruments.scoring import SCORERS


def form_with(instrument: str, total: int) -> list[int]:
    """A complete form of that sum, filled from the first item on."""

    def fill(left: int, allowed: Sequence[Sequence[int | str]]) -> list[int] | None:
        if not allowed:
            return [] if left == 0 else None
        for value in sorted((one for one in allowed[0] if isinstance(one, int)), reverse=True):
            rest = fill(left - value, allowed[1:]) if value <= left else None
            if rest is not None:
                return [value, *rest]
        return None

    form = fill(total, SCORERS[instrument].allowed)
    assert form is not None
    return form


@pytest.mark.parametrize(
    ("instrument", "total", "band", "cut_off"),
    [
        ("phq9", 4, "minimal", "negative"),
        ("phq9", 5, "mild", "negative"),
        ("phq9", 9, "mild", "negative"),
        ("phq9", 10, "moderate", "positive"),
        ("phq9", 14, "moderate", "positive"),
        ("phq9", 15, "moderately_severe", "positive"),
        ("phq9", 19, "moderately_severe", "positive"),
        ("phq9", 20, "severe", "positive"),
        ("gad7", 9, "mild", "negative"),
        ("gad7", 10, "moderate", "positive"),
        ("gad7", 15, "severe", "positive"),
        ("audit", 7, "zone_1", "negative"),
        ("audit", 8, "zone_2", "positive"),
        ("audit", 16, "zone_3", "positive"),
        ("audit", 20, "zone_4", "positive"),
        ("ciwa", 9, "mild", "negative"),
        ("ciwa", 10, "moderate", "positive"),
        ("ciwa", 18, "moderate", "positive"),
        ("ciwa", 19, "severe", "positive"),
        ("ciwa", 67, "severe", "positive"),
        ("cows", 4, "none", "negative"),
        ("cows", 5, "mild", "negative"),
        ("cows", 12, "mild", "negative"),
        ("cows", 13, "moderate", "positive"),
        ("cows", 24, "moderate", "positive"),
        ("cows", 25, "moderately_severe", "positive"),
        ("cows", 36, "moderately_severe", "positive"),
        ("cows", 37, "severe", "positive"),
        ("cows", 48, "severe", "positive"),
        ("pcl5", 32, None, "negative"),
        ("pcl5", 33, None, "positive"),
    ],
)
def test_a_total_turns_at_its_edges(instrument, total, band, cut_off):
    document = score(instrument, form_with(instrument, total))

    assert (document["total"], document["band"], document["cut_off"]) == (total, band, cut_off)


@pytest.mark.parametrize(
    ("points", "mean", "band", "cut_off"),
    [
        (6, 0.26, "none_or_low", "negative"),
        (7, 0.3, "mild", "negative"),
        (24, 1.04, "mild", "negative"),
        (25, 1.09, "moderate", "negative"),
        (34, 1.48, "moderate", "negative"),
        (35, 1.52, "moderate", "positive"),
        (42, 1.83, "moderate", "positive"),
        (43, 1.87, "high", "positive"),
        (62, 2.7, "very_high", "positive"),
        (80, 3.48, "extremely_high", "positive"),
    ],
)
def test_the_mean_of_bsl23_is_rounded_before_it_is_judged(points, mean, band, cut_off):
    document = score("bsl23", form_with("bsl23", points))

    assert (document["total"], document["band"], document["cut_off"]) == (mean, band, cut_off)


@pytest.mark.parametrize(("cluster", "first", "need"), [("B", 0, 1), ("C", 5, 1), ("D", 7, 2), ("E", 14, 2)])
def test_each_cluster_needs_its_number_of_present_items(cluster, first, need):
    form = [2, 0, 0, 0, 0, 2, 0, 2, 2, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0]
    one_less = [*form[: first + need - 1], 1, *form[first + need :]]

    assert score("pcl5", form)["results"] == {"cluster_rule": "yes"}
    assert score("pcl5", one_less)["results"] == {"cluster_rule": "no"}


def test_two_gaps_in_a_cluster_leave_it_and_the_total_open_but_not_the_others():
    document = score("pcl5", [None, None, 0, 0, 0, None, 3, *[1] * 13])

    assert document["subscales"] == {"B": None, "C": 6, "D": 7, "E": 6}
    assert (document["total"], document["is_prorated"]) == (None, True)


def test_bam_keeps_questions_seven_and_seventeen_out_of_everything():
    form: list[int | None] = [0] * 17
    form[6] = form[16] = None

    document = score("bam", form)

    assert document["missing"] == []
    assert document["subscales"] == {"use": 0, "risk": 0, "protective": 0}
    assert document["results"] == {"use_flag": "no", "risk_flag": "no", "protective_flag": "yes"}


def test_bam_use_is_never_prorated_and_risk_only_with_one_gap():
    form: list[int | None] = [*[1] * 13, 4, *[1] * 3]
    without_use = [*form[:3], None, *form[4:]]
    without_risk = [None, *form[1:]]

    assert score("bam", without_use)["subscales"] == {"use": None, "risk": 6, "protective": 9}
    assert score("bam", without_risk)["subscales"] == {"use": 3, "risk": 6, "protective": 9}
    assert [score("bam", gap)["is_prorated"] for gap in (without_use, without_risk)] == [False, True]


def test_bipf_needs_four_areas_that_apply():
    four = score("bipf", [6, 6, 6, 6, "na", "na", "na"])
    three = score("bipf", [6, 6, 6, "na", "na", None, "na"])

    assert (four["total"], four["is_prorated"], four["missing"]) == (100, False, [])
    assert (three["total"], three["is_prorated"], three["missing"]) == (None, False, [6])


@pytest.mark.parametrize(
    ("ptsd", "dso", "band"),
    [
        ("yes", "yes", "cptsd"),
        ("yes", "no", "ptsd"),
        ("no", "yes", "none"),
        ("yes", "open", None),
        ("open", "no", None),
    ],
)
def test_complex_ptsd_takes_the_place_of_ptsd(ptsd, dso, band):
    parts: dict[str, list[int | None]] = {
        "yes": [2, 0, 2, 0, 2, 0, 2, 0, 0],
        "no": [0] * 9,
        "open": [None, 0, 2, 0, 2, 0, 2, 0, 0],
    }

    document = score("itq", [*parts[ptsd], *parts[dso]])

    assert document["band"] == band
    assert document["results"] == {
        part: "indeterminate" if word == "open" else word for part, word in (("ptsd", ptsd), ("dso", dso))
    }


def test_the_exposure_gate_stands_before_the_five_questions():
    no_event = score("pcptsd5", [0, 1, 1, 1, 1, 1])
    not_asked = score("pcptsd5", [None, 1, 1, 1, None, 1])
    out_of_reach = score("pcptsd5", [1, 0, 0, 0, None, 1])

    assert (no_event["total"], no_event["cut_off"], no_event["missing"]) == (0, "negative", [])
    assert (not_asked["total"], not_asked["cut_off"], not_asked["missing"]) == (None, "indeterminate", [1, 5])
    assert (out_of_reach["total"], out_of_reach["cut_off"]) == (None, "negative")


@pytest.mark.parametrize("items", [[1, 0, 1, None, None, 0, None], [0, 0, None, None, None, 0, 1]])
def test_an_answer_against_the_skip_of_the_screener_is_flagged(items):
    assert score("cssrs", items)["flags"] == ["skip_conflict"]


TAPS_NEVER = [0, 0, 0, 0, *[None] * 25]


def test_taps_without_any_use_is_zero_in_every_class_and_misses_nothing():
    document = score("taps", TAPS_NEVER)

    assert set(document["subscales"].values()) == {0}
    assert (document["total"], document["cut_off"], document["missing"]) == (None, "negative", [])


def test_taps_counts_problems_class_by_class_and_judges_drugs_alone():
    daily_smoker = [4, *TAPS_NEVER[1:4], 1, 1, 1, *[None] * 22]
    cannabis = [0, 0, 2, 0, *[None] * 7, 1, 1, 0, 0, None, None, 0, None, None, *[None] * 9]

    smoked, used = score("taps", daily_smoker), score("taps", cannabis)

    assert (smoked["subscales"]["tobacco"], smoked["subscales"]["drug_max"], smoked["cut_off"]) == (3, 0, "negative")
    assert (used["subscales"]["cannabis"], used["subscales"]["drug_max"], used["cut_off"]) == (2, 2, "positive")
    assert used["results"] == {"problem_use": "yes", "likely_disorder": "yes"}
    assert (used["subscales"]["stimulants"], used["missing"]) == (0, [])


def test_taps_leaves_open_what_a_class_not_asked_could_still_say():
    document = score("taps", [0, 0, 3, 0, *[None] * 25])

    assert (document["cut_off"], document["subscales"]["drug_max"]) == ("indeterminate", None)
    assert document["missing"] == list(range(12, 21))
    assert document["subscales"]["sedatives"] == 0


def test_ders16_sums_its_items_and_five_parts_and_prorates_nothing():
    lowest, highest = score("ders16", [1] * 16), score("ders16", [5] * 16)
    part = score("ders16", [None, *[3] * 15])

    assert (lowest["total"], highest["total"], highest["cut_off"]) == (16, 80, None)
    assert highest["subscales"] == {"clarity": 10, "goals": 15, "impulse": 15, "strategies": 25, "nonacceptance": 15}
    assert sum(highest["subscales"].values()) == 80
    assert (part["total"], part["subscales"]["clarity"], part["subscales"]["goals"]) == (None, None, 9)


def test_whodas_gives_one_missing_item_the_mean_of_the_others():
    one = score("whodas12", [None, *[4, 3, 2, 1, 0] * 2, 4])
    two = score("whodas12", [None, None, *[2] * 10])

    assert (one["total"], one["is_prorated"], one["missing"]) == (26, True, [1])  # 24 x 12 / 11 is 26.18
    assert (two["total"], two["is_prorated"]) == (None, False)
    assert score("whodas12", [4] * 12)["total"] == 48
