"""
The scorers, one function per instrument, each told its items in published order (None is unanswered).

Cut-offs are judged on bounds, totals are prorated only where the instrument allows it; clause numbers are those of the
recommendation contract. Bands and cut-offs carry their publications in the definitions and DOMAIN 3.2 to 3.16.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from intake.instruments.bounds import (
    Bounds,
    Number,
    Truth,
    all_of,
    any_of,
    bounds,
    complete_sum,
    count_missing,
    prorated_sum,
    round_half_up,
)

Numbers = Sequence[int | None]
CutOff = Literal["positive", "negative", "indeterminate"]
Bands = Sequence[tuple[Number, str]]  # (from this total on, code), rising


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a scorer finds; the fields are those of the score document (S99)."""

    total: int | float | None = None
    subscales: Mapping[str, int | None] = field(default_factory=dict)
    band: str | None = None
    cut_off: CutOff | None = None
    results: Mapping[str, Truth] = field(default_factory=dict)
    is_prorated: bool = False
    missing: Sequence[int]
    flags: Sequence[str] = ()


def phq9(items: Numbers) -> Result:
    """Score 0-27 at 10 (S20). Item 9 is never imputed: a form without it has no total."""
    item9 = items[8]
    total = prorated_sum(items, at_most_missing=2) if item9 is not None else None
    flags = ["item9_missing"] if item9 is None else ["item9_positive"] if item9 >= 1 else []
    return Result(
        total=total,
        band=band(total, PHQ9_BANDS),
        cut_off=verdict(bounds(items, 3).at_least(10)),
        is_prorated=total is not None and None in items,
        missing=missing(items),
        flags=flags,
    )


def gad7(items: Numbers) -> Result:
    """Score 0-21 at 10 (S21)."""
    total = prorated_sum(items, at_most_missing=1)
    return Result(
        total=total,
        band=band(total, GAD7_BANDS),
        cut_off=verdict(bounds(items, 3).at_least(10)),
        is_prorated=total is not None and None in items,
        missing=missing(items),
    )


def pcptsd5(items: Numbers) -> Result:
    """Score 0-5 at 3 behind the exposure gate, the first item (S22)."""
    exposure, answers = items[0], items[1:]
    if exposure == 0:
        return Result(total=0, cut_off="negative", missing=[])
    if exposure is None:
        return Result(cut_off="indeterminate", missing=missing(items))
    return Result(
        total=complete_sum(answers),
        cut_off=verdict(bounds(answers, 1).at_least(3)),
        missing=missing(items),
    )


def pcl5(items: Numbers) -> Result:
    """Score 0-80 at 33, by clusters, with the cluster rule (S23)."""
    clusters = {name: items[start:end] for name, (start, end, _) in PCL5_CLUSTERS.items()}
    subscales = {name: prorated_sum(part, at_most_missing=1) for name, part in clusters.items()}
    present = [_present(clusters[name]).at_least(need) for name, (_, _, need) in PCL5_CLUSTERS.items()]
    return Result(
        total=complete_sum(list(subscales.values())),
        subscales=subscales,
        cut_off=verdict(bounds(items, 4).at_least(33)),
        results={"cluster_rule": all_of(present)},
        is_prorated=any(subscales[name] is not None and None in part for name, part in clusters.items()),
        missing=missing(items),
    )


def audit_c(items: Numbers, sex: str | None) -> Result:
    """Score 0-12 at 4 for men, 3 for everybody else (S24)."""
    answers = _skipped_when_never(items, last=3)
    cut_off = verdict(bounds(answers, 4).at_least(4 if sex == "male" else 3))
    only_frequency = cut_off == "positive" and answers[1] == 0 and answers[2] == 0
    return Result(
        total=complete_sum(answers),
        cut_off=cut_off,
        missing=missing(answers),
        flags=["item1_only"] if only_frequency else [],
    )


