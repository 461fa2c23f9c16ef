"""What a payer allowed, what care is expected to cost, and how it is paid in parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from intake import authorized
from intake.actions.money import Expected, Line, Terms
from intake.costs.cents import CENT, INSTALLMENTS_MOST, needs_disclosure
from intake.costs.scale import HOUSEHOLD_MOST
from intake.forms.fields import NameField
from intake.forms.papers import OPEN_AGAIN, DayField, DollarField, KeyField, PaperForm
from intake.models import Authorization, CareLevel, Estimate, PaymentPlan

LINES: Final = 4
DOLLARS_MOST: Final = Decimal("9999999.99")
NOT_YET: Final = "That day is still to come."


class CountField(forms.IntegerField):
    """A number of things: at least one."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "is-short", "autocomplete": "off"})

    def __init__(self, *, most: int = 9999, required: bool = False, needed: str = "", **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=most, required=required, **kwargs)
        self.error_messages |= {
            "invalid": "Enter a whole number, for example 12.",
            "min_value": "Enter 1 or more.",
            "max_value": f"Enter {most} or fewer.",
            "required": needed,
        }


def choice(
    choices: Iterable[tuple[str, Any]], needed: str, *, one_of_few: bool = False, **over: Any
) -> forms.ChoiceField:
    """One of these, none chosen beforehand."""
    shown = list(choices) if one_of_few else [("", "Choose"), *choices]
    widget = forms.RadioSelect if one_of_few else forms.Select
    messages = {"required": needed, "invalid_choice": needed}
    return forms.ChoiceField(choices=shown, widget=widget, error_messages=messages, **over)


# ---- Authorizations ----


class AuthorizationForm(PaperForm):
    """What a payer was asked and decided; what has to be there depends on the decision."""

    GROUPS = authorized.GROUPS
    LABELS = authorized.LABELS
    NEEDED = {
        "payer": "Enter the name of the payer.",
        "asked_on": "Enter the day on which the payer was asked.",
        "told_by": "Enter the name of the person who told you.",
        "told_on": "Enter the day on which you were told.",
        "reference": "Enter the reference of the call or the letter.",
    }
    HINTS = {
        "codes": "As they are billed, for example S9480 or H0015, with a comma between",
        "number": "As it stands on the letter",
        "last_covered_on": "When the payer covers fewer days than the letter spans",
        "per_week": "When the payer allows only so many in a week",
        "retroactive": "How long afterward this payer can be asked, for example 2 business days",
        "peer_to_peer": "Who spoke with whom, when, and the result. No clinical details.",
        "denial_reason": "In the words of the payer",
        "told_by": "The representative of the payer, or the name of the portal",
    }
    NEEDED_WHEN_GRANTED = {
        "decided_on": "Enter the day of the decision.",
        "number": "Enter the authorization number.",
        "units": "Enter how many are authorized.",
        "starts_on": "Enter the first day that is authorized.",
        "ends_on": "Enter the last day that is authorized.",
    }
    NEEDED_WHEN_DENIED = {
        "decided_on": "Enter the day of the decision.",
        "denial_reason": "Enter the reason the payer gave.",
    }

    level = choice(CareLevel.choices, "Choose the level of care.")
    decision = choice(Authorization.Decision.choices, "Choose what the payer decided.")
    unit = choice(Authorization.Unit.choices, "Choose what the payer counts.")
    units = CountField()
    per_week = CountField(most=168)

    class Meta:
        model = Authorization
        fields = tuple(name for _, names in authorized.GROUPS for name in names)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for name, label in self.LABELS.items():
            if isinstance(self.fields[name], forms.DateField):
                self.fields[name] = DayField(required=name in self.NEEDED)
            self.prepare(self.fields[name], name, str(label))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        match given.get("decision"):
            case Authorization.Decision.APPROVED | Authorization.Decision.PARTIAL:
                self.need(given, self.NEEDED_WHEN_GRANTED)
            case Authorization.Decision.DENIED:
                self.need(given, self.NEEDED_WHEN_DENIED)
        for name in ("asked_on", "decided_on", "told_on"):
            if (day := given.get(name)) and day > self.today:
                self.add_error(name, NOT_YET)
        self.in_order(given, "asked_on", "decided_on", "It cannot be decided before it was asked for.")
        self.in_order(given, "starts_on", "ends_on", "The last day cannot be before the first.")
        self.in_order(given, "starts_on", "last_covered_on", "The last covered day cannot be before the first day.")
        self.in_order(
            given, "last_covered_on", "ends_on", "The last covered day cannot be after the last day.", "last_covered_on"
        )
        self.in_order(given, "appeal_by_on", "second_appeal_by_on", "The second appeal cannot be due before the first.")
        if given.get("last_covered_on") and not (given.get("starts_on") and given.get("ends_on")):
            self.add_error("last_covered_on", "Enter the first day and the last as well.")
        return given

    def need(self, given: Mapping[str, Any], needed: Mapping[str, str]) -> None:
        for name, sentence in needed.items():
            if name not in self.errors and given.get(name) in {None, ""}:
                self.add_error(name, sentence)

    def in_order(self, given: Mapping[str, Any], first: str, then: str, sentence: str, at: str = "") -> None:
        earlier, later = given.get(first), given.get(then)
        if earlier and later and later < earlier and (at or then) not in self.errors:
            self.add_error(at or then, sentence)


