"""What a visitor meets: every public page answers, says one thing, and costs a fixed number of queries."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from programs import catalog
from programs.models import Accreditation, Block, Cohort, Credential, EntryDate, Payer, Program, TrackCode
from tests import make

pytestmark = pytest.mark.django_db

# Address and the queries it may cost, whatever the rows.
PAGES = {
    "/": 1,
    "/programs/": 7,
    "/how-it-works/": 0,
    "/costs/": 0,
    "/families/": 0,
    "/privacy/": 0,
    "/accessibility/": 0,
    "/help-now/": 0,
    "/contact/": 0,
    "/sign-in/": 0,
}
TODAY = date(2026, 3, 11)


def headings(html: str) -> list[str]:
    return re.findall(r"<h1[ >].*?</h1>", html, re.DOTALL)


@pytest.mark.parametrize(("path", "queries"), PAGES.items())
@pytest.mark.parametrize("programs", [1, 3])
def test_public_page_answers_with_one_heading_at_a_fixed_cost(
    client, django_assert_num_queries, path, queries, programs
):
    for _ in range(programs):
        make.cohort(
            starts_on=timezone.now().date() - timedelta(days=7),
            ends_on=timezone.now().date() + timedelta(99),
            last_entry_on=timezone.now().date() + timedelta(70),
        )

    with django_assert_num_queries(queries):
        response = client.get(path)

    assert response.status_code == 200
    html = response.content.decode()
    assert len(headings(html)) == 1
    assert "Oak Street Clinic</title>" in html
    assert 'href="/help-now/"' in html or path == "/help-now/"


@pytest.mark.parametrize("path", PAGES)
def test_public_page_refuses_what_is_not_reading(client, path):
    assert client.delete(path).status_code in {403, 405}


def test_help_now_asks_nothing_of_the_database_even_when_somebody_is_signed_in(signed_in, django_assert_num_queries):
    nurse = signed_in(make.user(Role.CLINICIAN))

    with django_assert_num_queries(0):
        response = nurse.get("/help-now/")

    assert response.status_code == 200


def test_help_now_answers_while_the_database_is_away(signed_in):
    visitor = signed_in(make.user(Role.PATIENT))

    with mock.patch.object(connection, "ensure_connection", side_effect=OperationalError("away")):
        response = visitor.get("/help-now/")

    html = response.content.decode()
    assert response.status_code == 200
    assert html.index("En español") < html.index("tel:18002221222")
    for link in ("tel:988", "sms:988", "tel:911", "https://988lifeline.org/chat/", "tel:+13125550142"):
        assert f'"{link}"' in html


def test_programs_are_shown_only_while_they_are_published(client):
    published = make.program(name="Steady Days")
    draft = make.program(name="Not Yet", state=Program.State.DRAFT)
    retired = make.program(name="Long Gone", state=Program.State.RETIRED)

    html = client.get("/programs/").content.decode()

    assert "Steady Days" in html
    assert "Not Yet" not in html
    assert "Long Gone" not in html
    assert client.get(f"/programs/{published.slug}/").status_code == 200
    assert client.get(f"/programs/{draft.slug}/").status_code == 404
    assert client.get(f"/programs/{retired.slug}/").status_code == 404
    assert client.get("/programs/nothing-here/").status_code == 404


def test_the_empty_catalog_offers_a_call(client):
    html = client.get("/programs/").content.decode()

    assert "No programs are listed right now" in html
    assert 'href="/contact/"' in html


def test_a_program_page_names_real_days_hours_and_place_and_no_seats(client):
    place = make.location(name="Mill Street", street="114 Mill Street", city="Chicago")
    program = make.program(name="Steady Evenings", weeks=10)
    today = timezone.now().date()
    make.cohort(
        program=program,
        location=place,
        seats=7,
        starts_on=today - timedelta(days=8),
        ends_on=today + timedelta(weeks=9),
        last_entry_on=today + timedelta(weeks=5),
        blocks=((0, time(17, 30)), (2, time(17, 30)), (2, time(19, 0)), (0, time(19, 0))),
    )

    html = client.get(f"/programs/{program.slug}/").content.decode()

    assert "Monday and Wednesday" in html
    assert "5:30 pm to 8:30 pm CT" in html
    assert "Mill Street, 114 Mill Street, Chicago" in html
    assert "6 hours a week" in html
    assert "Taking people now" in html
    assert "<title>Program - Oak Street Clinic</title>" in html  # a tab names no program
    assert not re.search(r"\bseats?\b", html)


def run(**over):
    return catalog.run_of(make.cohort(**over), TODAY)


def test_a_run_that_begins_later_says_when():
    made = run(starts_on=date(2026, 3, 16), last_entry_on=date(2026, 3, 20))

    assert made.starts == "Starts Monday, March 16"


@pytest.mark.parametrize(
    ("over", "days", "starts"),
    [
        ({"entry": "closed", "last_entry_on": date(2026, 3, 13)}, [], "Taking people until Friday, March 13"),
        ({"entry": "closed", "starts_on": date(2026, 3, 16)}, [], "Starts Monday, March 16"),
        (
            {"entry": "semi_open"},
            [date(2026, 3, 2), date(2026, 3, 30), date(2026, 4, 27)],
            "Next start Monday, March 30",
        ),
        ({"entry": "semi_open"}, [TODAY], "Next start Wednesday, March 11"),
        ({"entry": "semi_open"}, [date(2026, 3, 2)], ""),
    ],
)
def test_when_people_join_is_said_as_the_cohort_is_entered(over, days, starts):
    cohort = make.cohort(**over)
    EntryDate.objects.bulk_create(EntryDate(cohort=cohort, on=day) for day in days)
    now = datetime.combine(TODAY, time(12), tzinfo=ZoneInfo("America/Chicago"))

    found = catalog.find_offer(cohort.program.slug, now)

    assert [run.starts for run in found.runs] == ([starts] if starts else [])


def test_a_program_page_says_who_leads_by_training_what_it_takes_and_what_it_costs_to_ask(client):
    today = timezone.now().date()
    place = make.location(access_features=["elevator", "step_free"])
    program = make.program(
        modalities=["emdr", "cbt"], telehealth=True, states_licensed=["IL", "WI"], age_least=18, age_most=25
    )
    lead, beside = make.clinician(name="Dana Kowalski"), make.clinician(name="Joel Novak")
    for user, kind, days in ((lead, "psychologist", 9), (beside, "nurse", 9)):
        expires_on = today + timedelta(days=days)
        Credential.objects.create(user=user, kind=kind, number="1", state="IL", expires_on=expires_on)
    for body, days in (("carf", 1), ("joint_commission", -1)):
        Accreditation.objects.create(program=program, body=body, number="1", expires_on=today + timedelta(days=days))
    cohort = make.cohort(
        program=program, location=place, facilitator=lead, starts_on=today, ends_on=today + timedelta(weeks=9),
        last_entry_on=today + timedelta(weeks=5), payment_options=["sliding_scale"],
    )  # fmt: skip
    cohort.co_facilitators.add(beside)
    cohort.payers.add(Payer.objects.create(name="Prairie"), Payer.objects.create(name="Old one", is_active=False))

    html = unescape(client.get(f"/programs/{program.slug}/").content.decode())

    for words in (
        "For people aged 18 to 25.", "They are by training: Nurse and Psychologist.",
        "They work with: Cognitive behavioral therapy (CBT) and EMDR.", "Accredited by CARF", "Step-free entrance, Elevator",
        "Plans we work with here: Prairie.", "If you pay yourself, ask us about: sliding scale by income.",
        "You can attend online while you are in IL and WI.",
    ):  # fmt: skip
        assert words in html
    for words in ("Dana", "Joel", "Joint Commission", "Old one", "success"):
        assert words not in html


def test_days_with_other_hours_are_named_with_them():
    made = run(blocks=((3, time(9)), (5, time(10))))

    assert made.hours == "Thursday 9:00 am to 10:30 am CT; Saturday 10:00 am to 11:30 am CT"


def test_hours_are_those_on_the_wall_of_the_location():
    made = run(location=make.location(zone="America/New_York"), blocks=((0, time(18)),))

    assert made.hours == "6:00 pm to 7:30 pm ET"


def test_online_runs_name_no_street():
    made = run(delivery=Cohort.Delivery.ONLINE, room=None)

    assert (made.where, made.is_online) == ("Online", True)


@pytest.mark.parametrize(
    ("over", "is_shown"),
    [
        ({}, True),
        ({"state": Cohort.State.DRAFT}, False),
        ({"state": Cohort.State.RETIRED}, False),
        ({"last_entry_on": TODAY - timedelta(days=1)}, False),
        ({"last_entry_on": TODAY}, True),
    ],
)
def test_only_runs_that_still_take_people_are_shown(over, is_shown):
    cohort = make.cohort(**over)
    now = datetime.combine(TODAY, time(12), tzinfo=ZoneInfo("America/Chicago"))

    found = catalog.find_offer(cohort.program.slug, now)

    assert found is not None
    assert bool(found.runs) is is_shown


def test_the_last_entry_day_ends_by_the_clock_of_the_location():
    cohort = make.cohort(location=make.location(zone="Pacific/Honolulu"), last_entry_on=TODAY)
    late_that_evening = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)  # 10 pm on March 11 in Honolulu
    after_midnight = datetime(2026, 3, 12, 10, 30, tzinfo=UTC)

    def shown(now: datetime) -> int:
        found = catalog.find_offer(cohort.program.slug, now)
        assert found is not None
        return len(found.runs)

    assert (shown(late_that_evening), shown(after_midnight)) == (1, 0)


def test_programs_stand_under_their_theme_in_the_order_of_the_catalog():
    later = make.program(track=TrackCode.TRAUMA)
    later.track.order = 2
    later.track.save()
    first = make.program(track=TrackCode.DBT)
    first.track.order = 1
    first.track.save()

    found = catalog.offers_by_track(make.NOON)

    assert [track for track, _ in found] == [first.track, later.track]


def test_weekly_hours_of_unlike_runs_are_a_span():
    program = make.program()
    for number in (2, 3):
        cohort = make.cohort(program=program)
        Block.objects.filter(cohort=cohort).delete()
        for day in range(number):
            Block.objects.create(cohort=cohort, weekday=day, starts=time(9), minutes=180)

    found = catalog.find_offer(program.slug, make.NOON)

    assert found is not None
    assert found.hours == "6 to 9 hours a week"


def test_a_visitor_gets_no_cookie_for_reading():
    reader = Client()
    for path in ("/", "/programs/", "/how-it-works/", "/help-now/"):
        assert not reader.get(path).cookies
