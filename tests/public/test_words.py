"""No page uses a word of docs/words.yaml, and none shouts."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LIST = yaml.safe_load((ROOT / "docs" / "words.yaml").read_text(encoding="utf-8"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "styleguide" not in path.parts)
CODE = sorted(
    path
    for app in ("accounts", "intake", "messaging", "programs", "scheduling")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)
# Code whose strings patients and visitors read.
PATIENT_CODE = {
    "intake/forms/inquiries.py",
    "intake/forms/contact.py",
    "intake/views/public.py",
    "intake/forms/fields.py",
    "programs/catalog.py",
    "accounts/forms.py",
}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@lru_cache(maxsize=512)
def words_of_template(source: str) -> str:
    """What a person may read of a template: text between tags, and the quoted sentences inside template tags."""
    source = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", " ", source, flags=re.DOTALL)
    quoted = [text for tag in re.findall(r"{%.*?%}", source) for text in re.findall(r'"([^"]*)"', tag)]
    sentences = [text for text in quoted if re.search(r"[ A-Z]", text)]
    plain = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", source)
    return re.sub(r"\s+", " ", " ".join([plain, *sentences]))


def words_of_code(source: str) -> str:
    return " ".join(re.findall(r'\b_\(\s*"([^"]*)"', source))


def pattern(word: str) -> re.Pattern[str]:
    ending = re.escape(word).replace(r"\*", r"\w*")
    return re.compile(rf"\b{ending}\b", re.IGNORECASE)


def found_in(text: str, *, patient_side: bool) -> list[str]:
    found = []
    for rule in LIST["words"]:
        if rule["scope"] == "patient" and not patient_side:
            continue
        rest = text
        for allowed in rule.get("allow", ()):
            rest = rest.replace(allowed, "")
        if pattern(rule["not"]).search(rest):
            found.append(f"{rule['not']}: say {rule['say']}")
    return found


def is_patient_side(name: str) -> bool:
    return any(fnmatch(name.removeprefix("templates/"), each) for each in LIST["patient_side"])


@pytest.mark.parametrize("name", names(TEMPLATES))
def test_template_uses_none_of_the_words(name):
    text = words_of_template((ROOT / name).read_text(encoding="utf-8"))

    assert found_in(text, patient_side=is_patient_side(name)) == []


@pytest.mark.parametrize("name", names(CODE))
def test_strings_in_code_use_none_of_the_words(name):
    text = words_of_code((ROOT / name).read_text(encoding="utf-8"))

    assert found_in(text, patient_side=name in PATIENT_CODE) == []


@pytest.mark.parametrize("name", names(TEMPLATES))
def test_template_does_not_shout(name):
    assert "!" not in words_of_template((ROOT / name).read_text(encoding="utf-8")).replace("<!doctype", "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("After a relapse you can come back.", ["relapse*"]),
        ("CBT, relapse prevention", []),
        ("This class is full.", ["class"]),
        ("Classical music", []),
        ("The client refused to answer", ["refused"]),
    ],
)
def test_the_scan_finds_what_it_looks_for(text, found):
    assert [each.split(":")[0] for each in found_in(text, patient_side=True)] == found


def test_the_scan_reads_sentences_in_tags_and_not_attributes():
    source = '<p class="class">{% translate "No relapse here" %}{# addict #}</p>{% include "x.html" with text=_("Hurry up") %}'

    text = words_of_template(source)

    assert "No relapse here" in text
    assert "Hurry up" in text
    assert "class" not in text
    assert "addict" not in text


def test_every_patient_side_pattern_names_a_template():
    shown = [name.removeprefix("templates/") for name in names(TEMPLATES)]
    assert [each for each in LIST["patient_side"] if not any(fnmatch(name, each) for name in shown)] == []
