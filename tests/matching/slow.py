"""
The recommendation a second time: slow, direct, one person at a time, written from the text of SEMANTICS.

It shares nothing with the engine, neither code nor rules, so that a disagreement of the two points at a mistake in one.
Clauses are cited; a condition is a pair of a truth and the set of facts that keep it unknown.
"""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FACTS = {
    row["key"]: row
    for row in yaml.safe_load((Path(__file__).parents[1] / "contract" / "facts.yaml").read_text(encoding="utf-8"))[
        "facts"
    ]
}
FAMILIES = ["depression", "dbt", "trauma", "addiction"]
TIES = ["dbt", "addiction", "trauma", "depression"]
LEVELS = ["outpatient", "iop", "php", "residential", "inpatient"]
ROWS = ["diagnosis", "main_measure", "behavior", "second_measure", "functional_loss", "outpatient_failed", "main_goal"]


class T(NamedTuple):
    """A condition: True, False or None for unknown, with its unknown set (S9)."""

    value: bool | None
    unknown: frozenset[str] = frozenset()

    @property
    def yes(self) -> bool:
        return self.value is True

    @property
    def no(self) -> bool:
        return self.value is False

    @property
    def open(self) -> bool:
        return self.value is None


def known(value: bool) -> T:
    return T(bool(value))


def unknown(*facts: str) -> T:
    return T(None, frozenset(facts))


def both(*parts: T) -> T:  # S8
    if any(p.no for p in parts):
        return known(False)
    if any(p.open for p in parts):
        return T(None, frozenset().union(*(p.unknown for p in parts if p.open)))
    return known(True)


def either(*parts: T) -> T:  # S8
    if any(p.yes for p in parts):
        return known(True)
    if any(p.open for p in parts):
        return T(None, frozenset().union(*(p.unknown for p in parts if p.open)))
    return known(False)


def no(part: T) -> T:
    return part if part.open else known(not part.value)


def half_up(numerator: int, denominator: int) -> int:  # S15
    return math.floor(Fraction(numerator, denominator) + Fraction(1, 2))


