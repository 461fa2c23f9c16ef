"""The person's own pages."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessEvent, Role
from messaging.models import OutboxMessage, State
from programs.models import Cohort
from scheduling import actions
from scheduling.models import Reply, Session
from tests import make
from tests.scheduling import people
from tests.scheduling.people import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOME = "/my/"


def session_url(session, name="my_session"):
    return reverse(f"scheduling:{name}", args=[session.public_id])


@pytest.fixture
def cohort():
    return make.cohort(facilitator=make.clinician(name="Dana K."))


@pytest.fixture
def rosa(cohort):
    return people.member(cohort, first_name="Rosa", may_email=True)


@pytest.fixture
def tonight(cohort):
    """5:30 to 7:00 pm in Chicago, in five and a half hours."""
    return make.session(
        cohort=cohort, starts_at=make.NOON + timedelta(hours=5, minutes=30), facilitator=cohort.facilitator
    )


@pytest.fixture
def portal(signed_in, rosa):
    return signed_in(rosa.user)


def test_home_greets_and_names_the_next_session_with_its_time_place_and_both_answers(portal, tonight):
    said = words(portal.get(HOME))

    assert said.startswith("Wednesday, March 11 Hello, Rosa Next: today at 5:30 pm CT, in 5 hours Skills group")
    assert "5:30 to 7:00 pm CT, with Dana K." in said
    assert f"{tonight.room}, 114 Mill Street · Directions" in said
    assert "I'll be there I can't come" in said
    assert "This week" in said
    assert "Today Wednesday, March 11" in said
    assert "Please confirm" in said
    assert "1.5 of 9 hours this week." in said
    assert "All times are Central Time (CT)." in said


def test_the_strip_says_each_day_in_words_and_marks_today(portal, tonight):
    html = portal.get(HOME).content.decode()

    assert "Wednesday, March 11, today, 1 session" in html
    assert "Thursday, March 12, no session" in html
    assert html.count('aria-current="date"') == 1


def test_without_a_session_ahead_the_panel_says_whom_to_call(portal):
    said = words(portal.get(HOME))

    assert "No sessions planned. Questions? Call 312-555-0142." in said
    assert "No more sessions this week." in said


def test_while_it_is_on_the_panel_says_so_and_asks_nothing(portal, tonight, clock):
    clock(tonight.starts_at + timedelta(minutes=10))
    said = words(portal.get(HOME))

    assert "Happening now Skills group" in said
    assert "I'll be there" not in said


def test_what_the_clinic_canceled_is_said_above_the_panel(portal, tonight):
    Session.objects.filter(pk=tonight.pk).update(canceled_at=make.NOON)
    said = words(portal.get(HOME))

    assert "Wednesday's session is canceled (Skills group, 5:30 pm CT). Nothing to do." in said
    assert "No sessions planned." in said


def test_a_confirmed_session_says_so_with_a_way_to_change_it(portal, tonight, rosa):
    Reply.objects.create(session=tonight, patient=rosa, answer=Reply.Answer.COMING)
    said = words(portal.get(HOME))

    assert "You're confirmed · Change" in said
    assert "You confirmed" in said


def test_a_session_far_ahead_is_named_by_its_date(portal, cohort):
    make.session(cohort=cohort, starts_at=make.NOON + timedelta(days=9))

    assert "Next: Fri, Mar 20 at 12:00 pm CT Skills group" in words(portal.get(HOME))


def test_an_online_session_is_told_on_the_persons_clock_and_names_both_on_its_page(signed_in):
    online = make.cohort(delivery=Cohort.Delivery.ONLINE)
    person = people.member(online, zone="America/New_York")
    session = make.session(cohort=online, room=None, starts_at=make.NOON + timedelta(hours=5, minutes=30))
    portal = signed_in(person.user)

    home, own = words(portal.get(HOME)), words(portal.get(session_url(session)))

    assert "today at 6:30 pm ET" in home
    assert "Online. For help with joining call 312-555-0142." in home
    assert "6:30 to 8:00 pm ET 5:30 to 7:00 pm CT where the clinic is" in own


def test_one_press_confirms_and_says_for_when(portal, tonight, rosa):
    response = portal.post(session_url(tonight, "confirm"), follow=True)

    assert response.redirect_chain == [(HOME, 302)]
    assert "You're confirmed for Wednesday, March 11, 5:30 pm CT." in words(response)
    assert Reply.objects.get().answer == Reply.Answer.COMING


def test_confirming_by_a_link_changes_nothing(portal, tonight):
    assert portal.get(session_url(tonight, "confirm")).status_code == 405
    assert not Reply.objects.exists()


def test_i_cannot_come_asks_for_an_optional_reason_and_shows_the_number_on_the_same_day(portal, tonight):
    said = words(portal.get(session_url(tonight, "cannot_come")))

    assert "Skills group Wednesday, March 11, 5:30 to 7:00 pm CT" in said
    assert "It is today. If you would rather talk to somebody, call us: 312-555-0142" in said
    assert "What is in the way? (optional)" in said


@pytest.mark.parametrize("reason", ["", "Work or school"])
def test_i_cannot_come_is_kept_with_its_reason_and_the_reminders_stop(signed_in, reason):
    person, cohort = people.ready(user=make.user(Role.PATIENT)), make.cohort()
    actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=make.NOON)
    session = cohort.sessions.filter(during__startswith__gt=make.NOON).first()

    response = signed_in(person.user).post(session_url(session, "cannot_come"), {"reason": reason}, follow=True)

    assert "Thank you for telling us. Your care team sees it right away." in words(response)
    assert "You can't come" in words(response)
    assert (Reply.objects.get().answer, Reply.objects.get().reason) == (Reply.Answer.CANNOT, reason)
    rows = OutboxMessage.objects.filter(occurrence=f"session:{session.public_id}")
    assert {row.state for row in rows} == {State.CANCELED}


def test_a_reason_that_is_not_on_the_list_is_refused_in_words(portal, tonight):
    response = portal.post(session_url(tonight, "cannot_come"), {"reason": "hacked"})

    assert response.status_code == 422
    assert "Choose one of the reasons, or none." in words(response)
    assert not Reply.objects.exists()


def test_an_answer_that_comes_too_late_is_told_so(portal, tonight, clock):
    clock(tonight.starts_at + timedelta(minutes=1))

    response = portal.post(session_url(tonight, "confirm"), follow=True)

    assert "This session has already started. Please call us instead." in words(response)
    assert not Reply.objects.exists()


def test_a_week_shows_its_past_days_too_and_leads_to_its_neighbors(portal, cohort, rosa):
    make.session(cohort=cohort, starts_at=people.MONDAY_NOON + timedelta(hours=1))
    response = portal.get("/my/week/2026-W11/")

    assert "Monday March 9 1:00 pm" in words(response)
    assert 'href="/my/week/2026-W10/"' in response.content.decode()
    assert 'href="/my/week/2026-W12/"' in response.content.decode()


def test_a_week_without_sessions_says_so(portal):
    assert "No sessions in this week." in words(portal.get("/my/week/2026-W20/"))


@pytest.mark.parametrize("week", ["2026-W54", "yesterday", "9999-W53"])
def test_an_address_that_is_no_week_is_not_found(portal, week):
    assert portal.get(f"/my/week/{week}/").status_code == 404


@pytest.mark.parametrize("name", ["my_session", "cannot_come", "confirm"])
def test_somebody_elses_session_is_not_found(portal, tonight, name):
    other = make.session(starts_at=make.NOON + timedelta(hours=2))
    ask = portal.post if name == "confirm" else portal.get

    assert ask(session_url(other, name)).status_code == 404
    assert ask(session_url(tonight, name)).status_code in {200, 302}
    assert not Reply.objects.filter(session=other).exists()


def test_after_the_seat_is_given_up_nothing_is_shown(portal, tonight, rosa):
    held = rosa.enrollments.get()
    actions.withdraw(enrollment=held, by=held.enrolled_by, at=make.NOON)

    assert portal.get(session_url(tonight)).status_code == 404
    assert "No sessions planned." in words(portal.get(HOME))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.FAMILY])
def test_only_the_person_sees_these_pages(signed_in, tonight, role):
    client = signed_in(make.user(role, at=tonight.cohort.location))

    assert {client.get(url).status_code for url in (HOME, "/my/week/2026-W11/", session_url(tonight))} == {404}


def test_signed_out_one_is_asked_to_sign_in(client, tonight):
    assert client.get(session_url(tonight)).url.startswith("/sign-in/")


def test_reading_ones_own_schedule_is_on_record(portal, rosa):
    portal.get(HOME)

    assert list(AccessEvent.objects.values_list("patient", "role", "action")) == [
        (rosa.public_id, Role.PATIENT, "own.schedule")
    ]


@pytest.mark.parametrize("sessions", [1, 3])
@pytest.mark.parametrize("url", [HOME, "/my/week/2026-W11/"])
def test_the_schedule_costs_the_same_queries(portal, cohort, url, sessions, django_assert_num_queries):
    for n in range(sessions):
        make.session(cohort=cohort, starts_at=make.NOON + timedelta(hours=2 * n + 1), facilitator=cohort.facilitator)
    with django_assert_num_queries(11 if url == HOME else 8):
        response = portal.get(url)
    assert words(response).count("Please confirm") == sessions


def test_the_real_road_from_a_seat_to_the_page(signed_in):
    person = people.ready(user=make.user(Role.PATIENT))
    cohort = make.cohort(blocks=((2, time(17, 30)), (4, time(9))))
    actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=make.NOON)

    said = words(signed_in(person.user).get(HOME))

    assert "Next: today at 5:30 pm CT, in 5 hours" in said
    assert "Friday March 13" in said
    assert cohort.sessions.order_by("during").first().local_on == date(2026, 3, 11)
