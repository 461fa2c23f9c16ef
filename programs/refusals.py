"""What PostgreSQL refuses about the catalog, as sentences that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import DatabaseError

from accounts.db import refusal

MOVED: Final = "Somebody else has moved it meanwhile. Open it again."
SECOND: Final = "Whoever submits something does not publish it. Ask a second administrator."
READ: Final = "It is in review, and what was read is what is published. Take it back to draft to change it."

# By the name of the rule; `detail` is what the rule found.
SENTENCES: Final[Mapping[str, str]] = {
    "program_hours_within_its_level": (
        "This program has {detail}. Change the days a week or the minutes a day, or choose another level."
    ),
    "cohort_hours_within_its_level": "{detail}. Change its weekly meetings, or the level of its program.",
    "block_meets_at_one_time": "Two weekly meetings overlap. Change the time or the length of one of them.",
    "entry_date_within_the_run": "{detail} is not in the run. Choose entry dates from its first day to its last.",
    "cohort_led_by_valid_credentials": "{detail}. Record the renewed one, or choose somebody else to lead.",
    "cohort_keeps_the_seats_that_are_taken": (
        "More seats are taken than would be left. Enter as many as are taken, or free some first."
    ),
    "program_moves_by_its_table": MOVED,
    "cohort_moves_by_its_table": MOVED,
    "program_published_by_a_second_person": SECOND,
    "cohort_published_by_a_second_person": SECOND,
    "program_in_review_is_fixed": READ,
    "cohort_in_review_is_fixed": READ,
}


def sentence_of(error: DatabaseError) -> str | None:
    """The sentence for a refusal that we foresaw; None for any other error."""
    name, detail = refusal(error)
    if name in SENTENCES:
        return SENTENCES[name].format(detail=detail)
    if getattr(error.__cause__, "pgcode", None) == "55P03":  # lock_timeout
        return "Somebody else is changing this just now. Try again."
    return None
