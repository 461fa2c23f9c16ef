"""Facts and derived facts of one person (SEMANTICS parts 1 to 3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from .logic import FACTS, T, both, either, half_up, known, unknown


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
