"""
Whose an answer is, how old it is, and who is at work beside one.

All of it is read from the entries themselves: nobody signs in to a page, and nothing is asked again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format

from intake.models import Patient
from intake.sections import Section
from intake.sitting import Sitting

PRESENT: Final = timedelta(minutes=10)
AGED: Final = timedelta(days=14)

Entry = Mapping[str, Any]


def is_own(entry: Entry) -> bool:
    """Answered by the person themselves, or by somebody for them, not written down in the interview."""
    return entry.get("respondent") in ("patient", "collateral")


def at_of(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["at"])


def day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """ "Mar 3" on the clinic's calendar; the year is said when it is another one."""
    local = at.astimezone(zone)
    return date_format(local, "M j" if local.year == now.astimezone(zone).year else "M j, Y")


def teller(entry: Entry, names: Mapping[int, str], patient: Patient) -> str:
    """Who gave an answer, as a line prints it."""
    match entry.get("respondent"):
        case "patient":
            return patient.called
        case "collateral":
            return f"Somebody for {patient.called}"
    return names.get(entry["by"], "A colleague")


def short(name: str) -> str:
    """ "Sam Okoye" -> "Sam O."."""
    first, _, rest = name.strip().partition(" ")
    last = rest.split()[-1] if rest.split() else ""
    return f"{first} {last[0]}." if last else first


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0].upper() for word in (words[0], *words[-1:]) if word) if len(words) > 1 else name[:1].upper()


# ---- Colleagues ----


def present(entries: Iterable[Entry], me: int, now: datetime) -> frozenset[int]:
    """Colleagues who answered something here within the last minutes."""
    return frozenset(
        entry["by"]
        for entry in entries
        if entry["by"] != me and not is_own(entry) and now - at_of(entry) < PRESENT and "carried" not in entry
    )


def present_in(sitting: Sitting, section: Section, me: int, now: datetime) -> frozenset[int]:
    return present((entry for code in section.codes for entry in sitting.own_answers(code).values()), me, now)


# ---- Drafts that age ----


def is_aged(entry: Entry, now: datetime) -> bool:
    return now - at_of(entry) > AGED


def newest_in(sitting: Sitting, section: Section) -> datetime | None:
    answers = (entry for code in section.codes for entry in sitting.own_answers(code).values())
    return max(map(at_of, answers), default=None)


def aged(sitting: Sitting, section: Section, now: datetime) -> datetime | None:
    """The instant of a draft section's newest answer when that is long ago and nobody found it right since."""
    newest = newest_in(sitting, section)
    if newest is None or sitting.assessment.is_signed:
        return None
    looked_at = [sitting.responses[code].confirmed_at for code in section.codes if code in sitting.responses]
    confirmed = max((at for at in looked_at if at is not None), default=newest)
    return newest if now - max(newest, confirmed) > AGED else None
