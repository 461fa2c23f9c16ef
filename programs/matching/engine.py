"""The engine: facts in, an explained recommendation out. It reads no clock, no database and no file but its rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .changes import variants, what_would_change, with_variants
from .columns import Batch
from .decisions import Decisions, decisions
from .facts import Facts, check
from .logic import Evaluation
from .report import Report
from .ruleset import RuleSet, default_ruleset
from .spoken import spoken


@dataclass(frozen=True, slots=True)
class Working:
    """
    What every row came to about one person, by its id ("holds", "2 points"), and what each level of confidence demands.
    """

    rows: Mapping[str, str]
    confidence: Mapping[str, Mapping[str, bool]]


class Engine:
    """One rule set, ready to be asked about people."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset

    def recommend(self, document: object) -> dict[str, Any]:
        """
        Give the whole output document of one person.

        Raises:
            FactError: the document does not keep to the dictionary of facts.
        """
        return self.explain([check(document)])[0]

    def recommend_many(self, documents: Iterable[object]) -> list[dict[str, Any]]:
        """The same for several people at once, which is several times as fast for each."""
        return self.explain([check(document) for document in documents])

    def explain(self, people: Sequence[Facts]) -> list[dict[str, Any]]:
        """The same for documents that were checked already."""
        if not people:
            return []
        batch = Batch.of(people)
        alone = Evaluation(batch)
        tried = [variants(alone, person, facts) for person, facts in enumerate(people)]
        # One evaluation for the people and for everything that is tried: a node costs the same for one as for hundreds.
        see = with_variants(alone, tried)
        reports = [Report(self.ruleset, see, person, facts) for person, facts in enumerate(people)]
        changes = what_would_change(self.ruleset, see, reports, tried)
        return [report.document(entries) for report, entries in zip(reports, changes, strict=True)]

    def working(self, document: object) -> Working:
        """
        Give how the result of one person came about, row by row.

        Raises:
            FactError: the document does not keep to the dictionary of facts.
        """
        facts = check(document)
        see = Evaluation(Batch.of([facts]))
        rows = {row.ref: str(row.told(see)[0]) for row in spoken(self.ruleset)}
        return Working(rows, dict(self.ruleset.confidence.demands(Report(self.ruleset, see, 0, facts).basis)))

    def decide(self, batch: Batch) -> Decisions:
        """The decision fields alone: what a replay over a whole history compares."""
        return decisions(self.ruleset, Evaluation(batch))


@cache
def default_engine() -> Engine:
    """The engine with the rule set of the repository; built once in a process, for it never changes."""
    return Engine(default_ruleset())
