"""What the content policy and EXPERIENCE 4 forbid, looked for in every template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
COMPONENTS = [name for name in TEMPLATES if name.startswith("ui/")]
FORBIDDEN = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "htmx script": r"hx-on|hx-vals\s*=\s*.js:",
    "a placeholder instead of a label": r"\splaceholder\s*=",
    "another host": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_keeps_to_the_policy(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    "offence", ['<p style="x">', "<script>x</script>", '<a onclick="x">', '<img src="https://a.test/b">']
)
def test_the_search_finds_a_planted_offence(offence):
    assert any(re.search(pattern, offence) for pattern in FORBIDDEN.values())


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_says_how_it_is_used(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.match(r"(\{% load [^%]+%\})?(\{#|\{% comment %\})", text)
