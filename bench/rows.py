"""A row of the table: the product beside its floor, and whether that is within the budget."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"
COLUMNS = ("work", "unit", "product", "floor", "peer", "ratio", "budget", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `bench/results.json`; `ratio` is product over floor, `peer` a known other system's ratio."""

    name: str
    unit: str
    product: float
    floor: float | None
    peer: float | None
    ratio: float | None
    budget: float
    ok: bool

    @property
    def cells(self) -> tuple[str, ...]:
        numbers = (self.product, self.floor, self.peer, self.ratio, self.budget)
        verdict = "ok" if self.ok else "OVER BUDGET"
        return (self.name, self.unit, *("-" if number is None else f"{number:g}" for number in numbers), verdict)


def beside(name: str, unit: str, product: float, floor: float, *, budget: float, peer: float | None = None) -> Row:
    """A row whose budget is the ratio."""
    ratio = round(product / floor, 2)
    return Row(name, unit, round(product, 3), round(floor, 3), peer, ratio, budget, ratio <= budget)


def at_most(name: str, unit: str, product: float, *, budget: float, floor: float | None = None) -> Row:
    """A row whose budget is the number itself."""
    ratio = round(product / floor, 2) if floor else None
    return Row(name, unit, product, floor, None, ratio, budget, product <= budget)


def table(rows: Iterable[Row]) -> str:
    lines = [COLUMNS, *(row.cells for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def write(rows: Sequence[Row]) -> None:
    RESULTS.write_text(json.dumps({"rows": [asdict(row) for row in rows]}, indent=2) + "\n")
