"""Numbers of a rule set: found where they stand, bounded by what they are compared with, written in place."""

from decimal import Decimal

import pytest
import yaml

from programs.matching import RuleSetError, load_ruleset
from programs.matching.document import RULES
from programs.matching.numbers import LIMITS, Number, numbers, with_numbers, with_version

TEXT = (RULES / "default.yaml").read_text(encoding="utf-8")
FOUND = {number.key: number for number in numbers(TEXT)}


def at(key: str) -> Number:
    return FOUND[key]


def test_every_number_is_where_it_says():
    assert all(Decimal(TEXT[number.start : number.end]) == number.value for number in FOUND.values())
    assert len(FOUND) == 170


@pytest.mark.parametrize(
    ("key", "value", "lowest", "highest"),
    [
        ("evidence.families.0.rows.1.options.0.when.0", "20", "0", "27"),  # PHQ-9
        ("evidence.families.2.rows.1.options.0.when.0", "33", "0", "80"),  # PCL-5
        ("evidence.families.1.rows.1.options.0.when.0", "1.87", "0", "4"),  # BSL-23
        ("gates.2.triggers.1.when.0", "13", "0", "48"),  # COWS
        ("level_of_care.rows.11.when.0", "2", "0", "4"),  # a rating
        ("terms.needs_iop.4", "3", "0", "4"),  # in a text that is folded over lines
        ("evidence.families.0.rows.1.options.0.points.0", "4", "1", "4"),
        ("gates.3.clearance.within_days.0", "7", "0", "1000"),
        ("confidence.levels.0.days_at_most.0", "14", "0", "1000"),
        ("selection.rules.6.when.0", "1", "0", "12"),  # a lead in points
    ],
)
def test_a_number_has_the_range_of_what_it_is_compared_with(key, value, lowest, highest):
    number = at(key)

    assert (number.value, number.lowest, number.highest) == (Decimal(value), Decimal(lowest), Decimal(highest))


@pytest.mark.parametrize(
    ("key", "value", "refusal"),
    [
        ("evidence.families.0.rows.1.options.0.when.0", "28", "Enter a whole number from 0 to 27."),
        ("evidence.families.0.rows.1.options.0.when.0", "20.5", "Enter a whole number from 0 to 27."),
        ("evidence.families.1.rows.1.options.0.when.0", "1.875", "Enter a number from 0 to 4."),
        ("evidence.families.1.rows.1.options.0.when.0", "1.9", None),
        ("level_of_care.rows.11.when.0", "-1", "Enter a whole number from 0 to 4."),
    ],
)
def test_a_number_out_of_range_is_refused_with_a_sentence(key, value, refusal):
    assert at(key).refusal(Decimal(value)) == refusal


def test_every_number_can_be_changed_and_the_rest_of_the_text_stays():
    others = {
        number.key: number.lowest if number.value != number.lowest else number.lowest + number.step
        for number in FOUND.values()
    }

    changed = with_numbers(TEXT, others)

    assert {number.key: number.value for number in numbers(changed)} == others
    assert without_numbers(changed) == without_numbers(TEXT)


def without_numbers(text: str) -> str:
    kept, place = "", 0
    for number in sorted(numbers(text), key=lambda number: number.start):
        kept, place = kept + text[place : number.start], number.end
    return kept + text[place:]


def test_several_at_once_and_a_decimal_as_people_write_it():
    changed = with_numbers(
        TEXT, {"evidence.families.1.rows.1.options.0.when.0": Decimal("1.90"), "terms.needs_iop.4": Decimal(2)}
    )

    assert 'when: "any(bsl23.mean >= 1.9, dbt.feature_count at least 6)"' in changed
    assert "dimension.d4 <= 2, dimension.d6 <= 2," in changed


@pytest.mark.parametrize("key", sorted(LIMITS))
def test_the_limits_are_those_of_the_schema(key):
    low, high = LIMITS[key]
    number = next(number for number in FOUND.values() if number.path[-1] == key)

    for value in (low, high):
        load_or_word(with_numbers(TEXT, {number.key: Decimal(value)}))
    for value in (low - 1, high + 1):
        with pytest.raises(RuleSetError):
            with_numbers(TEXT, {number.key: Decimal(value)})


def load_or_word(text: str) -> None:
    assert yaml.safe_load(text)["schema"] == "iop.ruleset/1"


def test_a_version_is_written_in_its_place():
    changed = with_version(TEXT, '2026.2 "trial"')

    assert load_ruleset(changed).version == '2026.2 "trial"'
    assert changed.replace('"2026.2 \\"trial\\""', '"2026.1"') == TEXT


def test_letters_outside_ascii_and_windows_lines_move_no_number():
    text = TEXT.replace("title: Adult", "title: Für Erwachsene 🙂 Adult").replace("\n", "\r\n")

    changed = with_numbers(text, {"level_of_care.rows.11.when.0": Decimal(1)})

    assert "when: all(needs_iop, dimension.d7 <= 1)\r\n" in changed
    assert changed.replace("d7 <= 1)\r\n      says: Needs", "d7 <= 2)\r\n      says: Needs") == text
