"""One recommendation with its whole explanation and what would change, for people of whom every one is another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench import rows
from bench.people import invented
from bench.stage import Stage
from programs.matching import default_engine

PEOPLE, ROUNDS = 1000, 3


def measure(_stage: Stage) -> Iterator[rows.Row]:
    """Of each person the fastest of three: the tail over people, not over what else this machine does."""
    engine, people, clock = default_engine(), invented(PEOPLE), []
    best = [float("inf")] * PEOPLE
    for _ in range(ROUNDS):
        for place, document in enumerate(people):
            began, used = time.perf_counter(), time.thread_time()
            engine.recommend(document)
            best[place] = min(best[place], (time.thread_time() - used) * 1000)
            clock.append((time.perf_counter() - began) * 1000)
    cpu, wall = (statistics.quantiles(found, n=100) for found in (best, clock))
    print(
        f"{'recommendation':<24} p50 {cpu[49]:.2f} ms CPU, p99 {cpu[98]:.2f}; "
        f"every call on the clock p50 {wall[49]:.2f} ms, p99 {wall[98]:.2f}"
    )
    yield rows.at_most("one recommendation, p99", "CPU ms", round(cpu[98], 2), budget=10)
