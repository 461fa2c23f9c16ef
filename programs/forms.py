"""What clinicians record over a recommendation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from programs.actions import Chosen
from programs.models import Decision, Level, TrackCode

AGREE = "agree:"
HINTS = {
    Decision.Choice.OTHER_TRACK: "Needs a reason",
    Decision.Choice.OTHER_LEVEL: "Needs a reason",
    Decision.Choice.REFERRAL: "Say where to, and why",
    Decision.Choice.NOT_READY: "Ask for more information or a second opinion",
}

NOTHING_PROPOSED: dict[str, str] = {
    Decision.Choice.OTHER_TRACK: "Choose a track",
    Decision.Choice.OTHER_LEVEL: "Choose a level of care",
}


class DecisionForm(forms.Form):
    """
    One choice, none of them chosen beforehand; all but agreeing need a reason and a sentence.

    `proposed` are the tracks one can agree with: each becomes a choice of its own; where there is none, a referral is a
    choice. While checks are open (`on_hold`) no track can be chosen.
    """

    choice = forms.ChoiceField(
        label="Your decision", widget=forms.RadioSelect, error_messages={"required": "Choose what you decide."}
    )
    track = forms.ChoiceField(label="Which track", required=False, choices=[("", "Choose"), *TrackCode.choices])
    level = forms.ChoiceField(label="Which level of care", required=False, choices=[("", "Choose"), *Level.choices])
    reason_code = forms.ChoiceField(label="Reason", required=False, choices=[("", "Choose"), *Decision.Reason.choices])
    reason = forms.CharField(
        label="Why?",
        help_text="Saved with the record. One or two sentences.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, proposed: list[tuple[str, str]], on_hold: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreeing = [(f"{AGREE}{code}", f"Agree with {name}") for code, name in proposed]
        without = {
            Decision.Choice.AGREE,
            Decision.Choice.OTHER_TRACK if on_hold else "",
            *([Decision.Choice.REFERRAL] if proposed else []),
        }
        others = [choice for choice in Decision.Choice.choices if choice[0] not in without]
        if not proposed:
            others = [(value, NOTHING_PROPOSED.get(value, label)) for value, label in others]
        self.fields["choice"].choices = [*agreeing, *others]  # type: ignore[attr-defined]

    def options(self) -> list[dict[str, Any]]:
        """The choices as cards, each with what it asks for."""
        chosen = self["choice"].value()
        return [
            {"value": value, "label": label, "hint": HINTS.get(value, ""), "checked": value == chosen}
            for value, label in self.fields["choice"].choices  # type: ignore[attr-defined]
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        choice = given.get("choice", "")
        if choice and not choice.startswith(AGREE):
            self.need(given, "reason_code", "Choose a reason.")
            self.need(given, "reason", "Say why, in one or two sentences.")
        if choice == Decision.Choice.OTHER_TRACK:
            self.need(given, "track", "Choose the track.")
        if choice == Decision.Choice.OTHER_LEVEL:
            self.need(given, "level", "Choose the level of care.")
        return given

    def need(self, given: dict[str, Any], field: str, sentence: str) -> None:
        if not given.get(field) and field not in self.errors:
            self.add_error(field, sentence)

    def chosen(self) -> Chosen:
        """What was decided, with only the fields that belong to the choice."""
        given = self.cleaned_data
        if given["choice"].startswith(AGREE):
            return Chosen(choice=Decision.Choice.AGREE, track=given["choice"].removeprefix(AGREE))
        return Chosen(
            choice=given["choice"],
            track=given["track"] if given["choice"] == Decision.Choice.OTHER_TRACK else "",
            level=given["level"] if given["choice"] == Decision.Choice.OTHER_LEVEL else "",
            reason_code=given["reason_code"],
            reason=given["reason"],
        )


class ClearanceForm(forms.Form):
    """A check that was done: when, and what was found."""

    done_on = forms.DateField(
        label="When was it done",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Enter the day of the check.", "invalid": "Enter a day such as 2026-03-12."},
    )
    note = forms.CharField(
        label="What was found, and by whom",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what was found, and who did the check."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"done_on": today})
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_done_on(self) -> date:
        day: date = self.cleaned_data["done_on"]
        if day > self.today:
            raise forms.ValidationError("The check cannot be later than today.")
        return day
