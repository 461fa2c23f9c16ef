"""Deciding over a recommendation: agree, differ with a reason, wait; and two people at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier, Event

import pytest
from django.db import connection

from programs import actions, queries
from programs.actions import Chosen, recommending
from programs.matching import default_engine
from programs.models import Decision, Recommendation
from tests import make
from tests.programs import people

pytestmark = pytest.mark.django_db

STRONG, CLOSE, HELD = "01-t1-depression-strong", "07-t6-within-one-point", "03-t3-dbt-gate-open"
AGREE = Chosen(choice="agree", track="depression")
WHY = {"reason_code": "person_prefers", "reason": "She wants skills first."}


def decide(recommendation: Recommendation, chosen: Chosen, **over) -> Decision:
    by = recommendation.assessment.owner
    return actions.decide(recommendation=recommendation, chosen=chosen, **{"by": by, "at": make.NOON, **over})


@pytest.mark.parametrize(
    "chosen",
    [
        AGREE,
        Chosen(choice="other_track", track="dbt", **WHY),
        Chosen(choice="other_level", level="php", **WHY),
        Chosen(choice="not_ready", **WHY),
    ],
    ids=lambda chosen: chosen.choice,
)
def test_what_was_chosen_is_kept_with_who_and_when(chosen):
    recommendation = people.of_example(STRONG)

    made = decide(recommendation, chosen)

    kept = recommendation.decisions.get()
    assert made == kept
    assert Chosen(kept.choice, kept.track, kept.level, kept.reason_code, kept.reason) == chosen
    assert (kept.by, kept.at) == (recommendation.assessment.owner, make.NOON)


@pytest.mark.parametrize("track", ["depression", "trauma"])
def test_of_two_that_are_too_close_either_can_be_agreed_with(track):
    recommendation = people.of_example(CLOSE)

    assert decide(recommendation, Chosen(choice="agree", track=track)).track == track


@pytest.mark.parametrize(
    ("example", "chosen", "sentence"),
    [
        (STRONG, Chosen(choice="other_track", track="dbt"), "Say why, in one or two sentences."),
        (STRONG, Chosen(choice="not_ready", reason_code="other"), "Say why, in one or two sentences."),
        (STRONG, Chosen(choice="other_track", **WHY), "Choose the track."),
        (STRONG, Chosen(choice="other_level", **WHY), "Choose the level of care."),
        (STRONG, Chosen(choice="agree", track="trauma"), "does not propose that track"),
        (CLOSE, Chosen(choice="agree", track="dbt"), "does not propose that track"),
        (HELD, Chosen(choice="agree", track="dbt"), "does not propose that track"),
        (HELD, Chosen(choice="other_track", track="dbt", **WHY), "Checks are still open."),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused_with_a_sentence(example, chosen, sentence):
    recommendation = people.of_example(example)

    with pytest.raises(actions.DecisionRefused, match=sentence):
        decide(recommendation, chosen)

    assert not recommendation.decisions.exists()


def test_while_checks_are_open_one_can_still_record_that_one_waits():
    assert decide(people.of_example(HELD), Chosen(choice="not_ready", **WHY)).choice == "not_ready"


def test_an_older_recommendation_cannot_be_decided_over():
    older = actions.recommend(assessment=people.signed(), at=make.NOON)
    newer = actions.recommend(assessment=older.assessment, at=make.NOON + timedelta(days=1))

    with pytest.raises(actions.DecisionRefused, match="There is a newer recommendation for this intake"):
        decide(older, AGREE)

    assert decide(newer, AGREE).recommendation == newer


def test_a_changed_decision_is_a_new_row_and_the_newest_counts():
    recommendation = people.of_example(STRONG)
    first = decide(recommendation, AGREE)

    second = decide(recommendation, Chosen(choice="other_track", track="dbt", **WHY))

    assert list(recommendation.decisions.order_by("pk")) == [first, second]
    assert queries.newest_decision(recommendation) == second


# ---- at once


def race(deeds: list[Callable[[], object]]) -> list[object]:
    """Do all deeds at the same moment, each on its own connection; what they return, or the refusal's type."""
    together = Barrier(len(deeds))

    def press(deed):
        try:
            together.wait(timeout=30)
            return deed()
        except actions.DecisionRefused as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(deeds)) as desks:
        return list(desks.map(press, deeds))


