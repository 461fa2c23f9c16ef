"""From one answer to a closed alert: seen at once, worked on by two people, and the person keeps a plan."""

from __future__ import annotations

import re

import pytest

from accounts.models import Role
from intake.actions.people import start_intake
from intake.models import SafetyEvent
from tests import make
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

ASSESSMENT = {
    "How you understand the risk": "Thoughts with intent since Sunday, no plan. Her sister protects.",
    "Which level of care, and why": "Partial hospitalization this week.",
    "Whom you consulted": "Dr. Lee, 10:50 am.",
    "Who was called, and when": "Dr. Lee at 10:44 am.",
    "Who stayed with the person": "I did.",
    "Emergency evaluation, or why not": "Not needed: no plan, sister comes now.",
    "How the person got there, or home": "Home with her sister.",
}
PLAN = {
    "My warning signs": "Pacing at night",
    "What I can do by myself": "A walk by the lake",
    "People I can ask for help": "Ana, 312-555-0172",
    "Making my surroundings safer": "Ana keeps the pills",
}


class TestFromAnAnswerToAClosedAlert:
    def test_the_story(self, visit, with_password):
        place = make.location(name="Mill Street")
        self.clinician = with_password(make.clinician(at=place, name="Dana K."))
        self.supervisor = with_password(make.user(Role.SUPERVISOR, at=place, name="Lee A."))
        self.person = with_password(make.user(Role.PATIENT))
        self.patient = make.patient(team=self.clinician, location=place, user=self.person, phone="312-555-0100")
        self.intake = start_intake(patient=self.patient, by=self.clinician, at=make.NOON).assessment
        self.desk, self.office, self.phone = visit(), visit(), visit(PHONE)

        self.when_the_person_reports_thoughts_of_self_harm()
        self.when_the_safety_questions_are_high()
        self.then_nobody_signs_yet()
        self.then_the_supervisor_sees_it_first()
        self.when_the_clinician_records_who_is_there_and_the_assessment()
        self.when_a_plan_is_written_and_monitoring_begins()
        self.then_the_clinician_cannot_close_it()
        self.when_the_supervisor_closes_it()
        self.then_the_person_has_the_plan()

    @property
    def base(self) -> str:
        return f"/staff/people/{self.patient.public_id}/intake/{self.intake.public_id}/"

    @property
    def event(self) -> SafetyEvent:
        return self.patient.safety_events.get()

    @property
    def alert(self) -> str:
        return f"/staff/people/{self.patient.public_id}/safety/{self.event.public_id}/"

    def when_the_person_reports_thoughts_of_self_harm(self) -> None:
        self.desk.sign_in(self.clinician)
        self.desk.sees("Today")
        self.desk.open(f"{self.base}mood/1/")
        self.desk.page.locator('[data-item="phq9_9"] input[value="2"]').check()
        self.desk.sees("This answer needs a safety check before you finish")
        assert self.desk.page.locator("#safety_phq9_9 [role=alert]").count() == 1
        self.desk.is_accessible()

    def when_the_safety_questions_are_high(self) -> None:
        self.desk.follow("Start safety questions")
        self.desk.open(f"{self.base}safety/2/")
        # A yes to the second question brings the next ones.
        for code in ("cssrs_q2", "cssrs_q4"):
            self.desk.page.locator(f'[data-item="{code}"] input[value="yes"]').check()
        self.desk.sees("Do not leave this person alone")
        self.desk.is_accessible()
        self.desk.open(self.base)
        self.desk.sees("Do not leave this person alone.")
        self.desk.is_accessible()

    def then_nobody_signs_yet(self) -> None:
        assert "Not yet" in self.desk.page.inner_text("main")

    def then_the_supervisor_sees_it_first(self) -> None:
        self.office.sign_in(self.supervisor)
        self.office.sees("overdue safety steps")
        self.office.is_accessible()
        self.office.follow("Safety")
        self.office.sees("S3, high")
        self.office.sees("due in")
        self.office.is_accessible()

    def when_the_clinician_records_who_is_there_and_the_assessment(self) -> None:
        self.desk.follow("Record who is with the person")
        self.desk.sees("Do this at once, with contact within 15 minutes")
        assert self.desk.page.get_by_label("Who is with the person").is_checked()
        self.desk.is_accessible()
        self.desk.page.get_by_label("What happened, and when").fill("I am, since 10:42 am.")
        self.desk.press("Add")
        self.desk.sees("I am, since 10:42 am.")
        for label, words in ASSESSMENT.items():
            self.desk.page.get_by_label(label).fill(words)
        self.desk.press("Record the assessment")
        self.desk.sees("Risk assessed")

    def when_a_plan_is_written_and_monitoring_begins(self) -> None:
        self.desk.follow("Write a safety plan")
        self.desk.sees("in Rosa's own words")
        self.desk.is_accessible()
        for label, words in PLAN.items():
            self.desk.page.get_by_label(label).fill(words)
        self.desk.press("Save the plan")
        self.desk.sees("Safety plan, version 1")
        self.desk.is_accessible()
        self.desk.open(self.alert)
        self.desk.page.get_by_label("How the plan was made").fill("Together; Rosa has a copy.")
        self.desk.press("Record that the plan is in place")
        self.desk.page.get_by_label("Who makes the next contact, and how").fill("I call on Thursday.")
        self.desk.press("Begin monitoring")
        self.desk.sees("due in 2 days")
        self.desk.is_accessible()

    def then_the_clinician_cannot_close_it(self) -> None:
        self.desk.sees("You assessed this risk. Somebody else closes it.")
        assert self.desk.page.get_by_role("button", name="Close this alert").count() == 0

    def when_the_supervisor_closes_it(self) -> None:
        self.office.open(self.alert)
        self.office.page.get_by_label("Why this can be closed").fill("Two lower results in a row.")
        self.office.page.get_by_label("Your password").fill(make.PASSWORD)
        self.office.is_accessible()
        self.office.press("Close this alert")
        self.office.sees("closed by Lee A.")
        self.office.is_accessible()
        assert (self.event.state, self.event.closed_by) == ("closed", self.supervisor)
        self.office.open(f"/staff/people/{self.patient.public_id}/safety/")
        self.office.sees("Version 1")
        self.office.is_accessible()

    def then_the_person_has_the_plan(self) -> None:
        self.phone.sign_in(self.person)
        self.phone.follow("My safety plan")
        self.phone.sees("A walk by the lake")
        assert self.phone.page.locator('a[href="tel:+13125550172"]').count() == 1
        self.phone.is_accessible()


