"""A page that outlives its sign-in, its network, or its answers: nothing is lost, and nothing goes to somebody else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from intake.actions.people import start_intake
from intake.models import AnswerChange, CareTeamMember
from tests import make

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(with_password):
    place = make.location()
    dana = with_password(make.clinician(at=place, name="Dana Kessler"))
    sam = with_password(make.clinician(at=place, name="Sam Okoye"))
    patient = make.patient(team=dana, location=place)
    CareTeamMember.objects.create(patient=patient, user=sam)
    assessment = start_intake(patient=patient, by=dana, at=timezone.now()).assessment
    page = f"/staff/people/{patient.public_id}/intake/{assessment.public_id}/mood/1/"
    return SimpleNamespace(dana=dana, sam=sam, assessment=assessment, page=page)


def value(clinic, item: str):
    answers = clinic.assessment.responses.get(code="phq9").answers
    return answers[item]["value"] if item in answers else None


def tick(page, item: str, place: int) -> None:
    page.locator(f"label:has(#id_{item}_{place})").click()


def signs_in_elsewhere(visitor, user) -> None:
    """In another tab of the same browser, as the link of the save line leads there."""
    other = visitor.page.context.new_page()
    other.goto(f"{visitor.address}/sign-in/")
    other.get_by_label("Email").fill(user.email)
    other.get_by_label("Password", exact=True).fill(make.PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/staff/")
    other.close()
    visitor.page.bring_to_front()
    visitor.page.evaluate("dispatchEvent(new Event('focus'))")


@pytest.fixture
def answering(clinic, visit):
    """Dana at a page of questions, signed out behind her back, with one answer that could not be saved."""
    dana = visit()
    dana.sign_in(clinic.dana)
    dana.open(clinic.page)
    tick(dana.page, "phq9_1", 2)
    dana.sees("Saved at")
    dana.page.context.clear_cookies(name="sessionid")
    tick(dana.page, "phq9_2", 3)
    expect(dana.page.locator("[data-save-state]")).to_have_text("Signed out. 1 answer waiting. Sign in to save them.")
    dana.complaints.clear()  # the browser logs the refused request, which is the point here
    return dana


def test_the_same_person_signs_in_again_and_the_waiting_answer_is_saved(clinic, answering):
    signs_in_elsewhere(answering, clinic.dana)

    expect(answering.page.locator("[data-save-state]")).to_contain_text("Saved at")
    assert (value(clinic, "phq9_1"), value(clinic, "phq9_2")) == (2, 3)
    answering.press("Continue to GAD-7", exact=False)
    answering.page.wait_for_url("**/mood/2/**")


def test_somebody_else_signs_in_and_the_waiting_answer_is_dropped(clinic, answering):
    signs_in_elsewhere(answering, clinic.sam)

    answering.sees("Somebody else signed in here. 1 answer not saved and not kept.")
    assert answering.page.locator("form").count() == 0
    assert "Rosa" not in answering.page.inner_text("body")
    assert value(clinic, "phq9_2") is None
    assert AnswerChange.objects.count() == 1


def test_coming_back_without_signing_in_changes_nothing(clinic, answering):
    answering.page.evaluate("dispatchEvent(new Event('focus'))")
    answering.page.wait_for_timeout(500)
    expect(answering.page.locator("[data-save-state]")).to_contain_text("1 answer waiting")
    expect(answering.page.locator("#id_phq9_2_3")).to_be_checked()
    answering.complaints.clear()


def test_a_page_left_open_over_a_new_sign_in_goes_on_by_itself(clinic, visit):
    dana = visit()
    dana.sign_in(clinic.dana)
    dana.open(clinic.page)
    signs_in_elsewhere_quietly(dana, clinic.dana)
    tick(dana.page, "phq9_1", 1)
    dana.sees("Saved at")
    assert value(clinic, "phq9_1") == 1
    dana.complaints.clear()


def signs_in_elsewhere_quietly(visitor, user) -> None:
    """The page does not hear of it: its token is refused first."""
    other = visitor.page.context.new_page()
    other.goto(f"{visitor.address}/staff/")
    visitor.page.context.clear_cookies(name="sessionid")
    other.goto(f"{visitor.address}/sign-in/")
    other.get_by_label("Email").fill(user.email)
    other.get_by_label("Password", exact=True).fill(make.PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/staff/")
    # Left open behind it: a tab that comes to the front would ask who is signed in.


def test_ten_minutes_offline_in_one_tab_while_the_other_goes_on(clinic, visit):
    dana, sam = visit(), visit()
    for person, user in ((dana, clinic.dana), (sam, clinic.sam)):
        person.page.clock.install()
        person.sign_in(user)
        person.open(clinic.page)
    dana.page.context.set_offline(True)
    tick(dana.page, "phq9_1", 1)
    dana.page.clock.run_for(1000)
    expect(dana.page.locator("[data-save-state]")).to_have_text("Offline. 1 answer waiting on this page.")
    tick(sam.page, "phq9_2", 2)
    sam.page.clock.run_for(1000)
    sam.sees("Saved at")

    dana.page.clock.run_for(10 * 60 * 1000)
    tick(dana.page, "phq9_3", 0)
    dana.page.clock.run_for(1000)
    expect(dana.page.locator("[data-save-state]")).to_have_text("Offline. 2 answers waiting on this page.")
    dana.page.context.set_offline(False)
    dana.page.clock.run_for(1000)

    dana.sees("Saved at")
    expect(dana.page.locator("#id_phq9_2_2")).to_be_checked()
    assert [value(clinic, f"phq9_{number}") for number in (1, 2, 3)] == [1, 2, 0]
    dana.complaints.clear()


def test_what_one_empties_while_the_other_changes_it_is_a_conflict_with_both(clinic, visit):
    amount = clinic.page.replace("mood/1/", "substance/2/")
    dana, sam = visit(), visit()
    dana.sign_in(clinic.dana)
    dana.open(amount)
    dana.page.fill("#id_drug_times", "3")
    dana.page.locator("#id_drug_times").blur()
    dana.sees("Saved at")
    sam.sign_in(clinic.sam)
    sam.open(amount)
    sam.page.fill("#id_drug_times", "")
    sam.page.locator("#id_drug_times").blur()
    sam.sees("Saved at")
    dana.page.fill("#id_drug_times", "5")
    dana.page.locator("#id_drug_times").blur()

    dana.sees("Both are kept. Which one counts?")
    dana.sees("Sam Okoye changed an answer here.")
    told = [row.answer["value"] for row in AnswerChange.objects.filter(item="drug_times")]
    assert told == [3, None, 5]
    dana.press("Keep mine", exact=False)
    dana.page.wait_for_load_state()
    assert clinic.assessment.responses.get(code="drug_single_item").answers["drug_times"]["value"] == 5
    dana.complaints.clear()
