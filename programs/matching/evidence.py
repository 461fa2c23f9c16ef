"""Evidence for each family of tracks: ordinal points, certain and possible (SEMANTICS S61-S66)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Mask
from .document import Section
from .encoding import NO, UNKNOWN, YES
from .language import Scope
from .logic import NOTHING, All, Any_, Condition, Constant, Evaluation, Node, Not, Unknowns, truth
from .measures import Finding, Worked, always
from .terms import ScoreTerm, Term, TruthTerm

Points = NDArray[Any]
# Printed of an input, by the fact keys that a row reads.
Inputs = Callable[[list[str]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    points: int
    when: Condition


class EvidenceRow:
    """One row: a list of options, of which the highest that holds counts."""

    def __init__(self, family: str, section: Section, scope: Scope, anchor: Condition | None) -> None:
        self.id = f"{family}.{section.text('id')}"
        self.says = section.text("says")
        asked = [(option["points"].content, option.condition("when", scope)) for option in section["options"]]
        self.reads = sorted(NOTHING.union(*(when.reads() for _, when in asked)))
        self.options = tuple(Option(points, All(anchor, when) if anchor else when) for points, when in asked)

    def reaches(self, points: int) -> Condition:
        """Whether the row gives that many points: unknown while it still could."""
        enough = [option.when for option in self.options if option.points >= points]
        return Any_(*enough) if enough else Constant(NO)

    def unknown(self, see: Evaluation, person: int, points: int) -> Unknowns:
        """What to ask for, if it could still raise the points."""
        return see.unknown_in([option.when for option in self.options if option.points > points], person)


class Family:
    def __init__(self, section: Section, scope: Scope, high_measure: int) -> None:
        self.high_measure = high_measure
        self.id, self.name = section.text("id"), section.text("name")
        self.cap: int = section["cap"].content
        self.lower_cap: int = self.cap
        self.uncapped: Condition | None = None
        if "cap_unless" in section:
            self.uncapped = section["cap_unless"].condition("when", scope)
            self.lower_cap = section["cap_unless"]["cap"].content
        self.rows = self._build_rows(section, scope)
        self.says_none = section.condition("clinician_says_none", scope)
        self.dates = tuple((entry.fact("date", "date"), entry.condition("when", scope)) for entry in section["dates"])

    def _build_rows(self, section: Section, scope: Scope) -> tuple[EvidenceRow, ...]:
        written = {row.text("id"): row for row in section["rows"]}
        own = {name: EvidenceRow(self.id, row, scope, None) for name, row in written.items() if not row.get("context")}
        for entry in section["anchors"]:
            if entry.content not in own:
                raise entry.error(f"{entry.content} cannot be an anchor: it is no row of its own")
        anchor = Any_(*(own[name].reaches(1) for name in section["anchors"].content))
        return tuple(own.get(name) or EvidenceRow(self.id, row, scope, anchor) for name, row in written.items())

    def row(self, name: str) -> EvidenceRow:
        return next(row for row in self.rows if row.id == f"{self.id}.{name}")

    # -- Where the clinician and the questionnaires disagree (S70c, S85)

    def screen_only(self) -> Condition:
        """The clinician says none, and the measure is high all the same."""
        measure, diagnosis = self.row("main_measure"), self.row("diagnosis")
        return All(self.says_none, Not(diagnosis.reaches(1)), measure.reaches(self.high_measure))

    def disagreement(self) -> Condition:
        unmeasured = All(self.row("diagnosis").reaches(1), Not(self.row("main_measure").reaches(1)))
        return Any_(unmeasured, self.screen_only())


@dataclass(frozen=True, slots=True)
class Tally:
    """
    The points of everybody.

    ``rows`` and ``rows_max`` have shape (rows of all families, people), the others (families, people).
    """

    rows: Points
    rows_max: Points
    raw: Points
    cap: Points
    points: Points
    points_max: Points
    cap_is_open: Mask


BANDS = ("strong", "moderate", "possible", "not_supported")


def _bands(section: Section) -> dict[str, int]:
    """From how many points each band begins, the highest first."""
    bands = {word: int(section[word].content) for word in BANDS}
    if list(bands.values()) != sorted(set(bands.values()), reverse=True) or bands["not_supported"] != 0:
        raise section.error("each band begins below the one before it, and not_supported at 0")
    return bands


class Evidence(Node[Tally]):
    """All families, counted together: their options are one matrix."""

    def __init__(self, section: Section, scope: Scope) -> None:
        self.families = tuple(Family(entry, scope, section["high_measure"].content) for entry in section["families"])
        self.bands = _bands(section["bands"])
        self.rows = tuple(row for family in self.families for row in family.rows)
        self._layers = self._layered()
        options = [self.rows[row].options[depth] for depth, layer in enumerate(self._layers) for row in layer]
        self._conditions = [option.when for option in options]
        self._points = np.array([[option.points] for option in options], dtype=np.uint8)
        self._caps = np.array([[family.cap] for family in self.families], dtype=np.uint8)

    def _layered(self) -> list[list[int]]:
        """The rows that have a first option (all of them), those that have a second, and so on."""
        deepest = max(len(row.options) for row in self.rows)
        return [
            [position for position, row in enumerate(self.rows) if len(row.options) > depth] for depth in range(deepest)
        ]

    def _highest(self, given: Points) -> Points:
        """The highest option of each row, from the points of all options layer by layer."""
        best, start = given[: len(self.rows)], len(self.rows)
        for layer in self._layers[1:]:
            best[layer] = np.maximum(best[layer], given[start : start + len(layer)])
            start += len(layer)
        return best

    def _by_family(self, rows: Points) -> Points:
        shape = (len(self.families), -1, rows.shape[1])
        sums: Points = np.add.reduce(rows.reshape(shape), axis=1, dtype=np.uint8)
        return sums

    def evaluate(self, see: Evaluation) -> Tally:
        truths = np.array([see[condition] for condition in self._conditions])
        rows = self._highest((truths >> 1) * self._points)
        rows_max = self._highest((truths + 1 >> 1) * self._points)
        raw, possible = self._by_family(rows), self._by_family(rows_max)
        cap = np.repeat(self._caps, see.batch.size, axis=1)
        cap_max, is_open = cap.copy(), np.zeros(cap.shape, dtype=bool)
        for position, family in enumerate(self.families):
            if family.uncapped is not None:
                known = see[family.uncapped]
                cap[position, known != YES] = family.lower_cap
                cap_max[position, known < UNKNOWN] = family.lower_cap
                is_open[position] = (known == UNKNOWN) & (possible[position] > family.lower_cap)
        return Tally(rows, rows_max, raw, cap, np.minimum(raw, cap), np.minimum(possible, cap_max), is_open)

    def band(self, points: int) -> str:
        return next(word for word, least in self.bands.items() if points >= least)

    def index(self, family: str) -> int:
        return [known.id for known in self.families].index(family)

    def __getitem__(self, family: str) -> Family:
        return self.families[self.index(family)]

    def terms(self) -> list[Term]:
        """``points.dbt``: what is certain, so never unknown. ``leads.dbt``: strictly more than every other family."""
        terms: list[Term] = []
        for position, family in enumerate(self.families):
            terms += [
                ScoreTerm(f"points.{family.id}", Worked(self._certain(position)), NOTHING, words=self.bands),
                TruthTerm(f"leads.{family.id}", Finding(self._leads(position), always(), NOTHING)),
                TruthTerm(f"cap_open.{family.id}", Finding(self._cap_open(position), always(), NOTHING)),
            ]
        return terms

    def _certain(self, position: int) -> Any:
        return lambda see: see[self].points[[position, position]]

    def _cap_open(self, position: int) -> Any:
        return lambda see: truth(see[self].cap_is_open[position])

    def _leads(self, position: int) -> Any:
        def work(see: Evaluation) -> Any:
            points = see[self].points
            return truth(points[position] > np.delete(points, position, axis=0).max(axis=0))

        return work

    # -- For one person

    def needs(self, see: Evaluation, person: int) -> list[tuple[str, Unknowns]]:
        """What each row still asks for, and what an open cap does (S61, S65)."""
        tally = see[self]
        points, is_open = tally.rows[:, person].tolist(), tally.cap_is_open[:, person].tolist()
        found = [(row.id, row.unknown(see, person, sure)) for row, sure in zip(self.rows, points, strict=True)]
        for family, cap_is_open in zip(self.families, is_open, strict=True):
            if cap_is_open and family.uncapped is not None:
                found.append((f"{family.id}.cap", see.unknown(family.uncapped, person)))
        return found

    def describe(
        self, see: Evaluation, person: int, unknown: dict[str, Unknowns], inputs: Inputs
    ) -> list[dict[str, Any]]:
        """
        The tracks of one person's output.

        Args:
            unknown: what each row still asks for, by its id.
            inputs: turns fact keys into printed inputs.
        """
        tally = see[self]
        sure, most = tally.rows[:, person].tolist(), tally.rows_max[:, person].tolist()
        rows = [
            {
                "id": row.id,
                "points": points,
                "points_max": points_max,
                "unknown": sorted(unknown[row.id]),
                "inputs": inputs(row.reads),
            }
            for row, points, points_max in zip(self.rows, sure, most, strict=True)
        ]
        columns = (tally.raw, tally.cap, tally.points, tally.points_max)
        tracks = []
        for family, (raw, cap, points, points_max) in zip(
            self.families, np.array([column[:, person] for column in columns]).T.tolist(), strict=True
        ):
            own, rows = rows[: len(family.rows)], rows[len(family.rows) :]
            tracks.append(
                {
                    "family": family.id,
                    "rows": own,
                    "raw_points": raw,
                    "cap": cap,
                    "points": points,
                    "points_max": points_max,
                    "band": self.band(points),
                    "band_max": self.band(points_max),
                }
            )
        return tracks
