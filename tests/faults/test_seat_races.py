"""
Seats are raced through the real web stack: FLT-11, FLT-14, REL-15, REL-19.

Fifty people for eight seats, with holds and direct enrollments mixed; somebody takes seats away meanwhile; two
change places with each other. The positive control is the same code without the cohort's lock.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from accounts.db import violates
from accounts.models import Role
from programs.models import Cohort
from scheduling import actions
from scheduling.actions import waitlist
from scheduling.models import Enrollment, SeatOffer
from tests import make
from tests.faults.processes import free_port, is_up, wait_until, web
from tests.faults.seats import Desk, a_cohort, hold_path, ready_people, seat_path, together

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
PEOPLE, SEATS, ROUNDS = 50, 8, 50


@pytest.fixture
def place():
    return make.location()


@contextmanager
def four_workers(settings_module="iop.settings"):
    port = free_port()
    with web(port, settings_module=settings_module, workers=4):
        wait_until(lambda: is_up(port), seconds=90, what="the web server")
        yield port


@pytest.fixture(scope="module")
def server(django_db_setup):
    """One for all the races of this file: it keeps nothing that a flush of the database would leave behind."""
    with four_workers() as port:
        yield port


@pytest.fixture
def session(signed_in, place):
    """That of a coordinator who is signed in."""
    return signed_in(make.user(Role.COORDINATOR, at=place)).cookies["sessionid"].value


@pytest.fixture
def desk(server, session):
    return Desk(server, session)


def taken(cohort: Cohort) -> int:
    return cohort.enrollments.live(timezone.now()).count()


def race(desk: Desk, cohort: Cohort, crowd):
    return together([partial(desk.post, hold_path(person, cohort)) for person in crowd])


def test_fifty_people_race_for_eight_seats_and_exactly_eight_get_one(desk, place):
    cohort, crowd = a_cohort(place, seats=SEATS), ready_people(place, PEOPLE)
    a_cohort(place, hour=9, name="Mornings")
    answers = race(desk, cohort, crowd)

    assert sorted(answer.status for answer in answers) == [302] * SEATS + [409] * (PEOPLE - SEATS)
    told = [answer.body for answer in answers if answer.status == 409]
    assert all("Someone just took the last place" in body and "ther fits." in body for body in told)
    assert all("Mornings" in body for body in told)  # the next step: the one that fits, with its button
    assert taken(cohort) == SEATS


def test_holds_offers_and_seats_count_alike_when_they_are_raced_together(desk, place):
    """Some take the place that is held for them while others ask for a free one."""
    cohort, crowd = a_cohort(place, seats=SEATS), ready_people(place, 40)
    by, now = make.user(Role.COORDINATOR, at=place), timezone.now()
    held = [actions.hold(patient=each, cohort=cohort, by=by, at=now).enrollment for each in crowd[: SEATS // 2]]
    asked = [partial(desk.post, hold_path(person, cohort)) for person in crowd[SEATS // 2 :]]
    answers = together([*(partial(desk.post, seat_path("take", seat)) for seat in held), *asked])

    assert [answer.status for answer in answers[: len(held)]] == [302] * len(held)
    assert sorted(answer.status for answer in answers[len(held) :])[: SEATS // 2 + 1] == [302] * (SEATS // 2) + [409]
    assert taken(cohort) == SEATS


def test_the_same_race_without_the_lock_oversells(session, place):
    """The positive control: a test that cannot fail proves nothing."""
    cohort, crowd = a_cohort(place, seats=SEATS), ready_people(place, PEOPLE)
    with four_workers("tests.faults.unlocked_settings") as port:
        race(Desk(port, session), cohort, crowd)

    assert taken(cohort) > SEATS


def test_seats_that_are_taken_away_meanwhile_are_never_those_that_people_have(desk, place):
    cohort, crowd = a_cohort(place, seats=SEATS), ready_people(place, 30)
    refused = []

    def lower():
        """As an administrator would who wants four seats, and asks again until it is settled."""
        dice = random.Random(5)
        try:
            while True:
                time.sleep(dice.uniform(0.05, 0.2))
                left = Cohort.objects.get(pk=cohort.pk).seats - 1
                if left < 4:
                    return
                try:
                    Cohort.objects.filter(pk=cohort.pk).update(seats=left)
                except IntegrityError as error:
                    refused.append(violates(error, "cohort_keeps_the_seats_that_are_taken"))
                    return
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as office:
        lowering = office.submit(lower)
        race(desk, cohort, crowd)
        lowering.result()

    cohort.refresh_from_db()
    assert taken(cohort) == cohort.seats < SEATS
    assert refused in ([True], [])


def test_two_coordinators_offer_a_place_to_the_same_person_and_one_is_told(desk, place):
    program = make.program()
    cohorts = [a_cohort(place, hour=hour, program=program, seats=1) for hour in (9, 17)]
    (person,), by, now = ready_people(place, 1), make.user(Role.COORDINATOR, at=place), timezone.now()
    joining = waitlist.Joining(program=program, cohort=None, urgency="urgent", referred_on=now.date(), interim="")
    entry = waitlist.join(patient=person, joining=joining, by=by, at=now)
    paths = [reverse("scheduling:offer", args=[cohort.public_id]) for cohort in cohorts]
    answers = together([partial(desk.post, path, entry=entry.public_id) for path in paths])

    assert sorted(answer.status for answer in answers) == [302, 409]
    told = next(answer.body for answer in answers if answer.status == 409)
    assert "offered Rosa M. a place in" in told
    assert SeatOffer.objects.count() == 1
    assert sum(map(taken, cohorts)) == 1


def test_two_who_change_places_with_each_other_never_meet_a_deadlock(desk, place):
    one, other = (a_cohort(place, hour=hour, seats=2, name=name) for hour, name in ((9, "One"), (17, "Other")))
    by, now = make.user(Role.COORDINATOR, at=place), timezone.now()
    pair = ready_people(place, 2)
    for person, cohort in zip(pair, (one, other), strict=True):
        actions.enroll(patient=person, cohort=cohort, by=by, at=now)
    for _ in range(ROUNDS):
        seats = [Enrollment.objects.active().select_related("patient", "cohort").get(patient=each) for each in pair]
        targets = [other if seat.cohort_id == one.pk else one for seat in seats]
        moves = [
            partial(desk.post, seat_path("move", seat), cohort=target.public_id, reason="Another shift.")
            for seat, target in zip(seats, targets, strict=True)
        ]
        answers = together(moves)
        assert [answer.status for answer in answers] == [302, 302], answers[0].body + answers[1].body
        assert (taken(one), taken(other)) == (1, 1)

    assert Enrollment.objects.filter(state="transferred").count() == 2 * ROUNDS
