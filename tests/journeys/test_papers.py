"""What is agreed and who pays: a consent is signed and taken back, a way to reach somebody asked, coverage checked."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from accounts.models import Role
from intake.models import Consent, Coverage
from tests import make

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rosa(with_password):
    place = make.location(name="Mill Street")
    dana = with_password(make.clinician(at=place, name="Dana K."))
    return make.patient(team=dana, location=place, last_name="Marlow", phone="+13125550142")


def record(patient) -> str:
    return f"/staff/people/{patient.public_id}/"


def link(desk, words: str, whose: str):
    """A link that says whose it is only to screen readers."""
    return desk.page.get_by_role("link", name=re.compile(rf"^{words}\W+{whose}$"))


def test_a_consent_is_signed_for_the_mother_and_taken_back(rosa, visit):
    make.supporter(rosa, name="Maria Marlow", relation="parent")
    desk = visit()
    desk.sign_in(rosa.registered_by)
    desk.open(record(rosa))
    desk.is_accessible()
    desk.page.get_by_role("navigation", name="Record").get_by_role("link", name="Consents").click()
    desk.sees("Nothing is shared")
    desk.is_accessible()
    desk.follow("New consent")
    desk.is_accessible()
    desk.follow("To a named person or organization")
    desk.press("Sign")
    desk.sees("There is a problem")
    desk.complaints.clear()  # the browser logs the 422, which is the point here
    desk.is_accessible()
    fill_in(desk.page)
    desk.is_accessible()
    desk.press("Sign")
    desk.sees("The consent is signed")
    desk.is_accessible()
    desk.follow("Maria Marlow, parent")
    desk.sees("As it was signed")
    desk.is_accessible()
    desk.follow("Stop sharing now")
    desk.sees("From this moment nothing more is shared with Maria Marlow, parent")
    desk.is_accessible()
    desk.press("Stop sharing now")
    desk.sees("Sharing has stopped")
    desk.is_accessible()
    assert Consent.objects.get().revoked_by == rosa.registered_by


def fill_in(page) -> None:
    page.get_by_label("Who may share it?").fill("Oak Street Clinic")
    page.get_by_label("What may be shared?").fill("That I am in care here, and the days I come")
    page.get_by_label("Somebody who stands on the record").select_option(label="Maria Marlow, parent")
    page.get_by_label("What for?").fill("So that she can support me")
    page.get_by_label("On a day", exact=True).check(force=True)
    page.get_by_label("The day, when it ends on a day").fill("2099-09-01")
    for tick in page.get_by_label("I have read this").all():
        tick.check(force=True)
    page.get_by_label("Full name").fill("Rosa Marlow")


def test_a_coordinator_asks_how_to_reach_somebody_and_checks_the_coverage(rosa, visit, with_password):
    desk = visit()
    desk.sign_in(with_password(make.user(Role.COORDINATOR, at=rosa.location)))
    desk.open(f"{record(rosa)}contact/")
    desk.is_accessible()
    link(desk, "Ask", "Phone call").click()
    desk.is_accessible()
    for question, answer in (("May we call?", "Yes"), ("May we leave a message?", "No"), ("May we say who", "No")):
        desk.page.get_by_role("group", name=question).get_by_label(answer).check(force=True)
    desk.press("Save")
    desk.sees("Leave no message")
    desk.is_accessible()
    desk.follow("Add somebody")
    desk.is_accessible()
    desk.page.get_by_label("Name", exact=True).fill("Maria Marlow")
    desk.page.get_by_label("How they are related").select_option("parent")
    desk.page.get_by_label("Phone number").fill("312-555-0100")
    desk.page.get_by_label("We may call them in an emergency").check(force=True)
    desk.press("Save")
    desk.sees("Call in an emergency")
    link(desk, "Change", "Maria Marlow").click()
    desk.is_accessible()
    desk.page.go_back()
    link(desk, "No longer listed", "Maria Marlow").click()
    desk.is_accessible()
    desk.open(f"{record(rosa)}contact/change/")
    desk.is_accessible()
    desk.open("/staff/coverage/")
    desk.sees("No check yet")
    desk.is_accessible()
    link(desk, "Check coverage", "Rosa Marlow").click()
    desk.press("Save check")
    desk.sees("Enter the name of the payer.")
    desk.complaints.clear()  # the browser logs the 422, which is the point here
    desk.is_accessible()
    for label, value in (
        ("Payer", "Lakeshore Mutual"),
        ("Member ID", "LM-7"),
        ("Deductible, individual (optional)", "$1,500"),
    ):
        desk.page.get_by_label(label, exact=True).fill(value)
    for label, value in (("Who told you", "Pat"), ("When", "2026-03-02"), ("Reference number of the call", "R-7")):
        desk.page.get_by_label(label, exact=True).fill(value)
    desk.page.get_by_label("This check holds until").fill("2099-03-31")
    desk.press("Save check")
    desk.sees("$1,500.00")
    desk.is_accessible()
    link(desk, "No longer insured there", "Lakeshore Mutual").click()
    desk.is_accessible()
    assert Coverage.objects.get().payer == "Lakeshore Mutual"


def fill(desk, fields: dict[str, str]) -> None:
    for label, value in fields.items():
        desk.page.get_by_label(label, exact=True).first.fill(value)


def test_a_coordinator_notes_an_authorization_an_estimate_and_a_payment_plan(rosa, visit, with_password):
    make.coverage(rosa, authorization_needed=True)
    desk = visit()
    desk.sign_in(with_password(make.user(Role.COORDINATOR, at=rosa.location)))
    desk.open(f"{record(rosa)}coverage/")
    desk.sees("None is on record.")
    desk.follow("Add authorization")
    desk.page.get_by_label("Decision", exact=True).select_option("approved")
    desk.press("Save authorization")
    desk.sees("Enter how many are authorized.")
    desk.complaints.clear()  # the browser logs the 422, which is the point here
    desk.is_accessible()
    desk.page.get_by_label("Level of care").select_option("iop")
    desk.page.get_by_label("Counted in").select_option("days")
    fill(desk, {"Asked for on": "2026-03-02", "Decided on (optional)": "2026-03-04"})
    fill(desk, {"Authorization number (optional)": "A-77", "How many are authorized (optional)": "24"})
    fill(desk, {"First day (optional)": "2026-03-09", "Last day (optional)": "2099-04-24"})
    fill(desk, {"Who told you": "Pat", "When": "2026-03-04", "Reference of the call or letter": "L-1"})
    desk.press("Save authorization")
    desk.sees("Authorized: 24 days until Apr 24, 2099.")

    desk.follow("Write estimate")
    desk.page.get_by_label("The person asked for it").check(force=True)
    desk.page.get_by_label("Level of care").select_option("iop")
    fill(desk, {"What": "Program day", "How many": "24", "Price of one": "$250.33"})
    fill(
        desk,
        {"People in the household (optional)": "1", "Household income in a year, before taxes (optional)": "20,000"},
    )
    desk.press("Write estimate")
    desk.sees("$2,403.16")
    desk.is_accessible()
    desk.page.get_by_label("In their hands").check(force=True)
    desk.press("Note that they have it")
    desk.sees("Noted by")

    desk.open(f"{record(rosa)}coverage/")
    desk.follow("Agree on a payment plan")
    desk.page.get_by_label("Every month").check(force=True)
    fill(desk, {"Number of installments": "3", "First payment on": "2099-01-31"})
    desk.press("Save payment plan")
    desk.sees("$801.06")
    desk.is_accessible()
    assert sum(each.amount for each in rosa.payment_plans.get().installments.all()) == Decimal("2403.16")
