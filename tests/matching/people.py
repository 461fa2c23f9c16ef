"""Invented people for the differential test: random, at the boundaries, with answers missing."""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

from .contract import CONTRACT, VIGNETTES, read
from .slow import FACTS

RAW = {key: fact for key, fact in FACTS.items() if fact["kind"] == "raw"}
AS_OF = date(2026, 3, 2)
AGES = (0, 0, 0, 1, 1, 2, 6, 7, 8, 13, 14, 15, 29, 30, 31, 400, -1, -40)
# Numbers of which most values say the same: the ones around a threshold.
TELLING = {
    "person.age": (17, 18, 34, 34, 120),
    "self_harm.episodes_3m": (0, 0, 1, 2, 3, 4, 999),
    "crisis.contacts_12m": (0, 1, 2, 3),
    "drug.single_item": (0, 0, 1, 366),
    "ciwa.total": (0, 9, 10, 11, 18, 19, 67),
    "cows.total": (0, 12, 13, 24, 25, 48),
    "bsl23.mean": (0, 1.49, 1.5, 1.86, 1.87, 2.5, 4),
}


@cache
def known_people() -> list[dict[str, Any]]:
    """Everybody in the contract: people in whom many rules meet."""
    examples = [read(f"examples/{path.name}") for path in sorted((CONTRACT / "examples").glob("*.facts.json"))]
    vignettes = [read(f"vignettes/{path.name}")["facts"] for path in sorted(VIGNETTES.glob("*.json"))]
    return [document["facts"] for document in examples + vignettes]


def person(seed: int) -> dict[str, Any]:
    """One invented document; the same seed gives the same person."""
    rng = random.Random(seed)
    kind = rng.choice(("known", "known", "calm", "calm", "calm", "mild", "sure", "close", "strange"))
    if kind == "strange":
        silent = rng.choice((0, 0.03, 0.1, 0.4, 0.8))
        facts = {key: None if rng.random() < silent else value(key, rng) for key in RAW}
    elif kind == "sure":
        facts = _sure(rng)
    elif kind == "close":
        facts = _close(rng)
    else:
        facts = dict(rng.choice(known_people())) if kind == "known" else _calm(rng)
        if kind == "mild":
            facts |= {f"dimension.d{n}": rng.choice((0, 1, 1)) for n in range(1, 7)}
            facts |= {f"dimension.d{n}": rng.choice((0, 1, 2, 3, 3, 4, None)) for n in range(7, 10)}
        for key in rng.sample(list(RAW), rng.choice((0, 0, 0, 1, 2, 4, 8, 16))):
            facts[key] = None if rng.random() < rng.choice((0, 0.2, 0.6)) else value(key, rng)
    for key in [key for key, answer in facts.items() if answer is None and rng.random() < 0.3]:
        del facts[key]
    return {"schema": "iop.facts/1", "as_of": AS_OF.isoformat(), "facts": facts}


def _calm(rng: random.Random) -> dict[str, Any]:
    """Gates mostly closed, evidence mostly there: where level and selection have the most to decide."""
    today = AS_OF.isoformat()
    facts = {key: value(key, rng) for key in RAW}
    for key, fact in RAW.items():
        if fact["what_if"] == "resolve_yes" and rng.random() < 0.99:
            facts[key] = False
        elif fact["what_if"] == "resolve_no":
            facts[key] = True
        elif key.startswith("dimension.d") and fact["type"] == "int":
            facts[key] = rng.choice((0, 1, 1, 2, 2, 2, 3, 4) if key[-1] in "56789" else (0, 1, 1, 2, 2, 2))
    facts |= {"emergency.signs": [], "person.age": 40, "cssrs.date": today, "dimension.date": today}
    facts |= {"consent.guardian_status": "no_guardian", "dysregulation.marked": rng.random() < 0.4}
    if rng.random() < 0.35:  # cleared of whatever is found, so that the level rows behind the gates speak
        facts |= {f"dimension.d{n}": rng.choice((0, 1, 2, 2, 3, 3, 4)) for n in range(1, 10)}
        facts |= {key: today for key in RAW if key.startswith("clearance.")}
    facts["bipolar.phase"] = rng.choice(("euthymic", "depressed", None))
    facts["self_harm.episodes_3m"] = rng.choice((0, 0, 0, 0, 1, 3))
    facts |= {"ciwa.total": None, "cows.total": None, "trauma.qualifying_event": rng.random() < 0.8}
    return facts


