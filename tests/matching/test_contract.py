"""The engine against the contract: every example and vignette, to the letter."""

import hashlib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from programs.matching import default_engine

from . import contract
from .contract import CONTRACT, bare, read

EXAMPLES = sorted(path.name.removesuffix(".facts.json") for path in (CONTRACT / "examples").glob("*.facts.json"))
VIGNETTES = sorted(path.name for path in contract.VIGNETTES.glob("*.json"))
OUTPUT = Draft202012Validator(read("recommendation.schema.json"))
INPUT = Draft202012Validator(read("assessment-facts.schema.json"))


def test_the_copies_are_the_contract():
    recorded = dict(
        reversed(line.split("  ", 1)) for line in (CONTRACT / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    copies = [path for path in CONTRACT.rglob("*") if path.suffix in (".json", ".jsonl", ".yaml")]
    places = {path: path.relative_to(CONTRACT).as_posix() for path in copies}
    places |= {path: f"vignettes/{path.name}" for path in contract.VIGNETTES.iterdir()}
    found = {place: hashlib.sha256(path.read_bytes()).hexdigest() for path, place in places.items()}
    assert found == recorded


def test_the_dictionary_is_the_contract_s():
    dictionary = Path(__file__).parents[2] / "programs" / "matching" / "facts.yaml"
    assert dictionary.read_bytes() == (CONTRACT / "facts.yaml").read_bytes()


def test_nothing_is_missing():
    assert (len(EXAMPLES), len(VIGNETTES)) == (26, 15)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_comes_out_exactly(example):
    output = default_engine().recommend(read(f"examples/{example}.facts.json"))

    assert bare(output) == read(f"examples/{example}.expected.json")  # its lists in the same order, too (S95)
    assert list(OUTPUT.iter_errors(output)) == []


def test_many_at_once_come_out_as_one_by_one():
    documents = [read(f"examples/{example}.facts.json") for example in EXAMPLES]

    together = default_engine().recommend_many(documents)

    assert together == [default_engine().recommend(document) for document in documents]


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_vignette_comes_out_as_a_clinician_expects(vignette):
    case = read(f"vignettes/{vignette}")
    expected = case["clinical"]

    output = default_engine().recommend(case["facts"])

    level, selection = output["level_of_care"], output["selection"]
    is_open = {gate["id"] for gate in output["gates"] if gate["status"] in ("emergency", "hold", "incomplete")}
    assert (level["level"] or level["status"]) == expected["level"]["preferred"]
    assert (selection["primary"] or selection["outcome"]) == expected["primary"]["preferred"]
    assert is_open >= set(expected["gates_open"])
    assert is_open.isdisjoint(expected["gates_not_open"])
    if expected["format"] is None:
        assert selection["format"] is None
    else:
        assert selection["format"]["primary"] in expected["format"]["primary"]
        assert selection["format"]["family"] in expected["format"]["family"]
    assert list(OUTPUT.iter_errors(output)) == []
