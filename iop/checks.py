"""What a clinic has to have settled before it goes live (`manage.py check --deploy`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from intake.costs.scale import ScaleRefused
from intake.money import scales

NO_CRISIS_TEXT = "CLINIC_CRISIS_TEXT is empty: people in danger out of hours would not read what to do here."


@register(Tags.security, deploy=True)
def crisis_text_is_written(**_more: Any) -> list[CheckMessage]:
    if settings.CLINIC.crisis_text.strip():
        return []
    hint = "Write in one or two sentences what people do in an emergency out of hours, and set it for the service."
    return [Error(NO_CRISIS_TEXT, hint=hint, id="iop.E001")]


@register()
def sliding_scale_is_sound(**_more: Any) -> list[CheckMessage]:
    """A discount that nobody meant is found when the service starts, and not at somebody's estimate."""
    try:
        scales()
    except ScaleRefused as refused:
        hint = "Correct the file that SLIDING_SCALE names, like intake/costs/sliding_scale.yaml."
        return [Error(str(refused), hint=hint, id="iop.E002")]
    return []
