"""The colors of EXPERIENCE 11.1 and 11.2: every pair we use is recomputed from the stylesheet itself."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
CSS = (STATIC / "css" / "tideway.css").read_text(encoding="utf-8")
STAFF = (STATIC / "css" / "staff.css").read_text(encoding="utf-8")
TEXT, LARGE = 4.5, 3.0

TEXT_PAIRS = [
    *(
        ("ink", ground)
        for ground in ("paper", "surface", "sunk", "action-soft", "action-tint", "plum-soft", "dusk-soft")
    ),
    *(("ink", ground) for ground in ("fern-soft", "amber-soft", "brick-soft")),
    *(("ink-2", ground) for ground in ("paper", "surface", "sunk", "action-tint", "action-soft")),
    ("ink-3", "surface"),
    *(
        ("action-text", ground)
        for ground in ("paper", "surface", "action-soft", "action-tint", "plum-soft", "dusk-soft")
    ),
    *(("action-text", ground) for ground in ("amber-soft", "fern-soft", "brick-soft")),
    *(("action-strong", ground) for ground in ("paper", "surface", "action-soft", "action-tint")),
    ("on-action", "action"),
    ("on-action", "action-strong"),
    ("on-solid", "solid"),
    ("solid-text", "solid"),
    ("solid-sun", "solid"),
    ("on-sun", "sun-button"),
    *((tone, f"{tone}-soft") for tone in ("amber", "dusk", "fern", "brick", "plum")),
    *((tone, "surface") for tone in ("amber", "dusk", "fern", "brick", "plum")),
    *((tone, "paper") for tone in ("amber", "dusk", "fern", "brick")),
    ("on-plum", "plum"),
    *(("ink", f"band-{band}") for band in range(5)),
]
SHAPE_PAIRS = [
    *(("control", ground) for ground in ("paper", "surface", "sunk")),
    ("focus", "paper"),
    ("focus", "surface"),
    ("halo", "focus"),
    ("action", "sunk"),
    ("dusk", "sunk"),
    ("solid-line", "solid"),
]


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", block))


LIGHT = tokens(CSS.split("@media screen")[0])
SYSTEM_DARK = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', CSS, re.S)[1]
CHOSEN_DARK = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', CSS, re.S)[1]
THEMES = {"light": LIGHT, "dark": {**LIGHT, **tokens(SYSTEM_DARK)}}


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_its_ground(theme, front, ground):
    colors = THEMES[theme]
    assert contrast(colors[front], colors[ground]) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground"), SHAPE_PAIRS)
def test_shapes_that_carry_meaning_stand_out(theme, front, ground):
    colors = THEMES[theme]
    assert contrast(colors[front], colors[ground]) >= LARGE


@pytest.mark.parametrize(
    ("theme", "front", "ground", "ratio"),
    [
        ("light", "ink", "paper", 13.41),
        ("light", "ink-2", "surface", 7.35),
        ("light", "on-action", "action", 7.84),
        ("light", "on-solid", "solid", 10.45),
        ("light", "plum", "plum-soft", 9.26),
        ("light", "focus", "paper", 14.17),
        ("dark", "ink", "paper", 15.22),
        ("dark", "on-action", "action", 8.85),
        ("dark", "action-text", "surface", 10.07),
        ("dark", "plum", "plum-soft", 8.38),
        ("dark", "on-plum", "plum", 10.26),
        ("dark", "focus", "surface", 10.82),
    ],
)
def test_the_published_ratios_hold(theme, front, ground, ratio):
    assert contrast(THEMES[theme][front], THEMES[theme][ground]) == pytest.approx(ratio, abs=0.01)


def test_the_chosen_and_the_systems_dark_theme_are_one():
    assert [line.strip() for line in SYSTEM_DARK.split()] == [line.strip() for line in CHOSEN_DARK.split()]


def test_components_name_colors_only_by_token():
    components = CSS.split("/* Ground */")[1].split("@page")[0] + STAFF.split("@media print")[0]
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b", components) == []


def test_only_logical_directions_are_used():
    physical = (
        r"\b(?:margin|padding|border)-(?:left|right|top|bottom)\b|(?<![-\w])(?:left|right|top|bottom|width|height):"
    )
    assert re.findall(physical, CSS + STAFF) == []


@pytest.mark.parametrize(
    ("name", "budget"), [("css/tideway.css", 8_000), ("css/staff.css", 4_000), ("js/tideway.js js/flow.js", 6_000)]
)
def test_what_a_first_visit_loads_stays_small(name, budget):
    compressed = sum(len(brotli.compress((STATIC / part).read_bytes())) for part in name.split())
    assert compressed <= budget


def test_stylesheet_asks_no_other_host():
    assert "http" not in CSS + STAFF
