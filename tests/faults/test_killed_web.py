"""
The web process is killed with -9 while somebody answers on their own device: REL-24.

What was answered with "saved" is there afterwards; at most the answer in flight is not, and the form goes on.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

import pytest

from accounts.models import Role
from intake.actions import forms as actions
from intake.assigned import form_of
from intake.models import AnswerChange
from tests import make
from tests.faults.processes import free_port, is_up, wait_until, web

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
TOKEN = "t" * 32


@pytest.fixture
def form():
    patient = make.patient(user=make.user(Role.PATIENT))
    by = patient.registered_by
    given = actions.assign(patient=patient, codes=["pcl5"], due_on=None, by=by, at=make.NOON).made[0]
    return actions.begin(assignment=given, for_someone=False, at=make.NOON)


def save(port: int, session: str, form, number: int, revision: int) -> int:
    """Answer one question as the page's script does; the new revision."""
    fields = {"revision": revision, "changed": f"pcl5_{number}", f"pcl5_{number}": number % 5}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "X-Autosave": "1",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", f"/my/forms/{form.assignment.public_id}/{number}/", urlencode(fields), headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    assert answer.status == 200, told
    return int(told["revision"])


@pytest.mark.parametrize("after", [2, 9])
def test_what_was_saved_is_there_and_the_form_goes_on(form, signed_in, after):
    session = signed_in(form.assignment.patient.user).cookies["sessionid"].value
    port, saved, revision = free_port(), {}, 0
    with web(port) as server:
        wait_until(lambda: is_up(port), seconds=90, what="the web server")
        for number in range(1, 20):
            if number == after:
                # In the middle of this answer, or just before or after it: any of them must do.
                threading.Timer(0.005, os.killpg, (server.pid, signal.SIGKILL)).start()
            try:
                revision = save(port, session, form, number, revision)
            except (OSError, HTTPException):
                break
            saved[f"pcl5_{number}"] = number % 5

    again = form_of(form.assignment.patient, form.assignment.public_id)
    stored = {item: entry["value"] for item, entry in again.answers.items()}
    assert after - 1 <= len(saved) < 19
    assert saved.items() <= stored.items()
    assert len(stored) - len(saved) <= 1
    assert AnswerChange.objects.count() == len(stored)

    port = free_port()
    with web(port):
        wait_until(lambda: is_up(port), seconds=90, what="the web server")
        revision = save(port, session, form, again.resume_at().number, again.response.revision)
    assert revision == len(stored) + 1
