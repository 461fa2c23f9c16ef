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
    def is_decided(self) -> bool:
        """Whether somebody decided on care here."""
        elsewhere = {Decision.Choice.NOT_READY, Decision.Choice.REFERRAL}
        return self.decision is not None and self.decision.choice not in elsewhere
