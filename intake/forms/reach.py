"""How a person may be reached, and who stands by them."""

from __future__ import annotations

from typing import Any

from django import forms

from intake.actions.contact import Supporter, Wish
from intake.forms.fields import NameField, PhoneField, YesNoField
from intake.forms.papers import KeyField
from intake.models import Channel, Patient, SupportPerson
from intake.papers import address_of
from intake.statements import asked_about

NO_ADDRESS = {
    Channel.CALL: "There is no phone number on the record. Add it first, or answer No.",
    Channel.TEXT: "There is no phone number on the record. Add it first, or answer No.",
    Channel.EMAIL: "There is no email address on the record. Add it first, or answer No.",
}


class MailField(forms.EmailField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Email address",
            required=False,
            max_length=254,
            error_messages={"invalid": "Enter an email address like name@example.com."},
            **kwargs,
        )


class ContactDataForm(forms.Form):
    phone = PhoneField(label="Phone number", required=False, help_text="For example 312-555-0142")
    email = MailField()


class WishForm(forms.Form):
    """One channel, asked in the words that are kept; nothing is chosen beforehand."""

    wanted = YesNoField(required=True, error_messages={"required": "Choose the answer that the person gave."})
    message = YesNoField()
    who = YesNoField()
    times = NameField(max_length=200, required=False)

    def __init__(self, *args: Any, patient: Patient, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.channel = patient, channel
        self.asked = asked_about(channel, patient.language)
        for name in list(self.fields):
            if name in self.asked.asks:
                self.fields[name].label = self.asked.asks[name]
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("wanted"):
            if self.channel in NO_ADDRESS and not address_of(self.patient, self.channel):
                self.add_error("wanted", NO_ADDRESS[Channel(self.channel)])
            for name in {"message", "who"} & set(self.fields):
                if given.get(name) is None:
                    self.add_error(name, "Choose the answer that the person gave.")
        return given

    @property
    def wish(self) -> Wish:
        given = self.cleaned_data
        wanted = bool(given["wanted"])
        return Wish(
            channel=self.channel,
            is_wanted=wanted,
            statement=self.asked.text(),
            may_leave_message=wanted and bool(given.get("message")),
            may_say_who=wanted and (self.asked.says_who or bool(given.get("who"))),
            best_times=given.get("times", "") if wanted else "",
        )


class SupporterForm(forms.Form):
    name = NameField(label="Name", error_messages={"required": "Enter the name."})
    relation = forms.ChoiceField(
        label="How they are related",
        choices=[("", "Choose"), *SupportPerson.Relation.choices],
        error_messages={"required": "Choose how they are related."},
    )
    phone = PhoneField(label="Phone number", required=False)
    email = MailField()
    is_emergency_contact = forms.BooleanField(label="We may call them in an emergency", required=False)
    key = KeyField()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("is_emergency_contact") and not given.get("phone") and "phone" not in self.errors:
            self.add_error("phone", "Enter the phone number to call in an emergency.")
        return given

    @property
    def supporter(self) -> Supporter:
        return Supporter(**{name: value for name, value in self.cleaned_data.items() if name != "key"})
