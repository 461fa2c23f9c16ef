"""Check answers and sign: what was seen is signed, and what is signed stays."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.db import violates
from accounts.models import Role
from intake.actions import answers, signing
from intake.actions.answers import Change
from intake.actions.people import start_intake
from intake.events import assessment_signed
from intake.models import AnswerChange, Assessment, QuestionnaireResponse
from intake.queries import sitting_of
from intake.sitting import Sitting
from tests import make
from tests.intake.conftest import SAFETY_ANSWERS, entry

pytestmark = pytest.mark.django_db
LATE = "To sleep through the night, and to see my sister again."


@pytest.fixture
def sign(desk):
    """A function: presses Sign on the page that showed the current revision."""

    def press(**over):
        seen = sitting_of(desk.assessment.patient, desk.assessment.public_id).revision
        fields = {"signature": "dana  kessler", "password": make.PASSWORD, "seen": seen, **over}
        return desk.client.post(f"{desk.base}sign/", fields)

    return press


@pytest.fixture
def signed(desk, safe, sign):
    sign()
    desk.assessment.refresh_from_db()
    return desk.assessment


@contextmanager
def listening(receiver):
    assessment_signed.connect(receiver)
    try:
        yield
    finally:
        assessment_signed.disconnect(receiver)


class TestSigning:
    def test_freezes_the_intake_and_leads_to_the_findings(self, desk, safe, sign):
        page = sign()

        desk.assessment.refresh_from_db()
        assert page.url == f"{desk.base}findings/"
        assert desk.assessment.is_signed
        assert (desk.assessment.signed_by, desk.assessment.signature) == (desk.user, "dana kessler")
        assert len(desk.assessment.content_hash) == 64

    def test_tells_the_rooms_above_in_its_own_transaction(self, desk, safe, sign):
        heard = []

        def hear(assessment, **_later):
            heard.append((assessment.pk, assessment.state, connection.in_atomic_block))

        with listening(hear):
            sign()
        assert heard == [(desk.assessment.pk, "signed", True)]

    def test_is_not_done_when_a_listener_fails(self, desk, safe, sign):
        def fail(**_later):
            raise RuntimeError("no")

        desk.client.raise_request_exception = False
        with listening(fail):
            assert sign().status_code == 500
        desk.assessment.refresh_from_db()
        assert not desk.assessment.is_signed

    def test_covers_every_answer_with_its_hash(self, signed, patient):
        sitting = sitting_of(patient, signed.public_id)
        assert signing.content_hash(sitting) == signed.content_hash
        sitting.responses["safety"].answers["safe_tonight"]["value"] = False
        assert signing.content_hash(sitting) != signed.content_hash

    @pytest.mark.parametrize(
        ("over", "sentence"),
        [
            ({"signature": "Someone Else"}, "Type your name as it stands in your account: Dana Kessler."),
            ({"signature": ""}, "Type your name"),
            ({"password": "wrong"}, "That is not your password."),
            ({"password": ""}, "That is not your password."),
        ],
    )
    def test_refuses_another_name_or_password(self, desk, safe, sign, over, sentence):
        page = sign(**over)
        assert page.status_code == 422
        assert sentence in page.content.decode()
        assert not Assessment.objects.get().is_signed

    def test_ends_after_five_tries_even_with_the_right_password(self, desk, safe, sign):
        for _ in range(5):
            sign(password="wrong")
        page = sign()
        assert page.status_code == 429
        assert "Wait five minutes" in page.content.decode()
        assert not Assessment.objects.get().is_signed

    def test_refuses_when_an_answer_changed_after_it_was_read(self, desk, safe, sams_desk, sign):
        seen = sitting_of(desk.assessment.patient, desk.assessment.public_id).revision
        sams_desk.autosave("mood/1/", phq9_1="1")
        page = sign(seen=seen)
        assert page.status_code == 409
        assert "An answer changed after you read them" in page.content.decode()
        assert not Assessment.objects.get().is_signed

    def test_refuses_a_forged_or_missing_revision(self, desk, safe, sign):
        for seen in ("", "x", "999999", "9" * 40):
            assert sign(seen=seen).status_code == 409

    def test_waits_for_the_safety_questions_and_says_which(self, desk, sign):
        page = sign()
        assert page.status_code == 409
        assert "Safety questions first: Emergency now, Safe place tonight" in page.content.decode()
        assert "Not yet" in desk.client.get(desk.base).content.decode()

    def test_waits_for_a_disputed_answer(self, desk, safe, sams_desk, sign):
        sams_desk.autosave("mood/1/", phq9_1="3")
        desk.autosave("mood/1/", revision=0, phq9_1="1")
        page = sign()
        assert page.status_code == 409
        assert "Choose one answer for: Interest or pleasure" in page.content.decode()

    def test_twice_changes_nothing(self, signed, desk, sign):
        page = sign()
        assert page.url == desk.base
        assert Assessment.objects.get().content_hash == signed.content_hash


class TestAfterSigning:
    def test_pages_are_read_only_and_say_who_and_when(self, signed, desk):
        for place in ("", "mood/1/", "mood/3/", "safety/2/", "check/"):
            text = desk.client.get(desk.base + place).content.decode()
            assert "Signed by Dana Kessler" in text
            assert "data-autosave" not in text

    def test_a_late_autosave_is_told_and_kept_as_a_proposal(self, signed, desk):
        told = desk.autosave("mood/1/", phq9_1="2")
        assert told.status_code == 409
        assert told.json()["conflicts"][0]["text"].startswith("This was signed at ")
        assert not desk.response("phq9").answers
        assert AnswerChange.objects.filter(item="phq9_1").values_list("answer__value", "accepted").get() == (2, False)

    def test_a_late_plain_post_is_told_and_kept_as_a_proposal(self, signed, desk):
        page = desk.post("mood/1/", phq9_1="2")
        assert page.status_code == 409
        assert "Nothing was changed" in page.content.decode()
        assert AnswerChange.objects.filter(accepted=False).count() == 1

    def test_a_questionnaire_that_was_not_signed_cannot_be_begun(self, desk, safe, sign):
        desk.assessment.responses.filter(code="phq9").delete()
        sign()
        assert desk.autosave("mood/1/", phq9_1="2").status_code == 409
        assert desk.post("mood/1/", phq9_1="2").status_code == 409
        assert not desk.assessment.responses.filter(code="phq9").exists()

    def test_the_list_leads_to_what_the_intake_points_to(self, signed, desk):
        assert f"{desk.base}findings/" in desk.client.get(desk.base).content.decode()

    def test_the_database_refuses_a_change_of_the_intake(self, signed):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            Assessment.objects.filter(pk=signed.pk).update(signature="Somebody")
        assert violates(refused.value, "assessment_signed_is_locked")

    def test_the_database_refuses_a_change_of_the_answers(self, signed):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            QuestionnaireResponse.objects.filter(assessment=signed, code="phq9").update(note="later")
        assert violates(refused.value, "response_of_signed_is_locked")

    def test_the_database_refuses_new_answers(self, signed):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            QuestionnaireResponse.objects.create(assessment=signed, code="new", version="1")
        assert violates(refused.value, "response_of_signed_is_locked")


def test_the_history_of_answers_is_kept(desk):
    desk.autosave("mood/1/", phq9_1="2")
    for change in (lambda rows: rows.update(accepted=False), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            change(AnswerChange.objects.all())
        assert violates(refused.value, "answer_change_is_kept")


def test_an_intake_is_signed_whole_or_not_at_all(assessment):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(state="signed")
    assert violates(refused.value, "assessment_signed_whole_or_not_at_all")


def test_a_questionnaire_is_answered_once_per_intake(assessment):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        QuestionnaireResponse.objects.create(assessment=assessment, code="phq9", version="1")
    assert violates(refused.value, "response_once_per_assessment")


def test_a_supervisor_reads_and_does_not_sign(signed_in, desk, safe, mill):
    client = signed_in(make.user(Role.SUPERVISOR, at=mill))
    assert client.get(f"{desk.base}check/").status_code == 200
    assert client.get(f"{desk.base}sign/").status_code == 404
    assert client.post(f"{desk.base}mood/1/", {"asked": "phq9_1", "phq9_1": "1"}).status_code == 404
    assert "data-autosave" not in client.get(f"{desk.base}mood/1/").content.decode()


class TestCheckAnswers:
    def test_lists_answers_with_a_way_back_to_the_question(self, desk, answered):
        answered("phq9", phq9_1=2)
        text = desk.client.get(f"{desk.base}check/").content.decode()
        assert "More than half the days" in text
        assert f"{desk.base}mood/1/?return=phq9_1#slot_phq9_1" in text

    def test_can_show_only_what_is_open(self, desk, answered):
        answered("phq9", phq9_1=2)
        text = desk.client.get(f"{desk.base}check/?show=open").content.decode()
        assert "More than half the days" not in text
        assert "Low mood" in text

    def test_change_returns_to_the_same_row(self, desk):
        page = desk.post("mood/1/", phq9_1="2", **{"return": "phq9_1"}, asked=["phq9_1"])
        assert page.url == f"{desk.base}check/#row_phq9_1"


@pytest.mark.django_db(transaction=True)
def test_a_signature_raced_by_a_save_covers_what_the_signer_saw(dana, sam):
    """Random delays: the save is refused and kept as a proposal, or the signature is refused; never both done."""
    dice = random.Random(4)  # the same delays in every run; the order of the two is left to the machine
    outcomes = [race(dana, sam, dice.uniform(0, 0.01), dice.uniform(0, 0.08)) for _ in range(100)]

    assert set(outcomes) == {("signed", "late"), ("changed", "saved")}


def race(dana, sam, sign_after: float, save_after: float) -> tuple[str, str]:
    """Sign and save at once; says what became of both, and checks what is stored."""
    assessment = start_intake(patient=make.patient(team=dana), by=dana, at=make.NOON).assessment
    safety = assessment.responses.get(code="safety")
    safety.answers = {item: entry(value, by=dana) for item, value in SAFETY_ANSWERS.items()}
    safety.save()
    together = Barrier(2)

    def press_sign() -> str:
        with closing(connection):
            together.wait()
            time.sleep(sign_after)
            try:
                signing.sign(
                    assessment=assessment,
                    by=dana,
                    typed_name=dana.name,
                    password=make.PASSWORD,
                    seen_revision=0,
                    at=make.NOON,
                )
            except signing.ChangedMeanwhile:
                return "changed"
            return "signed"

    def press_save() -> str:
        with closing(connection):
            response = QuestionnaireResponse.objects.select_related("assessment").get(
                assessment=assessment, code="goals"
            )
            together.wait()
            time.sleep(save_after)
            try:
                answers.save_answers(
                    response=response, changes=[Change("own_words", LATE)], base_revision=0, by=sam, at=make.NOON
                )
            except answers.AlreadySigned:
                return "late"
            return "saved"

    with ThreadPoolExecutor() as desks:
        pressed = [desks.submit(press_sign), desks.submit(press_save)]
    outcome = (pressed[0].result(), pressed[1].result())
    stored = Assessment.objects.get(pk=assessment.pk)
    kept = AnswerChange.objects.get(response__assessment=assessment)
    assert stored.is_signed is (outcome[0] == "signed")
    assert (kept.answer["value"], kept.accepted) == (LATE, outcome[1] == "saved")
    if stored.is_signed:
        assert signing.content_hash(Sitting(stored, stored.responses.all())) == stored.content_hash
    return outcome


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_an_intake_is_signed_once(dana):
    assessment = start_intake(patient=make.patient(team=dana), by=dana, at=make.NOON).assessment
    safety = assessment.responses.get(code="safety")
    safety.answers = {item: entry(value, by=dana) for item, value in SAFETY_ANSWERS.items()}
    safety.save()
    together = Barrier(2)

    def press(_number) -> str:
        with closing(connection):
            together.wait()
            try:
                signing.sign(
                    assessment=assessment,
                    by=dana,
                    typed_name=dana.name,
                    password=make.PASSWORD,
                    seen_revision=0,
                    at=make.NOON,
                )
            except signing.SigningRefused:
                return "refused"
            return "signed"

    with ThreadPoolExecutor() as desks:
        assert sorted(desks.map(press, range(2))) == ["refused", "signed"]
    assert assessment.recommendations.count() == 1
