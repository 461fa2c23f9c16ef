"""Evidence for each family of tracks: ordinal points, certain and possible (SEMANTICS S61-S66)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Mask
from .document import Section
from .encoding import UNKNOWN, YES
from .language import Scope
from .logic import NOTHING, All, Any_, Condition, Evaluation, Node, Not, Unknowns, fold, truth
from .measures import Finding, Worked, always
from .terms import Bounds, ScoreTerm, Term, TruthTerm

Points = NDArray[Any]


class Option:
    """Points for a condition: certain while it is yes, possible while it is unknown."""

    def __init__(self, points: int, when: Condition) -> None:
        self.points, self.when = points, when
        self.sure = np.array([0, 0, points], dtype=np.uint8)
        self.maybe = np.array([0, points, points], dtype=np.uint8)


class EvidenceRow(Node[Bounds]):
    """One row: the highest value that holds, and the highest that could still turn out to hold."""

    def __init__(self, family: str, section: Section, scope: Scope, anchor: Condition | None) -> None:
        self.id = f"{family}.{section.text('id')}"
        self.says = section.text("says")
        asked = [(option["points"].content, option.condition("when", scope)) for option in section["options"]]
        self.reads: Unknowns = NOTHING.union(*(when.reads() for _, when in asked))
        self.options = tuple(
            Option(points, when if anchor is None else All(anchor, when))
            for points, when in sorted(asked, key=lambda o: o[0])
        )

    def evaluate(self, see: Evaluation) -> Bounds:
        columns = [see[option.when] for option in self.options]
        sure = [option.sure.take(column) for option, column in zip(self.options, columns, strict=True)]
        maybe = [option.maybe.take(column) for option, column in zip(self.options, columns, strict=True)]
        return fold(np.maximum, sure), fold(np.maximum, maybe)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        """What to ask for, if it could still raise the points."""
        points = see[self][0][person]
        return see.unknown_in([option.when for option in self.options if option.points > points], person)

    def term(self) -> ScoreTerm:
        return ScoreTerm(self.id, self, NOTHING, unknown=self.unknown)


@dataclass(frozen=True, slots=True)
class Tally:
    """A family's points, for everybody."""

    raw: Points
    possible: Points
    cap: Points
    points: Points
    points_max: Points
    cap_is_open: Mask


class Family(Node[Tally]):
    def __init__(self, section: Section, scope: Scope) -> None:
        self.id, self.name = section.text("id"), section.text("name")
        self.cap: int = section["cap"].content
        self.lower_cap: int = self.cap
        self.uncapped: Condition | None = None
        if "cap_unless" in section:
            self.uncapped = section["cap_unless"].condition("when", scope)
            self.lower_cap = section["cap_unless"]["cap"].content
        self.rows = self._build_rows(section, scope)
        self.says_none = section.condition("clinician_says_none", scope)
        self.dates = tuple((entry.text("date"), entry.condition("when", scope)) for entry in section["dates"])

    def _build_rows(self, section: Section, scope: Scope) -> tuple[EvidenceRow, ...]:
        written = {row.text("id"): row for row in section["rows"]}
        rows = {name: EvidenceRow(self.id, row, scope, None) for name, row in written.items() if not row.get("context")}
        for entry in section["anchors"]:
            if entry.content not in rows:
                raise entry.error(f"{entry.content} cannot be an anchor: it is no row of its own")
        anchor = Any_(*(rows[name].term().compared("at least", (Decimal(1),)) for name in section["anchors"].content))
        return tuple(rows.get(name) or EvidenceRow(self.id, row, scope, anchor) for name, row in written.items())

    def row(self, name: str) -> EvidenceRow:
        return next(row for row in self.rows if row.id == f"{self.id}.{name}")

    def evaluate(self, see: Evaluation) -> Tally:
        rows = [see[row] for row in self.rows]
        raw, possible = (fold(np.add, [row[bound] for row in rows]) for bound in (0, 1))
        cap = cap_max = np.uint8(self.cap)
        is_open = np.zeros(see.batch.size, dtype=bool)
        if self.uncapped is not None:
            known = see[self.uncapped]
            cap = np.where(known == YES, np.uint8(self.cap), np.uint8(self.lower_cap))  # type: ignore[assignment]
            cap_max = np.where(known >= UNKNOWN, np.uint8(self.cap), np.uint8(self.lower_cap))  # type: ignore[assignment]
            is_open = (known == UNKNOWN) & (possible > self.lower_cap)
        return Tally(
            raw=raw,
            possible=possible,
            cap=np.broadcast_to(cap, is_open.shape),
            points=np.minimum(raw, cap),
            points_max=np.minimum(possible, cap_max),
            cap_is_open=is_open,
        )

    # -- Where the clinician and the questionnaires disagree (S70c, S85)

    def screen_only(self) -> Condition:
        """The clinician says none, and the measure is high all the same."""
        return All(self.says_none, Not(self._reaches("diagnosis", 1)), self._reaches("main_measure", 3))

    def disagreement(self) -> Condition:
        diagnosis_only = All(self._reaches("diagnosis", 1), Not(self._reaches("main_measure", 1)))
        return Any_(diagnosis_only, self.screen_only())

    def _reaches(self, row: str, points: int) -> Condition:
        return self.row(row).term().compared("at least", (Decimal(points),))


class Evidence(Node[Points]):
    """All families; its column has shape (families, people)."""

    def __init__(self, section: Section, scope: Scope) -> None:
        self.families = tuple(Family(entry, scope) for entry in section["families"])
        self.bands: dict[str, int] = dict(sorted(section["bands"].content.items(), key=lambda band: -band[1]))

    def evaluate(self, see: Evaluation) -> Points:
        return np.stack([see[family].points for family in self.families])

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
                ScoreTerm(f"points.{family.id}", Worked(self._certain(family)), NOTHING, words=self.bands),
                TruthTerm(f"leads.{family.id}", Finding(self._leads(position), always(), NOTHING)),
                TruthTerm(f"cap_open.{family.id}", Finding(self._cap_open(family), always(), NOTHING)),
            ]
        return terms

    @staticmethod
    def _certain(family: Family) -> Any:
        return lambda see: (see[family].points, see[family].points)

    @staticmethod
    def _cap_open(family: Family) -> Any:
        return lambda see: truth(see[family].cap_is_open)

    def _leads(self, position: int) -> Any:
        def work(see: Evaluation) -> Any:
            points = see[self]
            return truth(points[position] > np.delete(points, position, axis=0).max(axis=0))

        return work

    def describe(self, see: Evaluation, person: int, inputs: Any) -> list[dict[str, Any]]:
        """The tracks of one person's output; ``inputs`` turns fact keys into printed inputs."""
        return [self._family(family, see, person, inputs) for family in self.families]

    def _family(self, family: Family, see: Evaluation, person: int, inputs: Any) -> dict[str, Any]:
        tally = see[family]
        points, points_max = int(tally.points[person]), int(tally.points_max[person])
        return {
            "family": family.id,
            "rows": [
                {
                    "id": row.id,
                    "points": int(see[row][0][person]),
                    "points_max": int(see[row][1][person]),
                    "unknown": sorted(row.unknown(see, person)),
                    "inputs": inputs(row.reads),
                }
                for row in family.rows
            ],
            "raw_points": int(tally.raw[person]),
            "cap": int(tally.cap[person]),
            "points": points,
            "points_max": points_max,
            "band": self.band(points),
            "band_max": self.band(points_max),
        }
