"""
The one reader of questionnaire definitions.

A file is named ``<code>.v<version>.yaml``. It is read strictly: a shape that ``definition.schema.json`` does not allow, a
key given twice, or a reference to something that is not there raises ``DefinitionError`` with file, path and reason.
"""

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from intake.instruments.conditions import Answered, Condition, Group
from intake.instruments.scoring import SCORERS
from intake.instruments.shapes import (
    YES_NO,
    Band,
    Carry,
    FactPath,
    Item,
    License,
    Option,
    Page,
    Questionnaire,
    Scoring,
)

HERE = Path(__file__).parent
DEFINITIONS = HERE / "definitions"

# Keys of an item that only some kinds have a use for.
_ONLY_FOR = {
    "options": ("choice", "multi"),
    "none_label": ("multi",),
    "min": ("integer", "decimal"),
    "max": ("integer", "decimal"),
    "unit": ("integer", "decimal"),
    "else_label": ("checkbox",),
}
_FACT = re.compile(r"(?P<key>[a-z0-9_.]+)(\[(?P<index>[0-9]+)\])?")


class DefinitionError(Exception):
    """A definition that cannot be used: which file, where in it, and why."""

    def __init__(self, file: str, path: str, reason: str) -> None:
        super().__init__(f"{file}: {path}: {reason}")
        self.file = file
        self.path = path
        self.reason = reason


def load(code: str, version: int | str | None = None) -> Questionnaire:
    """
    Return a questionnaire, its latest version unless another is named, as a number or as rows keep it, in digits.

    Raises:
        KeyError: no such questionnaire or version.
        DefinitionError: a definition in the folder is broken.
    """
    versions = read_folder(DEFINITIONS)[code]
    return versions[int(version) if version is not None else max(versions)]


def catalog() -> tuple[Questionnaire, ...]:
    """Return the latest version of every questionnaire, by code."""
    folder = read_folder(DEFINITIONS)
    return tuple(folder[code][max(folder[code])] for code in sorted(folder))


@cache
def read_folder(folder: Path) -> Mapping[str, Mapping[int, Questionnaire]]:
    """Read every definition of a folder once: code, then version, to questionnaire."""
    found: dict[str, dict[int, Questionnaire]] = {}
    for path in sorted(folder.glob("*.yaml")):
        questionnaire = read_definition(path.read_text(encoding="utf-8"), path.name)
        if path.name != f"{questionnaire.code}.v{questionnaire.version}.yaml":
            raise DefinitionError(path.name, "code", "the file must be named after its code and version")
        found.setdefault(questionnaire.code, {})[questionnaire.version] = questionnaire
    for versions in found.values():
        for questionnaire in versions.values():
            _check_carries(questionnaire, found)
    return found


def _check_carries(questionnaire: Questionnaire, found: Mapping[str, Mapping[int, Questionnaire]]) -> None:
    """A value can only stand in where it is an answer too, whichever version of the other form gave it."""
    for item in questionnaire.items:
        source = item.carries
        if source is None:
            continue
        same = [one for other in found.get(source.code, {}).values() for one in other.items if one.code == source.item]
        if not same or any([o.value for o in one.options] != [o.value for o in item.options] for one in same):
            file = f"{questionnaire.code}.v{questionnaire.version}.yaml"
            raise DefinitionError(file, f"{item.code}.carries", f"{source.code}.{source.item} has not the same answers")


def read_definition(text: str, file: str) -> Questionnaire:
    """Read one definition; ``file`` is named in errors."""
    raw = parse(text, file)
    error = best_match(_validator().iter_errors(raw))
    if error is not None:
        raise DefinitionError(file, error.json_path.removeprefix("$").lstrip(".") or "(top)", error.message)
    _check_items(raw, file)
    items = tuple(_item(entry) for entry in raw["items"])
    return Questionnaire(
        code=raw["code"],
        version=raw["version"],
        language=raw["language"],
        kind=raw["kind"],
        title=raw["title"],
        stem=raw.get("stem"),
        hint=raw.get("hint"),
        recall=raw.get("recall"),
        license=License(**raw["license"]),
        source=raw.get("source"),
        attribution=raw.get("attribution"),
        loinc=raw.get("loinc"),
        total_loinc=raw.get("total_loinc"),
        date_fact=raw.get("date_fact"),
        total_fact=_total_fact(raw, file),
        sheet=_sheet(raw, file),
        items=items,
        pages=_pages(raw, items, file),
        scoring=_scoring(raw.get("scoring"), items, file),
    )


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key given twice is an error; plainly the last one would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: list[Any] = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.append(key)
        return super().construct_mapping(node, deep=deep)


