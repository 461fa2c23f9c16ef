"""Whose result would change: asked by a supervisor, worked out by a worker, and nothing is published before."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from threading import Barrier, Event

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Role
from accounts.policies import Actor
from iop.celery import app
from programs import bell, tasks
from programs.actions import rehearsing, rules
from programs.models import Rehearsal, RuleSet
from programs.replay import Change, Replay, kept, recalled
from tests import make
from tests.programs import drafts

pytestmark = pytest.mark.django_db

FIRST = "See whose result would change first."


@pytest.fixture(autouse=True)
def _vignettes():
    make.vignettes()


# ---- asking


def test_asking_twice_while_it_is_under_way_gives_the_same_row():
    found, ruth = drafts.draft(), drafts.supervisor()

    first, second = drafts.ask(found, by=ruth), drafts.ask(found)

    assert second == first
    row = Rehearsal.objects.get()
    assert (row.before.version, row.after, row.after_hash) == ("2026.1", found, found.content_hash)
    assert (row.asked_by, row.asked_at, row.done_at, row.outcome, row.failed) == (ruth.user, make.NOON, None, None, "")


def test_every_press_rings_the_worker_after_the_commit(rung, django_capture_on_commit_callbacks):
    found = drafts.draft()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            drafts.ask(found)
            before = len(rung)
        assert len(rung) == before + 1


def test_what_is_done_can_be_asked_again_and_stays():
    found = drafts.draft()
    done = drafts.ask(found)
    drafts.work_out()

    again = drafts.ask(found)

    assert again != done
    assert Rehearsal.objects.get(pk=done.pk).outcome is not None


def test_a_changed_draft_is_another_question():
    found = drafts.draft()
    old = drafts.ask(found)
    drafts.change(found)

    assert drafts.ask(found).after_hash == found.content_hash != old.after_hash


def test_sending_to_review_asks_when_it_was_not_worked_out_before():
    found = drafts.submitted()
    assert Rehearsal.objects.get().asked_by == found.submitted_by

    drafts.work_out()
    rules.withdraw(ruleset=found, reason="One more look.", seen_revision=1, by=drafts.supervisor(), at=make.NOON)
    rules.send_to_review(ruleset=found, why="The same.", seen_revision=1, by=drafts.supervisor(), at=make.NOON)

    assert Rehearsal.objects.count() == 1


def test_the_first_rules_of_a_clinic_are_compared_with_nothing():
    make.no_published_rules()
    found = drafts.submitted()

    with pytest.raises(rehearsing.RehearsalRefused, match="nothing to compare with"):
        drafts.ask(found)

    assert not Rehearsal.objects.exists()
    assert drafts.publish(found).state == "published"


def test_rules_in_use_are_not_asked_about():
    with pytest.raises(rehearsing.RehearsalRefused, match="These rules are published"):
        drafts.ask(RuleSet.objects.get())


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_only_supervisors_ask(role):
    with pytest.raises(rehearsing.RehearsalRefused, match="Only supervisors ask"):
        drafts.ask(drafts.draft(), by=Actor(make.user(role), role))

    assert not Rehearsal.objects.exists()


# ---- working it out


def test_the_task_works_out_the_oldest_and_keeps_no_name():
    assessment = drafts.somebody_would_change()
    first, second = (drafts.ask(drafts.draft(drafts.DEPRESSED, version=f"9.{number}")) for number in (1, 2))

    tasks.rehearse(asked_by_a_later_version=True)

    first.refresh_from_db()
    second.refresh_from_db()
    assert second.done_at is None
    assert first.done_at is not None
    assert {key: first.outcome[key] for key in ("assessments", "unreadable", "changed", "moves")} == {
        "assessments": 1, "unreadable": 0, "changed": 1,
        "moves": [["primary", "clinician_picks", "trauma", 1], ["rule", "P6", "P7", 1]],
    }  # fmt: skip
    [person] = first.outcome["people"]
    assert person["assessment"] == str(assessment.public_id)
    assert set(person) == {"assessment", "differences", "why"}
    assert {frozenset(why) for why in person["why"]} == {frozenset({"ref", "says", "before", "after"})}
    said = str(first.outcome)
    assert assessment.patient.first_name not in said
    assert assessment.patient.last_name not in said


def test_a_replay_is_read_as_it_was_written():
    drafts.somebody_would_change()
    row = drafts.ask(drafts.draft(drafts.DEPRESSED))
    drafts.work_out()
    row.refresh_from_db()

    found = recalled(row.outcome)

    assert kept(found) == row.outcome
    assert isinstance(found, Replay)
    assert isinstance(found.people[0], Change)
    assert found.counts == {"primary": 1, "rule": 1}


def test_with_nothing_to_do_a_worker_goes_back_to_sleep():
    assert drafts.work_out() is None


def test_an_engine_that_stops_leaves_a_sentence_and_no_trace_of_anybody(monkeypatch, caplog):
    def stops(*_engines):
        raise KeyError("Rosa Marlow")

    monkeypatch.setattr(rehearsing, "replay", stops)
    row = drafts.ask(drafts.draft())

    drafts.work_out()

    row.refresh_from_db()
    assert row.failed == "It could not be worked out (KeyError). If that stays so, tell whoever runs Tideway for you."
    assert (row.done_at, row.outcome) == (make.NOON, None)
    assert f"rehearsal.failed rehearsal={row.pk} error=KeyError" in caplog.text
    assert "Rosa" not in caplog.text
    assert drafts.work_out() is None  # nobody tries it forever


def test_a_statement_that_fails_amid_the_replay_leaves_a_sentence_too(monkeypatch):
    def stops(*_engines):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    monkeypatch.setattr(rehearsing, "engine_of", lambda _hash: None)
    monkeypatch.setattr("programs.replay.changes", stops)
    drafts.ask(drafts.draft())

    assert "DataError" in drafts.work_out().failed


def test_a_draft_that_changed_before_the_worker_came_is_not_guessed_at():
    found = drafts.draft(version="2026.88")  # one that this process has not compiled yet
    row = drafts.ask(found)
    rules.change_draft(
        ruleset=found, document=drafts.document(drafts.L12, version="2026.88"), seen_revision=1,
        by=drafts.supervisor(), at=make.NOON,
    )  # fmt: skip

    drafts.work_out()

    row.refresh_from_db()
    assert row.failed == "The draft was changed before this was worked out."


def test_the_beat_sweeps_what_no_bell_woke_anybody_for():
    entry = settings.CELERY_BEAT_SCHEDULE["rehearse"]
    app.loader.import_default_modules()

    assert (entry["task"], entry["schedule"]) == (tasks.rehearse.name, 60.0)
    assert entry["task"] in app.tasks


@pytest.mark.django_db(transaction=True)
def test_asking_takes_no_time_while_the_broker_is_gone(monkeypatch, caplog):
    gone = app.connection_for_write("redis://127.0.0.1:9/0")  # nobody listens there
    monkeypatch.setattr(bell.current_app, "send_task", partial(app.send_task, connection=gone))
    monkeypatch.setattr(rehearsing, "ring", bell.ring)
    found, by = drafts.draft(), drafts.supervisor()

    begun = time.monotonic()
    drafts.ask(found, by=by)

    assert time.monotonic() - begun < 2.0
    assert Rehearsal.objects.under_way().count() == 1
    assert "programs.bell_unheard" in caplog.text  # it was rung, and nobody heard


# ---- at once


def beside(*deeds: Callable[[], object]) -> list[object]:
    """Do all of it at once, each over a connection of its own."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        start.wait(timeout=30)
        with closing(connection):
            return deed()

    with ThreadPoolExecutor(max_workers=len(deeds)) as threads:
        return list(threads.map(run, deeds))


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_one_row():
    found = drafts.draft()
    one, two = drafts.supervisor(), drafts.supervisor()

    first, second = beside(lambda: drafts.ask(found, by=one), lambda: drafts.ask(found, by=two))

    assert first == second == Rehearsal.objects.get()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_not_work_out_the_same(monkeypatch):
    begun, other_came = [], Event()

    def slow(*_engines) -> Replay:
        begun.append(1)
        other_came.wait(timeout=10)
        return Replay()

    def second_worker() -> Rehearsal | None:
        try:
            return drafts.work_out()
        finally:
            other_came.set()

    monkeypatch.setattr(rehearsing, "replay", slow)
    row = drafts.ask(drafts.draft())

    outcomes = beside(second_worker, second_worker)

    assert len(begun) == 1
    assert sorted(outcomes, key=bool) == [None, row]
    row.refresh_from_db()
    assert row.outcome is not None


