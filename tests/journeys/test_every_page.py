"""Every page that has no story of its own: reached, readable by everybody, without a complaint."""

from __future__ import annotations

import pytest

from accounts.models import Role
from tests import make

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PUBLIC = (
    "/",
    "/programs/",
    "/how-it-works/",
    "/costs/",
    "/families/",
    "/privacy/",
    "/accessibility/",
    "/contact/",
    "/help-now/",
)
OF_ROLE = {
    Role.COORDINATOR: (
        "/staff/",
        "/staff/people/",
        "/staff/people/new/",
        "/staff/inquiries/",
        "/staff/inquiries/new/",
        "/staff/coverage/",
        "/staff/messages/",
    ),
    Role.SUPERVISOR: (
        "/staff/",
        "/staff/people/",
        "/staff/safety/",
        "/staff/inquiries/",
        "/staff/messages/",
        "/staff/reports/recommendations/",
    ),
    Role.PATIENT: ("/my/", "/my/forms/", "/my/care/safety-plan/"),
}


def test_public_pages_are_calm_for_everybody(visit):
    cohort = make.cohort()
    visitor = visit()
    for path in (*PUBLIC, f"/programs/{cohort.program.slug}/"):
        visitor.open(path)
        assert visitor.page.locator("h1").count() == 1, path
        visitor.is_accessible()


@pytest.mark.parametrize("role", OF_ROLE)
def test_pages_of_a_role(role, visit, with_password):
    place = make.location()
    person = with_password(make.user(role, at=place))
    if role == Role.PATIENT:
        make.patient(location=place, user=person)
    someone = visit()
    someone.sign_in(person)
    for path in OF_ROLE[role]:
        someone.open(path)
        assert someone.page.locator("h1").count() == 1, path
        someone.is_accessible()
