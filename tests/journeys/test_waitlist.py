"""A coordinator fills a freed seat from the waitlist: who is next, why, an offer with its time, and the enrollment."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from scheduling import actions as seats
from scheduling.actions import waitlist as actions
from scheduling.models import WaitlistEntry
from tests import make
from tests.scheduling import people

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(with_password):
    """A full cohort, a coordinator, and one person in its line who joined ten days ago."""
    place, now = make.location(name="Mill Street"), timezone.now()
    kim = with_password(make.user(Role.COORDINATOR, at=place, name="Kim L."))
    today = now.date()
    cohort = make.cohort(
        name="Evenings",
        seats=1,
        location=place,
        starts_on=today - timedelta(days=7),
        ends_on=today + timedelta(weeks=9),
        last_entry_on=today + timedelta(weeks=6),
        blocks=((1, time(17, 30)), (3, time(17, 30))),
    )
    seats.generate_sessions(cohort=cohort, at=now)
    person = people.ready(location=place, first_name="Sam", last_name="Cole")
    seated = seats.enroll(patient=person, cohort=cohort, by=kim, at=now).enrollment
    joining = actions.Joining(
        program=cohort.program, cohort=None, urgency="routine", referred_on=today - timedelta(days=12), interim=""
    )
    ines = people.ready(location=place, first_name="Ines", last_name="Okafor", phone="+13125550199")
    actions.join(patient=ines, joining=joining, by=kim, at=now - timedelta(days=10))
    rosa = people.ready(location=place, first_name="Rosa", last_name="Marlow")
    return kim, cohort, seated, rosa, today


def test_a_freed_seat_goes_to_the_next_who_fits(clinic, visit):
    kim, cohort, seated, rosa, today = clinic
    made = rosa.assessments.get().recommendations.get()
    desk = visit()
    desk.sign_in(kim)
    desk.open(reverse("scheduling:match", args=[rosa.public_id, made.public_id]))
    desk.follow("Join the waitlist")
    desk.is_accessible()
    desk.press("Join the waitlist")
    desk.sees("Choose the program.")
    desk.complaints.clear()  # the browser logs the 422, which is the point here
    desk.is_accessible()
    desk.page.get_by_label("Skills program", exact=True).check(force=True)
    desk.page.get_by_label("Urgent", exact=True).check(force=True)
    desk.page.get_by_label("Day of the referral").fill((today - timedelta(days=2)).isoformat())
    desk.page.get_by_label("Support until a place opens").fill("A call each Tuesday.")
    desk.press("Join the waitlist")
    desk.sees("Rosa waits for Skills program.")
    desk.is_accessible()

    desk.follow("Waitlist")
    desk.sees("Check due")
    names = desk.page.locator("main tbody th a").all_inner_texts()
    assert names == ["Rosa Marlow", "Ines Okafor"]  # urgent before the earlier referral
    assert desk.page.get_by_text("Places to offer").count() == 0
    desk.is_accessible()
    desk.follow("Ines Okafor")
    desk.page.get_by_label("They are safe").check(force=True)
    desk.press("Record the check")
    desk.sees("The check is recorded.")
    desk.is_accessible()

    seats.withdraw(enrollment=seated, by=kim, at=timezone.now())
    desk.follow("Waitlist")
    desk.sees("Places to offer")
    desk.is_accessible()
    desk.follow("Offer a place Evenings")
    desk.sees("Rosa M. is next")
    desk.is_accessible()
    desk.press("Offer this place")
    desk.sees("A place in Evenings is offered to Rosa.")
    desk.sees("It is held until")
    desk.is_accessible()
    desk.press("They accept")
    desk.follow("Go to the enrollment")
    desk.press("Enroll")
    desk.sees("Rosa has a place in Evenings. Places left there: 0.")

    desk.open("/staff/waitlist/")
    assert desk.page.locator("main tbody th a").all_inner_texts() == ["Ines Okafor"]
    assert WaitlistEntry.objects.get(patient=rosa).state == "placed"
    assert cohort.enrollments.active().get().patient == rosa
