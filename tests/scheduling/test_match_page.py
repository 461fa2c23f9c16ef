"""Find a place: what fits, what nearly fits, why not the others, and giving a seat."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.urls import reverse

from accounts.models import Role
from intake.models import Assessment
from programs.models import Cohort
from scheduling import actions
from scheduling.models import Enrollment
from scheduling.queries import seats
from tests import make
from tests.scheduling import people
from tests.scheduling.people import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SAID = {
    **{f"available_{day}": ["evening"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "available_sat": [],
    "setting": "on_site",
    "session_language": "en",
}


def match_url(patient, recommendation=None, name="match", *more):
    where = recommendation or seats.standing(patient).recommendation
    return reverse(f"scheduling:{name}", args=[patient.public_id, where.public_id, *more])


def give(client, patient, cohort):
    return client.post(match_url(patient, None, "enroll", cohort.public_id), follow=True)


@pytest.fixture
def dana():
    return make.clinician(name="Dana K.")


@pytest.fixture
def rosa(dana):
    """Decided for the first track, can come on weekday evenings, on site, in English."""
    person = make.patient(team=dana, first_name="Rosa", last_name="Marlow")
    people.wishes(person, **SAID)
    draft = person.assessments.get()
    draft.state, draft.signed_at, draft.signed_by = Assessment.State.SIGNED, people.MONDAY_NOON, dana
    draft.signature, draft.content_hash = "Dana K.", "0" * 64
    draft.save()
    people.recommended(person, assessment=draft)
    people.decided(person)
    return person


@pytest.fixture
def client(signed_in, dana):
    return signed_in(dana)


def cohort(rosa, **over):
    return make.cohort(**{"location": rosa.location, "blocks": ((1, time(17, 30)), (3, time(17, 30))), **over})


def test_what_fits_is_listed_with_its_times_first_session_place_and_seats(client, rosa):
    cohort(rosa, name="Evenings", seats=8)

    said = words(client.get(match_url(rosa)))

    assert "Find a place for Rosa" in said
    assert "What counts: Mon, Tue, Wed, Thu, Fri: evening · Sat: not at all · on site · English" in said
    assert "Skills program Evenings Tue, Thu 5:30 to 7:00 pm Thu, Mar 12" in said
    assert "8 of 8 Fits Give this place Evenings" in said


def test_the_earliest_start_comes_first_and_carries_the_filled_button(client, rosa):
    cohort(rosa, name="Later", starts_on=date(2026, 4, 6), last_entry_on=date(2026, 4, 10))
    cohort(rosa, name="Sooner")

    response = client.get(match_url(rosa))

    assert [option.cohort.name for option in response.context["fits"]] == ["Sooner", "Later"]


def test_near_misses_say_the_one_thing_in_the_way(client, rosa):
    cohort(rosa, name="Full", seats=1)
    people.seat(make.patient(), Cohort.objects.get())
    cohort(rosa, name="In Spanish", language="es")
    cohort(rosa, name="Saturdays", blocks=((5, time(9)),))
    cohort(rosa, name="Online", delivery=Cohort.Delivery.ONLINE)

    response = client.get(match_url(rosa))

    assert {option.cohort.name: option.match.reasons[0].remedy for option in response.context["near"]} == {
        "Full": "Fits when somebody gives up a seat.",
        "In Spanish": "Fits if Spanish is possible.",
        "Saturdays": "Fits if Saturday morning is possible.",
        "Online": "Fits if coming online is possible.",
    }
    assert words(response).count("Give this place") == 3  # not of a seat that is taken


def test_the_others_are_listed_with_every_reason_and_no_clinical_word(client, rosa):
    other = make.program(track="trauma", neutral_name="Grounding program")
    cohort(rosa, name="Mornings", program=other, blocks=((1, time(9)),), language="es")

    said = words(client.get(match_url(rosa)))

    assert (
        "Why not the others Grounding program, Mornings For another program than the one decided."
        " Held in Spanish; the person asked for English. Tuesday morning is not possible for the person."
    ) in said
    assert "rauma" not in said
    assert "None fits now" in said


def test_cohorts_out_of_reach_are_not_judged(client, rosa):
    make.cohort(name="Elsewhere")
    make.cohort(name="Online, other state", delivery=Cohort.Delivery.ONLINE, location=make.location(state="NY"))
    near = make.cohort(name="Online, same state", delivery=Cohort.Delivery.ONLINE)
    cohort(rosa, name="Over", starts_on=date(2026, 1, 5), ends_on=date(2026, 3, 11), last_entry_on=date(2026, 1, 5))
    cohort(rosa, name="Unpublished", program=make.program(state="draft"))

    context = client.get(match_url(rosa)).context

    assert [option.cohort for name in ("fits", "near", "others") for option in context[name]] == [near]


def test_a_press_gives_the_seat_and_says_how_many_are_left(client, rosa, dana):
    chosen = cohort(rosa, name="Evenings", seats=3)

    response = give(client, rosa, chosen)

    assert response.redirect_chain == [(f"/staff/people/{rosa.public_id}/", 302)]
    assert "Rosa has a place in Evenings. Places left there: 2." in words(response)
    assert Enrollment.objects.get().enrolled_by == dana


def test_a_seat_taken_meanwhile_is_said_with_how_many_others_fit(client, rosa):
    chosen = cohort(rosa, name="Evenings", seats=1)
    for name in ("Second", "Third"):
        cohort(rosa, name=name)
    assert "Evenings" in words(client.get(match_url(rosa)))
    people.seat(make.patient(), chosen)

    response = give(client, rosa, chosen)

    assert response.status_code == 409
    assert "No place was given Evenings is full: its only seat is taken. 2 others fit." in words(response)
    assert not Enrollment.objects.filter(patient=rosa).exists()


def test_the_seat_that_a_person_holds_is_shown_and_not_on_offer(client, rosa):
    chosen = cohort(rosa, name="Evenings")
    give(client, rosa, chosen)

    response = client.get(match_url(rosa))

    assert "Rosa has a place in Evenings (Skills program), since Wed, Mar 11." in words(response)
    assert response.context["fits"] == []


def test_a_second_press_of_the_same_button_gives_no_second_seat(client, rosa):
    chosen = cohort(rosa, name="Evenings")
    give(client, rosa, chosen)

    again = give(client, rosa, chosen)

    assert again.status_code == 409
    assert "Rosa M. already has a seat in Evenings." in words(again)
    assert Enrollment.objects.count() == 1


def test_open_checks_hold_every_place_back_and_a_forged_press_is_refused(client, rosa):
    people.recommended(rosa, gates=("G8",), at=make.NOON)
    people.decided(rosa, at=make.NOON)
    chosen = cohort(rosa)

    said, forged = words(client.get(match_url(rosa))), give(client, rosa, chosen)

    sentence = "Check G8 is still open, and comes before any seat. A clinician of the care team (Dana K.) can close it"
    assert sentence in said
    assert "Give this place" not in said
    assert forged.status_code == 409
    assert sentence in words(forged)
    assert not Enrollment.objects.exists()


def test_without_a_decision_there_is_nothing_to_choose_yet(client, dana):
    person = make.patient(team=dana)
    people.recommended(person)

    response = client.get(match_url(person))

    assert "Nothing is decided yet." in words(response)
    assert "None fits now" not in words(response)


def test_a_coordinator_gives_seats_without_seeing_the_recommendation(signed_in, rosa):
    desk = signed_in(make.user(Role.COORDINATOR, at=rosa.location))
    chosen = cohort(rosa)

    page = desk.get(match_url(rosa)).content.decode()

    assert "What the intake points to" not in page
    assert "Depression" not in page
    assert give(desk, rosa, chosen).status_code == 200
    assert Enrollment.objects.count() == 1


@pytest.mark.parametrize("stranger", [Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR, Role.PATIENT])
def test_a_stranger_finds_nothing_and_gives_nothing(signed_in, rosa, stranger):
    elsewhere = signed_in(make.user(stranger, at=make.location()))
    chosen = cohort(rosa)

    assert elsewhere.get(match_url(rosa)).status_code == 404
    assert give(elsewhere, rosa, chosen).status_code == 404
    assert not Enrollment.objects.exists()


def test_somebody_elses_recommendation_is_not_found(client, rosa, dana):
    other = people.recommended(make.patient(team=dana))

    assert client.get(match_url(rosa, other)).status_code == 404


def test_opening_the_page_by_a_link_changes_nothing(client, rosa):
    chosen = cohort(rosa)

    assert client.get(match_url(rosa, None, "enroll", chosen.public_id)).status_code == 405
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("cohorts", [1, 3])
def test_the_match_costs_the_same_queries(client, rosa, cohorts, django_assert_num_queries):
    for n in range(cohorts):
        actions.generate_sessions(cohort=cohort(rosa, name=f"Evenings {n}"), at=make.NOON)
    url = match_url(rosa)
    with django_assert_num_queries(13):
        response = client.get(url)
    assert len(response.context["fits"]) == cohorts
