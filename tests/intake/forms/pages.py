"""The hours, a whole form, and what the pages of forms say."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

from django.urls import reverse

from intake.models import Assignment, QuestionnaireResponse

OPEN = datetime(2026, 3, 11, 12, 0, tzinfo=ZoneInfo("America/Chicago"))
NIGHT = datetime(2026, 3, 11, 22, 30, tzinfo=ZoneInfo("America/Chicago"))
ALL = {f"phq9_{number}": 1 for number in range(1, 9)} | {"phq9_9": 0}


def words(response) -> str:
    html = re.sub(r"<(script|style|svg|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def url(form: Assignment, *more: object) -> str:
    return f"/my/forms/{form.public_id}/" + "".join(f"{one}/" for one in more)


def staff_url(name: str, form: Assignment) -> str:
    person = form.patient.public_id
    return reverse(f"intake:{name}", args=[person] if name == "forms" else [person, form.public_id])


def stored(form: Assignment) -> dict:
    answers = QuestionnaireResponse.objects.get(assignment=form).answers
    return {item: said["value"] if said["status"] == "answered" else said["status"] for item, said in answers.items()}
