"""What a consent needs before it can be signed, and what a payer said about coverage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.dateformat import format as date_format
from django.utils.functional import Promise

from intake.actions.papers import Signed
from intake.forms.fields import NameField, PhoneField, WordsField, YesNoField, refuse_hidden_characters
from intake.models import Consent, Coverage, Patient, SupportPerson
from intake.papers import GROUPS, LABELS, MONEY
from intake.queries import plain
from intake.statements import ConsentText

ON_A_DAY, ON_AN_EVENT, NEVER = "day", "event", "none"
DAY_FORMATS = {"en": "F j, Y", "es": r"j \d\e F \d\e Y"}
ENDS = {ON_A_DAY: "On a day", ON_AN_EVENT: "When something happens"}


class DayField(forms.DateField):
    """A day from the browser's calendar, or typed where there is none."""

    default_error_messages = {"invalid": "Enter a day like 3/14/2026."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class KeyField(forms.UUIDField):
    """A number of this form, so that the same press twice is known for one."""

    def __init__(self) -> None:
        super().__init__(
            widget=forms.HiddenInput, initial=uuid4, error_messages={"required": OPEN_AGAIN, "invalid": OPEN_AGAIN}
        )


Groups = tuple[tuple[str | Promise, tuple[str, ...]], ...]
OPEN_AGAIN = "Something of this form got lost on the way. Open the page again."


class SupporterField(forms.ModelChoiceField):
    """Somebody who stands by the person, by their public id."""

    def __init__(self) -> None:
        super().__init__(
            SupportPerson.objects.none(),
            required=False,
            to_field_name="public_id",
            empty_label="Nobody of these",
            label="Somebody who stands on the record",
            error_messages={"invalid_choice": "That person no longer stands on the record. Choose again."},
        )

    def to_python(self, value: Any) -> SupportPerson | None:
        try:
            UUID(str(value or uuid4()))
        except ValueError as error:  # Django would speak of UUIDs
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error
        return super().to_python(value)

    def label_from_instance(self, obj: SupportPerson) -> str:
        return obj.as_recipient


class ConsentForm(forms.Form):
    """One consent, its text and its blanks on one page; nothing is chosen or ticked beforehand."""

    patient_name = NameField(max_length=210, error_messages={"required": "Enter the name of the person it is about."})
    discloser = NameField(
        max_length=300, error_messages={"required": "Enter who may share it, for example the name of the clinic."}
    )
    information = WordsField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Describe what may be shared."},
    )
    support_person = SupporterField()
    recipient = NameField(max_length=300, required=False)
    purpose = NameField(max_length=300, error_messages={"required": "Say what it is shared for."})
    ends = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": "Choose until when this consent holds."}
    )
    expires_on = DayField(required=False, label="The day, when it ends on a day")
    expires_event = NameField(
        max_length=200,
        required=False,
        label="What happens, when something ends it",
        help_text="For example: my treatment here ends",
    )
    revocation = forms.BooleanField(
        error_messages={"required": "The person has to know how to take it back: read it, then tick."}
    )
    statement = forms.BooleanField(
        error_messages={"required": "The person has to know what can happen afterward: read it, then tick."}
    )
    signature = NameField(
        max_length=210, label="Full name", error_messages={"required": "The person types their name to sign."}
    )
    text_version = forms.CharField(max_length=20, widget=forms.HiddenInput, error_messages={"required": OPEN_AGAIN})
    key = KeyField()

    def __init__(self, data: Mapping[str, Any] | None, *, patient: Patient, text: ConsentText, today: date) -> None:
        super().__init__(data, initial={"patient_name": patient.legal_name, "text_version": text.version})
        self.patient, self.words, self.today = patient, text, today
        self.supporters = list(patient.support_people.live())
        for part in text.parts:
            self.ask(part.name, part.asks, part.hint)
        for name in ("revocation", "statement"):
            self.fields[name].label = text.part(name).ticks
        no_end = {NEVER: text.no_end} if text.kind == Consent.Kind.CARE else {}
        self.fields["ends"].choices = list((ENDS | no_end).items())  # type: ignore[attr-defined]
        if self.names_a_supporter:
            self.fields["support_person"].queryset = patient.support_people.live()  # type: ignore[attr-defined]
        else:
            del self.fields["support_person"]

    def ask(self, name: str, label: str, hint: str) -> None:
        if name in self.fields and name not in {"revocation", "statement", "signature"}:
            self.fields[name].label, self.fields[name].help_text = label, hint

    @property
    def date_in_words(self) -> str:
        """The date of the signature, as it is signed."""
        return self.in_words(self.today)

    @property
    def names_a_supporter(self) -> bool:
        own = {Consent.Kind.DISCLOSURE, Consent.Kind.COUNSELING_NOTES}
        return bool(self.supporters) and self.words.kind in own

    def clean_text_version(self) -> str:
        given: str = self.cleaned_data["text_version"]
        if given != self.words.version:
            raise ValidationError("The words of this consent have changed since the page was opened. Open it again.")
        return given

    def clean_signature(self) -> str:
        typed: str = self.cleaned_data["signature"]
        guardians = [one.name for one in self.supporters if one.relation == SupportPerson.Relation.GUARDIAN]
        own = (self.patient.legal_name, self.patient.full_name, self.cleaned_data.get("patient_name", ""))
        if spaced(plain(typed)) not in {spaced(plain(name)) for name in (*own, *guardians)}:
            raise ValidationError(
                f"Type the name of the person who signs: {self.patient.legal_name}, or a guardian on the record."
            )
        return typed

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.clean_recipient_of(given)
        self.clean_end(given)
        return given

    def clean_recipient_of(self, given: dict[str, Any]) -> None:
        if "recipient" in self.errors or "support_person" in self.errors:
            return
        person, named = given.get("support_person"), given.get("recipient")
        if person and named:
            self.add_error("recipient", "Choose somebody from the record or write a name, not both.")
        elif not person and not named:
            self.add_error("recipient", "Say with whom it may be shared.")

    def clean_end(self, given: dict[str, Any]) -> None:
        ends, day = given.get("ends"), given.get("expires_on")
        if ends == ON_A_DAY and "expires_on" not in self.errors:
            if not day:
                self.add_error("expires_on", "Enter the day on which this consent ends.")
            elif day < self.today:
                self.add_error("expires_on", "That day is past. Enter today or a later day.")
        if ends == ON_AN_EVENT and "expires_event" not in self.errors and not given.get("expires_event"):
            self.add_error("expires_event", "Say which event ends this consent.")

    def signed(self) -> Signed:
        """The consent as it was shown and filled in; its text is what the page showed."""
        given, words = self.cleaned_data, self.words
        person = given.get("support_person")
        recipient = person.as_recipient if person else spaced(given["recipient"])
        day = given["expires_on"] if given["ends"] == ON_A_DAY else None
        event = given["expires_event"] if given["ends"] == ON_AN_EVENT else ""
        filled_in = {name: given[name] for name in ("patient_name", "discloser", "information", "purpose")}
        answers = {
            **filled_in,
            "recipient": recipient,
            "ends": f"{words.until} {event or self.in_words(day)}" if day or event else words.no_end,
            "signature": f"{given['signature']}, {self.date_in_words}",
        }
        return Signed(
            **filled_in,
            kind=words.kind,
            recipient=recipient,
            support_person=person,
            revocation=words.part("revocation").says,
            statement=words.part("statement").says,
            expires_on=day,
            expires_event=event,
            signature=given["signature"],
            text=words.with_answers(answers),
            text_version=words.version,
        )

    def in_words(self, day: date | None) -> str:
        with translation.override(self.words.language):
            return date_format(day, DAY_FORMATS[self.words.language]) if day else ""


