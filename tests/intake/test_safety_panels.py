"""The panels of an intake: at once below the answer that caused them, one line later, and in the way of a signature."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from accounts.policies import Actor
from intake import protocol
from intake.actions import safety
from intake.models import SafetyEvent, SupportPerson
from tests import make

pytestmark = pytest.mark.django_db


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def panel_after(desk, place: str, **answers) -> str:
    """The panel that the answer to a save brings, for the item that was saved."""
    told = desk.autosave(place, **answers).json()
    (item,) = answers
    return told["fragments"].get(f"#safety_{item}", "")


def assess(desk) -> None:
    for event in SafetyEvent.objects.filter(patient=desk.assessment.patient):
        seen = protocol.version(event.state, event.level, event.working_level)
        actor = Actor(desk.user, Role.CLINICIAN)
        safety.move(event=event, to="assessed", seen=seen, words="Spoke", by=actor, at=timezone.now())


class TestAPanel:
    @pytest.mark.parametrize(
        ("place", "answer", "heading", "actions"),
        [
            ("mood/1/", {"phq9_9": "1"}, "This answer needs a safety check", ("Start safety questions", "Refused or")),
            ("mood/1/", {"phq9_9": "3"}, "This answer needs a safety check", ("Start safety questions", "Refused or")),
            ("safety/2/", {"cssrs_q4": "yes"}, "Do not leave this person alone", ("Record who is", "Start emergency")),
            ("safety/2/", {"cssrs_q6_3m": "yes"}, "Do not leave this person alone", ("Record who is",)),
            ("safety/2/", {"cssrs_q3": "yes"}, "A risk assessment is due", ("Record the assessment",)),
            ("safety/1/", {"emergency_signs": "weapon"}, "Call 911 now", ("Record who is with the person",)),
            ("safety/3/", {"threat_to_others": "yes"}, "Talk to your supervisor now", ("Record consultation",)),
            ("safety/2/", {"cssrs_q1": "declined"}, "It is not known whether", ("Record what you tried",)),
            ("ratings/1/", {"d1": "3"}, "Do not leave this person alone", ("Record who is with the person",)),
        ],
    )  # fmt: skip
    def test_comes_with_the_answer_that_caused_it_and_is_spoken_once(self, desk, place, answer, heading, actions):
        panel = panel_after(desk, place, **answer)

        assert heading in panel
        assert 'role="alert"' in panel
        for action in actions:
            assert action in panel
        page = desk.client.get(desk.base + place).content.decode()
        assert heading in page
        assert 'class="ui-safety" role="alert"' not in page

    def test_leads_to_the_page_of_the_alert(self, desk):
        panel = panel_after(desk, "safety/2/", cssrs_q4="yes")
        links = re.findall(r'href="([^"]*)"', panel)
        assert len(links) == 2
        for link in links:
            assert desk.client.get(link.split("#")[0]).status_code == 200
        assert "Who is with the person" in desk.client.get(links[0]).content.decode()

    def test_has_words_for_the_person_who_is_present(self, desk):
        assert "<blockquote>" in panel_after(desk, "safety/2/", cssrs_q4="yes")

    @pytest.mark.parametrize(("level", "timed"), [("S3", True), ("S4", True), ("S2", False)])
    def test_says_for_how_long_a_high_alert_is_open(self, desk, level, timed):
        opened = timezone.now() - timedelta(minutes=6, seconds=10)
        event = SafetyEvent.objects.create(
            patient=desk.assessment.patient,
            level=level,
            triggers=["cssrs_q4"],
            state="assessment_due",
            owner=desk.user,
            opened_at=opened,
        )
        safety.note(event, "opened", "", by=desk.user, at=opened)

        page = words(desk.client.get(f"{desk.base}mood/1/").content.decode())

        assert ("Opened 6 minutes ago." in page) is timed

    def test_is_one_line_on_other_pages_and_on_the_list(self, desk):
        desk.autosave("safety/2/", cssrs_q4="yes")
        for place in ("", "mood/1/", "goals/1/"):
            page = desk.client.get(desk.base + place).content.decode()
            assert 'class="ui-safety is-bar"' in page
            assert "Do not leave this person alone." in page
            assert "<blockquote>" not in page

    def test_goes_once_the_risk_is_assessed(self, desk):
        desk.autosave("safety/2/", cssrs_q4="yes")
        assess(desk)
        for place in ("", "safety/2/"):
            assert "Do not leave this person alone" not in desk.client.get(desk.base + place).content.decode()

    def test_stays_when_the_answer_is_taken_back(self, desk):
        desk.autosave("safety/2/", cssrs_q4="yes")
        panel = panel_after(desk, "safety/2/", cssrs_q4="no")
        page = desk.client.get(f"{desk.base}safety/2/").content.decode()
        assert "Do not leave this person alone" in page
        assert 'role="alert"' not in panel

    def test_of_a_dropped_session_says_whom_to_call(self, desk):
        patient = desk.assessment.patient
        SupportPerson.objects.create(
            patient=patient,
            name="Luis M.",
            relation="friend",
            phone="312-555-0190",
            is_emergency_contact=True,
            added_by=desk.user,
        )
        dropped = next(reason for reason in protocol.REASONS if reason.code == "session_dropped")
        safety.open_by_hand(patient=patient, reason=dropped, words="Video gone", by=desk.user, at=timezone.now())
        page = desk.client.get(desk.base).content.decode()
        assert "Call back now." in page
        assert "?kind=missed#add" in page


class TestWithdrawal:
    def test_signs_ask_for_a_medical_check_until_it_is_on_record(self, desk, answered):
        answered("substance", heavy_use_7d=True)
        place = next(
            step for number in range(1, 12)
            if "withdrawal_risk_history" in desk.client.get(step := f"{desk.base}substance/{number}/").content.decode()
        )  # fmt: skip
        told = desk.autosave(place.removeprefix(desk.base), revision=1, withdrawal_risk_history="yes").json()
        panel = told["fragments"]["#safety_withdrawal_risk_history"]
        assert "A medical check comes first" in panel
        assert 'role="alert"' in panel
        assert not SafetyEvent.objects.exists()
        assert "A medical check comes first." in desk.client.get(desk.base).content.decode()

        answered("clearances", cleared_withdrawal="2026-03-11")
        assert "A medical check" not in desk.client.get(desk.base).content.decode()


class TestSigning:
    @pytest.mark.parametrize(
        ("level", "kind"), [("S2", "self"), ("SU", "self"), ("S3", "self"), ("S4", "self"), ("SV", "others")]
    )
    def test_is_not_yet_while_an_alert_is_not_assessed_and_says_which(self, desk, safe, level, kind):
        event = SafetyEvent.objects.create(
            patient=desk.assessment.patient, kind=kind, level=level, state="assessment_due", owner=desk.user
        )
        page = words(desk.client.get(desk.base).content.decode())
        assert f"A safety alert is not assessed yet: {event.get_level_display()}." in page
        answer = desk.client.post(
            f"{desk.base}sign/", {"seen": 1, "signature": "Dana Kessler", "password": make.PASSWORD}
        )
        assert answer.status_code == 409
        desk.assessment.refresh_from_db()
        assert not desk.assessment.is_signed

        assess(desk)
        assert "not assessed yet" not in words(desk.client.get(desk.base).content.decode())

    def test_does_not_wait_for_a_low_one(self, desk, safe):
        SafetyEvent.objects.create(patient=desk.assessment.patient, level="S1", state="positive", owner=desk.user)
        assert "not assessed yet" not in words(desk.client.get(desk.base).content.decode())


class TestWhatItCosts:
    def test_an_ordinary_answer_asks_for_no_alerts(self, desk):
        desk.autosave("safety/2/", cssrs_q4="yes")
        with CaptureQueriesContext(connection) as asked:
            told = desk.autosave("mood/1/", phq9_1="2").json()

        statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
        assert len(statements) == 5
        assert not [sql for sql in statements if "safetyevent" in sql]
        assert not [piece for piece in told["fragments"] if piece.startswith("#safety_")]
