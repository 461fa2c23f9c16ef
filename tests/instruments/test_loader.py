"""A broken definition says which file, where in it, and why; nothing is guessed."""

import copy
from typing import Any

import pytest
import yaml

from intake.instruments import DefinitionError, catalog, load
from intake.instruments.loader import read_definition, read_folder

SOUND: dict[str, Any] = {
    "code": "sample",
    "version": 1,
    "language": "en",
    "kind": "section",
    "title": "Sample",
    "license": {"category": "own", "statement": "Own wording."},
    "items": [
        {"code": "first", "text": "One?", "kind": "yes_no"},
        {
            "code": "second",
            "text": "Two?",
            "kind": "choice",
            "options": [{"value": 0, "label": "None"}, {"value": 1, "label": "Some"}],
            "show_when": {"item": "first", "is": [True]},
        },
        {"code": "third", "text": "Three?", "kind": "integer", "min": 0, "max": 9},
    ],
}


def broken(path: str, value: Any) -> dict[str, Any]:
    """The sound definition with one thing changed; ``path`` such as items.1.kind."""
    raw = copy.deepcopy(SOUND)
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = raw
    for step in above:
        place = place[step]
    place[last] = value
    return raw


def test_a_sound_definition_is_read():
    questionnaire = read_definition(yaml.safe_dump(SOUND), "sample.v1.yaml")

    assert [item.code for item in questionnaire.items] == ["first", "second", "third"]
    assert questionnaire.pages[0].heading == "Sample"


CASES = [
    ("surprise", 1, "(top)", "Additional properties are not allowed ('surprise' was unexpected)"),
    ("code", "Not A Code", "code", "'Not A Code' does not match '^[a-z][a-z0-9_]*$'"),
    ("version", 0, "version", "0 is less than the minimum of 1"),
    ("language", "fr", "language", "'fr' is not one of ['en', 'es']"),
    ("items", [], "items", "[] should be non-empty"),
    ("items.0.kind", "slider", "items[0].kind", "'slider' is not one of"),
    ("items.1.options", [{"value": 0, "label": "Only"}], "items[1].options", "is too short"),
    ("items.0.min", 3, "items[0].min", "only for integer and decimal, not for yes_no"),
    ("items.0.none_label", "None", "items[0].none_label", "only for multi, not for yes_no"),
    ("items.2.max", "nine", "items[2].max", "'nine' is not of type 'integer'"),
    ("items.2.min", 10, "items[2].min", "min is above max"),
    ("items.0.fact", "PHQ9", "items[0].fact", "does not match"),
    ("items.0.allow", ["maybe"], "items[0].allow[0]", "'maybe' is not one of ['declined', 'not_sure', "),
    ("items.0.else_label", "Not asked", "items[0].else_label", "only for checkbox, not for yes_no"),
    ("items.0.carries", "phq9", "items[0].carries", "does not match"),
    ("sheet", ["ghost"], "sheet", "ghost is not an item"),
    ("total_fact", "ciwa.total", "total_fact", "there is no total without scoring"),
    ("items.2.code", "first", "items[2].code", "first is used twice"),
    (
        "items.1.options.1.value",
        0,
        "items[1].options",
        "two options have the same value",
    ),
    ("items.1.show_when.item", "third", "items[1].show_when", "third is not this item or one before it"),
    ("items.1.show_when.item", "ghost", "items[1].show_when", "ghost is not this item or one before it"),
    ("items.1.show_when.is", [1], "items[1].show_when", "1 is not an answer of first"),
    ("pages", [{"heading": "One", "items": ["first", "ghost"]}], "pages", "ghost is not an item"),
    ("pages", [{"heading": "One", "items": ["first", "second"]}], "pages", "third must stand on exactly one page"),
    (
        "pages",
        [{"heading": "One", "items": ["second", "first", "third"]}],
        "pages",
        "the pages must keep the order of the items",
    ),
    ("scoring", {"scorer": "phq8", "items": ["first"]}, "scoring.scorer", "there is no scorer phq8"),
    ("scoring", {"scorer": "phq9", "items": ["first"]}, "scoring.items", "phq9 scores 9 items, not 1"),
    ("scoring", {"scorer": "drug_single_item", "items": ["ghost"]}, "scoring.items", "ghost is not an item"),
    ("license", {"category": "own"}, "license", "'statement' is a required property"),
    ("license.category", "A", "(top)", "'source' is a required property"),
]


@pytest.mark.parametrize(("change", "value", "path", "reason"), CASES, ids=lambda one: str(one)[:30])
def test_a_broken_definition_is_refused_with_file_path_and_reason(change, value, path, reason):
    with pytest.raises(DefinitionError) as refused:
        read_definition(yaml.safe_dump(broken(change, value)), "sample.v1.yaml")

    assert refused.value.file == "sample.v1.yaml"
    assert refused.value.path == path
    assert reason in refused.value.reason
    assert str(refused.value) == f"sample.v1.yaml: {path}: {refused.value.reason}"


def test_options_of_a_multi_are_texts():
    raw = broken("items.1.kind", "multi")

    with pytest.raises(DefinitionError, match="options of a multi are texts"):
        read_definition(yaml.safe_dump(raw), "sample.v1.yaml")


def test_a_key_given_twice_is_refused_with_its_line():
    with pytest.raises(DefinitionError, match=r"sample.v1.yaml: line 2: the key 'code' is given twice"):
        read_definition("code: sample\ncode: other\n", "sample.v1.yaml")


def test_text_that_is_no_yaml_is_refused_with_its_line():
    with pytest.raises(DefinitionError, match=r"sample.v1.yaml: line 2: "):
        read_definition("title: [\n", "sample.v1.yaml")


def test_a_file_is_named_after_code_and_version(tmp_path):
    (tmp_path / "other.v1.yaml").write_text(yaml.safe_dump(SOUND))

    with pytest.raises(DefinitionError, match=r"other.v1.yaml: code: the file must be named after"):
        read_folder(tmp_path)


def test_an_old_version_can_still_be_read_beside_the_new_one(tmp_path):
    (tmp_path / "sample.v1.yaml").write_text(yaml.safe_dump(SOUND))
    (tmp_path / "sample.v2.yaml").write_text(yaml.safe_dump(broken("version", 2)))

    assert sorted(read_folder(tmp_path)["sample"]) == [1, 2]


def test_an_unknown_questionnaire_or_version_is_a_key_error():
    with pytest.raises(KeyError):
        load("phq8")
    with pytest.raises(KeyError):
        load("phq9", 99)


def test_definitions_are_read_once():
    assert load("phq9") is load("phq9", 1) is load("phq9", "1")
    assert load("phq9") in catalog()


@pytest.mark.parametrize("source", ["other.first", "sample.ghost", "sample.second"])
def test_an_answer_is_carried_only_from_a_question_with_the_same_answers(tmp_path, source):
    raw = broken("items.0.carries", source)
    (tmp_path / "sample.v1.yaml").write_text(yaml.safe_dump(raw))

    with pytest.raises(DefinitionError, match=f"sample.v1.yaml: first.carries: {source} has not the same answers"):
        read_folder(tmp_path)


def test_a_sheet_is_the_whole_form_or_a_list_of_its_questions():
    whole = read_definition(yaml.safe_dump({**SOUND, "sheet": True}), "sample.v1.yaml")
    part = read_definition(yaml.safe_dump({**SOUND, "sheet": ["third"]}), "sample.v1.yaml")

    assert (whole.sheet, part.sheet) == (("first", "second", "third"), ("third",))
