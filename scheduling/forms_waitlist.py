"""What is asked about somebody's waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.forms.fields import WordsField
from intake.forms.papers import DayField
from intake.models import Patient
from programs.models import Cohort, Program, PublicState
from scheduling.actions.waitlist import Joining
from scheduling.models import Urgency, WaitlistEntry, WaitlistStep
from scheduling.standing import Standing

Kind = WaitlistStep.Kind


def short_words(**kwargs: Any) -> WordsField:
    return WordsField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class CheckForm(forms.Form):
    """What came of asking whether somebody is safe; nothing is chosen beforehand."""

    outcome = forms.ChoiceField(
        label=_("You called. What did you hear?"),
        widget=forms.RadioSelect,
        choices=[
            (Kind.CHECKED, _("They are safe")),
            (Kind.WORRIED, _("There is cause for concern: this opens a safety alert for the supervisor")),
            (Kind.NOT_REACHED, _("Not reached: the check stays due")),
        ],
        error_messages={"required": _("Choose what you heard.")},
    )
    note = short_words(label=_("In a few words"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("outcome") == Kind.WORRIED and not given.get("note"):
            self.add_error("note", _("Say what worries you."))
        return given


class InterimForm(forms.Form):
    interim = short_words(
        label=_("Support until a place opens"),
        help_text=_("For example: a call each Tuesday, one visit a week, the numbers for a crisis"),
        error_messages={"required": _("Say what support was agreed on.")},
    )


class ReasonForm(forms.Form):
    reason = short_words(label=_("Why?"), error_messages={"required": _("Say why, in a few words.")})


class NoteForm(forms.Form):
    note = short_words(label=_("In a few words"), required=False)


class UrgencyForm(ReasonForm):
    urgency = forms.ChoiceField(
        label=_("How urgent is it?"),
        widget=forms.RadioSelect,
        choices=Urgency.choices,
        error_messages={"required": _("Choose how urgent it is.")},
    )
    field_order = ["urgency", "reason"]


class JoinForm(forms.Form):
    """The line of a program, or of one cohort of it."""

    program = forms.ModelChoiceField(
        Program.objects.none(),
        label=_("For which program?"),
        to_field_name="public_id",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the program."),
            "invalid_choice": _("That program is not on offer any more. Choose again."),
        },
    )
    cohort = forms.ModelChoiceField(
        Cohort.objects.none(),
        label=_("Only for one cohort?"),
        to_field_name="public_id",
        required=False,
        empty_label=_("Any cohort that fits"),
        error_messages={"invalid_choice": _("That cohort is not on offer any more. Choose again.")},
    )
    urgency = forms.ChoiceField(
        label=_("How urgent is it?"),
        widget=forms.RadioSelect,
        choices=Urgency.choices,
        error_messages={"required": _("Choose how urgent it is.")},
    )
    referred_on = DayField(
        label=_("Day of the referral"), error_messages={"required": _("Enter the day of the referral.")}
    )
    interim = short_words(
        label=_("Support until a place opens"),
        required=False,
        help_text=_("For example: a call each Tuesday, one visit a week, the numbers for a crisis"),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, patient: Patient, where: Standing, today: date) -> None:
        super().__init__(data, initial={"referred_on": patient.registered_at.date()})
        self.today = today
        programs = Program.objects.filter(state=PublicState.PUBLISHED)
        if where.decision and where.decision.track:
            programs = programs.filter(track__code=where.decision.track)
        for name, rows in (("program", programs), ("cohort", self.cohorts_of(programs))):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["program"].label_from_instance = lambda row: row.neutral_name  # type: ignore[attr-defined]
        self.fields["cohort"].label_from_instance = lambda row: f"{row.program.neutral_name}, {row.name}"  # type: ignore[attr-defined]

    def cohorts_of(self, programs: Any) -> Any:
        rows = Cohort.objects.filter(program__in=programs, state=PublicState.PUBLISHED, ends_on__gt=self.today)
        return rows.select_related("program")

    def clean_referred_on(self) -> date:
        day: date = self.cleaned_data["referred_on"]
        if day > self.today:
            raise forms.ValidationError(_("That day is still ahead. Enter today or an earlier day."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        cohort, program = given.get("cohort"), given.get("program")
        if cohort and program and cohort.program_id != program.pk:
            self.add_error("cohort", _("That cohort is of another program."))
        return given

    def joining(self) -> Joining:
        return Joining(**{name: self.cleaned_data[name] for name in Joining.__slots__})


class OfferForm(forms.Form):
    """To whom a free seat is offered; when they are not next, why."""

    entry = forms.TypedChoiceField(
        widget=forms.RadioSelect,
        label=_("To whom?"),
        error_messages={
            "required": _("Choose to whom the place is offered."),
            "invalid_choice": _("They do not wait any more. Choose again."),
        },
    )
    passing = short_words(label=_("Why do they come first?"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, line: Sequence[WaitlistEntry]) -> None:
        super().__init__(data)
        by_key = {str(each.public_id): each for each in line}
        field: Any = self.fields["entry"]
        field.choices = [(key, each.patient.short_name) for key, each in by_key.items()]
        field.coerce = lambda key: by_key[str(UUID(key))]
