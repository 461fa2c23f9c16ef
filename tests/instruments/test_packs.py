"""A text pack words a form exactly, whole, and under its license; what does not fit is answered with line and reason."""

from typing import Any

import pytest
import yaml

from intake.instruments import PackError, answers_to_items, load, read_pack, with_text

PACK: dict[str, Any] = {
    "code": "cows",
    "version": 1,
    "language": "en",
    "license": "Licensed to the clinic.",
    "source": "The clinic's own form.",
    "title": "COWS",
    "stem": "Stem as published.",
    "items": {
        item.code: {
            "text": f"Sign {item.code}.",
            "options": {option.value: f"Label {option.value}" for option in item.options},
        }
        for item in load("cows").items
    },
}


def dumped(**changes: Any) -> str:
    return yaml.safe_dump({**PACK, **changes}, sort_keys=False)


def refusal(text: str) -> PackError:
    with pytest.raises(PackError) as refused:
        read_pack(text, "pack.yaml")
    return refused.value


def test_a_pack_is_read_with_its_answers_named_as_a_form_posts_them():
    pack = read_pack(dumped(), "pack.yaml")

    assert (pack.code, pack.version, pack.language, pack.license) == ("cows", 1, "en", "Licensed to the clinic.")
    assert pack.body["items"]["cows_11"] == {
        "text": "Sign cows_11.",
        "options": {"0": "Label 0", "3": "Label 3", "5": "Label 5"},
    }


def test_a_worded_form_asks_in_the_clinics_words_and_scores_as_before():
    sheet, body = load("cows"), read_pack(dumped(), "pack.yaml").body

    worded = with_text(sheet, body)

    assert (worded.title, worded.sheet, worded.pages[0].heading) == ("COWS", (), "Stem as published.")
    assert worded.item("cows_1").text == "Sign cows_1."
    assert [option.label for option in worded.pages[0].items[0].options] == ["Label 0", "Label 1", "Label 2", "Label 4"]
    assert worded.item("cows_1").label == sheet.item("cows_1").label
    answers = {item.code: {"value": 0, "status": "answered"} for item in sheet.items}
    assert answers_to_items(worded, answers) == answers_to_items(sheet, answers)
    assert [option.value for option in worded.item("cows_2").options] == [0, 1, 2, 3, 4]


def test_the_sheet_itself_is_not_touched():
    with_text(load("cows"), read_pack(dumped(), "pack.yaml").body)

    assert load("cows").item("cows_1").text == "Pulse at rest"


SCREENER = {
    "code": "safety",
    "version": load("safety").version,
    "title": "The clinic's screener",
    "items": {code: {"text": f"Question {code}?"} for code in load("safety").sheet},
}


def test_a_pack_for_a_part_of_a_section_leaves_the_rest_of_it_as_it_is():
    section = load("safety")

    worded = with_text(section, read_pack(dumped(**SCREENER), "pack.yaml").body)

    assert worded.title == "Safety"
    assert worded.item("cssrs_q1").text == "Question cssrs_q1?"
    assert worded.item("emergency_signs") is section.item("emergency_signs")
    assert [page.heading for page in worded.pages] == [
        "Right now",
        "Stem as published.",
        "Danger to others",
        "Self-harm and crises",
    ]
    assert worded.sheet == ()


ITEMS = PACK["items"]
FEWER = {code: words for code, words in ITEMS.items() if code != "cows_7"}
CASES = [
    (dumped(surprise=1), 1, "'surprise' was unexpected"),
    (dumped(license=" "), 4, "' ' does not match"),
    (dumped(language="fr"), 3, "'fr' is not one of ['en', 'es']"),
    (dumped(version="1"), 2, "'1' is not of type 'integer'"),
    (dumped(code="asrm"), 1, "ASRM may not be loaded: its owner does not allow its text here."),
    (dumped(code="phq8"), 1, "There is no questionnaire phq8 in version 1."),
    (dumped(version=9), 1, "There is no questionnaire cows in version 9."),
    (dumped(code="cssrs"), 1, "The questions of cssrs stand in the questionnaire safety: write code: safety."),
    (dumped(code="hark"), 1, "The questions of hark stand in the questionnaire home: write code: home."),
    (dumped(code="goals"), 1, "Goals and preferences is this product's own wording and takes no text pack."),
    (dumped(items=FEWER), 8, "The wording of cows_7 is missing."),
    (dumped(items={**ITEMS, "cows_12": {"text": "More."}}), None, "cows_12 is not an item that a text pack words."),
    (dumped(items={**ITEMS, "cows_1": {"text": "Pulse."}}), None, "cows_1 has no label for the answer 0."),
    (
        dumped(items={**ITEMS, "cows_1": {"text": "Pulse.", "options": {3: "Three"}}}),
        11,
        "3 is not an answer of cows_1.",
    ),
    (dumped(items={**ITEMS, "cows_1": {"text": ""}}), 10, "should be non-empty"),
    ("code: cows\ncode: cows\n", 2, "the key 'code' is given twice"),
    ("code: [cows\n", 2, "expected ',' or ']'"),
    ("code: cows\ntitle: \x00\n", 2, "special characters are not allowed"),
    ("- a list\n", 1, "is not of type 'object'"),
    ("", 1, "None is not of type 'object'"),
]


@pytest.mark.parametrize(("text", "line", "reason"), CASES, ids=lambda one: str(one)[:40])
def test_a_pack_that_does_not_fit_is_refused_with_line_and_reason(text, line, reason):
    error = refusal(text)

    assert reason in error.reason
    assert str(error) == f"pack.yaml: line {error.line}: {error.reason}"
    if "surprise" in reason:
        line = text.splitlines().index("surprise: 1") + 1
    if "cows_12" in reason:
        line = text.splitlines().index("  cows_12:") + 1
    if line is not None:
        assert error.line == line


def test_every_published_form_can_be_worded_whole_in_another_language():
    form = load("lec5")
    words = {
        item.code: {
            "text": "Suceso.",
            "options": {option.raw: "Sí" for option in item.options}
            | ({"none": "No aplica"} if item.none_label else {}),
        }
        for item in form.items
    }

    pack = read_pack(dumped(code="lec5", language="es", items=words), "pack.yaml")

    assert with_text(form, pack.body).item("lec5_1").none_label == "No aplica"