def audit(items: Numbers) -> Result:
    """Score 0-40 at 8, with the skips of the form (S24)."""
    answers = _skipped_when_never(items, last=8)
    if answers[1] == 0 and answers[2] == 0:
        answers = [0 if item is None and 3 <= place < 8 else item for place, item in enumerate(answers)]
    total = complete_sum(answers)
    return Result(
        total=total,
        band=band(total, AUDIT_BANDS),
        cut_off=verdict(bounds(answers, 4).at_least(8)),
        missing=missing(answers),
    )


def drug_single_item(items: Numbers) -> Result:
    """Times in the past year; once is positive (S99)."""
    times = items[0]
    return Result(total=times, cut_off=verdict(None if times is None else times >= 1), missing=missing(items))


def cssrs(items: Numbers) -> Result:
    """Triage level of the screener, without the rule on its date (S27, S99)."""
    _, q2, q3, q4, q5, q6_lifetime, q6_3m = items
    level, unanswered = _cssrs_level(items)
    skipped_yet_yes = (q2 == 0 and 1 in (q3, q4, q5)) or (q6_lifetime == 0 and q6_3m == 1)
    by_level: Mapping[str, CutOff] = {"high": "positive", "incomplete": "indeterminate"}
    return Result(
        band=level,
        cut_off=by_level.get(level, "negative"),
        missing=unanswered,
        flags=["skip_conflict"] if skipped_yet_yes else [],
    )


def bipf(items: Sequence[int | str | None]) -> Result:
    """Score 0-100 over the areas that apply, four at least (S26). ``na`` is not missing, and not counted."""
    answered = [item for item in items if isinstance(item, int)]
    enough = len(answered) >= 4
    total = round_half_up(Fraction(100 * sum(answered), 6 * len(answered))) if enough else None
    return Result(total=total, is_prorated=enough and None in items, missing=missing(items))


def bam(items: Numbers) -> Result:
    """Use, risk and protective scores; there is no total (S25)."""
    parts = {name: [items[place - 1] for place in places] for name, places in BAM_PARTS.items()}
    allowed = {"use": 0, "risk": 1, "protective": 1}
    subscales = {name: prorated_sum(part, allowed[name]) for name, part in parts.items()}
    return Result(
        subscales=subscales,
        results={
            "use_flag": bounds(parts["use"], 4).at_least(1),
            "risk_flag": bounds(parts["risk"], 4).at_least(12),
            "protective_flag": bounds(parts["protective"], 4).at_most(12),
        },
        is_prorated=any(subscales[name] is not None and None in part for name, part in parts.items()),
        missing=[place for place in missing(items) if place not in BAM_UNSCORED],
    )


def hark(items: Numbers) -> Result:
    """Count of yes; one is positive (S28)."""
    return Result(
        total=complete_sum(items),
        cut_off=verdict(bounds(items, 1).at_least(1)),
        missing=missing(items),
    )


def ciwa(items: Numbers) -> Result:
    """Score 0-67 at 10 (S29)."""
    return _withdrawal(items, CIWA_HIGHEST, CIWA_BANDS, cut=10)


def cows(items: Numbers) -> Result:
    """Score 0-48 at 13 (S29)."""
    return _withdrawal(items, COWS_HIGHEST, COWS_BANDS, cut=13)


def bsl23(items: Numbers) -> Result:
    """Mean 0-4 at 1.5, to two decimals (S99)."""
    answered = [item for item in items if item is not None]
    gaps = count_missing(items)
    mean = _hundredths(Fraction(sum(answered), len(answered))) if gaps <= 2 else None
    edge = bounds(items, 4)
    means = Bounds(_hundredths(Fraction(edge.low, len(items))), _hundredths(Fraction(edge.high, len(items))))
    return Result(
        total=float(mean) if mean is not None else None,
        band=band(mean, BSL23_BANDS),
        cut_off=verdict(means.at_least(Fraction("1.5"))),
        is_prorated=mean is not None and gaps > 0,
        missing=missing(items),
    )


