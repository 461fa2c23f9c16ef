"""Questions over the rules: what they say, how a version differs, how the vignettes come out, whose result would change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from accounts.models import Role
from accounts.policies import Actor
from intake.models import Assessment, Patient
from programs import rulewords, words
from programs.matching import Engine, default_engine
from programs.matching.document import RULES
from programs.matching.numbers import Number, numbers
from programs.matching.rehearsal import Deviation, deviations
from programs.models import RuleSet, Vignette
from programs.queries import engine_of
from programs.replay import Change as Changed
from programs.replay import Replay, replay
from programs.ruledifference import Change, difference
from programs.rulereading import Part, parts_of

PEOPLE_SHOWN: Final = 50
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


# ---- whose result would change


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose result would change, for a supervisor of their location."""

    name: str
    patient: UUID
    assessment: UUID
    changes: list[str]
    why: list[str]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A replay over every signed assessment, as this actor may read it."""

    assessments: int
    changed: int
    unreadable: int
    counts: list[tuple[str, int]]
    people: list[Person]

    @property
    def unnamed(self) -> int:
        """How many more would change than are named."""
        return self.changed - len(self.people)


def rehearsal(before: RuleSet, after: RuleSet, actor: Actor) -> Rehearsal:
    """Decide every signed assessment by both rule sets; names only for a supervisor of the person's location."""
    found = replay(engine(before), engine(after))
    return Rehearsal(
        assessments=found.assessments,
        changed=found.changed,
        unreadable=found.unreadable,
        counts=[(move_words(*move), count) for move, count in found.moves.most_common()],
        people=people_of(found, actor),
    )


def people_of(found: Replay, actor: Actor) -> list[Person]:
    if actor.role != Role.SUPERVISOR:
        return []
    visible = Assessment.objects.filter(
        public_id__in=[change.assessment for change in found.people], patient__in=Patient.objects.visible_to(actor)
    )
    known = {each.public_id: each for each in visible.select_related("patient")}
    named = [person_of(known[change.assessment], change) for change in found.people if change.assessment in known]
    return named[:PEOPLE_SHOWN]


def person_of(assessment: Assessment, change: Changed) -> Person:
    return Person(
        name=assessment.patient.short_name,
        patient=assessment.patient.public_id,
        assessment=assessment.public_id,
        changes=[move_words(each.what, each.before, each.after) for each in change.differences],
        why=[
            f"{why.ref}: {why.says} It {why.before} by the published rules, and {why.after} here." for why in change.why
        ],
    )


def move_words(what: str, before: str, after: str) -> str:
    """ "Level of care: intensive outpatient becomes outpatient"."""
    part, _, gate = what.partition(":")
    named = {"level": "Level of care", "primary": "First track", "format": "Format", "rule": "Selection rule"}
    name = f"Check {gate}" if gate else named.get(part, rulewords.plain(part).capitalize())
    return f"{name}: {result_words(before)} becomes {result_words(after)}"


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
