"""The tick for reminders becomes a wish, and a wish the tick again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("intake", "0005_locks_of_forms_safety_papers")]


def migrate(to):
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


def test_ticks_become_wishes_and_come_back():
    yes, no, nobody_asked = make.patient(may_email=True), make.patient(may_email=False), make.patient()
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        patients = migrate(BEFORE).get_model("intake", "Patient").objects
        ticked = dict(patients.values_list("pk", "remind_by_email"))
        assert ticked == {yes.pk: True, no.pk: False, nobody_asked.pk: False}
        patients.filter(pk=nobody_asked.pk).update(remind_by_email=True)
    finally:
        migrate(newest)

    wish = nobody_asked.contact_wishes.get()
    assert (wish.channel, wish.is_wanted, wish.recorded_by) == ("email", True, nobody_asked.registered_by)
    assert "Email is not encrypted" in wish.statement
    assert yes.contact_wishes.count() == 1
    assert [person.may_be_emailed for person in (yes, no, nobody_asked)] == [True, False, True]
