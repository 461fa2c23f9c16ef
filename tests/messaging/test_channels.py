"""Email as it leaves, and what each answer of a mail server means."""

from __future__ import annotations

import smtplib
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from messaging import channels
from messaging.channels import Letter, Permanent, Temporary

KEY = str(uuid4())
LETTER = Letter(KEY, "rosa@example.test", "Your appointment on Thursday, March 12", "Hello Rosa,\n")


def refusing(monkeypatch, error):
    def send(self, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send)


def test_an_email_is_plain_text_from_a_neutral_sender_under_its_key(settings):
    settings.DEFAULT_FROM_EMAIL = "Oak Street Clinic <no-reply@oakstreet.example>"

    channels.deliver(LETTER)

    [sent] = mail.outbox
    assert (sent.subject, sent.body, sent.to) == (LETTER.subject, LETTER.body, [LETTER.to])
    assert sent.from_email == "Oak Street Clinic <no-reply@oakstreet.example>"
    assert sent.message()["X-Tideway-Key"] == KEY
    assert sent.message()["Message-ID"] == f"<{KEY}@oakstreet.example>"
    assert sent.message().get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            smtplib.SMTPRecipientsRefused({"rosa@example.test": (550, b"no such user")}),
            "refused the address .code 550.",
        ),
        (smtplib.SMTPDataError(554, b"content"), "refused the message .code 554."),
        (smtplib.SMTPSenderRefused(553, b"who", "no-reply@oakstreet.example"), "code 553"),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), "cannot write to this address"),
    ],
)
def test_a_final_answer_is_permanent(monkeypatch, error, told):
    refusing(monkeypatch, error)
    with pytest.raises(Permanent, match=told):
        channels.deliver(LETTER)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (smtplib.SMTPRecipientsRefused({"rosa@example.test": (450, b"busy")}), "code 450"),
        (smtplib.SMTPDataError(451, b"later"), "code 451"),
        (smtplib.SMTPConnectError(421, b"full"), "code 421"),
        (smtplib.SMTPAuthenticationError(535, b"password"), "did not accept our password"),
        (smtplib.SMTPServerDisconnected("gone"), "connection to the mail server failed"),
        (TimeoutError("slow"), "within 10 seconds"),
        (ConnectionRefusedError("closed"), "connection to the mail server failed"),
    ],
)
def test_silence_or_a_plea_to_wait_is_temporary(monkeypatch, error, told):
    refusing(monkeypatch, error)
    with pytest.raises(Temporary, match=told):
        channels.deliver(LETTER)


@pytest.mark.parametrize("address", ["", "rosa", "rosa@", "rosa@example.test\nBcc: all@example.test", "a@b@c"])
def test_an_impossible_address_is_permanent_and_nothing_is_sent(address):
    with pytest.raises(Permanent, match="Correct it"):
        channels.deliver(Letter(KEY, address, "x", "y"))
    assert mail.outbox == []


def test_no_reason_repeats_what_the_server_said(monkeypatch):
    """A server's text may quote the address or the message."""
    refusing(monkeypatch, smtplib.SMTPDataError(554, b"rosa@example.test is not known"))
    with pytest.raises(Permanent) as refused:
        channels.deliver(LETTER)
    assert "rosa" not in str(refused.value)


def test_the_mail_server_is_given_ten_seconds():
    assert channels.email(LETTER).connection is not None
    assert channels.TIMEOUT_SECONDS == 10
