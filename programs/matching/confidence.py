"""How far a result can be relied on, judged by its inputs only (SEMANTICS S81-S85)."""

from collections.abc import Collection, Iterator, Mapping
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
        return next((level for level, demands in self.demands(basis) if all(demands.values())), LOW)

    def demands(self, basis: Basis) -> Iterator[tuple[str, dict[str, bool]]]:
        """What each level asks for and whether it is met; low and not rated are what is left, and ask for nothing."""
        for row in self.levels:
            if "days_at_most" in row:
                yield str(row["level"]), dict(self._demands(basis, row))

    @staticmethod
    def _demands(basis: Basis, row: dict[str, Any]) -> Iterator[tuple[str, bool]]:
        yield "safety", not basis.safety_gap
        yield "missing", basis.missing_count <= row["missing_at_most"]
        yield "recent", basis.data_age_days is not None and basis.data_age_days <= row["days_at_most"]
        yield "conflicts", not basis.relevant_conflicts
        yield "doubts", not basis.doubts
        if basis.primary is not None:  # where no track is supported there is nobody's diagnosis to ask for
            yield "sources", all(basis.has_points(name) for name in row["needs_points_in"])
            yield "lead", basis.rule in row["or_decided_by"] or (basis.lead or 0) >= row["lead_at_least"]
