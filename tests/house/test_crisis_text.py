"""A clinic goes live with its own words for an emergency, or is told that they are missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings as real
from django.core.checks import run_checks

from accounts.models import Role
from iop.checks import crisis_text_is_written
from iop.config import Environment
from tests import make


@pytest.fixture
def written(settings):
    def write(text: str) -> None:
        settings.CLINIC = replace(real.CLINIC, crisis_text=text)

    return write


def test_only_a_demo_clinic_comes_with_a_text():
    assert "988" in Environment({}).clinic(debug=True).crisis_text
    assert Environment({}).clinic(debug=False).crisis_text == ""
    assert Environment({"CLINIC_CRISIS_TEXT": "Ring the bell."}).clinic(debug=True).crisis_text == "Ring the bell."


@pytest.mark.parametrize("text", ["", "  \n"])
def test_the_deploy_check_fails_while_the_text_is_empty(written, text):
    written(text)
    assert "iop.E001" in [found.id for found in run_checks(include_deployment_checks=True)]


def test_the_deploy_check_passes_once_the_text_is_written(written):
    written("Ring the bell at Mill Street.")
    assert crisis_text_is_written() == []


def test_help_now_shows_the_text(client, written):
    written("Ring the bell <b>twice</b>.")
    assert "Ring the bell &lt;b&gt;twice&lt;/b&gt;." in client.get("/help-now/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "warned"), [("", True), ("Ring the bell.", False)])
def test_the_index_of_the_admin_warns_while_the_text_is_empty(signed_in, written, text, warned):
    written(text)
    administrator = signed_in(make.user(Role.ADMIN, is_staff=True, is_superuser=True))
    page = administrator.get("/admin/").content.decode()
    assert "Programs" in page
    assert ("There is no crisis text yet" in page) is warned
