"""What a clinic has to have settled before it goes live (`manage.py check --deploy`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

NO_CRISIS_TEXT = "CLINIC_CRISIS_TEXT is empty: people in danger out of hours would not read what to do here."


@register(Tags.security, deploy=True)
def crisis_text_is_written(**_more: Any) -> list[CheckMessage]:
    if settings.CLINIC.crisis_text.strip():
        return []
    hint = "Write in one or two sentences what people do in an emergency out of hours, and set it for the service."
    return [Error(NO_CRISIS_TEXT, hint=hint, id="iop.E001")]
