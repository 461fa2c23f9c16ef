"""
The decision fields in NumPy as one would write it for this rule set alone: two values, numbers and orders in the code.

It starts from the conditions of `bench.peers` and gives level, primary, format and gates. Where nothing is missing it
has to agree with the product, which `agrees` asks before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.peers import Work
from programs.matching.ruleset import RuleSet

FAMILIES = ("depression", "dbt", "trauma", "addiction")
BONUS = np.array([[1], [4], [2], [3]], dtype=np.int8)  # what comes first on equal points
CASES = {  # the rank of the level that a row gives, case by case
    "L1": (5,), "L2": (3,), "L3": (5,), "L4": (2, 4), "L5": (5,), "L6": (5, 3), "L7": (3,), "L8": (3, 4), "L9": (4,),
    "L10": (4,), "L11": (3, 2, 2), "L14": (2, 4, 3), "L20": (3,),
}  # fmt: skip
GROUP, INDIVIDUAL, FAMILY, NONE = 0, 1, 2, -1
PICKS, ASSESS, UNSUPPORTED, OPEN, OUT = (
    5,
    6,
    7,
    8,
    9,
)  # after the four families and `primary`, as the product numbers them

Columns = Mapping[str, NDArray[Any]]
Decided = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


def decider(rules: RuleSet, work: Work, conditions: Callable[[Columns], NDArray[Any]]) -> Callable[[Columns], Decided]:
    place = {name: number for number, name in enumerate(work.conditions)}
    gates = [[place[f"{gate.id}.{trigger.code}"] for trigger in gate.triggers] for gate in rules.gates]
    spans = [slice(held[0], held[-1] + 1) for held in gates]
    rows = [
        [
            [(option.points, place[f"{row.id}.{depth}"]) for depth, option in enumerate(row.options)]
            for row in family.rows
        ]
        for family in rules.evidence.families
    ]
    against, favors = (
        slice(*(np.array(found)[[0, -1]] + [0, 1]))
        for name in ("contraindications", "favors")
        if (found := [number for known, number in place.items() if known.startswith(name)])
    )

    def decide(columns: Columns) -> Decided:
        holds = conditions(columns)

        def held(name: str) -> NDArray[Any]:
            return holds[place[name]]

        fired = np.array([holds[span].any(axis=0) for span in spans])
        cleared = np.array([columns[f"cleared_{gate.id}"] for gate in rules.gates])
        is_open = fired & ~cleared
        stopped = is_open[:5].any(axis=0)

        rank = np.zeros(len(stopped), dtype=np.int8)
        for name, ranks in CASES.items():
            given: Any = np.int8(ranks[-1])
            for case in range(len(ranks) - 2, -1, -1):
                given = np.where(held(f"{name}.{case}"), np.int8(ranks[case]), given)
            rank = np.maximum(rank, held(name) * given)
        rank = np.where(rank, rank, np.where(held("L12") | held("L13"), np.int8(2), held("L15").view(np.int8)))
        level = np.where(rank, rank - 1, np.int8(5))
        for status, where in ((6, held("L17")), (7, stopped), (8, held("unrated")), (9, ~held("adult"))):
            level[where] = status

        points, measured, diagnosed = _points(rows, holds)
        points[2] = np.minimum(points[2], np.where(held("event"), np.int8(12), np.int8(2)))
        points = np.minimum(points, 12)
        primary, addiction = _select(points, held, is_open, stopped, measured, diagnosed)

        first = _format(held, np.any(holds[against], axis=0), np.sum(holds[favors], axis=0))
        family = held("family") & ~is_open[8]
        first[family & held("main_driver") & held("wants_family")] = FAMILY
        return level, primary, np.where(addiction, first, NONE), np.where(cleared & fired, 3, fired * 2)

    return decide


def _points(
    rows: list[list[list[tuple[int, int]]]], holds: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The points of each family, and those of its main measure and diagnosis."""
    totals, measured, diagnosed = [], [], []
    for number, family in enumerate(rows):
        given = []
        for options in family:
            best: Any = holds[options[0][1]] * np.int8(options[0][0])
            for worth, place in options[1:]:
                best = np.maximum(best, holds[place] * np.int8(worth))
            given.append(best)
        anchor = (given[0] > 0) | (given[1] > 0)
        if FAMILIES[number] == "dbt":
            anchor |= given[2] > 0
        totals.append(given[0] + given[1] + given[2] + anchor * (given[3] + given[4] + given[5] + given[6]))
        diagnosed.append(given[0])
        measured.append(given[1])
    return np.array(totals), np.array(measured), np.array(diagnosed)


