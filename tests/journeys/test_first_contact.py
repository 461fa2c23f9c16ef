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
        self.given_i_read_the_start_page()
        self.when_i_say_i_am_not_sure_to_be_safe()
        self.then_help_is_shown_in_place()
        self.when_i_send()
        self.then_i_have_a_number_and_a_promise()
        self.when_the_coordinator_opens_the_list(visit(), with_password)
        self.then_i_stand_on_top_and_am_called()

    def given_i_read_the_start_page(self):
        self.phone.open("/")
        self.phone.follow("Ask for a first call")
        self.phone.sees("Nothing is kept until you press Send")

    def when_i_say_i_am_not_sure_to_be_safe(self):
        page = self.phone.page
        assert not page.get_by_text("Please don't wait for our call").is_visible()
        page.get_by_label("Me", exact=True).check(force=True)
        page.get_by_label("Your name").fill("Rosa")
        page.get_by_label("Phone number").fill("312 555 0177")
        page.get_by_label("Not sure", exact=True).check(force=True)

    def then_help_is_shown_in_place(self):
        self.phone.page.get_by_text("Please don't wait for our call").wait_for()
        assert self.phone.page.get_by_role("link", name="Call 988").get_attribute("href") == "tel:988"

    def when_i_send(self):
        self.phone.page.wait_for_timeout(3200)  # nobody fills the page in less than three seconds
        self.phone.press("Send")

    def then_i_have_a_number_and_a_promise(self):
        self.number = Inquiry.objects.get().number
        self.phone.sees(self.number)
        self.phone.sees("5:00 pm CT")
        self.phone.sees("Please don't wait for our call")

    def when_the_coordinator_opens_the_list(self, desk, with_password):
        self.desk = desk
        desk.sign_in(with_password(make.user(Role.COORDINATOR, email="sam@example.test")))
        desk.follow("Inquiries")

    def then_i_stand_on_top_and_am_called(self):
        self.desk.follow("Call now Rosa")
        self.desk.sees("Do not say who is calling")
        self.desk.is_accessible()
        self.desk.press("I called back")
        self.desk.sees(f"{self.number}: called back.")
