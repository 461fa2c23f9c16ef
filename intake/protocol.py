"""
The safety protocol as data (DOMAIN 6.2, 6.3): how an alert moves on, by when, and what has to be on record.

Pure. Levels and states are the codes that are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

POSITIVE, ASSESSMENT_DUE, ASSESSED = "positive", "assessment_due", "assessed"
PLAN_IN_PLACE, MONITORING, CLOSED = "plan_in_place", "monitoring", "closed"
# The line of DOMAIN 6.3. The screen itself comes first: an alert exists only once an answer was positive.
LINE: Final = ("screened", POSITIVE, ASSESSMENT_DUE, ASSESSED, PLAN_IN_PLACE, MONITORING, CLOSED)
BEFORE_ASSESSED: Final = frozenset({POSITIVE, ASSESSMENT_DUE})

NEXT_CONTACT: Final = timedelta(hours=72)
# At these the plan is part of the way, and a contact follows; nobody signs before they were assessed.
WITH_PLAN: Final = frozenset({"S2", "S3", "S4"})
BLOCKS_SIGNING: Final = frozenset({"S2", "SU", "S3", "S4", "SV"})
SECOND_PERSON: Final = frozenset({"S3", "S4"})


# The time limits of DOMAIN 6.2, in minutes; what is not here is due on the same day.
MINUTES: Final[Mapping[str, int]] = {"S4": 15, "S3": 15, "SV": 15, "SU": 30}


def due(level: str, at: datetime, zone: ZoneInfo) -> datetime:
    """Say by when somebody has to act on an alert of this level that is raised now."""
    if level in MINUTES:
        return at + timedelta(minutes=MINUTES[level])
    return datetime.combine(at.astimezone(zone).date(), time(23, 59), tzinfo=zone)


class Way(StrEnum):
    """The ways from an alert to its end; the working level chooses."""

    REVIEW = "review"
    PLAN = "plan"
    OTHERS = "others"


Moves = Mapping[str, tuple[str, ...]]

_BEGIN: Final[Moves] = {POSITIVE: (ASSESSED, ASSESSMENT_DUE), ASSESSMENT_DUE: (ASSESSED,), CLOSED: ()}
MOVES: Final[Mapping[Way, Moves]] = {
    Way.REVIEW: {
        **_BEGIN,
        ASSESSED: (CLOSED, PLAN_IN_PLACE, MONITORING),
        PLAN_IN_PLACE: (CLOSED, MONITORING),
        MONITORING: (CLOSED,),
    },
    Way.PLAN: {**_BEGIN, ASSESSED: (PLAN_IN_PLACE,), PLAN_IN_PLACE: (MONITORING,), MONITORING: (CLOSED,)},
    # A plan is about danger to oneself.
    Way.OTHERS: {**_BEGIN, ASSESSED: (MONITORING, CLOSED), PLAN_IN_PLACE: (), MONITORING: (CLOSED,)},
}

# After an assessment a clinician may work at one of these, with a written reason.
WORKING_LEVELS: Final[Mapping[str, tuple[str, ...]]] = {"S3": ("S2", "S1"), "SU": ("S2", "S1")}


def way_of(level: str) -> Way:
    if level == "SV":
        return Way.OTHERS
    return Way.PLAN if level in WITH_PLAN else Way.REVIEW


def next_states(level: str, state: str) -> tuple[str, ...]:
    """Where an alert of this working level may go from here, the usual step first."""
    return MOVES[way_of(level)][state]


def version(state: str, level: str, working_level: str) -> str:
    """What a page has to have shown for a move to be meant: where the alert stood and how urgent it was."""
    return f"{state}.{level}.{working_level}"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that has to be written down."""

    code: str
    label: str
    hint: str = ""


