"""Today, a person's summary, the roster, and giving a seat up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessEvent, Role
from intake.models import Assessment, CareTeamMember, Inquiry
from messaging.models import OutboxMessage, State
from scheduling import actions
from scheduling.models import Reply
from tests import make
from tests.scheduling import people
from tests.scheduling.people import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = "/staff/"
TONIGHT = make.NOON + timedelta(hours=5, minutes=30)


def person_url(patient):
    return reverse("scheduling:person", args=[patient.public_id])


def session_url(session):
    return reverse("scheduling:session", args=[session.public_id])


def withdraw_url(seat):
    return reverse("scheduling:withdraw", args=[seat.patient.public_id, seat.public_id])


@pytest.fixture
def place():
    return make.location()


@pytest.fixture
def dana(place):
    return make.clinician(name="Dana K.", at=place)


@pytest.fixture
def desk(signed_in, place):
    return signed_in(make.user(Role.COORDINATOR, at=place))


@pytest.fixture
def cohort(place, dana):
    return make.cohort(location=place, facilitator=dana, name="Evenings")


@pytest.fixture
def tonight(cohort, dana):
    return make.session(cohort=cohort, facilitator=dana, starts_at=TONIGHT)


def inquiry(number, **over):
    values = {
        "number": f"Q-{number}",
        "who": Inquiry.Who.ME,
        "name": f"Caller {number}",
        "reach_by": Inquiry.Reach.PHONE,
        "phone": "312-555-0100",
        "safe_now": Inquiry.Safe.YES,
        "promised_by": make.NOON + timedelta(hours=number),
    }
    return Inquiry.objects.create(**{**values, **over})


# ---- Today ----


def test_a_clinician_sees_the_own_sessions_with_who_is_expected(signed_in, dana, cohort, tonight):
    answers = [Reply.Answer.COMING, Reply.Answer.COMING, Reply.Answer.CANNOT, None]
    for answer in answers:
        member = people.member(cohort)
        if answer:
            Reply.objects.create(session=tonight, patient=member, answer=answer)
    make.session(starts_at=TONIGHT)  # somebody else's

    response = signed_in(dana).get(TODAY)

    (shown,) = response.context["sessions"]
    assert (shown, shown.expected, shown.confirmed, shown.cannot) == (tonight, 4, 2, 1)
    assert "Skills group Skills program, Evenings 5:30 to 7:00 pm CT" in words(response)


def test_who_gave_up_the_seat_is_not_expected_whatever_they_answered(signed_in, dana, cohort, tonight):
    member = people.member(cohort)
    Reply.objects.create(session=tonight, patient=member, answer=Reply.Answer.COMING)
    actions.withdraw(enrollment=member.enrollments.get(), by=dana, at=make.NOON)

    (shown,) = signed_in(dana).get(TODAY).context["sessions"]

    assert (shown.expected, shown.confirmed) == (0, 0)


def test_a_clinician_sees_drafts_to_finish_with_their_age_and_nobody_elses(signed_in, dana):
    person = make.patient(team=dana, first_name="Mei", last_name="Brook")
    make.assessment(patient=person, owner=dana, started_at=make.NOON - timedelta(days=3))
    make.assessment()

    said = words(signed_in(dana).get(TODAY))

    assert "1 intake to finish" in said
    assert "Mei Brook Born Mar 14, 1989 · begun Sun, Mar 8, 3 days ago" in said


def test_a_coordinator_sees_whom_to_call_first_who_may_not_be_safe(desk, tonight):
    inquiry(1)
    inquiry(2, safe_now=Inquiry.Safe.NOT_SURE)
    inquiry(3, state=Inquiry.State.CALLED, handled_by=tonight.facilitator, handled_at=make.NOON)

    response = desk.get(TODAY)
    said = words(response)

    assert said.index("Caller 2") < said.index("Caller 1")
    assert "Caller 3" not in said
    assert "Call now" in said
    assert list(response.context["sessions"]) == [tonight]
    assert "Intakes to finish" not in said


def test_who_was_decided_for_and_has_no_seat_waits_for_a_place(desk, dana, place, cohort):
    waiting = make.patient(team=dana, location=place, first_name="Ana", last_name="Wait")
    people.decided(waiting)
    seated = make.patient(location=place)
    people.decided(seated)
    people.seat(seated, cohort)
    unready = make.patient(location=place)
    people.decided(unready, choice="not_ready")
    superseded = make.patient(location=place)
    people.decided(superseded)
    people.recommended(superseded, at=make.NOON)
    people.decided(make.patient())  # at another location

    response = desk.get(TODAY)

    assert [patient.pk for patient in response.context["waiting"].rows] == [waiting.pk]
    assert "Ana Wait Born Mar 14, 1989 · decided Mon, Mar 9, 2 days ago" in words(response)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR])
def test_an_empty_day_says_so_to_every_role(signed_in, role):
    response = signed_in(make.user(role, at=make.location())).get(TODAY)

    assert response.status_code == 200
    assert "Everybody for whom something was decided has a place." in words(response)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_today_is_for_staff(signed_in, role):
    assert signed_in(make.user(role)).get(TODAY).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR])
def test_today_costs_the_same_queries(signed_in, place, dana, cohort, role, rows, django_assert_num_queries):
    for n in range(rows):
        session = make.session(cohort=cohort, facilitator=dana, starts_at=make.NOON + timedelta(hours=2 * n))
        Reply.objects.create(session=session, patient=people.member(cohort), answer=Reply.Answer.COMING)
        people.decided(make.patient(team=dana, location=place))
        make.assessment(patient=make.patient(team=dana, location=place), owner=dana)
        inquiry(n)
    client = signed_in(dana if role == Role.CLINICIAN else make.user(role, at=place))
    with django_assert_num_queries(12 if role == Role.CLINICIAN else 9):
        response = client.get(TODAY)
    assert len(response.context["sessions"]) == len(response.context["waiting"].rows) == rows


# ---- A person ----


def step(client, patient):
    return client.get(person_url(patient)).context["step"]


def test_the_next_step_of_a_new_person_is_to_start_the_intake(signed_in, dana):
    person = make.patient(team=dana)
    page = signed_in(dana).get(person_url(person))

    assert "Start intake" in words(page)
    assert f'<form method="post" action="/staff/people/{person.public_id}/intake/"' in page.content.decode()


def test_the_next_step_follows_the_road(signed_in, dana, place):
    person = make.patient(team=dana, location=place)
    client = signed_in(dana)
    draft = make.assessment(patient=person, owner=dana)
    assert step(client, person)["label"] == "Continue the intake"

    draft.state, draft.signed_at, draft.signed_by = Assessment.State.SIGNED, people.MONDAY_NOON, dana
    draft.signature, draft.content_hash = "Dana K.", "0" * 64
    draft.save()
    assert step(client, person)["label"] == "See the findings"

    recommendation = people.recommended(person, assessment=draft)
    assert step(client, person)["label"] == "See what the intake points to"

    people.decided(person)
    assert step(client, person) == {
        "label": "Find a place",
        "url": reverse("scheduling:match", args=[person.public_id, recommendation.public_id]),
    }

    people.seat(person, make.cohort(location=place))
    assert step(client, person) is None


def test_the_summary_shows_the_next_session_the_places_and_the_team(signed_in, dana, cohort, tonight):
    person = make.patient(team=dana, location=cohort.location, pronouns="she/her")
    people.seat(person, cohort)

    said = words(signed_in(dana).get(person_url(person)))

    assert "Next session Skills group Wednesday, March 11 5:30 to 7:00 pm CT" in said
    assert "Skills program Evenings · Dana K. Mon, Mar 9 Has the place Give up the place : Evenings" in said
    assert "Care team Dana K." in said


def test_a_coordinator_sees_the_state_but_neither_answers_nor_track(desk, dana, place):
    person = make.patient(team=dana, location=place)
    people.decided(person)

    page = desk.get(person_url(person)).content.decode()

    assert "Find a place" in page
    assert "Read the answers" not in page
    assert "What the intake points to" not in page
    assert "Depression" not in page


def test_opening_the_summary_is_on_record(signed_in, dana):
    person = make.patient(team=dana)

    signed_in(dana).get(person_url(person))

    assert list(AccessEvent.objects.values_list("user", "patient", "action")) == [
        (dana.pk, person.public_id, "summary")
    ]


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR, Role.PATIENT, Role.FAMILY])
def test_a_stranger_does_not_find_the_person(signed_in, dana, role):
    person = make.patient(team=dana)

    assert signed_in(make.user(role, at=make.location())).get(person_url(person)).status_code == 404


@pytest.mark.parametrize("seats", [1, 3])
def test_the_summary_costs_the_same_queries(signed_in, dana, place, seats, django_assert_num_queries):
    person = make.patient(team=dana, location=place)
    for _ in range(seats):
        people.seat(person, make.cohort(location=place), kind="adjunct")
        CareTeamMember.objects.create(patient=person, user=make.clinician())
    client = signed_in(dana)
    with django_assert_num_queries(14):
        response = client.get(person_url(person))
    assert len(response.context["summary"].enrollments) == seats


# ---- The roster ----


def test_who_leads_the_session_sees_every_name_and_answer(signed_in, dana, cohort, tonight):
    coming = people.member(cohort, first_name="Ana", last_name="Alder")
    cannot = people.member(cohort, first_name="Ben", last_name="Birch", sort_key="z")
    Reply.objects.create(session=tonight, patient=coming, answer=Reply.Answer.COMING)
    Reply.objects.create(session=tonight, patient=cannot, answer=Reply.Answer.CANNOT, reason="Work or school")

    page = signed_in(dana).get(session_url(tonight))

    assert "2 people · 1 confirmed · 1 can't come" in words(page)
    assert "Ana Alder Confirmed" in words(page)
    assert "Ben Birch Work or school Can't come" in words(page)
    assert person_url(coming) not in page.content.decode()  # the record is for the care team


def test_another_clinician_of_the_place_sees_only_the_own_people(signed_in, place, cohort, tonight):
    lee = make.clinician(at=place)
    own = people.member(cohort, first_name="Ana", last_name="Alder")
    CareTeamMember.objects.create(patient=own, user=lee)
    people.member(cohort, first_name="Ben", last_name="Birch")

    said = words(signed_in(lee).get(session_url(tonight)))

    assert "Ana Alder No answer yet" in said
    assert "Birch" not in said
    assert "1 other person is expected, who is not in your care." in said


def test_a_coordinator_of_the_place_opens_records_from_the_roster(desk, cohort, tonight):
    member = people.member(cohort)

    assert person_url(member) in desk.get(session_url(tonight)).content.decode()


def test_a_session_of_another_place_is_not_found(signed_in, tonight):
    for role in (Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR, Role.PATIENT):
        assert signed_in(make.user(role, at=make.location())).get(session_url(tonight)).status_code == 404


def test_nobody_expected_is_said(desk, tonight):
    assert "Nobody is expected" in words(desk.get(session_url(tonight)))


@pytest.mark.parametrize("members", [1, 3])
def test_the_roster_costs_the_same_queries(signed_in, dana, cohort, tonight, members, django_assert_num_queries):
    for _ in range(members):
        people.member(cohort)
    client = signed_in(dana)
    with django_assert_num_queries(5):
        response = client.get(session_url(tonight))
    assert len(response.context["roster"].attendees) == members


# ---- Giving a seat up ----


@pytest.fixture
def seat(dana, place, cohort):
    person = people.ready(team=dana, location=place, first_name="Rosa", last_name="Marlow")
    return actions.enroll(patient=person, cohort=cohort, by=dana, at=make.NOON).enrollment


def test_before_a_seat_is_given_up_the_page_says_what_follows(desk, seat):
    said = words(desk.get(withdraw_url(seat)))

    assert "Rosa is no longer expected at 17 sessions." in said
    assert "Reminders that have not left yet are canceled." in said
    seat.refresh_from_db()
    assert seat.ended_at is None


def test_giving_it_up_ends_the_seat_and_its_reminders(desk, seat):
    response = desk.post(withdraw_url(seat), follow=True)

    assert "Rosa has given up the place in Evenings." in words(response)
    assert "Given up Wed, Mar 11" in words(response)
    assert {row.state for row in OutboxMessage.objects.all()} == {State.CANCELED}


def test_a_second_press_is_told_that_it_was_done(desk, seat):
    desk.post(withdraw_url(seat))

    response = desk.post(withdraw_url(seat))

    assert response.status_code == 409
    assert "Rosa M. has already given up this seat." in words(response)


def test_a_stranger_cannot_end_a_seat(signed_in, seat):
    elsewhere = signed_in(make.user(Role.COORDINATOR, at=make.location()))

    assert elsewhere.post(withdraw_url(seat)).status_code == 404
    seat.refresh_from_db()
    assert seat.ended_at is None


def test_somebody_elses_seat_is_not_found_under_this_person(desk, seat, place):
    other = make.patient(location=place)
    url = reverse("scheduling:withdraw", args=[other.public_id, seat.public_id])

    assert desk.post(url).status_code == 404
