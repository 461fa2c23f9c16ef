"""
The steps of a first contact on the public pages.

What was typed travels with the page, in hidden fields, as it was typed: nothing is kept here and nothing in the
browser before it is sent. So every step is checked again whenever a later one is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.forms.inquiries import (
    InsuranceForm,
    ReachForm,
    VisitorWhoForm,
    WhatForm,
    key_of,
    opened_long_enough,
    opened_now,
)
from intake.models import Inquiry

CHECK: Final = "check"
RETURNS: Final = "from_check"  # the check page asked for this step, and the step goes back there


@dataclass(frozen=True, slots=True)
class Step:
    slug: str
    title: Any  # translated when it is shown
    form: type[forms.Form]


STEPS: Final = (
    Step("who", _("Who needs care?"), VisitorWhoForm),
    Step("reach", _("How to reach you safely"), ReachForm),
    Step("what", _("What is happening?"), WhatForm),
    Step("insurance", _("Insurance"), InsuranceForm),
)
ORDER: Final = (*(step.slug for step in STEPS), CHECK)
BY_SLUG: Final[Mapping[str, Step]] = {step.slug: step for step in STEPS}


class Contact:
    """All that a visitor typed so far, and where it stands."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.form_key = key_of(typed.get("form_key", ""))
        self.typed = {**typed, "form_key": str(self.form_key)}

    @classmethod
    def begun(cls) -> Contact:
        """Before anything was typed."""
        return cls({"opened": opened_now()})

    def renewed(self) -> Contact:
        """The same words with a new note of when the pages were opened."""
        return Contact({**self.typed, "opened": opened_now()})

    @cached_property
    def checked(self) -> dict[str, forms.Form]:
        """Every step's form over what was typed, cleaned."""
        found = {step.slug: step.form(self.typed) for step in STEPS}
        for form in found.values():
            form.full_clean()
        return found

    def first_wrong(self, before: str) -> str | None:
        """The first step before this one that somebody has to mend."""
        earlier = ORDER[: ORDER.index(before)]
        return next((slug for slug in earlier if not self.checked[slug].is_valid()), None)

    def form(self, slug: str) -> forms.Form:
        """The step as it is met, with what was typed in it before and no complaint about it."""
        return BY_SLUG[slug].form(initial=dict(self.typed))

    def carried(self, slug: str) -> Iterator[tuple[str, str]]:
        """The fields of all other steps, as they were typed, for hidden fields; what is not ours is dropped."""
        for step in STEPS:
            if step.slug != slug:
                yield from self._typed_in(step.form.base_fields)
        yield from self._typed_in(("opened", "form_key"))

    def _typed_in(self, names: Any) -> Iterator[tuple[str, str]]:
        return ((name, self.typed[name]) for name in names if name in self.typed)

    @property
    def is_quick(self) -> bool:
        return not opened_long_enough(self.typed.get("opened", ""))

    @property
    def told(self) -> dict[str, Any]:
        """The checked values of all steps; only when none is wrong."""
        given = {name: value for form in self.checked.values() for name, value in form.cleaned_data.items()}
        given.pop("website")
        return given


@dataclass(frozen=True, slots=True)
class Row:
    """One answer on the check page."""

    label: Any
    value: Any
    is_phone: bool


def summary(told: Mapping[str, Any]) -> list[tuple[Step, list[Row]]]:
    """What is about to be sent, step by step in the words of the questions; what was not asked is not there."""
    unasked = {"website"}
    if told["who"] == Inquiry.Who.ME:
        unasked.add("person_name")
    if told["who"] != Inquiry.Who.REFERRAL:
        unasked.add("referrer")
    unasked |= {"phone", "shared_phone"} if not told["phone"] else set()
    unasked |= {"email"} if not told["email"] else set()
    return [
        (
            step,
            [
                Row(field.label, in_words(field, told[name]), is_phone=name == "phone")
                for name, field in step.form.base_fields.items()
                if name not in unasked
            ],
        )
        for step in STEPS
    ]


def in_words(field: forms.Field, value: Any) -> Any:
    if isinstance(field, forms.ChoiceField):
        return dict(field.choices)[value]  # type: ignore[arg-type]
    if isinstance(field, forms.BooleanField):
        return gettext("Yes") if value else gettext("No")
    return value
