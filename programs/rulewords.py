"""
The rules read aloud: conditions, rows and places of a rule set in words.

Nothing is decided here. What a clinical lead reads, what differs between two versions and what a number
belongs to are all said by the same few functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


# ---- a rule set, part by part


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the rules: what a lead reads out, and where it comes from."""

    id: str
    name: str
    says: str
    domain: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Part:
    id: str
    title: str
    about: str
    rows: list[Row] = field(default_factory=list)


def parts_of(content: Mapping[str, Any]) -> list[Part]:
    """The whole document as a lead reads it, from top to bottom."""
    return [
        Part("gates", "Safety checks", "They come before anything is proposed. What is not known never closes one.", [
            _gate(gate) for gate in content["gates"]
        ]),
        Part("levels", "Level of care", "Rows that push up decide first, then rows that match, then rows that push down.", [
            _level(row) for row in content["level_of_care"]["rows"]
        ]),
        *(_family(family, content["evidence"]) for family in content["evidence"]["families"]),
        Part("selection", "Which track comes first", "Tried in order: the first rule that holds decides.", [
            *(_rule(rule) for rule in content["selection"]["rules"]),
            *_selection_rest(content["selection"]),
        ]),
        Part("format", "Group, individual or family", "Asked when addiction work is proposed.", _format(content["format"])),
        Part("confidence", "Confidence", "The first level whose demands are met.", _confidence(content["confidence"])),
        Part("shared", "Shared conditions", "Several rows use them by name.", _shared(content)),
        Part("rest", "Safety level, cautions and routing", "What is listed beside the result.", _rest(content)),
    ]  # fmt: skip


def _gate(gate: Mapping[str, Any]) -> Row:
    lines = [Line(_sentence(row["says"]), say(row["when"])) for row in gate["triggers"]]
    lines += [Line("Also asks for", say(ask)) for ask in gate.get("asks", ())]
    clearance = gate.get("clearance", {})
    if "when" in clearance:
        lines.append(Line("Cleared when", say(clearance["when"])))
    elif clearance:
        needs = f", and {say(clearance['requires'])}" if "requires" in clearance else ""
        after = ", not before the suicide risk screen" if "not_before" in clearance else ""
        lines.append(Line("Cleared by", f"a check recorded within {_days(clearance['within_days'])}{after}{needs}"))
    else:
        lines.append(Line("Cleared by", "nothing: only the answers change it"))
    lines.append(Line("While open, it stops", plain(gate["blocks"])))
    return Row(gate["id"], gate["name"], gate["says"], gate["domain"], lines)


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _sentence(text: str) -> str:
    return text.removesuffix(".")


def _level(row: Mapping[str, Any]) -> Row:
    lines = [Line("When", say(row["when"]))] if "when" in row else []
    for case in row.get("gives", ()):
        lines.append(Line(f"Gives, when {say(case['when'])}" if "when" in case else "Gives", _case(case)))
    if "options" in row:
        lines.append(Line("Options", " or ".join(code_words(level) for level in row["options"])))
    if "consider" in row:
        lines.append(Line("On hold, consider", ", ".join(plain(code) for code in row["consider"])))
    return Row(row["id"], plain(row["kind"]).capitalize(), row["says"], row["domain"], lines)


def _case(case: Mapping[str, Any]) -> str:
    said = [code_words(case["level"])] if "level" in case else []
    if "condition" in case:
        said.append(("with " if said else "") + code_words(case["condition"]))
    for offer in case.get("lower", ()):
        asks = ", ".join(code_words(code) for code in offer["conditions"])
        when = f" when {say(offer['when'])}" if "when" in offer else ""
        said.append(f"or {code_words(offer['level'])}{when}{f' ({asks})' if asks else ''}")
    said += [f"or {code_words(level)}" for level in case.get("higher", ())]
    return ", ".join(said)


def _family(family: Mapping[str, Any], evidence: Mapping[str, Any]) -> Part:
    bands = ", ".join(
        f"{words.BANDS[band][0].lower()} from {least}" for band, least in evidence["bands"].items() if least
    )
    cap = f"At most {family['cap']} points"
    if "cap_unless" in family:
        cap += f", and at most {family['cap_unless']['cap']} unless {say(family['cap_unless']['when'])}"
    rows = [_evidence(row, family) for row in family["rows"]]
    own = ", ".join(plain(anchor) for anchor in family["anchors"])
    return Part(
        f"evidence-{family['id']}",
        f"Evidence for {words.FAMILIES[family['id']]}",
        f"{cap}. Points: {bands}. Evidence of its own: {own}. "
        f"A screen counts as high from {evidence['high_measure']} points; "
        f"the clinician finds none when {say(family['clinician_says_none'])}.",
        rows,
    )


def _evidence(row: Mapping[str, Any], family: Mapping[str, Any]) -> Row:
    lines = [Line(_points(option["points"]), say(option["when"])) for option in row["options"]]
    if row.get("context"):
        lines.append(Line("Counts", "only with evidence of its own"))
    return Row(f"{family['id']}.{row['id']}", plain(row["id"]).capitalize(), row["says"], row["domain"], lines)


def _points(number: int) -> str:
    return f"{number} point{'' if number == 1 else 's'}"


