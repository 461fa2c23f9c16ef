"""The decision fields of 10,000 people: the product beside a rules engine, generated Python and NumPy by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench import by_hand, peers, rows
from bench.people import answered, invented
from bench.stage import Stage
from programs.matching import Batch, Facts, RuleSet, check, default_engine
from programs.matching.decisions import decisions
from programs.matching.encoding import UNKNOWN
from programs.matching.logic import Evaluation

PEOPLE, ROUNDS, TRIED = 10_000, 7, 1500
UNIT = "CPU us/person"


def measure(_stage: Stage) -> Iterator[rows.Row]:
    engine = default_engine()
    rules, work = engine.ruleset, peers.work_of(engine.ruleset)
    agree(rules, work)
    people = [check(document) for document in invented(PEOPLE)]
    batch, facts = Batch.of(people), peers.given(rules, work, people)
    conditions = peers.numpy(work, facts)
    by_numpy = by_hand.decider(rules, work, conditions)
    by_python = peers.python(work, facts)
    others: dict[str, Callable[[], object]] = {"generated Python": lambda: [by_python(row) for row in facts.rows]}
    if (by_datalogic := datalogic(work, facts)) is None:
        print("datalogic-py is not installed (make bench installs it): generated Python stands in for it.")
    else:
        others["datalogic-py"] = by_datalogic
    product, numpy = fastest(lambda: engine.decide(batch)), fastest(lambda: by_numpy(facts.columns))
    times = {name: fastest(run) for name, run in others.items()}
    print(f"{'decision fields':<24} {len(work.conditions)} conditions over {len(work.facts)} facts in {UNIT}: product {product:.3f}, "
          f"NumPy by hand {numpy:.3f}, its conditions alone {fastest(lambda: conditions(facts.columns)):.3f}, "
          + ", ".join(f"{name} {took:.1f}" for name, took in times.items()))  # fmt: skip
    name, floor = list(times.items())[-1]
    yield rows.beside(f"replay of {PEOPLE:,}, by {name}", UNIT, product, floor, budget=0.2)
    yield rows.beside(f"replay of {PEOPLE:,}, by NumPy", UNIT, product, numpy, budget=10)


def fastest(run: Callable[[], object]) -> float:
    """Microseconds of CPU for each person, in the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
    return min(found) / PEOPLE * 1e6


def datalogic(work: peers.Work, facts: peers.Given) -> Callable[[], object] | None:
    """The fastest way that we found: documents parsed before, one call for everybody, no result turned into Python."""
    try:
        from datalogic_py import DataHandle, Engine  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    engine = Engine()
    rule, session = engine.compile(peers.jsonlogic(work, facts)), engine.session()
    by_python = peers.python(work, facts)
    if [rule.evaluate(row) for row in facts.rows[:TRIED]] != [list(by_python(row)) for row in facts.rows[:TRIED]]:
        raise SystemExit("datalogic-py and generated Python disagree about the same conditions.")
    handles = [DataHandle(json.dumps(row)) for row in facts.rows]
    return lambda: session.evaluate_batch(rule, handles)


def agree(rules: RuleSet, work: peers.Work) -> None:
    """Go on only if all come to the same: about people of whom everything is known."""
    people = [check(answered(document)) for document in invented(TRIED)]
    people = [facts for facts, known in zip(people, everything_known(rules, people), strict=True) if known]
    see, facts = Evaluation(Batch.of(people)), peers.given(rules, work, people)
    conditions = peers.numpy(work, facts)
    level, primary, format_, gates = by_hand.decider(rules, work, conditions)(facts.columns)
    codes = decisions(rules, see).codes
    if not np.array_equal(np.array([level, primary, format_, *gates]), codes[:-1]):
        raise SystemExit("NumPy by hand and the product disagree.")
    by_python = peers.python(work, facts)
    if not np.array_equal(conditions(facts.columns).T, [by_python(row) for row in facts.rows]):
        raise SystemExit("NumPy by hand and generated Python disagree.")


def everything_known(rules: RuleSet, people: list[Facts]) -> Any:
    see = Evaluation(Batch.of(people))
    asked = [trigger.when for gate in rules.gates for trigger in gate.triggers]
    asked += [rule.when for rule in rules.selection.rules]
    points = see[rules.evidence]
    open_points = (points.points != points.points_max).any(axis=0)
    return ~(open_points | np.any([see[condition] == UNKNOWN for condition in asked], axis=0))