class Person:
    """Facts of one person, and every derived fact and result, each worked out when asked."""

    def __init__(self, document: dict[str, Any], varied: tuple[str, Any] | None = None) -> None:
        self.as_of = date.fromisoformat(document["as_of"])
        self.facts = dict(document["facts"])
        self.totals: dict[str, int] = {}
        if varied is not None:
            key, value = varied
            if FACTS[key]["kind"] == "raw":
                self.facts[key] = value
            else:
                self.totals[key] = value

    def get(self, key: str) -> Any:
        assert FACTS[key]["kind"] == "raw", key
        return self.facts.get(key)

    def age(self, key: str) -> int | None:  # S4
        text = self.get(key)
        if text is None:
            return None
        days = (self.as_of - date.fromisoformat(text)).days
        return None if days < 0 else days

    # ---- single facts (S10, S12)

    def flag(self, key: str) -> T:
        value = self.get(key)
        return unknown(key) if value is None else known(value)

    def test(self, key: str, check: Any) -> T:
        value = self.get(key)
        return unknown(key) if value is None else known(check(value))

    def is_(self, key: str, *values: Any) -> T:
        return self.test(key, lambda v: v in values)

    def ge(self, key: str, t: float) -> T:
        return self.test(key, lambda v: v >= t)

    def le(self, key: str, t: float) -> T:
        return self.test(key, lambda v: v <= t)

    def has(self, key: str, entry: str) -> T:
        return self.test(key, lambda v: entry in v)

    def d(self, n: int) -> Any:
        return self.get(f"dimension.d{n}")

    def optional(self, key: str, check: Any) -> T:  # S14
        value = self.get(key)
        return known(value is not None and check(value))

    def items(self, key: str) -> list[Any]:  # S13
        value = self.get(key)
        return [None] * FACTS[key]["length"] if value is None else list(value)

    # ---- bounds (S11)

    @staticmethod
    def bounds(answers: list[int | None], highest: int) -> tuple[int, int]:
        low = sum(a for a in answers if a is not None)
        return low, low + highest * sum(1 for a in answers if a is None)

    @staticmethod
    def at_least(bounds: tuple[int, int], t: int, fact: str) -> T:
        low, high = bounds
        return known(True) if low >= t else known(False) if high < t else unknown(fact)

    @staticmethod
    def at_most(bounds: tuple[int, int], t: int, fact: str) -> T:
        low, high = bounds
        return known(True) if high <= t else known(False) if low > t else unknown(fact)

    def second_stage(self, fact: str, due: T, result: T, counted: bool = False) -> T:  # S14
        if self.get(fact) is not None or counted:
            return result
        if due.no:
            return known(False)
        return unknown(fact) if due.yes else due

    # ---- S20, S21

    def phq9(self, t: int) -> T:
        if "phq9.total" in self.totals:
            return known(self.totals["phq9.total"] >= t)
        return self.at_least(self.bounds(self.items("phq9.items"), 3), t, "phq9.items")

    @property
    def phq9_total(self) -> int | None:
        answers = self.items("phq9.items")
        answered = [a for a in answers if a is not None]
        if len(answered) < 7 or answers[8] is None:
            return None
        return half_up(sum(answered) * 9, len(answered))

    @property
    def item9(self) -> int | None:
        return self.items("phq9.items")[8]

    def gad7(self, t: int) -> T:
        if "gad7.total" in self.totals:
            return known(self.totals["gad7.total"] >= t)
        return self.at_least(self.bounds(self.items("gad7.items"), 3), t, "gad7.items")

    @property
    def gad7_total(self) -> int | None:
        answered = [a for a in self.items("gad7.items") if a is not None]
        return None if len(answered) < 6 else half_up(sum(answered) * 7, len(answered))

    # ---- S22

    @property
    def pcptsd5(self) -> T:
        exposure = self.get("pcptsd5.exposure")
        if exposure is None:
            return unknown("pcptsd5.exposure")
        if exposure is False:
            return known(False)
        answers = self.items("pcptsd5.items")
        yes, blank = answers.count(True), answers.count(None)
        return known(True) if yes >= 3 else known(False) if yes + blank < 3 else unknown("pcptsd5.items")

    # ---- S23

    @property
    def pcl5_due(self) -> T:
        return either(self.pcptsd5, self.is_("diagnosis.ptsd", "suspected", "confirmed"))

    def pcl5(self, t: int) -> T:
        if "pcl5.total" in self.totals:
            return known(self.totals["pcl5.total"] >= t)
        result = self.at_least(self.bounds(self.items("pcl5.items"), 4), t, "pcl5.items")
        return self.second_stage("pcl5.items", self.pcl5_due, result)

    @property
    def clusters(self) -> list[tuple[list[int | None], int]]:
        a = self.items("pcl5.items")
        return [(a[0:5], 1), (a[5:7], 1), (a[7:14], 2), (a[14:20], 2)]

    @property
    def cluster_rule(self) -> T:
        parts = []
        for answers, need in self.clusters:
            present = sum(1 for a in answers if a is not None and a >= 2)
            blank = answers.count(None)
            parts.append(
                known(True) if present >= need else known(False) if present + blank < need else unknown("pcl5.items")
            )
        return self.second_stage("pcl5.items", self.pcl5_due, both(*parts))

    @property
    def pcl5_total(self) -> int | None:
        total = 0
        for answers, _ in self.clusters:
            answered = [a for a in answers if a is not None]
            if len(answered) < len(answers) - 1:
                return None
            total += half_up(sum(answered) * len(answers), len(answered))
        return total

    # ---- S24

    @property
    def audit_c_fact(self) -> str:
        from_full = self.get("audit_c.items") is None and self.get("audit.items") is not None
        return "audit.items" if from_full else "audit_c.items"

    @property
    def audit_c_answers(self) -> list[int | None]:
        a = self.items("audit_c.items") if self.audit_c_fact == "audit_c.items" else self.items("audit.items")[:3]
        if a[0] == 0:
            a = [a[0]] + [0 if x is None else x for x in a[1:]]
        return a

    @property
    def audit_c(self) -> T:
        cut = 4 if self.get("person.sex_for_clinical_use") == "male" else 3
        return self.at_least(self.bounds(self.audit_c_answers, 4), cut, self.audit_c_fact)

    @property
    def audit_answers(self) -> list[int | None]:
        a = self.items("audit.items")
        if a[0] == 0:
            a[1:8] = [0 if x is None else x for x in a[1:8]]
        if a[1] == 0 and a[2] == 0:
            a[3:8] = [0 if x is None else x for x in a[3:8]]
        return a

    def audit(self, t: int) -> T:
        if "audit.total" in self.totals:
            return known(self.totals["audit.total"] >= t)
        result = self.at_least(self.bounds(self.audit_answers, 4), t, "audit.items")
        return self.second_stage("audit.items", self.audit_c, result)

    @property
    def audit_total(self) -> int | None:
        return None if None in self.audit_answers else sum(self.audit_answers)  # type: ignore[arg-type]

    # ---- S25, S26

    @property
    def bam_due(self) -> T:
        return self.is_("substance.sud_severity", "mild", "moderate", "severe")

    def bam(self, *numbers: int) -> list[int | None]:
        a = self.items("bam.items")
        return [a[n - 1] for n in numbers]

    @property
    def bam_risk_12(self) -> T:
        result = self.at_least(self.bounds(self.bam(1, 2, 3, 8, 11, 15), 4), 12, "bam.items")
        return self.second_stage("bam.items", self.bam_due, result)

    @property
    def bam_protective_12(self) -> T:
        result = self.at_most(self.bounds(self.bam(9, 10, 12, 13, 14, 16), 4), 12, "bam.items")
        return self.second_stage("bam.items", self.bam_due, result)

    @property
    def bipf_score(self) -> int | None:
        answered = [a for a in self.items("bipf.items") if a is not None and a != "na"]
        return None if len(answered) < 4 else half_up(100 * sum(answered), 6 * len(answered))

    # ---- S27, S28

    @property
    def cssrs(self) -> tuple[str, frozenset[str]]:
        """Level, and the unknown set when incomplete."""
        q = {n: self.get(f"cssrs.{n}") for n in ("q1", "q2", "q3", "q4", "q5", "q6_lifetime", "q6_3m")}
        if q["q4"] or q["q5"] or q["q6_3m"]:
            return "high", frozenset()
        required = ["q1", "q2", "q6_lifetime"]
        if q["q2"]:
            required += ["q3", "q4", "q5"]
        if q["q6_lifetime"]:
            required += ["q6_3m"]
        blank = {f"cssrs.{n}" for n in required if q[n] is None}
        age = self.age("cssrs.date")
        if age is None or age > 7:
            blank.add("cssrs.date")
        if blank:
            return "incomplete", frozenset(blank)
        if q["q3"] or q["q6_lifetime"]:
            return "moderate", frozenset()
        return ("low" if q["q1"] or q["q2"] else "none"), frozenset()

    @property
    def hark(self) -> T:
        a = self.items("hark.items")
        return known(True) if True in a else known(False) if None not in a else unknown("hark.items")

    # ---- S30

    def use_7d(self, key: str) -> T:
        value = self.get(key)
        if value is not None:
            return known(value)
        return known(False) if self.get("substance.use_30d") is False else unknown(key)

    @property
    def heavy_7d(self) -> T:
        return self.use_7d("withdrawal.heavy_alcohol_sedative_7d")

    @property
    def opioid_7d(self) -> T:
        return self.use_7d("withdrawal.opioid_daily_7d")

    @property
    def fresh(self) -> bool:
        return self.age("withdrawal.scales_date") in (0, 1)

    def scale(self, key: str, use: T, t: int) -> T:
        total = self.get(key)
        if total is not None and total >= t:
            return known(True)
        if use.no:
            return known(False)
        if total is not None and self.fresh:
            return known(False)
        if use.open:
            return use
        return unknown(key) if total is None else unknown("withdrawal.scales_date")

    def ciwa(self, t: int) -> T:
        return self.scale("ciwa.total", self.heavy_7d, t)

    def cows(self, t: int) -> T:
        return self.scale("cows.total", self.opioid_7d, t)

    # ---- S31 to S36

    def dependence(self, *classes: str) -> T:
        return self.test("substance.dependence_classes", lambda v: bool(set(classes) & set(v)))

    def features(self, t: int) -> T:
        a = self.items("dysregulation.items")
        return self.at_least((a.count(True), a.count(True) + a.count(None)), t, "dysregulation.items")

    @property
    def mania_flag(self) -> T:
        entries = [unknown("mania.items") if a is None else known(a) for a in self.items("mania.items")[:5]]
        return either(*entries, self.is_("diagnosis.bipolar", "suspected", "confirmed"))

    @property
    def q6_3m_read(self) -> T:  # S34
        if self.get("cssrs.q6_3m") is None and self.get("cssrs.q6_lifetime") is False:
            return known(False)
        return self.flag("cssrs.q6_3m")

    @property
    def self_harm_recent(self) -> T:
        return either(self.ge("self_harm.episodes_3m", 1), self.q6_3m_read)

    @property
    def family_considered(self) -> bool:
        return (
            self.get("family.relative_willing") is True
            or self.get("family.patient_consents") is True
            or self.get("preference.format") == "family"
        )

    @property
    def safety_level(self) -> str:
        level = self.cssrs[0]
        d1, item9, signs = self.d(1), self.item9, self.get("emergency.signs")
        if signs:
            return "S4"
        if level == "high" or (d1 is not None and d1 >= 3):
            return "S3"
        if signs is None or level == "incomplete" or item9 is None or d1 is None:
            return "SU"
        if level == "moderate" or item9 >= 2 or d1 == 2:
            return "S2"
        return "S1" if level == "low" or item9 == 1 else "S0"

    # ---- Gates, part 4

    def dim(self, n: int, check: Any) -> T:
        return self.test(f"dimension.d{n}", check)

    @property
    def phase(self) -> T:
        return known(self.get("bipolar.phase") in ("hypomanic_or_manic", "mixed"))

    @property
    def manic_signs(self) -> T:
        return either(self.flag("mania.now"), self.phase)

    @property
    def no_safe_tonight(self) -> T:
        return no(self.flag("environment.safe_tonight"))

    def triggers(self) -> dict[str, tuple[list[tuple[str, T]], frozenset[str]]]:
        level, open_answers = self.cssrs
        incomplete = level == "incomplete"
        consent = self.get("consent.treatment")
        signs = (
            "clinician_marked",
            "overdose",
            "seizure",
            "delirium",
            "weapon",
            "attempt_in_progress",
            "cannot_stay_safe",
        )
        high_g10 = T(None, open_answers) if incomplete else known(level == "high")
        return {
            "G1": ([(s, self.has("emergency.signs", s)) for s in signs], frozenset()),
            "G2": (
                [
                    ("cssrs_high", known(level == "high")),
                    ("cssrs_incomplete", known(incomplete)),
                    ("d1_ge_3", self.dim(1, lambda v: v >= 3)),
                    ("threat_to_others", self.flag("risk.threat_to_others")),
                ],
                open_answers if incomplete else frozenset(),
            ),
            "G3": (
                [
                    ("ciwa_ge_10", self.ciwa(10)),
                    ("cows_ge_13", self.cows(13)),
                    ("risk_history_with_heavy_use", both(self.flag("withdrawal.risk_history"), self.heavy_7d)),
                    ("d2_ge_3", self.dim(2, lambda v: v >= 3)),
                ],
                frozenset(),
            ),
            "G4": (
                [
                    ("d4_eq_4", self.dim(4, lambda v: v == 4)),
                    ("manic_signs_now", self.manic_signs),
                    ("acute_psychosis", self.flag("psychosis.acute")),
                    ("command_hallucinations", self.flag("psychosis.command_hallucinations")),
                ],
                frozenset(),
            ),
            "G5": (
                [
                    ("d3_eq_4", self.dim(3, lambda v: v == 4)),
                    (
                        "pregnancy_with_dependence",
                        both(self.flag("person.pregnant"), self.dependence("alcohol", "opioid", "sedative")),
                    ),
                    ("vital_sign_danger", self.flag("medical.vital_sign_danger")),
                    ("eating_disorder_danger", self.flag("eating.medical_danger")),
                ],
                frozenset(),
            ),
            "G6": (
                [
                    ("consent_missing", known(consent is not True)),
                    ("cannot_understand", no(self.flag("consent.capacity"))),
                    ("guardian_unclear", self.is_("consent.guardian_status", "guardian_unclear")),
                    ("minor", no(self.ge("person.age", 18))),
                ],
                frozenset({"consent.treatment"}) if consent is None else frozenset(),
            ),
            "G7": (
                [("d7_eq_4", self.dim(7, lambda v: v == 4)), ("not_safe_tonight", self.no_safe_tonight)],
                frozenset(),
            ),
            "G8": (
                [
                    ("d8_eq_4", self.dim(8, lambda v: v == 4)),
                    ("cannot_attend_min_hours", no(self.flag("engagement.can_attend_min_hours"))),
                ],
                frozenset(),
            ),
            "G9": (
                [
                    ("hark_positive", self.hark),
                    ("fear_disclosed", self.flag("ipv.fear_disclosed")),
                    ("protective_order", self.flag("ipv.protective_order")),
                ],
                frozenset(),
            ),
            "G10": (
                [
                    ("cssrs_high", high_g10),
                    ("serious_self_harm_8w", self.flag("self_harm.serious_8w")),
                    ("severe_withdrawal", either(self.dim(2, lambda v: v == 4), self.ciwa(19), self.cows(25))),
                    ("intoxicated_attendance", self.flag("substance.intoxicated_attendance")),
                    ("recent_overdose", self.flag("substance.overdose_30d")),
                    (
                        "psychosis_or_mania",
                        either(
                            self.dim(4, lambda v: v == 4),
                            self.flag("mania.now"),
                            self.flag("psychosis.acute"),
                            self.phase,
                        ),
                    ),
                    ("perpetrator_threat", self.flag("trauma.perpetrator_threat")),
                    ("no_safe_place", either(self.dim(7, lambda v: v == 4), self.no_safe_tonight)),
                    ("dissociation", self.flag("trauma.dissociation_prevents_presence")),
                    ("arousal_risk", self.flag("medical.arousal_risk")),
                    ("prefers_not_now", self.is_("preference.trauma_processing", "not_now")),
                ],
                frozenset(),
            ),
        }

    def cleared(self, gate: str) -> bool:  # S51
        windows = {"G1": 1, "G2": 1, "G3": 1, "G4": 7, "G5": 7, "G9": 30, "G10": 30}
        if gate == "G7":
            return self.get("environment.safe_place_recorded") is True
        if gate == "G8":
            return self.get("engagement.barrier_plan") is True
        if gate not in windows:
            return False
        key = f"clearance.{gate.lower()}"
        age = self.age(key)
        if age is None or age > windows[gate]:
            return False
        if gate == "G2" and self.age("cssrs.date") is not None:
            return date.fromisoformat(self.get(key)) >= date.fromisoformat(self.get("cssrs.date"))
        return gate != "G9" or self.get("ipv.each_seen_alone") is True

    def gates(self) -> dict[str, dict[str, Any]]:
        blocks = {"G1": "everything", "G9": "conjoint", "G10": "trauma_processing"}
        blocks |= dict.fromkeys(("G2", "G3", "G4", "G5"), "recommendation")
        blocks |= dict.fromkeys(("G6", "G7", "G8"), "enrollment")
        result = {}
        for gate, (triggers, added) in self.triggers().items():
            fired = [code for code, condition in triggers if condition.yes]
            open_facts = added.union(*(condition.unknown for _, condition in triggers if condition.open))
            if (fired or open_facts) and self.cleared(gate):
                status = "cleared"
            elif fired:
                status = "emergency" if gate == "G1" else "hold"
            else:
                status = "incomplete" if open_facts else "clear"
            result[gate] = {
                "id": gate,
                "status": status,
                "triggers": fired,
                "unknown": sorted(open_facts),
                "blocks": blocks[gate],
            }
        return result