# ---- publishing


def test_nothing_is_published_before_it_is_known_whose_result_would_change():
    found = drafts.submitted(drafts.DEPRESSED)

    with pytest.raises(rules.RulesRefused, match=FIRST):
        drafts.publish(found)

    drafts.work_out()
    assert drafts.publish(found).state == "published"


def test_a_rehearsal_that_failed_publishes_nothing(monkeypatch):
    monkeypatch.setattr(rehearsing, "replay", lambda *_engines: 1 / 0)
    found = drafts.in_review()

    with pytest.raises(rules.RulesRefused, match=FIRST):
        drafts.publish(found)


def test_a_document_that_changed_since_has_to_be_worked_out_again():
    by = drafts.supervisor()
    found = rules.withdraw(ruleset=drafts.in_review(), reason="One more look.", seen_revision=1, by=by, at=make.NOON)
    rules.change_draft(ruleset=found, document=drafts.document(drafts.DEPRESSED), seen_revision=1, by=by, at=make.NOON)
    rules.send_to_review(ruleset=found, why="Better.", seen_revision=2, by=by, at=make.NOON)
    found.refresh_from_db()

    with pytest.raises(rules.RulesRefused, match=FIRST):
        drafts.publish(found)


def test_rules_published_meanwhile_have_to_be_compared_with():
    one, two = drafts.in_review(version="2026.2"), drafts.in_review(version="2026.3")
    drafts.publish(one)

    with pytest.raises(rules.RulesRefused, match=FIRST):
        drafts.publish(two)

    drafts.ask(two)
    drafts.work_out()
    assert drafts.publish(two).state == "published"
