from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from lucide import IconDoesNotExist

from iop.templatetags.ui import SESSION_STATUS, icon

# EXPERIENCE 11.4.
NAMED = [
    "check",
    "clock",
    "map-pin",
    "video",
    "calendar-days",
    "calendar-plus",
    "list-checks",
    "heart-handshake",
    "user-round",
    "phone",
    "life-buoy",
    "circle-alert",
    "circle-dashed",
    "plus",
    "minus",
    "shuffle",
    "scale",
    "globe",
    "printer",
    "search",
    "lock",
    "wifi-off",
    "arrow-left",
    "chevron-left",
    "chevron-right",
    "trending-up",
    "trending-down",
    "equal",
    "users",
    "bell",
    "info",
]


def used_names() -> set[str]:
    found = {name for _tone, name, _words in SESSION_STATUS.values()}
    for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        found.update(re.findall(r'{% icon "([\w-]+)" %}', text))
        found.update(re.findall(r'(?:drawing|action_icon)="([\w-]+)"', text))
    return found


@pytest.mark.parametrize("name", sorted({*NAMED, *used_names()}))
def test_icon_is_drawn_hidden_and_without_style(name):
    drawing = Template('{% icon "' + name + '" %}').render(Context())
    assert drawing.startswith("<svg")
    assert 'aria-hidden="true"' in drawing
    assert 'width="1.25em"' in drawing
    assert "style=" not in drawing


def test_unknown_icon_fails_where_it_is_written():
    with pytest.raises(IconDoesNotExist):
        icon("no-such-drawing")
