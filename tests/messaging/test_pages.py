"""The outbox as staff see it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from messaging import queries
from messaging.models import State
from tests import make

pytestmark = pytest.mark.django_db
OUTBOX = "/staff/messages/"


@pytest.fixture
def coordinator(location, signed_in):
    return signed_in(make.user(Role.COORDINATOR, at=location))


def failed(message, **over):
    soon = timezone.now() + timedelta(hours=5)
    return message(
        **{
            "state": State.FAILED,
            "reason": "The mail server refused the address (code 550).",
            "attempts": 1,
            "send_until": soon,
            **over,
        }
    )


def retry_url(message):
    return reverse("messaging:retry", args=[message.public_id])


def test_a_coordinator_sees_what_waits_what_left_and_why_not(coordinator, message):
    message(address="ana@example.test")
    failed(message, address="ben@example.test")

    page = coordinator.get(OUTBOX)

    assert [row.message.address for row in page.context["rows"]] == ["ben@example.test", "ana@example.test"]
    assert page.context["rows"][0].may_retry
    assert "The mail server refused the address (code 550)." in page.text
    assert "Wed, Mar 11, 12:00 pm CT" in page.text


def test_pills_narrow_the_list_and_say_which_is_chosen(coordinator, message):
    message(address="ana@example.test")
    failed(message, address="ben@example.test")

    page = coordinator.get(OUTBOX, {"state": "failed"})

    assert [row.message.address for row in page.context["rows"]] == ["ben@example.test"]
    assert [pill["label"] for pill in page.context["pills"] if pill["active"]] == ["Failed"]
    assert '<a href="/staff/messages/?state=failed" aria-current="true">Failed</a>' in page.text


def test_an_empty_list_says_so_and_an_empty_filter_offers_all(coordinator):
    assert "No messages yet" in coordinator.get(OUTBOX).text
    assert "Show all" in coordinator.get(OUTBOX, {"state": "sent"}).text


@pytest.mark.parametrize(
    "asked", [{"state": "lost"}, {"page": "0"}, {"page": "-1"}, {"page": "²"}, {"page": "9" * 400}]
)
def test_a_question_that_makes_no_sense_still_gets_a_page(coordinator, message, asked):
    message()
    assert coordinator.get(OUTBOX, asked).status_code == 200


def test_the_list_comes_in_pages(coordinator, message):
    made = [message(due_at=make.NOON + timedelta(minutes=n)) for n in range(queries.PAGE + 1)]

    first, second = coordinator.get(OUTBOX), coordinator.get(OUTBOX, {"page": "2"})

    assert [row.message for row in first.context["rows"]] == made[:0:-1]
    assert [row.message for row in second.context["rows"]] == made[:1]
    assert (first.context["older"], first.context["newer"]) == ("/staff/messages/?page=2", "")
    assert (second.context["older"], second.context["newer"]) == ("", "/staff/messages/")


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries(coordinator, message, django_assert_num_queries, number):
    for _ in range(number):
        failed(message)
    with django_assert_num_queries(4):
        assert len(coordinator.get(OUTBOX).context["rows"]) == number


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.COORDINATOR, 200), (Role.SUPERVISOR, 200), (Role.CLINICIAN, 404), (Role.ADMIN, 404), (Role.PATIENT, 404)],
)
def test_who_may_open_the_outbox(location, signed_in, message, role, status):
    seen = message()
    client = signed_in(make.user(role, at=location))

    assert client.get(OUTBOX).status_code == status
    assert client.get(reverse("messaging:message", args=[seen.public_id])).status_code == status


def test_a_coordinator_of_another_location_sees_nothing(signed_in, message):
    hidden = failed(message)
    stranger = signed_in(make.user(Role.COORDINATOR, at=make.location()))

    assert stranger.get(OUTBOX).context["rows"] == []
    assert stranger.get(reverse("messaging:message", args=[hidden.public_id])).status_code == 404
    assert stranger.post(retry_url(hidden)).status_code == 404
    hidden.refresh_from_db()
    assert hidden.state == State.FAILED


def test_sending_again_puts_a_failed_message_back(coordinator, message):
    stuck = failed(message)

    page = coordinator.post(retry_url(stuck), follow=True)

    stuck.refresh_from_db()
    assert (stuck.state, stuck.attempts) == (State.PENDING, 0)
    assert "The message waits to be sent again." in page.text


def test_sending_again_what_did_not_fail_is_refused_with_the_reason(coordinator, message):
    waiting = message()

    page = coordinator.post(retry_url(waiting))

    assert page.status_code == 409
    assert "Only a failed message can be sent again. This one is: waiting." in page.text


def test_a_supervisor_reads_but_does_not_send(location, signed_in, message):
    stuck = failed(message)
    supervisor = signed_in(make.user(Role.SUPERVISOR, at=location))

    assert not supervisor.get(OUTBOX).context["rows"][0].may_retry
    assert supervisor.post(retry_url(stuck)).status_code == 404


def test_sending_again_is_never_a_link(coordinator, message):
    assert coordinator.get(retry_url(failed(message))).status_code == 405


def test_the_page_of_a_message_shows_what_the_sink_received(coordinator, message, settings, tmp_path):
    sent = message(state=State.SENT, sent_at=make.NOON)
    settings.DEBUG, settings.MAIL_SINK_LOG = True, str(tmp_path / "mail.jsonl")
    rows = [
        {"key": str(sent.public_id), "subject": "Your appointment", "body": "Hello <Rosa>"},
        {"key": "another", "subject": "Not this", "body": "Not this"},
    ]
    (tmp_path / "mail.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    page = coordinator.get(reverse("messaging:message", args=[sent.public_id]))

    assert "Hello &lt;Rosa&gt;" in page.text
    assert "Not this" not in page.text


def test_where_mail_leaves_for_real_nothing_is_read_from_a_sink(coordinator, message, settings, tmp_path):
    settings.DEBUG, settings.MAIL_SINK_LOG = False, str(tmp_path / "mail.jsonl")
    assert "mail sink" not in coordinator.get(reverse("messaging:message", args=[message().public_id])).text
