"""The names that a rule may use: every raw fact, and every fact that is worked out (SEMANTICS part 3)."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import numpy as np

from . import measures
from .columns import Mask, Numbers, Truths, layout
from .dictionary import Fact, raw_facts
from .encoding import NO, NULL, UNKNOWN, YES
from .logic import Any_, Certain, Condition, Evaluation, Unknowns, truth
from .measures import Finding, Worked, always, checked_items, checklist
from .terms import ListTerm, NumberRow, Operand, OrNo, Term, TruthRow, TruthTerm, ValueTerm

# Optional instruments: not given means "not used here" (S14).
OPTIONAL = frozenset({"bsl23.mean", "itq.ptsd_met", "itq.dso_met", "taps2.drug_max"})
CSSRS_DAYS = 7


@cache
def vocabulary() -> Mapping[str, Term]:
    """Every name and what it means; built once, for a term keeps nothing of any person."""
    terms: dict[str, Term] = {fact.key: term for fact in raw_facts() if (term := _raw(fact))}
    for build in (_raw_checklists, measures.phq9, measures.gad7, measures.bipf, measures.dysregulation):
        terms |= {term.name: term for term in build()}
    for derive in (
        measures.pcptsd5,
        measures.pcl5,
        measures.audit,
        measures.bam,
        _cssrs,
        _self_harm,
        _withdrawal,
        _others,
    ):
        terms |= {term.name: term for term in derive(terms)}
    # "phq9 at least 20" reads better than "phq9.total at least 20", and says the same.
    for name in ("phq9", "gad7", "pcl5", "audit"):
        terms[name] = terms[f"{name}.total"]
    return terms


def _raw(fact: Fact) -> Term | None:
    place = layout().places[fact.key]
    optional = fact.key in OPTIONAL
    match fact.type:
        case "bool":
            row = TruthRow(fact.key, place.start)
            return TruthTerm(fact.key, OrNo(row) if optional else row)
        case "list":
            return ListTerm(fact, place)
        case "choice":
            return ValueTerm(fact.key, NumberRow(place.start), fact.values, optional=optional)
        case "int" | "number":
            labels = [Decimal(code) / fact.scale for code in range(fact.codes)]
            return ValueTerm(fact.key, NumberRow(place.start), labels, optional=optional)
    return None  # dates are read through windows, item lists through their scores


def _raw_checklists() -> list[Term]:
    return [checked_items(key) for key in ("mania.items", "pcptsd5.items", "hark.items")]


def _cssrs(terms: Mapping[str, Term]) -> list[Term]:
    """C-SSRS triage level: ``NULL`` stands for incomplete (S27)."""
    keys = ("cssrs.q1", "cssrs.q2", "cssrs.q3", "cssrs.q4", "cssrs.q5", "cssrs.q6_lifetime", "cssrs.q6_3m")
    rows = [layout().places[key].start for key in keys]
    age = NumberRow(layout().places["cssrs.date"].start)

    def stale(see: Evaluation) -> Mask:
        old: Mask = (see[age] == NULL) | (see[age] > CSSRS_DAYS)
        return old

    def level(see: Evaluation) -> Numbers:
        q1, q2, q3, q4, q5, ever, lately = (see.batch.truths[row] for row in rows)
        blank = (q1 == UNKNOWN) | (q2 == UNKNOWN) | (ever == UNKNOWN)
        blank |= (q2 == YES) & ((q3 == UNKNOWN) | (q4 == UNKNOWN) | (q5 == UNKNOWN))
        blank |= (ever == YES) & (lately == UNKNOWN)
        codes = np.full(see.batch.size, 3, dtype=np.int16)
        codes[(q1 == YES) | (q2 == YES)] = 2
        codes[(q3 == YES) | (ever == YES)] = 1
        codes[blank | stale(see)] = NULL
        codes[(q4 == YES) | (q5 == YES) | (lately == YES)] = 0
        return codes

    def unknown(see: Evaluation, person: int) -> Unknowns:
        answer = {key: int(see.batch.truths[row][person]) for key, row in zip(keys, rows, strict=True)}
        required = ["cssrs.q1", "cssrs.q2", "cssrs.q6_lifetime"]
        if answer["cssrs.q2"] == YES:
            required += ["cssrs.q3", "cssrs.q4", "cssrs.q5"]
        if answer["cssrs.q6_lifetime"] == YES:
            required.append("cssrs.q6_3m")
        asked = {key for key in required if answer[key] == UNKNOWN}
        return frozenset(asked | {"cssrs.date"} if stale(see)[person] else asked)

    labels = ("high", "moderate", "low", "none")
    return [ValueTerm("cssrs.level", Worked(level), labels, unknown=unknown, reads=frozenset({*keys, "cssrs.date"}))]


def _self_harm(terms: Mapping[str, Term]) -> list[Term]:
    behavior = _no_without(terms, "cssrs.q6_3m", "cssrs.q6_lifetime")
    return [TruthTerm("self_harm.recent", Any_(terms["self_harm.episodes_3m"].compared(">=", (Decimal(1),)), behavior))]


def _no_without(terms: Mapping[str, Term], key: str, wider: str) -> Condition:
    """An answer that reads as no while it is null and a wider question was answered no (S30, S34)."""
    answer, wide = terms[key].condition(), terms[wider].condition()

    def work(see: Evaluation) -> Truths:
        return np.where((see[answer] == UNKNOWN) & (see[wide] == NO), np.uint8(NO), see[answer])

    return Finding(work, always(key), frozenset({key, wider}))


class WithdrawalScale(Term):
    """CIWA-Ar or COWS: due only with recent use, and believed to be low only while fresh (S30)."""

    def __init__(self, name: str, recent_use: Condition, use_key: str) -> None:
        super().__init__(name)
        self.recent_use, self.use_key, self.total_key = recent_use, use_key, f"{name}.total"
        self.total = NumberRow(layout().places[self.total_key].start)

    def compared(self, operator: str, operands: tuple[Operand, ...]) -> Condition:
        if operator != "at least" or not isinstance(operands[0], Decimal):
            return super().compared(operator, operands)
        threshold = int(operands[0])

        def work(see: Evaluation) -> Truths:
            total, use = see[self.total], see[self.recent_use]
            is_no = (use == NO) | ((total != NULL) & (see[SCALES_FRESH] == YES))
            column = np.where(is_no, NO, UNKNOWN).astype(np.uint8)
            column[total >= threshold] = YES
            return column

        return Finding(work, self._unknown, self.recent_use.reads() | {self.total_key, "withdrawal.scales_date"})

    def _unknown(self, see: Evaluation, person: int) -> Unknowns:
        if see[self.recent_use][person] == UNKNOWN:
            return frozenset({self.use_key})
        return frozenset({self.total_key if see[self.total][person] == NULL else "withdrawal.scales_date"})


def _scales_fresh(see: Evaluation) -> Truths:
    age = see.batch.numbers[layout().places["withdrawal.scales_date"].start]
    return truth((age == 0) | (age == 1))


SCALES_FRESH = Finding(_scales_fresh, always(), frozenset({"withdrawal.scales_date"}))


def _withdrawal(terms: Mapping[str, Term]) -> list[Term]:
    heavy = _no_without(terms, "withdrawal.heavy_alcohol_sedative_7d", "substance.use_30d")
    opioid = _no_without(terms, "withdrawal.opioid_daily_7d", "substance.use_30d")
    return [
        TruthTerm("withdrawal.heavy_7d", heavy),
        TruthTerm("withdrawal.opioid_7d", opioid),
        TruthTerm("withdrawal.scales_fresh", SCALES_FRESH),
        WithdrawalScale("ciwa", heavy, "withdrawal.heavy_alcohol_sedative_7d"),
        WithdrawalScale("cows", opioid, "withdrawal.opioid_daily_7d"),
    ]


def _others(terms: Mapping[str, Term]) -> list[Term]:
    dependence = terms["substance.dependence_classes"]
    considered = Any_(
        terms["family.relative_willing"].condition(),
        terms["family.patient_consents"].condition(),
        terms["preference.format"].compared("=", ("family",)),
    )
    bipolar = terms["diagnosis.bipolar"].compared("in", ("suspected", "confirmed"))
    return [
        TruthTerm(
            "substance.dependence_aos",
            Any_(*(dependence.compared("contains", (entry,)) for entry in ("alcohol", "opioid", "sedative"))),
        ),
        TruthTerm("mania.flag", Any_(*checklist("mania.items")[:5], bipolar)),
        TruthTerm("hark.positive", Any_(*checklist("hark.items"))),
        TruthTerm("family.considered", Certain(considered)),
    ]
