"""Working a recommendation out: what is kept, and what happens when the rules fail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import sleep

import pytest
from django.db import transaction
from django.urls import reverse

from intake.events import assessment_signed
from intake.models import Assessment
from programs import actions, queries
from programs.actions import content_hash, recommending
from programs.matching import default_engine
from programs.models import Recommendation
from tests import make
from tests.programs import people

pytestmark = pytest.mark.django_db


class Failing:
    """An engine that cannot be asked."""

    def recommend(self, _document: object) -> dict[str, object]:
        raise RuntimeError("no rules")


def break_the_engine(monkeypatch):
    monkeypatch.setattr(queries, "engine_of", lambda _hash: Failing())


def sign_now(assessment: Assessment) -> None:
    """What signing sends, in a transaction as signing has one."""
    with transaction.atomic():
        assessment_signed.send(sender=Assessment, assessment=assessment, at=assessment.signed_at)


def test_facts_rules_and_result_are_kept_together():
    made = actions.recommend(assessment=people.signed("depression"), at=make.NOON)

    made.refresh_from_db()
    assert made.facts["as_of"] == "2026-03-11"
    assert made.facts["facts"]["phq9.items"] == [3, 3, 2, 3, 1, 2, 2, 1, 0]
    assert made.result["selection"]["primary_track"] == "depression"
    assert made.ruleset_version == made.result["ruleset_version"]
    assert made.made_at == make.NOON


@pytest.mark.parametrize("persona", sorted(people.PERSONAS.keys() - {"base"}))
def test_evaluating_the_stored_facts_again_gives_the_same_hash(persona):
    made = actions.recommend(assessment=people.signed(persona), at=make.NOON)

    made.refresh_from_db()
    again = default_engine().recommend(made.facts)
    assert content_hash(made.facts, again["ruleset_version"], again) == made.content_hash
    assert again == made.result


def test_a_changed_fact_changes_the_hash():
    made = actions.recommend(assessment=people.signed(), at=make.NOON)
    changed = {**made.facts, "as_of": "2026-03-12"}

    assert content_hash(changed, made.ruleset_version, made.result) != made.content_hash


def test_the_day_is_the_one_on_the_wall_of_the_location():
    late_evening_in_chicago = datetime(2026, 3, 12, 3, 30, tzinfo=UTC)

    made = actions.recommend(assessment=people.signed(), at=late_evening_in_chicago)

    assert made.facts["as_of"] == "2026-03-11"


def test_the_answers_themselves_decide_which_persona_gets_what():
    found = {
        persona: actions.recommend(assessment=people.signed(persona), at=make.NOON).result["selection"]["outcome"]
        for persona in ("trauma", "close_call", "on_hold", "milder")
    }

    assert found == {
        "trauma": "primary",
        "close_call": "clinician_picks",
        "on_hold": "gate_open",
        "milder": "no_track_supported",
    }


# ---- after a signature


def test_a_signature_is_followed_by_a_recommendation():
    assessment = people.signed()

    sign_now(assessment)

    assert assessment.recommendations.get().made_at == assessment.signed_at


def test_rules_that_fail_do_not_stop_a_signature(monkeypatch, caplog):
    assessment = people.signed()
    break_the_engine(monkeypatch)

    sign_now(assessment)

    assessment.refresh_from_db()
    assert assessment.is_signed
    assert not Recommendation.objects.exists()
    assert f"recommendation.failed assessment={assessment.public_id}" in caplog.text
    assert assessment.patient.last_name not in caplog.text


class Hanging:
    """An engine that does not come back in time."""

    def recommend(self, _document: object) -> dict[str, object]:
        sleep(30)
        return {}


def test_rules_that_hang_are_given_up_and_the_signature_stands(monkeypatch):
    assessment = people.signed()
    monkeypatch.setattr(queries, "engine_of", lambda _hash: Hanging())
    monkeypatch.setattr(recommending, "LONGEST", 0.05)

    with pytest.raises(actions.RulesTooSlow, match="The rules took too long, so nothing was recorded"):
        actions.recommend(assessment=assessment, at=make.NOON)
    sign_now(assessment)

    assert not Recommendation.objects.exists()


def test_nobody_waits_longer_than_two_seconds():
    assert recommending.LONGEST == 2.0


def test_a_track_that_the_clinic_does_not_have_is_no_result(monkeypatch):
    engine = default_engine()

    class Inventing:
        def recommend(self, document: object) -> dict[str, object]:
            result = engine.recommend(document)
            return {**result, "selection": {**result["selection"], "primary_track": "hypnosis"}}

    monkeypatch.setattr(queries, "engine_of", lambda _hash: Inventing())

    with pytest.raises(actions.RulesFailed, match="could not be worked out"):
        actions.recommend(assessment=people.signed(), at=make.NOON)


def test_without_published_rules_the_findings_say_so_and_offer_nothing_to_press(signed_in):
    make.no_published_rules()
    assessment = people.signed()
    sign_now(assessment)
    place = [assessment.patient.public_id, assessment.public_id]

    page = signed_in(assessment.owner).get(reverse("programs:findings", args=place))
    answer = signed_in(assessment.owner).post(reverse("programs:work_out", args=place), follow=True)

    assert "Findings only" in page.text
    assert "The clinic has not approved the recommendation rules yet." in page.text
    assert reverse("programs:work_out", args=place) not in page.text
    assert "has not approved the recommendation rules yet, so nothing was recorded" in answer.text
    assert not Recommendation.objects.exists()


def test_an_intake_signed_before_the_rules_were_approved_says_so_and_can_be_worked_out(signed_in):
    long_ago = make.NOON - timedelta(days=500)
    assessment = people.signed(at=long_ago)
    place = [assessment.patient.public_id, assessment.public_id]

    page = signed_in(assessment.owner).get(reverse("programs:findings", args=place))

    assert "The rules were approved after this intake was signed" in page.text
    assert "Work it out" in page.text


def test_without_a_recommendation_the_findings_stand_alone_and_it_can_be_worked_out_later(monkeypatch, signed_in):
    assessment = people.signed()
    owner, place = signed_in(assessment.owner), [assessment.patient.public_id, assessment.public_id]
    with monkeypatch.context() as broken:
        break_the_engine(broken)
        sign_now(assessment)

    page = owner.get(reverse("programs:findings", args=place))

    assert page.status_code == 200
    assert "Findings only" in page.text
    assert reverse("intake:check", args=place) in page.text

    answer = owner.post(reverse("programs:work_out", args=place))

    made = assessment.recommendations.get()
    assert answer.url == reverse("programs:recommendation", args=[assessment.patient.public_id, made.public_id])
    assert owner.get(reverse("programs:findings", args=place)).url == answer.url


def test_rules_that_still_fail_say_so_and_leave_the_findings(monkeypatch, signed_in):
    assessment = people.signed()
    break_the_engine(monkeypatch)
    place = [assessment.patient.public_id, assessment.public_id]

    answer = signed_in(assessment.owner).post(reverse("programs:work_out", args=place), follow=True)

    assert answer.redirect_chain == [(reverse("programs:findings", args=place), 302)]
    assert "The rules could not be worked out, so nothing was recorded." in answer.text
    assert not Recommendation.objects.exists()


# ---- checks that were done


def clear(recommendation, **over):
    values = {"gate": "G2", "done_on": date(2026, 3, 11), "note": "Seen by Dr. Lee, plan agreed."}
    by = recommendation.assessment.owner
    return actions.clear_gate(recommendation=recommendation, **{**values, "by": by, "at": make.NOON, **over})


def test_a_recorded_check_makes_a_new_recommendation_and_keeps_the_old_one():
    held = actions.recommend(assessment=people.signed("on_hold"), at=make.NOON)
    before = Recommendation.objects.filter(pk=held.pk).values().get()

    made = clear(held)

    assert made.pk != held.pk
    assert held.result["gate_summary"]["blocks_recommendation"] == ["G2"]
    assert made.facts["facts"]["clearance.g2"] == "2026-03-11"
    assert made.result["gate_summary"]["blocks_recommendation"] == []
    assert Recommendation.objects.filter(pk=held.pk).values().get() == before
    assert held.assessment.clearances.get().note == "Seen by Dr. Lee, plan agreed."


def test_rules_that_fail_over_a_check_record_nothing_and_keep_what_was_typed(monkeypatch, signed_in):
    held = actions.recommend(assessment=people.signed("on_hold"), at=make.NOON)
    url = reverse("programs:clear", args=[held.assessment.patient.public_id, held.public_id, "G2"])
    break_the_engine(monkeypatch)

    page = signed_in(held.assessment.owner).post(url, {"done_on": "2026-03-11", "note": "Seen by Dr. Lee."})

    assert page.status_code == 422
    assert "The rules could not be worked out" in page.text
    assert "Seen by Dr. Lee." in page.text
    assert not held.assessment.clearances.exists()


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"done_on": date(2026, 3, 12)}, "The check cannot be later than today."),
        ({"gate": "G6"}, "Only the answers themselves can change this check."),
    ],
)
def test_a_check_that_cannot_be_recorded_changes_nothing(over, sentence):
    held = actions.recommend(assessment=people.signed("on_hold"), at=make.NOON)

    with pytest.raises(actions.DecisionRefused, match=sentence):
        clear(held, **over)

    assert held.assessment.recommendations.get() == held
    assert not held.assessment.clearances.exists()


def test_a_check_of_last_evening_is_not_in_the_future_where_the_day_has_turned_in_utc():
    evening = datetime(2026, 3, 12, 3, 30, tzinfo=UTC)
    held = actions.recommend(assessment=people.signed("on_hold", at=evening), at=evening)

    with pytest.raises(actions.DecisionRefused, match="later than today"):
        clear(held, done_on=date(2026, 3, 12), at=evening)

    assert clear(held, done_on=date(2026, 3, 11), at=evening + timedelta(minutes=5)).pk != held.pk


def test_a_place_arranged_stands_as_a_fact_of_its_own():
    made = actions.recommend(
        assessment=people.signed(**{"environment.safe_tonight": False, "dimension.d7": 4}), at=make.NOON
    )
    assert made.result["gate_summary"]["blocks_enrollment"] == ["G7"]

    assert clear(made, gate="G7").result["gate_summary"]["blocks_enrollment"] == []
