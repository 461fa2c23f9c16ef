"""
The rules in words: conditions, names, numbers, and the places of a rule set.

Nothing is decided here. What a clinical lead reads, what differs between two versions and what a number
belongs to are all said by the same few functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from programs import words
from programs.matching.dictionary import dictionary
from programs.matching.language import Asked, Compared, Joined, Phrase, Said, parse

Path = tuple[str | int, ...]

# Terms of the language that are no facts.
TERMS: Final[Mapping[str, str]] = {
    "phq9": "PHQ-9 total",
    "gad7": "GAD-7 total",
    "pcl5": "PCL-5 total",
    "audit": "AUDIT total",
    "ciwa": "CIWA-Ar total",
    "cows": "COWS total",
    "scope.applies": "the rules apply",
    "ranking.second": "points of the second family",
    "ranking.lead": "lead over the second family",
    "result.outcome": "outcome",
    "result.primary": "first track",
    "result.family_work": "family work",
    "audit_c.differs_from_audit": "AUDIT-C and AUDIT differ",
    "withdrawal.scales_fresh": "withdrawal scales of today or yesterday",
}
OF_FAMILY: Final[Mapping[str, str]] = {
    "points": "points of {}",
    "leads": "{} has more points than every other family",
    "cap_open": "it is open whether the cap of {} holds",
    "proposed": "{} is proposed",
}
OF_GATE: Final[Mapping[str, str]] = {
    "open": "check {} is open",
    "hold": "check {} holds",
    "cleared": "check {} is cleared",
}
SIGNS: Final[Mapping[str, str]] = {
    "=": "is {}",
    ">=": "is {} or more",
    "<=": "is {} or less",
    ">": "is more than {}",
    "<": "is less than {}",
    "at least": "is {} or more",
    "at most": "is {} or less",
    "contains": "includes {}",
}
# Keys of a document, where the key itself is not what a reader would say.
KEYS: Final[Mapping[str, str]] = {
    "within_days": "days that a clearance counts",
    "not_before": "not earlier than",
    "requires": "also needs",
    "clinician_says_none": "the clinician says none",
    "cap": "most points",
    "cap_unless": "cap unless",
    "high_measure": "points from which a measure is high",
    "missing_at_most": "missing answers at most",
    "lead_at_least": "lead of points at least",
    "days_at_most": "days since the oldest answer at most",
    "needs_points_in": "needs points in",
    "or_decided_by": "or decided by",
    "more_than": "more tracks than",
    "needed": "things needed",
    "candidates_within": "points within which tracks are too close",
    "review_in_days": "days until the format is looked at again",
    "tie_order": "order of ties",
    "when": "condition",
    "says": "sentence",
    "unless": "sentence while unknown",
    "cleared": "sentence when cleared",
    "domain": "section of DOMAIN",
    "asks": "also asks for",
}


# ---- conditions


def say(condition: str) -> str:
    """A condition as a lead reads it: "Functioning is 2 or more and Environment and support is 2 or less"."""
    return _say(parse(condition))


def _say(phrase: Phrase, *, inside: bool = False) -> str:
    match phrase:
        case Said(name):
            return _claim(name, True)
        case Joined("not", (Said(name),)):
            return _claim(name, False)
        case Joined("not", (part,)):
            return f"not ({_say(part)})"
        case Joined("certain", (part,)):
            return f"for certain, {_say(part)}" if not inside else f"(for certain, {_say(part)})"
        case Joined(word, parts):
            text = (", or " if word == "any" else ", and ").join(_say(part, inside=len(parts) > 1) for part in parts)
            return f"({text})" if inside and len(parts) > 1 else text
        case Asked("missing", name):
            return f"{term(name)} is not known"
        case Asked(_, name):
            return f"{term(name)} is known"
        case Compared(name, operator, operands):
            values = [operand_words(name, operand) for operand in operands]
            if operator == "in":
                return f"{term(name)} is {' or '.join(values)}"
            return f"{term(name)} {SIGNS[operator].format(values[0])}"


def _claim(name: str, holds: bool) -> str:
    """A yes or no: facts read "Pregnant: yes", conditions that have a name read as they are."""
    if name in dictionary():
        return f"{term(name)}: {'yes' if holds else 'no'}"
    return term(name) if holds else f"not ({term(name)})"


def term(name: str) -> str:
    """What a name of the language is called."""
    if name in TERMS:
        return TERMS[name]
    if name in dictionary():
        return words.label(name)
    stem, _, rest = name.partition(".")
    if rest and stem in OF_FAMILY:
        return OF_FAMILY[stem].format(words.FAMILIES.get(rest, rest))
    if rest in OF_GATE:
        return OF_GATE[rest].format(stem.upper())
    return f"row {name} holds" if name[0] == "L" and name[1:].isdigit() else f"“{plain(name)}”"


def operand_words(name: str, operand: Decimal | str) -> str:
    if isinstance(operand, Decimal):
        return number_words(operand)
    if name.split(".")[0] in OF_FAMILY or name.startswith("ranking."):
        return words.BANDS[operand][0].lower() if operand in words.BANDS else plain(operand)
    known = dictionary().get(name)
    if known is not None and known.type == "list":
        return words.list_words(name, [operand])
    return words.value_words(name, operand) if known is not None else code_words(operand)


def number_words(value: Decimal | int | float) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def plain(code: str) -> str:
    return str(code).replace("_", " ").replace(":", ": ")


def code_words(code: str) -> str:
    """A code of a result: "intensive outpatient", "on hold", or the code with spaces."""
    return words.OUTCOMES.get(code) or words.CONDITIONS.get(code) or words.FAMILIES.get(code) or plain(code)


def days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def sentence(text: str) -> str:
    return text.removesuffix(".")


def points(number: int) -> str:
    return f"{number} point{'' if number == 1 else 's'}"


def facts_in(condition: str, terms: Mapping[str, str]) -> tuple[str, ...]:
    """The facts that a condition reads, those behind the shared conditions it uses included."""
    found: dict[str, None] = {}
    for name in _names(parse(condition)):
        found |= dict.fromkeys(facts_in(terms[name], terms) if name in terms else [name])
    return tuple(found)


def _names(phrase: Phrase) -> Iterator[str]:
    if isinstance(phrase, Joined):
        for part in phrase.parts:
            yield from _names(part)
    else:
        yield phrase.name


# ---- places


def place(content: Mapping[str, Any], path: Sequence[str | int]) -> str:
    """Where a row, a condition or a number stands: "L12", "Depression, main measure", "G7 Environment, clearance"."""
    where = ", ".join(_steps(content, tuple(path))) or plain(str(path[0]))
    return where[:1].upper() + where[1:]


def _steps(content: Any, path: Path) -> Iterator[str]:
    if path[:1] == ("terms",):
        yield f"Shared condition “{plain(str(path[1]))}”"
        return
    at = content
    top = path[0] if path else ""
    if top not in {"gates", "level_of_care", "evidence", "selection"}:
        yield plain(str(top)).capitalize()
    for depth, step in enumerate(path):
        at = at[step]
        if not isinstance(step, int):
            if depth and step in {"gives", "lower", "clearance", "bands", "access", "favors", "contraindications"}:
                yield plain(str(step))
            continue
        name = _entry(at, path[:depth])
        if name:
            yield name


def _entry(entry: Any, within: Path) -> str:
    """What one entry of a list is called."""
    if not isinstance(entry, Mapping):
        return ""
    if within == ("evidence", "families"):
        return words.FAMILIES[entry["id"]]
    if within == ("gates",):
        return f"{entry['id']} {entry['name']}"
    if within[-1:] == ("triggers",):
        return f"“{sentence(entry['says'])}”"
    for key in ("id", "code", "level"):
        if key in entry and within[-1:] not in {("gives",), ("lower",)}:
            return plain(str(entry[key]))
    if "level" in entry:
        return code_words(entry["level"])
    if "points" in entry:
        return say(entry["when"])
    return sentence(entry.get("says", "")).lower()


def sentence_at(content: Any, path: Path) -> str:
    """The sentence of the row in which something stands; empty where there is none."""
    said = ""
    for step in path:
        if isinstance(content, Mapping):
            said = str(content.get("says", said)) if isinstance(content.get("says", ""), str) else said
        content = content[step]
    return said


def key_words(key: str | int) -> str:
    return KEYS.get(str(key), plain(str(key)))
