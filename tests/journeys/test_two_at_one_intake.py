"""Two clinicians on one intake at once: different answers merge, the same one shows both until somebody chooses."""

from __future__ import annotations

import pytest

from intake.actions.people import start_intake
from intake.models import AnswerChange, CareTeamMember
from tests import make
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


class TestTwoAtOneIntake:
    def test_different_answers_merge_and_the_same_one_shows_both(self, visit, with_password):
        self.given_two_clinicians_at_the_same_page(visit, with_password)
        self.when_each_answers_another_question()
        self.then_both_answers_are_stored()
        self.when_both_answer_the_same_question()
        self.then_the_second_sees_both_and_it_counts_as_open()
        self.when_the_second_keeps_theirs()
        self.then_it_is_settled_and_the_other_is_in_the_history()

    def given_two_clinicians_at_the_same_page(self, visit, with_password) -> None:
        place = make.location(name="Mill Street")
        dana = with_password(make.clinician(at=place, name="Dana Kessler"))
        sam = with_password(make.clinician(at=place, name="Sam Okoye"))
        patient = make.patient(team=dana, location=place)
        CareTeamMember.objects.create(patient=patient, user=sam)
        self.intake = start_intake(patient=patient, by=dana, at=make.NOON).assessment
        self.dana, self.sam = visit(), visit()
        for visitor, user in ((self.dana, dana), (self.sam, sam)):
            visitor.sign_in(user)
            visitor.open(f"/staff/people/{patient.public_id}/intake/{self.intake.public_id}/mood/1/")

    def choose(self, visitor: Visitor, item: str, value: int) -> None:
        visitor.page.locator(f'[data-item="{item}"] input[value="{value}"]').check(force=True)

    def answers(self) -> dict[str, dict]:
        return self.intake.responses.get(code="phq9").answers

    def when_each_answers_another_question(self) -> None:
        self.choose(self.dana, "phq9_1", 2)
        self.dana.sees("Saved at")
        self.choose(self.sam, "phq9_2", 1)
        self.sam.sees("Saved at")

    def then_both_answers_are_stored(self) -> None:
        assert {item: entry["value"] for item, entry in self.answers().items()} == {"phq9_1": 2, "phq9_2": 1}
        # What Dana said has come to Sam's page with his save, marked as hers.
        self.sam.sees("Dana Kessler changed this")
        assert self.sam.page.locator('[data-item="phq9_1"] input:checked').input_value() == "2"

    def when_both_answer_the_same_question(self) -> None:
        with self.dana.page.expect_response(lambda response: response.request.method == "POST"):
            self.choose(self.dana, "phq9_3", 3)
        self.choose(self.sam, "phq9_3", 1)

    def then_the_second_sees_both_and_it_counts_as_open(self) -> None:
        self.sam.sees("Dana Kessler changed an answer here.")
        panel = self.sam.page.locator("#slot_phq9_3")
        panel.get_by_role("button", name="Keep mine").wait_for()
        assert "Nearly every day" in panel.inner_text()
        assert "Several days" in panel.inner_text()
        assert "2 of 9" in self.sam.page.inner_text("main")
        self.sam.is_accessible()

    def when_the_second_keeps_theirs(self) -> None:
        with self.sam.page.expect_navigation():
            self.sam.press("Keep mine", exact=False)
        self.sam.complaints.clear()  # the browser reports the 409 of the conflict; that answer was meant

    def then_it_is_settled_and_the_other_is_in_the_history(self) -> None:
        assert self.answers()["phq9_3"]["value"] == 1
        assert "disputed" not in self.answers()["phq9_3"]
        kept = AnswerChange.objects.filter(item="phq9_3").values_list("answer__value", "accepted")
        assert list(kept) == [(3, True), (1, False), (1, True)]
        self.sam.is_accessible()
