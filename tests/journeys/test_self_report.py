"""A form on the person's own phone: in parts on two days, with a worrying answer, sent, and read into the intake."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from accounts.models import Role
from intake.actions import forms as actions
from intake.actions.answers import Change, save_answers
from intake.actions.people import start_intake
from intake.models import Assignment, QuestionnaireResponse, SafetyEvent
from iop.staffed import read_spans
from tests import make
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

ANSWERS = (1, 2, 0, 1, 3, 1, 2, 0, 1)
HOW_OFTEN = ("Not at all", "Several days", "More than half the days", "Nearly every day")


@pytest.fixture
def rosa(with_password):
    """Rosa with a sign-in, her clinician, and an intake that is open."""
    place = make.location(name="Mill Street")
    dana = with_password(make.clinician(at=place, name="Dana Kessler"))
    patient = make.patient(team=dana, location=place, user=with_password(make.user(Role.PATIENT, name="Rosa M.")))
    intake = start_intake(patient=patient, by=dana, at=make.NOON).assessment
    return patient, dana, intake


@pytest.fixture
def staffed(settings):
    """Somebody is at the clinic, whenever this runs."""
    settings.CLINIC = replace(settings.CLINIC, staffed=read_spans("mon-sun 00:00-24:00"))


@pytest.mark.usefixtures("staffed")
class TestSelfReport:
    def test_from_the_clinicians_desk_to_the_phone_and_back(self, rosa, visit):
        self.patient, self.dana, self.intake = rosa
        self.visit = visit
        self.record = f"/staff/people/{self.patient.public_id}/"
        self.when_the_clinician_assigns_two_forms()
        self.when_rosa_answers_the_first_part()
        self.when_she_comes_back_the_next_day_on_another_device()
        self.then_she_goes_on_where_she_stopped()
        self.when_she_answers_the_last_question_with_several_days()
        self.then_a_page_offers_help_and_the_clinic_knows()
        self.when_she_checks_and_sends()
        self.then_nothing_is_read_before_consent()
        self.when_consent_is_recorded_and_the_clinician_takes_it_over()
        self.then_a_differing_view_stands_beside_her_answer()

    # ---- The clinician

    def when_the_clinician_assigns_two_forms(self) -> None:
        self.desk = self.visit()
        self.desk.sign_in(self.dana)
        self.desk.open(self.record)
        self.desk.follow("Forms")
        self.desk.is_accessible()
        for form in ("PHQ-9", "GAD-7"):
            self.desk.page.get_by_label(form, exact=True).check(force=True)
        self.desk.press("Assign forms")
        self.desk.sees("2 forms wait for Rosa in the portal.")
        self.desk.is_accessible()

    # ---- The first day

    def when_rosa_answers_the_first_part(self) -> None:
        phone = self.phone()
        phone.sees("A form waits for you")
        phone.is_accessible()
        phone.follow("Forms")
        phone.sees("About 2 minutes")
        phone.is_accessible()
        phone.follow("How you have been feeling")
        phone.sees("Only your care team")
        phone.is_accessible()
        phone.press("Begin")
        for number in (1, 2, 3):
            self.answer(phone, number)
        phone.sees("4 of 9")
        self.choose(phone, 1)
        phone.sees("Saved. You can stop and come back any time.")
        phone.page.wait_for_function("document.querySelector('[data-save-state]').dataset.state == 'saved'")
        assert QuestionnaireResponse.objects.get(code="phq9", assignment__isnull=False).answers["phq9_4"]["value"] == 1
        phone.follow("Back")
        phone.sees("3 of 9")
        phone.press("Sign out")
        self.nothing_is_left_in(phone)

    def phone(self):
        arrived = self.visit(PHONE)
        arrived.sign_in(self.patient.user)
        arrived.sees("Hello, Rosa")
        return arrived

    def answer(self, phone, number: int) -> None:
        phone.sees(f"{number} of 9")
        if number in (1, 9):
            phone.is_accessible()
        self.fits_the_screen(phone)
        self.choose(phone, ANSWERS[number - 1])
        phone.press("Continue")

    def choose(self, phone, value: int) -> None:
        phone.page.get_by_label(HOW_OFTEN[value], exact=True).click()  # the whole card is the target

    def fits_the_screen(self, phone) -> None:
        button = phone.page.locator("[data-continue]").bounding_box()
        assert button["y"] + button["height"] <= PHONE["height"], phone.page.url
        cards = phone.page.locator("label.ui-choice")
        assert min(cards.nth(place).bounding_box()["height"] for place in range(cards.count())) >= 60

    def nothing_is_left_in(self, phone) -> None:
        """PRV-12: the device keeps no answer."""
        assert phone.page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert {cookie["name"] for cookie in phone.page.context.cookies()} <= {"csrftoken", "sessionid", "messages"}

    # ---- The second day

    def when_she_comes_back_the_next_day_on_another_device(self) -> None:
        day = timedelta(days=1)
        Assignment.objects.update(assigned_at=F("assigned_at") - day, started_at=F("started_at") - day)
        response = QuestionnaireResponse.objects.get(assignment__isnull=False)
        for entry in response.answers.values():
            entry["at"] = (datetime.fromisoformat(entry["at"]) - day).isoformat()
        response.save(update_fields=["answers"])
        self.second = self.phone()

    def then_she_goes_on_where_she_stopped(self) -> None:
        self.second.follow("Forms")
        self.second.sees("4 of 9 answered")
        self.second.follow("How you have been feeling")
        self.second.press("Go on where you stopped")
        for number in (5, 6, 7, 8):
            self.answer(self.second, number)

    def when_she_answers_the_last_question_with_several_days(self) -> None:
        self.answer(self.second, 9)

    def then_a_page_offers_help_and_the_clinic_knows(self) -> None:
        self.second.sees("Thank you for telling us. You don't have to handle this alone.")
        self.second.sees("Somebody contacts you today.")
        self.second.is_accessible()
        for way in ("tel:988", "sms:988", "https://988lifeline.org/chat/", "tel:911"):
            assert self.second.page.locator(f'main a[href="{way}"]').count() == 1
        assert self.second.page.title() == "Your form - Oak Street Clinic"
        event = SafetyEvent.objects.get(patient=self.patient)
        assert (event.level, event.owner) == ("S1", self.dana)
        self.desk.open("/staff/safety/")
        self.desk.sees(self.patient.last_name)
        self.second.follow("Go on with the form")

    def when_she_checks_and_sends(self) -> None:
        self.second.press("I'd rather not say")
        self.second.sees("Check your answers")
        self.second.sees("Everything is answered.")
        self.second.is_accessible()
        self.second.press("Send to your care team")
        self.second.sees("Thank you. Your answers are sent.")
        self.second.is_accessible()
        assert "of 27" not in self.second.page.inner_text("main")
        self.second.sees("Next: Worry and tension")
        self.second.follow("Forms")
        self.second.sees("Done")
        self.second.is_accessible()
        self.nothing_is_left_in(self.second)

    # ---- Back at the desk

    def then_nothing_is_read_before_consent(self) -> None:
        self.desk.open(f"{self.record}forms/")
        self.desk.sees("Not yet: answers are read once consent to treatment is recorded.")
        self.desk.is_accessible()
        assert "11 of 27" not in self.desk.page.inner_text("main")

    def when_consent_is_recorded_and_the_clinician_takes_it_over(self) -> None:
        self.desk.follow("Record consent first")
        self.desk.page.locator('[data-item="consent_treatment"] input[value="yes"]').check(force=True)
        self.desk.sees("Saved at")
        self.desk.open(f"{self.record}intake/{self.intake.public_id}/")
        self.desk.sees("1 to read")
        self.desk.is_accessible()
        self.desk.follow("Questionnaires filled in before")
        self.desk.sees("11 of 27, moderate")
        self.desk.is_accessible()
        self.desk.follow("PHQ-9")
        self.desk.sees("The person")
        self.desk.is_accessible()
        self.desk.press("Take into the intake")
        self.desk.sees("its answers are in the intake")

    def then_a_differing_view_stands_beside_her_answer(self) -> None:
        response = self.intake.responses.get(code="phq9")
        save_answers(
            response=response,
            changes=[Change("phq9_1", 3)],
            base_revision=response.revision,
            by=self.dana,
            at=make.NOON + timedelta(days=2),
        )
        entry = self.intake.responses.get(code="phq9").answers["phq9_1"]
        assert (entry["value"], entry["respondent"], entry["clinician"]["value"]) == (1, "patient", 3)
        self.desk.open(f"{self.record}intake/{self.intake.public_id}/mood/1/")
        self.desk.sees("Rosa answered this")
        self.desk.is_accessible()


@pytest.mark.usefixtures("staffed")
class TestOnASharedDevice:
    @pytest.fixture
    def form(self, rosa):
        patient, dana, _ = rosa
        given = actions.assign(patient=patient, codes=["phq9"], due_on=None, by=dana, at=make.NOON).made[0]
        return actions.begin(assignment=given, for_someone=False, at=make.NOON).assignment

    def test_hiding_leaves_for_a_neutral_site_and_back_shows_nothing(self, rosa, form, visit, settings, live_server):
        settings.NEUTRAL_SITE = f"{live_server.url}/programs/"
        phone = visit(PHONE)
        phone.sign_in(rosa[0].user)
        phone.open(f"/my/forms/{form.public_id}/9/")
        phone.sees("better off dead")
        phone.press("Hide this page")
        phone.page.wait_for_url("**/programs/")
        phone.page.go_back()
        assert "better off dead" not in phone.page.content()

    def test_everything_works_without_a_script(self, rosa, form, visit):
        phone = visit(PHONE, java_script_enabled=False)
        phone.sign_in(rosa[0].user)
        phone.open(f"/my/forms/{form.public_id}/1/")
        for number in range(1, 10):
            phone.sees(f"{number} of 9")
            phone.page.locator('label.ui-choice input[value="0"]').check(force=True)
            phone.press("Continue")
        phone.press("I'd rather not say")
        phone.press("Send to your care team")
        phone.sees("Thank you. Your answers are sent.")

        assert re.fullmatch("phone|computer", Assignment.objects.get().device)
        assert len(QuestionnaireResponse.objects.get(assignment=form).answers) == 10
