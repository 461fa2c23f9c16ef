"""First contacts: taken in without an account, promised a call, put in order, moved on by one table."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from time import time
from unittest import mock
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.db import violates
from accounts.models import Role
from intake.actions import inquiries as actions
from intake.forms.inquiries import opened_now
from intake.models import Inquiry
from intake.promises import call_back_by
from tests import make

CHICAGO = ZoneInfo("America/Chicago")
State = Inquiry.State


def opened(seconds_ago: float = 60) -> str:
    with mock.patch("django.core.signing.time.time", return_value=time() - seconds_ago):
        return opened_now()


def told(**over) -> dict[str, str]:
    """What a visitor sends; a value of None leaves the field out."""
    values = {
        "who": "me",
        "name": "Rosa",
        "language": "en",
        "reach_by": "phone",
        "phone": "312 555 0177",
        "email": "",
        "words": "I can't sleep and I don't know where to begin.",
        "safe_now": "yes",
        "insurance": "",
        "website": "",
        "opened": opened(),
    }
    return {name: value for name, value in {**values, **over}.items() if value is not None}


def first_contact(**over) -> actions.FirstContact:
    values = {
        "who": "me",
        "name": "Rosa",
        "language": "en",
        "reach_by": "phone",
        "phone": "+13125550177",
        "email": "",
        "shared_phone": False,
        "may_leave_message": False,
        "may_say_who": False,
        "words": "",
        "safe_now": "yes",
        "insurance": "",
    }
    return actions.FirstContact(**{**values, **over})


def inquiry(*, at: datetime = make.NOON, **over) -> Inquiry:
    return actions.receive(contact=first_contact(**over), zone=CHICAGO, at=at)


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


# ---- The public page


@pytest.mark.django_db
def test_a_visitor_sends_and_is_told_the_number_and_the_promise(client):
    response = client.post("/contact/", told(), follow=True)

    kept = Inquiry.objects.get()
    html = response.content.decode()
    assert response.redirect_chain == [("/contact/sent/", 302)]
    assert kept.phone == "+13125550177"
    assert kept.number in html
    assert "5:00 pm CT" in html
    assert "Rosa" not in html  # whoever looks at this screen later learns no name
    assert "Please don&#x27;t wait" not in html
    assert "don't wait for our call" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("safe", ["no", "not_sure"])
def test_who_is_not_safe_is_shown_help_before_and_after_sending(client, safe):
    page = client.get("/contact/").content.decode()
    response = client.post("/contact/", told(safe_now=safe), follow=True)

    html = response.content.decode()
    assert "don't wait for our call" in page  # in place; the stylesheet shows it with the answer
    assert "don't wait for our call" in html
    assert 'href="tel:988"' in html
    assert Inquiry.objects.get().safe_now == safe


@pytest.mark.django_db
def test_nothing_is_kept_before_it_is_sent(client):
    client.get("/contact/")

    assert not Inquiry.objects.exists()
    assert "sessionid" not in client.cookies


@pytest.mark.django_db
def test_the_confirmation_is_only_for_the_browser_that_sent(client):
    client.post("/contact/", told())

    response = Client().get("/contact/sent/")

    assert (response.status_code, response["Location"]) == (302, "/contact/")


LONG = "a" * 5001


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"who": None}, "Say who it is for."),
        ({"who": "the pope"}, "Select a valid choice"),
        ({"name": ""}, "Write a name, so that we know whom to ask for."),
        ({"name": "x" * 101}, "Use 100 characters or fewer."),
        ({"name": "Ro\u202esa"}, "Remove hidden characters."),
        ({"phone": ""}, "Write the phone number that we may call."),
        ({"phone": "312-CALL-ME"}, "Enter a phone number with 10 digits"),
        ({"phone": "312 555 01"}, "Enter a phone number with 10 digits"),
        ({"phone": "+1234567890123456"}, "Enter a phone number with 10 digits"),
        ({"reach_by": "email"}, "Write the email address that we may answer."),
        ({"reach_by": "email", "email": "rosa"}, "Write an email address like name@example.com."),
        ({"words": LONG}, "Use 5,000 characters or fewer. You wrote 5001."),
        ({"insurance": "x" * 301}, "Use 300 characters or fewer."),
        ({"safe_now": None}, "Tell us whether you are safe right now."),
        ({"website": "https://spam.example"}, "Empty this field and send again."),
        ({"opened": opened(-3600)}, "That was very quick."),  # a note of later than now
        ({"opened": "forged:1:2"}, "That was very quick."),
        ({"opened": None}, "That was very quick."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, over, sentence):
    response = client.post("/contact/", told(**over))

    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert "<title>Error: Contact" in html
    assert not Inquiry.objects.exists()
    if "words" not in over:
        assert "I can&#x27;t sleep and I don&#x27;t know where to begin." in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(312) 555-0177", "+13125550177"),
        ("1 312 555 0177", "+13125550177"),
        ("312.555.0177", "+13125550177"),
        ("+52 55 1234 5678", "+525512345678"),
    ],
)
def test_phone_numbers_are_taken_as_people_write_them(client, typed, kept):
    client.post("/contact/", told(phone=typed))

    assert Inquiry.objects.get().phone == kept


@pytest.mark.django_db
def test_whoever_was_too_quick_is_heard_at_the_second_try(client):
    page = client.post("/contact/", told(opened="forged")).content.decode()
    (fresh,) = re.findall(r'name="opened" value="([^"]+)"', page)

    with mock.patch("django.core.signing.time.time", return_value=time() + 10):
        response = client.post("/contact/", told(opened=fresh))

    assert response.status_code == 302


@pytest.mark.django_db
def test_the_sixth_message_of_an_hour_from_one_address_is_answered_with_the_phone_number(client):
    for number in range(5):
        assert client.post("/contact/", told(phone=f"312 555 010{number}")).status_code == 302

    response = client.post("/contact/", told(phone="312 555 0199"))

    html = response.content.decode()
    assert response.status_code == 429
    assert "You can also call" in html
    assert "312-555-0142" in html
    assert "312 555 0199" in html
    assert Inquiry.objects.count() == 5


@pytest.mark.django_db
def test_one_phone_number_is_taken_three_times_a_day_from_wherever(client):
    statuses = [
        client.post("/contact/", told(phone="312 555 0177"), REMOTE_ADDR=f"203.0.113.{number}").status_code
        for number in range(4)
    ]

    assert statuses == [302, 302, 302, 429]


@pytest.mark.django_db
def test_who_is_known_gets_the_same_answer_as_who_is_not(client):
    make.patient(email="known@example.test")
    answers = []
    for email in ("known@example.test", "unknown@example.test"):
        response = client.post("/contact/", told(reach_by="email", email=email), follow=True)
        answers.append(re.sub(r"Q-[0-9A-Z]{6}", "", response.content.decode()))

    assert answers[0] == answers[1]
    assert not Inquiry.objects.exclude(patient=None).exists()


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
    assert "Call now" in coordinator.get(page).content.decode()

    first = coordinator.post(page + "move/", {"to": "called"}, follow=True)
    second = coordinator.post(page + "move/", {"to": "called"})

    assert "called back" in first.content.decode()
    assert "Call now" not in first.content.decode()
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
