"""Weeks and their addresses; what one person sees of a session."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from programs.models import Cohort
from scheduling.models import Reply
from scheduling.queries import schedule
from tests import make
from tests.scheduling import people

MONDAY, SUNDAY = 0, 6


@pytest.mark.parametrize(
    ("day", "first", "starts_on", "slug"),
    [
        (date(2026, 3, 11), MONDAY, date(2026, 3, 9), "2026-W11"),
        (date(2026, 3, 15), MONDAY, date(2026, 3, 9), "2026-W11"),
        (date(2026, 3, 15), SUNDAY, date(2026, 3, 15), "2026-W12"),
        (date(2026, 3, 14), SUNDAY, date(2026, 3, 8), "2026-W11"),
        (date(2027, 1, 2), MONDAY, date(2026, 12, 28), "2026-W53"),
        (date(2027, 1, 2), SUNDAY, date(2026, 12, 27), "2026-W53"),
    ],
)
def test_a_week_and_its_address_lead_to_each_other(day, first, starts_on, slug):
    assert schedule.week_start(day, first) == starts_on
    assert schedule.slug_of(starts_on, first) == slug
    assert schedule.week_of_slug(slug, first) == starts_on


@pytest.mark.parametrize("slug", ["2026-W54", "2026-W00", "2026-11", "now", "0001-W01", "9999-W52", "2025-W53"])
def test_an_address_that_is_no_week_is_none(slug):
    assert schedule.week_of_slug(slug, MONDAY) is None


@pytest.mark.django_db
def test_a_session_online_stands_on_the_day_of_the_persons_own_clock():
    # 11 pm in Chicago on Wednesday is Thursday in New York.
    late = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)
    online = make.cohort(delivery=Cohort.Delivery.ONLINE)
    on_site = make.cohort(location=online.location)
    make.session(starts_at=late, cohort=online, room=None)
    make.session(starts_at=late, cohort=on_site)
    person = people.member(online, zone="America/New_York")
    people.seat(person, on_site, kind="adjunct")

    week = schedule.week(person, date(2026, 3, 9), MONDAY, make.NOON)

    found = {(day.on, meeting.session.cohort, meeting.starts_at.hour) for day in week.days for meeting in day.meetings}
    assert found == {(date(2026, 3, 11), on_site, 23), (date(2026, 3, 12), online, 0)}


@pytest.mark.django_db
def test_hours_count_what_is_planned_and_not_said_off():
    cohort = make.cohort()
    person = people.member(cohort)
    sessions = [make.session(cohort=cohort, starts_at=make.NOON + timedelta(days=n)) for n in range(3)]
    make.session(cohort=cohort, starts_at=make.NOON + timedelta(days=3), canceled_at=make.NOON)
    Reply.objects.create(session=sessions[0], patient=person, answer=Reply.Answer.CANNOT)
    Reply.objects.create(session=sessions[1], patient=person, answer=Reply.Answer.COMING)

    week = schedule.week(person, date(2026, 3, 9), MONDAY, make.NOON)

    assert week.hours == 3.0
    assert schedule.hours_needed(person) == 9


@pytest.mark.django_db
def test_what_was_before_the_seat_is_not_the_persons_to_see():
    cohort = make.cohort()
    before = make.session(cohort=cohort, starts_at=people.MONDAY_NOON - timedelta(days=2))
    after = make.session(cohort=cohort)
    person = people.member(cohort)

    assert list(schedule.sessions_of(person)) == [after]
    assert schedule.own_meeting(person, before.public_id, make.NOON) is None


@pytest.mark.django_db
def test_the_next_session_is_one_at_which_the_person_is_expected():
    cohort = make.cohort()
    person = people.member(cohort)
    said_off, canceled, expected = (
        make.session(cohort=cohort, starts_at=make.NOON + timedelta(hours=n)) for n in (2, 4, 6)
    )
    Reply.objects.create(session=said_off, patient=person, answer=Reply.Answer.CANNOT)
    canceled.canceled_at = make.NOON
    canceled.save()

    assert schedule.next_meeting(person, make.NOON).session == expected
    assert [meeting.session for meeting in schedule.canceled_soon(person, make.NOON)] == [canceled]
