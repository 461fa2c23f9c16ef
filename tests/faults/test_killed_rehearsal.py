"""
A worker is killed with -9 while it works out whose result a draft would change: the next one begins anew.

Everything is real: PostgreSQL, Valkey, Celery's processes. The claim is a lock, and goes with its holder.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from programs import actions
from programs.models import Rehearsal
from tests import make
from tests.faults.processes import Sink, doorbell, kill_group, stopped_while, wait_until, worker
from tests.programs import drafts, people

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


def is_done() -> bool:
    return not Rehearsal.objects.under_way().exists()


def is_held() -> bool:
    with transaction.atomic():
        free = Rehearsal.objects.under_way().select_for_update(skip_locked=True).first()
        return free is None and not is_done()


def test_a_killed_worker_leaves_its_rehearsal_to_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("programs.actions.rehearsing.ring", lambda: None)
    actions.recommend(assessment=people.signed("close_call", **{"preference.main_goal": "trauma"}), at=make.NOON)
    row = drafts.ask(drafts.draft(drafts.DEPRESSED))
    no_mail = Sink(9, tmp_path / "mail.jsonl")

    with doorbell("programs.rehearse") as ring:

        def rung_and(holds):
            ring()
            return holds()

        with worker(no_mail, lease_seconds=60) as doomed:
            wait_until(lambda: rung_and(is_held), seconds=40, what="a worker at the rehearsal")
            wait_until(lambda: stopped_while(doomed, is_held), seconds=5, what="a worker in the middle")
            kill_group(doomed)
        wait_until(lambda: not is_held(), seconds=5, what="the lock of the dead to go")

        with worker(no_mail, lease_seconds=60):
            wait_until(lambda: rung_and(is_done), seconds=40, what="the second worker to finish")

    row.refresh_from_db()
    assert (row.failed, row.outcome["changed"]) == ("", 1)
