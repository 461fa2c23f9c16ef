"""What a person's seats use of an authorization: their own sessions, while they had the seat, and none that is canceled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from intake import money
from intake.costs.units import Meeting
from scheduling.models import Session
from scheduling.queries.units import sessions_of_seats
from tests import make
from tests.scheduling import people

pytestmark = pytest.mark.django_db
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
DAY = timedelta(days=1)


@pytest.fixture
def cohort():
    made = make.cohort()
    for n in (-2, 0, 2, 7):
        make.session(cohort=made, starts_at=make.NOON + n * DAY, hours=3)
    return made


def days(patient) -> list[int]:
    return [meeting.on.day for meeting in sessions_of_seats(patient, *MARCH)]


def test_sessions_count_from_the_day_somebody_has_the_seat(cohort):
    patient = make.patient()
    people.seat(patient, cohort, at=make.NOON)
    assert sessions_of_seats(patient, *MARCH) == [Meeting(date(2026, 3, day), 180) for day in (11, 13, 18)]
    assert sessions_of_seats(patient, date(2026, 3, 12), date(2026, 3, 17)) == [Meeting(date(2026, 3, 13), 180)]


def test_of_a_seat_that_was_given_up_only_what_was_before_counts(cohort):
    patient = make.patient()
    people.seat(
        patient,
        cohort,
        at=make.NOON - 9 * DAY,
        state="withdrawn",
        ended_at=make.NOON + DAY,
        ended_by=patient.registered_by,
    )
    assert days(patient) == [9, 11]


def test_a_held_place_a_canceled_session_and_other_people_use_nothing(cohort):
    patient, other = make.patient(), make.patient()
    people.seat(other, cohort, at=make.NOON - 9 * DAY)
    people.held(patient, cohort, at=make.NOON, until=make.NOON + 90 * DAY)
    assert days(patient) == []
    Session.objects.filter(local_on=date(2026, 3, 13)).update(canceled_at=make.NOON)
    assert days(other) == [9, 11, 18]


def test_the_page_of_coverage_counts_them(cohort, django_assert_num_queries):
    patient = make.patient()
    people.seat(patient, cohort, at=make.NOON - 9 * DAY)
    make.authorization(patient, units=3, starts_on=MARCH[0], ends_on=MARCH[1])
    with django_assert_num_queries(2):
        allowed = money.money_of(patient, make.NOON.date(), reads=False).allowed[0]
    assert allowed.strip.planned == 3
    assert allowed.warnings[0].startswith("1 day more than authorized: not covered from Mar 18, 2026 on.")
