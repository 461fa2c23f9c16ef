"""The rules change: one supervisor raises a threshold and sees whose result would change, another one publishes."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Role
from programs import actions
from programs.actions import rehearsing
from programs.models import RuleSet
from tests import make
from tests.journeys.conftest import Visitor
from tests.programs import people

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

THRESHOLD = "Depression, main measure, PHQ-9 total is 15 or more"


class TestTheRulesChange:
    @pytest.fixture(autouse=True)
    def _clinic(self, with_password):
        make.vignettes()
        place = make.location(name="Mill Street")
        self.ruth = with_password(make.user(Role.SUPERVISOR, at=place, name="Ruth M."))
        self.lee = with_password(make.user(Role.SUPERVISOR, at=place, name="Dr. Lee"))
        now = timezone.now()
        rosa = people.a_patient(location=place, first_name="Rosa", last_name="Marlow")
        self.assessment = people.signed("close_call", patient=rosa, at=now, **{"preference.main_goal": "trauma"})
        self.old = actions.recommend(assessment=self.assessment, at=now)

    def test_one_supervisor_raises_a_threshold_and_another_publishes_it(self, visit):
        self.first, self.second = visit(), visit()
        self.when_ruth_starts_a_draft()
        self.when_she_raises_the_threshold("18")
        self.then_she_reads_what_is_different_and_whose_result_would_change()
        self.when_she_sends_it_to_review()
        self.then_she_cannot_publish_it()
        self.when_dr_lee_publishes_it()
        self.then_a_new_recommendation_uses_it_and_the_old_one_keeps_its_rules()

    def when_ruth_starts_a_draft(self) -> None:
        self.first.sign_in(self.ruth)
        self.first.sees("Today")
        self.first.follow("Rules")
        self.first.sees("The first rules.")
        self.first.is_accessible()
        self.first.press("Start from the published rules")
        self.first.sees("Draft 2026.2 is here.")
        self.draft = RuleSet.objects.get(version="2026.2")
        self.address = f"/staff/rules/{self.draft.public_id}/"

    def when_she_raises_the_threshold(self, to: str) -> None:
        self.first.follow("Change weights and thresholds")
        self.first.sees(THRESHOLD)
        self.first.is_accessible()
        self.field().fill("15")
        self.first.press("Save in the draft")
        # Nothing changed: the server says so, and the browser notes the 422 as an error.
        self.first.sees("No number was changed")
        self.forgive(self.first)
        self.field().fill(to)
        self.first.press("Save in the draft")
        self.first.sees("Saved in the draft.")

    def field(self):
        return self.first.page.get_by_label(THRESHOLD).and_(self.first.page.locator("[name$='when-0']"))

    @staticmethod
    def forgive(visitor: Visitor) -> None:
        assert all("422" in complaint or "409" in complaint for complaint in visitor.complaints)
        visitor.complaints.clear()

    def then_she_reads_what_is_different_and_whose_result_would_change(self) -> None:
        self.first.sees("Threshold 15 becomes 18 (PHQ-9 total)")
        self.first.sees("All 15 vignettes.")
        self.first.is_accessible()
        self.first.press("See whose result would change")
        self.first.sees("Being worked out. This takes about a minute for a large clinic.")
        self.first.is_accessible()
        assert rehearsing.work_out_next(clock=timezone.now)  # what the worker does; the page finds out by itself
        self.first.sees("1 of 1 signed intake")
        self.first.sees("Rosa M.")
        self.first.sees("First track: the clinician picks the track becomes trauma")
        self.first.is_accessible()
        self.first.open(f"{self.address}read/")
        self.first.sees("PHQ-9 total is 18 or more")
        self.first.is_accessible()

    def when_she_sends_it_to_review(self) -> None:
        self.first.open(self.address)
        self.first.follow("Send to review")
        self.first.is_accessible()
        self.first.page.get_by_label("What changed, and why?").fill("Milder scores filled the depression track.")
        self.first.press("Send to review")
        self.first.sees("A second supervisor publishes it.")

    def then_she_cannot_publish_it(self) -> None:
        self.first.sees("You wrote or submitted these rules. Somebody else publishes them.")
        assert self.first.page.get_by_role("link", name="Publish", exact=True).count() == 0
        self.first.open(f"{self.address}publish/")
        self.first.sees("You wrote or submitted these rules.")
        assert self.first.page.get_by_label("Your password").count() == 0

    def when_dr_lee_publishes_it(self) -> None:
        self.second.sign_in(self.lee)
        self.second.sees("Today")
        self.second.follow("Rules")
        self.second.follow("2026.2")
        self.second.sees("Milder scores filled the depression track.")
        self.second.follow("Publish")
        self.second.sees("1 of 1 signed intake")
        self.second.sees("All 15 vignettes.")
        self.second.is_accessible()
        self.second.page.get_by_label("Why?").fill("Read aloud together, and agreed.")
        self.second.page.get_by_label("Your password").fill(make.PASSWORD)
        self.second.press("Publish")
        self.second.sees("Published. New recommendations use it.")
        self.second.is_accessible()
        assert dict(RuleSet.objects.values_list("version", "state")) == {"2026.1": "retired", "2026.2": "published"}

    def then_a_new_recommendation_uses_it_and_the_old_one_keeps_its_rules(self) -> None:
        new = actions.recommend(assessment=self.assessment, at=timezone.now())
        assert (new.ruleset.version, new.result["selection"]["primary"]) == ("2026.2", "trauma")
        self.second.open(f"/staff/people/{self.assessment.patient.public_id}/recommendation/{self.old.public_id}/how/")
        self.second.sees("Rules version 2026.1")
        self.second.open(f"/staff/people/{self.assessment.patient.public_id}/recommendation/{new.public_id}/how/")
        self.second.sees("Rules version 2026.2")


def test_the_other_pages_of_the_rules_are_calm_for_everybody(visit, with_password):
    make.vignettes()
    someone = visit()
    someone.sign_in(with_password(make.user(Role.SUPERVISOR, at=make.location())))
    published = RuleSet.objects.get()
    for path in (
        "/staff/rules/upload/",
        "/staff/rules/vignettes/",
        "/staff/rules/vignettes/P02/",
        "/staff/rules/vignettes/P02/change/",
        "/staff/rules/vignettes/P02/retire/",
        "/staff/rules/vignettes/new/",
        f"/staff/rules/{published.public_id}/",
        f"/staff/rules/{published.public_id}/retire/",
    ):
        someone.open(path)
        assert someone.page.locator("h1").count() == 1, path
        someone.is_accessible()