def itq(items: Numbers) -> Result:
    """PTSD and disturbances in self-organization by the diagnostic rule; no total (S99)."""
    ptsd, dso = _itq_part(items[:9]), _itq_part(items[9:])
    bands: Mapping[tuple[Truth, Truth], str] = {(True, True): "cptsd", (True, False): "ptsd"}
    return Result(
        subscales={"ptsd_sum": complete_sum(items[:6]), "dso_sum": complete_sum(items[9:15])},
        band="none" if ptsd is False else bands.get((ptsd, dso)),
        cut_off=verdict(ptsd),
        results={"ptsd": ptsd, "dso": dso},
        missing=missing(items),
    )


def taps(items: Numbers) -> Result:
    """
    TAPS, both parts: one score for each substance class (DOMAIN 3.7).

    Items: part 1, how often in 12 months, from 0 never to 4 daily, of tobacco, of alcohol, of drugs, of prescribed medicine
    otherwise than prescribed; then part 2, yes or no for 3 months, class by class as in ``TAPS_CLASSES``: first whether it
    was used, then its problems. Unanswered, a class that part 1 closes with never, or that was not used, is 0 and not
    missing. The cut-off is one problem in a drug class, tobacco and alcohol apart, as ``taps2.drug_max`` counts; two suggest
    a disorder.

    Source: McNeely J et al. Ann Intern Med 2016;165(10):690-699.
    """
    answers = _taps_skipped(items)
    parts = {name: answers[start:end] for name, (_, start, end) in TAPS_CLASSES.items()}
    edges = {name: bounds(part, 1) for name, part in parts.items()}
    drugs = [edge for name, edge in edges.items() if name not in ("tobacco", "alcohol")]
    highest = Bounds(max(edge.low for edge in drugs), max(edge.high for edge in drugs))
    problem, disorder = highest.at_least(1), highest.at_least(2)
    return Result(
        subscales={
            **{name: complete_sum(part) for name, part in parts.items()},
            "drug_max": round_half_up(highest.low) if highest.low == highest.high else None,
        },
        cut_off=verdict(problem),
        results={"problem_use": problem, "likely_disorder": disorder},
        missing=missing(answers),
    )


def ders16(items: Numbers) -> Result:
    """
    Sum 16-80 of sixteen items from 1 to 5, none reversed, with five subscales; no cut-off is published (DOMAIN 3.12).

    Nothing is prorated, since no rule for missing items is given.

    Source: Bjureberg J et al. J Psychopathol Behav Assess 2016;38(2):284-296.
    """
    return Result(
        total=complete_sum(items),
        subscales={name: complete_sum([items[place - 1] for place in part]) for name, part in DERS16_PARTS.items()},
        missing=missing(items),
    )


def whodas12(items: Numbers) -> Result:
    """
    Simple sum 0-48 of twelve items from 0 to 4; the other coding, from 1 to 5, is not taken (DOMAIN 3.9).

    One missing item is given the mean of the other eleven; with more there is no score. No bands and no cut-off.

    Source: Measuring Health and Disability: Manual for WHODAS 2.0. World Health Organization, 2010.
    """
    total = prorated_sum(items, at_most_missing=1)
    return Result(total=total, is_prorated=total is not None and None in items, missing=missing(items))


