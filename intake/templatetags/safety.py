"""What the header of a record says of safety, and numbers that can be dialed."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from intake.models import Patient, SafetyLevel

register = template.Library()

TELEPHONE = re.compile(r"(?<![\d+])(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)|(?<![\d-])(?:988|911)(?![\d-])")


@register.inclusion_tag("intake/safety/_chips.html", takes_context=True)
def safety_chips(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """The levels of the open alerts; who may not read alerts learns the level and whom to call, nothing else."""
    actor = context.get("actor")
    levels = [SafetyLevel(level).label for level in getattr(patient, "alert_levels", ())]
    shown = levels if actor and actor.is_clinic_staff else []
    return {"levels": shown, "patient": patient, "may_read": bool(actor and actor.may("safety.read"))}


@register.filter
def telephones(text: str) -> SafeString:
    """Text in its lines, with every telephone number as a link that dials it."""
    linked = TELEPHONE.sub(_link, escape(text))
    return mark_safe(linked.replace("\n", "<br>"))  # noqa: S308 - escaped before


def _link(found: re.Match[str]) -> str:
    number = found[0]
    digits = re.sub(r"\D", "", number)
    dialed = digits if len(digits) == 3 else f"+1{digits[-10:]}"
    return f'<a href="tel:{dialed}">{number}</a>'
