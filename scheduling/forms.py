"""What a person may add when they can't come."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CannotComeForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is in the way?"),
        help_text=_("You can skip this. Your care team sees your answer, nobody else."),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("I am not well", _("I am not well")),
            ("Work or school", _("Work or school")),
            ("Family or child care", _("Family or child care")),
            ("No way to get there", _("No way to get there")),
            ("Something else", _("Something else")),
        ],
        error_messages={"invalid_choice": _("Choose one of the reasons, or none.")},
    )
