"""A worklist as its page shows it: the filters with their counts, and one page of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django.db.models import Count, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

PAGE: Final = 25
MOST: Final = 100

Row = TypeVar("Row")
Names = Sequence[tuple[str, str | Promise]]


def page_of(rows: int) -> int:
    """How many rows to list when a page asks for so many."""
    return max(PAGE, min(rows, MOST))


def counted(shown: QuerySet[Model], filters: Mapping[str, Q]) -> dict[str, int]:
    """How many rows stand under each filter, in one query."""
    return shown.aggregate(**{name: Count("pk", filter=condition) for name, condition in filters.items()})


@dataclass(frozen=True, slots=True)
class Worklist(Generic[Row]):
    """
    One page of a list.

    `names` are the filters that stand as pills, each with its words; `everything` is the one that "Show all" leads to.
    """

    chosen: str
    counts: Mapping[str, int]
    rows: Sequence[Row]
    names: Names
    everything: str

    @property
    def more(self) -> int:
        """How many stand under this filter after these."""
        return self.counts[self.chosen] - len(self.rows)

    @property
    def more_url(self) -> str:
        """Where the next ones are; empty when no longer list is drawn."""
        return f"?show={self.chosen}&rows={len(self.rows) + PAGE}" if len(self.rows) < MOST else ""

    @property
    def show_all(self) -> str:
        return _("Show all %d") % self.counts[self.everything]

    @property
    def pills(self) -> list[dict[str, object]]:
        return [
            {"label": label, "count": self.counts[name], "url": f"?show={name}", "active": name == self.chosen}
            for name, label in self.names
        ]
