"""Scores are those of the recommendation contract, example by example, in process and on the command line."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from intake.instruments import ScoringError, score
from intake.management.commands.score import Command

CONTRACT = Path(__file__).parent.parent / "contract"
EXAMPLES = [json.loads(line) for line in (CONTRACT / "scores.jsonl").read_text().splitlines()]
SCHEMA = Draft202012Validator(json.loads((CONTRACT / "score.schema.json").read_text()))


def command(*arguments: str) -> tuple[dict[str, object], int]:
    """Run the command as from a shell; its one document and its exit code."""
    out, code = StringIO(), 0
    try:
        Command(stdout=out, stderr=StringIO()).run_from_argv(["manage.py", "score", *arguments])
    except SystemExit as left:
        code = int(left.code or 0)
    (line,) = out.getvalue().splitlines()
    return json.loads(line), code


def test_all_thirty_examples_are_here_two_for_each_instrument():
    assert len(EXAMPLES) == 30
    assert {example["instrument"] for example in EXAMPLES} == set(
        SCHEMA.schema["properties"]["instrument"]["enum"]  # type: ignore[index]
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_an_example_scores_as_the_contract_says(example):
    sex = ["--sex", example["sex"]] if "sex" in example else []

    document, code = command(example["instrument"], "--items", example["items"], *sex)

    assert document == example["expected"]
    assert code == 0
    SCHEMA.validate(document)


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        (["phq9", "--items", "1,2"], "phq9 has 9 items, not 2."),
        (["phq9", "--items", "1,2,3,0,0,0,0,0,4"], "Item 9 of phq9 cannot be 4."),
        (["phq9", "--items", "a,0,0,0,0,0,0,0,0"], "Item 1 of phq9 cannot be 'a'."),
        (["phq9", "--items", "1.0,0,0,0,0,0,0,0,0"], "Item 1 of phq9 cannot be '1.0'."),
        (["phq9", "--items=-1,0,0,0,0,0,0,0,0"], "Item 1 of phq9 cannot be '-1'."),
        (["phq9", "--items", "na,0,0,0,0,0,0,0,0"], "Item 1 of phq9 cannot be 'na'."),
        (["cows", "--items", "3,0,0,0,0,0,0,0,0,0,0"], "Item 1 of cows cannot be 3."),
        (["bam", "--items", "0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0"], "Item 14 of bam cannot be 1."),
        (["audit", "--items", "1,0,0,0,0,0,0,0,3,0"], "Item 9 of audit cannot be 3."),
        (["drug_single_item", "--items", "367"], "Item 1 of drug_single_item cannot be 367."),
        (["audit_c", "--items", "1,1,1", "--sex", "m"], "Sex is female, male or other, not m."),
        (["phq9", "--items", "-1,0"], "argument --items: expected one argument"),
        (["phq9"], "the following arguments are required: --items"),
    ],
)
def test_bad_input_is_an_error_object_and_exit_code_two(arguments, detail):
    document, code = command(*arguments)

    assert document == {"schema": "iop.error/1", "error": "invalid_input", "detail": detail}
    assert code == 2


def test_an_unknown_instrument_is_refused_by_name():
    document, code = command("phq8", "--items", "0,0,0,0,0,0,0,0")

    assert str(document["detail"]).startswith("There is no instrument phq8. Known are phq9, gad7,")
    assert code == 2


def test_the_command_asks_no_database(django_db_blocker):
    with django_db_blocker.block():
        call_command("score", "hark", "--items", "0,0,0,0", stdout=StringIO())


def test_true_is_not_one():
    with pytest.raises(ScoringError, match="Item 2 of hark cannot be True"):
        score("hark", [0, True, 0, 0])
