"""What staff write down about an alert, and a safety plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from intake import protocol
from intake.forms.fields import WordsField
from intake.models import SafetyLevel, SafetyPlan
from intake.safety import ELEMENTS

WORDS_MAXIMUM = 1500
NOTE_MAXIMUM = 5000  # of the column: what an assessment records is kept together


def words_field(label: str, hint: str = "", *, rows: int = 2, maximum: int = WORDS_MAXIMUM) -> WordsField:
    return WordsField(
        label=label,
        help_text=hint,
        max_length=maximum,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": f"Write this down: {label[0].lower()}{label[1:]}.",
            "max_length": f"Use {maximum} characters or fewer.",
        },
    )


class MoveForm(forms.Form):
    """One step of an alert, with a field for each thing that has to be on record."""

    def __init__(
        self, *args: Any, records: Iterable[protocol.Record], asks_password: bool, lacks_plan: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.records = tuple(records)
        for record in self.records:
            self.fields[record.code] = words_field(record.label, record.hint)
        if lacks_plan:
            self.fields["without_plan"] = forms.BooleanField(
                label="There is no plan, and what I wrote above says why", required=False
            )
        if asks_password:
            self.fields["password"] = forms.CharField(
                label="Your password",
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                error_messages={"required": "Type the password that you sign in with."},
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if len(self.words) > NOTE_MAXIMUM:
            raise forms.ValidationError(f"Together this is too long. Use {NOTE_MAXIMUM} characters or fewer in all.")
        return given

    @property
    def words(self) -> str:
        """What was written, each part under its name."""
        given = [(record.label, self.cleaned_data.get(record.code, "")) for record in self.records]
        return given[0][1] if len(given) == 1 else "\n".join(f"{label}: {words}" for label, words in given)

    @property
    def without_plan(self) -> bool:
        return bool(self.cleaned_data.get("without_plan"))


class EntryForm(forms.Form):
    """Something to add to the story: a call, who is with the person, a correction."""

    kind = forms.ChoiceField(
        label="What is it",
        choices=[(entry.kind, entry.label) for entry in protocol.ENTRIES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is."},
    )
    words = words_field("What happened, and when", rows=3)


class LevelForm(forms.Form):
    level = forms.ChoiceField(
        label="Level to work at", widget=forms.RadioSelect, error_messages={"required": "Choose the level."}
    )
    words = words_field("Why this level", "What happened when, and what speaks for less danger now.")

    def __init__(self, *args: Any, levels: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [(level, SafetyLevel(level).label) for level in levels]  # type: ignore[attr-defined]


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Whose it is from now on",
        to_field_name="public_id",
        empty_label=None,
        error_messages={"required": "Choose a person.", "invalid_choice": "Choose somebody from the list."},
    )
    words = words_field("Why, and what they need to know")

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class OpenForm(forms.Form):
    """Opening an alert because of what one sees."""

    reason = forms.ChoiceField(
        label="What is it",
        choices=[(reason.code, reason.label) for reason in protocol.REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is."},
    )
    words = words_field("What you saw or heard, and when", rows=3)

    @property
    def reason_chosen(self) -> protocol.Reason:
        return next(reason for reason in protocol.REASONS if reason.code == self.cleaned_data["reason"])


class PlanForm(forms.Form):
    """The elements of a safety plan, in the person's own words."""

    seen = forms.IntegerField(min_value=0, max_value=100_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in ELEMENTS.items():
            column = SafetyPlan._meta.get_field(name)
            self.fields[name] = words_field(str(label), HINTS[name], rows=3, maximum=column.max_length)  # type: ignore[arg-type, union-attr]
            self.fields[name].required = not column.blank  # type: ignore[union-attr]

    @property
    def elements(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ELEMENTS}


HINTS = {
    "warning_signs": "What tells me that it is getting harder: thoughts, feelings, what I do.",
    "own_coping": "Things I do without anybody else.",
    "distractions": "With a phone number where there is one.",
    "people_to_ask": "Name and phone number, one on a line.",
    "professionals": "Name and phone number, one on a line. The person's copy also shows the crisis lines.",
    "safer_surroundings": "What is put out of reach, where, and who helps with it.",
    "reasons_for_living": "",
}