# ---- Estimates ----


class EstimateForm(forms.Form):
    """What is expected to be charged; the discount follows from the scale and is not typed."""

    why = choice(Estimate.Why.choices, "Choose why the person gets an estimate.", one_of_few=True, label="Why now")
    since_on = DayField(
        label="On which day",
        help_text="The day it was booked or asked for; the time to give it runs from here",
        error_messages={"required": "Enter the day on which it was booked or asked for."},
    )
    first_on = DayField(required=False, label="First session that was booked")
    level = choice(CareLevel.choices, "Choose the level of care.", label="Level of care")
    household = CountField(most=HOUSEHOLD_MOST, label="People in the household")
    income = DollarField(label="Household income in a year, before taxes")
    income_shown = NameField(
        max_length=200,
        required=False,
        label="What they showed",
        help_text="For example two pay slips, or their own word",
    )
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OPEN_AGAIN})
    key = KeyField()

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for n in range(1, LINES + 1):
            self.fields[f"what_{n}"] = NameField(max_length=120, required=False, label="What")
            self.fields[f"code_{n}"] = NameField(max_length=20, required=False, label="Code")
            self.fields[f"quantity_{n}"] = CountField(most=999, label="How many")
            self.fields[f"price_{n}"] = DollarField(label="Price of one")

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}_{n}"] for name in ("what", "code", "quantity", "price")] for n in range(1, LINES + 1)]

    def clean_since_on(self) -> date:
        day: date = self.cleaned_data["since_on"]
        if day > self.today:
            raise ValidationError(NOT_YET)
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.clean_clock(given)
        self.clean_income_of(given)
        self.clean_lines(given)
        return given

    def clean_clock(self, given: Mapping[str, Any]) -> None:
        first, since = given.get("first_on"), given.get("since_on")
        if given.get("why") == Estimate.Why.BOOKED and not first and "first_on" not in self.errors:
            self.add_error("first_on", "Enter the day of the first session that was booked.")
        elif first and since and first < since:
            self.add_error("first_on", "The first session cannot be before the day it was booked.")

    def clean_income_of(self, given: Mapping[str, Any]) -> None:
        household, income = given.get("household"), given.get("income")
        if household and income is None and "income" not in self.errors:
            self.add_error("income", "Enter the income as well, 0 when there is none, or leave both open.")
        if income is not None and not household and "household" not in self.errors:
            self.add_error("household", "Enter how many people live on this income, or leave both open.")

    def clean_lines(self, given: Mapping[str, Any]) -> None:
        needed = {
            "what": "Say what it is.",
            "quantity": "Enter how many are expected.",
            "price": "Enter the price of one.",
        }
        typed = [
            n
            for n in range(1, LINES + 1)
            if any(self.data.get(f"{name}_{n}", "").strip() for name in (*needed, "code"))
        ]
        for n in typed:
            for name, sentence in needed.items():
                if f"{name}_{n}" not in self.errors and given.get(f"{name}_{n}") in {None, ""}:
                    self.add_error(f"{name}_{n}", sentence)
        if not typed:
            self.add_error("what_1", "Write down at least one thing that is expected to be charged.")
        elif not self.errors and not 0 < sum(line.amount for line in self.expected.lines) <= DOLLARS_MOST:
            self.add_error("price_1", "Together it has to be above 0 and below 10 million dollars.")

    @property
    def expected(self) -> Expected:
        given = self.cleaned_data
        asked = ("why", "since_on", "first_on", "level", "household", "income", "income_shown")
        return Expected(
            **{name: given[name] for name in asked},
            lines=[
                Line(given[f"what_{n}"], given[f"code_{n}"], given[f"quantity_{n}"], given[f"price_{n}"])
                for n in range(1, LINES + 1)
                if given[f"what_{n}"]
            ],
        )