def _rule(rule: Mapping[str, Any]) -> Row:
    lines = [Line("When", say(rule["when"]))] if "when" in rule else [Line("When", "no rule above holds")]
    if "outcome" in rule:
        lines.append(Line("Then", code_words(rule["outcome"])))
    if "propose" in rule:
        primary = rule["propose"]["primary"]
        name = "the family with the most points" if primary == "first" else words.FAMILIES[primary]
        lines.append(Line("Proposes", f"{name}, {plain(rule['propose']['mode'])}"))
    if "held_by" in rule:
        lines.append(Line("What holds it is treated first", _held(rule["held_by"])))
    if "assess" in rule:
        band = words.BANDS[rule["assess"]["at_least"]][0].lower()
        lines.append(Line("Then", f"further assessment while missing answers could still reach {band}, else no track"))
    if "candidates_within" in rule:
        lines.append(Line("Offers", f"every family within {_points(rule['candidates_within'])} of the best"))
    return Row(rule["id"], "", rule["says"], rule["domain"], lines)


def _held(held: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{words.FAMILIES[family]}: {', '.join(plain(code) for code in codes)}"
        for family, codes in held.items()
        if family != "gate"
    )


def _selection_rest(selection: Mapping[str, Any]) -> list[Row]:
    questions, only = selection["questions"], selection["one_adjunct_only"]
    return [
        Row(only["id"], "", only["says"], only["domain"], [
            Line("When", f"more than {only['more_than']} tracks fit, after {', '.join(only['rules'])}")
        ]),
        Row("Screen only", "", questions["screen_only"]["says"], questions["screen_only"]["domain"], []),
        Row("Outside", "", questions["outside"]["says"], questions["outside"]["domain"], [
            Line("When", say(questions["outside"]["when"]))
        ]),
        Row("Ties", "", "Among equal points this order decides.", "5.5", [
            Line("Order", ", ".join(words.FAMILIES[family] for family in selection["tie_order"])),
            Line("A track is proposed from", words.BANDS[selection["proposable"]][0].lower()),
        ]),
    ]  # fmt: skip


def _format(section: Mapping[str, Any]) -> list[Row]:
    against, favors, work, domain = (
        section["contraindications"], section["favors"], section["family_work"], section["domain"],
    )  # fmt: skip
    return [
        Row("Default", "", section["default"]["says"], domain, []),
        Row("Against a group", "", against["says"], domain, [Line(_sentence(row["says"]), say(row["when"])) for row in against["rows"]]),
        Row("For individual work", "", favors["says"], domain, [
            Line("Needs", f"{favors['needed']} of these, looked at again after {_days(favors['review_in_days'])}"),
            *(Line(_sentence(row["says"]), say(row["when"])) for row in favors["rows"]),
        ]),
        Row("Places", "", section["access"]["says"], domain, [
            Line("Reads", f"{term(section['access']['group'])}, {term(section['access']['individual'])}")
        ]),
        Row("The person's wish", "", section["preference"]["says"], domain, [Line("Reads", term(section["preference"]["fact"]))]),
        *(Row(f"Family work, {name}", "", row["says"], domain, [Line("When", say(row["when"]))]) for name, row in work.items()),
    ]  # fmt: skip


def _confidence(section: Mapping[str, Any]) -> list[Row]:
    return [
        *(_demands(level, section["domain"]) for level in section["levels"]),
        *(
            Row(plain(row["code"]).capitalize(), heading, row["says"], section["domain"], [
                Line("When", say(row["when"]) if "when" in row else "diagnosis and measure of the family differ")
            ])
            for heading, rows in (("Doubt", section["doubts"]), ("Conflict", section["conflicts"]))
            for row in rows
        ),
    ]  # fmt: skip


def _demands(level: Mapping[str, Any], domain: str) -> Row:
    lines = [
        Line(KEYS[key].capitalize(), str(level[key]))
        for key in ("missing_at_most", "lead_at_least", "days_at_most")
        if key in level
    ]
    if "needs_points_in" in level:
        lines.append(Line("Needs points in", ", ".join(plain(row) for row in level["needs_points_in"])))
        lines.append(Line("Or decided by", ", ".join(level["or_decided_by"])))
    return Row(plain(level["level"]).capitalize(), "", level["says"], domain, lines)


def _shared(content: Mapping[str, Any]) -> list[Row]:
    scope = content["scope"]
    return [
        Row("Who", "", scope["says"], scope["domain"], [Line("The rules apply when", say(scope["applies"]))]),
        *(
            Row(plain(name).capitalize(), "", "", "", [Line("Means", say(when))])
            for name, when in content["terms"].items()
        ),
    ]


def _rest(content: Mapping[str, Any]) -> list[Row]:
    safety, cautions, routing = content["safety"], content["cautions"], content["routing"]
    return [
        Row("Safety level", "", "The first level that holds.", safety["domain"], [
            Line(level["level"], say(level["when"]) if "when" in level else "none of these") for level in safety["levels"]
        ]),
        Row("Cautions", "", "Listed with every result.", cautions["domain"], [
            Line(plain(row["code"]).capitalize(), say(row["when"])) for row in cautions["rows"]
        ]),
        Row("Routing", "", "Said beside the tracks.", routing["domain"], [
            Line(_sentence(words.ROUTING.get(row["code"], plain(row["code"]))), say(row["when"])) for row in routing["rows"]
        ]),
        Row("Complete", "", "What counts as missing.", content["completeness"]["domain"], [
            Line(plain(row["code"]).capitalize(), say(row["when"]))
            for row in [*content["completeness"]["battery"], *content["completeness"]["second_stage"]]
        ]),
    ]  # fmt: skip


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
        return f"“{_sentence(entry['says'])}”"
    for key in ("id", "code", "level"):
        if key in entry and within[-1:] not in {("gives",), ("lower",)}:
            return plain(str(entry[key]))
    if "level" in entry:
        return code_words(entry["level"])
    if "points" in entry:
        return say(entry["when"])
    return _sentence(entry.get("says", "")).lower()


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
