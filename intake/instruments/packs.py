"""
The one reader of text packs: a clinic's own licensed wording of a published questionnaire, as a YAML file.

Read as strictly as a definition; a mistake is answered with its line and the reason, and nothing of the file is used.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from intake.instruments.answers import NONE_OF_THESE
from intake.instruments.loader import HERE, DefinitionError, catalog, load, parse
from intake.instruments.shapes import Item, Questionnaire
from intake.instruments.wording import worded_items

# Class D of DOMAIN 3.1: proprietary or disputed; this product does not carry their text in any form.
NEVER: Mapping[str, str] = {
    "asam": "The ASAM Criteria",
    "asrm": "ASRM",
    "bdi": "BDI-II",
    "bdi2": "BDI-II",
    "eq5d": "EQ-5D",
    "locus": "LOCUS",
    "mdq": "MDQ",
    "mmse": "MMSE",
    "rms": "Rapid Mood Screener",
    "scl90": "SCL-90",
    "ybocs": "Y-BOCS",
}

Path = Sequence[str | int]


class PackError(Exception):
    """A text pack that cannot be used: which file, on which line, and why."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}: line {line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TextPack:
    """The wording of one version of a questionnaire in one language; ``body`` is what ``with_text`` takes."""

    code: str
    version: int
    language: str
    license: str
    source: str
    body: Mapping[str, Any]


def read_pack(text: str, file: str) -> TextPack:
    """
    Read a text pack; ``file`` is named in errors.

    Raises:
        PackError: broken YAML, a key that is not known, an item too many or too few, or a form that may not be loaded.
    """
    try:
        raw = parse(text, file)
    except DefinitionError as error:
        raise PackError(file, int(error.path.removeprefix("line ")), error.reason) from error
    misfit = best_match(_validator().iter_errors(raw))
    if misfit is not None:
        raise PackError(file, line_of(text, _place(misfit)), misfit.message)
    for words in raw["items"].values():
        if "options" in words:  # YAML reads 0 as a number; answers are named as a form posts them
            words["options"] = {str(value): label for value, label in words["options"].items()}
    complaint = _complaint(raw)
    if complaint is not None:
        path, reason = complaint
        raise PackError(file, line_of(text, path), reason)
    body = {key: raw[key] for key in ("title", "stem", "hint", "items") if key in raw}
    return TextPack(raw["code"], raw["version"], raw["language"], raw["license"], raw["source"], body)


def line_of(text: str, path: Path) -> int:
    """Return the line on which the key or list entry at a path stands; of the nearest one above it that is there."""
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
    return line


def _place(misfit: ValidationError) -> Path:
    """Return the path of what does not fit: of the key itself when it is one too many."""
    path = list(misfit.absolute_path)
    if misfit.validator == "additionalProperties":
        given: Any = misfit.instance
        shape: Any = misfit.schema
        path += [key for key in given if key not in shape.get("properties", {})][:1]
    return path


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((HERE / "pack.schema.json").read_text(encoding="utf-8")))


def _complaint(raw: Mapping[str, Any]) -> tuple[Path, str] | None:
    """Return where the pack does not fit its definition, and why; None when it does."""
    code, version = raw["code"], raw["version"]
    if code in NEVER:
        return ["code"], f"{NEVER[code]} may not be loaded: its owner does not allow its text here."
    try:
        questionnaire = load(code, version)
    except KeyError:
        return ["code"], _unknown(code, version)
    if questionnaire.kind != "instrument" and not questionnaire.sheet:
        return ["code"], f"{questionnaire.title} is this product's own wording and takes no text pack."
    return _complaint_of_items(raw["items"], questionnaire)


def _unknown(code: str, version: int) -> str:
    holders = [one.code for one in catalog() if one.sheet and one.scoring is not None and one.scoring.scorer == code]
    if holders and holders != [code]:
        return f"The questions of {code} stand in the questionnaire {holders[0]}: write code: {holders[0]}."
    return f"There is no questionnaire {code} in version {version}."


def _complaint_of_items(given: Mapping[str, Any], questionnaire: Questionnaire) -> tuple[Path, str] | None:
    wanted = worded_items(questionnaire)
    for code in given:
        if code not in wanted:
            return ["items", code], f"{code} is not an item that a text pack words."
    for code in wanted:
        if code not in given:
            return ["items"], f"The wording of {code} is missing."
        reason = _complaint_of_options(given[code].get("options", {}), questionnaire.item(code))
        if reason is not None:
            return ["items", code, "options"], reason
    return None


def _complaint_of_options(labels: Mapping[str, str], item: Item) -> str | None:
    known = {option.raw for option in item.options} if item.kind in ("choice", "multi") else set()
    known |= {NONE_OF_THESE} if item.none_label else set()
    for value in labels:
        if value not in known:
            return f"{value} is not an answer of {item.code}."
    missing = sorted(known - set(labels))
    return f"{item.code} has no label for the answer {missing[0]}." if missing else None
