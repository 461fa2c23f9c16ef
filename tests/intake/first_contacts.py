"""What a visitor sends, and the row that comes of it."""

from __future__ import annotations

from datetime import datetime
from time import time
from unittest import mock
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from intake.actions import inquiries as actions
from intake.forms.inquiries import opened_now
from intake.models import Inquiry
from tests import make

CHICAGO = ZoneInfo("America/Chicago")


def opened(seconds_ago: float = 60) -> str:
    with mock.patch("django.core.signing.time.time", return_value=time() - seconds_ago):
        return opened_now()


def told(**over) -> dict[str, str]:
    """All steps as the check page sends them; a value of None leaves the field out."""
    values = {
        "form_key": str(uuid4()),
        "who": "me",
        "name": "Rosa",
        "person_name": "",
        "referrer": "",
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
        "person_name": "",
        "referrer": "",
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


def inquiry(*, at: datetime = make.NOON, form_key: UUID | None = None, **over) -> Inquiry:
    return actions.receive(contact=first_contact(**over), form_key=form_key or uuid4(), zone=CHICAGO, at=at)
