"""How far a result can be relied on, judged by its inputs only (SEMANTICS S81-S85)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .document import Section
from .evidence import Evidence
from .facts import Facts
from .language import Scope
from .logic import Evaluation

NOT_RATED, LOW = "not_rated", "low"


@dataclass(frozen=True, slots=True)
class Basis:
    """What the confidence of one person's result rests on; a family is the primary's id, or None."""

    rule: str
    outcome: str
    primary: str | None
    lead: int | None
    missing_count: int
    safety_gap: bool
    data_age_days: int | None
    points: Mapping[str, int]  # of every evidence row
    relevant_conflicts: Collection[str]
    doubts: Collection[str]

    def has_points(self, row: str) -> bool:
        return self.points[f"{self.primary}.{row}"] > 0


class Confidence:
    def __init__(self, section: Section, evidence: Evidence, scope: Scope) -> None:
        self.evidence = evidence
        self.sources: list[str] = section["sources"].content
        self.dates = [entry.fact_name("date") for entry in section["dates"]]
        self.asks = [entry.fact_name() for entry in section["asks"]]
        self.levels: list[dict[str, Any]] = section["levels"].content
        self.says = {row["level"]: row["says"] for row in self.levels}

    def required_dates(self, see: Evaluation, person: int, primary: str | None) -> list[str]:
        """The dates that the age of the data is taken from (S84)."""
        families = self.evidence.families if primary is None else [self.evidence[primary]]
        needed = [date for family in families for date, when in family.dates if see.fires(when, person)]
        return [*self.dates, *needed]

    @staticmethod
    def data_age(facts: Facts, dates: list[str]) -> int | None:
        ages = [facts.age_days(date) for date in dates]
        return None if None in ages else max(age for age in ages if age is not None)

    def sources_agree(self, basis: Basis) -> bool | None:
        return None if basis.primary is None else all(basis.has_points(row) for row in self.sources)

    def rate(self, basis: Basis) -> str:
        """The first level whose demands are met (S85)."""
        if basis.outcome in ("clinician_picks", "further_assessment"):
            return LOW
        return next((str(row["level"]) for row in self.levels if self._meets(basis, row)), LOW)

    @staticmethod
    def _meets(basis: Basis, demand: dict[str, Any]) -> bool:
        if "days_at_most" not in demand:
            return False  # low and not rated are what is left, not something to be met
        if basis.safety_gap or basis.relevant_conflicts or basis.doubts:
            return False
        if basis.missing_count > demand["missing_at_most"]:
            return False
        if basis.data_age_days is None or basis.data_age_days > demand["days_at_most"]:
            return False
        if basis.primary is None:  # no track supported: there is nobody's diagnosis to ask for
            return True
        decided = basis.rule in demand["or_decided_by"] or (basis.lead or 0) >= demand["lead_at_least"]
        return decided and all(basis.has_points(row) for row in demand["needs_points_in"])