def _sure(rng: random.Random) -> dict[str, Any]:
    """Somebody about whom nearly all is known: where confidence is decided by an age, a lead or one missing fact."""
    facts = dict(rng.choice(known_people()))
    age = rng.choice((0, 13, 14, 15, 29, 30, 31))
    for key, fact in RAW.items():
        if fact["type"] == "date" and not key.startswith(("cssrs", "clearance")):
            facts[key] = (AS_OF - timedelta(days=age)).isoformat()
        elif key.startswith("quality."):
            facts[key] = False
    asked = [key for key, fact in RAW.items() if not fact["safety"]]
    for key in rng.sample(asked, rng.choice((0, 1, 2, 3))):
        facts[key] = None
    for key in rng.sample(
        [key for key in asked if key.startswith(("diagnosis", "history", "preference", "phq9.i"))], 2
    ):
        facts[key] = value(key, rng)
    return facts


def _close(rng: random.Random) -> dict[str, Any]:
    """Somebody with a bare proposal for addiction and nearly as much for depression: where the lead decides."""
    facts = dict(read("examples/02-t2-nothing-supported.facts.json")["facts"])
    bam = [0] * 8 + [4, 4, 0, 4, 4, 4, 0, 4, 0]
    facts |= {"audit_c.items": None, "audit.items": [2] * 8 + [0, 0], "bam.items": bam, "bam.date": AS_OF.isoformat()}
    facts["substance.sud_severity"] = rng.choice(("mild", "mild", "moderate"))
    facts["diagnosis.depressive_disorder"] = rng.choice(("confirmed", "suspected"))
    facts["phq9.items"] = [rng.choice((0, 0, 1, 2))] * 8 + [0]
    facts["preference.main_goal"] = rng.choice(("addiction", "depression", "other"))
    return facts


def value(key: str, rng: random.Random) -> Any:
    """A value that the dictionary allows, more often than not a telling one."""
    fact = RAW[key]
    match fact["type"]:
        case "bool":
            return rng.random() < 0.4
        case "choice":
            return rng.choice(fact["values"])
        case "int" | "number":
            return rng.choice(TELLING.get(key) or range(fact["min"], fact["max"] + 1))
        case "date":
            return (AS_OF - timedelta(days=rng.choice(AGES))).isoformat()
        case "list":
            return rng.sample(fact["values"], rng.choice((0, 0, 1, 1, 2, len(fact["values"]))))
    return _items(key, fact, rng)


def _items(key: str, fact: dict[str, Any], rng: random.Random) -> list[Any]:
    blanks = rng.choice((0, 0, 0, 1, 1, 2, 3, fact["length"]))
    blank = set(rng.sample(range(fact["length"]), blanks))
    lean = rng.random()
    answers = [None if position in blank else _item(key, position, lean, rng) for position in range(fact["length"])]
    if key.startswith("audit") and rng.random() < 0.3:
        answers[rng.choice((0, 1, 2))] = 0
    return answers


def _item(key: str, position: int, lean: float, rng: random.Random) -> Any:
    if RAW[key]["item"].startswith("bool"):
        return rng.random() < lean
    if key == "bipf.items" and rng.random() < 0.2:
        return "na"
    allowed = list(range({"phq9": 4, "gad7": 4, "bipf": 7}.get(key.split(".")[0], 5)))
    if key == "audit.items" and position >= 8:
        allowed = [0, 2, 4]
    if key == "bam.items" and position == 13:
        allowed = [0, 4]
    place = int(rng.gauss(lean, 0.25) * len(allowed))
    return allowed[min(max(place, 0), len(allowed) - 1)]
