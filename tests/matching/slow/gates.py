"""Gates (SEMANTICS part 4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from .logic import T, both, either, known, no
from .person import Person

OPEN = ("emergency", "hold", "incomplete")


class Gated(Person):
    """A person whose gates can be asked for."""

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
                "triggers": sorted(fired),
                "unknown": sorted(open_facts),
                "blocks": blocks[gate],
            }
        return result
