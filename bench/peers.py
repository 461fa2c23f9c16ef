"""
The conditions of the rule set in three other engines: JSONLogic, generated Python, and NumPy as one would write it.

Translated from the document: the conditions of gates, level rows, evidence options and format, and what selection asks
beside them. The peers are given less to do than the product. They work out these conditions alone, in two values (a
missing answer is -1, no, or an empty text), and are handed every score, derived answer and clearance. The product works
those out too, in three values, and goes on to points, caps, ranking, selection and format; so does `by_hand`, for NumPy.
JSONLogic has no names, so what stands under `terms` is written out where it is used; the others work a term out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from programs.matching import Batch, Facts
from programs.matching.encoding import NULL, YES
from programs.matching.gates import CLEARED
from programs.matching.language import Asked, Compared, Joined, Phrase, Said, names, parse
from programs.matching.logic import Evaluation
from programs.matching.ruleset import RuleSet
from programs.matching.terms import ListTerm, ScoreTerm, Term, TruthTerm, ValueTerm
from programs.matching.vocabulary import WithdrawalScale, vocabulary

SIGNS = {"at least": ">=", "at most": "<=", "=": "=="}
NUMBER, TEXT, TRUTH, LIST = "number", "text", "truth", "list"


# What selection and format ask beside the rows.
MORE = {
    "adult": "person.age >= 18",
    "unrated": f"any({', '.join(f'missing(dimension.d{number})' for number in range(1, 8))})",
    "use": "substance.use_30d",
    "self_harm": "self_harm.recent",
    "d5": "dimension.d5 >= 3",
    "event": "trauma.qualifying_event",
    "outside": "main_problem_outside",
    "group_full": "not access.group_place_open",
    "individual_full": "not access.individual_place_open",
    "wants_group": "preference.format = group",
    "wants_individual": "preference.format = individual",
    "wants_family": "preference.format = family",
    "family": "all(family.patient_consents, family.relative_willing, family.relationship_relevant, not family.relative_unsafe)",
    "main_driver": "family.relationship_main_driver",
}


@dataclass(frozen=True, slots=True)
class Work:
    """The conditions by name, in the words of the document, and the terms they use."""

    conditions: dict[str, Phrase]
    terms: dict[str, Phrase]

    @property
    def facts(self) -> list[str]:
        used = {name for phrase in (*self.conditions.values(), *self.terms.values()) for name in names(phrase)}
        return sorted(used - self.terms.keys())


def work_of(rules: RuleSet) -> Work:
    content = rules.content
    texts = {f"{gate['id']}.{row['code']}": row["when"] for gate in content["gates"] for row in gate["triggers"]}
    for row in content["level_of_care"]["rows"]:
        texts |= {row["id"]: row["when"]} if "when" in row else {}
        texts |= {
            f"{row['id']}.{place}": case["when"] for place, case in enumerate(row.get("gives", ())) if "when" in case
        }
    for family in content["evidence"]["families"]:
        texts[f"{family['id']}.none"] = family["clinician_says_none"]
        for row in family["rows"]:
            name = f"{family['id']}.{row['id']}"
            texts |= {f"{name}.{place}": option["when"] for place, option in enumerate(row["options"])}
    for name in ("contraindications", "favors"):
        texts |= {f"{name}.{place}": row["when"] for place, row in enumerate(content["format"][name]["rows"])}
    phrases = {name: parse(text) for name, text in (texts | MORE).items()}
    return Work(phrases, {name: parse(text) for name, text in content["terms"].items()})


# -- What the peers are given


@dataclass(frozen=True, slots=True)
class Given:
    """The facts of everybody by plain names: values for each, and for NumPy columns of codes."""

    kinds: dict[str, str]
    labels: dict[str, tuple[Any, ...]]
    rows: list[dict[str, Any]]
    columns: dict[str, NDArray[Any]]


def given(rules: RuleSet, work: Work, people: Sequence[Facts]) -> Given:
    see = Evaluation(Batch.of(people))
    kinds: dict[str, str] = {}
    labels: dict[str, tuple[Any, ...]] = {}
    values: dict[str, list[Any]] = {}
    columns: dict[str, NDArray[Any]] = {}
    for name in work.facts:
        key, term = plain(name), vocabulary().get(name)
        kinds[key], labels[key], values[key] = _read(rules, see, name, term)
        columns |= _columns(key, kinds[key], labels[key], values[key])
    # One assessment cannot be cleared and open: the clearances are facts here.
    columns |= {f"cleared_{gate.id}": see[gate] == CLEARED for gate in rules.gates}
    rows = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    return Given(kinds, labels, rows, columns)


def plain(name: str) -> str:
    return name.replace(".", "_")


def _read(rules: RuleSet, see: Evaluation, name: str, term: Term | None) -> tuple[str, tuple[Any, ...], list[Any]]:
    """The kind of a fact, its labels, and its value for everybody."""
    match term:
        case TruthTerm():
            return TRUTH, (), (see[term.condition()] == YES).tolist()
        case ListTerm():
            entries = {entry: see[row] == YES for entry, row in term.entries.items()}
            held = [[entry for entry, has in entries.items() if has[person]] for person in range(see.batch.size)]
            return LIST, tuple(entries), held
        case ValueTerm(is_choice=True):
            return TEXT, term.labels, [term.labels[code] if code != NULL else "" for code in see[term.column].tolist()]
        case ValueTerm():
            codes = see[term.column].tolist()
            return NUMBER, (), [float(term.labels[code]) if code != NULL else -1 for code in codes]
        case ScoreTerm():  # the bound that decides where the other does not
            low, high = see[term.bounds]
            return NUMBER, (), (high if name == "bam.protective" else low).tolist()
        case WithdrawalScale():
            return NUMBER, (), see[term.total].tolist()
    gate = next(gate for gate in rules.gates if name == f"{gate.id.lower()}.cleared")
    return TRUTH, (), (see[gate] == CLEARED).tolist()


def _columns(key: str, kind: str, labels: tuple[Any, ...], values: list[Any]) -> dict[str, NDArray[Any]]:
    if kind == LIST:
        return {f"{key}__{entry}": np.array([entry in held for held in values]) for entry in labels}
    if kind == TEXT:
        return {key: np.array([labels.index(text) if text else NULL for text in values], dtype=np.int8)}
    if kind == TRUTH:
        return {key: np.array(values)}
    return {key: np.array(values, dtype=np.float32 if any(value % 1 for value in values) else np.int16)}


# -- The peers


def jsonlogic(work: Work, facts: Given) -> list[Any]:
    """One rule that answers with a list, so that one call works all conditions out."""

    def rule(phrase: Phrase) -> Any:
        match phrase:
            case Said(name):
                return rule(work.terms[name]) if name in work.terms else {"var": plain(name)}
            case Asked(question, name):
                absent = {"===": [{"var": plain(name)}, "" if facts.kinds[plain(name)] == TEXT else -1]}
                return absent if question == "missing" else {"!": [absent]}
            case Compared(name, "in", operands):
                return {"in": [{"var": plain(name)}, list(operands)]}
            case Compared(name, "contains", (entry,)):
                return {"in": [entry, {"var": plain(name)}]}
            case Compared(name, operator, (operand,)):
                value = operand if isinstance(operand, str) else float(operand)
                return {"===" if operator == "=" else SIGNS.get(operator, operator): [{"var": plain(name)}, value]}
            case Joined("certain", (part,)):
                return rule(part)
            case Joined(word, parts):
                return {{"not": "!", "any": "or", "all": "and"}[word]: [rule(part) for part in parts]}
        raise TypeError(phrase)

    return [rule(phrase) for phrase in work.conditions.values()]


def python(work: Work, facts: Given) -> Callable[[Mapping[str, Any]], tuple[bool, ...]]:
    """A function that works all conditions out for one person."""

    def code(phrase: Phrase) -> str:
        match phrase:
            case Said(name):
                return plain(name)
            case Asked(question, name):
                empty = '""' if facts.kinds[plain(name)] == TEXT else "-1"
                return f"({plain(name)} {'==' if question == 'missing' else '!='} {empty})"
            case Compared(name, "in", operands):
                return f"({plain(name)} in {operands!r})"
            case Compared(name, "contains", (entry,)):
                return f"({entry!r} in {plain(name)})"
            case Compared(name, operator, (operand,)):
                value = repr(operand) if isinstance(operand, str) else str(operand)
                return f"({plain(name)} {SIGNS.get(operator, operator)} {value})"
            case Joined("certain", (part,)):
                return code(part)
            case Joined("not", (part,)):
                return f"(not {code(part)})"
            case Joined(word, parts):
                return f"({(' or ' if word == 'any' else ' and ').join(map(code, parts))})"
        raise TypeError(phrase)

    return _function(work, facts.rows[0], code, "({},)")


def numpy(work: Work, facts: Given) -> Callable[[Mapping[str, Any]], Any]:
    """A function that works all conditions out for everybody, from columns."""

    def code(phrase: Phrase) -> str:
        match phrase:
            case Said(name):
                return plain(name)
            case Asked(question, name):
                return f"({plain(name)} {'==' if question == 'missing' else '!='} {NULL})"
            case Compared(name, "in", operands):
                return f"({' | '.join(f'({plain(name)} == {value(name, operand)})' for operand in operands)})"
            case Compared(name, "contains", (entry,)):
                return f"{plain(name)}__{entry}"
            case Compared(name, operator, (operand,)):
                return f"({plain(name)} {SIGNS.get(operator, operator)} {value(name, operand)})"
            case Joined("certain", (part,)):
                return code(part)
            case Joined("not", (part,)):
                return f"~{code(part)}"
            case Joined(word, parts):
                return f"({(' | ' if word == 'any' else ' & ').join(map(code, parts))})"
        raise TypeError(phrase)

    def value(name: str, operand: Any) -> Any:
        return facts.labels[plain(name)].index(operand) if isinstance(operand, str) else operand

    return _function(work, facts.columns, code, "array([{}])", array=np.array)


def _function(
    work: Work, names: Mapping[str, Any], code: Callable[[Phrase], str], answer: str, **within: Any
) -> Callable[[Mapping[str, Any]], Any]:
    lines = [f"    {name} = facts[{name!r}]" for name in names]
    lines += [f"    {plain(name)} = {code(phrase)}" for name, phrase in work.terms.items()]
    lines += [f"    return {answer.format(', '.join(map(code, work.conditions.values())))}"]
    exec("\n".join(["def decide(facts):", *lines]), within)  # noqa: S102 - made from the repository's own rules
    decide: Callable[[Mapping[str, Any]], Any] = within["decide"]
    return decide
