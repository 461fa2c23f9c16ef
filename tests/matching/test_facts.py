"""Input documents: what fits the dictionary, and what is refused with its place and without its content."""

import json

import pytest
from jsonschema import Draft202012Validator

from programs.matching import FactError, check
from programs.matching.dictionary import dictionary, raw_facts

from .contract import read
from .people import person

INPUT = Draft202012Validator(read("assessment-facts.schema.json"))


def document(**over):
    return {"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": {}, **over}


def facts(**given):
    return document(facts={key.replace("__", "."): value for key, value in given.items()})


def test_the_dictionary_counts_what_it_says_it_counts():
    assert len(raw_facts()) == 136
    assert len(dictionary()) == 136 + 34


def test_an_empty_document_fits():
    assert check(document()).given == {}


def test_null_is_the_same_as_absent():
    assert check(facts(mania__now=None)) == check(facts())


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ([], "must be an object"),
        ("facts", "must be an object"),
        (None, "must be an object"),
        ({}, 'schema must be "iop.facts/1"'),
        (document(schema="iop.facts/2"), 'schema must be "iop.facts/1"'),
        (document(note=1), "'note' is not part"),
        (document(facts=[]), "facts must be an object"),
        (document(as_of=None), "as_of must be a day"),
        (document(as_of="2026-02-30"), "as_of must be a day"),
        (document(as_of="20260302"), "as_of must be a day"),
        (document(as_of="2026-03-02T00:00"), "as_of must be a day"),
        (document(as_of="٢٠٢٦-٠٣-٠٢"), "as_of must be a day"),
        (facts(person__name="x"), "is not a fact"),
        (facts(person__name=None), "is not a fact"),
        (facts(phq9__total=12), "worked out from other facts"),
        (facts(phq9__total=None), "worked out from other facts"),
        (facts(person__age=True), "person.age must be a whole number from 0 to 120"),
        (facts(person__age="34"), "person.age"),
        (facts(person__age=34.5), "person.age"),
        (facts(person__age=121), "person.age"),
        (facts(person__age=-1), "person.age"),
        (facts(person__age=float("nan")), "person.age"),
        (facts(person__age=[34]), "person.age"),
        (facts(mania__now=1), "mania.now must be true, false or null"),
        (facts(mania__now="yes"), "mania.now"),
        (facts(diagnosis__ptsd="maybe"), "diagnosis.ptsd must be one of none, suspected, confirmed"),
        (facts(diagnosis__ptsd=["none"]), "diagnosis.ptsd"),
        (facts(cssrs__date="2026-13-01"), "cssrs.date must be a day"),
        (facts(cssrs__date=20260302), "cssrs.date must be a day"),
        (facts(bsl23__mean=1.875), "bsl23.mean must be a number from 0 to 4 with at most two decimals"),
        (facts(bsl23__mean=4.01), "bsl23.mean"),
        (facts(bsl23__mean=True), "bsl23.mean"),
        (facts(bsl23__mean=float("inf")), "bsl23.mean"),
        (facts(emergency__signs="overdose"), "emergency.signs must be a list"),
        (facts(emergency__signs=["fire"]), "emergency.signs"),
        (facts(emergency__signs=["weapon", "weapon"]), "names an entry twice"),
        (facts(emergency__signs=[["weapon"]]), "emergency.signs"),
        (facts(phq9__items=[0] * 8), "phq9.items must be a list of 9 answers"),
        (facts(phq9__items={"1": 0}), "phq9.items must be a list of 9 answers"),
        (facts(phq9__items=[0, 0, 0, 0, 0, 0, 0, 0, 4]), "phq9.items: answer 9"),
        (facts(phq9__items=[0, True, 0, 0, 0, 0, 0, 0, 0]), "phq9.items: answer 2"),
        (facts(phq9__items=[0, [], 0, 0, 0, 0, 0, 0, 0]), "phq9.items: answer 2"),
        (facts(mania__items=[0, True, None, None, None, None]), "mania.items: answer 1"),
        (facts(audit__items=[0] * 8 + [1, 0]), "audit.items: answer 9"),
        (facts(bam__items=[0] * 13 + [2] + [0] * 3), "bam.items: answer 14"),
        (facts(bipf__items=["n/a"] * 7), "bipf.items: answer 1"),
        (facts(phq9__items=["na"] + [0] * 8), "phq9.items: answer 1"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(broken, reason):
    with pytest.raises(FactError) as refused:
        check(broken)
    assert reason in str(refused.value)


def test_a_refusal_does_not_repeat_the_answer():
    with pytest.raises(FactError) as refused:
        check(facts(diagnosis__ptsd="my neighbor Rosa"))
    assert "Rosa" not in str(refused.value)


def test_a_whole_number_may_be_written_with_a_point():
    assert check(facts(person__age=34.0)).given["person.age"] == 34


def test_a_future_date_counts_as_not_given():
    read_back = check(facts(cssrs__date="2026-03-03", dimension__date="2026-03-01"))

    assert read_back.age_days("cssrs.date") is None
    assert read_back.age_days("dimension.date") == 1


def test_whatever_we_take_the_published_schema_takes():
    for seed in range(200):
        invented = person(seed)
        assert check(json.loads(json.dumps(invented)))
        assert list(INPUT.iter_errors(invented)) == []
