"""Files as production serves them: a page that names one missing from the manifest is a 500 only there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template

OTHERS = ["admin", "unfold", "account", "debug_toolbar", "bootstrap-*", "*.rtl.*", "*.esm.*"]
MANIFEST = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}


@pytest.fixture
def manifest(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {**settings.STORAGES, **MANIFEST}
    call_command("collectstatic", "--noinput", "-v0", *(word for name in OTHERS for word in ("-i", name)))
    return json.loads((tmp_path / "staticfiles.json").read_text())["paths"]


def test_every_file_a_page_names_is_in_the_manifest(manifest):
    named = set()
    for template in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        named.update(re.findall(r'{% static "([^"]+)" %}', template.read_text(encoding="utf-8")))
    assert named
    assert named - set(manifest) == set()


def test_fonts_that_came_after_the_manifest_fail_no_page(manifest, monkeypatch):
    monkeypatch.setattr("iop.templatetags.ui.finders.find", lambda path: path)
    monkeypatch.setattr("iop.templatetags.ui.static", _unknown)
    assert Template("{% fonts %}").render(Context()) == ""


def _unknown(path):
    raise ValueError(f"Missing staticfiles manifest entry for '{path}'")
