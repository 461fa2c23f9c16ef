"""Questions over the rules: what they say, how a version differs, how the vignettes come out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from programs import rulewords, words
from programs.matching import Engine, default_engine
from programs.matching.document import RULES
from programs.matching.numbers import Number, numbers
from programs.matching.rehearsal import Deviation, deviations
from programs.models import RuleSet, Vignette
from programs.queries import engine_of
from programs.ruledifference import Change, difference
from programs.rulereading import Part, parts_of

DEVIATION_PARTS: Final[Mapping[str, str]] = {
    "level": "Level of care",
    "primary": "First track",
    "format": "Format",
    "family_work": "Family work",
    "gate": "Check",
}


def default_document() -> str:
    """The rules that come with the product."""
    return (RULES / "default.yaml").read_text(encoding="utf-8")


def default_version() -> str:
    return default_engine().ruleset.version


def shelf() -> list[RuleSet]:
    """All rule sets, the one in use first, then what waits for somebody, then the past."""
    order = [RuleSet.State.PUBLISHED, RuleSet.State.IN_REVIEW, RuleSet.State.DRAFT, RuleSet.State.RETIRED]
    rows = RuleSet.objects.defer("document").select_related("created_by", "submitted_by", "published_by", "retired_by")
    return sorted(rows, key=lambda row: order.index(RuleSet.State(row.state)))


def engine(ruleset: RuleSet) -> Engine:
    return engine_of(ruleset.content_hash)


def content(ruleset: RuleSet) -> dict[str, Any]:
    return engine(ruleset).ruleset.content


def read_aloud(ruleset: RuleSet) -> list[Part]:
    return parts_of(content(ruleset))


def differences(before: RuleSet, after: RuleSet) -> list[Change]:
    return difference(content(before), content(after))


def next_version(version: str) -> str:
    """A version that is free: the last number of this one, counted up."""
    taken = set(RuleSet.objects.values_list("version", flat=True))
    match = re.search(r"\d+(?=\D*$)", version)
    stem, last, tail = (
        (version[: match.start()], int(match[0]), version[match.end() :]) if match else (f"{version}.", 1, "")
    )
    while f"{stem}{last}{tail}" in taken:
        last += 1
    return f"{stem}{last}{tail}"


# ---- vignettes


@dataclass(frozen=True, slots=True)
class Trial:
    """One vignette, tried: what came out that nobody expected."""

    vignette: Vignette
    deviations: list[str]

    @property
    def as_expected(self) -> bool:
        return not self.deviations


def trials(ruleset: RuleSet) -> list[Trial]:
    """Every vignette in use, tried on these rules."""
    vignettes = Vignette.objects.in_use()
    outputs = engine(ruleset).recommend_many([vignette.facts for vignette in vignettes])
    return [
        Trial(vignette, [deviation_words(each) for each in deviations(output, vignette.expectation)])
        for vignette, output in zip(vignettes, outputs, strict=True)
    ]


def expectation_lines(vignette: Vignette) -> list[tuple[str, str]]:
    """What a vignette expects, part by part."""
    said, fits = vignette.expectation, vignette.expects("format")
    lines = [
        ("Level of care", " or ".join(map(result_words, said["level"]["acceptable"]))),
        ("First track", " or ".join(map(result_words, said["primary"]["acceptable"]))),
        ("Format", " or ".join(map(result_words, fits.get("primary", ["none"])))),
        ("Family work", " or ".join(map(result_words, fits.get("family", [])))),
        ("Open checks", ", ".join(said["gates_open"])),
        ("Checks not open", ", ".join(said["gates_not_open"])),
        ("Why", said["reasoning"]),
    ]
    return [(label, text) for label, text in lines if text]


def deviation_words(deviation: Deviation) -> str:
    found, expected = result_words(deviation.found), " or ".join(map(result_words, deviation.expected))
    return f"{DEVIATION_PARTS[deviation.part]}: {found} instead of {expected}"


def result_words(code: str) -> str:
    return words.WITHOUT_TRACK.get(code) or rulewords.code_words(code)


# ---- weights and thresholds


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One number of a draft that may change, with the words around it."""

    number: Number
    where: str
    what: str
    says: str


@dataclass(frozen=True, slots=True)
class NumberGroup:
    title: str
    rows: list[NumberRow]


GROUPS: Final[Mapping[str, str]] = {
    "gates": "Safety checks",
    "level_of_care": "Level of care",
    "evidence": "Evidence",
    "selection": "Selection",
    "format": "Format",
    "confidence": "Confidence",
    "terms": "Shared conditions",
    "scope": "Who the rules are for",
}


def number_groups(ruleset: RuleSet) -> list[NumberGroup]:
    """Every number that a lead may change, in the order in which the rules are read."""
    document = content(ruleset)
    by_part: dict[str, list[NumberRow]] = {}
    for number in numbers(ruleset.document):
        part = GROUPS.get(str(number.path[0]), "Safety level, cautions and routing")
        by_part.setdefault(part, []).append(number_row(document, number))
    order = [*GROUPS.values(), "Safety level, cautions and routing"]
    return [NumberGroup(title, by_part[title]) for title in order if title in by_part]


def number_row(document: Mapping[str, Any], number: Number) -> NumberRow:
    where, says = rulewords.place(document, number.path), rulewords.sentence_at(document, number.path)
    says = "" if says.removesuffix(".") in where else says
    if number.compared is None:
        return NumberRow(number, where, rulewords.key_words(number.path[-1]), says)
    sign = rulewords.SIGNS.get(number.compared.operator, "is {}").format("…")
    return NumberRow(number, where, f"{rulewords.term(number.compared.name)} {sign}", says)
