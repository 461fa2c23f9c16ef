"""One person with two roles works in one at a time."""

from __future__ import annotations

import pytest

from accounts.models import Role, RoleAssignment
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(signed_in):
    """Somebody who is a clinician and a coordinator, acting as the first."""
    return signed_in(make.user(Role.CLINICIAN, Role.COORDINATOR))


def test_the_rights_of_the_other_role_do_not_add_up(both):
    assert both.get("/staff/inquiries/").status_code == 404


def test_choosing_a_role_changes_what_one_may_and_the_key_of_the_session(both):
    before = both.session.session_key

    response = both.post("/account/role/", {"role": "coordinator"})

    assert (response.status_code, response["Location"]) == (302, "/home/")
    assert both.session.session_key != before
    assert both.get("/staff/inquiries/").status_code == 200


def test_the_menu_names_the_role_one_acts_in_and_offers_the_other(both):
    html = both.get("/staff/people/").content.decode()

    assert "<small>Clinician</small>" in html
    assert 'name="role" value="coordinator"' in html
    assert 'name="role" value="clinician"' not in html


@pytest.mark.parametrize("role", ["supervisor", "admin", "", "nonsense"])
def test_a_role_that_one_does_not_hold_is_not_there(both, role):
    assert both.post("/account/role/", {"role": role}).status_code == 404


def test_the_choice_is_a_post(both):
    assert both.get("/account/role/").status_code == 405


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(both):
    both.post("/account/role/", {"role": "coordinator"})
    RoleAssignment.objects.filter(role=Role.COORDINATOR).delete()

    assert both.get("/staff/inquiries/").status_code == 404
    assert both.get("/staff/people/").status_code == 200  # and one acts in the role that is left
