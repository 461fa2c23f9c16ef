"""Selection and format (SEMANTICS parts 7 and 8)."""

from __future__ import annotations

from typing import Any

from .gates import Gated
from .logic import T, both, either, known, no
from .tracks import FAMILIES, Tracked


class Chosen(Tracked):
    """What is proposed, and in which format."""

    def __init__(self, person: Gated) -> None:
        super().__init__(person)
        self.selection = self._selection()

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
