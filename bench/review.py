"""Reading a whole intake over before it is signed: as many queries for a full one as for one just begun."""

from __future__ import annotations

from collections.abc import Iterator

from bench import rows
from bench.clinic import address
from bench.stage import Stage

QUERIES = 9


def measure(stage: Stage) -> Iterator[rows.Row]:
    with stage.counted():
        full, begun = (
            stage.expect(stage.site.get(address(intake, "check/"), **stage.counting), 200).queries
            for intake in (stage.clinic.full, stage.clinic.begun)
        )
    yield rows.at_most("review page of a full intake", "queries", full, budget=QUERIES, floor=begun)