OPEN = ("emergency", "hold", "incomplete")


class Result:
    """The result for one person."""

    def __init__(self, person: Person) -> None:
        self.p = person
        self.gates = person.gates()
        self.is_open = {gate: row["status"] in OPEN for gate, row in self.gates.items()}
        self.stopped = any(self.is_open[f"G{n}"] for n in range(1, 6))
        self.minor = person.get("person.age") is not None and person.get("person.age") < 18
        self.level_rows = self._level_rows()
        self.rows = {family: self._family_rows(family) for family in FAMILIES}
        self.tracks = {family: self._track(family) for family in FAMILIES}
        self.points = {family: self.tracks[family]["points"] for family in FAMILIES}
        self.ranking = sorted(FAMILIES, key=lambda f: (-self.points[f], TIES.index(f)))
        self.level = self._level()
        self.selection = self._selection()

    # ---- S54

    def _level_rows(self) -> dict[str, T]:
        p = self.p
        dim = p.dim

        def all_le(t: int, numbers: Any) -> T:
            return both(*(dim(n, lambda v: v <= t) for n in numbers))

        return {
            "L1": either(
                dim(1, lambda v: v == 4), known(p.cssrs[0] == "high" and self.gates["G2"]["status"] != "cleared")
            ),
            "L2": dim(1, lambda v: v == 3),
            "L3": dim(2, lambda v: v == 4),
            "L4": dim(2, lambda v: v == 3),
            "L5": dim(3, lambda v: v == 4),
            "L6": either(
                dim(4, lambda v: v == 4),
                p.manic_signs,
                p.flag("psychosis.acute"),
                p.flag("psychosis.command_hallucinations"),
            ),
            "L7": dim(4, lambda v: v == 3),
            "L8": dim(5, lambda v: v == 4),
            "L9": dim(6, lambda v: v == 4),
            "L10": either(dim(7, lambda v: v == 4), p.no_safe_tonight),
            "L11": dim(7, lambda v: v == 3),
            "L12": both(
                all_le(2, (1, 2, 3, 4, 7)),
                dim(6, lambda v: v <= 3),
                either(
                    dim(5, lambda v: v == 3),
                    both(
                        dim(6, lambda v: v >= 2),
                        either(dim(4, lambda v: v >= 2), dim(5, lambda v: v >= 2), dim(9, lambda v: v >= 2)),
                    ),
                ),
            ),
            "L13": both(dim(9, lambda v: v == 3), all_le(2, range(1, 8))),
            "L14": dim(9, lambda v: v == 4),
            "L15": both(all_le(1, range(1, 8)), dim(9, lambda v: v <= 1)),
            "L16": dim(8, lambda v: v == 3),
            "L17": dim(8, lambda v: v == 4),
            "L18": known(any(p.d(n) is None for n in range(1, 8))),
            "L20": dim(3, lambda v: v == 3),
        }

    # ---- S55 to S60

    def _level(self) -> dict[str, Any]:
        rows = self.level_rows
        fired = [row for row, condition in rows.items() if condition.yes]
        barrier = ["remove_barriers_first"] if rows["L16"].yes else []
        level, conditions, alternatives = None, [], []
        if self.minor:
            status = "out_of_scope"
        elif rows["L18"].yes:
            status = "no_result"
        elif self.stopped:
            status = "gated"
        else:
            would = self._combined()
            if rows["L17"].yes:
                status = "no_placement"
                if would is not None:
                    alternatives = [{"level": would[0], "conditions": ["if_person_accepts"]}]
            elif would is None:
                status = "undetermined"
                alternatives = [{"level": "outpatient", "conditions": []}, {"level": "iop", "conditions": []}]
                conditions = barrier
                fired.append("L19")
            else:
                status = "determined"
                level, own, alternatives = would
                conditions = sorted({*own, *barrier})
        return {
            "status": status,
            "level": level,
            "conditions": conditions,
            "alternatives": alternatives,
            "consider": self._consider(status, fired),
            "rows_fired": sorted(fired, key=lambda row: int(row[1:])),
            "rows_indeterminate": sorted((r for r, c in rows.items() if c.open), key=lambda row: int(row[1:])),
            "blocking_gates": [f"G{n}" for n in range(1, 6) if self.is_open[f"G{n}"]],
        }

    def _consider(self, status: str, fired: list[str]) -> list[str]:
        if status not in ("gated", "no_result", "out_of_scope"):
            return []
        table = {
            "L1": {"crisis", "inpatient"},
            "L2": {"php"},
            "L3": {"inpatient", "residential", "withdrawal_management"},
            "L4": {"withdrawal_management"},
            "L5": {"inpatient"},
            "L6": {"crisis", "inpatient"},
        }
        found = set().union(*(table.get(row, set()) for row in fired))
        if self.gates["G1"]["status"] == "emergency":
            found.add("crisis")
        return sorted(found)

    def _offers(self, row: str) -> tuple[str, dict[str, list[str]], list[str], str]:
        """Level, lower offers, higher offers and condition of a fired up row (S56, S58)."""
        p = self.p
        d = {n: p.d(n) for n in range(1, 10)}
        mild = all(d[n] <= 1 for n in range(1, 8))
        agreed = p.get("withdrawal.ambulatory_agreed") is True
        if row == "L1":
            return "inpatient", {}, [], "crisis_plan"
        if row == "L2":
            ok = p.get("safety_plan.workable") is True and d[7] <= 2
            return "php", {"iop": ["documented_reasoning"]} if ok else {}, [], "safety_plan"
        if row == "L3":
            return "inpatient", {"residential": ["medically_managed_withdrawal"]}, [], "medically_managed_withdrawal"
        if row == "L4":
            if agreed:
                return "iop", {}, [], "ambulatory_withdrawal_management"
            return "residential", {}, ["inpatient"], "medically_managed_withdrawal"
        if row == "L5":
            return "inpatient", {}, [], "medical_care_first"
        if row == "L6" and d[4] == 4:
            return "inpatient", {}, [], "psychiatric_review"
        if row in ("L6", "L7"):
            return "php", {"iop": ["individual_format", "psychiatric_review"]}, [], "psychiatric_review"
        if row == "L8":
            if d[7] <= 2:
                return "php", {}, ["residential"], "addiction_medical_evaluation"
            return "residential", {"php": []}, [], "addiction_medical_evaluation"
        if row == "L9":
            return "residential", {}, ["inpatient"], "assertive_care_option"
        if row == "L10":
            recorded = p.get("environment.safe_place_recorded") is True
            return "residential", {"iop": ["with_housing"]} if recorded else {}, [], "safe_placement_first"
        if row == "L11":
            return self._up_one(agreed)
        if row == "L14":
            if mild:
                return "iop", {}, ["php"], "review_what_failed"
            if d[7] >= 3:
                return "residential", {"php": []}, [], "review_what_failed"
            return "php", {}, ["residential"], "review_what_failed"
        assert row == "L20"
        return "php", {"iop": ["medical_clearance"]}, [], "medical_review"

    def _up_one(self, agreed: bool) -> tuple[str, dict[str, list[str]], list[str], str]:
        """S58: the other rows with D7 read as 1."""
        other = Result.__new__(Result)
        other.p = Person({"as_of": self.p.as_of.isoformat(), "facts": {**self.p.facts, "dimension.d7": 1}})
        other.gates = self.gates
        rows = other._level_rows()
        code = "with_housing_support"
        if rows["L12"].yes or rows["L13"].yes or (self.level_rows["L4"].yes and agreed):
            return "php", {"iop": [code]}, [], code
        if rows["L15"].yes:
            return "iop", {}, [], code
        return "iop", {}, ["php"], code

    def _combined(self) -> tuple[str, list[str], list[dict[str, Any]]] | None:
        rows = self.level_rows
        up_rows = ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "L11", "L14", "L20"]
        up = [self._offers(row) for row in up_rows if rows[row].yes]
        if up:
            rank = max(LEVELS.index(level) for level, *_ in up)
            alternatives = []
            for position, name in enumerate(LEVELS):
                if position < rank:
                    above = [offer for offer in up if LEVELS.index(offer[0]) > position]
                    if all(name in lower for _, lower, _, _ in above):
                        codes = {code for _, lower, _, _ in above for code in lower[name]}
                        alternatives.append({"level": name, "conditions": sorted(codes)})
                elif position > rank and any(name in higher for _, _, higher, _ in up):
                    alternatives.append({"level": name, "conditions": []})
            return LEVELS[rank], sorted({code for *_, code in up}), alternatives
        if rows["L12"].yes or rows["L13"].yes:
            p = self.p
            untried = (
                not rows["L13"].yes
                and p.d(6) == 2
                and p.d(5) <= 2
                and p.d(9) is not None
                and p.d(9) <= 1
                and not rows["L16"].yes
            )
            alternatives = [{"level": "outpatient", "conditions": ["outpatient_not_tried"]}] if untried else []
            return "iop", [], alternatives
        return ("outpatient", [], []) if rows["L15"].yes else None

    # ---- Evidence, part 6

    def _options(self, family: str) -> dict[str, list[tuple[int, T]]]:
        p = self.p
        confirmed = "confirmed"
        if family == "depression":
            bipolar = both(p.is_("diagnosis.bipolar", confirmed), p.is_("bipolar.phase", "depressed"))
            return {
                "diagnosis": [(4, either(p.is_("diagnosis.depressive_disorder", confirmed), bipolar))],
                "main_measure": [(4, p.phq9(20)), (3, p.phq9(15)), (2, p.phq9(10))],
                "behavior": [(1, p.flag("depression.withdrawal_self_neglect"))],
                "second_measure": [(1, p.gad7(10))],
            }
        if family == "dbt":
            other = either(
                *(
                    p.is_(f"diagnosis.{name}", confirmed)
                    for name in ("depressive_disorder", "ptsd", "bipolar", "anxiety_disorder", "other_disorder")
                ),
                p.is_("substance.sud_severity", "mild", "moderate", "severe"),
            )
            crisis = p.ge("crisis.contacts_12m", 2)
            return {
                "diagnosis": [
                    (4, p.is_("diagnosis.bpd", confirmed)),
                    (2, both(p.flag("dysregulation.marked"), other)),
                ],
                "main_measure": [
                    (
                        3,
                        either(p.optional("bsl23.mean", lambda v: Fraction(str(v)) >= Fraction("1.87")), p.features(6)),
                    ),
                    (2, either(p.optional("bsl23.mean", lambda v: Fraction(str(v)) >= Fraction("1.5")), p.features(4))),
                ],
                "behavior": [
                    (3, p.ge("self_harm.episodes_3m", 3)),
                    (2, either(p.ge("self_harm.episodes_3m", 1), p.q6_3m_read)),
                ],
                "second_measure": [(1, either(p.optional("itq.dso_met", bool), crisis))],
            }
        if family == "trauma":
            return {
                "diagnosis": [(4, p.is_("diagnosis.ptsd", confirmed))],
                "main_measure": [
                    (4, both(p.pcl5(33), p.cluster_rule)),
                    (3, either(p.pcl5(33), p.cluster_rule)),
                    (1, p.pcptsd5),
                ],
                "behavior": [(1, p.flag("trauma.daily_avoidance"))],
                "second_measure": [(1, p.optional("itq.ptsd_met", bool))],
            }
        current = known(p.get("substance.remission") != "sustained")
        return {
            "diagnosis": [
                (4, both(p.is_("substance.sud_severity", "moderate", "severe"), current)),
                (2, both(p.is_("substance.sud_severity", "mild"), current)),
            ],
            "main_measure": [
                (4, either(p.audit(20), p.optional("taps2.drug_max", lambda v: v >= 2))),
                (3, p.audit(16)),
                (2, either(p.audit(8), p.optional("taps2.drug_max", lambda v: v >= 1))),
                (1, either(p.audit_c, p.ge("drug.single_item", 1))),
            ],
            "behavior": [
                (2, both(p.flag("substance.use_30d"), p.bam_risk_12)),
                (1, p.flag("substance.lost_control")),
            ],
            "second_measure": [(1, p.bam_protective_12)],
        }

    @staticmethod
    def _row(options: list[tuple[int, T]]) -> dict[str, Any]:  # S61
        points = max([value for value, condition in options if condition.yes], default=0)
        still = [(value, condition) for value, condition in options if condition.open and value > points]
        return {
            "points": points,
            "points_max": max([points, *(value for value, _ in still)]),
            "unknown": frozenset().union(*(condition.unknown for _, condition in still)),
        }

    def _family_rows(self, family: str) -> dict[str, dict[str, Any]]:
        p = self.p
        options = self._options(family)
        options["functional_loss"] = [(1, both(p.ge("dimension.d6", 2), p.has("functioning.loss_tied_to", family)))]
        options["outpatient_failed"] = [(1, p.has("history.outpatient_insufficient_for", family))]
        options["main_goal"] = [(1, p.is_("preference.main_goal", family))]
        rows = {name: self._row(options[name]) for name in ("diagnosis", "main_measure", "behavior")}
        anchors = ["diagnosis", "main_measure"] + (["behavior"] if family == "dbt" else [])
        anchor = either(  # S63
            *(
                known(True)
                if rows[name]["points"] > 0
                else T(None, rows[name]["unknown"])
                if rows[name]["points_max"] > 0
                else known(False)
                for name in anchors
            )
        )
        for name in ROWS[3:]:
            rows[name] = self._row([(value, both(anchor, condition)) for value, condition in options[name]])
        return rows

    def _track(self, family: str) -> dict[str, Any]:  # S64 to S66
        rows = self.rows[family]
        event = self.p.get("trauma.qualifying_event")
        raw = sum(row["points"] for row in rows.values())
        most = sum(row["points_max"] for row in rows.values())
        cap = 2 if family == "trauma" and event is not True else 12
        cap_max = 2 if family == "trauma" and event is False else 12
        points, points_max = min(raw, cap), min(most, cap_max)
        return {
            "family": family,
            "rows": [
                {
                    "id": f"{family}.{name}",
                    "points": rows[name]["points"],
                    "points_max": rows[name]["points_max"],
                    "unknown": sorted(rows[name]["unknown"]),
                }
                for name in ROWS
            ],
            "raw_points": raw,
            "cap": cap,
            "points": points,
            "points_max": points_max,
            "band": self._band(points),
            "band_max": self._band(points_max),
        }

    @staticmethod
    def _band(points: int) -> str:
        return (
            "strong" if points >= 8 else "moderate" if points >= 5 else "possible" if points >= 3 else "not_supported"
        )

    @property
    def cap_open(self) -> bool:
        most = sum(row["points_max"] for row in self.rows["trauma"].values())
        return self.p.get("trauma.qualifying_event") is None and most > 2

    # ---- Selection, part 7

    def _moderate(self, family: str) -> bool:
        return self.points[family] >= 5

    def p2(self) -> T:
        return both(known(self._moderate("dbt")), self.p.self_harm_recent)

    def p3(self) -> T:
        return either(
            both(known(self.points["addiction"] >= 8), self.p.flag("substance.use_30d")),
            both(known(self._moderate("addiction")), self.p.ge("dimension.d5", 3)),
        )

    def screen_only(self, family: str) -> bool:  # the second half of dx_vs_measure
        fact = {
            "depression": "diagnosis.depressive_disorder",
            "dbt": "diagnosis.bpd",
            "trauma": "diagnosis.ptsd",
            "addiction": "substance.sud_severity",
        }[family]
        rows = self.rows[family]
        return (
            self.p.get(fact) == "none" and rows["diagnosis"]["points_max"] == 0 and rows["main_measure"]["points"] >= 3
        )

    def _decide(self) -> dict[str, Any]:
        ranking, points = self.ranking, self.points
        held = self.is_open["G10"]
        undecided: list[str] = []
        base = {"primary": None, "adjuncts": [], "candidates": [], "further": [], "undecided": undecided}

        def adjunct(exclude: str, mode: str = "standard") -> list[dict[str, str]]:
            for family in ranking:
                if family != exclude and self._moderate(family):
                    return [{"family": family, "mode": mode}]
            return []

        if self.minor:
            return {**base, "rule": "P0", "outcome": "out_of_scope"}
        if self.stopped:
            return {**base, "rule": "P1", "outcome": "gate_open"}
        second = self.p2()
        if second.yes:
            own = [{"family": "addiction", "mode": "standard"}] if self._moderate("addiction") else []
            return {**base, "rule": "P2", "outcome": "primary", "primary": "dbt", "adjuncts": own}
        if second.open:
            undecided.append("P2")
        third = self.p3()
        if third.yes:
            own = adjunct("addiction", "integrated")
            return {**base, "rule": "P3", "outcome": "primary", "primary": "addiction", "adjuncts": own}
        if third.open:
            undecided.append("P3")
        if (
            self._moderate("trauma")
            and all(points["trauma"] > points[family] for family in FAMILIES if family != "trauma")
            and held
        ):
            fired = self.gates["G10"]["triggers"]
            pointed = set()
            if {"cssrs_high", "serious_self_harm_8w"} & set(fired):
                pointed.add("dbt")
            if {"severe_withdrawal", "intoxicated_attendance", "recent_overdose"} & set(fired):
                pointed.add("addiction")
            treats = [family for family in ranking if family in pointed and self._moderate(family)]
            if treats:
                own = [{"family": "trauma", "mode": "standard"}]
                return self._questioned(
                    {**base, "rule": "P4", "outcome": "primary", "primary": treats[0], "adjuncts": own}
                )
            own = [{"family": ranking[1], "mode": "standard"}] if self._moderate(ranking[1]) else []
            return self._questioned({**base, "rule": "P4", "outcome": "primary", "primary": "trauma", "adjuncts": own})
        if not any(self._moderate(family) for family in FAMILIES):
            further = [family for family in FAMILIES if points[family] >= 3 or self.tracks[family]["points_max"] >= 3]
            outcome = "further_assessment" if further else "no_track_supported"
            return {**base, "rule": "P5", "outcome": outcome, "further": further}
        if self._moderate(ranking[1]) and points[ranking[0]] - points[ranking[1]] <= 1:
            close = [f for f in ranking if self._moderate(f) and points[ranking[0]] - points[f] <= 1]
            return {**base, "rule": "P6", "outcome": "clinician_picks", "candidates": close}
        own = [{"family": ranking[1], "mode": "standard"}] if self._moderate(ranking[1]) else []
        return self._questioned({**base, "rule": "P7", "outcome": "primary", "primary": ranking[0], "adjuncts": own})

    def _questioned(self, chosen: dict[str, Any]) -> dict[str, Any]:  # S70b, S70c
        family = chosen["primary"]
        nothing = {"primary": None, "adjuncts": [], "candidates": []}
        if self.screen_only(family):
            return {**chosen, **nothing, "outcome": "further_assessment", "further": [family]}
        if self.p.get("diagnosis.outside_main") not in (None, "none"):
            return {**chosen, **nothing, "outcome": "clinician_picks", "candidates": [family]}
        return chosen

    def _selection(self) -> dict[str, Any]:
        chosen = self.chosen = self._decide()
        primary = chosen["primary"]
        self.proposed = {primary, *(a["family"] for a in chosen["adjuncts"]), *chosen["candidates"]} - {None}
        rule = chosen["rule"]
        moderate = [family for family in self.ranking if self._moderate(family)]
        taken = self.proposed | set(chosen["further"])
        problems = [] if rule in ("P0", "P1") else [family for family in moderate if family not in taken]
        modified = len(moderate) > 2 and rule in ("P2", "P3", "P4", "P6", "P7")
        self.format = self._format() if "addiction" in self.proposed else None
        track = primary
        if primary == "addiction":
            assert self.format is not None
            track = f"addiction_{self.format['primary']}"
        phase = None
        if "trauma" in self.proposed:
            phase = "stabilization" if self.is_open["G10"] else "processing_allowed"
        return {
            "rule": rule,
            "modifiers": ["P8"] if modified else [],
            "rules_indeterminate": chosen["undecided"],
            "outcome": chosen["outcome"],
            "primary": primary,
            "primary_track": track,
            "trauma_phase": phase,
            "adjuncts": chosen["adjuncts"],
            "candidates": chosen["candidates"],
            "plan_problems": problems,
            "further_assessment_of": chosen["further"],
            "applicability": self._applicability(),
            "format": self.format,
        }

    def _applicability(self) -> str:  # S75
        if self.chosen["primary"] is None and not self.chosen["candidates"]:
            return "none"
        status, level = self.level["status"], self.level["level"]
        if status in ("no_result", "undetermined"):
            return "undecided"
        if status == "no_placement":
            return "offer_only"
        assert status == "determined"
        if level in ("iop", "outpatient"):
            return "iop" if level == "iop" else "lower_level"
        offered = any(a["level"] == "iop" for a in self.level["alternatives"])
        return "iop_as_alternative" if offered else "after_higher_level"

    # ---- Format, part 8

    def _format(self) -> dict[str, Any]:
        p = self.p
        contra = either(
            *(
                p.flag(key)
                for key in (
                    "psychosis.acute",
                    "mania.now",
                    "substance.acute_intoxication",
                    "cognition.severe_impairment",
                    "behavior.predatory_or_violent",
                    "group.refuses",
                    "group.cannot_keep_confidentiality",
                    "group.unavoidable_conflict",
                )
            ),
            p.ge("dimension.d4", 3),
        )
        favors = [
            p.flag("format.shame_or_trauma_content"),
            p.flag("format.social_anxiety"),
            either(p.flag("cognition.mild_need"), p.flag("person.language_need")),
            p.flag("format.privacy_need"),
            p.flag("psychosis.partial_remission"),
            p.flag("behavior.disruptive"),
            p.flag("format.early_instability"),
        ]
        yes = sum(1 for factor in favors if factor.yes)
        open_factors = [factor for factor in favors if factor.open]
        if yes >= 2:
            two = known(True)
        elif yes + len(open_factors) >= 2:
            two = T(None, frozenset().union(*(factor.unknown for factor in open_factors)))
        else:
            two = known(False)
        g9_open = self.is_open["G9"]
        family_ok = both(
            p.flag("family.patient_consents"),
            p.flag("family.relative_willing"),
            p.flag("family.relationship_relevant"),
            no(p.flag("family.relative_unsafe")),
            known(not g9_open),
        )
        f, basis, review, waitlist = "group", "default", None, False
        if contra.yes:
            f, basis = "individual", "contraindication"
        elif two.yes:
            f, basis, review = "individual", "favors_individual", 14
        places = {"group": p.get("access.group_place_open"), "individual": p.get("access.individual_place_open")}
        other = {"group": "individual", "individual": "group"}
        if places[f] is False:
            if not contra.yes and places[other[f]] is True:
                f, basis = other[f], "access"
            else:
                waitlist = True
        wish = p.get("preference.format")
        if not contra.yes and yes == 1 and wish in places and wish != f and places[wish] is not False:
            f, basis, waitlist = wish, "preference", False
        if family_ok.yes:
            main = p.get("family.relationship_main_driver") is True and wish == "family"
            family = "primary" if main else "added"
        else:
            wanted = all(
                p.get(f"family.{key}") is True
                for key in ("patient_consents", "relative_willing", "relationship_relevant")
            )
            separate = wanted and p.get("family.relative_unsafe") is False and g9_open
            family = "separate_only" if separate else "no"
        asks: set[str] = set()
        if contra.open:
            asks |= contra.unknown
        if not contra.yes and two.open:
            asks |= two.unknown
        if family_ok.open:
            asks |= family_ok.unknown
        if wish is None:
            asks.add("preference.format")
        return {
            "primary": "family" if family == "primary" else f,
            "added": [f] if family == "primary" else ["family"] if family == "added" else [],
            "basis": basis,
            "family": family,
            "review_in_days": review,
            "waitlist": waitlist,
            "preference": wish,
            "unknown": sorted(asks),
        }

    # ---- Part 10

    def cap_facts(self) -> list[tuple[str, frozenset[str]]]:
        return [("trauma.cap", frozenset({"trauma.qualifying_event"}))] if self.cap_open else []

    def required_dates(self) -> list[str]:  # S84
        p, primary = self.p, self.chosen["primary"]
        families = FAMILIES if primary is None else [primary]
        dates = ["dimension.date", "cssrs.date"]

        def given(*keys: str) -> bool:
            return any(p.get(key) is not None for key in keys)

        if "depression" in families and given("phq9.items"):
            dates.append("phq9.date")
        if "dbt" in families and given("dysregulation.items", "bsl23.mean"):
            dates.append("dysregulation.date")
        if "trauma" in families and given("pcl5.items"):
            dates.append("pcl5.date")
        if "addiction" in families:
            if given("audit_c.items", "audit.items", "drug.single_item", "taps2.drug_max"):
                dates.append("audit.date")
            if given("bam.items"):
                dates.append("bam.date")
        return dates

    def missing(self) -> list[dict[str, Any]]:  # S87
        p = self.p
        needs: list[tuple[str, Any]] = []
        if p.get("person.age") is None:
            needs.append(("scope", ["person.age"]))
        for gate, row in self.gates.items():
            if gate == "G9" and not p.family_considered:
                continue
            if gate == "G10" and self.points["trauma"] < 3:
                continue
            needs.append((gate, row["unknown"]))
        ratings = {f"dimension.d{n}" for n in range(1, 8)}
        needs.append(("L18", [key for key in ratings if p.get(key) is None]))
        needs += [(row, condition.unknown - ratings) for row, condition in self.level_rows.items() if condition.open]
        for family in FAMILIES:
            needs += [(f"{family}.{name}", row["unknown"]) for name, row in self.rows[family].items()]
        needs += self.cap_facts()
        for rule, condition in (("P2", self.p2()), ("P3", self.p3())):
            if rule in self.chosen["undecided"]:
                needs.append((rule, condition.unknown))
        if self.format is not None:
            needs.append(("format", self.format["unknown"]))
        if "depression" in self.proposed and p.mania_flag.open:
            needs.append(("routing", p.mania_flag.unknown))
        if self.chosen["rule"] not in ("P0", "P1"):
            quality = [key for key in FACTS if key.startswith("quality.") and p.get(key) is None]
            undated = [key for key in self.required_dates() if p.age(key) is None]
            needs.append(("confidence", [*quality, *undated]))
        if p.item9 is None:
            needs.append(("safety_level", ["phq9.items"]))
        entries: dict[str, set[str]] = {}
        for purpose, facts in needs:
            for fact in facts:
                entries.setdefault(fact, set()).add(purpose)
        return [
            {"fact": fact, "safety": self._safety(fact), "needed_for": sorted(purposes)}
            for fact, purposes in sorted(entries.items())
        ]

    def _safety(self, fact: str) -> bool:
        if fact == "phq9.items":
            return self.p.item9 is None
        if fact == "bam.items":
            return None in self.p.bam(4, 5, 6)
        return bool(FACTS[fact]["safety"])

    def completeness(self, missing: list[Any]) -> dict[str, Any]:  # S86
        p = self.p

        def holes(key: str) -> bool:
            return None in p.items(key)

        battery = {
            "phq9": holes("phq9.items"),
            "gad7": holes("gad7.items"),
            "pcptsd5": p.pcptsd5.open,
            "audit_c": None in p.audit_c_answers,
            "drug_single_item": p.get("drug.single_item") is None,
            "cssrs": p.cssrs[0] == "incomplete",
            "bipf": p.bipf_score is None,
            "mania_checklist": holes("mania.items") or p.get("mania.now") is None,
            "dysregulation_checklist": holes("dysregulation.items"),
            "hark": p.family_considered and p.hark.open,
        }
        drug = p.get("drug.single_item")
        scored = p.bam(*(n for n in range(1, 18) if n not in (7, 17)))
        due = {
            "pcl5": p.pcl5_due.yes and holes("pcl5.items"),
            "audit": p.audit_c.yes and p.audit_total is None,
            "bam": p.bam_due.yes and None in scored,
            "sud_assessment": drug is not None
            and drug >= 1
            and p.get("substance.sud_severity") in (None, "suspected")
            and p.get("taps2.drug_max") is None,
            "ciwa": p.heavy_7d.yes and (p.get("ciwa.total") is None or not p.fresh),
            "cows": p.opioid_7d.yes and (p.get("cows.total") is None or not p.fresh),
        }
        battery_missing = sorted(code for code, holds in battery.items() if holds)
        second_stage = sorted(code for code, holds in due.items() if holds)
        complete = not (battery_missing or second_stage or missing)
        return {
            "status": "complete" if complete else "incomplete",
            "battery_missing": battery_missing,
            "second_stage_due": second_stage,
        }

    def conflicts(self) -> list[str]:  # S85
        p = self.p
        get = p.get
        d1, d5, d7, use = p.d(1), p.d(5), p.d(7), get("substance.use_30d")
        bam_use = sum(a for a in p.bam(4, 5, 6) if a is not None)
        a, b = get("audit_c.items"), get("audit.items")
        differs = (
            a is not None
            and b is not None
            and any(x is not None and y is not None and x != y for x, y in zip(a, b[:3], strict=True))
        )
        any_345 = any(get(f"cssrs.{q}") is True for q in ("q3", "q4", "q5"))
        found = {
            "cssrs_skip": (get("cssrs.q2") is False and any_345)
            or (get("cssrs.q6_lifetime") is False and get("cssrs.q6_3m") is True),
            "item9_vs_cssrs": p.item9 is not None
            and p.item9 >= 1
            and get("cssrs.q1") is False
            and get("cssrs.q2") is False,
            "d1_vs_cssrs": p.cssrs[0] == "high" and d1 is not None and d1 <= 1,
            "d5_vs_use": (d5 is not None and d5 >= 3 and use is False)
            or (d5 == 0 and use is True and get("substance.sud_severity") in ("moderate", "severe")),
            "bam_vs_use": bam_use >= 1 and use is False,
            "withdrawal_vs_use": use is False
            and (get("withdrawal.heavy_alcohol_sedative_7d") is True or get("withdrawal.opioid_daily_7d") is True),
            "safe_tonight_vs_d7": get("environment.safe_tonight") is False and d7 is not None and d7 <= 3,
            "audit_c_vs_audit": differs,
            "ptsd_without_event": get("diagnosis.ptsd") == "confirmed" and get("trauma.qualifying_event") is False,
            "main_problem_outside": get("diagnosis.outside_main") not in (None, "none")
            and self.chosen["primary"] is not None,
            "collateral": get("quality.collateral_conflict") is True,
        }
        for family in FAMILIES:
            rows = self.rows[family]
            unmeasured = rows["diagnosis"]["points"] > 0 and rows["main_measure"]["points_max"] == 0
            found[f"dx_vs_measure:{family}"] = unmeasured or self.screen_only(family)
        return sorted(code for code, holds in found.items() if holds)

    def doubts(self) -> list[str]:
        codes = {
            "language": "quality.language_doubt",
            "intoxicated": "quality.intoxicated_at_testing",
            "random_or_uniform": "quality.random_or_uniform",
        }
        return sorted(code for code, key in codes.items() if self.p.get(key) is True)

    def confidence(self, missing: list[dict[str, Any]]) -> dict[str, Any]:  # S81 to S85
        chosen, p = self.chosen, self.p
        rule, primary, outcome = chosen["rule"], chosen["primary"], chosen["outcome"]
        conflicts, doubts = self.conflicts(), self.doubts()
        listed = {"conflicts": conflicts, "validity_doubts": doubts}
        if rule in ("P0", "P1"):
            nothing = dict.fromkeys(("lead", "missing_count", "data_age_days", "sources_agree"))
            return {"level": "not_rated", **nothing, **listed}
        families = FAMILIES if primary is None else [primary]
        rows = {f"{family}.{name}" for family in families for name in ROWS}
        counted = rows | {"P2", "P3", "confidence"}
        if primary in (None, "trauma"):
            counted.add("trauma.cap")
        count = sum(1 for entry in missing if counted & set(entry["needed_for"]))
        dangerous = rows | {"G1", "G2", "G3", "G4", "G5", "P2", "P3", "safety_level"}
        gap = any(entry["safety"] and dangerous & set(entry["needed_for"]) for entry in missing)
        ages = [p.age(key) for key in self.required_dates()]
        age = None if None in ages else max(ages)  # type: ignore[type-var]
        lead = None
        if primary is not None:
            lead = self.points[primary] - max(self.points[f] for f in FAMILIES if f != primary)
        elif outcome == "clinician_picks":
            lead = self.points[self.ranking[0]] - self.points[self.ranking[1]]
        agree = None
        if primary is not None:
            own = self.rows[primary]
            agree = own["diagnosis"]["points"] > 0 and own["main_measure"]["points"] > 0
        relevant = [
            code
            for code in conflicts
            if primary is None or not code.startswith("dx_vs_measure:") or code == f"dx_vs_measure:{primary}"
        ]
        fine = not gap and not relevant and not doubts and age is not None
        if outcome in ("clinician_picks", "further_assessment"):
            level = "low"
        elif outcome == "no_track_supported":
            level = (
                "high"
                if fine and count == 0 and age <= 14
                else "moderate"
                if fine and count <= 2 and age <= 30
                else "low"
            )
        else:
            assert lead is not None
            diagnosed = self.rows[primary]["diagnosis"]["points"] > 0
            high = fine and count == 0 and agree and (lead >= 3 or rule in ("P2", "P3")) and age <= 14
            moderate = fine and count <= 2 and diagnosed and (lead >= 2 or rule in ("P2", "P3", "P4")) and age <= 30
            level = "high" if high else "moderate" if moderate else "low"
        return {
            "level": level,
            "lead": lead,
            "missing_count": count,
            "data_age_days": age,
            "sources_agree": agree,
            **listed,
        }

    def cautions(self) -> list[str]:  # S88
        p = self.p
        get = p.get
        substance = get("substance.use_30d") is True or p.bam_due.yes
        episodes = get("self_harm.episodes_3m")
        found = {
            "pregnancy_with_substance_use": get("person.pregnant") is True and substance,
            "recent_overdose": get("substance.overdose_30d") is True,
            "self_harm_without_intent": episodes is not None and episodes >= 1,
            "severe_dissociation": get("trauma.dissociation_prevents_presence") is True,
            "current_partner_violence": p.hark.yes
            or get("ipv.fear_disclosed") is True
            or get("ipv.protective_order") is True,
            "sedative_dependence": p.dependence("sedative").yes,
            "language_match": get("person.language_need") is True,
            "group_conflict": get("group.unavoidable_conflict") is True,
        }
        return sorted({code for code, holds in found.items() if holds} | set(get("caution.recorded") or []))

    def routing(self) -> list[str]:  # S89
        p = self.p
        get = p.get
        found = {
            "psychiatry_now": self.gates["G4"]["status"] == "hold",
            "bipolar_flag": p.mania_flag.yes,
            "psychiatric_management_leads": p.mania_flag.yes and "depression" in self.proposed,
            "mood_stabilizer_review": get("diagnosis.bipolar") == "confirmed"
            and get("bipolar.on_mood_stabilizer") is not True,
            "anxiety_only": p.gad7(10).yes and p.phq9(10).no,
            "gad7_second_measure": p.gad7(10).yes and self.chosen["primary"] == "depression",
            "outside_tracks": get("diagnosis.outside_main") not in (None, "none"),
            "no_track_supported": self.chosen["outcome"] == "no_track_supported",
            "trauma_event_needed": self.cap_open,
            "separate_family_work": self.format is not None and self.format["family"] == "separate_only",
            "naloxone": self.level_rows["L8"].yes
            or get("substance.overdose_30d") is True
            or p.dependence("opioid", "stimulant").yes,
        }
        return sorted(code for code, holds in found.items() if holds)

    def gate_summary(self) -> dict[str, Any]:  # S52
        opened = [gate for gate in self.gates if self.is_open[gate]]
        enrollment = [gate for gate in opened if int(gate[1:]) <= 8]
        emergency = self.gates["G1"]["status"] == "emergency"
        return {
            "status": "emergency" if emergency else "hold" if enrollment else "clear",
            "act_first": opened[0] if opened else None,
            "blocks_recommendation": [gate for gate in enrollment if int(gate[1:]) <= 5],
            "blocks_enrollment": enrollment,
        }

    # ---- Part 11

    def compared(self) -> dict[str, str]:  # S92
        return {
            "level": self.level["level"] or self.level["status"],
            "primary": self.chosen["primary"] or self.chosen["outcome"],
            "format": self.format["primary"] if self.format else "none",
            **{f"gate:{gate}": row["status"] for gate, row in self.gates.items()},
        }


