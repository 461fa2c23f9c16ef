"""First contacts: taken in without an account, promised a call, put in order, moved on by one table."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import Role
from intake.actions import inquiries as actions
from intake.models import Inquiry
from intake.promises import call_back_by
from tests import make
from tests.intake.first_contacts import CHICAGO, inquiry, told

State = Inquiry.State


# ---- The promise


@pytest.mark.parametrize(
    ("received", "promised"),
    [
        ("2026-03-11 09:00", "2026-03-12 17:00"),  # Wednesday
        ("2026-03-13 09:00", "2026-03-16 17:00"),  # Friday
        ("2026-03-14 23:00", "2026-03-16 17:00"),  # Saturday
        ("2026-03-15 23:59", "2026-03-16 17:00"),  # Sunday
        ("2026-03-07 12:00", "2026-03-09 17:00"),  # over the night in which the clock moved
    ],
)
def test_we_promise_the_end_of_the_next_business_day(received, promised):
    at = datetime.fromisoformat(received).replace(tzinfo=CHICAGO)

    assert call_back_by(at, CHICAGO) == datetime.fromisoformat(promised).replace(tzinfo=CHICAGO)


def test_the_day_is_counted_where_the_clinic_is():
    late_on_wednesday = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)  # 10 pm on Wednesday in Chicago

    assert call_back_by(late_on_wednesday, CHICAGO) == datetime(2026, 3, 12, 17, tzinfo=CHICAGO)


# ---- Deeds


@pytest.mark.django_db
def test_a_first_contact_is_kept_with_a_number_and_a_promise():
    kept = inquiry(name="Rosa", words="Help")

    stored = Inquiry.objects.get()
    assert stored == kept
    assert (stored.name, stored.words, stored.state) == ("Rosa", "Help", State.NEW)
    assert re.fullmatch(r"Q-[234679CDFHJKMRTWXY]{6}", stored.number)
    assert stored.promised_by == datetime(2026, 3, 12, 17, tzinfo=CHICAGO)


@pytest.mark.django_db
def test_a_number_that_was_given_before_is_not_given_again(monkeypatch):
    numbers = iter(["Q-AAAAAA", "Q-AAAAAA", "Q-BBBBBB"])
    monkeypatch.setattr(actions, "new_number", lambda: next(numbers))

    assert [inquiry().number, inquiry().number] == ["Q-AAAAAA", "Q-BBBBBB"]


@pytest.mark.parametrize("now", list(State))
@pytest.mark.parametrize("to", list(State))
@pytest.mark.django_db
def test_an_inquiry_moves_by_the_table_and_no_other_way(now, to):
    nurse = make.user(Role.COORDINATOR)
    moved = inquiry()
    if now == State.REGISTERED:
        actions.hand_over(inquiry=moved, patient=make.patient(), by=nurse, at=make.NOON)
    elif now == State.CLOSED:
        actions.move(inquiry=moved, to=State.CLOSED, by=nurse, at=make.NOON)
    elif now == State.CALLED:
        actions.move(inquiry=moved, to=State.CALLED, by=nurse, at=make.NOON)
    at = make.NOON + timedelta(hours=1)

    if to in actions.MOVES[now] and to != State.REGISTERED:
        actions.move(inquiry=moved, to=to, by=nurse, at=at)
        moved.refresh_from_db()
        assert (moved.state, moved.handled_by, moved.handled_at) == (to, nurse, at)
    else:
        with pytest.raises(actions.InquiryRefused, match=moved.number):
            actions.move(inquiry=moved, to=to, by=nurse, at=at)
        moved.refresh_from_db()
        assert moved.state == now


@pytest.mark.django_db
def test_who_was_registered_meanwhile_is_not_registered_twice():
    nurse = make.user(Role.COORDINATOR)
    stale = inquiry()
    actions.hand_over(inquiry=stale, patient=make.patient(), by=nurse, at=make.NOON)

    with pytest.raises(actions.InquiryRefused, match="Registered"):
        actions.hand_over(inquiry=stale, patient=make.patient(), by=nurse, at=make.NOON)


# ---- The database


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"phone": ""}, "inquiry_can_be_answered"),
        ({"reach_by": "email", "email": ""}, "inquiry_can_be_answered"),
        ({"reach_by": "pigeon"}, "inquiry_can_be_answered"),
        ({"state": "called"}, "inquiry_moved_by_somebody"),
        ({"handled_at": make.NOON}, "inquiry_moved_by_somebody"),
    ],
)
def test_a_row_that_must_not_be_is_refused(values, constraint):
    kept = inquiry()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Inquiry.objects.filter(pk=kept.pk).update(**values)

    assert violates(refused.value, constraint)


@pytest.mark.django_db
def test_a_registered_inquiry_names_the_patient():
    kept, nurse = inquiry(), make.user(Role.COORDINATOR)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Inquiry.objects.filter(pk=kept.pk).update(state="registered", handled_by=nurse, handled_at=make.NOON)

    assert violates(refused.value, "inquiry_registered_as_somebody")


# ---- The worklist


@pytest.fixture
def coordinator(signed_in):
    return signed_in(make.user(Role.COORDINATOR))


def listed(response) -> list[str]:
    return [row.inquiry.name for row in response.context["worklist"].rows]


@pytest.mark.django_db
def test_who_may_not_be_safe_stands_on_top_then_the_earliest_promise(coordinator):
    inquiry(name="Later", at=make.NOON)
    inquiry(name="Earlier", at=make.NOON - timedelta(days=5))
    inquiry(name="Unsafe", safe_now="no")
    done = inquiry(name="Called", at=make.NOON - timedelta(days=20))
    Inquiry.objects.filter(pk=done.pk).update(
        state="called", handled_by=make.user(Role.COORDINATOR), handled_at=make.NOON
    )

    response = coordinator.get("/staff/inquiries/")

    assert listed(response) == ["Unsafe", "Earlier", "Later", "Called"]
    assert response.content.decode().count('class="ui-chip is-plum"') == 1


@pytest.mark.django_db
def test_tiles_and_pills_count_the_rows_that_their_links_show(coordinator):
    for name, values in {
        "A": {},
        "B": {"safe_now": "not_sure"},
        "C": {"reach_by": "email", "email": "c@x.test"},
    }.items():
        inquiry(name=name, at=make.NOON - timedelta(days=30), **values)

    counts = coordinator.get("/staff/inquiries/").context["worklist"].counts

    for name, count in counts.items():
        assert len(listed(coordinator.get(f"/staff/inquiries/?show={name}"))) == count
    assert (counts["open"], counts["late"], counts["unsafe"]) == (3, 3, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_queries(coordinator, django_assert_num_queries, rows):
    for number in range(rows):
        inquiry(name=f"Person {number}")

    with django_assert_num_queries(5):  # session, user, roles, counts, rows
        response = coordinator.get("/staff/inquiries/")

    assert len(listed(response)) == rows


@pytest.mark.django_db
def test_twenty_five_rows_then_show_more(coordinator):
    for number in range(30):
        inquiry(name=f"Person {number}")

    first = coordinator.get("/staff/inquiries/")
    more = coordinator.get("/staff/inquiries/" + first.context["worklist"].more_url)

    assert (len(listed(first)), len(listed(more))) == (25, 30)
    assert "5 more" in first.content.decode()
    assert "Show more" not in more.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?show=nonsense", "?rows=-1", "?rows=abc", "?rows=99999999", "?show=open&rows=²"])
def test_a_strange_address_shows_the_open_ones(coordinator, query):
    inquiry(name="Rosa")

    assert listed(coordinator.get("/staff/inquiries/" + query)) == ["Rosa"]


@pytest.mark.django_db
def test_an_empty_list_says_so_and_a_filter_offers_the_rest(coordinator):
    assert "Nobody is waiting" in coordinator.get("/staff/inquiries/").content.decode()
    inquiry()

    html = coordinator.get("/staff/inquiries/?show=closed").content.decode()

    assert "No inquiries match" in html
    assert "Show all 1" in html


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_others_never_see_an_inquiry(signed_in, role):
    kept = inquiry()
    visitor = signed_in(make.user(role))

    assert visitor.get(f"/staff/inquiries/{kept.public_id}/").status_code == 404
    assert visitor.post(f"/staff/inquiries/{kept.public_id}/move/", {"to": "called"}).status_code == 404
    assert Inquiry.objects.get().state == State.NEW


@pytest.mark.django_db
def test_a_supervisor_reads_and_does_not_move(signed_in):
    kept = inquiry(words="In their words")
    supervisor = signed_in(make.user(Role.SUPERVISOR))

    html = supervisor.get(f"/staff/inquiries/{kept.public_id}/").content.decode()

    assert "In their words" in html
    assert "I called back" not in html
    assert "Register as a patient" not in html
    assert supervisor.post(f"/staff/inquiries/{kept.public_id}/move/", {"to": "called"}).status_code == 404


@pytest.mark.django_db
def test_what_a_visitor_wrote_is_shown_as_text(coordinator):
    kept = inquiry(words="<script>alert(1)</script>", name="<b>Rosa</b>")

    html = coordinator.get(f"/staff/inquiries/{kept.public_id}/").content.decode()

    assert "<script>alert" not in html
    assert "&lt;b&gt;Rosa&lt;/b&gt;" in html
    assert "312-555-0177" in html


@pytest.mark.django_db
def test_a_call_is_noted_and_the_same_press_twice_says_how_it_stands(coordinator):
    kept = inquiry(safe_now="no")
    page = f"/staff/inquiries/{kept.public_id}/"
    assert 'id="now">Call now' in coordinator.get(page).content.decode()

    first = coordinator.post(page + "move/", {"to": "called"}, follow=True)
    second = coordinator.post(page + "move/", {"to": "called"})

    assert "called back" in first.content.decode()
    assert 'id="now">Call now' not in first.content.decode()
    assert second.status_code == 409
    assert "Called back" in second.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["registered", "new", "", "nonsense"])
def test_a_forged_move_is_refused_with_a_sentence(coordinator, to):
    kept = inquiry()

    response = coordinator.post(f"/staff/inquiries/{kept.public_id}/move/", {"to": to})

    assert response.status_code == 409
    assert f"Inquiry {kept.number} is" in response.content.decode()
    assert Inquiry.objects.get().state == State.NEW


@pytest.mark.django_db
def test_reading_never_moves(coordinator):
    kept = inquiry()

    assert coordinator.get(f"/staff/inquiries/{kept.public_id}/move/?to=closed").status_code == 405
    assert coordinator.get(f"/staff/inquiries/{uuid4()}/").status_code == 404


@pytest.mark.django_db
def test_a_coordinator_notes_a_call_with_the_same_questions(coordinator):
    wrong = coordinator.post("/staff/inquiries/new/", told(phone="1"))
    right = coordinator.post("/staff/inquiries/new/", told(name="By phone"), follow=True)

    assert wrong.status_code == 422
    assert "Saved as Q-" in right.content.decode()
    assert Inquiry.objects.get().name == "By phone"
