"""Scores in the shape of the recommendation contract (S99), from items in published order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intake.instruments import scorers
from intake.instruments.answers import Answers, Value
from intake.instruments.bounds import Truth
from intake.instruments.scorers import Result
from intake.instruments.shapes import Questionnaire

ScoredItem = int | str | None
SEXES = ("female", "male", "other")


class ScoringError(ValueError):
    """Items that no form could hold; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """How an instrument is scored, and for each position the values it may have."""

    run: Callable[..., Result]
    allowed: Sequence[Sequence[int | str]]
    reads_sex: bool = False


_YES_NO = (0, 1)
_TO_3 = (0, 1, 2, 3)
_TO_4 = (0, 1, 2, 3, 4)
_1_TO_5 = (1, 2, 3, 4, 5)
_TO_7 = tuple(range(8))
_EVER = (0, 2, 4)
_COWS = (
    (0, 1, 2, 4),
    _TO_4,
    (0, 1, 3, 5),
    (0, 1, 2, 5),
    (0, 1, 2, 4),
    (0, 1, 2, 4),
    (0, 1, 2, 3, 5),
    (0, 1, 2, 4),
    (0, 1, 2, 4),
    (0, 1, 2, 4),
    (0, 3, 5),
)

SCORERS: Mapping[str, Scorer] = {
    "phq9": Scorer(scorers.phq9, [_TO_3] * 9),
    "gad7": Scorer(scorers.gad7, [_TO_3] * 7),
    "pcptsd5": Scorer(scorers.pcptsd5, [_YES_NO] * 6),
    "pcl5": Scorer(scorers.pcl5, [_TO_4] * 20),
    "audit_c": Scorer(scorers.audit_c, [_TO_4] * 3, reads_sex=True),
    "audit": Scorer(scorers.audit, [_TO_4] * 8 + [_EVER] * 2),
    "drug_single_item": Scorer(scorers.drug_single_item, [range(367)]),
    "cssrs": Scorer(scorers.cssrs, [_YES_NO] * 7),
    "bipf": Scorer(scorers.bipf, [(0, 1, 2, 3, 4, 5, 6, "na")] * 7),
    "bam": Scorer(scorers.bam, [_TO_4] * 13 + [(0, 4)] + [_TO_4] * 3),
    "hark": Scorer(scorers.hark, [_YES_NO] * 4),
    "ciwa": Scorer(scorers.ciwa, [_TO_7] * 9 + [_TO_4]),
    "cows": Scorer(scorers.cows, _COWS),
    "bsl23": Scorer(scorers.bsl23, [_TO_4] * 23),
    "itq": Scorer(scorers.itq, [_TO_4] * 18),
    "taps": Scorer(scorers.taps, [_TO_4] * 4 + [_YES_NO] * 25),
    "ders16": Scorer(scorers.ders16, [_1_TO_5] * 16),
    "whodas12": Scorer(scorers.whodas12, [_TO_4] * 12),
}


def score(instrument: str, items: Sequence[ScoredItem], sex: str | None = None) -> dict[str, Any]:
    """
    Score one form.

    Args:
        items: one entry per item in published order; None is unanswered, yes and no are 1 and 0.
        sex: recorded for clinical use; only AUDIT-C reads it.
    Raises:
        ScoringError: unknown instrument, a wrong number of items, or a value that the form does not have.
    """
    scorer = SCORERS.get(instrument)
    if scorer is None:
        raise ScoringError(f"There is no instrument {instrument}. Known are {', '.join(SCORERS)}.")
    if sex is not None and sex not in SEXES:
        raise ScoringError(f"Sex is female, male or other, not {sex}.")
    _check(instrument, scorer, items)
    return _document(instrument, scorer.run(items, sex) if scorer.reads_sex else scorer.run(items))


def answers_to_items(questionnaire: Questionnaire, answers: Answers) -> list[ScoredItem]:
    """Return the items to score: shown and answered, in the scorer's order; yes and no as 1 and 0."""
    if questionnaire.scoring is None:
        raise ScoringError(f"{questionnaire.title} is not scored.")
    values = questionnaire.values(answers)
    return [_item(values.get(code)) for code in questionnaire.scoring.items]


def _item(value: Value) -> ScoredItem:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float | list):
        raise ScoringError(f"{value} is not the answer of a scored item.")
    return value


def _check(instrument: str, scorer: Scorer, items: Sequence[ScoredItem]) -> None:
    if len(items) != len(scorer.allowed):
        raise ScoringError(f"{instrument} has {len(scorer.allowed)} items, not {len(items)}.")
    for place, (item, allowed) in enumerate(zip(items, scorer.allowed, strict=True), start=1):
        # A bool would pass for 1 or 0; it is the caller's mistake, since yes and no are written as numbers.
        if item is not None and (isinstance(item, bool) or item not in allowed):
            raise ScoringError(f"Item {place} of {instrument} cannot be {item!r}.")


def _document(instrument: str, result: Result) -> dict[str, Any]:
    results = {name: _word(truth) for name, truth in result.results.items()}
    return {
        "schema": "iop.score/1",
        "instrument": instrument,
        "total": result.total,
        "subscales": dict(result.subscales),
        "band": result.band,
        "cut_off": result.cut_off,
        "results": results,
        "is_prorated": result.is_prorated,
        "indeterminate": result.cut_off == "indeterminate" or "indeterminate" in results.values(),
        "missing": list(result.missing),
        "flags": sorted(result.flags),
    }


def _word(truth: Truth) -> str:
    if truth is None:
        return "indeterminate"
    return "yes" if truth else "no"
