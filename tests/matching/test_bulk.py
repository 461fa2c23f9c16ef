"""Documents encoded by column: the same codes as one by one, and the same refusals."""

import numpy as np
import pytest

from programs.matching import Batch, FactError, check, encode
from programs.matching.dictionary import raw_facts

from .people import person

PEOPLE = [person(seed) for seed in range(600)]
WRONG = (
    True,
    1,
    1.5,
    -1,
    99_999,
    "",
    "no such word",
    "2026-02-30",
    "20260302",
    [],
    [None],
    ["x"],
    [[]],
    {},
    float("nan"),
)


def document(**facts: object) -> dict[str, object]:
    return {"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": facts}


def refused(encoding, documents) -> bool:
    try:
        encoding(documents)
    except FactError:
        return True
    return False


def test_columns_hold_what_one_by_one_gives():
    together, alone = encode(PEOPLE), Batch.of(map(check, PEOPLE))

    assert np.array_equal(together.truths, alone.truths)
    assert np.array_equal(together.numbers, alone.numbers)


def test_nobody_makes_columns_without_people():
    assert encode([]).size == 0


@pytest.mark.parametrize("fact", raw_facts(), ids=lambda fact: fact.key)
def test_what_one_by_one_refuses_is_refused_by_column(fact):
    if fact.type == "items":
        answers = [[wrong] * fact.length for wrong in WRONG] + [[0] * (fact.length + 1), [0] * (fact.length - 1) + [4]]
    elif fact.type == "list":
        answers = [[wrong] for wrong in WRONG] + [[fact.values[0]] * 2, [*fact.values]]
    else:
        answers = [fact.minimum, fact.maximum, 3.0, 1.87, 1.875, *fact.values, "2026-02-28", "2027-01-01", False]

    for answer in [*answers, *WRONG]:
        one = document(**{fact.key: answer})
        assert refused(encode, [document(), one]) == refused(check, one), answer
        if not refused(check, one):
            assert np.array_equal(encode([one]).numbers, Batch.of([check(one)]).numbers), answer
            assert np.array_equal(encode([one]).truths, Batch.of([check(one)]).truths), answer


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {**document(), "schema": "iop.facts/2"},
        {**document(), "as_of": None},
        {**document(), "as_of": ["2026-03-02"]},
        {**document(), "as_of": "2026-3-2"},
        {**document(), "facts": []},
        {**document(), "more": 1},
        document(stranger=None),
        document(**{"phq9.total": 3}),
    ],
)
def test_a_document_of_another_shape_is_refused(broken):
    assert refused(check, broken)
    assert refused(encode, [document(), broken])
