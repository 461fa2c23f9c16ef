"""The whole road: a person is registered, assessed, advised, seated, sees the week and is reminded."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Role
from intake.instruments import load
from intake.models import Assessment, Patient
from intake.sections import SECTIONS
from messaging.models import OutboxMessage, State
from programs.models import TrackCode
from scheduling import actions
from tests import make
from tests.journeys.answering import Interview
from tests.journeys.conftest import PHONE
from tests.scheduling import people

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(with_password):
    """A place, a clinician who works there, and a cohort of the depression track with seats."""
    place = make.location(name="Mill Street")
    clinician = with_password(make.clinician(at=place, name="Dana K.", email="dana@example.test"))
    today = timezone.localdate(timezone=ZoneInfo(place.zone))
    cohort = make.cohort(
        location=place,
        program=make.program(track=TrackCode.DEPRESSION, neutral_name="Morning program"),
        facilitator=clinician,
        seats=8,
        starts_on=today - timedelta(days=7),
        ends_on=today + timedelta(weeks=9),
        last_entry_on=today + timedelta(weeks=6),
        blocks=tuple((day, time(hour)) for day in (0, 2, 4) for hour in (9, 11)),
    )
    actions.generate_sessions(cohort=cohort, at=timezone.now())
    return clinician, cohort, today


class TestTheRoad:
    def test_from_registration_to_a_reminder(self, clinic, visit, with_password, mail_sink):
        self.clinician, self.cohort, self.today = clinic
        self.desk = visit()
        self.when_i_sign_in_and_register("Rosa", "Marlow")
        self.when_i_start_the_intake()
        self.when_i_answer_every_page()
        self.then_the_check_page_says_what_was_answered()
        self.when_i_sign()
        self.then_i_see_what_the_intake_points_to()
        self.when_i_agree_and_find_a_place()
        self.then_the_seat_is_taken()
        self.when_the_patient_opens_the_phone(visit, with_password)
        self.then_the_reminders_arrive_once(mail_sink)

    # ---- The clinician

    def when_i_sign_in_and_register(self, first: str, last: str) -> None:
        self.desk.open("/sign-in/")
        self.desk.is_accessible()
        self.desk.sign_in(self.clinician)
        self.desk.sees("Today")
        self.desk.is_accessible()
        self.desk.follow("People")
        self.desk.is_accessible()
        self.desk.follow("Register a person")
        page = self.desk.page
        page.get_by_label("First name").fill(first)
        page.get_by_label("Last name").fill(last)
        page.get_by_label("Month").fill("3")
        page.get_by_label("Day").fill("14")
        page.get_by_label("Year").fill("1989")
        page.get_by_role("textbox", name="Email address").fill("rosa@example.test")
        page.get_by_role("group", name=re.compile("May we send email")).get_by_label("Yes").check(force=True)
        self.desk.is_accessible()
        page.locator("main form button[type=submit], main form input[type=submit]").last.click()
        self.desk.sees("Rosa")
        self.desk.is_accessible()
        self.patient = Patient.objects.get(first_name=first, last_name=last)

    def when_i_start_the_intake(self) -> None:
        self.desk.press("Start intake")
        self.desk.sees("Intake for Rosa M.")
        self.desk.is_accessible()
        self.intake = Assessment.objects.get(patient=self.patient)
        self.base = f"/staff/people/{self.patient.public_id}/intake/{self.intake.public_id}/"

    def when_i_answer_every_page(self) -> None:
        interview = Interview("depression", self.today.isoformat())
        for section in SECTIONS:
            items = {item.code: item for code in section.codes for item in load(code).items}
            self.desk.open(f"{self.base}{section.slug}/")
            met = 0
            while f"/{section.slug}/" in self.desk.page.url and met < 20:
                met += 1
                if met == 1:
                    self.desk.is_accessible()
                if section.slug == "mood" and self.desk.page.locator("[data-item=phq9_1]").count():
                    self.by_keyboard(interview)
                interview.answer_page(self.desk.page, items)
                with self.desk.page.expect_navigation():
                    self.desk.page.locator("[data-continue]").click()

    def by_keyboard(self, interview: Interview) -> None:
        """PHQ-9 takes nine keys (EXPERIENCE 1.10), and each is saved on its own."""
        page = self.desk.page
        page.locator("[data-item=phq9_1] input").first.focus()
        for value in interview.facts["phq9.items"]:
            page.keyboard.press(str(value))
        chosen = page.locator("[data-item^=phq9_] input:checked")
        assert [chosen.nth(place).input_value() for place in range(9)] == [
            str(value) for value in interview.facts["phq9.items"]
        ]
        self.desk.sees("Saved at")

    def then_the_check_page_says_what_was_answered(self) -> None:
        self.desk.open(f"{self.base}check/")
        self.desk.sees("Nearly every day")
        self.desk.is_accessible()

    def when_i_sign(self) -> None:
        self.desk.open(f"{self.base}sign/")
        self.desk.sees("Your password")
        self.desk.is_accessible()
        self.desk.page.get_by_label("Your name").fill("Dana K.")
        self.desk.page.get_by_label("Your password").fill(make.PASSWORD)
        self.desk.press("Sign")

    def then_i_see_what_the_intake_points_to(self) -> None:
        self.desk.sees("What the intake points to")
        self.desk.sees("Intensive outpatient")
        self.desk.sees("PHQ-9 total: 17 of 27")
        self.desk.is_accessible()
        assert self.desk.page.locator("input[name=choice]:checked").count() == 0

    def when_i_agree_and_find_a_place(self) -> None:
        self.desk.page.get_by_label(re.compile("Agree with Depression")).check(force=True)
        self.desk.press("Record decision")
        self.desk.follow("Find a place")
        self.desk.sees("These fit")
        self.desk.is_accessible()
        self.desk.page.get_by_role("button", name=re.compile("Hold a place")).first.click()
        self.desk.sees("Enroll once all of it is done.")
        people.papers(self.patient)  # how they are signed is told in a journey of its own
        self.desk.page.reload()
        self.desk.press("Enroll")
        self.desk.sees("has a place in")

    def then_the_seat_is_taken(self) -> None:
        self.desk.page.wait_for_load_state()
        enrollment = self.patient.enrollments.get()
        assert enrollment.cohort == self.cohort
        assert OutboxMessage.objects.filter(recipient__contains=str(self.patient.public_id)).exists()

    # ---- The patient

    def when_the_patient_opens_the_phone(self, visit, with_password) -> None:
        self.patient.user = with_password(make.user(Role.PATIENT, name="Rosa M.", email="rosa@example.test"))
        self.patient.save(update_fields=["user"])
        phone = visit(PHONE)
        phone.sign_in(self.patient.user)
        phone.sees("Hello, Rosa")
        phone.sees("Skills group")
        phone.is_accessible()
        phone.press("I'll be there")
        phone.sees("You're confirmed")
        phone.is_accessible()

    # ---- The reminder

    def then_the_reminders_arrive_once(self, mail_sink) -> None:
        """The beat's sweep, at the time of the first reminder that is still to come."""
        from messaging import actions as messaging
        from messaging.channels import deliver

        due = OutboxMessage.objects.filter(state=State.PENDING).order_by("due_at").first()
        assert due is not None
        now: datetime = due.due_at + timedelta(seconds=1)
        for _ in range(2):
            messaging.sweep(clock=lambda: now, deliver=deliver)
        due.refresh_from_db()
        assert due.state == State.SENT
        keys = [letter["key"] for letter in mail_sink.received()]
        assert keys.count(str(due.public_id)) == 1
