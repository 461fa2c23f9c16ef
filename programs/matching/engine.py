"""The engine: facts in, an explained recommendation out. It reads no clock, no database and no file but its rules."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from .changes import variants, what_would_change, with_variants
from .columns import Batch
from .decisions import Decisions, decisions
from .facts import Facts, check
from .logic import Evaluation
from .report import Report
from .ruleset import RuleSet, default_ruleset


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

    def decide(self, batch: Batch) -> Decisions:
        """The decision fields alone: what a replay over a whole history compares."""
        return decisions(self.ruleset, Evaluation(batch))


@cache
def default_engine() -> Engine:
    """The engine with the rule set of the repository; built once in a process, for it never changes."""
    return Engine(default_ruleset())