@pytest.mark.django_db(transaction=True)
def test_of_two_clinicians_who_decide_at_once_both_are_kept_and_one_counts():
    recommendation = people.of_example(STRONG)
    other = make.clinician(at=recommendation.assessment.patient.location)

    mine, hers = race(
        [
            lambda: decide(recommendation, AGREE),
            lambda: decide(recommendation, Chosen(choice="not_ready", **WHY), by=other),
        ]
    )

    assert {row.pk for row in recommendation.decisions.all()} == {mine.pk, hers.pk}
    assert queries.newest_decision(recommendation).pk == max(mine.pk, hers.pk)


class Holding:
    """The engine, which waits in the middle of its work until it is let go."""

    def __init__(self, engine) -> None:
        self.engine, self.working, self.go_on = engine, Event(), Event()

    def recommend(self, document):
        result = self.engine.recommend(document)
        self.working.set()
        assert self.go_on.wait(timeout=30)
        return result


def a_check_under_way(monkeypatch, recommendation, desks) -> tuple[Holding, object]:
    """A check that is being recorded: stopped after the rules were worked out, before anything is kept."""
    holding = Holding(default_engine())
    monkeypatch.setattr(queries, "engine_of", lambda _hash: holding)
    monkeypatch.setattr(recommending, "LONGEST", 30)
    found = desks.submit(closing, lambda: cleared(recommendation, "G2"))
    assert holding.working.wait(timeout=30)
    return holding, found


def closing(deed):
    try:
        return deed()
    finally:
        connection.close()


def cleared(recommendation, gate, at=make.NOON):
    by = recommendation.assessment.owner
    return actions.clear_gate(
        recommendation=recommendation, gate=gate, done_on=date(2026, 3, 11), note="Done by Dr. Lee.", by=by, at=at
    )


def waits_for_a_lock() -> bool:
    """Wait until somebody waits for a row in this database; say whether anybody did."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                " AND pg_sleep(0.01) IS NOT NULL"
            )
            if cursor.fetchone()[0]:
                return True
    return False


@pytest.mark.django_db(transaction=True)
def test_who_decides_while_a_check_is_being_recorded_waits_and_is_sent_to_the_new_result(monkeypatch):
    held = actions.recommend(assessment=people.signed("on_hold"), at=make.NOON)
    with ThreadPoolExecutor() as desks:
        holding, check = a_check_under_way(monkeypatch, held, desks)
        decision = desks.submit(closing, lambda: decide(held, Chosen(choice="not_ready", **WHY)))
        waited = waits_for_a_lock()
        holding.go_on.set()

        with pytest.raises(actions.DecisionRefused, match="There is a newer recommendation"):
            decision.result(timeout=30)

    assert waited
    assert queries.newest_recommendation(held.assessment) == check.result()
    assert not Decision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_checks_recorded_at_once_the_newest_result_knows_both(monkeypatch):
    held = actions.recommend(
        assessment=people.signed("on_hold", **{"environment.safe_tonight": False, "dimension.d7": 4}), at=make.NOON
    )
    with ThreadPoolExecutor() as desks:
        holding, first = a_check_under_way(monkeypatch, held, desks)
        # The second read its clock earlier and waits for the first.
        second = desks.submit(closing, lambda: cleared(held, "G7", at=make.NOON - timedelta(seconds=1)))
        waited = waits_for_a_lock()
        holding.go_on.set()
        newest = second.result(timeout=30)

    assert waited
    assert first.result().facts["facts"]["environment.safe_place_recorded"] is False
    assert queries.newest_recommendation(held.assessment) == newest
    assert newest.facts["facts"]["clearance.g2"] == "2026-03-11"
    assert newest.facts["facts"]["environment.safe_place_recorded"] is True
