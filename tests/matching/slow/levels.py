"""Level of care (SEMANTICS part 5)."""

from __future__ import annotations

from typing import Any

from .gates import OPEN, Gated
from .logic import T, both, either, known

LEVELS = ["outpatient", "iop", "php", "residential", "inpatient"]


class Leveled:
    """A person's gates and level of care."""

    def __init__(self, person: Gated) -> None:
        self.p = person
        self.gates = person.gates()
        self.is_open = {gate: row["status"] in OPEN for gate, row in self.gates.items()}
        self.stopped = any(self.is_open[f"G{n}"] for n in range(1, 6))
        self.minor = person.get("person.age") is not None and person.get("person.age") < 18
        self.level_rows = self._level_rows()
        self.level = self._level()

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
        other = Leveled.__new__(Leveled)
        other.p = Gated({"as_of": self.p.as_of.isoformat(), "facts": {**self.p.facts, "dimension.d7": 1}})
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
