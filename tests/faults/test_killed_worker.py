"""
A worker is killed with -9 in the middle of 200 reminders: REL-06, REL-07, FLT-01.

Everything is real: PostgreSQL, Valkey, SMTP, Celery's processes. The sink honors keys as a mail
provider does and writes down what it accepted.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import OutboxMessage, State
from tests import make
from tests.faults.processes import doorbell, kill_group, mail_sink, stopped_while, wait_until, worker

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

REMINDERS = 200
DELAY = 0.03  # seconds that the sink takes for a message, so that there is a middle to be killed in
LEASE = 3


@pytest.fixture
def reminders():
    now, location = timezone.now(), make.location()
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            kind="session_reminder_3h",
            location=location,
            recipient=f"patient:{number}",
            address=f"rosa{number}@example.test",
            occurrence="session:1",
            occurrence_starts_at=now + timedelta(hours=3),
            context={"first_name": "Rosa", "zone": "America/Chicago"},
            due_at=now,
            send_until=now + timedelta(hours=2),
        )
        for number in range(REMINDERS)
    )


@pytest.fixture
def sink(tmp_path):
    with mail_sink(tmp_path / "mail.jsonl", DELAY) as running:
        yield running


def kill_in_the_middle(sink, ring, holding):
    """Start a worker, ring, and when a third has arrived kill it and its children while they are `holding` rows."""
    third = REMINDERS // 3
    with worker(sink, lease_seconds=LEASE) as doomed:
        ring()
        wait_until(lambda: len(sink.received()) >= third, seconds=40, what=f"{third} messages at the sink")
        # Stopped first, since between two batches there is a moment in which nothing is claimed.
        wait_until(lambda: stopped_while(doomed, holding), seconds=5, what="a worker in the middle")
        kill_group(doomed)


def finish(sink, ring, done):
    """Start another worker and ring every second, as the clock does, until it is done."""

    def rung_and_done():
        ring()
        time.sleep(1)
        return done()

    with worker(sink, lease_seconds=LEASE):
        wait_until(rung_and_done, seconds=50, what="the second worker to finish")


def some_are_claimed():
    return OutboxMessage.objects.filter(state=State.SENDING).exists()


def all_sent():
    return not OutboxMessage.objects.exclude(state=State.SENT).exists()


def test_a_killed_worker_neither_loses_nor_repeats_a_reminder(reminders, sink):
    with doorbell("messaging.sweep") as ring:
        ring()  # twice in all, so that both children are at work when they die
        kill_in_the_middle(sink, ring, some_are_claimed)
        assert len(sink.received()) < REMINDERS
        finish(sink, ring, all_sent)

    accepted = Counter(row["key"] for row in sink.received())
    assert accepted == Counter(str(key) for key in OutboxMessage.objects.values_list("public_id", flat=True))
    assert len(accepted) == REMINDERS
    assert sink.repeats() <= 2  # one that each of two children had on its way, refused by its key


def test_without_claim_lease_and_key_the_same_kill_repeats_reminders(reminders, sink):
    """The positive control: a test that cannot fail proves nothing."""
    with doorbell("tests.naive_sweep") as ring:
        kill_in_the_middle(sink, ring, lambda: True)
        finish(sink, ring, lambda: len(sink.received()) >= REMINDERS)

    accepted = Counter(to for row in sink.received() for to in row["to"])
    assert max(accepted.values()) > 1
