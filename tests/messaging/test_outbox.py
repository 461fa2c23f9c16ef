"""Planning, claiming, sending, recording: REL-05 to REL-09, FLT-04 to FLT-08."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.db import violates
from messaging import actions
from messaging.channels import Permanent, Temporary
from messaging.models import OutboxMessage, State
from messaging.registry import Cancel, Expire, Rules, Wait, stored
from tests.messaging.conftest import KIND, NOW

pytestmark = pytest.mark.django_db


def sweep(post, at=NOW):
    return actions.sweep(clock=lambda: at, deliver=post)


def judged_by(recheck):
    return Rules(recheck=recheck, placeholders=stored)


# Planning


def test_the_same_occasion_is_one_row_in_the_database(message):
    """REL-05: refused by the table, whoever writes."""
    message(recipient="patient:a")

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        message(recipient="patient:a")

    assert violates(refused.value, "message_once_per_occurrence")


@pytest.mark.parametrize(
    "other",
    [
        {"recipient": "patient:b"},
        {"occurrence": "session:2"},
        {"occurrence_starts_at": NOW + timedelta(hours=4)},
        {"kind": "session_reminder_2d"},
    ],
)
def test_another_recipient_occurrence_start_or_kind_is_another_message(message, other):
    message(recipient="patient:a")
    message(**{"recipient": "patient:a", **other})

    assert OutboxMessage.objects.count() == 2


def test_planning_twice_leaves_the_first_row_as_it_is(draft):
    actions.plan([draft(recipient="patient:a")], now=NOW)
    first = OutboxMessage.objects.get()

    actions.plan([draft(recipient="patient:a", address="elsewhere@example.test")], now=NOW)

    again = OutboxMessage.objects.get()
    assert (again.public_id, again.address) == (first.public_id, first.address)


def test_planning_leaves_a_sent_message_alone(draft, post):
    actions.plan([draft(recipient="patient:a")], now=NOW)
    sweep(post)

    actions.plan([draft(recipient="patient:a")], now=NOW)
    sweep(post)

    assert len(post.letters) == 1


def test_a_canceled_message_waits_again_when_it_is_planned_again(draft, post):
    actions.plan([draft(recipient="patient:a")], now=NOW)
    actions.cancel(recipient="patient:a", reason="Withdrawn.")

    actions.plan([draft(recipient="patient:a", address="new@example.test")], now=NOW)
    sweep(post)

    assert [letter.to for letter in post.letters] == ["new@example.test"]
    assert OutboxMessage.objects.get().reason == ""


def test_what_could_only_come_too_late_is_not_planned(draft):
    actions.plan([draft(due_at=NOW - timedelta(hours=1), send_until=NOW)], now=NOW)

    assert not OutboxMessage.objects.exists()


def test_a_kind_without_a_text_is_refused(draft):
    with pytest.raises(ValueError, match="no text for messages of kind birthday"):
        actions.plan([draft(kind="birthday")], now=NOW)


def test_a_row_carries_nothing_about_a_person_but_first_name_and_zone(draft):
    with pytest.raises(ValueError, match="not diagnosis"):
        actions.plan([draft(context={"first_name": "Rosa", "zone": "UTC", "diagnosis": "x"})], now=NOW)


def test_a_planned_message_goes_when_its_deed_is_rolled_back(draft):
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - the deed is both lines
        actions.plan([draft()], now=NOW)
        raise ZeroDivisionError

    assert not OutboxMessage.objects.exists()


# Sending


def test_a_due_message_is_sent_once_and_recorded(message, post):
    due = message()

    assert sweep(post) == 1
    assert sweep(post) == 0

    due.refresh_from_db()
    assert post.keys == [str(due.public_id)]
    assert (due.state, due.sent_at, due.attempts, due.claim, due.lease_until) == (State.SENT, NOW, 1, None, None)
    assert post.letters[0].subject == "Your appointment on Wednesday, March 11"
    assert "your appointment is today, Wednesday, March 11, at 3:00 pm CT" in post.letters[0].body


def test_a_message_waits_until_it_is_due(message, post):
    message(due_at=NOW + timedelta(seconds=1))

    assert sweep(post) == 0
    assert sweep(post, NOW + timedelta(seconds=1)) == 1


def test_a_sweep_works_off_more_than_one_batch_oldest_first(message, post):
    made = [message(due_at=NOW - timedelta(minutes=n)) for n in range(actions.BATCH * 2 + 3)]

    assert sweep(post) == len(made)
    assert post.keys == [str(each.public_id) for each in reversed(made)]


def test_a_message_that_comes_too_late_expires(message, post):
    """FLT-05."""
    late = message(due_at=NOW - timedelta(hours=3), send_until=NOW)

    sweep(post)

    late.refresh_from_db()
    assert (late.state, late.reason, late.attempts) == (State.EXPIRED, "It would have come too late.", 0)
    assert post.letters == []


@pytest.mark.parametrize(
    ("verdict", "state", "reason"),
    [
        (Cancel("The session was moved."), State.CANCELED, "The session was moved."),
        (Expire("The session has begun."), State.EXPIRED, "The session has begun."),
    ],
)
def test_the_app_that_knows_is_asked_right_before_sending(message, post, rules, verdict, state, reason):
    """FLT-07: moved, called off or opted out between being due and being claimed."""
    held_back = message()
    rules[KIND] = judged_by(lambda _message, _now: verdict)

    sweep(post)

    held_back.refresh_from_db()
    assert (held_back.state, held_back.reason, held_back.attempts) == (state, reason, 0)
    assert post.letters == []


def test_a_message_out_of_hours_waits_and_no_try_is_counted(message, post, rules):
    late = message(send_until=NOW + timedelta(hours=12))
    morning = NOW + timedelta(hours=9)
    rules[KIND] = judged_by(lambda _message, now: Wait(morning) if now < morning else None)

    sweep(post)
    late.refresh_from_db()
    assert (late.state, late.due_at, late.attempts) == (State.PENDING, morning, 0)

    sweep(post, morning)
    assert len(post.letters) == 1


def test_a_message_whose_hours_begin_too_late_expires(message, post, rules):
    held_back = message()
    rules[KIND] = judged_by(lambda message, _now: Wait(message.send_until))

    sweep(post)

    held_back.refresh_from_db()
    assert held_back.state == State.EXPIRED


# Canceling


def test_canceling_by_recipient_and_occurrence_spares_the_others(message, post):
    a1 = message(recipient="patient:a", occurrence="session:1")
    a2 = message(recipient="patient:a", occurrence="session:2")
    b1 = message(recipient="patient:b", occurrence="session:1")

    assert actions.cancel(recipient="patient:a", occurrences=["session:1"], reason="Moved.") == 1
    sweep(post)

    a1.refresh_from_db()
    assert (a1.state, a1.reason) == (State.CANCELED, "Moved.")
    assert sorted(post.keys) == sorted([str(a2.public_id), str(b1.public_id)])


def test_canceling_an_occurrence_calls_back_everybody(message, post):
    message(recipient="patient:a")
    message(recipient="patient:b")

    assert actions.cancel(occurrences=["session:1"], reason="Closed.") == 2
    assert sweep(post) == 0


def test_canceling_leaves_what_was_sent(message, post):
    sent = message()
    sweep(post)

    assert actions.cancel(occurrences=["session:1"], reason="Closed.") == 0
    sent.refresh_from_db()
    assert sent.state == State.SENT


def test_canceling_nothing_in_particular_is_refused():
    with pytest.raises(ValueError, match="whose messages"):
        actions.cancel(reason="Oops.")


def test_a_message_canceled_between_claim_and_send_does_not_leave(message, post, rules):
    """FLT-07: the last look is at the claim, after everything else."""
    called_back = message()

    def judge_then_lose(asked, _now):
        actions.cancel(occurrences=[asked.occurrence], reason="Moved.")

    rules[KIND] = judged_by(judge_then_lose)
    sweep(post)

    called_back.refresh_from_db()
    assert (called_back.state, called_back.claim) == (State.CANCELED, None)
    assert post.letters == []


def test_the_last_look_is_what_keeps_it_back(message, post, rules, monkeypatch):
    """The control of the test above: without the look at the claim the message leaves."""
    message()
    rules[KIND] = judged_by(
        lambda asked, _now: actions.cancel(occurrences=[asked.occurrence], reason="Moved.") and None
    )
    monkeypatch.setattr(actions, "begin", lambda _message, *, now: True)

    sweep(post)

    assert len(post.letters) == 1


def test_a_result_is_not_written_over_a_message_that_was_canceled_while_it_left(message, post):
    leaving = message()
    post.trouble = lambda _letter: actions.cancel(occurrences=["session:1"], reason="Moved.") and None

    sweep(post)

    leaving.refresh_from_db()
    assert (leaving.state, leaving.reason) == (State.CANCELED, "Moved. It may have left just before.")


# Leases


def test_a_claimed_message_is_nobody_elses_until_its_lease_runs_out(message, post, settings):
    settings.MESSAGING_LEASE_SECONDS = 60
    message()
    [claimed] = actions.claim_batch(now=NOW)

    assert actions.claim_batch(now=NOW + timedelta(seconds=59)) == []
    [retaken] = actions.claim_batch(now=NOW + timedelta(seconds=60))
    assert retaken.claim != claimed.claim
    assert retaken.public_id == claimed.public_id  # the provider's key


def test_a_worker_that_lost_its_claim_neither_sends_nor_records(message, settings):
    settings.MESSAGING_LEASE_SECONDS = 60
    message()
    [slow] = actions.claim_batch(now=NOW)
    [quick] = actions.claim_batch(now=NOW + timedelta(seconds=60))

    assert not actions.begin(slow, now=NOW)
    assert not actions.record(slow, actions.Outcome(State.FAILED, "Too slow."))
    assert actions.begin(quick, now=NOW)
    assert actions.record(quick, actions.Outcome(State.SENT, sent_at=NOW))


def test_a_message_that_was_cut_off_is_sent_again_under_the_same_key(message, post, settings):
    """REL-07."""
    settings.MESSAGING_LEASE_SECONDS = 60
    due = message()
    [claimed] = actions.claim_batch(now=NOW)
    actions.begin(claimed, now=NOW)  # and then the worker dies

    assert sweep(post, NOW + timedelta(seconds=60)) == 1
    due.refresh_from_db()
    assert post.keys == [str(due.public_id)]
    assert (due.state, due.attempts) == (State.SENT, 2)


def test_a_message_cut_off_when_it_was_late_does_not_claim_that_nothing_left(message, post):
    due = message(send_until=NOW + timedelta(seconds=30))
    [claimed] = actions.claim_batch(now=NOW)
    actions.begin(claimed, now=NOW)

    sweep(post, NOW + timedelta(minutes=2))

    due.refresh_from_db()
    assert due.reason == "It would have come too late. The last try was cut off; it may have arrived."


def test_a_message_that_keeps_killing_its_worker_is_parked(message, post, settings):
    settings.MESSAGING_LEASE_SECONDS = 60
    deadly = message()
    for n in range(actions.TRIES):
        [claimed] = actions.claim_batch(now=NOW + timedelta(minutes=n))
        actions.begin(claimed, now=NOW + timedelta(minutes=n))

    sweep(post, NOW + timedelta(minutes=actions.TRIES))

    deadly.refresh_from_db()
    assert (deadly.state, post.letters) == (State.FAILED, [])
    assert deadly.reason == "Parked: the worker stopped 6 times while sending it."


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "lost"}, "message_state_is_known"),
        ({"state": State.SENDING}, "message_claimed_only_while_sending"),
        ({"claim": uuid4(), "lease_until": NOW}, "message_claimed_only_while_sending"),
        ({"state": State.SENT}, "message_sent_has_its_time"),
        ({"due_at": NOW + timedelta(days=1)}, "message_due_before_too_late"),
    ],
)
def test_the_table_refuses_a_message_that_cannot_be(message, values, constraint):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        message(**values)

    assert violates(refused.value, constraint)


# Trouble


def test_a_temporary_failure_climbs_the_ladder_and_then_fails(message, post, monkeypatch):
    """REL-09: 30 s, 2, 10, 30 min, 2 h, each within a fifth."""
    due = message(send_until=NOW + timedelta(days=1), occurrence_starts_at=NOW + timedelta(days=2))
    post.trouble = lambda _letter: Temporary("The mail server asked to wait.")
    at, waits = NOW, []
    for _ in range(5):
        sweep(post, at)
        due.refresh_from_db()
        assert (due.state, due.reason) == (State.PENDING, "The mail server asked to wait.")
        waits.append((due.due_at - at).total_seconds())
        at = due.due_at
    sweep(post, at)

    due.refresh_from_db()
    for wait, rung in zip(waits, (30, 120, 600, 1800, 7200), strict=True):
        assert rung * 0.8 <= wait <= rung * 1.2
    assert (due.state, due.attempts) == (State.FAILED, 6)
    assert due.reason == "The mail server asked to wait. It was tried 6 times."


def test_the_ladder_is_jittered(message, post):
    post.trouble = lambda _letter: Temporary("Wait.")
    made = [message() for _ in range(5)]

    sweep(post)

    assert len({OutboxMessage.objects.get(pk=each.pk).due_at for each in made}) == 5


def test_there_is_no_retry_beyond_the_time_to_send(message, post):
    due = message(send_until=NOW + timedelta(seconds=20))
    post.trouble = lambda _letter: Temporary("Wait.")

    sweep(post)

    due.refresh_from_db()
    assert (due.state, due.reason) == (State.FAILED, "Wait. There was no time for another try.")


def test_a_permanent_refusal_fails_at_once(message, post):
    due = message()
    post.trouble = lambda _letter: Permanent("The mail server refused the address (code 550).")

    sweep(post)

    due.refresh_from_db()
    assert (due.state, due.attempts) == (State.FAILED, 1)
    assert due.reason == "The mail server refused the address (code 550)."


def test_poisoned_rows_are_parked_after_three_tries_and_the_batch_goes_on(message, post, rules):
    """FLT-08: one whose words break, one whose judge breaks, among a hundred."""
    rules["session_reminder_2d"] = judged_by(lambda message, _now: 1 / 0)
    broken = [message(context={"first_name": "Rosa"}), message(kind="session_reminder_2d")]
    good = [message() for _ in range(98)]

    at = NOW
    for _ in range(4):
        sweep(post, at)
        at += timedelta(minutes=5)

    assert sorted(post.keys) == sorted(str(each.public_id) for each in good)
    rows = [OutboxMessage.objects.get(pk=each.pk) for each in broken]
    assert [(row.state, row.attempts) for row in rows] == [(State.FAILED, 3)] * 2
    assert [row.reason for row in rows] == [
        "Parked: Our own code failed on it (KeyError).",
        "Parked: Our own code failed on it (ZeroDivisionError).",
    ]


def test_a_kind_that_nobody_judges_is_never_sent(message, post, rules):
    message()
    rules.clear()

    sweep(post)

    assert post.letters == []


def test_an_error_names_no_person_in_the_log(message, post, caplog):
    message(address="very.private@example.test")
    post.trouble = lambda letter: RuntimeError(f"cannot send to {letter.to}")

    sweep(post)

    assert "message.crashed" in caplog.text
    assert "very.private" not in caplog.text


# Sending again


def test_a_failed_message_that_is_sent_again_starts_at_the_first_rung(message, post):
    failed = message(state=State.FAILED, reason="No.", attempts=6)

    actions.retry(message=failed, now=NOW)
    post.trouble = lambda _letter: Temporary("Wait.")
    sweep(post)

    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (State.PENDING, 1)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"state": State.PENDING}, "Only a failed message can be sent again. This one is: waiting."),
        ({"state": State.SENT, "sent_at": NOW}, "This one is: sent."),
        ({"state": State.FAILED, "due_at": NOW, "send_until": NOW}, "too late to send"),
    ],
)
def test_sending_again_is_refused_with_the_reason(message, values, told):
    refused = message(**values)

    with pytest.raises(actions.RetryRefused, match=told):
        actions.retry(message=refused, now=NOW)


# Races


def take_and_send(post, together):
    together.wait()
    with closing(connection):
        return sweep(post)


def naive_claim(met):
    """What one would write without thinking: read, then mark, with nothing locked. The first reads meet."""
    calls = count()

    def claim_batch(*, now, limit=actions.BATCH):
        batch = list(OutboxMessage.objects.due(now).order_by("due_at", "pk")[:limit])
        if next(calls) < met.parties:
            met.wait()
        claim = uuid4()
        OutboxMessage.objects.filter(pk__in=[each.pk for each in batch]).update(
            state=State.SENDING, claim=claim, lease_until=now + timedelta(minutes=1), sent_at=None
        )
        for each in batch:
            each.state, each.claim = State.SENDING, claim
        return batch

    return claim_batch


@pytest.mark.django_db(transaction=True)
def test_sweeps_side_by_side_send_each_message_once(message, post):
    """REL-06, FLT-04."""
    for _ in range(120):
        message()
    together = Barrier(4)

    with ThreadPoolExecutor(4) as workers:
        taken = list(workers.map(lambda _: take_and_send(post, together), range(4)))

    assert sum(taken) == 120
    assert len(post.keys) == len(set(post.keys)) == 120
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_a_claim_without_the_lock_is_what_would_send_twice(message, post, monkeypatch):
    """The control of the race: the same four sweeps over a claim that only reads and marks."""
    for _ in range(120):
        message()
    monkeypatch.setattr(actions, "claim_batch", naive_claim(Barrier(4)))
    monkeypatch.setattr(actions, "begin", lambda _message, *, now: True)
    together = Barrier(4)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: take_and_send(post, together), range(4)))

    assert max(Counter(post.keys).values()) == 4
