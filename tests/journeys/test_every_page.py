"""Every page that has no story of its own: reached, readable by everybody, without a complaint."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

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
        "/staff/waitlist/",
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


def in_every_state(patient) -> list[str]:
    """Money of one person in every state its pages have; the pages on which it stands."""
    today, day = timezone.now().date(), timedelta(days=1)
    spans = {"starts_on": today - 30 * day, "ends_on": today + 60 * day, "recorded_at": timezone.now()}
    income = {"household": 1, "income": 20000, "scale_on": date(2025, 1, 15), "poverty_percent": 128, "discount": 60}
    with transaction.atomic():
        make.coverage(patient, authorization_needed=True)
        allowed = make.authorization(patient, **spans, units=24, per_week=3, review_due_on=today)
        make.authorization(patient, **spans | {"ends_on": today + 2 * day})
        make.authorization(patient, **spans | {"ends_on": today - 2 * day})
        make.authorization(patient, decision="denied", denial_reason="Less would do", appeal_by_on=today + 20 * day)
        make.authorization(patient, decision="pending", number="")
        ended = {"ended_at": timezone.now(), "ended_by": patient.registered_by}
        make.authorization(patient, **ended)
        before = make.estimate(patient, **ended)
        late = make.estimate(patient, **income, since_on=today - 9 * day, due_on=today - day)
        agreed = make.plan(patient, *["100.00"] * 6, disclosure="Given on paper")
    ways = (
        "",
        "authorizations/new/",
        f"authorizations/{allowed.public_id}/",
        "estimates/new/",
        f"estimates/{late.public_id}/",
        f"estimates/{before.public_id}/",
        "plans/new/",
        f"plans/{agreed.public_id}/end/",
    )
    return [f"/staff/people/{patient.public_id}/coverage/{way}" for way in ways]


def test_pages_of_coverage_in_every_state(visit, with_password):
    place = make.location()
    nothing, everything = make.patient(location=place), make.patient(location=place)
    paths = [f"/staff/people/{nothing.public_id}/coverage/", *in_every_state(everything)]
    desk = visit()
    desk.sign_in(with_password(make.user(Role.COORDINATOR, at=place)))
    for path in paths:
        desk.open(path)
        assert desk.page.locator("h1").count() == 1, path
        for fold in desk.page.locator("details.ui-fold").all():
            fold.evaluate("fold => fold.open = true")
        desk.is_accessible()
