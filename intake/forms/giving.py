"""Which questionnaires somebody is asked to answer on their own device, and by when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from intake.instruments import Questionnaire

LONGEST = timedelta(days=180)


class GiveForm(forms.Form):
    codes = forms.MultipleChoiceField(
        label="Questionnaires",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one questionnaire.",
            "invalid_choice": "One of these is not for answering alone. Choose from the list.",
        },
    )
    due_on = forms.DateField(
        label="Due",
        help_text="The last day on which the answers help. Leave it empty when there is none.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "w-auto"}),
        error_messages={"invalid": "Enter the due day as month/day/year, such as 3/11/2026."},
    )

    def __init__(self, *args: Any, offered: list[Questionnaire], language: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        choices = [(asked.code, label_of(asked, language)) for asked in offered]
        self.fields["codes"].choices = choices  # type: ignore[attr-defined]

    def clean_due_on(self) -> date | None:
        due: date | None = self.cleaned_data["due_on"]
        if due and not self.today <= due <= self.today + LONGEST:
            raise forms.ValidationError("Choose a due day from today on, within 6 months.")
        return due


def label_of(asked: Questionnaire, language: str) -> str:
    """Says so when the questions are not in the person's language: they are never translated here."""
    return asked.title if asked.language == language else f"{asked.title} (in English only)"
