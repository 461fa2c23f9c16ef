"""Where a person stands on the way to a seat."""

from __future__ import annotations

from dataclasses import dataclass

from programs.models import Decision, Recommendation


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands on the way to a seat: the newest recommendation, and what was decided over it."""

    recommendation: Recommendation | None
    decision: Decision | None

    @property
    def open_gates(self) -> list[str]:
        """The open checks that come before any enrollment (G1 to G8)."""
        return list(self.recommendation.result["gate_summary"]["blocks_enrollment"]) if self.recommendation else []

    @property
    def early_gates(self) -> list[str]:
        """Those of them that come before any recommendation (G1 to G5): nothing is even held for the person."""
        return list(self.recommendation.result["gate_summary"]["blocks_recommendation"]) if self.recommendation else []

    @property
    def conjoint_gates(self) -> list[str]:
        """The open checks that come before sessions together with relatives (G9)."""
        gates = self.recommendation.result.get("gates", []) if self.recommendation else []
        return [
            each["id"] for each in gates if each["blocks"] == "conjoint" and each["status"] in {"hold", "incomplete"}
        ]

    @property
    def is_decided(self) -> bool:
        """Whether somebody decided on care here."""
        elsewhere = {Decision.Choice.NOT_READY, Decision.Choice.REFERRAL}
        return self.decision is not None and self.decision.choice not in elsewhere


@dataclass(frozen=True, slots=True)
class Papers:
    """What a person has signed that comes before their first session in a cohort."""

    care: bool
    group: bool
    meets_in_group: bool

    @property
    def group_is_missing(self) -> bool:
        return self.meets_in_group and not self.group


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything that comes before a seat is a person's own: where they stand, and what they signed."""

    where: Standing
    papers: Papers
    is_conjoint: bool  # relatives are in the room
    clinicians: tuple[str, ...] = ()

    @property
    def gates(self) -> list[str]:
        """The open checks of the newest recommendation that count for this cohort (G1 to G9)."""
        return [*self.where.open_gates, *(self.where.conjoint_gates if self.is_conjoint else [])]
