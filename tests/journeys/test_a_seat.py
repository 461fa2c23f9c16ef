"""A clinician goes from the decision to a held seat, signs what is missing with the person, and enrolls them."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from scheduling import actions
from scheduling.models import Enrollment
from tests import make
from tests.scheduling import people

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(with_password):
    """A clinician, Rosa with an open check, and a cohort with one place left; another to move to."""
    place = make.location(name="Mill Street")
    dana = with_password(make.clinician(at=place, name="Dana K."))
    rosa = make.patient(team=dana, location=place, first_name="Rosa", last_name="Marlow", may_email=True)
    people.decided(rosa)
    today = timezone.now().date()
    run = {"starts_on": today - timedelta(days=7), "ends_on": today + timedelta(weeks=9)}
    run |= {"last_entry_on": today + timedelta(weeks=6), "location": place}
    evenings = make.cohort(name="Evenings", seats=1, blocks=((1, time(17, 30)), (3, time(17, 30))), **run)
    make.cohort(name="Mornings", blocks=((0, time(9)), (2, time(9))), **run)
    actions.generate_sessions(cohort=evenings, at=timezone.now())
    return dana, rosa, evenings


def test_from_decision_to_a_held_seat_to_enrolled_and_on(clinic, visit, with_password):
    dana, rosa, evenings = clinic
    made = rosa.assessments.get().recommendations.get()
    desk = visit()
    desk.sign_in(dana)
    desk.open(reverse("scheduling:match", args=[rosa.public_id, made.public_id]))
    desk.sees("These fit")
    desk.page.get_by_role("button", name=re.compile("Hold a place Evenings")).click()

    desk.sees("A place in Evenings is held for Rosa. Places left there: 0.")
    desk.sees("Enroll once all of it is done.")
    desk.is_accessible()

    # Who cannot sign reads who can.
    other = visit()
    other.sign_in(with_password(make.user(Role.COORDINATOR, at=rosa.location)))
    other.open(desk.page.url.removeprefix(desk.address))
    other.sees("A clinician of the care team (Dana K.) or a supervisor signs it with the person.")
    other.is_accessible()

    desk.follow("Group agreement")
    desk.sees("In a group we hear things that are not ours to pass on.")
    desk.press("Sign")
    desk.sees("The person types their name to sign.")
    desk.complaints.clear()  # the browser logs the 422, which is the point here
    desk.is_accessible()
    desk.page.get_by_label("Full name").fill("Rosa Marlow")
    desk.press("Sign")
    desk.sees("The group agreement is signed.")

    desk.follow("Consent to treatment, payment and operations")
    sign_care(desk.page)
    desk.press("Sign")
    desk.sees("The consent is signed")
    desk.open(reverse("scheduling:person", args=[rosa.public_id]))
    desk.sees("Held until")
    desk.is_accessible()
    desk.follow("Enroll")
    desk.is_accessible()
    desk.press("Enroll")
    desk.sees("Rosa has a place in Evenings. Places left there: 0.")
    assert Enrollment.objects.get().state == "active"

    desk.follow("Skills program")
    desk.sees("Since")
    desk.is_accessible()
    desk.follow("Move to another cohort")
    desk.is_accessible()
    desk.page.get_by_label(re.compile("Mornings")).check(force=True)
    desk.page.get_by_label("Why?").fill("A new job.")
    desk.press("Move to another cohort")
    desk.sees("Rosa has moved from Evenings to Mornings.")
    desk.page.get_by_role("link", name="Skills program").first.click()
    desk.follow("Complete the program")
    desk.sees("is no longer expected at")
    desk.is_accessible()
    assert evenings.enrollments.live(timezone.now()).count() == 0


def sign_care(page) -> None:
    page.get_by_label("Who may share it?").fill("Oak Street Clinic")
    page.get_by_label("What may be shared?").fill("What is needed for treatment, payment and operations")
    page.get_by_label("With whom?").fill("My treating providers and my health plan")
    page.get_by_label("What for?").fill("Treatment, payment and operations")
    page.get_by_label("None: until I take it back").check(force=True)
    for tick in page.get_by_label("I have read this").all():
        tick.check(force=True)
    page.get_by_label("Full name").fill("Rosa Marlow")
