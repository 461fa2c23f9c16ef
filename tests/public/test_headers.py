"""What every answer carries, whatever made it (EXPERIENCE 13.1, SEC-25, SEC-26)."""

from __future__ import annotations

import pytest

from accounts.models import Role
from tests import make

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
ANSWERS = {
    "a page": ("/", 200),
    "the crisis page": ("/help-now/", 200),
    "a page that is not there": ("/nothing/", 404),
    "a redirect to sign-in": ("/staff/", 302),
    "the sign-in": ("/sign-in/", 200),
    "health": ("/healthz/", 200),
}


def directives(response) -> dict[str, str]:
    parts = [part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return dict(parts)


@pytest.mark.parametrize(("path", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_carries_the_headers(client, path, status):
    response = client.get(path)

    assert response.status_code == status
    assert directives(response) == STRICT
    for name, value in ALWAYS.items():
        assert value in response[name], name
    assert "camera=()" in response["Permissions-Policy"]


def test_the_admin_alone_is_looser_and_only_where_its_theme_needs_it(signed_in):
    admin = signed_in(make.user(Role.ADMIN, is_staff=True, is_superuser=True))

    response = admin.get("/admin/")

    assert response.status_code == 200
    assert directives(response) == {
        **STRICT,
        "script-src": "'self' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
    }


def test_a_signed_in_page_is_not_kept_by_any_cache(signed_in):
    response = signed_in(make.user(Role.COORDINATOR)).get("/staff/inquiries/")

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert directives(response) == STRICT


def test_production_asks_for_https_for_a_year(client, settings):
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60

    response = client.get("/help-now/", secure=True)

    assert "max-age=31536000" in response["Strict-Transport-Security"]
