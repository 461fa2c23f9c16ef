"""What holds of every recommendation, whoever it is about."""

import re

import pytest
from jsonschema import Draft202012Validator

from programs.matching import Batch, check, default_engine
from programs.matching.dictionary import dictionary, raw_facts

from .contract import exact, read
from .people import person

OUTPUT = Draft202012Validator(read("recommendation.schema.json"))
PEOPLE = [person(seed) for seed in range(120)]


@pytest.fixture(scope="module")
def outputs():
    return default_engine().recommend_many(PEOPLE)


def test_the_output_keeps_to_the_published_schema(outputs):
    assert [list(OUTPUT.iter_errors(output)) for output in outputs] == [[]] * len(outputs)


def test_the_same_facts_give_the_same_answer_alone_and_in_company(outputs):
    assert [default_engine().recommend(document) for document in PEOPLE[:20]] == outputs[:20]


def test_nobody_gives_no_output():
    assert default_engine().recommend_many([]) == []


def test_payment_mandate_service_and_medication_change_nothing():
    plain = read("examples/05-t4-addiction-with-trauma.facts.json")
    told = {
        "context.coverage": "uninsured",
        "context.legal_mandate": True,
        "context.veteran": True,
        "context.medication_for_sud": True,
    }
    other = {**plain, "facts": {**plain["facts"], **told}}

    assert default_engine().recommend(other) == default_engine().recommend(plain)


def test_the_decision_columns_say_what_the_documents_say(outputs):
    decided = default_engine().decide(Batch.of([check(document) for document in PEOPLE]))

    for position, output in enumerate(outputs):
        level, selection = output["level_of_care"], output["selection"]
        assert decided.row(position) == {
            "level": level["level"] or level["status"],
            "primary": selection["primary"] or selection["outcome"],
            "format": selection["format"]["primary"] if selection["format"] else "none",
            **{f"gate:{gate['id']}": gate["status"] for gate in output["gates"]},
            "rule": selection["rule"],
        }


def test_every_part_that_must_be_explained_is_explained(outputs):
    for output in outputs:
        told = {reason["ref"] for reason in output["reasons"]}
        owed = {gate["id"] for gate in output["gates"] if gate["status"] != "clear"}
        owed |= set(output["level_of_care"]["rows_fired"])
        owed |= {output["selection"]["rule"], "confidence"}
        owed |= {entry["fact"] for entry in output["missing"] if entry["safety"]}
        assert owed <= told


def test_reasons_are_sentences_without_percentages_or_labels(outputs):
    texts = {reason["text"] for output in outputs for reason in output["reasons"]}

    assert [text for text in texts if not re.fullmatch(r"[A-Z].*[.]", text)] == []
    shunned = re.compile(
        r"%|percent|probabil|chance|likel|abuse|addict\b|clean|dirty|non-compliant|failed", re.IGNORECASE
    )
    assert [text for text in texts if shunned.search(text)] == []


def test_what_was_said_alone_is_in_no_reason_and_no_input():
    calm = read("examples/13-g9-conjoint-blocked.facts.json")
    said = {**calm, "facts": {**calm["facts"], "hark.items": [True, True, False, False], "ipv.fear_disclosed": True}}

    output = default_engine().recommend(said)

    assert output["gates"][8]["triggers"] == ["fear_disclosed", "hark_positive"]
    printed = " ".join(reason["text"] for reason in output["reasons"]).lower()
    assert not re.search(r"hark|screen is positive|fear|partner|protective|violen", printed)
    inputs = {entry["fact"] for track in output["tracks"] for row in track["rows"] for entry in row["inputs"]}
    assert not {fact for fact in inputs if fact.startswith(("hark.", "ipv."))}


def test_an_input_shows_the_answer_and_the_score_behind_a_row():
    output = default_engine().recommend(read("examples/01-t1-depression-strong.facts.json"))

    inputs = {entry["fact"]: entry["value"] for entry in output["tracks"][0]["rows"][1]["inputs"]}

    assert inputs.keys() == {"phq9.items", "phq9.total"}
    assert inputs["phq9.total"] == sum(inputs["phq9.items"])


def test_a_change_that_is_listed_comes_true():
    """Each entry of what would change, applied to the document, gives what it foretold."""
    document = read("examples/16-p7-trauma-processing.facts.json")
    output = default_engine().recommend(document)
    entries = [entry for entry in output["what_would_change"] if dictionary()[entry["fact"]].kind == "raw"]
    changed = [{**document, "facts": {**document["facts"], entry["fact"]: entry["to"]}} for entry in entries]

    for entry, after in zip(entries, default_engine().recommend_many(changed), strict=True):
        found = {"level": after["level_of_care"]["level"] or after["level_of_care"]["status"]}
        found["primary"] = after["selection"]["primary"] or after["selection"]["outcome"]
        found["format"] = after["selection"]["format"]["primary"] if after["selection"]["format"] else "none"
        found |= {f"gate:{gate['id']}": gate["status"] for gate in after["gates"]}
        assert {change["what"]: change["to"] for change in entry["changes"]} == {
            change["what"]: found[change["what"]] for change in entry["changes"]
        }
    assert len(entries) > 10


@pytest.mark.parametrize(
    ("depression", "lead", "level"),
    [
        ({"diagnosis.depressive_disorder": "confirmed", "phq9.items": [0] * 9}, 1, "low"),
        ({"diagnosis.depressive_disorder": "suspected", "phq9.items": [2] * 8 + [0]}, 2, "moderate"),
    ],
)
def test_a_lead_of_one_point_is_too_little_for_moderate_confidence(depression, lead, level):
    document = read("examples/02-t2-nothing-supported.facts.json")
    addiction = {
        "substance.sud_severity": "mild",
        "audit_c.items": None,
        "audit.items": [2, 2, 2, 2, 2, 2, 2, 2, 0, 0],
        "bam.items": [0] * 8 + [4, 4, 0, 4, 4, 4, 0, 4, 0],
        "bam.date": document["as_of"],
        "preference.main_goal": "other",
    }
    facts = {**document["facts"], **addiction, **depression}

    output = default_engine().recommend({**document, "facts": facts})

    assert output["selection"]["rule"] == "P7"
    assert (output["selection"]["primary"], output["confidence"]["lead"]) == ("addiction", lead)
    assert (output["confidence"]["level"], output["confidence"]["missing_count"]) == (level, 0)
    assert output["confidence"]["conflicts"] == ([] if lead == 2 else ["dx_vs_measure:depression"])


def test_no_item_list_is_varied_for_their_sums_are_made_once():
    assert {fact.what_if for fact in raw_facts() if fact.type == "items"} == {"none"}


def test_an_empty_document_names_no_level_and_no_track():
    output = default_engine().recommend({"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": {}})

    assert output["level_of_care"]["status"] == "no_result"
    assert output["selection"]["rule"] == "P1"
    assert {gate["status"] for gate in output["gates"]} == {"incomplete", "hold"}
    assert exact(output)["safety"] == {"level": "SU", "violence": "unknown"}
