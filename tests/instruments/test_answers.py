"""Posted text becomes a stored value, or a sentence that says what to do; skip logic and progress follow."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.instruments import AnswerError, catalog, load
from intake.instruments.answers import LONGEST_TEXT

TODAY = date(2026, 3, 2)


def clean(questionnaire: str, item: str, raw: object) -> object:
    return load(questionnaire).clean(item, raw, today=TODAY)


def answered(**values: Any) -> dict[str, dict[str, Any]]:
    return {code: {"value": value, "at": "2026-03-02", "status": "answered"} for code, value in values.items()}


@pytest.mark.parametrize(
    ("questionnaire", "item", "raw", "value"),
    [
        ("phq9", "phq9_1", "2", 2),
        ("phq9", "phq9_1", 2, 2),
        ("phq9", "phq9_1", "", None),
        ("pcptsd5", "pcptsd5_exposure", "yes", True),
        ("pcptsd5", "pcptsd5_exposure", "no", False),
        ("pcptsd5", "pcptsd5_exposure", True, True),
        ("bipf", "bipf_1", "na", "na"),
        ("drug_single_item", "drug_times", " 12 ", 12),
        ("coping", "bsl23_mean", "1.87", 1.87),
        ("safety", "cssrs_date", "2026-03-02", "2026-03-02"),
        ("safety", "cssrs_date", "3/1/2026", "2026-03-01"),
        ("safety", "emergency_signs", ["none"], []),
        ("safety", "emergency_signs", ["weapon", "overdose"], ["overdose", "weapon"]),
        ("safety", "emergency_signs", [], None),
        ("goals", "own_words", "  Sleep again.\r\nWork.  ", "Sleep again.\nWork."),
        ("goals", "own_words", "   ", None),
        ("home", "alone", "on", True),
    ],
)
def test_posted_text_becomes_the_stored_value(questionnaire, item, raw, value):
    stored = clean(questionnaire, item, raw)

    assert stored == value
    assert type(stored) is type(value)


@pytest.mark.parametrize(
    ("questionnaire", "item", "raw", "sentence"),
    [
        ("phq9", "phq9_1", "7", "“7” is not one of the answers. Choose one of those shown."),
        ("phq9", "phq9_1", True, "“True” is not one of the answers. Choose one of those shown."),
        ("phq9", "phq9_1", ["1", "2"], "Give one answer to this question."),
        ("pcptsd5", "pcptsd5_exposure", 1, "“1” is not one of the answers. Choose one of those shown."),
        ("drug_single_item", "drug_times", "twelve", "Enter a whole number in digits, such as 3. “twelve” is not one."),
        ("drug_single_item", "drug_times", "1.5", "Enter a whole number in digits, such as 3. “1.5” is not one."),
        ("drug_single_item", "drug_times", "١٢", "Enter a whole number in digits, such as 3. “١٢” is not one."),
        ("drug_single_item", "drug_times", "400", "Enter a number from 0 to 366. 400 is outside that range."),
        ("drug_single_item", "drug_times", "-1", "Enter a number from 0 to 366. -1 is outside that range."),
        (
            "coping",
            "bsl23_mean",
            "1.875",
            "Enter a number with at most two decimals, such as 1.87. “1.875” is not one.",
        ),
        ("coping", "bsl23_mean", "nan", "Enter a number with at most two decimals, such as 1.87. “nan” is not one."),
        ("safety", "cssrs_date", "2026-03-03", "March 3, 2026 is in the future. Enter today's date or an earlier one."),
        (
            "safety",
            "cssrs_date",
            "2/30/2026",
            "Enter a date as month/day/year, such as 3/11/2026. “2/30/2026” is not a date.",
        ),
        ("safety", "cssrs_date", "1026-03-01", "Enter a date after 1900."),
        ("safety", "emergency_signs", ["none", "weapon"], "Choose either “None of these” or the others, not both."),
        ("safety", "emergency_signs", ["fire"], "“fire” is not one of the answers. Choose from those shown."),
        (
            "goals",
            "own_words",
            "a\x00b",
            "This answer holds characters that cannot be shown. Type it again without them.",
        ),
        (
            "goals",
            "own_words",
            "\ud800",
            "This answer holds characters that cannot be shown. Type it again without them.",
        ),
        ("goals", "own_words", "x" * 2_000_000, "This answer has 2,000,000 characters. Shorten it to 5,000 or fewer."),
        ("home", "alone", "off", "Tick the box or leave it empty."),
    ],
    ids=lambda one: str(one)[:24].encode("ascii", "replace").decode(),
)
def test_bad_input_is_answered_by_a_sentence(questionnaire, item, raw, sentence):
    with pytest.raises(AnswerError) as refused:
        clean(questionnaire, item, raw)

    assert str(refused.value) == sentence


def test_the_longest_text_is_kept_whole():
    assert clean("goals", "own_words", "x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


ITEMS = [(one, item.code) for one in catalog() for item in one.items]


@given(
    st.sampled_from(ITEMS), st.one_of(st.text(max_size=60), st.lists(st.text(max_size=9)), st.integers(), st.booleans())
)
def test_whatever_is_posted_is_stored_as_a_value_of_the_item_or_refused_in_words(place, raw):
    questionnaire, code = place
    try:
        value = questionnaire.clean(code, raw, today=TODAY)
    except AnswerError:
        return
    # What was stored is accepted again as it is, so that it can be edited and saved.
    assert value is None or value == [] or questionnaire.clean(code, value, today=TODAY) == value


def test_every_option_can_be_posted_and_is_stored_as_itself():
    for questionnaire, code in ITEMS:
        item = questionnaire.item(code)
        for option in item.options if item.kind != "multi" else ():
            assert questionnaire.clean(code, option.raw, today=TODAY) is option.value
            assert item.option(option.value) is option


def test_number_keys_choose_by_value_and_yes_and_no_by_their_letter():
    difficulty = load("bipf").item("bipf_1").options
    exposure = load("pcptsd5").item("pcptsd5_exposure").options

    assert [option.key for option in difficulty] == ["0", "1", "2", "3", "4", "5", "6", None]
    assert [option.key for option in exposure] == ["y", "n"]


def test_an_item_behind_a_condition_shows_when_it_holds():
    screen = load("pcptsd5")

    assert [item.code for item in screen.shown({})] == ["pcptsd5_exposure"]
    assert len(screen.shown(answered(pcptsd5_exposure=True))) == 6
    assert len(screen.shown(answered(pcptsd5_exposure=False))) == 1
    assert len(screen.shown({"pcptsd5_exposure": {"value": True, "status": "declined"}})) == 1


def test_a_hidden_answer_counts_for_no_condition_and_returns_when_shown_again():
    form = load("audit")
    never = answered(audit_1=0, audit_2=3, audit_3=2, audit_4=1)

    assert [item.code for item in form.shown(never)] == ["audit_1", "audit_9", "audit_10"]
    assert form.values(never) == {"audit_1": 0, "audit_9": None, "audit_10": None}
    assert form.values(never | answered(audit_1=2))["audit_4"] == 1


def test_two_zeros_on_the_full_alcohol_form_go_on_to_the_ninth():
    shown = [item.code for item in load("audit").shown(answered(audit_1=1, audit_2=0, audit_3=0))]

    assert shown == ["audit_1", "audit_2", "audit_3", "audit_9", "audit_10"]


def test_skip_logic_never_hides_a_danger_that_was_reported():
    shown = [item.code for item in load("safety").shown(answered(cssrs_q2=False, cssrs_q4=True, cssrs_q5=False))]

    assert "cssrs_q4" in shown
    assert "cssrs_q5" not in shown


def test_violence_is_asked_only_alone():
    home = load("home")

    assert "hark_afraid" not in [item.code for item in home.shown({})]
    assert "hark_afraid" in [item.code for item in home.shown(answered(alone=True))]
    assert "hark_afraid" in [item.code for item in home.shown(answered(hark_afraid=True))]


def test_progress_counts_required_items_answered_or_left_with_a_reason():
    form = load("phq9")
    answers = answered(phq9_1=0, phq9_2=3, phq9_difficulty=1) | {"phq9_3": {"value": None, "status": "declined"}}

    assert form.progress({}) == (0, 9)
    assert form.progress(answers) == (3, 9)


def test_progress_follows_what_is_shown():
    screen = load("pcptsd5")

    assert screen.progress(answered(pcptsd5_exposure=False)) == (1, 1)
    assert screen.progress(answered(pcptsd5_exposure=True)) == (1, 6)
