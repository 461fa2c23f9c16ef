"""Stored answers become raw facts that fit the contract, and unknown stays unknown."""

import json
from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from intake.instruments import Item, Person, Questionnaire, answers_to_items, catalog, load, raw_facts, score
from intake.instruments.answers import Answers
from tests.instruments.test_score_cases import form_with

CONTRACT = Path(__file__).parent.parent / "contract"
SCHEMA = Draft202012Validator(json.loads((CONTRACT / "assessment-facts.schema.json").read_text()))
AS_OF = date(2026, 3, 2)
NOBODY = Person()


def answered(at: str = "2026-03-02T16:00:00+00:00", **values: Any) -> dict[str, dict[str, Any]]:
    return {code: {"value": value, "at": at, "status": "answered"} for code, value in values.items()}


def facts_of(code: str, answers: Answers, person: Person = NOBODY) -> dict[str, Any]:
    return raw_facts([(load(code), answers)], AS_OF, person)


def test_a_list_keeps_the_published_order_with_gaps_for_what_is_open():
    facts = facts_of("phq9", answered(phq9_9=1, phq9_1=3))

    assert facts["phq9.items"] == [3, None, None, None, None, None, None, None, 1]
    assert facts["phq9.date"] == "2026-03-02"


def test_a_form_not_given_is_null_and_has_no_date():
    facts = facts_of("pcl5", {})

    assert facts == {"pcl5.items": None, "pcl5.date": None, "person.age": None}


def test_declined_and_not_sure_are_unknown():
    answers: Answers = {
        "cssrs_q1": {"value": None, "at": "2026-03-02", "status": "declined"},
        "cssrs_q2": {"value": False, "at": "2026-03-02", "status": "not_sure"},
    }

    facts = facts_of("safety", answers)

    assert (facts["cssrs.q1"], facts["cssrs.q2"]) == (None, None)


def test_only_an_explicit_none_is_the_empty_list():
    assert facts_of("safety", {})["emergency.signs"] is None
    assert facts_of("safety", answered(emergency_signs=[]))["emergency.signs"] == []


def test_hidden_answers_are_unknown():
    facts = facts_of("audit_c", answered(audit_c_1=0, audit_c_2=4, audit_c_3=4))

    assert facts["audit_c.items"] == [0, None, None]


def test_an_evening_answer_carries_the_date_of_the_place_not_of_utc():
    late = answered("2026-03-03T03:30:00+00:00", d1=1)
    chicago = ZoneInfo("America/Chicago")

    assert raw_facts([(load("ratings"), late)], AS_OF, NOBODY, chicago)["dimension.date"] == "2026-03-02"
    assert raw_facts([(load("ratings"), late)], AS_OF, NOBODY, UTC)["dimension.date"] == "2026-03-03"


def test_a_form_is_as_old_as_its_latest_answer():
    answers = answered("2026-02-20", d1=0) | answered("2026-02-27", d2=0)

    assert facts_of("ratings", answers)["dimension.date"] == "2026-02-27"


def test_forms_that_share_a_date_are_as_old_as_the_oldest():
    responses = [
        (load("audit_c"), answered("2026-02-10", audit_c_1=2)),
        (load("drug_single_item"), answered("2026-03-01", drug_times=0)),
        (load("audit"), {}),
    ]

    assert raw_facts(responses, AS_OF, NOBODY)["audit.date"] == "2026-02-10"


def test_the_record_knows_the_age_and_stands_in_for_what_was_left_open():
    person = Person(
        born_on=date(1989, 3, 14), known={"person.sex_for_clinical_use": "female", "person.pregnant": False}
    )

    facts = facts_of("arrival", answered(sex_for_clinical_use="male"), person)

    assert facts["person.age"] == 36
    assert facts["person.sex_for_clinical_use"] == "male"
    assert facts["person.pregnant"] is False


