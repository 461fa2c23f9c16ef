"""What was live or withdrawn takes its state, and comes back as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from scheduling.models import Enrollment
from tests import make
from tests.scheduling import people

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("scheduling", "0001_initial")]


def migrate(to):
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


def test_seats_take_their_states_and_come_back():
    person, cohorts = make.patient(), [make.cohort() for _ in range(3)]
    by = person.registered_by
    ended = {"ended_at": make.NOON, "ended_by": by}
    gone = people.seat(person, cohorts[0], state="completed", **ended)
    first = people.seat(person, cohorts[1])
    later = people.seat(person, cohorts[2], at=people.MONDAY_NOON + timedelta(hours=1), kind="adjunct")
    held = people.held(make.patient(), cohorts[0], until=make.NOON)
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = migrate(BEFORE).get_model("scheduling", "Enrollment").objects
        assert dict(old.values_list("pk", "withdrawn_at")) == {gone.pk: make.NOON, first.pk: None, later.pk: None}
        assert not old.filter(pk=held.pk).exists()
    finally:
        migrate(newest)

    now = {row.pk: (row.state, row.kind, row.ended_by) for row in Enrollment.objects.all()}
    assert now == {
        gone.pk: ("withdrawn", "primary", by),
        first.pk: ("active", "primary", None),
        later.pk: ("active", "adjunct", None),
    }