def spaced(text: str) -> str:
    return " ".join(text.split())


class DollarField(forms.DecimalField):
    """An amount as people write it: "$1,500" and "1500.00" are the same."""

    default_error_messages = {
        "invalid": "Enter an amount in dollars, for example 1,500 or 1500.50.",
        "min_value": "Enter 0 dollars or more.",
        "max_digits": "Enter an amount below 10 million dollars.",
        "max_whole_digits": "Enter an amount below 10 million dollars.",
        "max_decimal_places": "Enter dollars and cents, for example 1500.50.",
    }
    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "is-short", "autocomplete": "off"})

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=2, min_value=0, required=required, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs take it for whole numbers
        if isinstance(value, str):
            value = value.strip().removeprefix("$").strip()
            # A comma parts thousands; "1,50" is more likely a decimal comma, and is asked about.
            if "," in value and not re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", value):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = value.replace(",", "")
        return super().to_python(value)


class PaperForm(forms.ModelForm):
    """What somebody at the payer told us, field by field, each with its own sentences."""

    NEEDED: ClassVar[Mapping[str, str]] = {}
    HINTS: ClassVar[Mapping[str, str]] = {}
    GROUPS: ClassVar[Groups] = ()
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OPEN_AGAIN})
    key = KeyField()

    def prepare(self, field: forms.Field, name: str, label: str) -> None:
        field.label, field.help_text = label, self.HINTS.get(name, "")
        if name in self.NEEDED:
            field.error_messages["required"] = self.NEEDED[name]
        if isinstance(field, forms.CharField):
            field.validators.append(refuse_hidden_characters)
            field.widget.attrs.setdefault("autocomplete", "off")
            if field.max_length:
                field.error_messages["max_length"] = f"Use {field.max_length} characters or fewer."

    @property
    def groups(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    @property
    def told(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for _, names in self.GROUPS for name in names}


class CoverageForm(PaperForm):
    """What the payer said; only who is insured where and who told us must be there."""

    telehealth_covered = YesNoField(widget=forms.Select, unknown="Not known")
    authorization_needed = YesNoField(widget=forms.Select, unknown="Not known")
    carve_out_phone = PhoneField(required=False)
    GROUPS = GROUPS

    class Meta:
        model = Coverage
        fields = tuple(name for _, names in GROUPS for name in names)

    NEEDED = {
        "payer": "Enter the name of the payer.",
        "member_id": "Enter the member ID, as it stands on the card.",
        "told_by": "Enter the name of the person who told you.",
        "told_on": "Enter the day on which you were told.",
        "reference": "Enter the reference number of the call.",
        "check_expires_on": "Enter the day until which this check holds.",
    }
    # Filled in from the check before, except these: somebody has to be asked again.
    ASKED_ANEW = frozenset({"told_by", "told_on", "reference", "check_expires_on"})
    HINTS = {
        "product_type": "For example PPO, HMO, Medicaid",
        "told_by": "The representative of the payer, or the name of the portal",
        "reference": "For a portal, the number of the inquiry",
        "limits": "For example 30 days a year",
        "check_expires_on": "Often the end of the month",
    }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for name, label in LABELS.items():
            if name in MONEY:
                self.fields[name] = DollarField()
            if isinstance(self.fields[name], forms.DateField):
                self.fields[name] = DayField(required=name in self.NEEDED)
            self.prepare(self.fields[name], name, str(label))

    def clean_told_on(self) -> date:
        told: date = self.cleaned_data["told_on"]
        if told > self.today:
            raise ValidationError("That day is still to come. Enter the day on which you were told.")
        return told

    def clean_coinsurance(self) -> int | None:
        percent: int | None = self.cleaned_data["coinsurance"]
        if percent is not None and percent > 100:
            raise ValidationError("Enter a percentage from 0 to 100.")
        return percent

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        told, holds = given.get("told_on"), given.get("check_expires_on")
        if told and holds and holds < told:
            self.add_error("check_expires_on", "A check cannot be over before the day you were told.")
        begins, ends = given.get("effective_on"), given.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "The plan cannot end before it begins.")
        return given
