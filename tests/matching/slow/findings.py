"""Confidence, completeness, missing, cautions and routing (SEMANTICS parts 9 and 10)."""

from __future__ import annotations

from typing import Any

from .choice import Chosen
from .logic import FACTS
from .tracks import FAMILIES, ROWS


class Result(Chosen):
    """The whole result for one person."""

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
