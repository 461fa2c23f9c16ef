"""The language of conditions: what it reads, what it refuses, and that it computes what it says."""

from itertools import product

import pytest

from programs.matching import Batch, check
from programs.matching.language import DEEPEST, LanguageError, Scope, tokenize
from programs.matching.logic import Evaluation
from programs.matching.terms import TruthTerm
from programs.matching.vocabulary import vocabulary

FACTS = Scope(vocabulary())
WORDS = ("no", "unknown", "yes")


def ask(condition: str, **facts):
    """The answer to a condition, and the facts that keep it unknown; ``d1`` stands for ``dimension.d1`` and so on."""
    names = {"d1": "dimension.d1", "d2": "dimension.d2", "safe": "environment.safe_tonight", "now": "mania.now"}
    document = {
        "schema": "iop.facts/1",
        "as_of": "2026-03-02",
        "facts": {names.get(key, key.replace("__", ".")): value for key, value in facts.items()},
    }
    see = Evaluation(Batch.of([check(document)]))
    node = FACTS.meaning(condition)
    return WORDS[see[node][0]], sorted(see.unknown(node, 0))


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        ("dimension.d1 >= 3", {"d1": 3}, "yes"),
        ("dimension.d1 >= 3", {"d1": 2}, "no"),
        ("dimension.d1 > 3", {"d1": 3}, "no"),
        ("dimension.d1 <= 2", {"d1": 2}, "yes"),
        ("dimension.d1 < 2", {"d1": 2}, "no"),
        ("dimension.d1 = 2", {"d1": 2}, "yes"),
        ("dimension.d1 in (1, 2)", {"d1": 2}, "yes"),
        ("bsl23.mean >= 1.87", {"bsl23__mean": 1.87}, "yes"),
        ("bsl23.mean >= 1.87", {"bsl23__mean": 1.86}, "no"),
        ("diagnosis.ptsd in (suspected, confirmed)", {"diagnosis__ptsd": "suspected"}, "yes"),
        ("diagnosis.ptsd = confirmed", {"diagnosis__ptsd": "suspected"}, "no"),
        ("emergency.signs contains weapon", {"emergency__signs": ["weapon"]}, "yes"),
        ("emergency.signs contains weapon", {"emergency__signs": []}, "no"),
        ("not environment.safe_tonight", {"safe": True}, "no"),
        ("missing(dimension.d1)", {}, "yes"),
        ("given(dimension.d1)", {}, "no"),
        ("certain(mania.now)", {}, "no"),
        ("not certain(mania.now)", {}, "yes"),
        ("phq9 at least 10", {"phq9__items": [3, 3, 3, 1, 0, 0, 0, None, 0]}, "yes"),
        ("phq9 at least 11", {"phq9__items": [3, 3, 3, 1, 0, 0, 0, None, 0]}, "unknown"),
        ("phq9 at least 14", {"phq9__items": [3, 3, 3, 1, 0, 0, 0, None, 0]}, "no"),
        ("phq9 at most 13", {"phq9__items": [3, 3, 3, 1, 0, 0, 0, None, 0]}, "yes"),
        ("phq9 at most 9", {"phq9__items": [3, 3, 3, 1, 0, 0, 0, None, 0]}, "no"),
    ],
)
def test_a_condition_means_what_it_says(condition, facts, expected):
    assert ask(condition, **facts)[0] == expected


def test_unknown_is_neither_yes_nor_no_and_names_its_facts():
    assert ask("dimension.d1 >= 3") == ("unknown", ["dimension.d1"])
    assert ask("diagnosis.ptsd = none") == ("unknown", ["diagnosis.ptsd"])
    assert ask("emergency.signs contains weapon") == ("unknown", ["emergency.signs"])
    assert ask("all(mania.now, dimension.d1 >= 3)", now=True) == ("unknown", ["dimension.d1"])


def test_a_condition_that_is_settled_asks_for_nothing():
    assert ask("all(mania.now, dimension.d1 >= 3)", now=False) == ("no", [])
    assert ask("any(mania.now, dimension.d1 >= 3)", now=True) == ("yes", [])


def test_an_optional_answer_that_was_not_given_reads_as_no():
    assert ask("itq.dso_met") == ("no", [])
    assert ask("bsl23.mean >= 1.87") == ("no", [])


def test_all_is_the_least_and_any_the_greatest_of_no_unknown_yes():
    for a, b in product((False, None, True), repeat=2):
        rank = {False: 0, None: 1, True: 2}
        assert ask("all(mania.now, environment.safe_tonight)", now=a, safe=b)[0] == WORDS[min(rank[a], rank[b])]
        assert ask("any(mania.now, environment.safe_tonight)", now=a, safe=b)[0] == WORDS[max(rank[a], rank[b])]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("", "expected a name at 1, found the end"),
        ("dimension.d1", "not a yes or no"),
        ("dimension.d1 >> 3", "expected a value at 15"),
        ("dimension.d1 >= high", "is a number"),
        ("dimension.d1 at least 3", "cannot be compared with 'at least'"),
        ("dimension.d11 >= 3", "dimension.d11 is not a name"),
        ("cssrs.level = hihg", "it is one of high, moderate, low, none"),
        ("cssrs.level >= high", "is a choice: use = or in"),
        ("phq9 >= 20", "use at least or at most"),
        ("phq9 at least 9.5", "whole points"),
        ("phq9 at 20", "expected least or most"),
        ("emergency.signs contains knife", "its entries are"),
        ("mania.now = yes", "cannot be compared"),
        ("missing(any(mania.now))", "expected a name"),
        ("any(mania.now", "expected )"),
        ("any()", "expected a name"),
        ("mania.now mania.now", "expected the end"),
        ("mania.now; import os", "cannot read '; import os'"),
        ("__import__('os')", "cannot read"),
        ("not", "expected a name"),
        ("dimension.d1 >= 3x", "cannot read '3x'"),
        ("context.veteran.__class__", "not a name"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(condition, reason):
    with pytest.raises(LanguageError) as refused:
        FACTS.meaning(condition)
    assert reason in str(refused.value)


def test_a_condition_nobody_could_read_aloud_is_refused_before_it_fills_the_stack():
    assert FACTS.meaning("not " * (DEEPEST - 1) + "mania.now")
    with pytest.raises(LanguageError, match="too deep"):
        FACTS.meaning("not " * 5000 + "mania.now")


def test_the_same_phrase_is_one_node():
    assert FACTS.meaning("any(mania.now, dimension.d1 >= 3)").parts()[1] is FACTS.meaning("dimension.d1  >=  3")


def test_an_inner_name_does_not_leak_outwards():
    inner = FACTS.within({"own": TruthTerm("own", FACTS.meaning("mania.now"))})

    assert inner.meaning("all(own, mania.now)")
    with pytest.raises(LanguageError, match="own is not a name"):
        FACTS.meaning("all(own, mania.now)")


def test_tokens_remember_their_place():
    assert [(token.text, token.at) for token in tokenize(" d.x>=3")] == [
        ("d.x", 2),
        (">=", 5),
        ("3", 7),
        ("the end", 8),
    ]
