"""The whole of a rule set as a clinical lead reads it aloud: parts, rows, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from programs import words
from programs.rulewords import KEYS, code_words, days, plain, points, say, sentence, term


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
    lines = [Line(sentence(row["says"]), say(row["when"])) for row in gate["triggers"]]
    lines += [Line("Also asks for", say(ask)) for ask in gate.get("asks", ())]
    clearance = gate.get("clearance", {})
    if "when" in clearance:
        lines.append(Line("Cleared when", say(clearance["when"])))
    elif clearance:
        needs = f", and {say(clearance['requires'])}" if "requires" in clearance else ""
        after = ", not before the suicide risk screen" if "not_before" in clearance else ""
        lines.append(Line("Cleared by", f"a check recorded within {days(clearance['within_days'])}{after}{needs}"))
    else:
        lines.append(Line("Cleared by", "nothing: only the answers change it"))
    lines.append(Line("While open, it stops", plain(gate["blocks"])))
    return Row(gate["id"], gate["name"], gate["says"], gate["domain"], lines)


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
    lines = [Line(points(option["points"]), say(option["when"])) for option in row["options"]]
    if row.get("context"):
        lines.append(Line("Counts", "only with evidence of its own"))
    return Row(f"{family['id']}.{row['id']}", plain(row["id"]).capitalize(), row["says"], row["domain"], lines)


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
        lines.append(Line("Offers", f"every family within {points(rule['candidates_within'])} of the best"))
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
        Row("Against a group", "", against["says"], domain, [Line(sentence(row["says"]), say(row["when"])) for row in against["rows"]]),
        Row("For individual work", "", favors["says"], domain, [
            Line("Needs", f"{favors['needed']} of these, looked at again after {days(favors['review_in_days'])}"),
            *(Line(sentence(row["says"]), say(row["when"])) for row in favors["rows"]),
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
            Line(sentence(words.ROUTING.get(row["code"], plain(row["code"]))), say(row["when"])) for row in routing["rows"]
        ]),
        Row("Complete", "", "What counts as missing.", content["completeness"]["domain"], [
            Line(plain(row["code"]).capitalize(), say(row["when"]))
            for row in [*content["completeness"]["battery"], *content["completeness"]["second_stage"]]
        ]),
    ]  # fmt: skip