def test_age_turns_on_the_birthday_and_is_unknown_before_birth():
    born = Person(born_on=date(2008, 2, 29))

    assert [born.age_on(day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [17, 18]
    assert born.age_on(date(2008, 2, 28)) is None
    assert NOBODY.age_on(AS_OF) is None


def test_stored_answers_are_scored():
    screen = load("pcptsd5")
    answers = answered(pcptsd5_exposure=True, pcptsd5_1=True, pcptsd5_2=False, pcptsd5_3=True, pcptsd5_4=True)

    items = answers_to_items(screen, answers)

    assert items == [1, 1, 0, 1, 1, None]
    assert score("pcptsd5", items)["cut_off"] == "positive"


def test_a_skipped_alcohol_form_scores_zero():
    items = answers_to_items(load("audit_c"), answered(audit_c_1=0, audit_c_2=4))

    assert score("audit_c", items)["total"] == 0


CIWA = {f"ciwa_{number}": 1 for number in range(1, 11)}


def test_the_total_of_a_complete_form_is_a_fact_with_its_day():
    facts = facts_of("ciwa", answered(**CIWA))

    assert (facts["ciwa.total"], facts["withdrawal.scales_date"]) == (10, "2026-03-02")


@pytest.mark.parametrize("status", ["declined", "not_sure", "not_asked"])
def test_without_a_total_the_fact_is_null(status):
    open_sign = {"ciwa_4": {"value": None, "at": "2026-03-02", "status": status}}

    assert facts_of("ciwa", answered(**CIWA) | open_sign)["ciwa.total"] is None
    assert facts_of("ciwa", {})["ciwa.total"] is None


def test_two_withdrawal_scales_are_as_old_as_the_older():
    responses = [
        (load("ciwa"), answered("2026-03-02", **CIWA)),
        (load("cows"), answered("2026-02-27", **{f"cows_{number}": 0 for number in range(1, 12)})),
    ]

    facts = raw_facts(responses, AS_OF, NOBODY)

    assert (facts["ciwa.total"], facts["cows.total"]) == (10, 0)
    assert facts["withdrawal.scales_date"] == "2026-02-27"


def test_a_total_typed_into_the_first_version_still_counts_until_the_form_itself_says_more():
    typed = (load("substance", 1), answered(ciwa_total=8, scales_date="2026-03-01"))

    before = raw_facts([typed, (load("ciwa"), {}), (load("cows"), {})], AS_OF, NOBODY)
    after = raw_facts([typed, (load("ciwa"), answered(**CIWA))], AS_OF, NOBODY)

    assert (before["ciwa.total"], before["cows.total"], before["withdrawal.scales_date"]) == (8, None, "2026-03-01")
    assert (after["ciwa.total"], after["withdrawal.scales_date"]) == (10, "2026-03-02")


def test_what_is_carried_counts_only_in_a_form_that_was_begun():
    screen = (load("audit_c"), answered(audit_c_1=3, audit_c_2=2, audit_c_3=1))

    untouched = raw_facts([screen, (load("audit"), {})], AS_OF, NOBODY)
    begun = raw_facts([screen, (load("audit"), answered(audit_4=2, audit_2=4))], AS_OF, NOBODY)

    assert untouched["audit.items"] is None
    assert begun["audit.items"] == [3, 4, 1, 2, None, None, None, None, None, None]


def test_the_first_version_of_the_full_form_carries_nothing():
    screen = (load("audit_c"), answered(audit_c_1=3, audit_c_2=2, audit_c_3=1))

    facts = raw_facts([screen, (load("audit", 1), answered(audit_4=2))], AS_OF, NOBODY)

    assert facts["audit.items"][:4] == [None, None, None, 2]


EXAMPLES = sorted((CONTRACT / "examples").glob("*.facts.json"))


def answers_that_say(facts: dict[str, Any], questionnaire: Questionnaire, at: str) -> dict[str, dict[str, Any]]:
    """Answers to one questionnaire that carry these facts, given alone with the person on the day of its date."""
    day = facts.get(questionnaire.date_fact or "") or at
    answers = answered(day, alone=True) if questionnaire.code == "home" else {}
    for item in questionnaire.items:
        value = facts.get(item.fact.key) if item.fact is not None else None
        if item.fact is not None and item.fact.index is not None and value is not None:
            value = value[item.fact.index]
        if value is not None:
            answers |= answered(day, **{item.code: value})
    total = facts.get(questionnaire.total_fact or "")
    if total is not None:
        form = form_with(questionnaire.scoring.scorer, total)
        answers |= answered(day, **dict(zip(questionnaire.scoring.items, form, strict=True)))
    return answers


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name[:2])
def test_every_example_of_the_contract_can_be_said_in_an_intake(path):
    document = json.loads(path.read_text())
    given_facts, at = document["facts"], document["as_of"]
    filled = [(one, answers_that_say(given_facts, one, at)) for one in catalog()]

    facts = raw_facts(filled, date.fromisoformat(at), NOBODY)

    # The age is the record's. Remission is not asked where there is no disorder, and null reads as none.
    for known_elsewhere in ("person.age", "substance.remission"):
        facts.pop(known_elsewhere)
        given_facts.pop(known_elsewhere, None)
    said = {key: value for key, value in facts.items() if value is not None}
    assert said == {key: value for key, value in given_facts.items() if value is not None}


def test_all_examples_are_here():
    assert len(EXAMPLES) == 26


def stored_values(item: Item) -> st.SearchStrategy[Any]:
    """What ``clean`` could have stored for this item."""
    if item.kind == "multi":
        return st.lists(st.sampled_from([option.value for option in item.options]), unique=True)
    if item.options:
        return st.sampled_from([option.value for option in item.options])
    if item.kind == "decimal":
        return st.integers(0, 400).map(lambda hundredths: hundredths / 100)
    if item.kind == "integer":
        return st.integers(item.min, item.max)
    simple = {"date": "2026-02-14", "text": "In their own words.", "checkbox": True}
    return st.just(simple[item.kind])


@st.composite
def responses(draw: st.DrawFn, questionnaire: Questionnaire) -> dict[str, dict[str, Any]]:
    chosen = draw(st.sets(st.sampled_from(questionnaire.items)))
    statuses = st.sampled_from(["answered", "answered", "answered", "declined", "not_sure", "not_asked"])
    return {
        item.code: {"value": draw(stored_values(item)), "at": "2026-03-01T12:00:00Z", "status": draw(statuses)}
        for item in sorted(chosen, key=lambda item: item.code)
    }


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_is_answered_the_facts_fit_the_contract(data):
    filled = [(one, data.draw(responses(one))) for one in catalog()]

    facts = raw_facts(filled, AS_OF, Person(born_on=date(1989, 3, 14)))

    document = {"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": facts}
    SCHEMA.validate(document)
    for questionnaire, answers in filled:
        if questionnaire.scoring is not None:
            score(questionnaire.scoring.scorer, answers_to_items(questionnaire, answers), "female")
