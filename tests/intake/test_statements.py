"""The words that people are asked and sign: complete in both languages, and with nothing left to fill in."""

from __future__ import annotations

import re

import pytest

from intake.models import ELEMENTS, Channel, Consent
from intake.statements import LANGUAGES, asked_about, consent_text, group_agreement, read


def leaves(node, path=()):
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*path, key))
    else:
        yield path, node


@pytest.mark.parametrize("name", ["contact.yaml", "consents.yaml", "group.yaml"])
def test_everything_is_said_in_both_languages_with_the_same_blanks(name):
    said = {path: words for path, words in leaves(read(name)) if path[-1] in LANGUAGES}
    assert said
    for path, words in said.items():
        other = said[(*path[:-1], "es" if path[-1] == "en" else "en")]
        assert sorted(set(re.findall(r"\$\w+", words))) == sorted(set(re.findall(r"\$\w+", other))), path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Consent.Kind))
def test_a_consent_has_a_part_for_each_element_and_no_blank_left(kind, language):
    text = consent_text(kind, language)
    assert {part.name for part in text.parts} == {*ELEMENTS, "ends"}
    assert len(text.version) <= 20
    assert "$" not in text.with_answers({})
    assert text.part("revocation").says
    assert text.part("statement").says


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_way_is_asked_about_and_unencrypted_ones_tell_their_risk(language):
    risk = {"en": "not encrypted", "es": "cifrad"}[language]
    for channel in Channel:
        asked = asked_about(channel, language)
        assert next(iter(asked.asks)) == "wanted"
        assert (risk in asked.statement) == (channel in {Channel.TEXT, Channel.EMAIL})
        assert ("Oak Street Clinic" in asked.statement) == asked.says_who
        assert asked.text().splitlines() == [asked.statement, *asked.asks.values()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_group_agreement_says_what_the_law_does_not(language):
    text = group_agreement(language)
    signed = text.signed("Rosa Marlow")
    assert len(text.points) == 7
    assert all(point in signed for point in text.points)
    assert "$" not in signed
    assert signed.endswith("Rosa Marlow")
