"""Invented sample values for the style guide: every component in its states, and each reference screen once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 11, 19, 30, tzinfo=UTC)
HERE = "#"

# The reference screens of EXPERIENCE 12, each in its own frame: /staff/_styleguide/?screen=intake
SCREENS = {
    "intake": "Instrument page",
    "form": "Self-report item",
    "schedule": "Patient week",
    "recommendation": "Recommendation",
    "hold": "On hold",
    "tasks": "Task list",
    "inquiries": "Inquiries",
    "public": "Public page",
}

HOW_OFTEN = [
    {"value": 0, "label": "Not at all"},
    {"value": 1, "label": "Several days"},
    {"value": 2, "label": "More than half the days"},
    {"value": 3, "label": "Nearly every day"},
]
YES_NO = [{"value": "yes", "label": "Yes", "key": "Y"}, {"value": "no", "label": "No", "key": "N"}]
SKIP = [{"value": "declined", "label": "Prefers not to say", "key": "s"}]
LEVELS = [
    {"value": level, "label": word} for level, word in enumerate(["None", "Mild", "Moderate", "Serious", "Severe"])
]

SAVE_STATES = [
    ("saved", "Saved at 10:42 am"),
    ("saving", "Saving…"),
    ("retrying", "Not saved yet. Trying again."),
    ("offline", "Offline. 3 answers waiting on this page."),
    ("conflict", "Sam O. changed an answer here."),
    ("signed-out", "Signed out. 3 answers waiting. Sign in to save them."),
]


@dataclass(frozen=True, slots=True)
class SampleSession:
    starts_at: datetime
    ends_at: datetime


def session(day: int, hour: int, minute: int, minutes: int) -> SampleSession:
    start = datetime(2026, 3, day, hour, minute, tzinfo=ZONE)
    end = datetime(2026, 3, day, hour + (minute + minutes) // 60, (minute + minutes) % 60, tzinfo=ZONE)
    return SampleSession(start, end)


class SampleForm(forms.Form):
    """Fields of every kind, one of them wrong."""

    name = forms.CharField(label="What should we call you?", help_text="The name you use every day.")
    phone = forms.CharField(label="Phone number", error_messages={"required": "Enter a phone number with 10 digits"})
    best_time = forms.ChoiceField(
        label="Best time to call", required=False, choices=[("am", "Morning"), ("pm", "Afternoon"), ("eve", "Evening")]
    )
    message = forms.CharField(
        label="What is happening, in your words", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    safe = forms.ChoiceField(
        label="Are you safe right now?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes"), ("no", "No"), ("unsure", "Not sure")],
    )
    voicemail = forms.BooleanField(label="You may leave a message at this number", required=False)


def rail() -> list[dict[str, str]]:
    done = ["Arrival and consent", "What brings you here", "Substance use"]
    later = ["Trauma and stress", "Safety", "Health and medicines", "Home, work and supports", "Goals and preferences"]
    current = {"title": "Mood and anxiety", "url": HERE, "state": "current", "sub": "1 of 3: low mood"}
    return [
        *({"title": title, "url": HERE, "state": "done"} for title in done),
        current,
        *({"title": title, "url": HERE, "state": ""} for title in later),
    ]


def tasks() -> dict[str, list[dict[str, str]]]:
    def row(title: str, hint: str, status: str, tone: str, url: str = HERE) -> dict[str, str]:
        return {"title": title, "hint": hint, "status": status, "tone": tone, "url": url}

    return {
        "before": [
            row("Arrival and consent", "Signed by Rosa at 9:52 am", "Completed", "done"),
            row("Questionnaires Rosa filled in at home", "PHQ-9, GAD-7 and 3 more, Mar 10", "Completed", "done"),
        ],
        "with_person": [
            row("Mood and anxiety", "About 5 minutes", "Safety check due", "plum"),
            row("What brings you here", "About 10 minutes", "Completed", "done"),
            row("Substance use", "About 15 minutes", "In progress, 8 of 14", "dusk"),
            row("Trauma and stress", "Rosa may skip any of it", "Ready to start", "action"),
            row("Health and medicines", "", "Ready to start", "action"),
        ],
        "finish": [
            row("Clinician ratings", "Nine areas, 0 to 4", "Ready to start", "action"),
            row("Check answers and sign", "3 sections left first", "Not yet", "", url=""),
        ],
    }


def week() -> list[dict[str, Any]]:
    with_session = {9, 11, 12, 14}
    names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    days = []
    for name, number in zip(names, range(9, 16), strict=True):
        said = [f"{name}, March {number}", *(["today"] if number == NOW.day else [])]
        said.append("1 session" if number in with_session else "no session")
        days.append(
            {
                "letter": name[0],
                "number": number,
                "url": HERE,
                "name": ", ".join(said),
                "today": number == NOW.day,
                "past": number < NOW.day,
                "sessions": number in with_session,
            }
        )
    return days


def recommendation() -> dict[str, Any]:
    def fact(text: str, source: str) -> dict[str, str]:
        return {"text": text, "source": source, "url": HERE}

    return {
        "areas": [
            ("Withdrawal and intoxication", 1, "Mild"),
            ("Physical health", 1, "Mild"),
            ("Mood, thinking and trauma", 3, "Serious"),
            ("Readiness for change", 2, "Moderate"),
            ("Return-to-use risk", 3, "Serious"),
            ("Home and supports", 2, "Moderate"),
        ],
        "toward": [
            fact("Alcohol use disorder, moderate: 5 of 11 criteria", "Substance use, Q12"),
            fact("Low mood in the moderately severe range: PHQ-9 is 17", "Mood, PHQ-9"),
            fact("Works days; asked for evenings", "Goals, Q3"),
        ],
        "against": [fact("Trauma symptoms above cut-off; this track has one trauma group a week", "Trauma, PC-PTSD-5")],
        "toward_second": [fact("4 of 5 trauma screen items", "Trauma, PC-PTSD-5")],
        "against_second": [fact("Meets in the morning; Rosa works days", "Goals, Q3")],
        "changes": [
            "If trauma is the main concern, Trauma and recovery moves to first.",
            "If withdrawal risk rises to moderate, the level of care becomes day program.",
        ],
        "decisions": [
            {"value": "agree", "label": "Agree with track 1", "hint": "Co-occurring recovery, evenings"},
            {"value": "other", "label": "Choose another track", "hint": "Needs a reason"},
            {"value": "wait", "label": "Not ready to decide", "hint": "Ask for more information or a second opinion"},
        ],
    }


def inquiries() -> dict[str, Any]:
    def row(person: str, via: str, chip: str, tone: str, cover: str, waiting: str, step: str) -> list[dict[str, str]]:
        return [
            {"text": person, "small": via, "url": HERE},
            {"label": "Status", "chip": chip, "tone": tone},
            {"label": "Insurance", "text": cover},
            {"label": "Waiting", "text": waiting},
            {"label": "Next step", "text": step, "button_url": HERE, "hidden": person},
        ]

    pills = [("All open", 14), ("New", 4), ("Benefits", 5), ("Ready to book", 3), ("Mine", 6)]
    return {
        "head": ["Person", "Status", "Insurance", "Waiting", "Next step"],
        "pills": [
            {"label": label, "count": count, "url": HERE, "active": not index}
            for index, (label, count) in enumerate(pills)
        ],
        "rows": [
            row("Rosa M.", "Self · phone", "Waiting on intake date", "amber", "Benefits: checked, 20% share", "2 days", "Call back today"),
            row("Andre T.", "Referred by ER", "New", "", "Benefits: not checked", "3 hours", "Book intake"),
            row("Mei L.", "Parent: Lin", "Intake booked Mar 13", "action", "Benefits: covered", "4 days", "Send welcome"),
            row("Jo P.", "Self · web", "Waitlist, 2nd", "dusk", "Waitlist: place opened in Evenings", "11 days", "Offer place"),
        ],
    }  # fmt: skip


def context(theme: str) -> dict[str, Any]:
    """Everything the style guide prints; `theme` is light, dark or empty for the system's."""
    broken = SampleForm({"name": "Rosa"})
    broken.is_valid()
    return {
        "theme": theme if theme in {"light", "dark"} else "",
        "screens": SCREENS,
        "here": HERE,
        "now": NOW,
        "zone": ZONE,
        "how_often": HOW_OFTEN,
        "yes_no": YES_NO,
        "skip": SKIP,
        "levels": LEVELS,
        "form": SampleForm(),
        "broken_form": broken,
        "save_states": SAVE_STATES,
        "rail": rail(),
        "tasks": tasks(),
        "week": week(),
        "today": session(11, 17, 30, 90),
        "tomorrow": session(12, 12, 0, 50),
        "past": session(9, 17, 30, 90),
        "rec": recommendation(),
        "inquiries": inquiries(),
        "summary": [
            {"id": "q1", "label": "Last drink", "value": "Two days ago", "url": HERE},
            {"id": "q2", "label": "Usual amount", "value": "", "url": HERE},
            {"id": "q3", "label": "Other drugs", "value": "Prefers not to say", "url": HERE, "missing": True},
        ],
    }
