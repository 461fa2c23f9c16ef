"""What supervisors write about the rules: reasons, numbers, documents and vignettes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django import forms

from programs import words
from programs.matching.document import LARGEST
from programs.matching.formats import FAMILY_WORK, FORMATS
from programs.matching.level import STATUSES
from programs.matching.selection import OUTCOMES
from programs.models import Level, Vignette
from programs.rulebook import NumberRow, result_words
from programs.rulewords import number_words

WITHOUT_PRIMARY: Final = [outcome for outcome in OUTCOMES if outcome != "primary"]
WHY: Final = "Say why, in one or two sentences."
GATES: Final = [(gate, f"{gate}: {title}") for gate, title in words.GATES.items()]


class StepForm(forms.Form):
    """One step on the way of a draft: why, and the revision on which it was decided."""

    reason = forms.CharField(
        label="Why?",
        help_text="Kept with the rules, with your name and the time.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": WHY},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class SubmitForm(StepForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "What changed, and why?"
        self.fields["reason"].help_text = "The second person reads this first. It stays with the rules."


class PasswordStepForm(StepForm):
    """A step after which other recommendations are made: whoever takes it proves once more who they are."""

    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Type the password that you sign in with."},
    )


class UploadForm(forms.Form):
    """A document of rules, as a file in UTF-8."""

    file = forms.FileField(
        label="Document",
        help_text="A YAML file of rules. Download one first, change it, and give it here.",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/yaml,text/plain"}),
        error_messages={"required": "Choose a file.", "empty": "That file is empty."},
    )
    reason = forms.CharField(
        label="What is different", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > 4 * LARGEST:  # a character of UTF-8 has at most four bytes
            raise forms.ValidationError(f"That file is too large. Rules have at most {LARGEST} characters.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError("That file is not text in UTF-8. Save it as UTF-8 and try again.") from error
        return text


class NumbersForm(forms.Form):
    """Weights and thresholds, one small field for each."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: Iterable[NumberRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {field_name(row): row for row in rows}
        for name, row in self.rows.items():
            self.fields[name] = number_field(row)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, row in self.rows.items():
            value = given.get(name)
            refusal = row.number.refusal(value) if value is not None else None
            if refusal:
                self.add_error(name, f"{row.where}: {refusal}")
        return given

    def wanted(self) -> dict[str, Decimal]:
        return {row.number.key: self.cleaned_data[name] for name, row in self.rows.items()}


def field_name(row: NumberRow) -> str:
    return "n-" + row.number.key.replace(".", "-")


def number_field(row: NumberRow) -> forms.DecimalField:
    number = row.number
    missing = f"{row.where}: Enter a number from {number.lowest} to {number.highest}."
    return forms.DecimalField(
        label=f"{row.where}: {row.what}",
        initial=number_words(number.value),
        widget=forms.NumberInput(attrs={"min": number.lowest, "max": number.highest, "step": number.step}),
        error_messages={"required": missing, "invalid": missing},
    )


def choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    named = [(code, result_words(code)) for code in codes]
    return [(code, name[:1].upper() + name[1:]) for code, name in named]


def several(label: str, options: list[tuple[str, str]], *, required: bool = False, hint: str = "") -> Any:
    return forms.MultipleChoiceField(
        label=label,
        choices=options,
        required=required,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


class FactsField(forms.JSONField):
    """An input document of the rules, one fact on a line."""

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=1, sort_keys=True) if isinstance(value, dict) else super().prepare_value(value)


class VignetteForm(forms.Form):
    """An invented person and what a clinician expects; several answers can be right."""

    code = forms.SlugField(label="Short code", help_text="For example P16. It never changes.", max_length=20)
    title = forms.CharField(label="Title", max_length=120, error_messages={"required": "Give it a title."})
    narrative = forms.CharField(
        label="Story",
        help_text="An invented person, in a few sentences. Never a real one.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Tell the story in a few sentences."},
    )
    facts = FactsField(
        label="Facts",
        help_text="An input document of the rules, in JSON. Copy one from a similar vignette.",
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        error_messages={
            "required": "Give the facts.",
            "invalid": "This is not JSON. Check brackets, commas and quotes.",
        },
    )
    level = several("Level of care: what is right", choices([*Level.values, *STATUSES]), required=True)
    primary = several("First track: what is right", choices([*words.FAMILIES, *WITHOUT_PRIMARY]), required=True)
    format = several("Format of addiction work", choices(FORMATS), hint="None when no addiction work is expected.")
    family_work = several("Family work", choices(FAMILY_WORK), hint="Counts only with a format.")
    gates_open = several("Checks that have to be open", GATES)
    gates_not_open = several("Checks that must not be open", GATES)
    reasoning = forms.CharField(
        label="Why a clinician expects this", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why this is right."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Why is it added or changed?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": WHY},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = code
        if code:
            del self.fields["code"]

    def best_first(self, field: str) -> dict[str, Any]:
        """What is acceptable, the answer that was preferred before still first."""
        before = self.initial.get(field, [])
        accepted = sorted(
            self.cleaned_data[field], key=lambda code: before.index(code) if code in before else len(before)
        )
        return {"preferred": accepted[0], "acceptable": accepted}

    def clean_facts(self) -> dict[str, Any]:
        facts = self.cleaned_data["facts"]
        if not isinstance(facts, dict):
            raise forms.ValidationError("Give one document: it begins with a curly bracket.")
        return facts

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("format")) != bool(given.get("family_work")):
            self.add_error("family_work", "Say both what format and what family work are right, or neither.")
        both = set(given.get("gates_open", [])) & set(given.get("gates_not_open", []))
        if both:
            self.add_error("gates_not_open", f"{', '.join(sorted(both))} cannot be both open and not open.")
        return given

    def vignette(self) -> Vignette:
        given = self.cleaned_data
        return Vignette(
            code=self.known or given["code"],
            title=given["title"],
            narrative=given["narrative"],
            facts=given["facts"],
            expectation={
                "level": self.best_first("level"),
                "primary": self.best_first("primary"),
                "format": {"primary": given["format"], "family": given["family_work"]} if given["format"] else None,
                "gates_open": given["gates_open"],
                "gates_not_open": given["gates_not_open"],
                "reasoning": given["reasoning"],
            },
            reason=given["reason"],
        )


def as_initial(vignette: Vignette) -> dict[str, Any]:
    """What a form shows of a vignette that is to be changed."""
    expected = vignette.expectation
    return {
        "title": vignette.title,
        "narrative": vignette.narrative,
        "facts": vignette.facts,
        "level": expected["level"]["acceptable"],
        "primary": expected["primary"]["acceptable"],
        "format": vignette.expects("format").get("primary", []),
        "family_work": vignette.expects("format").get("family", []),
        "gates_open": expected["gates_open"],
        "gates_not_open": expected["gates_not_open"],
        "reasoning": expected["reasoning"],
        "seen": vignette.version,
    }
