"""The enrollment page: what comes before a seat is a person's own, taking it, moving on, completing."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from scheduling import actions
from scheduling.models import Enrollment, GroupAgreement
from tests import make
from tests.scheduling import people
from tests.scheduling.people import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOLD = timedelta(hours=72)


def url(seat, name="place"):
    return reverse(f"scheduling:{name}", args=[seat.patient.public_id, seat.public_id])


@pytest.fixture
def dana():
    return make.clinician(name="Dana K.")


@pytest.fixture
def rosa(dana):
    person = make.patient(team=dana, first_name="Rosa", last_name="Marlow", may_email=True)
    people.decided(person)
    return person


@pytest.fixture
def held(rosa):
    cohort = make.cohort(name="Evenings", location=rosa.location, seats=2)
    return actions.hold(patient=rosa, cohort=cohort, by=rosa.registered_by, at=make.NOON).enrollment


@pytest.fixture
def desk(signed_in, dana):
    return signed_in(dana)


@pytest.fixture
def coordinator(signed_in, rosa):
    return signed_in(make.user(Role.COORDINATOR, at=rosa.location))


def rows(response):
    return {row["title"]: (row["status"], bool(row.get("url"))) for row in response.context["rows"]}


def test_the_list_says_what_is_done_and_what_a_clinician_does_next(desk, held):
    response = desk.get(url(held))

    assert rows(response) == {
        "Decision": (f"{held.held_by}, Mon, Mar 9", True),
        "Checks": ("None is open", True),
        "Consent to treatment, payment and operations": ("Ready to sign", True),
        "Group agreement": ("Ready to sign", True),
        "Coverage": ("No check yet", True),
        "Place": ("Held until Sat, Mar 14, 12:00 pm", False),
        "First session": ("Thu, Mar 12, 5:30 pm", False),
    }
    assert "Enroll once all of it is done." in words(response)
    assert "Does not hold the place back." in words(response)


def test_a_coordinator_reads_who_can_unblock_what_they_cannot_do(coordinator, held):
    response = coordinator.get(url(held))

    sentence = "is not signed yet. A clinician of the care team (Dana K.) or a supervisor signs it with the person."
    assert words(response).count(sentence) == 2
    assert rows(response)["Group agreement"] == ("Not yet", False)
    assert rows(response)["Decision"][1] is False


def test_an_open_check_stands_in_its_row_and_a_forged_press_is_refused(desk, rosa, held):
    people.papers(rosa)
    people.recommended(rosa, gates=("G8",), at=make.NOON)
    people.decided(rosa, at=make.NOON)

    page, forged = desk.get(url(held)), desk.post(url(held, "take"))

    assert rows(page)["Checks"] == ("Not yet", True)
    assert "Check G8 is still open" in words(page)
    assert "Enroll</span>" not in page.content.decode()
    assert forged.status_code == 409
    assert "Not enrolled Check G8 is still open" in words(forged)


def test_signing_the_agreement_leads_back_to_the_place(desk, rosa, held):
    path = reverse("scheduling:group_agreement", args=[rosa.public_id])
    page = desk.get(path)
    form = page.context["form"]
    data = {"text_version": "1.en", "key": str(form["key"].value()), "signature": "Somebody Else"}

    wrong = desk.post(path, data)
    right = desk.post(path, {**data, "signature": "rosa  marlow"}, follow=True)
    desk.post(path, {**data, "signature": "Rosa Marlow"})

    assert "Group agreement In a group we hear things that are not ours to pass on." in words(page)
    assert wrong.status_code == 422
    assert "Type the name of the person who signs: Rosa Marlow" in words(wrong)
    assert right.redirect_chain == [(url(held), 302)]
    kept = GroupAgreement.objects.get()
    assert (kept.patient, kept.text_version, kept.recorded_by) == (rosa, "1.en", rosa.registered_by)
    assert "I do not tell anybody who is in the group" in kept.text
    assert kept.text.endswith("rosa  marlow") or kept.text.endswith("rosa marlow")


def test_words_that_changed_meanwhile_are_read_again(desk, rosa):
    path = reverse("scheduling:group_agreement", args=[rosa.public_id])
    key = desk.get(path).context["form"]["key"].value()

    response = desk.post(path, {"text_version": "0.en", "key": str(key), "signature": "Rosa Marlow"})

    assert response.status_code == 422
    assert not GroupAgreement.objects.exists()


def test_a_coordinator_signs_no_agreement_for_anybody(coordinator, rosa):
    assert coordinator.get(reverse("scheduling:group_agreement", args=[rosa.public_id])).status_code == 404


def test_enrolling_from_the_page_says_how_many_places_are_left(desk, rosa, held):
    people.papers(rosa)
    assert "Enroll" in words(desk.get(url(held)))

    response = desk.post(url(held, "take"), follow=True)

    assert "Rosa has a place in Evenings. Places left there: 1." in words(response)
    assert Enrollment.objects.get().state == "active"
    assert rows(desk.get(url(held)))["Place"] == ("Since Wed, Mar 11", False)


def test_a_hold_that_ran_out_says_so_and_offers_the_next_step(signed_in, dana, rosa, held, clock):
    people.papers(rosa)
    clock(make.NOON + HOLD)
    desk = signed_in(dana)

    page, late = desk.get(url(held)), desk.post(url(held, "take"))

    assert "This place was held until Sat, Mar 14, 12:00 pm CT." in words(page)
    assert "Hold it again" in words(page)
    assert late.status_code == 409
    assert "This place was held until Sat Mar 14, 12:00 pm CT. Hold it again: places left there: 2." in words(late)


def test_a_second_press_of_enroll_gives_no_second_seat(desk, rosa, held):
    people.papers(rosa)
    desk.post(url(held, "take"))

    again = desk.post(url(held, "take"))

    assert again.status_code == 409
    assert "Rosa M. already has a seat in Evenings." in words(again)


@pytest.fixture
def had(rosa, held):
    people.papers(rosa)
    return actions.enroll_from_hold(enrollment=held, by=rosa.registered_by, at=make.NOON).enrollment


def test_moving_needs_a_cohort_and_a_reason_and_says_what_follows(desk, rosa, had):
    other = make.cohort(name="Mornings", location=rosa.location, blocks=((0, time(9)),))
    page = desk.get(url(had, "move"))
    nothing = desk.post(url(had, "move"), {})
    done = desk.post(url(had, "move"), {"cohort": str(other.public_id), "reason": "A new job."}, follow=True)

    assert "The old place is free for somebody else at once." in words(page)
    assert nothing.status_code == 422
    assert "Choose the cohort to move to." in words(nothing)
    assert "Rosa has moved from Evenings to Mornings." in words(done)
    had.refresh_from_db()
    assert (had.state, had.reason) == ("transferred", "A new job.")


def test_there_may_be_nowhere_to_move_to(desk, had):
    assert "Nowhere to move to now" in words(desk.get(url(had, "move")))


def test_completing_asks_first_and_then_frees_the_place(desk, had):
    page = desk.get(url(had, "complete"))
    done = desk.post(url(had, "complete"), follow=True)
    again = desk.post(url(had, "complete"))

    assert "is no longer expected at 17 sessions that are still ahead." in words(page)
    assert "Rosa has completed Evenings." in words(done)
    assert again.status_code == 409
    assert "Rosa M. has completed this program and has no seat here any more." in words(again)


def test_a_place_that_is_held_can_be_given_up(desk, held):
    response = desk.post(url(held, "withdraw"), follow=True)

    held.refresh_from_db()
    assert response.status_code == 200
    assert (held.state, held.ended_at) == ("withdrawn", make.NOON)


def test_the_summary_leads_to_what_is_held(desk, rosa, held):
    response = desk.get(reverse("scheduling:person", args=[rosa.public_id]))

    assert response.context["step"]["url"] == url(held)
    assert "Held until Sat, Mar 14, 12:00 pm" in words(response)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR, Role.PATIENT])
@pytest.mark.parametrize("name", ["place", "move", "complete"])
def test_a_stranger_finds_no_place(signed_in, held, role, name):
    assert signed_in(make.user(role, at=make.location())).get(url(held, name)).status_code == 404


def test_somebody_elses_place_is_not_found_under_this_person(desk, dana, held):
    other = make.patient(team=dana)

    path = reverse("scheduling:place", args=[other.public_id, held.public_id])
    assert desk.get(path).status_code == 404
