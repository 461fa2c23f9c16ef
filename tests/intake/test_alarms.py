"""Which answers set off an alert, and that the alert is stored with them or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from accounts.models import Role
from intake import protocol
from intake.actions import safety
from intake.actions.answers import AlreadySigned, Change, save_answers
from intake.alarms import alarms, touches
from intake.instruments import load
from intake.models import AnswerChange, Assessment, Assignment, QuestionnaireResponse, SafetyEvent
from tests import make

State = SafetyEvent.State


def said(value, status="answered", **beside):
    return {"status": status, "value": value, **beside}


def levels(code: str, **answers) -> set[tuple[str, str]]:
    return {(alarm.trigger, alarm.level) for alarm in alarms(load(code), answers)}


class TestTheTable:
    @pytest.mark.parametrize(
        ("code", "item", "value", "level"),
        [
            ("phq9", "phq9_9", 1, "S1"),
            ("phq9", "phq9_9", 2, "S2"),
            ("phq9", "phq9_9", 3, "S2"),
            ("safety", "cssrs_q1", True, "S1"),
            ("safety", "cssrs_q2", True, "S1"),
            ("safety", "cssrs_q3", True, "S2"),
            ("safety", "cssrs_q6_lifetime", True, "S2"),
            ("safety", "cssrs_q4", True, "S3"),
            ("safety", "cssrs_q5", True, "S3"),
            ("safety", "cssrs_q6_3m", True, "S3"),
            ("safety", "threat_to_others", True, "SV"),
            ("ratings", "d1", 2, "S2"),
            ("ratings", "d1", 3, "S3"),
            ("ratings", "d1", 4, "S3"),
        ],
    )
    def test_says_how_urgent_an_answer_is(self, code, item, value, level):
        assert levels(code, **{item: said(value)}) == {(item, level)}

    @pytest.mark.parametrize(
        ("code", "item", "value"),
        [
            ("phq9", "phq9_9", 0),
            ("phq9", "phq9_8", 3),
            ("safety", "cssrs_q4", False),
            ("safety", "emergency_signs", []),
            ("safety", "safe_tonight", False),
            ("safety", "threat_to_others", False),
            ("ratings", "d1", 1),
            ("ratings", "d2", 4),
        ],
    )
    def test_is_silent_otherwise(self, code, item, value):
        assert levels(code, **{item: said(value)}) == set()

    @pytest.mark.parametrize("status", ["declined", "not_sure", "not_asked"])
    @pytest.mark.parametrize(
        ("code", "item"), [("phq9", "phq9_9"), ("safety", "cssrs_q1"), ("safety", "emergency_signs")]
    )
    def test_takes_a_question_left_open_for_not_known(self, code, item, status):
        assert levels(code, **{item: said(None, status)}) == {(f"{item}_open", "SU")}

    def test_does_not_take_a_question_nobody_came_to_for_anything(self):
        assert levels("safety", cssrs_q1=said(False)) == set()

    def test_names_each_emergency(self):
        found = levels("safety", emergency_signs=said(["weapon", "overdose"]))
        assert found == {("emergency_weapon", "S4"), ("emergency_overdose", "S4")}

    @pytest.mark.parametrize("beside", ["disputed", "clinician"])
    def test_hears_the_more_worrying_of_two_voices(self, beside):
        assert ("phq9_9", "S2") in levels("phq9", phq9_9=said(0, **{beside: said(2)}))
        assert ("phq9_9", "S2") in levels("phq9", phq9_9=said(2, **{beside: said(0)}))

    def test_says_beforehand_which_items_it_watches(self):
        assert touches(load("phq9"), {"phq9_9"})
        assert not touches(load("phq9"), {"phq9_1", "phq9_8"})


@pytest.mark.django_db
class TestAnAlert:
    def event(self, assessment: Assessment) -> SafetyEvent:
        return assessment.patient.safety_events.get(kind="self")

    def test_is_stored_with_the_answer_that_set_it_off(self, desk, assessment):
        desk.autosave("mood/1/", phq9_9="1")

        event = self.event(assessment)
        assert (event.level, event.state, event.triggers) == ("S1", State.POSITIVE, ["phq9_9"])
        assert (event.assessment, event.owner) == (assessment, desk.user)
        assert [step.kind for step in event.steps.all()] == ["opened"]

    def test_is_not_lost_when_it_cannot_be_stored_for_then_the_answer_is_refused_too(
        self, desk, assessment, monkeypatch
    ):
        def fails(*_args, **_kwargs):
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(safety, "note", fails)
        desk.client.raise_request_exception = False
        assert desk.autosave("mood/1/", phq9_9="2").status_code == 500

        assert "phq9_9" not in desk.response("phq9").answers
        assert not AnswerChange.objects.exists()
        assert not SafetyEvent.objects.exists()

    def test_rises_with_a_more_worrying_answer_and_is_due_at_once(self, desk, assessment):
        desk.autosave("mood/1/", phq9_9="1")
        desk.autosave("safety/2/", cssrs_q4="yes")

        event = self.event(assessment)
        assert (event.level, event.state) == ("S3", State.ASSESSMENT_DUE)
        assert event.triggers == ["cssrs_q4", "phq9_9"]
        assert event.due_at - event.steps.last().at == timedelta(minutes=15)
        assert [step.kind for step in event.steps.all()] == ["opened", "raised"]

    def test_is_not_lowered_by_taking_the_answer_back_but_that_is_noted(self, desk, assessment):
        desk.autosave("mood/1/", phq9_9="3")
        desk.autosave("mood/1/", revision=1, phq9_9="0")

        event = self.event(assessment)
        assert (event.level, event.state) == ("S2", State.ASSESSMENT_DUE)
        last = event.steps.last()
        assert (last.kind, last.note) == ("corrected", "phq9_9")

    def assessed(self, assessment: Assessment, dana, *, working_level: str = "") -> None:
        assessment.patient.safety_events.update(
            state=State.MONITORING, working_level=working_level, assessed_by=dana, assessed_at=make.NOON
        )

    @pytest.mark.parametrize("working_level", ["", "S1"])
    def test_asks_for_a_new_assessment_when_the_person_says_as_much_again(self, desk, assessment, dana, working_level):
        desk.autosave("safety/2/", cssrs_q4="yes")
        self.assessed(assessment, dana, working_level=working_level)
        desk.autosave("safety/2/", revision=1, cssrs_q5="yes")

        event = self.event(assessment)
        assert (event.level, event.working_level, event.state) == ("S3", "", State.ASSESSMENT_DUE)
        assert event.assessed_by is None

    def test_stays_where_it_is_after_a_less_urgent_answer(self, desk, assessment, dana):
        desk.autosave("safety/2/", cssrs_q4="yes")
        self.assessed(assessment, dana)
        desk.autosave("safety/2/", revision=1, cssrs_q1="yes")

        assert self.event(assessment).state == State.MONITORING

    def test_is_not_opened_again_by_the_rating_that_an_assessment_came_to(self, desk, assessment, dana):
        desk.autosave("safety/2/", cssrs_q6_3m="yes")
        self.assessed(assessment, dana, working_level="S2")
        desk.autosave("ratings/1/", d1="3")

        event = self.event(assessment)
        assert (event.state, event.working_level, event.triggers) == (State.MONITORING, "S2", ["cssrs_q6_3m", "d1"])

    def test_of_danger_to_others_is_one_of_its_own(self, desk, assessment):
        desk.autosave("mood/1/", phq9_9="2")
        desk.autosave("safety/3/", threat_to_others="yes")

        found = assessment.patient.safety_events.values_list("kind", "level")
        assert sorted(found) == [("others", "SV"), ("self", "S2")]

    def test_that_is_closed_stays_and_a_new_answer_opens_the_next(self, desk, assessment, dana):
        desk.autosave("mood/1/", phq9_9="1")
        SafetyEvent.objects.update(state=State.CLOSED, closed_by=dana, closed_at=make.NOON)
        desk.autosave("mood/1/", revision=1, phq9_9="2")

        states = assessment.patient.safety_events.order_by("pk").values_list("level", "state")
        assert list(states) == [("S1", State.CLOSED), ("S2", State.ASSESSMENT_DUE)]

    def test_is_raised_by_an_answer_that_comes_after_the_signature(self, assessment, dana):
        response = assessment.responses.get(code="phq9")
        Assessment.objects.filter(pk=assessment.pk).update(
            state="signed", signed_at=make.NOON, signed_by=dana, signature="Dana Kessler", content_hash="x"
        )
        with pytest.raises(AlreadySigned):
            save_answers(response=response, changes=[Change("phq9_9", 3)], base_revision=0, by=dana, at=make.NOON)

        assert self.event(assessment).level == "S2"
        assert QuestionnaireResponse.objects.get(pk=response.pk).answers == {}

    @pytest.mark.parametrize(
        ("level", "at", "due"),
        [
            ("S3", datetime(2026, 3, 11, 17, tzinfo=UTC), datetime(2026, 3, 11, 17, 15, tzinfo=UTC)),
            ("SU", datetime(2026, 3, 11, 17, tzinfo=UTC), datetime(2026, 3, 11, 17, 30, tzinfo=UTC)),
            # 23:59 by the wall in Chicago, before and after the clocks went forward on March 8.
            ("S1", datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 3, 8, 5, 59, tzinfo=UTC)),
            ("S2", datetime(2026, 3, 11, 3, tzinfo=UTC), datetime(2026, 3, 11, 4, 59, tzinfo=UTC)),
        ],
    )
    def test_is_due_by_its_level(self, mill, level, at, due):
        assert protocol.due(level, at, ZoneInfo(mill.zone)) == due


@pytest.mark.django_db(transaction=True)
def test_two_worrying_answers_at_once_make_one_alert(assessment, dana, sam):
    together = Barrier(2)

    def press(args):
        code, item, value, by = args
        response = QuestionnaireResponse.objects.select_related("assessment").get(assessment=assessment, code=code)
        together.wait()
        with closing(connection):
            save_answers(response=response, changes=[Change(item, value)], base_revision=0, by=by, at=make.NOON)

    with ThreadPoolExecutor(2) as two:
        list(two.map(press, [("phq9", "phq9_9", 2, dana), ("safety", "cssrs_q5", True, sam)]))

    event = SafetyEvent.objects.get()
    assert (event.level, event.triggers) == ("S3", ["cssrs_q5", "phq9_9"])


@pytest.mark.django_db
class TestWhatAPersonAnsweredThemselves:
    @pytest.fixture
    def rosa(self):
        return make.user(Role.PATIENT, name="Rosa Marlow")

    @pytest.fixture
    def response(self, assessment, rosa):
        found = assessment.responses.get(code="phq9")
        save_answers(
            response=found, changes=[Change("phq9_1", 1)], base_revision=0, by=rosa, at=make.NOON, respondent="patient"
        )
        return found

    def test_is_not_overwritten_by_a_clinician_whose_view_stands_beside(self, response, dana):
        save_answers(response=response, changes=[Change("phq9_1", 3)], base_revision=1, by=dana, at=make.NOON)

        stored = QuestionnaireResponse.objects.get(pk=response.pk).answers["phq9_1"]
        assert (stored["value"], stored["respondent"]) == (1, "patient")
        assert (stored["clinician"]["value"], stored["clinician"]["by"]) == (3, dana.pk)

    def test_is_one_with_the_clinician_again_when_they_agree(self, response, dana):
        save_answers(response=response, changes=[Change("phq9_1", 3)], base_revision=1, by=dana, at=make.NOON)
        save_answers(response=response, changes=[Change("phq9_1", 1)], base_revision=2, by=dana, at=make.NOON)

        assert "clinician" not in QuestionnaireResponse.objects.get(pk=response.pk).answers["phq9_1"]
        assert list(AnswerChange.objects.values_list("answer__value", "accepted")) == [
            (1, True),
            (3, False),
            (1, False),
        ]

    def test_keeps_the_clinicians_view_when_a_whole_page_says_it_again(self, response, dana):
        save_answers(response=response, changes=[Change("phq9_1", 3)], base_revision=1, by=dana, at=make.NOON)
        save_answers(
            response=response, changes=[Change("phq9_1", 1)], base_revision=2, by=dana, at=make.NOON, whole_page=True
        )

        assert QuestionnaireResponse.objects.get(pk=response.pk).answers["phq9_1"]["clinician"]["value"] == 3

    def test_can_be_changed_by_the_person(self, response, rosa):
        save_answers(
            response=response,
            changes=[Change("phq9_1", 2)],
            base_revision=1,
            by=rosa,
            at=make.NOON,
            respondent="patient",
        )

        assert QuestionnaireResponse.objects.get(pk=response.pk).answers["phq9_1"]["value"] == 2

    def test_raises_an_alert_that_is_the_clinicians_who_asked(self, patient, rosa, dana):
        asked = Assignment.objects.create(patient=patient, code="phq9", assigned_by=dana, started_at=make.NOON)
        response = QuestionnaireResponse.objects.create(assignment=asked, code="phq9", version="1")
        save_answers(
            response=response,
            changes=[Change("phq9_9", 1)],
            base_revision=0,
            by=rosa,
            at=make.NOON,
            respondent="patient",
        )

        event = SafetyEvent.objects.get()
        assert (event.owner, event.assessment, event.steps.get().by) == (dana, None, rosa)

    def test_is_locked_once_it_was_sent(self, patient, rosa, dana):
        asked = Assignment.objects.create(patient=patient, code="phq9", assigned_by=dana, started_at=make.NOON)
        response = QuestionnaireResponse.objects.create(assignment=asked, code="phq9", version="1")
        # Read before it was sent elsewhere: only the database can tell that it is too late.
        Assignment.objects.filter(pk=asked.pk).update(submitted_at=make.NOON)
        with pytest.raises(AlreadySigned, match="sent meanwhile"):
            save_answers(
                response=response,
                changes=[Change("phq9_9", 1)],
                base_revision=0,
                by=rosa,
                at=make.NOON,
                respondent="patient",
            )

        assert QuestionnaireResponse.objects.get(pk=response.pk).answers == {}
        assert AnswerChange.objects.get().accepted is False
        assert SafetyEvent.objects.get().level == "S1"
