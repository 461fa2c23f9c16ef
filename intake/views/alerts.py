"""The safety panels of an intake (EXPERIENCE 5.8): what an answer asks for at once, and its bar on later pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import timezone

from intake import protocol
from intake.alarms import is_withdrawal_risk
from intake.instruments import value_of
from intake.models import SafetyEvent
from intake.safety import emergency_contact
from intake.sections import BY_SLUG, SAFETY, TRIGGER
from intake.sitting import Sitting, Step

if TYPE_CHECKING:
    from intake.views.flow import Opened

WITHDRAWAL: Final = ("substance", "withdrawal_risk_history")
CLEARANCE: Final = ("clearances", "cleared_withdrawal")


@dataclass(frozen=True, slots=True)
class Words:
    """One row of the table: `say` is for the person who is present; actions are (label, where it leads)."""

    heading: str
    text: str
    actions: tuple[tuple[str, str], ...]
    say: str = ""
    timed: bool = False
    bar: str = ""  # the heading of the bar on later pages, where it differs


TABLE: Final[Mapping[str, Words]] = {
    "emergency": Words(
        "Call 911 now",
        "Say where {name} is, and keep contact until help is there. Give naloxone if opioids may be involved.",
        (("Record who is with the person", "with"), ("Record the emergency steps", "assess")),
        "I am calling for help now, and I stay with you until it is here.",
        timed=True,
    ),
    "high": Words(
        "Do not leave this person alone",
        "A licensed clinician needs to be with {name} now. Call your supervisor.",
        (("Record who is with the person", "with"), ("Start emergency steps", "emergency")),
        "Thank you for telling me. I do not want you to be alone with this. Somebody stays with you while we decide "
        "together what happens next.",
        timed=True,
    ),
    "others": Words(
        "Talk to your supervisor now",
        "State rules about warning others may apply.",
        (("Record consultation", "told"),),
        "What you have told me is serious. I need to talk with my supervisor about it now, and I will tell you what we do.",
    ),
    "item9": Words(
        "This answer needs a safety check before you finish",
        "{name} reported thoughts of being better off dead or of self-harm. Stay with the person and ask the safety "
        "questions now. You can return to this page afterwards.",
        (("Start safety questions", "questions"), ("Refused or cannot be asked", "refused")),
        "Thank you for telling me. I would like to ask you a few more questions about that now, so that we can keep you "
        "safe.",
        bar="A safety check is due before you finish",
    ),
    "dropped": Words(
        "Call back now",
        "{name}'s number: {phone}. Emergency contact: {contact}.",
        (("Record call attempt", "missed"),),
    ),
    "unknown": Words(
        "It is not known whether this person is safe",
        "A question about suicide was left open. Speak with {name} within 30 minutes, and write down what you tried.",
        (("Record what you tried", "missed"), ("Record the assessment", "assess")),
        "It is all right not to answer now. I will come back to it today, because your safety matters to me.",
    ),
    "moderate": Words(
        "A risk assessment is due before this person leaves",
        "A full assessment by a licensed clinician, a safety plan, and a talk about means.",
        (("Record the assessment", "assess"), ("Write a safety plan", "plan")),
        "I would like to understand this better with you, and to write down together what helps when it gets hard.",
    ),
    "withdrawal": Words(
        "A medical check comes first",
        "A risk history for withdrawal and recent heavy use. A prescriber or nurse needs to see {name} before a "
        "recommendation.",
        (("Ask for clearance", "team"), ("Record clearance", "clearance")),
        "Stopping suddenly can be dangerous for your body. Before we plan anything, somebody from the medical team looks "
        "at that with you.",
    ),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of this page: below the question `at`, or without one a bar on top."""

    key: str
    heading: str
    text: str
    say: str
    actions: tuple[tuple[str, str], ...]
    at: str = ""
    opened_at: datetime | None = None
    now: datetime | None = None


def panels(opened: Opened, step: Step | None = None) -> list[Panel]:
    """What is open now, the most urgent first; `step` is the page that is drawn."""
    found = {key: event for event in opened.alerts for key in _keys_of(event)}
    keys: dict[str, SafetyEvent | None] = {**found}
    if opened.sitting.is_safety_due:
        # The questions come before the assessment that they are part of.
        keys.pop("moderate", None)
        if step is None or step.section.slug != SAFETY:
            keys["item9"] = None
    if needs_medical_check(opened.sitting):
        keys["withdrawal"] = None
    return [_panel(opened, step, key, keys[key]) for key in TABLE if key in keys]


