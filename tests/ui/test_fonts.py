from __future__ import annotations

import pytest
from django.template import Context, Template
from fontTools.ttLib import TTFont

from iop.management.commands.build_fonts import CUTS, cut
from iop.templatetags import ui


@pytest.mark.parametrize("face", CUTS, ids=lambda face: face.target)
def test_a_cut_font_is_small_and_has_our_letters(tmp_path, face):
    assert cut(face, tmp_path) <= 22_000
    letters = TTFont(tmp_path / face.target).getBestCmap()
    assert {ord(letter) for letter in "aZ09ñáéíóúü¿¡–—“”’…"} <= set(letters)


def test_the_reserved_name_is_not_borne_by_a_changed_file(tmp_path):
    serif = next(face for face in CUTS if face.rename)
    cut(serif, tmp_path)
    names = TTFont(tmp_path / serif.target)["name"].names
    assert {record.toUnicode() for record in names if record.nameID in {1, 4}} == {"Page Serif"}
    assert not any("Lora" in record.toUnicode() for record in names if record.nameID in {1, 3, 4, 6, 16, 25})


def test_pages_do_without_fonts_that_were_not_built(monkeypatch):
    monkeypatch.setattr(ui.finders, "find", lambda _path: None)
    assert Template("{% fonts %}").render(Context()) == ""


def test_pages_link_and_preload_built_fonts(monkeypatch):
    monkeypatch.setattr(ui.finders, "find", lambda path: path)
    html = Template("{% fonts %}").render(Context())
    assert 'rel="preload"' in html
    assert "fonts/fonts.css" in html
