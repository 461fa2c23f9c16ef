"""Find a place: what fits, what nearly fits, why not the others, and giving a seat."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from programs.models import Cohort
from scheduling.models import Enrollment
from scheduling.queries import seats
from tests import make
from tests.scheduling import people
from tests.scheduling.people import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def match_url(patient, recommendation=None, name="match", *more):
    where = recommendation or seats.standing(patient).recommendation
    return reverse(f"scheduling:{name}", args=[patient.public_id, where.public_id, *more])


def give(client, patient, cohort):
    return client.post(match_url(patient, None, "hold", cohort.public_id), follow=True)


@pytest.fixture
def dana():
    return make.clinician(name="Dana K.")


@pytest.fixture
def rosa(dana):
    return people.asked_and_decided(dana)


@pytest.fixture
def client(signed_in, dana):
    return signed_in(dana)


def cohort(rosa, **over):
    return make.cohort(**{"location": rosa.location, "blocks": ((1, time(17, 30)), (3, time(17, 30))), **over})


def test_what_fits_is_listed_with_its_times_first_session_place_and_seats(client, rosa):
    cohort(rosa, name="Evenings", seats=8)

    said = words(client.get(match_url(rosa)))

    assert "Find a place for Rosa" in said
    assert (
        "What counts Leave aside: Mon, Tue, Wed, Thu, Fri: evening Leave aside: Sat: not at all Leave aside: on site"
        f" Leave aside: at {rosa.location} Leave aside: English"
    ) in said
    assert "Skills program Evenings Tue, Thu 5:30 to 7:00 pm Thu, Mar 12" in said
    assert (
        "8 of 8 Fits No license of who leads it is on record No coverage and no estimate on record."
        " No payer on record to ask for an authorization. Hold a place Evenings"
    ) in said


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
        "Full": "Full: join the waitlist.",
        "In Spanish": "Fits if Spanish is possible.",
        "Saturdays": "Fits if Saturday morning is possible.",
        "Online": "Fits if coming online is possible.",
    }
    assert words(response).count("Hold a place") == 3  # not of a seat that is taken


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


def test_only_published_cohorts_that_are_not_over_are_judged(client, rosa):
    cohort(rosa, name="Over", starts_on=date(2026, 1, 5), ends_on=date(2026, 3, 11), last_entry_on=date(2026, 1, 5))
    cohort(rosa, name="Draft", state=Cohort.State.DRAFT)
    cohort(rosa, name="Of a draft", program=make.program(state="draft"))
    last_day = cohort(rosa, name="Last day", ends_on=date(2026, 3, 13), last_entry_on=date(2026, 3, 12))

    context = client.get(match_url(rosa)).context

    assert [option.cohort for name in ("fits", "near", "others") for option in context[name]] == [last_day]


def test_another_location_is_a_near_miss_and_another_state_online_is_none(client, rosa):
    make.cohort(name="Elsewhere", location=make.location(name="Oak Park"))
    make.cohort(name="Other state", delivery=Cohort.Delivery.ONLINE, location=make.location(state="NY"))

    context = client.get(match_url(rosa)).context

    assert [option.match.reasons[0].remedy for option in context["near"]] == ["Fits if coming to Oak Park is possible."]
    (other,) = context["others"]
    assert [reason.sentence for reason in other.match.reasons] == [
        "Not licensed for people in IL.",
        "Online; the person wants to come on site.",
    ]


def test_a_press_holds_a_place_and_says_how_many_are_left(client, rosa, dana):
    chosen = cohort(rosa, name="Evenings", seats=3)

    response = give(client, rosa, chosen)

    (held,) = Enrollment.objects.all()
    assert response.redirect_chain == [(reverse("scheduling:place", args=[rosa.public_id, held.public_id]), 302)]
    assert "A place in Evenings is held for Rosa. Places left there: 2." in words(response)
    assert (held.state, held.held_by) == (Enrollment.State.HELD, dana)


@pytest.mark.parametrize(
    ("others", "said"),
    [([], "No other fits now."), (["Second"], "One other fits."), (["Second", "Third"], "Two others fit.")],
)
def test_a_place_taken_meanwhile_is_said_with_how_many_others_fit(client, rosa, others, said):
    chosen = cohort(rosa, name="Evenings", seats=1)
    for name in others:
        cohort(rosa, name=name)
    assert "Evenings" in words(client.get(match_url(rosa)))
    people.seat(make.patient(), chosen)

    response = give(client, rosa, chosen)

    assert response.status_code == 409
    assert f"No place is held Someone just took the last place in Evenings. {said}" in words(response)
    assert not Enrollment.objects.filter(patient=rosa).exists()


def test_a_cohort_that_is_not_on_offer_any_more_is_said(client, rosa):
    chosen = cohort(rosa, name="Evenings")
    Cohort.objects.filter(pk=chosen.pk).update(state=Cohort.State.RETIRED)

    response = give(client, rosa, chosen)

    assert response.status_code == 409
    assert "This cohort is not on offer any more. No other fits now." in words(response)


def test_the_seat_that_a_person_has_is_shown_and_not_on_offer(client, rosa):
    people.seat(rosa, cohort(rosa, name="Evenings"))

    response = client.get(match_url(rosa))

    assert "Rosa has a place in Evenings (Skills program), since Mon, Mar 9." in words(response)
    assert [response.context[block] for block in ("fits", "near", "others")] == [[], [], []]


def test_a_place_that_is_held_says_until_when_and_is_not_on_offer_until_then(client, rosa, clock):
    people.held(rosa, cohort(rosa, name="Evenings"), until=make.NOON + timedelta(hours=2))

    response = client.get(match_url(rosa))
    assert "A place in Evenings (Skills program) is held for Rosa until Wed, Mar 11, 2:00 pm" in words(response)
    assert response.context["fits"] == []

    clock(make.NOON + timedelta(hours=2))
    response = client.get(match_url(rosa))
    assert "is held for Rosa" not in words(response)
    assert [option.cohort.name for option in response.context["fits"]] == ["Evenings"]


def test_open_checks_hold_every_place_back_and_a_forged_press_is_refused(client, rosa):
    held = {"blocks_recommendation": ["G2"], "blocks_enrollment": ["G2"]}
    people.recommended(rosa, document={**people.result(), "gate_summary": held}, at=make.NOON)
    people.decided(rosa, at=make.NOON)
    chosen = cohort(rosa)

    said, forged = words(client.get(match_url(rosa))), give(client, rosa, chosen)

    sentence = "Check G2 is still open, and comes before any seat. A clinician of the care team (Dana K.) can close it"
    assert sentence in said
    assert "Hold a place" not in said
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

    assert client.get(match_url(rosa, None, "hold", chosen.public_id)).status_code == 405
    assert not Enrollment.objects.exists()