def bars(opened: Opened, step: Step | None = None) -> list[Panel]:
    """Those that no question of this page has caused."""
    return [panel for panel in panels(opened, step) if not panel.at]


def needs_medical_check(sitting: Sitting) -> bool:
    """Signs of a dangerous withdrawal, and no clearance on record."""
    code, item = CLEARANCE
    return is_withdrawal_risk(sitting.answers("substance")) and not value_of(sitting.answers(code).get(item))


def item_of(trigger: str, codes: Collection[str]) -> str:
    """The question of this page that set an alert off; empty when it stands on another page."""
    code = trigger.removesuffix("_open")
    if code not in codes and trigger.startswith("emergency_") and "emergency_signs" in codes:
        return "emergency_signs"
    return code if code in codes else ""


def _keys_of(event: SafetyEvent) -> Iterator[str]:
    """The rows of the table that an open alert stands for, until its risk is assessed."""
    if event.state not in protocol.BEFORE_ASSESSED:
        return
    level = event.in_force
    if level == "SU":
        yield "dropped" if "session_dropped" in event.triggers else "unknown"
    elif level in BY_LEVEL:
        yield BY_LEVEL[level]


BY_LEVEL: Final = {"S4": "emergency", "S3": "high", "SV": "others", "S2": "moderate"}


def _panel(opened: Opened, step: Step | None, key: str, event: SafetyEvent | None) -> Panel:
    words = TABLE[key]
    at = _place(step, key, event)
    filled = {"name": opened.patient.called, "phone": opened.patient.phone or "not known", "contact": ""}
    if key == "dropped":
        contact = emergency_contact(opened.patient)
        filled["contact"] = f"{contact.name}, {contact.phone}" if contact else "none on record"
    return Panel(
        key,
        words.heading if at or not words.bar else words.bar,
        words.text.format(**filled),
        words.say,
        tuple((label, LEADS_TO[where](opened, event)) for label, where in words.actions),
        at,
        event.opened_at if event and words.timed else None,
        timezone.now(),
    )


def _place(step: Step | None, key: str, event: SafetyEvent | None) -> str:
    """The last question of this page that caused it."""
    if step is None or step.page is None:
        return ""
    codes = [item.code for item in step.page.items]
    if key == "item9":
        return TRIGGER[1] if step.code == TRIGGER[0] and TRIGGER[1] in codes else ""
    if key == "withdrawal":
        return WITHDRAWAL[1] if step.code == WITHDRAWAL[0] and WITHDRAWAL[1] in codes else ""
    places = {item_of(trigger, codes) for trigger in event.triggers} if event else set()
    return next((code for code in reversed(codes) if code in places), "")


# ---- Where the buttons lead ----


def _event_url(opened: Opened, event: SafetyEvent | None, more: str = "") -> str:
    assert event is not None  # noqa: S101 - only rows of alerts lead there
    return reverse("intake:safety_event", args=[opened.patient.public_id, event.public_id]) + more


def _item_url(opened: Opened, code: str, item: str) -> str:
    return f"{opened.step_url(opened.sitting.step_of(code, item))}#slot_{item}"


def _record_url(opened: Opened, name: str, more: str = "") -> str:
    return reverse(name, args=[opened.patient.public_id]) + more


LEADS_TO: Final[Mapping[str, Callable[[Opened, SafetyEvent | None], str]]] = {
    "questions": lambda opened, _event: opened.step_url(opened.sitting.open_items(BY_SLUG[SAFETY])[0][0]),
    "refused": lambda opened, _event: opened.step_url(opened.sitting.step_of(SAFETY, "cssrs_q1")),
    "with": lambda opened, event: _event_url(opened, event, "?kind=with#add"),
    "told": lambda opened, event: _event_url(opened, event, "?kind=told#add"),
    "missed": lambda opened, event: _event_url(opened, event, "?kind=missed#add"),
    "assess": lambda opened, event: _event_url(opened, event, "#assessed"),
    "emergency": lambda opened, _event: _record_url(opened, "intake:person_safety", "?reason=emergency_by_hand#open"),
    "plan": lambda opened, _event: _record_url(opened, "intake:write_plan"),
    "team": lambda opened, _event: _record_url(opened, "scheduling:person", "#team"),
    "clearance": lambda opened, _event: _item_url(opened, *CLEARANCE),
}
