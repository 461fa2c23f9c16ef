"""A rule set, ready to be asked: every part of the document as nodes of one graph."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .confidence import Confidence
from .document import RULES, RuleSetError, Section, read
from .evidence import Evidence
from .formats import FAMILY_WORK, NO_FORMAT, Format
from .gates import Gate
from .language import LanguageError, Scope
from .level import LevelOfCare
from .logic import NOTHING, Condition, Evaluation, truth
from .measures import Finding, Worked, always
from .selection import OUTCOMES, Selection
from .terms import Term, TruthTerm, ValueTerm
from .vocabulary import vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class CodeRow:
    """A row that lists its code when its condition holds."""

    code: str
    when: Condition
    says: str
    family: str | None = None  # a conflict that concerns one family only


def code_rows(rows: Iterable[Section], scope: Scope) -> tuple[CodeRow, ...]:
    return tuple(CodeRow(row.text("code"), row.condition("when", scope), row.text("says")) for row in rows)


def fired_codes(rows: Iterable[CodeRow], see: Evaluation, person: int) -> list[str]:
    return [row.code for row in rows if see.fires(row.when, person)]


@dataclass(frozen=True, slots=True, eq=False)
class SafetyLevels:
    """The screening safety level: the first that holds (S36)."""

    levels: tuple[tuple[str, Condition | None], ...]
    violence: Condition
    asks: tuple[str, Condition]
    safety_facts: tuple[tuple[str, Condition], ...]

    def level(self, see: Evaluation, person: int) -> str:
        return next(level for level, when in self.levels if when is None or see.fires(when, person))


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """
    A published or draft rule set.

    ``text`` is the document as it was written; what is stored beside a recommendation is ``version``.
    """

    version: str
    title: str
    text: str
    content: dict[str, Any]
    applies: Condition
    scope_says: str
    gates: tuple[Gate, ...]
    level: LevelOfCare
    evidence: Evidence
    selection: Selection
    format: Format
    confidence: Confidence
    conflicts: tuple[CodeRow, ...]
    doubts: tuple[CodeRow, ...]
    battery: tuple[CodeRow, ...]
    second_stage: tuple[CodeRow, ...]
    safety: SafetyLevels
    cautions: tuple[CodeRow, ...]
    recorded_cautions: str
    routing: tuple[CodeRow, ...]
    routing_asks: tuple[Condition, int]


def load_ruleset(source: Path | str) -> RuleSet:
    """
    Read a rule set from a file (a ``Path``) or from its text.

    Raises:
        RuleSetError: with the line and the reason, when anything in it cannot be used.
    """
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    document = read(text)
    try:
        return _build(document, text)
    except LanguageError as error:  # a name that one part takes from another
        raise RuleSetError(str(error), 1) from error


def default_ruleset() -> RuleSet:
    return load_ruleset(RULES / "default.yaml")


def _build(document: Section, text: str) -> RuleSet:
    facts = _named(Scope(vocabulary()), document["terms"])
    applies = document["scope"].condition("applies", facts)
    gates = [Gate(section, facts) for section in document["gates"]]
    about_gates = facts.within(_by_name(term for gate in gates for term in gate.terms()))
    level = LevelOfCare(document["level_of_care"], about_gates, gates, applies)
    evidence = Evidence(document["evidence"], facts)
    for_selection = about_gates.within(_by_name([*evidence.terms(), TruthTerm("scope.applies", applies)]))
    selection = Selection(document["selection"], evidence, gates, for_selection)
    format_ = Format(document["format"], selection, about_gates)
    results = for_selection.within(_by_name([*level.terms(), *_result_terms(selection, format_)]))
    confidence = document["confidence"]
    routing_asks = document["routing"]["asks"]
    return RuleSet(
        version=document.text("version"),
        title=document.text("title"),
        text=text,
        content=document.content,
        applies=applies,
        scope_says=document["scope"].text("says"),
        gates=tuple(gates),
        level=level,
        evidence=evidence,
        selection=selection,
        format=format_,
        confidence=Confidence(confidence, evidence, facts),
        conflicts=tuple(_conflict(row, evidence, results) for row in confidence["conflicts"]),
        doubts=code_rows(confidence["doubts"], results),
        battery=code_rows(document["completeness"]["battery"], facts),
        second_stage=code_rows(document["completeness"]["second_stage"], facts),
        safety=_safety(document["safety"], facts),
        cautions=code_rows(document["cautions"]["rows"], results),
        recorded_cautions=document["cautions"].fact("recorded", "list"),
        routing=code_rows(document["routing"]["rows"], results),
        routing_asks=(routing_asks.condition("when", facts), evidence.index(routing_asks.text("family"))),
    )


def _by_name(terms: Iterable[Term]) -> dict[str, Term]:
    return {term.name: term for term in terms}


def _named(scope: Scope, section: Section) -> Scope:
    """Give the conditions under ``terms`` their names; each may use those above it."""
    for name, entry in section.items():
        if name in scope:
            raise entry.error(f"{name} already means something else")
        scope = scope.within({name: TruthTerm(name, entry.meaning(scope))})
    return scope


def _result_terms(selection: Selection, format_: Format) -> list[Term]:
    """What routing, cautions and conflicts may ask of the result."""
    families = [family.id for family in selection.evidence.families]

    def value(name: str, column: Any, labels: Iterable[str]) -> Term:
        return ValueTerm(name, Worked(column), tuple(labels), unknown=always(), reads=NOTHING)

    def proposed(position: int) -> Condition:
        return Finding(lambda see: truth(see[selection].proposes(position)), always(), NOTHING)

    def family_work(see: Evaluation) -> Any:
        fitted = see[format_]
        column = fitted.work.copy()
        column[fitted.printed == NO_FORMAT] = FAMILY_WORK.index("no")
        return column

    return [
        value("result.outcome", lambda see: see[selection].outcome, OUTCOMES),
        value("result.primary", lambda see: see[selection].primary, families),
        value("result.family_work", family_work, FAMILY_WORK),
        *(TruthTerm(f"proposed.{family}", proposed(position)) for position, family in enumerate(families)),
    ]


def _conflict(row: Section, evidence: Evidence, scope: Scope) -> CodeRow:
    family = row.get("family")
    when = evidence[family].disagreement() if family else row.condition("when", scope)
    return CodeRow(row.text("code"), when, row.text("says"), family)


def _safety(section: Section, scope: Scope) -> SafetyLevels:
    def asks(entry: Section) -> tuple[str, Condition]:
        return entry.fact("fact"), entry.condition("when", scope)

    return SafetyLevels(
        levels=tuple(
            (row.text("level"), row.condition("when", scope) if "when" in row else None) for row in section["levels"]
        ),
        violence=section.condition("violence", scope),
        asks=asks(section["asks"]),
        safety_facts=tuple(asks(entry) for entry in section["safety_facts"]),
    )
