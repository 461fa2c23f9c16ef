"""
The recommendation a second time: slow, direct, one person at a time, written from the text of SEMANTICS.

It shares nothing with the engine, neither code nor rules, so that a disagreement of the two points at a mistake in one.
Clauses are cited; a condition is a pair of a truth and the set of facts that keep it unknown.
"""

from __future__ import annotations

from typing import Any

from .findings import Result
from .gates import Gated
from .logic import FACTS

__all__ = ["FACTS", "recommend"]


def candidates(key: str, v: Any, as_of: str) -> list[Any]:  # S90
    fact = FACTS[key]
    rule, _, rest = fact["what_if"].partition(":")
    if rule == "flip":
        return [False, True] if v is None else [not v]
    if rule == "resolve_yes":
        return [False, True] if v is None else [False] if v is True else []
    if rule == "resolve_no":
        return [True, False] if v is None else [True] if v is False else []
    if rule == "values":
        return [value for value in fact["values"] if value != v]
    if rule == "step":
        span = range(fact["min"], fact["max"] + 1)
        return list(span) if v is None else [n for n in (v - 1, v + 1) if n in span]
    if rule == "thresholds":
        thresholds = [int(t) for t in rest.split(",")]
        return [0, *thresholds] if v is None else [t - 1 if v >= t else t for t in thresholds]
    if rule == "empty_list":
        return [[]] if v is None or v else []
    if rule == "reset":
        return ["none"] if v is not None and v != "none" else []
    assert rule == "today"
    return [] if v == as_of else [as_of]


def what_would_change(document: dict[str, Any], base: Result) -> list[dict[str, Any]]:
    p = base.p
    before = base.compared()
    printed = {
        "phq9.total": p.phq9_total,
        "gad7.total": p.gad7_total,
        "pcl5.total": p.pcl5_total,
        "audit.total": p.audit_total,
    }
    entries = []
    for key in sorted(FACTS):
        fact = FACTS[key]
        if fact["what_if"] == "none":
            continue
        v = p.get(key) if fact["kind"] == "raw" else printed[key]
        if v is None and key in ("cssrs.q3", "cssrs.q4", "cssrs.q5") and p.get("cssrs.q2") is False:
            continue
        if v is None and key == "cssrs.q6_3m" and p.get("cssrs.q6_lifetime") is False:
            continue
        tried: list[Any] = []
        for value in candidates(key, v, document["as_of"]):
            if value == v or value in tried:
                continue
            tried.append(value)
            after = Result(Gated(document, (key, value))).compared()
            changes = [
                {"what": what, "from": before[what], "to": after[what]}
                for what in before
                if before[what] != after[what]
                and not (what == "gate:G9" and not p.family_considered)
                and not (what == "gate:G10" and base.points["trauma"] < 3)
            ]
            if changes:
                entries.append({"fact": key, "from": v, "to": value, "changes": changes})
    return entries


def recommend(document: dict[str, Any], *, changes: bool = True) -> dict[str, Any]:
    """The exact parts of the output document (S94)."""
    person = Gated(document)
    result = Result(person)
    missing = result.missing()
    violence = person.get("risk.threat_to_others")
    return {
        "schema": "iop.recommendation/1",
        "as_of": document["as_of"],
        "status": "proposal",
        "completeness": result.completeness(missing),
        "safety": {
            "level": person.safety_level,
            "violence": "unknown" if violence is None else "yes" if violence else "no",
        },
        "gate_summary": result.gate_summary(),
        "gates": list(result.gates.values()),
        "level_of_care": result.level,
        "tracks": list(result.tracks.values()),
        "selection": result.selection,
        "confidence": result.confidence(missing),
        "cautions": result.cautions(),
        "routing": result.routing(),
        "missing": missing,
        "what_would_change": what_would_change(document, result) if changes else [],
    }