def candidates(key: str, v: Any, as_of: str) -> list[Any]:  # S90
    fact = FACTS[key]
    rule, _, rest = fact["what_if"].partition(":")
    if rule == "flip":
        return [False, True] if v is None else [not v]
    if rule == "resolve_yes":
        return [False, True] if v is None else [False] if v is True else []
    if rule == "resolve_no":
        return [True, False] if v is None else [True] if v is False else []
    if rule == "values":
        return [value for value in fact["values"] if value != v]
    if rule == "step":
        span = range(fact["min"], fact["max"] + 1)
        return list(span) if v is None else [n for n in (v - 1, v + 1) if n in span]
    if rule == "thresholds":
        thresholds = [int(t) for t in rest.split(",")]
        return [0, *thresholds] if v is None else [t - 1 if v >= t else t for t in thresholds]
    if rule == "empty_list":
        return [[]] if v is None or v else []
    if rule == "reset":
        return ["none"] if v is not None and v != "none" else []
    assert rule == "today"
    return [] if v == as_of else [as_of]


def what_would_change(document: dict[str, Any], base: Result) -> list[dict[str, Any]]:
    p = base.p
    before = base.compared()
    printed = {
        "phq9.total": p.phq9_total,
        "gad7.total": p.gad7_total,
        "pcl5.total": p.pcl5_total,
        "audit.total": p.audit_total,
    }
    entries = []
    for key in sorted(FACTS):
        fact = FACTS[key]
        if fact["what_if"] == "none":
            continue
        v = p.get(key) if fact["kind"] == "raw" else printed[key]
        if v is None and key in ("cssrs.q3", "cssrs.q4", "cssrs.q5") and p.get("cssrs.q2") is False:
            continue
        if v is None and key == "cssrs.q6_3m" and p.get("cssrs.q6_lifetime") is False:
            continue
        tried: list[Any] = []
        for value in candidates(key, v, document["as_of"]):
            if value == v or value in tried:
                continue
            tried.append(value)
            after = Result(Person(document, (key, value))).compared()
            changes = [
                {"what": what, "from": before[what], "to": after[what]}
                for what in before
                if before[what] != after[what]
                and not (what == "gate:G9" and not p.family_considered)
                and not (what == "gate:G10" and base.points["trauma"] < 3)
            ]
            if changes:
                entries.append({"fact": key, "from": v, "to": value, "changes": changes})
    return entries


def recommend(document: dict[str, Any], *, changes: bool = True) -> dict[str, Any]:
    """The exact parts of the output document (S94)."""
    person = Person(document)
    result = Result(person)
    missing = result.missing()
    violence = person.get("risk.threat_to_others")
    return {
        "schema": "iop.recommendation/1",
        "as_of": document["as_of"],
        "status": "proposal",
        "completeness": result.completeness(missing),
        "safety": {
            "level": person.safety_level,
            "violence": "unknown" if violence is None else "yes" if violence else "no",
        },
        "gate_summary": result.gate_summary(),
        "gates": list(result.gates.values()),
        "level_of_care": result.level,
        "tracks": list(result.tracks.values()),
        "selection": result.selection,
        "confidence": result.confidence(missing),
        "cautions": result.cautions(),
        "routing": result.routing(),
        "missing": missing,
        "what_would_change": what_would_change(document, result) if changes else [],
    }
