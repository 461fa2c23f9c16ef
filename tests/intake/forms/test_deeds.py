"""Questionnaires on the person's own device: given, answered, sent once, read into the intake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.db import violates
from accounts.models import Role
from accounts.policies import Actor
from intake.actions import forms as actions
from intake.actions.answers import AlreadySigned, Change
from intake.assigned import OWN, Form, assignable, form_of, forms_of, may_be_read, waiting_for_review
from intake.instruments import catalog
from intake.models import AnswerChange, Assignment, InstrumentText, QuestionnaireResponse, SafetyEvent
from tests import make
from tests.intake.conftest import entry

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 11)
NEVER_ALONE = {
    "safety",
    "ratings",
    "diagnoses",
    "ciwa",
    "cows",
    "hark",
    "cssrs",
    "home",
    "coping",
    "quality",
    "fit",
    "lec5",
}


@pytest.fixture
def given(rosa, dana):
    """A function: one form given to Rosa."""

    def give(code: str = "phq9", **over) -> Assignment:
        values = {"due_on": None, "by": dana, "at": make.NOON, **over}
        return actions.assign(patient=rosa, codes=[code], **values).made[0]

    return give


@pytest.fixture
def begun(given):
    def begin(code: str = "phq9", *, for_someone: bool = False) -> Form:
        return actions.begin(assignment=given(code), for_someone=for_someone, at=make.NOON)

    return begin


def say(form: Form, at=make.NOON, **answers):
    """Rosa answers; None stands for what she would rather not say."""
    changes = [Change(item, value, "answered" if value is not None else "declined") for item, value in answers.items()]
    base = form.response.revision
    return actions.save(form=form, changes=changes, base_revision=base, by=form.assignment.patient.user, at=at)


def send(form: Form, at=make.NOON) -> bool:
    return actions.submit(assignment=form.assignment, device="phone", at=at)


ALL = {f"phq9_{number}": 1 for number in range(1, 9)} | {"phq9_9": 0}


class TestGiving:
    def test_only_what_people_may_answer_alone_with_its_wording_is_offered(self):
        offered = {asked.code for asked, _ in assignable("en")}

        assert {"phq9", "gad7", "pcptsd5", "pcl5", "audit_c", "audit", "drug_single_item"} <= offered
        assert not offered & NEVER_ALONE
        assert offered == {asked.code for asked in catalog() if asked.code in OWN and not asked.sheet}

    def test_no_questionnaire_with_a_suicide_interview_or_a_rating_may_ever_be_given(self):
        for asked in catalog():
            if asked.code in OWN:
                assert asked.kind == "instrument"
                assert all(not (item.fact and item.fact.key.startswith(("cssrs", "dimension"))) for item in asked.items)

    def test_a_form_without_its_wording_is_offered_once_the_clinic_loaded_it(self, rosa, dana):
        sheet = next(asked for asked in catalog() if asked.sheet and asked.code in OWN)
        body = {"title": "Loaded", "items": {item.code: {"text": f"Asked {item.code}"} for item in sheet.items}}
        with pytest.raises(actions.FormRefused, match="not for answering alone"):
            actions.assign(patient=rosa, codes=[sheet.code], due_on=None, by=dana, at=make.NOON)

        InstrumentText.objects.create(
            code=sheet.code, version=sheet.version, language="en", license="Ours", source="Here", body=body
        )
        made = actions.assign(patient=rosa, codes=[sheet.code], due_on=None, by=dana, at=make.NOON).made[0]
        form = actions.begin(assignment=made, for_someone=False, at=make.NOON)

        assert form.screens[0].item.text == f"Asked {sheet.items[0].code}"
        assert form.response.text.body == body

    def test_a_form_that_waits_is_not_given_twice(self, given, rosa, dana):
        given("phq9")

        again = actions.assign(patient=rosa, codes=["phq9", "gad7", "gad7"], due_on=TODAY, by=dana, at=make.NOON)

        assert [made.code for made in again.made] == ["gad7"]
        assert again.waiting == ["phq9"]

    def test_one_that_was_sent_may_be_given_again(self, begun, given):
        form = begun()
        say(form, **ALL)
        send(form)

        assert given("phq9").pk != form.assignment.pk

    def test_taking_back_is_for_what_was_not_sent_and_twice_is_once(self, begun, dana, sam):
        form = begun()
        actions.withdraw(assignment=form.assignment, by=dana, at=make.NOON)
        twice = actions.withdraw(assignment=form.assignment, by=sam, at=make.NOON)

        assert twice.withdrawn_by == dana
        with pytest.raises(AlreadySigned):
            say(Form(Assignment.objects.get(pk=form.assignment.pk)), phq9_1=1)

    def test_what_was_sent_cannot_be_taken_back(self, begun, dana):
        form = begun()
        say(form, **ALL)
        send(form)
        with pytest.raises(actions.FormRefused, match="sent meanwhile"):
            actions.withdraw(assignment=form.assignment, by=dana, at=make.NOON)


class TestAnswering:
    def test_an_answer_says_that_the_person_gave_it(self, begun, rosa):
        form = begun()
        say(form, phq9_1=2)

        stored = QuestionnaireResponse.objects.get(assignment=form.assignment).answers["phq9_1"]
        assert (stored["value"], stored["respondent"], stored["by"]) == (2, "patient", rosa.user.pk)

    def test_somebody_who_helps_is_on_record(self, begun):
        form = begun(for_someone=True)
        say(form, phq9_1=2)

        assert form.response.answers["phq9_1"]["respondent"] == "collateral"

    def test_going_on_keeps_the_beginning_and_may_change_who_fills_it_in(self, begun):
        form = begun()
        say(form, phq9_1=2)
        later = actions.begin(assignment=form.assignment, for_someone=True, at=make.NOON + timedelta(days=1))
        say(later, phq9_2=1)

        assert later.assignment.started_at == make.NOON
        assert {entry["respondent"] for entry in later.response.answers.values()} == {"patient", "collateral"}

    def test_the_next_open_question_is_where_it_goes_on(self, begun):
        form = begun()
        say(form, phq9_1=2, phq9_2=None, phq9_4=0)

        assert form.resume_at().item.code == "phq9_3"
        assert form.progress == (3, 9)

    def test_a_gate_that_is_closed_ends_the_form_and_the_total_only_falls(self, begun):
        form = begun("pcptsd5")
        assert form.progress == (0, 6)
        say(form, pcptsd5_exposure=False)

        assert [screen.item.code for screen in form.shown] == ["pcptsd5_exposure"]
        assert form.progress == (1, 1)
        assert form.resume_at() is None
        say(form, pcptsd5_exposure=True)
        assert len(form.shown) == 6
        assert form.screens[1].stem == "In the past month, have you…"

    def test_never_drinking_skips_the_rest_of_the_audit_c(self, begun):
        form = begun("audit_c")
        say(form, audit_c_1=0)

        assert len(form.shown) == 1
        assert form.score("female")["total"] == 0

    def test_every_screen_has_its_own_number_and_place(self, begun):
        form = begun()

        assert [form.place(screen) for screen in form.screens][3] == (4, 9)
        assert form.place(form.screens[9]) == (9, 9)  # the last question does not count


class TestSafety:
    def test_a_worrying_answer_opens_an_alert_with_it_whose_owner_gave_the_form(self, begun, dana, rosa):
        form = begun()
        say(form, phq9_9=2)

        event = SafetyEvent.objects.get(patient=rosa)
        assert (event.level, event.owner, event.assessment) == ("S2", dana, None)
        assert form.is_worrying

    def test_an_alert_that_fails_stores_no_answer(self, begun, monkeypatch):
        form = begun()
        monkeypatch.setattr("intake.actions.answers.follow", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            say(form, phq9_9=2)

        assert QuestionnaireResponse.objects.get(assignment=form.assignment).answers == {}

    def test_it_is_heard_before_anybody_may_read_the_form(self, begun, rosa):
        say(begun(), phq9_9=3)

        assert not may_be_read(rosa)
        assert SafetyEvent.objects.filter(patient=rosa).exists()

    def test_a_question_about_safety_is_answered_or_left_open_with_a_reason_before_sending(self, begun):
        form = begun()
        say(form, phq9_1=1)
        with pytest.raises(actions.FormRefused, match="Thoughts of death or self-harm"):
            send(form)

        say(form, phq9_9=None)
        assert send(form)
        assert SafetyEvent.objects.get().level == "SU"

    def test_one_that_comes_after_sending_is_heard_all_the_same(self, begun):
        form = begun()
        say(form, **ALL)
        send(form)
        with pytest.raises(AlreadySigned):
            say(Form(Assignment.objects.get(pk=form.assignment.pk)), phq9_9=3)

        assert SafetyEvent.objects.get().level == "S2"
        assert QuestionnaireResponse.objects.get(assignment=form.assignment).answers["phq9_9"]["value"] == 0


class TestSending:
    def test_nothing_is_sent_while_nothing_is_answered(self, begun):
        with pytest.raises(actions.FormRefused, match="Nothing is answered yet"):
            send(begun())

    def test_twice_is_once(self, begun):
        form = begun()
        say(form, **ALL)

        assert send(form)
        assert not send(form, at=make.NOON + timedelta(hours=1))
        assert Assignment.objects.get().submitted_at == make.NOON

    def test_the_database_keeps_what_was_sent(self, begun):
        form = begun()
        say(form, **ALL)
        send(form)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            QuestionnaireResponse.objects.filter(assignment=form.assignment).update(answers={})

        assert violates(refused.value, "response_of_signed_is_locked")


class TestReview:
    @pytest.fixture
    def sent(self, begun):
        form = begun()
        say(form, **ALL)
        send(form)
        return form

    def test_takes_the_answers_into_the_open_intake_with_who_said_them_and_when(self, sent, assessment, sam, rosa):
        later = make.NOON + timedelta(days=2)
        done = actions.review(assignment=sent.assignment, by=sam, at=later)

        assert done.intake == assessment
        stored = assessment.responses.get(code="phq9")
        first = stored.answers["phq9_1"]
        assert (first["value"], first["respondent"], first["by"], first["revision"]) == (1, "patient", rosa.user.pk, 1)
        assert first["at"] == make.NOON.isoformat()
        history = AnswerChange.objects.filter(response=stored, item="phq9_1").get()
        assert (history.by, history.at, history.accepted) == (sam, later, True)

    def test_a_clinicians_other_answer_stands_beside_and_the_same_one_does_not(self, sent, assessment, dana, answered):
        answered("phq9", phq9_1=3, phq9_2=1)
        actions.review(assignment=sent.assignment, by=dana, at=make.NOON)

        stored = assessment.responses.get(code="phq9").answers
        assert (stored["phq9_1"]["value"], stored["phq9_1"]["clinician"]["value"]) == (1, 3)
        assert stored["phq9_1"]["clinician"]["by"] == dana.pk
        assert "clinician" not in stored["phq9_2"]

    def test_a_second_form_of_the_kind_replaces_the_first_and_keeps_the_clinicians_view(
        self, sent, assessment, dana, answered, begun
    ):
        answered("phq9", phq9_1=3)
        actions.review(assignment=sent.assignment, by=dana, at=make.NOON)
        second = begun()
        say(second, **{**ALL, "phq9_1": 2})
        send(second)
        actions.review(assignment=second.assignment, by=dana, at=make.NOON)

        stored = assessment.responses.get(code="phq9").answers["phq9_1"]
        assert (stored["value"], stored["clinician"]["value"]) == (2, 3)

    def test_twice_is_once(self, sent, assessment, dana, sam):
        actions.review(assignment=sent.assignment, by=dana, at=make.NOON)
        again = actions.review(assignment=sent.assignment, by=sam, at=make.NOON)

        assert not again.is_new
        assert assessment.responses.get(code="phq9").revision == 1
        assert Assignment.objects.get().reviewed_by == dana

    def test_without_an_open_intake_it_is_marked_as_read(self, sent, dana):
        done = actions.review(assignment=sent.assignment, by=dana, at=make.NOON)

        assert (done.intake, done.is_new) == (None, True)
        assert Assignment.objects.get().reviewed_at == make.NOON

    def test_what_was_not_sent_is_not_reviewed(self, begun, dana):
        with pytest.raises(actions.FormRefused, match="not sent yet"):
            actions.review(assignment=begun().assignment, by=dana, at=make.NOON)

    def test_waits_while_two_colleagues_disagree_about_an_item(self, sent, assessment, dana, sam, answered):
        response = answered("phq9", phq9_1=3)
        response.answers["phq9_1"]["disputed"] = entry(2, by=sam)
        response.save()
        with pytest.raises(actions.FormRefused, match="Choose one answer first"):
            actions.review(assignment=sent.assignment, by=dana, at=make.NOON)

        assert Assignment.objects.get().reviewed_at is None

    def test_an_item_or_answer_that_the_intakes_version_does_not_have_is_left_out(self):
        asked = actions.load("phq9")
        assert not actions.fits(asked, "phq9_99", {"value": 1}, TODAY)
        assert not actions.fits(asked, "phq9_1", {"value": 7}, TODAY)
        assert actions.fits(asked, "phq9_1", {"value": None}, TODAY)


class TestConsentFirst:
    def test_nothing_is_read_before_consent_is_recorded(self, rosa, assessment, answered, begun, dana):
        form = begun()
        say(form, **ALL)
        send(form)
        actor = Actor(dana, Role.CLINICIAN)
        assert not may_be_read(rosa)
        assert list(waiting_for_review(actor)) == []

        answered("arrival", consent_treatment=True)

        assert may_be_read(rosa)
        assert list(waiting_for_review(actor)) == [form.assignment]

    def test_no_in_the_open_intake_counts_more_than_an_earlier_yes(self, rosa, dana, assessment, answered):
        earlier = make.assessment(
            patient=rosa,
            owner=dana,
            state="signed",
            signed_at=make.NOON,
            signed_by=dana,
            signature="D",
            content_hash="x",
        )
        assert not may_be_read(rosa)
        answered("arrival", consent_treatment=False)
        assert not may_be_read(rosa)
        assert earlier.is_signed


# ---- Races ----


def on_its_own(work):
    """Run in a thread with a connection of its own."""
    with closing(connection):
        try:
            return work()
        except (AlreadySigned, actions.FormRefused) as refusal:
            return refusal


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_devices_answer_different_questions_and_both_are_kept(self, begun):
        form, together = begun(), Barrier(2)

        def answer(item: str):
            def work():
                own = form_of(form.assignment.patient, form.assignment.public_id)
                together.wait()
                return say(own, **{item: 2})

            return on_its_own(work)

        with ThreadPoolExecutor() as devices:
            list(devices.map(answer, ["phq9_1", "phq9_2"]))

        stored = QuestionnaireResponse.objects.get(assignment=form.assignment)
        assert {item: said["value"] for item, said in stored.answers.items()} == {"phq9_1": 2, "phq9_2": 2}
        assert stored.revision == 2

    def test_of_two_answers_to_one_question_the_later_one_stands_and_both_are_in_the_history(self, begun):
        form = begun()
        other = form_of(form.assignment.patient, form.assignment.public_id)
        say(form, phq9_1=1)
        say(other, phq9_1=3)

        stored = QuestionnaireResponse.objects.get(assignment=form.assignment)
        assert stored.answers["phq9_1"]["value"] == 3
        assert "disputed" not in stored.answers["phq9_1"]
        assert list(AnswerChange.objects.values_list("answer__value", "accepted")) == [(1, True), (3, True)]

    def test_sending_twice_at_once_sends_once(self, begun):
        form, together = begun(), Barrier(2)
        say(form, **ALL)

        def press(_):
            def work():
                together.wait()
                return send(form)

            return on_its_own(work)

        with ThreadPoolExecutor() as fingers:
            assert sorted(fingers.map(press, range(2))) == [False, True]

    @pytest.mark.parametrize("_round", range(5))
    def test_a_save_beside_sending_is_either_sent_or_refused(self, begun, _round):
        form, together = begun(), Barrier(2)
        say(form, **ALL)

        def save_one():
            own = form_of(form.assignment.patient, form.assignment.public_id)
            together.wait()
            return say(own, phq9_1=3)

        def press():
            together.wait()
            return send(form)

        with ThreadPoolExecutor() as both:
            saved, sent = both.map(on_its_own, [save_one, press])

        stored = QuestionnaireResponse.objects.get(assignment=form.assignment).answers["phq9_1"]["value"]
        assert sent is True
        assert stored == (1 if isinstance(saved, AlreadySigned) else 3)
        assert AnswerChange.objects.filter(item="phq9_1", answer__value=3).exists()

    def test_reviewing_twice_at_once_takes_the_answers_over_once(self, begun, assessment, dana, sam):
        form, together = begun(), Barrier(2)
        say(form, **ALL)
        send(form)

        def press(user):
            def work():
                together.wait()
                return actions.review(assignment=form.assignment, by=user, at=make.NOON).is_new

            return on_its_own(work)

        with ThreadPoolExecutor() as desks:
            assert sorted(desks.map(press, [dana, sam])) == [False, True]
        assert assessment.responses.get(code="phq9").revision == 1


def test_a_persons_forms_cost_one_query(rosa, begun, given, django_assert_num_queries):
    begun("phq9")
    given("gad7")
    with django_assert_num_queries(1):
        found = forms_of(rosa)
        assert [form.progress for form in found] == [(0, 7), (0, 9)]
