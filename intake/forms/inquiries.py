"""A first contact: what the public page asks, and the guards that keep machines out without a puzzle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from intake.forms.fields import NameField, PhoneField
from intake.models import Inquiry, Language

OPENED_SALT = "intake.contact.opened"
FASTEST = timedelta(seconds=3)  # nobody reads and fills the page in less
WORDS_MAXIMUM = 5000
INSURANCE_MAXIMUM = 300


class InquiryForm(forms.Form):
    """The questions, in the order of the page; `groups` says which stand together."""

    who = forms.ChoiceField(
        label=_("Who is it for?"),
        choices=[
            (Inquiry.Who.ME, _("Me")),
            (Inquiry.Who.SOMEONE, _("Someone I care for")),
            (Inquiry.Who.REFERRAL, _("A person I refer")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say who it is for.")},
    )
    name = NameField(
        label=_("Your name"),
        help_text=_("A first name is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write a name, so that we know whom to ask for.")},
    )
    language = forms.ChoiceField(
        label=_("Which language shall we talk in?"),
        choices=[(Language.ENGLISH, "English"), (Language.SPANISH, "Español")],
        initial=Language.ENGLISH,
        widget=forms.RadioSelect,
    )
    reach_by = forms.ChoiceField(
        label=_("How shall we reach you?"),
        choices=Inquiry.Reach.choices,
        initial=Inquiry.Reach.PHONE,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a phone call or an email.")},
    )
    phone = PhoneField(
        label=_("Phone number"), error_messages={"required": _("Write the phone number that we may call.")}
    )
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write the email address that we may answer."),
            "invalid": _("Write an email address like name@example.com."),
        },
    )
    shared_phone = forms.BooleanField(label=_("Other people answer this phone or read this email"), required=False)
    may_leave_message = forms.BooleanField(label=_("You may leave a message"), required=False)
    may_say_who = forms.BooleanField(label=_("You may say who is calling"), required=False)
    words = forms.CharField(
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
        error_messages={"required": _("Tell us whether you are safe right now.")},
    )
    insurance = forms.CharField(
        label=_("Which insurance is it?"),
        help_text=_("The name on the card, or “none”, or “not sure”. You can skip this."),
        required=False,
        max_length=INSURANCE_MAXIMUM,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Use 300 characters or fewer.")},
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
        return [self[name] for name in ("may_leave_message", "may_say_who", "shared_phone")]


class ContactForm(InquiryForm):
    """The same for visitors: a field that people do not see, and the moment the page was opened, signed."""

    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_website(self) -> str:
        # Never dropped in silence: a browser may have filled it in for somebody who needs an answer.
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Empty this field and send again. It keeps machines out."))
        return ""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        given.pop("website", None)
        quick = not opened_long_enough(given.pop("opened", ""))
        if quick and not self.errors:  # whoever has something to mend sends it again anyway
            raise forms.ValidationError(_("That was very quick. Look over what you wrote and send it again."))
        return given


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