_FORMULATION: Final = (
    Record("formulation", "How you understand the risk", "Thoughts, plan, intent, behavior; what protects the person."),
    Record("level_decision", "Which level of care, and why"),
    Record("consultation", "Whom you consulted"),
)
# What an assessment has to record, by level (DOMAIN 6.2).
RECORDS: Final[Mapping[str, tuple[Record, ...]]] = {
    "S1": (
        Record("review", "What your review found", "Risk and what protects the person."),
        Record("plan_offered", "Safety plan", "Offered and begun, or declined."),
    ),
    "S2": _FORMULATION,
    "SU": (
        Record("attempts", "Attempts to reach the person, and when"),
        Record("review", "What is known now", "If nobody was reached: what the clinic's policy asks for next."),
    ),
    "S3": (
        *_FORMULATION,
        Record("called", "Who was called, and when"),
        Record("observation", "Who stayed with the person"),
        Record("disposition", "Emergency evaluation, or why not"),
        Record("transport", "How the person got there, or home"),
    ),
    "S4": (
        Record("timeline", "What happened, with times"),
        Record("call_reference", "Call to emergency services", "When, and their reference."),
        Record("outcome", "Outcome"),
    ),
    "SV": (
        Record("told", "Who was told what, and when"),
        Record("legal_basis", "Legal basis", "What the law of this state asks for: ask your supervisor."),
    ),
}

_NOTES: Final[Mapping[str, Record]] = {
    ASSESSMENT_DUE: Record("note", "Why a full assessment is due"),
    PLAN_IN_PLACE: Record("note", "How the plan was made", "With whom, and that the person keeps a copy."),
    MONITORING: Record("note", "Who makes the next contact, and how"),
    CLOSED: Record("note", "Why this can be closed", "What lower results say so, and what happens next."),
}


def records_for(level: str, to: str) -> tuple[Record, ...]:
    """What has to be written down when an alert of this level moves to a state."""
    return RECORDS[level] if to == ASSESSED else (_NOTES[to],)


# What to do at once, and by when, in the words of DOMAIN 6.2.
DUTIES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "S1": ("the same day", ("A clinician reviews it in the same visit.", "Offer a brief safety plan.")),
    "S2": (
        "the same day, before the person leaves",
        (
            "A licensed clinician makes a full assessment of the risk.",
            "Make a full safety plan, and talk about means.",
            "Name a contact person, and consider a higher level of care.",
        ),
    ),
    "SU": (
        "within 30 minutes",
        ("Call the person back.", "Then the emergency contact.", "Then a welfare check, as the clinic's policy says."),
    ),
    "S3": (
        "at once, with contact within 15 minutes",
        (
            "Do not leave the person alone.",
            "A licensed clinician is with them now, in person or on video.",
            "Consult your supervisor or a psychiatrist.",
            "Emergency evaluation, or a written reason why not.",
        ),
    ),
    "S4": (
        "at once",
        (
            "Call 911 and say where the person is.",
            "Give naloxone if opioids may be involved.",
            "Keep contact until help is there.",
        ),
    ),
    "SV": (
        "at once",
        ("Call your supervisor now.", "Say what you know of the law on warning others in this state.", "Warn, if it asks for that."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is added to an alert's story without moving it."""

    kind: str
    label: str
    said: str


ENTRIES: Final = (
    Entry("with", "Who is with the person", "Who is with the person"),
    Entry("reached", "Called, and reached them", "Reached the person"),
    Entry("missed", "Called, and did not reach them", "Did not reach the person"),
    Entry("told", "Consulted or told somebody", "Consulted or told somebody"),
    Entry("note", "A note or a correction", "Note"),
)
# How the story names what happened; what moved an alert is named by its state.
SAID: Final[Mapping[str, str]] = {
    "opened": "Alert opened",
    "raised": "More was answered",
    "corrected": "An answer was taken back; a clinician decides what it means",
    "owner": "Now in other hands",
    "level": "Working level set",
    ASSESSMENT_DUE: "Moved to assessment due",
    ASSESSED: "Risk assessed",
    PLAN_IN_PLACE: "Safety plan in place",
    MONITORING: "Monitoring",
    CLOSED: "Closed",
    **{entry.kind: entry.said for entry in ENTRIES},
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody opens an alert by hand."""

    code: str
    kind: str
    level: str
    label: str
    hint: str


REASONS: Final = (
    Reason("worry_by_clinician", "self", "S2", "I am worried about this person", "A full assessment the same day."),
    Reason("session_dropped", "self", "SU", "A remote session dropped", "Call back within 30 minutes."),
    Reason("threat", "others", "SV", "A threat to another person", "Call your supervisor now."),
    Reason("emergency_by_hand", "self", "S4", "An emergency now", "Attempt, overdose, weapon, or cannot stay safe."),
)
