"""Rule sets: a broken document gets its line and the reason; a changed one changes what it says and nothing else."""

import json
import random
import re

import pytest
import yaml

from programs.matching import Engine, RuleSetError, default_engine, load_ruleset
from programs.matching.document import LARGEST, RULES

from .contract import exact, read
from .people import person

TEXT = (RULES / "default.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, count)


def line_of(words: str, text: str = TEXT) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("when: dimension.d1 = 3", "when: dimension.d11 = 3", "dimension.d11 is not a name that can be used here"),
        ("when: dimension.d1 = 3", "when: dimension.d1 == 3", "expected a value"),
        ("when: phq9 at least 20", "when: phq9 >= 20", "use at least or at most"),
        ("when: dimension.d1 = 3", "when: g2.open = 3", "g2.open cannot be compared"),
        ("{points: 4, when: phq9 at least 20}", "{points: 4, when: g2.open}", "g2.open is not a name"),
        ("{points: 4, when: phq9 at least 20}", "{points: 9, when: phq9 at least 20}", "9 is greater than the maximum"),
        (
            "level: inpatient, condition: crisis_plan",
            "level: hospital, condition: crisis_plan",
            "'hospital' is not one of",
        ),
        (
            "clearance: {date: clearance.g1, within_days: 1}",
            "clearance: {date: clearance.g6, within_days: 1}",
            "not a date",
        ),
        ("date: clearance.g4, within_days: 7", "date: dimension.d4, within_days: 7", "dimension.d4 is not a date fact"),
        (
            "  recorded: caution.recorded",
            "  recorded: caution.noted",
            "caution.noted is not a list fact of the dictionary",
        ),
        ("dbt: [cssrs_high, serious_self_harm_8w]", "dbt: [cssrs_hihg]", "cssrs_hihg is no trigger of G10"),
        ("anchors: [diagnosis, main_measure, behavior]", "anchors: [main_goal]", "main_goal cannot be an anchor"),
        ("      kind: gate\n", "      kind: gate\n      kind: up\n", "kind stands twice"),
    ],
)
def test_a_broken_row_is_named_by_line_and_reason(old, new, reason):
    broken = changed(old, new)

    with pytest.raises(RuleSetError) as refused:
        load_ruleset(broken)

    assert reason in refused.value.reason
    at = new.strip().splitlines()[-1].strip()
    assert refused.value.line == line_of(at, broken)
    assert str(refused.value).startswith(f"line {refused.value.line}: ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("[1, 2]", "not of type 'object'"),
        ("schema: iop.ruleset/1\nversion: [", "not YAML"),
        ("a: &x 1\nb: *x\n", "aliases"),
        ("schema: !!python/object/apply:os.system [ls]\n", "schema"),
        ("a" * (LARGEST + 1), "longer than"),
        ("schema: \x00", "not YAML"),
    ],
)
def test_what_is_no_rule_set_is_refused(text, reason):
    with pytest.raises(RuleSetError, match=reason):
        load_ruleset(text)


def test_an_unknown_key_is_refused_where_it_stands():
    with pytest.raises(RuleSetError) as refused:
        load_ruleset(changed("    blocks: everything\n", "    blocks: everything\n    color: red\n"))
    assert "'color' was unexpected" in refused.value.reason


def test_a_name_may_not_mean_two_things():
    with pytest.raises(RuleSetError, match="phq9 already means something else"):
        load_ruleset(changed("  manic_phase:", "  phq9: mania.now\n  manic_phase:"))


def test_a_level_row_needs_a_case_that_always_holds():
    broken = changed(
        "gives: [{level: inpatient, condition: crisis_plan}]",
        "gives: [{when: mania.now, level: inpatient, condition: crisis_plan}]",
    )
    with pytest.raises(RuleSetError, match="L1: each case but the last has a when"):
        load_ruleset(broken)


@pytest.mark.parametrize(
    "bands",
    ["strong: 4, moderate: 5, possible: 3, not_supported: 0", "strong: 8, moderate: 5, possible: 3, not_supported: 1"],
)
def test_bands_begin_one_below_the_other_and_end_at_nothing(bands):
    with pytest.raises(RuleSetError, match="each band begins below the one before it"):
        load_ruleset(changed("strong: 8, moderate: 5, possible: 3, not_supported: 0", bands))


def test_a_document_that_somebody_broke_is_refused_or_still_works():
    """No edit may leave a rule set that fails only when a person is in front of it."""
    rng, people = random.Random(11), [person(seed) for seed in range(10)]
    words = re.findall(r"[\w.]+", TEXT)
    for _ in range(15):
        lines = TEXT.splitlines()
        at = rng.randrange(len(lines))
        found = list(re.finditer(r"[\w.]+", lines[at]))
        if not found or rng.random() < 0.2:
            del lines[at]
        else:
            word = rng.choice(found)
            lines[at] = lines[at][: word.start()] + rng.choice([*words, "99", "-1"]) + lines[at][word.end() :]
        try:
            engine = Engine(load_ruleset("\n".join(lines)))
        except RuleSetError:
            continue
        assert len(engine.recommend_many(people)) == len(people)


def test_the_last_selection_rule_always_holds():
    broken = changed("    - id: P7\n", "    - id: P7\n      when: mania.now\n")
    with pytest.raises(RuleSetError, match=r"selection\.rules\.7"):
        load_ruleset(broken)


def test_every_row_has_a_sentence_and_its_source():
    document = yaml.safe_load(TEXT)
    rows = [
        *document["gates"],
        *document["level_of_care"]["rows"],
        *(row for family in document["evidence"]["families"] for row in family["rows"]),
        *document["selection"]["rules"],
    ]
    assert all(row["id"] and row["says"].endswith(".") and row["domain"] for row in rows)
    assert len(rows) == 10 + 20 + 28 + 8


def test_the_schema_file_is_a_schema():
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads((RULES / "ruleset.schema.json").read_text(encoding="utf-8")))


def test_a_raised_threshold_changes_the_people_it_concerns():
    facts = read("examples/01-t1-depression-strong.facts.json")
    stricter = Engine(
        load_ruleset(changed("{points: 4, when: phq9 at least 20}", "{points: 4, when: phq9 at least 25}"))
    )

    before, after = default_engine().recommend(facts), stricter.recommend(facts)

    row = {"id": "depression.main_measure", "points": 3, "points_max": 3, "unknown": []}
    assert exact(after)["tracks"][0]["rows"][1] == row
    assert after["tracks"][0]["points"] == before["tracks"][0]["points"] - 1
    assert after["tracks"][1:] == before["tracks"][1:]


def test_a_weight_below_what_counts_as_high_still_works():
    """No row of the family can reach a high measure then, and nobody is doubted for it."""
    lighter = Engine(load_ruleset(changed('{points: 3, when: "any(bsl23.mean', '{points: 2, when: "any(bsl23.mean')))

    outputs = lighter.recommend_many([person(seed) for seed in range(40)])

    assert max(output["tracks"][1]["rows"][1]["points_max"] for output in outputs) == 2


def test_the_version_is_printed():
    engine = Engine(load_ruleset(changed('version: "2026.1"', 'version: "2026.2-draft"')))

    output = engine.recommend(read("examples/02-t2-nothing-supported.facts.json"))

    assert output["ruleset_version"] == "2026.2-draft"