class GivenForm(forms.Form):
    """When and how the person got the estimate in writing."""

    given_on = DayField(label="Given on", error_messages={"required": "Enter the day on which the person got it."})
    given_how = choice(Estimate.Given.choices, "Choose how the person got it.", one_of_few=True, label="How")

    def __init__(self, *args: Any, estimate: Estimate, today: date, written_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.estimate, self.today, self.written_on = estimate, today, written_on

    def clean_given_on(self) -> date:
        day: date = self.cleaned_data["given_on"]
        if day > self.today:
            raise ValidationError(NOT_YET)
        if day < self.written_on:
            raise ValidationError("It cannot be given before it was written.")
        return day


# ---- Payment plans ----


class PlanForm(forms.Form):
    """Paying in parts; the installments follow from it and are not typed."""

    total = DollarField(
        required=True,
        label="Amount to pay in parts",
        error_messages={"required": "Enter the amount that is paid in parts."},
    )
    charge = DollarField(label="Charge for paying in parts", help_text="Leave it open when there is none")
    count = CountField(
        most=INSTALLMENTS_MOST,
        required=True,
        needed="Enter the number of installments.",
        label="Number of installments",
    )
    rhythm = choice(PaymentPlan.Rhythm.choices, "Choose how often they pay.", one_of_few=True, label="How often")
    first_on = DayField(label="First payment on", error_messages={"required": "Enter the day of the first payment."})
    agreed_on = DayField(label="Agreed on", error_messages={"required": "Enter the day on which it was agreed."})
    disclosure = NameField(
        max_length=120,
        required=False,
        label="Credit disclosure",
        help_text="With more than 4 installments or any charge: what was given to the person and when, or who decided that none is needed",
    )
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OPEN_AGAIN})
    key = KeyField()

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_agreed_on(self) -> date:
        day: date = self.cleaned_data["agreed_on"]
        if day > self.today:
            raise ValidationError(NOT_YET)
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        total, count, charge = given.get("total"), given.get("count"), given.get("charge") or Decimal(0)
        first, agreed = given.get("first_on"), given.get("agreed_on")
        if total is not None and total <= 0:
            self.add_error("total", "Enter an amount above 0 dollars.")
        elif total and total + charge > DOLLARS_MOST:
            self.add_error("total", "Enter an amount below 10 million dollars.")
        elif total and count and (total + charge) / CENT < count:
            self.add_error("count", "Each installment is at least one cent. Enter fewer.")
        if first and agreed and first < agreed:
            self.add_error("first_on", "The first payment cannot be before it was agreed.")
        if (
            count
            and needs_disclosure(count, charge)
            and not given.get("disclosure")
            and "disclosure" not in self.errors
        ):
            self.add_error(
                "disclosure",
                "Consumer-credit disclosure rules may apply with more than 4 installments or any charge. "
                "Write down what was given to the person, or who decided that none is needed.",
            )
        return given

    @property
    def terms(self) -> Terms:
        given = self.cleaned_data
        names = ("total", "count", "first_on", "rhythm", "agreed_on", "disclosure")
        return Terms(**{name: given[name] for name in names}, charge=given["charge"] or Decimal(0))
