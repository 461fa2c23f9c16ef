"""A vignette tried on a rule set: what a clinician expects, and where the rules say something else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OPEN = frozenset({"emergency", "hold", "incomplete"})


@dataclass(frozen=True, slots=True)
class Deviation:
    """One part of an output that is none of what was expected; codes, as in the output."""

    part: str  # level, primary, format, family_work, or gate
    expected: tuple[str, ...]
    found: str


def deviations(output: Mapping[str, Any], expectation: Mapping[str, Any]) -> list[Deviation]:
    """Where an output is not what a vignette accepts; empty when all of it is as expected."""
    level, selection = output["level_of_care"], output["selection"]
    found = [
        _one_of("level", level["level"] or level["status"], expectation["level"]["acceptable"]),
        _one_of("primary", selection["primary"] or selection["outcome"], expectation["primary"]["acceptable"]),
        *_format(selection["format"], expectation["format"]),
        *_gates(output["gates"], expectation),
    ]
    return [deviation for deviation in found if deviation]


def _one_of(part: str, found: str, accepted: Iterable[str]) -> Deviation | None:
    expected = tuple(accepted)
    return None if found in expected else Deviation(part, expected, found)


def _format(found: Mapping[str, Any] | None, expected: Mapping[str, Any] | None) -> list[Deviation | None]:
    if expected is None or found is None:
        wanted = tuple(expected["primary"]) if expected else ("none",)
        return [_one_of("format", found["primary"] if found else "none", wanted)]
    return [
        _one_of("format", found["primary"], expected["primary"]),
        _one_of("family_work", found["family"], expected["family"]),
    ]


def _gates(gates: Iterable[Mapping[str, Any]], expectation: Mapping[str, Any]) -> list[Deviation]:
    is_open = {gate["id"] for gate in gates if gate["status"] in OPEN}
    closed = [gate for gate in expectation["gates_open"] if gate not in is_open]
    opened = [gate for gate in expectation["gates_not_open"] if gate in is_open]
    return [Deviation("gate", (f"{gate} open",), f"{gate} not open") for gate in closed] + [
        Deviation("gate", (f"{gate} not open",), f"{gate} open") for gate in opened
    ]