PHQ9_BANDS: Bands = [(0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately_severe"), (20, "severe")]
GAD7_BANDS: Bands = [(0, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe")]
AUDIT_BANDS: Bands = [(0, "zone_1"), (8, "zone_2"), (16, "zone_3"), (20, "zone_4")]
CIWA_BANDS: Bands = [(0, "mild"), (10, "moderate"), (19, "severe")]
COWS_BANDS: Bands = [(0, "none"), (5, "mild"), (13, "moderate"), (25, "moderately_severe"), (37, "severe")]
BSL23_BANDS: Bands = [
    (0, "none_or_low"),
    (Fraction("0.28"), "mild"),
    (Fraction("1.07"), "moderate"),
    (Fraction("1.87"), "high"),
    (Fraction("2.67"), "very_high"),
    (Fraction("3.47"), "extremely_high"),
]

# cluster: items from, to (excluded, from zero), and how many must be present at 2 or more
PCL5_CLUSTERS = {"B": (0, 5, 1), "C": (5, 7, 1), "D": (7, 14, 2), "E": (14, 20, 2)}

BAM_PARTS = {"use": (4, 5, 6), "risk": (1, 2, 3, 8, 11, 15), "protective": (9, 10, 12, 13, 14, 16)}
BAM_UNSCORED = (7, 17)

# class: the item of part 1 that opens it, and its items in part 2 from, to (excluded), all from zero
TAPS_CLASSES = {
    "tobacco": (0, 4, 7),
    "alcohol": (1, 7, 11),
    "cannabis": (2, 11, 14),
    "stimulants": (2, 14, 17),
    "heroin": (2, 17, 20),
    "prescription_opioids": (3, 20, 23),
    "sedatives": (3, 23, 26),
    "prescription_stimulants": (3, 26, 29),
}

DERS16_PARTS = {
    "clarity": (1, 2),
    "goals": (3, 7, 15),
    "impulse": (4, 8, 11),
    "strategies": (5, 6, 12, 14, 16),
    "nonacceptance": (9, 10, 13),
}

CIWA_HIGHEST = (7, 7, 7, 7, 7, 7, 7, 7, 7, 4)
COWS_HIGHEST = (4, 4, 5, 5, 4, 4, 5, 4, 4, 4, 5)


def band(total: Number | None, bands: Bands) -> str | None:
    """Return the last band that the total reaches."""
    if total is None:
        return None
    return [code for start, code in bands if start <= total][-1]


def verdict(reached: Truth) -> CutOff:
    if reached is None:
        return "indeterminate"
    return "positive" if reached else "negative"


def missing(items: Sequence[object]) -> list[int]:
    """Return the positions of unanswered items, counted from 1 as on the form."""
    return [place for place, item in enumerate(items, start=1) if item is None]


def _present(items: Numbers) -> Bounds:
    """Bound how many items are present, which is to say answered with 2 or more."""
    low = sum(item is not None and item >= 2 for item in items)
    return Bounds(low, low + count_missing(items))


def _skipped_when_never(items: Numbers, last: int) -> list[int | None]:
    """A first answer of "never" ends the form early: unanswered items up to ``last`` are 0, not missing."""
    if items[0] != 0:
        return list(items)
    return [0 if item is None and place < last else item for place, item in enumerate(items)]


def _taps_skipped(items: Numbers) -> list[int | None]:
    """A class that part 1 answers with never, or whose first question says no, is over: what is open in it is 0."""
    answers = list(items)
    for opener, start, end in TAPS_CLASSES.values():
        if answers[opener] == 0 or answers[start] == 0:
            answers[start:end] = [0 if item is None else item for item in answers[start:end]]
    return answers


def _cssrs_level(items: Numbers) -> tuple[str, list[int]]:
    """Return the level and the required positions that are unanswered, in the order of S27: danger first."""
    q1, q2, q3, q4, q5, q6_lifetime, q6_3m = items
    if 1 in (q4, q5, q6_3m):
        return "high", []
    required = {1, 2, 6} | ({3, 4, 5} if q2 == 1 else set()) | ({7} if q6_lifetime == 1 else set())
    unanswered = [place for place in missing(items) if place in required]
    if unanswered:
        return "incomplete", unanswered
    if q3 == 1 or q6_lifetime == 1:
        return "moderate", []
    return ("low" if 1 in (q1, q2) else "none"), []


def _withdrawal(items: Numbers, highest: Sequence[int], bands: Bands, cut: int) -> Result:
    total = complete_sum(items)
    return Result(
        total=total,
        band=band(total, bands),
        cut_off=verdict(bounds(items, highest).at_least(cut)),
        missing=missing(items),
    )


def _hundredths(mean: Fraction) -> Fraction:
    return Fraction(round_half_up(mean * 100), 100)


def _itq_part(part: Numbers) -> Truth:
    """One of each symptom pair and one of the three impairment items, each present at 2 or more."""
    there = [None if item is None else item >= 2 for item in part]
    return all_of(any_of(there[start:end]) for start, end in ((0, 2), (2, 4), (4, 6), (6, 9)))
