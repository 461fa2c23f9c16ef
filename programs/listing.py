"""The catalog in words: what a program or a cohort says, what a change says anew. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from programs.models import Block, Cohort, Program

Words = dict[str, str]


def words_of(row: Program | Cohort) -> Words:
    """What a row says, by the name of what it says; the same row says the same each time."""
    return program_words(row) if isinstance(row, Program) else cohort_words(row)


def program_words(program: Program) -> Words:
    oldest = "" if program.age_most is None else str(program.age_most)
    return {
        "Name": program.name,
        "Address of the page": program.slug,
        "Neutral name": program.neutral_name,
        "Track": str(program.track),
        "One sentence": program.sentence,
        "What a week looks like": program.week,
        "Level": program.get_level_display(),
        "Format": program.get_format_display(),
        "Weeks": str(program.weeks),
        "Days a week": str(program.days_per_week),
        "Minutes a day": str(program.session_minutes),
        "Methods": ", ".join(program.modality_names),
        "Evidence note": program.evidence_note,
        "Youngest age": str(program.age_least),
        "Oldest age": oldest,
        "Languages": ", ".join(program.language_names),
        "Online": "yes" if program.telehealth else "no",
        "States": ", ".join(program.states_licensed),
    }


def cohort_words(cohort: Cohort) -> Words:
    return {
        "Program": str(cohort.program),
        "Name": cohort.name,
        "Location": str(cohort.location),
        "Room": "" if cohort.room is None else cohort.room.name,
        "On site or online": cohort.get_delivery_display(),
        "Language": cohort.get_language_display(),
        "Led by": "" if cohort.facilitator is None else str(cohort.facilitator),
        "Beside": ", ".join(sorted(map(str, cohort.co_facilitators.all()))),
        "Fewest people": str(cohort.seats_least),
        "Seats": str(cohort.seats),
        "Entry": cohort.get_entry_display(),
        "Entry dates": ", ".join(day_words(each.on) for each in cohort.entry_dates.all()),
        "Starts": day_words(cohort.starts_on),
        "Day after the last": day_words(cohort.ends_on),
        "Last entry date": day_words(cohort.last_entry_on),
        "Payers": ", ".join(sorted(map(str, cohort.payers.all()))),
        "Ways to pay": ", ".join(cohort.payment_names),
        "Weekly meetings": "; ".join(block_words(block) for block in cohort.blocks.all()),
    }


def day_words(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def block_words(block: Block) -> str:
    kind = block.get_kind_display().lower()
    return f"{block.get_weekday_display()} {block.starts:%H:%M}, {block.minutes} minutes, {block.title} ({kind})"


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What is said otherwise: its name, how it was said, how it is said now."""
    return [(name, before.get(name, ""), now) for name, now in after.items() if before.get(name, "") != now]
