"""Finding and registering a person."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Location, Role, User
from accounts.policies import Actor
from intake.actions.contact import Wish
from intake.forms.fields import NameField, PhoneField, YesNoField, refuse_hidden_characters
from intake.forms.inquiries import key_of
from intake.models import EARLIEST_BIRTH, Channel, Inquiry, Language, Patient, SupportPerson
from intake.statements import asked_about

SEARCH_MINIMUM, SEARCH_MAXIMUM = 2, 100


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Find a person",
        help_text="Name, birth date (3/14/1989) or phone number",
        required=False,
        min_length=SEARCH_MINIMUM,
        max_length=SEARCH_MAXIMUM,
        error_messages={
            "min_length": f"Type at least {SEARCH_MINIMUM} characters.",
            "max_length": f"Use {SEARCH_MAXIMUM} characters or fewer.",
        },
        validators=[refuse_hidden_characters],
    )


class MonthDayYear(forms.MultiWidget):
    """Three short number fields, in the order in which birth dates are said."""

    template_name = "intake/widgets/month_day_year.html"
    use_fieldset = True

    def __init__(self) -> None:
        tokens = {"month": "bday-month", "day": "bday-day", "year": "bday-year"}
        super().__init__(
            {
                name: forms.TextInput(
                    attrs={
                        "inputmode": "numeric",
                        "autocomplete": token,
                        "maxlength": 4 if name == "year" else 2,
                        "size": 4 if name == "year" else 2,
                    }
                )
                for name, token in tokens.items()
            }
        )

    def decompress(self, value: date | None) -> list[Any]:
        return [value.month, value.day, value.year] if value else [None, None, None]


class BirthDateField(forms.MultiValueField):
    """A date of birth between 1900 and today; what is wrong is said in one sentence."""

    def __init__(self, **kwargs: Any) -> None:
        parts = tuple(forms.CharField(required=False, max_length=4) for _ in range(3))
        super().__init__(parts, require_all_fields=False, widget=MonthDayYear(), **kwargs)
        self.today: date | None = None

    def compress(self, data_list: list[str]) -> date | None:
        if not any(data_list):
            return None
        if not all(part.isascii() and part.isdigit() for part in data_list):
            raise ValidationError("Enter month, day and year as numbers, for example 3 14 1989.")
        month, day, year = map(int, data_list)
        try:
            born_on = date(year, month, day)
        except ValueError as error:
            raise ValidationError("That day is not in the calendar. Check month, day and year.") from error
        if self.today and born_on > self.today:
            raise ValidationError("That date of birth is in the future. Check the year.")
        if born_on < EARLIEST_BIRTH:
            raise ValidationError("Enter a date of birth from 1900 on, with four digits for the year.")
        return born_on


class PersonForm(forms.ModelForm):
    """What registration asks, and how the person may be reached."""

    first_name = NameField(label="First name", error_messages={"required": "Enter the first name."})
    last_name = NameField(label="Last name", error_messages={"required": "Enter the last name."})
    preferred_name = NameField(label="Preferred name", help_text="What the person wants to be called.", required=False)
    pronouns = NameField(label="Pronouns", max_length=40, required=False)
    born_on = BirthDateField(
        label="Date of birth",
        help_text="Month, day and year, for example 3 14 1989",
        error_messages={"required": "Enter the date of birth."},
    )
    phone = PhoneField(label="Phone number", required=False, help_text="For example 312-555-0142")
    email = forms.EmailField(
        label="Email address",
        required=False,
        max_length=254,
        error_messages={"invalid": "Enter an email address like name@example.com."},
    )
    may_call = YesNoField()
    may_leave_message = forms.BooleanField(required=False)
    may_say_who = forms.BooleanField(required=False)
    may_email = YesNoField()
    clinician = forms.ModelChoiceField(
        User.objects.none(),
        label="Clinician who will see the person",
        error_messages={"required": "Choose who will see the person."},
    )
    inquiry = forms.UUIDField(required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)
    add_writer = forms.BooleanField(required=False)
    writer_relation = forms.ChoiceField(
        label="How they know the person",
        choices=[("", "Choose"), *SupportPerson.Relation.choices],
        required=False,
        error_messages={"invalid_choice": "Choose how they know the person."},
    )

    class Meta:
        model = Patient
        fields = (
            "first_name",
            "last_name",
            "preferred_name",
            "pronouns",
            "born_on",
            "sex_for_clinical_use",
            "language",
            "needs_interpreter",
            "phone",
            "email",
            "location",
        )
        labels = {
            "sex_for_clinical_use": "Sex for clinical use",
            "needs_interpreter": "Needs an interpreter",
            "location": "Location",
        }
        help_texts = {"sex_for_clinical_use": "Only the cut-off of the AUDIT-C reads it."}
        error_messages = {"location": {"required": "Choose the location."}}

    def __init__(self, *args: Any, actor: Actor, today: date, inquiry: Inquiry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_writer(inquiry)
        self.fields["born_on"].today = today  # type: ignore[attr-defined]
        sexes = [("", "Not recorded"), *Patient.Sex.choices]
        self.fields["sex_for_clinical_use"].choices = sexes  # type: ignore[attr-defined]
        self._ask_about_ways()
        self._offer_locations(actor)
        self._offer_clinicians(actor)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(
            Fieldset(
                "<h2>Who</h2>",
                "first_name",
                "last_name",
                "preferred_name",
                "pronouns",
                "born_on",
                "sex_for_clinical_use",
            ),
            Fieldset(
                "<h2>How to reach them</h2>",
                "language",
                "needs_interpreter",
                "phone",
                "may_call",
                "may_leave_message",
                "may_say_who",
                "email",
                "may_email",
            ),
            Fieldset("<h2>Where</h2>", "location", *(["clinician"] if "clinician" in self.fields else [])),
            *([Fieldset("<h2>Who wrote</h2>", "add_writer", "writer_relation")] if "add_writer" in self.fields else []),
            "inquiry",
            "form_key",
            Submit("register", "Register person"),
        )

    def _ask_about_ways(self) -> None:
        """Each question with the very words that are kept with its answer, in the language of the inquiry."""
        call, email = (asked_about(channel, self.asked_in) for channel in (Channel.CALL, Channel.EMAIL))
        for name, asked in (("may_call", call), ("may_email", email)):
            self.fields[name].label, self.fields[name].help_text = asked.asks["wanted"], asked.statement
        self.fields["may_leave_message"].label = call.asks["message"]
        self.fields["may_say_who"].label = call.asks["who"]

    @property
    def asked_in(self) -> str:
        return str(self.initial.get("language") or Language.ENGLISH)

    def _offer_writer(self, inquiry: Inquiry | None) -> None:
        """Whoever wrote for somebody else may stand by them; it takes the coordinator's tick."""
        if inquiry is None or inquiry.who == Inquiry.Who.ME:
            del self.fields["add_writer"], self.fields["writer_relation"]
        else:
            self.fields["add_writer"].label = f"Add {inquiry.name} as a support person"
            self.fields["add_writer"].help_text = "This alone lets nobody see anything: that takes a consent."

    def _offer_locations(self, actor: Actor) -> None:
        field = self.fields["location"]
        field.queryset = Location.objects.filter(staff=actor.user)  # type: ignore[attr-defined]
        only = list(field.queryset[:2])  # type: ignore[attr-defined]
        if len(only) == 1:
            field.initial = only[0]

    def _offer_clinicians(self, actor: Actor) -> None:
        """A clinician who registers is the one; a coordinator names a colleague of their locations."""
        if actor.role == Role.CLINICIAN:
            del self.fields["clinician"]
            return
        colleagues = User.objects.filter(is_active=True, role_assignments__role=Role.CLINICIAN)
        self.fields["clinician"].queryset = (  # type: ignore[attr-defined]
            colleagues.filter(locations__staff=actor.user).distinct().order_by("name")
        )

    def clean_form_key(self) -> UUID:
        return key_of(self.cleaned_data["form_key"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("may_call") and not given.get("phone") and "phone" not in self.errors:
            self.add_error("phone", "Enter the phone number that we may call, or leave the question about calls open.")
        if given.get("may_email") and not given.get("email") and "email" not in self.errors:
            self.add_error("email", "Enter the email address that we may write to, or leave the question open.")
        if given.get("add_writer") and not given.get("writer_relation") and "writer_relation" not in self.errors:
            self.add_error("writer_relation", "Choose how they know the person, or take the tick away.")
        return given

    @property
    def relation_of_writer(self) -> str:
        """How whoever wrote stands to the person; empty when they are not to be added."""
        return self.cleaned_data["writer_relation"] if self.cleaned_data.get("add_writer") else ""

    @property
    def person(self) -> dict[str, Any]:
        """The fields of the patient, checked."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def wishes(self) -> list[Wish]:
        """What was said about calls and emails; a question that was left open is no row."""
        given = self.cleaned_data
        call, email = given["may_call"], given["may_email"]
        call_words = asked_about(Channel.CALL, self.asked_in).text("wanted", "message", "who")
        email_words = asked_about(Channel.EMAIL, self.asked_in).text()
        said = [
            Wish(
                channel=Channel.CALL,
                is_wanted=bool(call),
                may_leave_message=bool(call and given["may_leave_message"]),
                may_say_who=bool(call and given["may_say_who"]),
                statement=call_words,
            ),
            Wish(channel=Channel.EMAIL, is_wanted=bool(email), may_say_who=bool(email), statement=email_words),
        ]
        return [wish for wish, answer in zip(said, (call, email), strict=True) if answer is not None]
