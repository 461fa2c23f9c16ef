"""Somebody who is not sure to be safe finds help in place, is heard without script, and is called first."""

from __future__ import annotations

import pytest

from accounts.models import Role
from intake.models import Inquiry
from tests import make
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


class TestFirstContact:
    @pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
    def test_from_the_start_page_to_the_call(self, visit, with_password, script):
        make.program()
        self.phone = visit(PHONE, java_script_enabled=script)
        self.has_script = script
        self.given_i_read_the_start_page()
        self.when_i_say_for_whom_and_how_to_reach_me()
        self.when_i_say_i_am_not_sure_to_be_safe()
        self.then_help_is_shown_in_place()
        self.when_i_go_back_and_on_again()
        self.then_what_i_typed_is_still_there()
        self.when_i_check_and_change_the_number()
        self.when_i_send()
        self.then_i_have_a_number_and_a_promise()
        self.when_the_coordinator_opens_the_list(visit(), with_password)
        self.then_i_stand_on_top_and_am_called()
        self.then_my_son_is_recognized_and_i_join_his_record()

    def phone_is_accessible(self):
        if self.has_script:  # axe waits for a promise, which no page without script keeps
            self.phone.is_accessible()

    def given_i_read_the_start_page(self):
        self.phone.open("/")
        self.phone.follow("Ask for a first call")
        self.phone.sees("Nothing is kept until you press Send")
        self.phone.sees("Step 1 of 5")

    def when_i_say_for_whom_and_how_to_reach_me(self):
        page = self.phone.page
        assert not page.get_by_label("Name of the person who needs care").is_visible()
        page.get_by_label("Someone I care for", exact=True).check(force=True)
        page.get_by_label("Your name").fill("Rosa")
        page.get_by_label("Name of the person who needs care").fill("Mateo Núñez")
        assert not page.get_by_label("Where do you work?").is_visible()
        self.phone_is_accessible()
        self.phone.press("Continue")
        self.phone.sees("Step 2 of 5")
        page.get_by_label("Phone number").fill("312 555 0177")
        page.get_by_label("Other people may answer this phone").check(force=True)
        self.phone_is_accessible()
        self.phone.press("Continue")

    def when_i_say_i_am_not_sure_to_be_safe(self):
        page = self.phone.page
        self.phone.sees("Step 3 of 5")
        assert not page.get_by_text("Please don't wait for our call").is_visible()
        page.get_by_label("Tell us in your words").fill("He does not sleep.\nI am afraid.")
        page.get_by_label("Not sure", exact=True).check(force=True)

    def then_help_is_shown_in_place(self):
        self.phone.page.get_by_text("Please don't wait for our call").wait_for()
        assert self.phone.page.get_by_role("link", name="Call 988").get_attribute("href") == "tel:988"
        self.phone_is_accessible()

    def when_i_go_back_and_on_again(self):
        self.phone.press("Back")
        self.phone.sees("Step 2 of 5")
        assert self.phone.page.get_by_label("Phone number").input_value() == "312 555 0177"
        assert self.phone.page.get_by_label("Other people may answer this phone").is_checked()
        self.phone.press("Continue")

    def then_what_i_typed_is_still_there(self):
        self.phone.sees("Step 3 of 5")
        page = self.phone.page
        assert page.get_by_label("Tell us in your words").input_value() == "He does not sleep.\nI am afraid."
        assert page.get_by_label("Not sure", exact=True).is_checked()
        self.phone.press("Continue")
        self.phone.sees("Step 4 of 5")
        self.phone_is_accessible()
        self.phone.press("Continue")

    def when_i_check_and_change_the_number(self):
        self.phone.sees("Check and send")
        self.phone.sees("Please don't wait for our call")
        self.phone_is_accessible()
        self.phone.page.get_by_role("button", name="How to reach you safely").click()
        self.phone.page.get_by_label("Phone number").fill("312 555 0179")
        self.phone.press("Continue")
        self.phone.sees("312-555-0179")
        assert self.phone.page.context.cookies() == [
            cookie for cookie in self.phone.page.context.cookies() if cookie["name"] == "csrftoken"
        ]
        assert not Inquiry.objects.exists()

    def when_i_send(self):
        self.phone.page.wait_for_timeout(3200)  # nobody fills the pages in less than three seconds
        self.phone.press("Send")

    def then_i_have_a_number_and_a_promise(self):
        self.phone.sees("We have your message")
        kept = Inquiry.objects.get()
        self.number = kept.number
        assert (kept.phone, kept.shared_phone, kept.words) == ("+13125550179", True, "He does not sleep.\nI am afraid.")
        self.phone.sees(self.number)
        self.phone.sees("5:00 pm CT")
        self.phone.sees("Please don't wait for our call")

    def when_the_coordinator_opens_the_list(self, desk, with_password):
        mill = make.location(name="Mill Street")
        self.son = make.patient(location=mill, first_name="Mateo", last_name="Núñez", sort_key="nunez mateo")
        self.desk = desk
        desk.sign_in(with_password(make.user(Role.COORDINATOR, at=mill, email="sam@example.test")))
        desk.follow("Inquiries")

    def then_i_stand_on_top_and_am_called(self):
        self.desk.follow("Call now Rosa")
        self.desk.sees("Do not say who is calling")
        self.desk.is_accessible()
        self.desk.page.get_by_label("Note for colleagues").fill("Ask for Rosa.")
        self.desk.press("Within a day")
        self.desk.sees(f"{self.number}: within a day.")
        self.desk.is_accessible()
        self.desk.press("I called back")
        self.desk.sees(f"{self.number}: called back.")

    def then_my_son_is_recognized_and_i_join_his_record(self):
        self.desk.sees("Looks like Mateo N., born March 14, 1989")
        self.desk.press("Register as this person", exact=False)
        self.desk.sees(f"{self.number} is registered as Mateo N.")
        assert Inquiry.objects.get().patient == self.son
