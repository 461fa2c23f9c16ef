"""What a person may add when they can't come, what they sign before a group, and where somebody moves to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.forms.fields import NameField, WordsField
from intake.forms.papers import OPEN_AGAIN, KeyField, spaced
from intake.models import Patient, SupportPerson
from intake.queries import plain
from intake.statements import GroupText


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


class AgreementForm(forms.Form):
    """The group agreement: its words stand beside it, the name below signs them."""

    signature = NameField(
        max_length=210,
        label=_("Full name"),
        error_messages={"required": _("The person types their name to sign.")},
    )
    text_version = forms.CharField(max_length=20, widget=forms.HiddenInput, error_messages={"required": OPEN_AGAIN})
    key = KeyField()

    def __init__(self, data: Mapping[str, Any] | None, *, patient: Patient, words: GroupText) -> None:
        super().__init__(data, initial={"text_version": words.version})
        self.patient, self.words = patient, words

    def clean_text_version(self) -> str:
        given: str = self.cleaned_data["text_version"]
        if given != self.words.version:
            raise forms.ValidationError(_("The words have changed since the page was opened. Open it again."))
        return given

    def clean_signature(self) -> str:
        typed: str = self.cleaned_data["signature"]
        guardian = SupportPerson.Relation.GUARDIAN
        guardians = self.patient.support_people.live().filter(relation=guardian).values_list("name", flat=True)
        may_sign = {spaced(plain(name)) for name in (self.patient.legal_name, self.patient.full_name, *guardians)}
        if spaced(plain(typed)) not in may_sign:
            sentence = _("Type the name of the person who signs: %(name)s, or a guardian on the record.")
            raise forms.ValidationError(sentence % {"name": self.patient.legal_name})
        return typed


class MoveForm(forms.Form):
    """Where somebody moves to, and why."""

    cohort = forms.TypedChoiceField(
        label=_("To which cohort?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the cohort to move to."),
            "invalid_choice": _("That cohort is not on offer any more. Choose again."),
        },
    )
    reason = WordsField(
        label=_("Why?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why, in a few words.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, options: Sequence[Any]) -> None:
        super().__init__(data)
        by_key = {str(option.cohort.public_id): option for option in options}
        self.fields["cohort"].choices = [(key, self.words(option)) for key, option in by_key.items()]  # type: ignore[attr-defined]
        self.fields["cohort"].coerce = by_key.__getitem__  # type: ignore[attr-defined]

    def words(self, option: Any) -> str:
        times = ", ".join(option.times)
        return f"{option.cohort.program.neutral_name}, {option.cohort.name} ({times})"
