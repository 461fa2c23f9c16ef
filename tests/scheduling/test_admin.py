"""The catalog in the admin keeps the calendar in line with it."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.urls import reverse

from accounts.models import Role
from programs.models import Closure, Cohort
from scheduling import actions
from scheduling.models import Session
from tests import make
from tests.scheduling import people

# Real transactions: what follows a commit must reach the very page that is answered.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def admin(signed_in):
    return signed_in(make.user(Role.ADMIN, is_staff=True, is_superuser=True))


@pytest.fixture
def save(admin):
    """A function: save the cohort's page as it stands, with what is given."""

    def press(cohort: Cohort, **over):
        url = reverse("admin:programs_cohort_change", args=[cohort.pk])
        return admin.post(url, {**fields(cohort), **over}, follow=True)

    return press


def fields(cohort: Cohort) -> dict[str, object]:
    plain = ["name", "seats_least", "seats", "entry", "delivery", "language", "starts_on", "ends_on", "last_entry_on"]
    rows = list(cohort.blocks.order_by("weekday", "starts"))
    data = {name: getattr(cohort, name) for name in plain}
    data |= {
        "program": cohort.program_id,
        "location": cohort.location_id,
        "room": cohort.room_id or "",
        "facilitator": "",
    }
    data |= {"blocks-TOTAL_FORMS": len(rows), "blocks-INITIAL_FORMS": len(rows)}
    data |= {"entry_dates-TOTAL_FORMS": 0, "entry_dates-INITIAL_FORMS": 0}
    for index, block in enumerate(rows):
        row = {"id": block.pk, "cohort": cohort.pk, "weekday": block.weekday, "starts": block.starts}
        row |= {"minutes": block.minutes, "kind": block.kind, "title": block.title}
        data |= {f"blocks-{index}-{name}": value for name, value in row.items()}
    return data


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_saving_a_cohort_writes_its_sessions_and_says_how_many(save):
    cohort = make.cohort(name="Evenings")

    response = save(cohort)

    assert "Evenings: 17 sessions added, 0 changed, 0 removed." in said(response)
    assert cohort.sessions.count() == 17


def test_a_changed_meeting_moves_its_sessions(save):
    cohort = make.cohort(name="Evenings", blocks=((3, time(17, 30)),))
    save(cohort)

    response = save(cohort, **{"blocks-0-starts": "16:00"})

    assert "Evenings: 0 sessions added, 9 changed, 0 removed." in said(response)
    assert {session.starts_at.astimezone(session.place_zone).time() for session in Session.objects.all()} == {time(16)}


def test_a_meeting_that_is_taken_out_takes_its_sessions_ahead_with_it(save):
    cohort = make.cohort(name="Evenings")
    save(cohort)

    save(cohort, **{"blocks-0-DELETE": "on"})

    assert {session.local_on.weekday() for session in cohort.sessions.all()} == {3}


def test_a_clash_is_named_and_the_change_is_kept(save):
    first = make.cohort(name="Mornings")
    actions.generate_sessions(cohort=first, at=make.NOON)
    first.room.name = "Room 2"
    first.room.save()
    second = make.cohort(name="Evenings", location=first.location, room=first.room)

    response = save(second, seats=6)

    assert (
        "Evenings: the calendar was left as it was. Room 2 is taken on Thu Mar 12, 5:30 pm CT (Skills group, Mornings)."
        in said(response)
    )
    second.refresh_from_db()
    assert second.seats == 6
    assert not second.sessions.exists()


def test_what_people_answered_stays_and_is_counted(save):
    cohort = make.cohort(name="Evenings", blocks=((3, time(17, 30)),))
    save(cohort)
    person = people.member(cohort)
    actions.reply(session=cohort.sessions.first(), patient=person, answer="coming", at=make.NOON)

    response = save(cohort, **{"blocks-0-minutes": "60"})

    assert "Evenings: 1 session stays as planned, since people were told or have answered." in said(response)


@pytest.mark.parametrize(("seats", "kept"), [(1, 8), (2, 2)])
def test_seats_that_people_hold_cannot_be_taken_away(save, seats, kept):
    cohort = make.cohort(seats=8)
    for _ in range(2):
        people.seat(make.patient(), cohort)

    response = save(cohort, seats=seats)

    cohort.refresh_from_db()
    assert cohort.seats == kept
    refused = b"2 seats are taken. Enter 2 or more, or free some first." in response.content
    assert refused == (kept == 8)


def test_a_published_cohort_is_on_the_calendar_wherever_it_came_from(admin):
    cohort = make.cohort(name="Evenings", state="in_review")

    response = admin.post(f"/admin/programs/cohort/{cohort.pk}/publish/", follow=True)

    assert "Evenings: 17 sessions added, 0 changed, 0 removed." in said(response)
    assert cohort.sessions.count() == 17


def test_a_closure_takes_its_days_off_the_calendar_and_gives_them_back(save, admin):
    here, elsewhere = make.cohort(name="Evenings", ends_on=date(2027, 3, 1)), make.cohort(ends_on=date(2027, 3, 1))
    for cohort in (here, elsewhere):
        save(cohort)
    before, closed = here.sessions.count(), {date(2026, 3, 17), date(2026, 3, 19)}
    given = {"name": "Training", "location": here.location_id, "starts_on": "2026-03-17", "ends_on": "2026-03-20"}

    response = admin.post(reverse("admin:programs_closure_add"), given, follow=True)

    assert "Evenings: 0 sessions added, 0 changed, 2 removed." in said(response)
    assert not closed & {session.local_on for session in here.sessions.all()}
    assert closed <= {session.local_on for session in elsewhere.sessions.all()}
    closure = Closure.objects.get()
    admin.post(reverse("admin:programs_closure_delete", args=[closure.pk]), {"post": "yes"})
    assert here.sessions.count() == before


def test_a_cohort_saved_with_its_program_is_on_the_calendar_too(admin):
    cohort = make.cohort(name="Evenings")
    page = admin.get(reverse("admin:programs_program_change", args=[cohort.program_id]))
    data = form_data(page)

    response = admin.post(page.request["PATH_INFO"], data, follow=True)

    assert "Evenings: 17 sessions added, 0 changed, 0 removed." in said(response)


def form_data(page) -> dict[str, object]:
    """What the browser would send back unchanged."""
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.initial_forms]
    return {
        bound.html_name: "" if bound.value() is None else bound.value()
        for form in forms
        for bound in form
        if bound.name != "DELETE"
    }
