"""
The environment, read once, typed, and failing with advice.

`iop.settings` is the only reader; everything else takes `django.conf.settings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

from iop.staffed import Staffed, read_spans

SECRET_MINIMUM = 50
ALIAS_MAXIMUM = 20  # a text message must stay in one segment (EXPERIENCE 10.2)
PHONE_MAXIMUM = 14


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """One way to get help at once; `tel` and `sms` are what the links dial."""

    name: str
    words: str
    tel: str
    sms: str = ""
    chat: str = ""
    shown: str = ""  # the number as people write it


@dataclass(frozen=True, slots=True)
class Clinic:
    """What the clinic calls itself and how it is reached; nothing here reveals what it treats."""

    name: str
    phone: str
    hours: str
    first_weekday: int  # 0 is Monday
    zone: ZoneInfo  # the clock of what we promise, such as when we call back
    crisis_lines: tuple[CrisisLine, ...]
    crisis_text: str  # what people do here in an emergency out of hours; empty until the clinic has written it
    staffed: tuple[Staffed, ...]  # `hours`, for a program
    hold_hours: int = 72  # how long a place is held for somebody
    offer_hours: int = 48  # how long a freed place is offered to somebody who waits

    def is_staffed(self, at: datetime) -> bool:
        """Say whether somebody is there at this instant, by the clinic's own clock."""
        local = at.astimezone(self.zone)
        return any(span.covers(local.weekday(), local.time()) for span in self.staffed)

    @property
    def tel(self) -> str:
        """The phone number as a `tel:` link dials it."""
        return "+1" + "".join(character for character in self.phone if character.isdigit())


# The national numbers (DOMAIN 6.5). A clinic elsewhere replaces the tuple in its settings.
CRISIS_LINES = (
    CrisisLine(
        name="988 Suicide & Crisis Lifeline",
        words="Call, text or chat, day and night. Press 1 for the Veterans Crisis Line, 2 for Spanish.",
        tel="988",
        shown="988",
        sms="988",
        chat="https://988lifeline.org/chat/",
    ),
    CrisisLine(name="911", words="Someone is in danger right now.", tel="911", shown="911"),
    CrisisLine(
        name="Poison Help",
        words="Someone took too much of something, or the wrong thing. Day and night.",
        tel="18002221222",
        shown="1-800-222-1222",
    ),
)

# Of the demo clinic. What a real clinic does in an emergency only that clinic can write.
DEMO_CRISIS_TEXT = (
    "When we are closed: call or text 988 to talk with somebody at once. In danger, call 911 or go to the nearest "
    "emergency room. Leave us a message too, and we call you back on the next morning."
)


@dataclass(frozen=True, slots=True)
class Environment:
    """The typed view of the process environment."""

    values: Mapping[str, str]

    def text(self, name: str, default: str | None = None, *, advice: str = "") -> str:
        found = self.values.get(name, "")
        if found:
            return found
        if default is None:
            raise ImproperlyConfigured(f"{name} is missing. {advice or 'Set it for the service.'}")
        return default

    def flag(self, name: str, *, default: bool = False) -> bool:
        found = self.values.get(name, "").strip().lower()
        if found in {"", "1", "0", "true", "false", "yes", "no"}:
            return default if not found else found in {"1", "true", "yes"}
        raise ImproperlyConfigured(f"{name} is {found!r}. Write 1 or 0.")

    def number(self, name: str, default: int) -> int:
        found = self.values.get(name, "")
        if not found:
            return default
        if not found.isdigit():
            raise ImproperlyConfigured(f"{name} is {found!r}. Write a whole number.")
        return int(found)

    def hours(self, name: str, default: int) -> int:
        found = self.number(name, default)
        if not found:
            raise ImproperlyConfigured(f"{name} is 0. Write 1 or more hours.")
        return found

    def zone(self, name: str, default: str) -> ZoneInfo:
        found = self.text(name, default)
        try:
            return ZoneInfo(found)
        except (KeyError, ValueError, OSError) as error:
            raise ImproperlyConfigured(f"{name} is {found!r}. Write a time zone such as {default}.") from error

    def names(self, name: str, default: str) -> list[str]:
        return [part.strip() for part in self.values.get(name, default).split(",") if part.strip()]

    def secret(self, *, debug: bool) -> str:
        """The signing key: long and its own in production, a fixed one for development only."""
        found = self.values.get("SECRET_KEY", "")
        if debug:
            return found or "development-only-key-" + "x" * SECRET_MINIMUM
        if len(found) < SECRET_MINIMUM or found.startswith("development-only"):
            raise ImproperlyConfigured(
                f"SECRET_KEY must have at least {SECRET_MINIMUM} characters of its own. Make one with: "
                "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
            )
        return found

    def hosts(self, *, debug: bool) -> list[str]:
        found = self.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if debug else "")
        if not debug and (not found or "*" in found):
            raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts this service answers for, without *.")
        return found

    def staffed(self, name: str, default: str) -> tuple[Staffed, ...]:
        found = self.text(name, default)
        try:
            return read_spans(found)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} is {found!r}. Write it like {default}, more spans after a comma; a span ends on the day on which "
                "it begins, at 24:00 at the latest."
            ) from error

    def clinic(self, *, debug: bool = False) -> Clinic:
        name = self.text("CLINIC_NAME", "Oak Street Clinic")
        phone = self.text("CLINIC_PHONE", "312-555-0142")
        if len(name) > ALIAS_MAXIMUM or len(phone) > PHONE_MAXIMUM:
            raise ImproperlyConfigured(
                f"CLINIC_NAME may have {ALIAS_MAXIMUM} characters and CLINIC_PHONE {PHONE_MAXIMUM}, "
                "so that a text message stays in one segment."
            )
        return Clinic(
            name=name,
            phone=phone,
            hours=self.text("CLINIC_HOURS", "Monday to Friday, 8 am to 8 pm"),
            first_weekday=self.number("CLINIC_FIRST_WEEKDAY", 0),
            zone=self.zone("CLINIC_ZONE", "America/Chicago"),
            crisis_lines=CRISIS_LINES,
            crisis_text=self.text("CLINIC_CRISIS_TEXT", DEMO_CRISIS_TEXT if debug else ""),
            staffed=self.staffed("CLINIC_STAFFED", "mon-fri 08:00-20:00"),
            hold_hours=self.hours("CLINIC_HOLD_HOURS", 72),
            offer_hours=self.hours("CLINIC_OFFER_HOURS", 48),
        )