def _select(
    points: NDArray[Any],
    held: Callable[[str], NDArray[Any]],
    is_open: NDArray[Any],
    stopped: NDArray[Any],
    measured: NDArray[Any],
    diagnosed: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The primary family or the outcome, and whether addiction is proposed in any part."""
    supported = points >= 5
    keys = points * np.int8(5) + BONUS
    order = np.argsort(-keys, axis=0)
    first, second = order[0], order[1]
    people = np.arange(points.shape[1])
    best, next_best = points[first, people], points[second, people]
    p2 = supported[1] & held("self_harm")
    p3 = ((points[3] >= 8) & held("use")) | (supported[3] & held("d5"))
    p4 = supported[2] & (points[2] > points[[0, 1, 3]].max(axis=0)) & is_open[9]
    p5 = ~supported.any(axis=0)
    p6 = supported[second, people] & (best - next_best <= 1)
    for_dbt = supported[1] & (held("G10.cssrs_high") | held("G10.serious_self_harm_8w"))
    of_use = ("G10.severe_withdrawal", "G10.intoxicated_attendance", "G10.recent_overdose")
    for_use = supported[3] & np.logical_or.reduce([held(name) for name in of_use])
    treats = np.where(for_dbt & (~for_use | (keys[1] > keys[3])), 1, np.where(for_use, 3, 2))
    primary = np.select([p2, p3, p4], [1, 3, treats], first)
    adjunct_is_addiction = np.select(
        [p2, p3, p4 & (treats != 2)], [supported[3], False, False], (second == 3) & supported[second, people]
    )
    none = np.array([held(f"{family}.none") for family in FAMILIES])
    screen = none & (diagnosed == 0) & (measured >= 3)
    questioned = ~p2 & ~p3
    doubted, outside = questioned & screen[primary, people], questioned & held("outside")
    close = p6 & ~p2 & ~p3 & ~p4
    addiction = (primary == 3) | adjunct_is_addiction
    addiction = np.where(
        close, supported[3] & (best - points[3] <= 1), addiction & ~(doubted | (outside & (primary != 3)))
    )
    word = np.select(
        [~held("adult"), stopped, ~p2 & ~p3 & ~p4 & p5, close, doubted, outside],
        [OUT, OPEN, np.where((points >= 3).any(axis=0), ASSESS, UNSUPPORTED), PICKS, ASSESS, PICKS],
        primary,
    )
    return word, addiction & ~np.isin(word, (OUT, OPEN, ASSESS, UNSUPPORTED))


def _format(held: Callable[[str], NDArray[Any]], against: NDArray[Any], favored: NDArray[Any]) -> NDArray[Any]:
    first = np.where(against | (favored >= 2), INDIVIDUAL, GROUP)
    full = np.where(first == GROUP, held("group_full"), held("individual_full"))
    other_full = np.where(first == GROUP, held("individual_full"), held("group_full"))
    first = np.where(full & ~against & ~other_full, 1 - first, first)
    tie = ~against & (favored == 1)
    first[tie & held("wants_group") & ~held("group_full")] = GROUP
    first[tie & held("wants_individual") & ~held("individual_full")] = INDIVIDUAL
    return first
