"""
When things happen: a weekly pattern on the clinic's wall clock becomes exact instants.

Pure Python: no framework, no other app, no reading of the clock.
"""

from scheduling.timetable.pattern import Block, Occurrence, Run, occurrences, weekly_hours
from scheduling.timetable.reminders import (
    DAYTIME,
    Daytime,
    Reminder,
    ReminderKind,
    next_allowed,
    reminder_times,
)
from scheduling.timetable.wall import Instant, instant

__all__ = [
    "DAYTIME",
    "Block",
    "Daytime",
    "Instant",
    "Occurrence",
    "Reminder",
    "ReminderKind",
    "Run",
    "instant",
    "next_allowed",
    "occurrences",
    "reminder_times",
    "weekly_hours",
]
