"""Scores of questionnaires as bounds, never as a guess for what is unanswered (SEMANTICS S11-S15, S20-S26)."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .columns import Mask, Numbers, Truths, layout
from .encoding import NULL, UNKNOWN, YES
from .logic import Any_, AtLeastSome, Condition, Evaluation, Node, Unknowns, at_least, truth
from .terms import Bounds, ScoreTerm, Term, TruthRow, TruthTerm, ValueTerm

T = TypeVar("T")


class Worked(Node[T]):
    """A column worked out by a function."""

    def __init__(self, work: Callable[[Evaluation], T]) -> None:
        self.work = work

    def evaluate(self, see: Evaluation) -> T:
        return self.work(see)


class Steady(Worked[NDArray[Any]]):
    """
    A column that rests on item lists alone.

    No variant changes an item list (S90), so it is worked out once for each person and handed to what is tried.
    """

    def evaluate(self, see: Evaluation) -> NDArray[Any]:
        if see.origin is None:
            return self.work(see)
        return see.origin.see[self].take(see.origin.owners, axis=-1)


class Finding(Condition):
    """A condition worked out by a function, with the facts to ask for while it is unknown."""

    def __init__(
        self,
        work: Callable[[Evaluation], Truths],
        unknown: Callable[[Evaluation, int], Unknowns],
        reads: Unknowns,
    ) -> None:
        self.work, self._unknown, self._reads = work, unknown, reads

    def evaluate(self, see: Evaluation) -> Truths:
        return self.work(see)

    def unknown(self, see: Evaluation, person: int) -> Unknowns:
        return self._unknown(see, person)

    def reads(self) -> Unknowns:
        return self._reads


def always(*keys: str) -> Callable[[Evaluation, int], Unknowns]:
    asks = frozenset(keys)
    return lambda see, person: asks


def round_half_up(numerator: Any, denominator: Any) -> Any:
    """floor(n / d + 1/2) in whole numbers (S15)."""
    return (2 * numerator + denominator) // (2 * denominator)


# -- Answers of an item list


def answers(key: str) -> Node[Numbers]:
    """The answers of an item list: shape (items, people), ``NULL`` where not answered."""
    rows = layout().places[key].rows
    return Steady(lambda see: see.batch.numbers[rows])


def given(key: str) -> Node[Truths]:
    """Yes where the list was given at all, even with every entry null; else no."""
    row = layout().places[key].given
    return Worked(lambda see: see.batch.truths[row])


def checklist(key: str) -> list[TruthRow]:
    place = layout().places[key]
    return [TruthRow(key, row) for row in range(place.start, place.stop)]


class Tally(Steady):
    """The sum of the answered items, and how many are not answered: shape (2, people)."""

    def __init__(self, source: Node[Numbers], items: list[int] | slice = slice(None)) -> None:
        def work(see: Evaluation) -> NDArray[Any]:
            chosen = see[source][items]
            low = np.add.reduce(np.maximum(chosen, 0), axis=0, dtype=np.int16)
            return np.array([low, np.add.reduce(chosen == NULL, axis=0, dtype=np.int16)])

        super().__init__(work)


def bounds(tally: Tally, highest: int, varied: str | None = None) -> Node[Bounds]:
    """
    Low is the sum of what is answered; high gives every unanswered item its highest value (S11).

    ``varied`` names the total that the what-would-change search tries: where it does, both bounds are what is tried.
    """

    def work(see: Evaluation) -> Bounds:
        low, unanswered = see[tally]
        return np.array([low, low + highest * unanswered])

    answered = Steady(work)
    if varied is None:
        return answered
    row = layout().places[varied].start

    def tried(see: Evaluation) -> Bounds:
        candidate = see.batch.numbers[row]
        return np.where(candidate == NULL, see[answered], candidate)

    return Worked(tried)


def total(
    key: str, tally: Tally, items: int, highest: int, spare: int, needs: Node[Numbers] | None = None
) -> ValueTerm:
    """
    A printed total, prorated while at most ``spare`` items are missing.

    ``needs`` is an item without which there is no total.
    """

    def work(see: Evaluation) -> NDArray[Any]:
        low, unanswered = see[tally]
        has_total = unanswered <= spare
        if needs is not None:
            has_total &= see[needs] != NULL
        answered = np.maximum(items - unanswered, 1)
        return np.where(has_total, round_half_up(low * items, answered), NULL)

    return ValueTerm(key, Steady(work), range(items * highest + 1))


class ItemsTerm(Term):
    """An item list: missing while a scored answer is; given when the list is there at all."""

    def __init__(self, key: str, unanswered: Callable[[Evaluation], Any]) -> None:
        super().__init__(key)
        self._missing = Finding(lambda see: truth(unanswered(see) > 0), always(), frozenset({key}))
        self._given = Finding(lambda see: see[given(key)], always(), frozenset({key}))

    def missing(self) -> Condition:
        return self._missing

    def given(self) -> Condition:
        return self._given


def tallied_items(key: str, tally: Tally) -> ItemsTerm:
    return ItemsTerm(key, lambda see: see[tally][1])


def checked_items(key: str) -> ItemsTerm:
    rows = layout().places[key].rows
    return ItemsTerm(key, lambda see: (see.batch.truths[rows] == UNKNOWN).sum(axis=0))


def second_stage(key: str, due: Condition, varied: str | None = None) -> Any:
    """
    How conditions on an instrument that is not always due are settled while its list is null (S14).

    Returns:
        ``settle`` and ``unknown`` for a ``ScoreTerm``.
    """
    was_given = given(key)
    row = layout().places[varied].start if varied else None

    def counts(see: Evaluation) -> Mask:
        answered: Mask = see[was_given] == YES
        return answered if row is None else answered | (see.batch.numbers[row] != NULL)

    counted, otherwise = Worked(counts), Worked(lambda see: np.minimum(see[due], np.uint8(UNKNOWN)))

    def settle(see: Evaluation, truths: Truths) -> Truths:
        return np.where(see[counted], truths, see[otherwise])

    def unknown(see: Evaluation, person: int) -> Unknowns:
        if see[was_given][person] != YES and see[due][person] == UNKNOWN:
            return see.unknown(due, person)
        return frozenset({key})

    return settle, unknown


# -- The instruments


def phq9() -> list[Term]:
    source = answers("phq9.items")
    tally = Tally(source)
    item9 = Steady(lambda see: see[source][8])
    reads = frozenset({"phq9.items"})
    return [
        ScoreTerm(
            "phq9.total",
            bounds(tally, 3, "phq9.total"),
            reads,
            total=total("phq9.total", tally, items=9, highest=3, spare=2, needs=item9),
        ),
        ValueTerm("phq9.item9", item9, range(4), unknown=always("phq9.items"), reads=reads | {"phq9.item9"}),
        tallied_items("phq9.items", tally),
    ]


def gad7() -> list[Term]:
    tally = Tally(answers("gad7.items"))
    printed = total("gad7.total", tally, items=7, highest=3, spare=1)
    return [
        ScoreTerm("gad7.total", bounds(tally, 3, "gad7.total"), frozenset({"gad7.items"}), total=printed),
        tallied_items("gad7.items", tally),
    ]


def pcptsd5(terms: Mapping[str, Term]) -> list[Term]:
    exposure = terms["pcptsd5.exposure"].condition()
    three = AtLeastSome(3, *checklist("pcptsd5.items"))

    def positive(see: Evaluation) -> Truths:
        # Unknown exposure stays unknown whatever the items say, so this is not a plain AND.
        return np.where(see[exposure] == UNKNOWN, UNKNOWN, np.minimum(see[exposure], see[three])).astype(np.uint8)

    def unknown(see: Evaluation, person: int) -> Unknowns:
        return see.unknown(exposure, person) or frozenset({"pcptsd5.items"})

    return [TruthTerm("pcptsd5.positive", Finding(positive, unknown, exposure.reads() | three.reads()))]


CLUSTERS = ((slice(0, 5), 1), (slice(5, 7), 1), (slice(7, 14), 2), (slice(14, 20), 2))  # PCL-5 B, C, D, E: items, need


def pcl5(terms: Mapping[str, Term]) -> list[Term]:
    source = answers("pcl5.items")
    due = Any_(
        terms["pcptsd5.positive"].condition(), terms["diagnosis.ptsd"].compared("in", ("suspected", "confirmed"))
    )
    settle, unknown = second_stage("pcl5.items", due, "pcl5.total")
    settle_rule, _ = second_stage("pcl5.items", due)
    tallies = [(Tally(source, items), items.stop - items.start) for items, _ in CLUSTERS]

    def printed(see: Evaluation) -> NDArray[Any]:
        scores = [
            np.where(unanswered <= 1, round_half_up(low * items, np.maximum(items - unanswered, 1)), NULL)
            for tally, items in tallies
            for low, unanswered in [see[tally]]
        ]
        return np.where(np.minimum.reduce(scores) == NULL, NULL, sum(scores))

    def all_present(see: Evaluation) -> Truths:
        codes = see[source]
        present, unanswered = codes >= 2, codes == NULL
        sure = [present[items].sum(axis=0) for items, _ in CLUSTERS]
        most = [low + unanswered[items].sum(axis=0) for low, (items, _) in zip(sure, CLUSTERS, strict=True)]
        needed = np.array([[need] for _, need in CLUSTERS])
        present_in_all: Truths = np.minimum.reduce(at_least(np.array([sure, most]), needed))
        return present_in_all

    rule = Steady(all_present)

    def cluster_rule(see: Evaluation) -> Truths:
        settled: Truths = settle_rule(see, see[rule])
        return settled

    tally = Tally(source)
    return [
        TruthTerm("pcl5.due", due),
        ScoreTerm(
            "pcl5.total",
            bounds(tally, 4, "pcl5.total"),
            frozenset({"pcl5.items"}),
            settle=settle,
            unknown=unknown,
            total=ValueTerm("pcl5.total", Steady(printed), range(81)),
        ),
        TruthTerm("pcl5.cluster_rule", Finding(cluster_rule, unknown, frozenset({"pcl5.items", "pcl5.cluster_rule"}))),
        tallied_items("pcl5.items", tally),
    ]


def audit(terms: Mapping[str, Term]) -> list[Term]:
    short, full = answers("audit_c.items"), answers("audit.items")
    short_given, full_given = given("audit_c.items"), given("audit.items")
    sex = terms["person.sex_for_clinical_use"].compared("=", ("male",))

    def first_three(see: Evaluation) -> Numbers:
        codes = np.where(see[short_given] == YES, see[short], see[full][:3])
        codes[1:] = _skip_zeros(codes[1:], codes[0] == 0)
        return codes

    def all_ten(see: Evaluation) -> Numbers:
        codes = see[full].copy()
        codes[1:8] = _skip_zeros(codes[1:8], codes[0] == 0)
        codes[3:8] = _skip_zeros(codes[3:8], (codes[1] == 0) & (codes[2] == 0))
        return codes

    def positive(see: Evaluation) -> Truths:
        return at_least(see[short_bounds], np.where(see[sex] == YES, 4, 3))

    def source(see: Evaluation, person: int) -> Unknowns:
        from_full = see[short_given][person] != YES and see[full_given][person] == YES
        return frozenset({"audit.items" if from_full else "audit_c.items"})

    def differs(see: Evaluation) -> Truths:
        a, b = see[short], see[full][:3]
        return truth(((a != b) & (a != NULL) & (b != NULL)).any(axis=0))

    short_tally, tally = Tally(Steady(first_three)), Tally(Steady(all_ten))
    short_bounds = bounds(short_tally, 4)
    reads = frozenset({"audit_c.items", "audit.items", "person.sex_for_clinical_use", "audit_c.total"})
    due = Finding(positive, source, reads)
    settle, unknown = second_stage("audit.items", due, "audit.total")
    return [
        TruthTerm("audit_c.positive", due),
        TruthTerm("audit.due", due),
        TruthTerm(
            "audit_c.differs_from_audit", Finding(differs, always(), frozenset({"audit_c.items", "audit.items"}))
        ),
        total("audit_c.total", short_tally, items=3, highest=4, spare=0),
        ScoreTerm(
            "audit.total",
            bounds(tally, 4, "audit.total"),
            frozenset({"audit.items"}),
            settle=settle,
            unknown=unknown,
            total=total("audit.total", tally, items=10, highest=4, spare=0),
        ),
        ItemsTerm("audit_c.items", lambda see: (see[short] == NULL).sum(axis=0)),
        ItemsTerm("audit.items", lambda see: (see[full] == NULL).sum(axis=0)),
    ]


def _skip_zeros(codes: Numbers, where: NDArray[np.bool_]) -> Numbers:
    """A skip zero is an answer; an item that was answered keeps its value (S24)."""
    return np.where((codes == NULL) & where, 0, codes)


BAM = {"bam.use": [3, 4, 5], "bam.risk": [0, 1, 2, 7, 10, 14], "bam.protective": [8, 9, 11, 12, 13, 15]}


def bam(terms: Mapping[str, Term]) -> list[Term]:
    source = answers("bam.items")
    due = terms["substance.sud_severity"].compared("in", ("mild", "moderate", "severe"))
    settle, unknown = second_stage("bam.items", due)
    tallies = {key: Tally(source, items) for key, items in BAM.items()}
    scored = Tally(source, sorted(item for items in BAM.values() for item in items))
    scales = [
        ScoreTerm(
            key,
            bounds(tally, 4),
            frozenset({"bam.items"}),
            settle=settle,
            unknown=unknown,
            total=total(key, tally, items=len(BAM[key]), highest=4, spare=0 if key == "bam.use" else 1),
        )
        for key, tally in tallies.items()
    ]
    return [TruthTerm("bam.due", due), *scales, tallied_items("bam.items", scored)]


def bipf() -> list[Term]:
    tally = Tally(answers("bipf.items"))

    def score(see: Evaluation) -> NDArray[Any]:
        low, unanswered = see[tally]
        answered = np.maximum(7 - unanswered, 1)
        return np.where(unanswered <= 3, round_half_up(100 * low, 6 * answered), NULL)

    return [
        ValueTerm("bipf.score", Steady(score), range(101), unknown=always("bipf.items")),
        tallied_items("bipf.items", tally),
    ]


def dysregulation() -> list[Term]:
    rows = layout().places["dysregulation.items"].rows

    def work(see: Evaluation) -> NDArray[Any]:
        codes = see.batch.truths[rows]
        return np.array([(codes == YES).sum(axis=0), (codes >= UNKNOWN).sum(axis=0)])

    count = ScoreTerm("dbt.feature_count", Steady(work), frozenset({"dysregulation.items"}))
    return [count, checked_items("dysregulation.items")]
