"""Whose an answer is and how old: self-reports beside the interview, colleagues at work, drafts that lay for a while."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from intake.actions.answers import Change, save_answers
from intake.actions.drafts import confirm_answers
from intake.models import AnswerChange
from intake.voices import initials, short
from tests import make
from tests.intake.conftest import entry

pytestmark = pytest.mark.django_db

PHQ9 = "mood/1/"
MARCH_3 = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)


@pytest.fixture
def rosa(patient):
    """The person herself, who signs in."""
    patient.user = make.user(Role.PATIENT)
    patient.save()
    return patient.user


@pytest.fixture
def reported(desk, rosa):
    """A function: answers that the person gave, or that somebody gave for her."""

    def store(code: str, respondent: str = "patient", at: datetime = MARCH_3, **values):
        save_answers(
            response=desk.response(code),
            changes=[Change(item, value) for item, value in values.items()],
            base_revision=0,
            by=rosa,
            at=at,
            respondent=respondent,
        )

    return store


def text_of(page) -> str:
    return " ".join(page.content.decode().replace("&#x27;", "'").split())


class TestWhatThePersonAnsweredThemselves:
    def test_stands_on_the_page_with_the_day(self, desk, reported):
        reported("phq9", phq9_1=1)
        text = text_of(desk.client.get(desk.base + PHQ9))
        assert "Rosa answered this on Mar 3" in text

    def test_was_given_by_somebody_for_them(self, desk, reported):
        reported("phq9", "collateral", phq9_1=1)
        assert "Somebody answered this for Rosa on Mar 3" in text_of(desk.client.get(desk.base + PHQ9))

    def test_stays_when_the_clinician_sees_it_differently(self, desk, reported):
        reported("phq9", phq9_1=1)
        told = desk.autosave(PHQ9, revision=1, phq9_1="3")

        assert told.status_code == 200
        slot = told.json()["fragments"]["#slot_phq9_1"].replace("&#x27;", "'")
        assert "You: Nearly every day. Rosa's own answer counts; yours is kept beside it." in slot
        assert desk.value("phq9", "phq9_1") == 1
        assert 'value="1" data-key="1" checked' in slot

    def test_is_drawn_again_when_the_same_view_is_chosen_twice(self, desk, reported):
        reported("phq9", phq9_1=1)
        desk.autosave(PHQ9, revision=1, phq9_1="3")
        again = desk.autosave(PHQ9, revision=2, phq9_1="3").json()
        assert 'value="1" data-key="1" checked' in again["fragments"]["#slot_phq9_1"]
        assert again["revision"] == 2

    def test_stays_without_script_and_the_page_says_so_before_going_on(self, desk, reported):
        reported("phq9", phq9_1=1)
        page = desk.post(PHQ9, revision=1, phq9_1="3")

        assert page.url == f"{desk.base}mood/1/#slot_phq9_1"
        text = text_of(desk.client.get(page.url))
        assert "Saved. Rosa's own answer counts; yours is kept beside it." in text
        assert "You: Nearly every day." in text
        assert desk.post(PHQ9, revision=2, phq9_1="1").url == f"{desk.base}mood/2/"

    def test_is_seen_with_the_view_of_a_colleague(self, desk, sams_desk, reported):
        reported("phq9", phq9_1=1)
        sams_desk.autosave(PHQ9, revision=1, phq9_1="3")
        text = text_of(desk.client.get(desk.base + PHQ9))
        assert "Sam Okoye: Nearly every day. Rosa's own answer counts; this is kept beside it." in text
        assert "Take mine away" not in text

    def test_stands_alone_again_when_the_view_is_taken_away(self, desk, reported):
        reported("phq9", phq9_1=1)
        desk.autosave(PHQ9, revision=1, phq9_1="3")
        page = desk.post(PHQ9, revision=2, unsay="phq9_1", asked=[])

        assert page.url == f"{desk.base}mood/1/#slot_phq9_1"
        assert "clinician" not in desk.response("phq9").answers["phq9_1"]
        assert AnswerChange.objects.filter(item="phq9_1").count() == 3
        assert desk.post(PHQ9, revision=3, unsay="phq9_1", asked=[]).status_code == 404

    def test_keeps_what_is_typed_beside_it_in_the_field(self, desk, reported):
        reported("drug_single_item", drug_times=2)
        told = desk.autosave("substance/2/", revision=1, drug_times="5").json()

        assert "#slot_drug_times" not in told["fragments"]
        line = told["fragments"]["#told_drug_times"].replace("&#x27;", "'")
        assert "Rosa answered this on Mar 3: 2" in line
        assert "You: 5" in line
        text = text_of(desk.client.get(f"{desk.base}substance/2/"))
        assert 'value="5"' in text
        desk.post("substance/2/", revision=2, drug_times="5")
        assert desk.response("drug_single_item").answers["drug_times"]["clinician"]["value"] == 5
        assert desk.value("drug_single_item", "drug_times") == 2

    def test_is_named_when_it_comes_while_the_page_is_open(self, desk, reported):
        reported("phq9", phq9_1=1, at=timezone.now())
        told = desk.autosave(PHQ9, revision=0, phq9_2="2").json()
        assert "Rosa changed this at" in told["fragments"]["#slot_phq9_1"]


class TestAColleagueAtWork:
    def test_is_named_on_the_page_and_by_initials_on_the_list(self, desk, sams_desk):
        sams_desk.autosave(PHQ9, phq9_1="1")
        assert "Sam O. is also on this page." in text_of(desk.client.get(desk.base + PHQ9))
        rows = {row["title"]: row for _, _, group in desk.client.get(desk.base).context["groups"] for row in group}
        assert rows["Mood and anxiety"]["others"] == [{"initials": "SO", "name": "Sam Okoye"}]
        assert not rows["Substance use"]["others"]

    def test_is_not_oneself_and_not_on_another_page(self, desk, sams_desk):
        desk.autosave(PHQ9, phq9_1="1")
        sams_desk.autosave("mood/2/", gad7_1="1")
        assert "also on this page" not in text_of(desk.client.get(desk.base + PHQ9))

    def test_is_gone_after_ten_minutes(self, desk, sam):
        then = (timezone.now() - timedelta(minutes=11)).isoformat()
        response = desk.response("phq9")
        response.answers = {"phq9_1": {**entry(1, by=sam), "at": then}}
        response.save()
        assert "also on this page" not in text_of(desk.client.get(desk.base + PHQ9))

    @pytest.mark.parametrize(
        ("name", "shown", "letters"),
        [("Sam Okoye", "Sam O.", "SO"), ("Ana de la Cruz", "Ana C.", "AC"), ("Cher", "Cher", "C")],
    )
    def test_has_a_short_name(self, name, shown, letters):
        assert (short(name), initials(name)) == (shown, letters)


class TestADraftThatLay:
    @pytest.fixture
    def lay(self, desk):
        """A function: answers given so many days ago."""

        def store(days: int, code: str = "phq9", **values):
            at = (timezone.now() - timedelta(days=days)).isoformat()
            response = desk.response(code)
            response.answers |= {item: {**entry(value, by=desk.user), "at": at} for item, value in values.items()}
            response.revision = 1
            response.save()

        return store

    def test_asks_on_the_first_page_of_the_section(self, desk, lay):
        lay(15, phq9_1=1)
        assert "Are these answers still right?" in text_of(desk.client.get(desk.base + PHQ9))
        assert "still right?" not in text_of(desk.client.get(f"{desk.base}mood/2/"))
        assert desk.client.get(f"{desk.base}mood/").url == f"{desk.base}mood/1/"

    def test_says_the_day_beside_the_old_answers_only(self, desk, lay):
        lay(15, phq9_1=1)
        desk.autosave(PHQ9, revision=1, phq9_2="1")
        text = text_of(desk.client.get(desk.base + PHQ9))
        assert text.count("Answered on") == 1
        assert "still right?" not in text

    def test_asks_nothing_before_14_days(self, desk, lay):
        lay(13, phq9_1=1)
        assert "still right?" not in text_of(desk.client.get(desk.base + PHQ9))

    def test_is_right_in_one_press(self, desk, lay):
        lay(15, phq9_1=1)
        lay(20, "gad7", gad7_1=1)
        page = desk.post(PHQ9, revision=1, phq9_1="1", confirm="1")

        assert page.url == f"{desk.base}mood/1/"
        assert "still right?" not in text_of(desk.client.get(page.url))
        assert desk.response("phq9").confirmed_at
        assert desk.response("gad7").confirmed_at
        assert desk.response("audit_c").confirmed_at is None

    def test_is_asked_about_again_when_that_was_long_ago(self, desk, lay):
        lay(40, phq9_1=1)
        confirm_answers(assessment=desk.assessment, codes=["phq9"], at=timezone.now() - timedelta(days=15))
        assert "still right?" in text_of(desk.client.get(desk.base + PHQ9))

    def test_is_named_on_the_list_and_before_signing(self, desk, lay):
        lay(15, phq9_1=1)
        row = next(
            row for _, _, rows in desk.client.get(desk.base).context["groups"] for row in rows if "still" in row["hint"]
        )
        assert row["title"] == "Mood and anxiety"
        text = text_of(desk.client.get(f"{desk.base}check/"))
        assert "Answers that are older than 14 days" in text
        assert f'href="{desk.base}mood/"' in text


def test_leaving_the_page_for_questions_asked_alone_says_that_they_were_not_asked(desk):
    page = "home/3/"
    desk.post(page, asked=["alone"])
    stored = desk.response("home").answers["alone"]
    assert (stored["status"], stored["value"]) == ("not_asked", None)
    assert "Not asked, not alone" in text_of(desk.client.get(f"{desk.base}check/"))

    told = desk.autosave(page, revision=1, alone="yes")
    assert "hark_afraid" in json.dumps(told.json()["fragments"])
    assert desk.value("home", "alone") is True
