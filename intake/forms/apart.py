"""Why two people are kept apart."""

from __future__ import annotations

from django import forms

from intake.models import KeepApart


class KeepApartForm(forms.Form):
    why = forms.ChoiceField(
        label="Why they are kept apart",
        choices=[("", "Choose"), *KeepApart.Why.choices],
        error_messages={"required": "Choose a reason."},
        help_text="The care team and supervisors see this. Nobody else does, and nobody who gives seats.",
    )
