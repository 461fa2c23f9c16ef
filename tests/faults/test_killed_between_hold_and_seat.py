"""The web process is killed with -9 between holding a place and enrolling, and amid enrolling: REL-19, REL-24."""

from __future__ import annotations

import os
import signal
import threading
import time
from http.client import HTTPException

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from messaging.models import OutboxMessage
from programs.models import Cohort
from scheduling.models import Enrollment
from tests import make
from tests.faults.processes import free_port, is_up, wait_until, web
from tests.faults.seats import Desk, a_cohort, hold_path, ready_people, seat_path

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


def test_a_hold_outlives_the_process_and_half_an_enrollment_is_none(signed_in):
    place = make.location()
    cohort, (person,) = a_cohort(place, seats=1), ready_people(place, 1)
    session = signed_in(make.user(Role.COORDINATOR, at=place)).cookies["sessionid"].value

    port = free_port()
    with web(port) as server:
        wait_until(lambda: is_up(port), seconds=90, what="the web server")
        assert Desk(port, session).post(hold_path(person, cohort)).status == 302
        os.killpg(server.pid, signal.SIGKILL)
    seat = Enrollment.objects.select_related("patient").get()
    assert (seat.state, cohort.enrollments.live(timezone.now()).count()) == ("held", 1)

    port, lost = free_port(), []
    with web(port) as server:
        wait_until(lambda: is_up(port), seconds=90, what="the web server")

        def enroll() -> None:
            try:
                Desk(port, session).post(seat_path("take", seat))
            except (OSError, HTTPException) as error:
                lost.append(error)

        with transaction.atomic():
            Cohort.objects.select_for_update().get(pk=cohort.pk)  # the deed waits for this row
            pressing = threading.Thread(target=enroll)
            pressing.start()
            time.sleep(0.5)
            assert pressing.is_alive(), "The deed did not wait; nothing was amid it."
            os.killpg(server.pid, signal.SIGKILL)
            pressing.join(10)
    seat.refresh_from_db()
    assert (len(lost), seat.state, OutboxMessage.objects.count()) == (1, "held", 0)

    port = free_port()
    with web(port):
        wait_until(lambda: is_up(port), seconds=90, what="the web server")
        assert Desk(port, session).post(seat_path("take", seat)).status == 302
    seat.refresh_from_db()
    assert (seat.state, OutboxMessage.objects.exists()) == ("active", True)
    assert Enrollment.objects.count() == 1
