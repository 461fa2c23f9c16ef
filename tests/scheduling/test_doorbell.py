"""A dead broker delays nothing that a person waits for (REL-02)."""

from __future__ import annotations

import time
from functools import partial

import pytest

from iop.celery import app
from messaging import tasks
from messaging.models import OutboxMessage
from scheduling import actions
from scheduling.actions import seating
from tests import make
from tests.scheduling import people


@pytest.mark.django_db(transaction=True)
def test_a_seat_is_given_in_no_time_while_the_broker_is_gone(monkeypatch, caplog):
    monkeypatch.setattr(seating, "ring", tasks.ring)
    gone = app.connection_for_write("redis://127.0.0.1:9/0")  # nobody listens there
    monkeypatch.setattr(tasks.sweep, "apply_async", partial(tasks.sweep.apply_async, connection=gone))
    person, cohort = people.ready(), make.cohort()

    begun = time.monotonic()
    actions.enroll(patient=person, cohort=cohort, by=person.registered_by, at=people.MONDAY_NOON)

    assert time.monotonic() - begun < 2.0  # FLT-03; with the client's own pauses it was above six
    assert cohort.enrollments.active().count() == 1
    assert OutboxMessage.objects.exists()
    assert "messaging.bell_unheard" in caplog.text  # it was rung, and nobody heard
