"""Finding a place: what if another time were possible, asked in place and without script; and who is kept apart."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from django.utils import timezone

from programs.models import Cohort
from scheduling.queries import seats
from tests import make
from tests.scheduling import people

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
EVENINGS, SATURDAYS = ((1, time(17, 30)), (3, time(17, 30))), ((5, time(9)),)


@pytest.fixture
def rosa(with_password):
    dana = with_password(make.clinician(name="Dana K."))
    person = people.asked_and_decided(dana)
    today = timezone.now().date()
    days = {
        "starts_on": today + timedelta(days=7),
        "last_entry_on": today + timedelta(days=60),
        "ends_on": today + timedelta(days=90),
    }
    for name, over in {
        "Evenings": {"blocks": EVENINGS},
        "Saturdays": {"blocks": SATURDAYS},
        "In Spanish": {"blocks": EVENINGS, "language": "es"},
    }.items():
        make.cohort(name=name, location=person.location, **days, **over)
    return person


def match_url(person):
    return f"/staff/people/{person.public_id}/recommendation/{seats.standing(person).recommendation.public_id}/match/"


def rows(desk):
    """The cohorts of the first list, which is what fits."""
    return desk.page.locator("main table").first.locator("tbody th small").all_inner_texts()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_leaving_something_aside_shows_what_would_fit(rosa, visit, script):
    desk = visit(java_script_enabled=script)
    desk.sign_in(rosa.registered_by)
    desk.open(match_url(rosa))
    desk.sees("These fit")
    assert rows(desk) == ["Evenings"]
    if script:
        desk.is_accessible()

    desk.page.get_by_label("What if another time were possible?").select_option("Saturday morning")
    desk.press("Show what would fit")
    desk.sees("2 fit then")
    assert sorted(rows(desk)) == ["Evenings", "Saturdays"]
    assert "also=sat-morning" in desk.page.url

    desk.page.get_by_role("link", name="Leave aside: English").click()
    desk.sees("3 fit then")
    assert "without=language" in desk.page.url
    if script:
        assert desk.page.evaluate("document.activeElement.closest('#match') !== null")
        desk.is_accessible()

    desk.page.get_by_role("link", name="No longer ask: any language").click()
    desk.sees("2 fit then")
    desk.page.go_back()
    desk.sees("3 fit then")
    desk.follow("Back to all that counts")
    desk.sees("These fit")
    assert rows(desk) == ["Evenings"]


def test_two_people_are_kept_apart_and_the_group_of_one_is_not_available_for_the_other(rosa, visit):
    dana = rosa.registered_by
    vera = make.patient(team=dana, location=rosa.location, first_name="Vera", last_name="Olsen", sort_key="olsen vera")
    people.seat(vera, Cohort.objects.get(name="Evenings"))
    desk = visit()
    desk.sign_in(dana)
    desk.open(f"/staff/people/{rosa.public_id}/")
    desk.follow("Kept apart from others")
    desk.sees("Nobody is kept apart from Rosa.")
    desk.is_accessible()
    desk.page.get_by_label("Find a person").fill("olsen")
    desk.press("Find")
    desk.page.get_by_role("link", name=re.compile("Choose Vera Olsen")).click()
    desk.is_accessible()
    desk.press("Keep apart")
    desk.sees("Choose a reason.")
    desk.complaints.clear()  # the browser logs the 422, which is the point here
    desk.is_accessible()
    desk.page.get_by_label("Why they are kept apart").select_option("Relatives")
    desk.press("Keep apart")
    desk.sees("are not put together from now on")
    desk.is_accessible()

    desk.open(match_url(rosa))
    desk.sees("None fits now")
    desk.page.get_by_text("Why not the others").click()
    desk.sees("Not available for this person.")
    desk.is_accessible()

    desk.open(f"/staff/people/{rosa.public_id}/keep-apart/")
    desk.page.get_by_role("link", name=re.compile("No longer needed")).click()
    desk.is_accessible()
    desk.press("No longer needed")
    desk.sees("Nobody is kept apart from Rosa.")
