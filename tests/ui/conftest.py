"""A page that serves itself: rendered templates and static files, without a server or a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@pytest.fixture
def serve_static(page):
    """Answer every request for a static file from the finders; tests add routes of their own after it."""

    def answer(route):
        found = finders.find(route.request.url.split("/static/", 1)[1].split("?")[0])
        if not found:
            return route.fulfill(status=404)
        return route.fulfill(path=found, content_type=KINDS.get(Path(found).suffix, "text/plain"))

    page.route("**/static/**", answer)