def test_what_was_begun_is_kept_when_a_colleague_was_faster(visit, with_password):
    place = make.location()
    dana = with_password(make.clinician(at=place, name="Dana K."))
    lee = with_password(make.user(Role.SUPERVISOR, at=place, name="Lee A."))
    patient = make.patient(team=dana, location=place)
    one, other = visit(), visit()
    one.sign_in(dana)
    one.open(f"/staff/people/{patient.public_id}/safety/")
    one.page.get_by_text("Open an alert by hand").click()
    one.page.get_by_label(re.compile("I am worried")).check(force=True)
    one.page.get_by_label("What you saw or heard, and when").fill("Gave away her guitar.")
    one.is_accessible()
    one.press("Open the alert")
    one.sees("Gave away her guitar.")
    other.sign_in(lee)
    other.open(one.page.url.removeprefix(one.address))
    for visitor, name in ((one, "Dana"), (other, "Lee")):
        for label in ("How you understand the risk", "Which level of care, and why", "Whom you consulted"):
            visitor.page.get_by_label(label).fill(f"{name}: {label}")
    one.press("Record the assessment")
    one.sees("Risk assessed")
    with other.page.expect_navigation():
        other.press("Record the assessment")
    other.sees("Dana K. changed this at")
    other.sees("Lee: Whom you consulted")
    other.is_accessible()
    other.complaints.clear()  # the browser logs the 409 that this is about
