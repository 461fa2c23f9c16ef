"""Fields that more than one form of this app has: a name, a phone number, words."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

NAME_MAXIMUM = 100
PHONE_DIGITS = 15  # E.164
# Separators that people write; a letter or anything else is a mistake worth a sentence.
PHONE_SEPARATORS = re.compile(r"[\s().\-/]+")


# Direction overrides and isolates: they make one name look like another.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def refuse_hidden_characters(text: str) -> None:
    """Refuse control characters, lone surrogates and direction overrides; other Unicode is fine (ROBUSTNESS 5.1)."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} or character in OVERRIDES for character in text):
        raise ValidationError("Remove hidden characters.", code="hidden")


def refuse_control_characters(text: str) -> None:
    """Refuse what no keyboard types; line ends and tabs are part of a text."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t" for character in text):
        raise ValidationError("Remove hidden characters.", code="hidden")


class NameField(forms.CharField):
    """A name as the person writes it, NFC, at most 100 characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", NAME_MAXIMUM)
        super().__init__(**kwargs)
        self.validators.append(refuse_hidden_characters)
        self.error_messages["max_length"] = f"Use {self.max_length} characters or fewer."

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")


class WordsField(forms.CharField):
    """What a person wants to say, in any language and over several lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(refuse_control_characters)

    def to_python(self, value: Any) -> str:
        # Browsers send a line's end as two characters; the limit counts what the person sees.
        return unicodedata.normalize("NFC", (super().to_python(value) or "").replace("\r\n", "\n"))


class PhoneField(forms.CharField):
    """A phone number, kept as E.164; ten digits are one of the United States."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": "30"})
    default_error_messages = {"phone": "Enter a phone number with 10 digits, for example 312-555-0142."}

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        return self.e164(typed) if typed else ""

    def e164(self, typed: str) -> str:
        digits = PHONE_SEPARATORS.sub("", typed)
        abroad = digits.startswith("+")
        digits = digits.removeprefix("+")
        if not re.fullmatch(r"[0-9]+", digits):
            raise ValidationError(self.error_messages["phone"], code="phone")
        if not abroad and len(digits) == 10:
            digits = "1" + digits
        is_american = digits.startswith("1") and len(digits) == 11
        if not is_american and not (abroad and 8 <= len(digits) <= PHONE_DIGITS):
            raise ValidationError(self.error_messages["phone"], code="phone")
        return "+" + digits


class YesNoField(forms.TypedChoiceField):
    """Yes or no, neither chosen beforehand; None when it may stay open and does, or when `unknown` is chosen."""

    def __init__(self, *, unknown: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.RadioSelect)
        kwargs.setdefault("required", False)
        choices = [*([("", unknown)] if unknown else []), ("yes", "Yes"), ("no", "No")]
        super().__init__(choices=choices, coerce=lambda value: value == "yes", empty_value=None, **kwargs)
