"""The engine against an evaluator that shares nothing with it, on thousands of invented people."""

import os

import pytest

from programs.matching import Batch, check, default_engine

from . import slow
from .contract import exact
from .people import person

PEOPLE = int(os.environ.get("DIFFERENTIAL_PEOPLE", "1500"))
FIRST = int(os.environ.get("DIFFERENTIAL_FIRST", "0"))
TOGETHER = 50
# Trying every other value of every fact costs the slow evaluator a hundred runs: every few people only.
EVERY = int(os.environ.get("DIFFERENTIAL_CHANGES_EVERY", "50"))


@pytest.mark.parametrize("first", range(FIRST, FIRST + PEOPLE, TOGETHER))
def test_both_evaluators_agree_on_every_exact_field(first):
    seeds = range(first, first + TOGETHER)
    documents = [person(seed) for seed in seeds]

    outputs = default_engine().recommend_many(documents)

    for seed, document, output in zip(seeds, documents, outputs, strict=True):
        expected = slow.recommend(document, changes=seed % EVERY == 0)
        if seed % EVERY:
            expected["what_would_change"] = output["what_would_change"]
        assert exact(output) == exact(expected), f"person {seed}"


def test_the_invented_people_reach_every_part_of_the_rules():
    people = [check(person(seed)) for seed in range(1500)]
    engine = default_engine()
    decided = engine.decide(Batch.of(people))

    reached = {
        field: {words[code] for code in codes}
        for (field, words), codes in zip(decided.words.items(), decided.codes, strict=True)
    }
    never = {field: set(words) - reached[field] for field, words in decided.words.items()}
    # A primary is printed as its family, never as the outcome `primary`; consent cannot be cleared.
    assert {field: words for field, words in never.items() if words} == {"primary": {"primary"}, "gate:G6": {"cleared"}}
