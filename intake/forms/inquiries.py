"""A first contact: what each step asks, and the guards that keep machines out without a puzzle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from intake.forms.fields import NameField, PhoneField, WordsField
from intake.models import Inquiry, Language

OPENED_SALT = "intake.contact.opened"
FASTEST = timedelta(seconds=3)  # nobody reads and fills the pages in less
WORDS_MAXIMUM = 5000
INSURANCE_MAXIMUM = 300
NOTE_MAXIMUM = 500
NOT_OFFERED = _("Choose one of the answers.")


class WhoForm(forms.Form):
    who = forms.ChoiceField(
        label=_("Who is it for?"),
        choices=[
            (Inquiry.Who.ME, _("Me")),
            (Inquiry.Who.SOMEONE, _("Someone I care for")),
            (Inquiry.Who.REFERRAL, _("A person I refer")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say who it is for."), "invalid_choice": NOT_OFFERED},
    )
    name = NameField(
        label=_("Your name"),
        help_text=_("A first name is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write a name, so that we know whom to ask for.")},
    )
    person_name = NameField(
        label=_("Name of the person who needs care"),
        help_text=_("When it is not you. You can also tell us on the phone."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    referrer = NameField(
        label=_("Where do you work?"),
        help_text=_("When you refer somebody: the clinic, hospital or office."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def clean(self) -> dict[str, Any]:
        """What the chosen answer does not ask for is left out: the page shows it to nobody who chose so."""
        given: dict[str, Any] = super().clean() or {}
        who = given.get("who")
        if who == Inquiry.Who.ME:
            given["person_name"] = ""
            self.errors.pop("person_name", None)
        if who in {Inquiry.Who.ME, Inquiry.Who.SOMEONE}:
            given["referrer"] = ""
            self.errors.pop("referrer", None)
        elif who and not given.get("referrer") and "referrer" not in self.errors:
            self.add_error("referrer", _("Say where you work, so that we know who refers."))
        return given


class ReachForm(forms.Form):
    reach_by = forms.ChoiceField(
        label=_("How shall we reach you?"),
        choices=Inquiry.Reach.choices,
        initial=Inquiry.Reach.PHONE,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a phone call or an email."), "invalid_choice": NOT_OFFERED},
    )
    phone = PhoneField(
        label=_("Phone number"), error_messages={"required": _("Write the phone number that we may call.")}
    )
    shared_phone = forms.BooleanField(label=_("Other people may answer this phone"), required=False)
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("Best is one that only you read."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write the email address that we may answer."),
            "invalid": _("Write an email address like name@example.com."),
            "max_length": _("Use 254 characters or fewer."),
        },
    )
    may_leave_message = forms.BooleanField(label=_("You may leave a message"), required=False)
    may_say_who = forms.BooleanField(label=_("You may say who is calling"), required=False)
    language = forms.ChoiceField(
        label=_("Which language shall we talk in?"),
        choices=[(Language.ENGLISH, "English"), (Language.SPANISH, "Español")],
        initial=Language.ENGLISH,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a language."), "invalid_choice": NOT_OFFERED},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only the way that was chosen must be there; the other one says "(optional)".
        by = self["reach_by"].value()
        self.fields["phone"].required = by == Inquiry.Reach.PHONE
        self.fields["email"].required = by == Inquiry.Reach.EMAIL

    @property
    def safe_ways(self) -> list[forms.BoundField]:
        """The ticks that stand together under one question."""
        return [self[name] for name in ("may_leave_message", "may_say_who")]


class WhatForm(forms.Form):
    words = WordsField(
        label=_("Tell us in your words"),
        help_text=_("A sentence or two helps us prepare. You can also wait and tell us on the phone."),
        required=False,
        max_length=WORDS_MAXIMUM,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Use 5,000 characters or fewer. You wrote %(show_value)d.")},
    )
    safe_now = forms.ChoiceField(
        label=_("Are you, or is the person, safe right now?"),
        choices=Inquiry.Safe.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Tell us whether you are safe right now."), "invalid_choice": NOT_OFFERED},
    )


class InsuranceForm(forms.Form):
    insurance = WordsField(
        label=_("Which insurance is it?"),
        help_text=_("The name on the card, or “none”, or “not sure”. You can skip this."),
        required=False,
        max_length=INSURANCE_MAXIMUM,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Use 300 characters or fewer.")},
    )


class InquiryForm(InsuranceForm, WhatForm, ReachForm, WhoForm):
    """All steps on one page, for a coordinator who notes a call."""

    form_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_form_key(self) -> UUID:
        return key_of(self.cleaned_data["form_key"])


class VisitorWhoForm(WhoForm):
    """The first step of the public pages, with a field that people do not see."""

    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        # Never dropped in silence: a browser may have filled it in for somebody who needs an answer.
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Empty this field and send again. It keeps machines out."))
        return ""


class TriageForm(forms.Form):
    """What the coordinator thinks of it; each choice is a button."""

    triage = forms.ChoiceField(
        choices=Inquiry.Triage.choices,
        error_messages={"required": "Choose how soon to call.", "invalid_choice": "Choose how soon to call."},
    )
    note = WordsField(
        label=_("Note for colleagues"),
        required=False,
        max_length=NOTE_MAXIMUM,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Use 500 characters or fewer. You wrote %(show_value)d.")},
    )


def key_of(typed: str) -> UUID:
    """The key that a form carries; one that is not ours makes this a message of its own."""
    try:
        return UUID(typed)
    except ValueError:
        return uuid4()


def opened_now() -> str:
    """A signed note of this moment, for the hidden field."""
    return signing.TimestampSigner(salt=OPENED_SALT).sign("contact")


def opened_long_enough(note: str) -> bool:
    """True when the page was opened at least three seconds ago; a note that is not ours proves nothing."""
    signer = signing.TimestampSigner(salt=OPENED_SALT)
    try:
        signer.unsign(note)
    except signing.BadSignature:
        return False
    try:
        signer.unsign(note, max_age=FASTEST)
    except signing.SignatureExpired:
        return True
    return False
