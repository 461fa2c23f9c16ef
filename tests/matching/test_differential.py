"""The engine against an evaluator that shares nothing with it, on thousands of invented people."""

import os

import pytest

from programs.matching import default_engine

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
