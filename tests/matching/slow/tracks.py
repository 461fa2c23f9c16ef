"""Track evidence (SEMANTICS part 6)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .gates import Gated
from .levels import Leveled
from .logic import T, both, either, known

FAMILIES = ["depression", "dbt", "trauma", "addiction"]
TIES = ["dbt", "addiction", "trauma", "depression"]
ROWS = ["diagnosis", "main_measure", "behavior", "second_measure", "functional_loss", "outpatient_failed", "main_goal"]


class Tracked(Leveled):
    """The points of the four families, and their ranking."""

    def __init__(self, person: Gated) -> None:
        super().__init__(person)
        self.rows = {family: self._family_rows(family) for family in FAMILIES}
        self.tracks = {family: self._track(family) for family in FAMILIES}
        self.points = {family: self.tracks[family]["points"] for family in FAMILIES}
        self.ranking = sorted(FAMILIES, key=lambda f: (-self.points[f], TIES.index(f)))

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