def parse(text: str, file: str) -> Any:
    """Read strict YAML; a mistake names its line."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise DefinitionError(file, f"line {line}", str(error.problem)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DefinitionError(file, f"line {line}", error.reason) from error


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((HERE / "definition.schema.json").read_text(encoding="utf-8")))


def _check_items(raw: Mapping[str, Any], file: str) -> None:
    """Check what the schema cannot: references, and values that must differ."""
    before: dict[str, Mapping[str, Any]] = {}
    for place, entry in enumerate(raw["items"]):
        path = f"items[{place}]"
        if entry["code"] in before:
            raise DefinitionError(file, f"{path}.code", f"{entry['code']} is used twice")
        before[entry["code"]] = entry
        _check_entry(entry, path, file)
        if "show_when" in entry:
            for test in _condition(entry["show_when"]).tests():
                _check_test(test, before, f"{path}.show_when", file)


def _check_entry(entry: Mapping[str, Any], path: str, file: str) -> None:
    for key, kinds in _ONLY_FOR.items():
        if key in entry and entry["kind"] not in kinds:
            raise DefinitionError(file, f"{path}.{key}", f"only for {' and '.join(kinds)}, not for {entry['kind']}")
    values = [option["value"] for option in entry.get("options", ())]
    if len(set(map(str, values))) < len(values):
        raise DefinitionError(file, f"{path}.options", "two options have the same value")
    if entry["kind"] == "multi" and not all(isinstance(value, str) for value in values):
        raise DefinitionError(file, f"{path}.options", "options of a multi are texts")
    if entry.get("min", 0) > entry.get("max", 0):
        raise DefinitionError(file, f"{path}.min", "min is above max")


def _check_test(test: Answered, before: Mapping[str, Mapping[str, Any]], path: str, file: str) -> None:
    asked = before.get(test.item)
    if asked is None:
        raise DefinitionError(file, path, f"{test.item} is not this item or one before it")
    possible = _possible(asked)
    for value in test.values:
        # Compared with their types, since to Python True and 1 are equal.
        if possible is not None and (type(value), value) not in possible:
            raise DefinitionError(file, path, f"{value!r} is not an answer of {test.item}")


def _possible(entry: Mapping[str, Any]) -> set[tuple[type, Any]] | None:
    """The stored values of an item with options; None when any value of its kind is possible."""
    if entry["kind"] == "yes_no":
        return {(bool, True), (bool, False)}
    if entry["kind"] == "checkbox":
        return {(bool, True)}
    if "options" in entry:
        return {(type(option["value"]), option["value"]) for option in entry["options"]}
    return None


def _item(entry: Mapping[str, Any]) -> Item:
    shaped = ("options", "fact", "show_when", "carries", "allow")
    plain = {key: value for key, value in entry.items() if key not in shaped}
    options = YES_NO if entry["kind"] == "yes_no" else tuple(Option(**option) for option in entry.get("options", ()))
    return Item(
        **plain,
        options=options,
        fact=_fact(entry["fact"]) if "fact" in entry else None,
        show_when=_condition(entry["show_when"]) if "show_when" in entry else None,
        carries=Carry(*entry["carries"].split(".")) if "carries" in entry else None,
        allow=tuple(entry.get("allow", ())),
    )


def _total_fact(raw: Mapping[str, Any], file: str) -> str | None:
    if "total_fact" in raw and "scoring" not in raw:
        raise DefinitionError(file, "total_fact", "there is no total without scoring")
    return raw.get("total_fact")


def _sheet(raw: Mapping[str, Any], file: str) -> tuple[str, ...]:
    asked = [entry["code"] for entry in raw["items"]]
    listed = raw.get("sheet", [])
    if listed is True:
        return tuple(asked)
    for code in listed:
        if code not in asked:
            raise DefinitionError(file, "sheet", f"{code} is not an item")
    return tuple(listed)


def _fact(path: str) -> FactPath:
    found = _FACT.fullmatch(path)
    assert found is not None  # noqa: S101 - the schema's pattern is stricter
    index = found["index"]
    return FactPath(found["key"], int(index) if index is not None else None)


def _condition(raw: Mapping[str, Any]) -> Condition:
    if "item" in raw:
        negated = "is_not" in raw
        return Answered(raw["item"], tuple(raw["is_not" if negated else "is"]), negated)
    every = "all" in raw
    return Group(tuple(_condition(part) for part in raw["all" if every else "any"]), every)


def _pages(raw: Mapping[str, Any], items: tuple[Item, ...], file: str) -> tuple[Page, ...]:
    if "pages" not in raw:
        return (Page(heading=raw.get("stem", raw["title"]), items=items, hint=raw.get("hint")),)
    listed = [code for page in raw["pages"] for code in page["items"]]
    _check_same(listed, [item.code for item in items], file)
    by_code = {item.code: item for item in items}
    return tuple(
        Page(page["heading"], tuple(by_code[code] for code in page["items"]), page.get("hint")) for page in raw["pages"]
    )


def _check_same(listed: list[str], asked: list[str], file: str) -> None:
    if listed == asked:
        return
    for name in listed:
        if name not in asked:
            raise DefinitionError(file, "pages", f"{name} is not an item")
    for name in asked:
        if listed.count(name) != 1:
            raise DefinitionError(file, "pages", f"{name} must stand on exactly one page")
    raise DefinitionError(file, "pages", "the pages must keep the order of the items")


def _scoring(raw: Mapping[str, Any] | None, items: Iterable[Item], file: str) -> Scoring | None:
    if raw is None:
        return None
    scorer = SCORERS.get(raw["scorer"])
    if scorer is None:
        raise DefinitionError(file, "scoring.scorer", f"there is no scorer {raw['scorer']}")
    if len(raw["items"]) != len(scorer.allowed):
        reason = f"{raw['scorer']} scores {len(scorer.allowed)} items, not {len(raw['items'])}"
        raise DefinitionError(file, "scoring.items", reason)
    known = {item.code for item in items}
    for code in raw["items"]:
        if code not in known:
            raise DefinitionError(file, "scoring.items", f"{code} is not an item")
    bands = tuple(Band(**band) for band in raw.get("bands", ()))
    return Scoring(raw["scorer"], tuple(raw["items"]), bands, raw.get("highest"))
