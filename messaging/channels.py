"""How a message leaves: today as plain-text email over SMTP."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

KEY_HEADER = "X-Tideway-Key"
TIMEOUT_SECONDS = 10


class DeliveryError(Exception):
    """The message did not leave; the sentence is fit to show to staff and names no content."""


class Temporary(DeliveryError):
    """Worth another try."""


class Permanent(DeliveryError):
    """Would fail in the same way every time."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to leave. The same key twice is one message to whoever honors keys."""

    key: str
    to: str
    subject: str
    body: str


def deliver(letter: Letter) -> None:
    """
    Hand a letter to the mail server.

    Raises:
        Temporary: nobody knows whether it arrived, or the server asked to wait.
        Permanent: the address or the message was refused.
    """
    try:
        validate_email(letter.to)
        email(letter).send()
    except ValidationError as error:
        raise Permanent("The email address is not one. Correct it, then send the message again.") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(min(code for code, _ in error.recipients.values()), "the address") from error
    except smtplib.SMTPAuthenticationError as error:  # the clinic's password, not this letter
        raise Temporary("The mail server did not accept our password.") from error
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code, "the message") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Permanent("The mail server cannot write to this address.") from error
    except TimeoutError as error:
        raise Temporary(f"The mail server did not answer within {TIMEOUT_SECONDS} seconds.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary("The connection to the mail server failed.") from error


def email(letter: Letter) -> EmailMessage:
    # The Message-ID derives from the key, so that also a provider that only knows those sees the repeat.
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {KEY_HEADER: letter.key, "Message-ID": f"<{letter.key}@{domain}>"}
    return EmailMessage(
        letter.subject,
        letter.body,
        to=[letter.to],
        headers=headers,
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    )


def refusal(code: int, what: str) -> DeliveryError:
    """5xx is final, 4xx asks to come again (RFC 5321, 4.2.1)."""
    kind = Permanent if code >= 500 else Temporary
    return kind(f"The mail server refused {what} (code {code}).")
