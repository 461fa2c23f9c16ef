"""What one questionnaire has answered stands in another, openly, until that has its own answer."""

from typing import Any

import pytest

from intake.instruments import answers_to_items, carried, load, score, with_carried


def answered(**values: Any) -> dict[str, dict[str, Any]]:
    return {
        code: {"value": value, "at": "2026-03-02T16:00:00+00:00", "status": "answered", "by": 7, "revision": 5}
        for code, value in values.items()
    }


SCREEN = answered(audit_c_1=3, audit_c_2=2, audit_c_3=1)
REST = answered(audit_4=0, audit_5=0, audit_6=1, audit_7=2, audit_8=0, audit_9=0, audit_10=2)


def sources(answers: Any) -> dict[str, Any]:
    return {"audit_c": (load("audit_c"), answers)}


def test_the_first_three_answers_are_carried_and_marked():
    found = carried(load("audit"), {}, sources(SCREEN))

    assert {code: entry["value"] for code, entry in found.items()} == {"audit_1": 3, "audit_2": 2, "audit_3": 1}
    assert {(entry["carried"], entry["revision"]) for entry in found.values()} == {("audit_c", 0)}
    assert SCREEN["audit_c_1"]["revision"] == 5


def test_an_own_answer_stands_before_what_is_carried():
    counts = with_carried(load("audit"), answered(audit_2=4), sources(SCREEN))

    assert (counts["audit_1"]["value"], counts["audit_2"]["value"]) == (3, 4)
    assert "carried" not in counts["audit_2"]


def test_left_open_with_a_reason_is_an_own_answer_and_a_cleared_one_is_none():
    declined = {"audit_1": {"value": None, "status": "declined"}}
    cleared = {"audit_1": {"value": None, "status": "answered"}}

    assert with_carried(load("audit"), declined, sources(SCREEN))["audit_1"]["status"] == "declined"
    assert with_carried(load("audit"), cleared, sources(SCREEN))["audit_1"]["value"] == 3


@pytest.mark.parametrize(
    "entry",
    [
        {"value": None, "status": "declined"},
        {"value": None, "status": "answered"},
        {"value": 3, "status": "answered", "disputed": {"value": 1}},
    ],
)
def test_what_is_open_or_disputed_there_is_not_carried(entry):
    found = carried(load("audit"), {}, sources(SCREEN | {"audit_c_3": entry}))

    assert sorted(found) == ["audit_1", "audit_2"]


def test_what_skip_logic_hides_there_is_not_carried():
    found = carried(load("audit"), {}, sources(answered(audit_c_1=0, audit_c_2=4)))

    assert sorted(found) == ["audit_1"]


def test_the_full_form_is_scored_shown_and_counted_with_what_is_carried():
    form = load("audit")
    counts = with_carried(form, REST, sources(SCREEN))

    assert answers_to_items(form, counts) == [3, 2, 1, 0, 0, 1, 2, 0, 0, 2]
    assert score("audit", answers_to_items(form, counts))["total"] == 11
    assert form.progress(counts) == (10, 10)


def test_nothing_is_carried_without_the_other_form():
    assert carried(load("audit"), {}, {}) == {}
    assert carried(load("phq9"), {}, sources(SCREEN)) == {}
