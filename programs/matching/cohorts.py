"""
Which cohort fits what was decided and what the person wishes, and why the others do not (DOMAIN 5.8).

Pure Python. The page, the refusal and the test show the same sentences; they name no diagnosis and
no track, since coordinators read them. Never ranked by payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LANGUAGES = {"en": "English", "es": "Spanish"}
MINUTES_OF_DAY = 24 * 60


class Part(StrEnum):
    """The part of a day, as the intake asks for it: before noon, noon to 5 pm, after 5 pm."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


PARTS = tuple(Part)
BOUNDS = {Part.MORNING: (0, 12 * 60), Part.AFTERNOON: (12 * 60, 17 * 60), Part.EVENING: (17 * 60, MINUTES_OF_DAY)}


class Blocker(StrEnum):
    """What stands in the way, clinical reasons first: the order on the page."""

    PROGRAM = "program"
    LEVEL = "level"
    ENTRY = "entry"
    SEAT = "seat"
    LANGUAGE = "language"
    TIMES = "times"
    PLACE = "place"


DECIDED = frozenset({Blocker.PROGRAM, Blocker.LEVEL})
WISHES = frozenset({Blocker.LANGUAGE, Blocker.TIMES, Blocker.PLACE})


@dataclass(frozen=True, slots=True)
class Slot:
    """One weekly meeting by the clock on the wall."""

    weekday: int  # as date.weekday(): 0 is Monday
    starts: time
    minutes: int

    def parts(self) -> list[Part]:
        """The parts of the day that the meeting touches."""
        begins = self.starts.hour * 60 + self.starts.minute
        ends = min(begins + self.minutes, MINUTES_OF_DAY)
        return [part for part, (opens, closes) in BOUNDS.items() if begins < closes and ends > opens]


@dataclass(frozen=True, slots=True)
class Need:
    """
    What was decided, and what the person said about coming.

    An empty string or a missing weekday is something that nobody knows: it excludes nothing.
    """

    tracks: frozenset[str]
    level: str = ""
    language: str = ""
    windows: Mapping[int, frozenset[Part]] | None = None
    delivery: str = ""  # on_site or online


@dataclass(frozen=True, slots=True)
class Offer:
    """One cohort as it stands at ``now``, what the wall clock of its location shows (naive)."""

    key: int
    track: str
    level: str
    state: str  # planned, open or closed
    starts_on: date
    last_entry_on: date
    ends_on: date  # excluded
    seats: int
    taken: int
    language: str
    delivery: str
    slots: tuple[Slot, ...]
    now: datetime
    nearby: bool = True  # at the person's own location


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing in the way, and what would have to be true for it not to be."""

    blocker: Blocker
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Match:
    """One cohort judged against one need; it fits when there is no reason against it."""

    offer: Offer
    reasons: tuple[Reason, ...]
    first_on: date | None
    unasked: int  # weekly meetings on days of which nobody knows whether the person could come

    @property
    def fits(self) -> bool:
        return not self.reasons

    @property
    def is_near(self) -> bool:
        """One thing alone is in the way. Another program or level is another decision, not a near miss."""
        return len(self.reasons) == 1 and self.reasons[0].blocker not in DECIDED

    @property
    def is_wish(self) -> bool:
        """Only wishes are in the way, which the person may change."""
        return bool(self.reasons) and all(reason.blocker in WISHES for reason in self.reasons)


def judge(need: Need, offer: Offer) -> Match:
    """Judge one cohort; every reason against it is given, clinical ones first."""
    reasons = (*against_decision(need, offer), *against_entry(offer), *against_wishes(need, offer))
    known = need.windows or {}
    unasked = sum(slot.weekday not in known for slot in offer.slots)
    return Match(offer, reasons, first_meeting(offer), unasked)


def rank(need: Need, offers: Iterable[Offer]) -> list[Match]:
    """
    Put what fits first: the earliest start, then the fewest open questions, then the person's own location.

    The others follow, those with the fewest reasons first. Ties go by key, so that the order is stable.
    """
    matches = [judge(need, offer) for offer in offers]
    return sorted(
        matches,
        key=lambda match: (
            len(match.reasons),
            match.first_on or date.max,
            match.unasked,
            not match.offer.nearby,
            match.offer.key,
        ),
    )


def first_meeting(offer: Offer) -> date | None:
    """Give the day of the first meeting that has not begun; None when there is none before the end."""
    day = max(offer.starts_on, offer.now.date())
    for ahead in range(8):
        then = day + timedelta(days=ahead)
        begun = then == offer.now.date()
        if then < offer.ends_on and any(
            slot.weekday == then.weekday() and not (begun and slot.starts <= offer.now.time()) for slot in offer.slots
        ):
            return then
    return None


def against_decision(need: Need, offer: Offer) -> list[Reason]:
    reasons = []
    if offer.track not in need.tracks:
        reasons.append(
            Reason(
                Blocker.PROGRAM, "For another program than the one decided.", "Fits if another program is decided on."
            )
        )
    if need.level and offer.level != need.level:
        reasons.append(
            Reason(Blocker.LEVEL, "At another level of care than the one decided.", "Fits if the level is changed.")
        )
    return reasons


def against_entry(offer: Offer) -> list[Reason]:
    """Whether it takes people now, and whether there is a seat."""
    reasons = []
    if sentence := closed_to_entry(offer):
        reasons.append(Reason(Blocker.ENTRY, sentence, "Fits if the cohort takes people again."))
    if offer.taken >= offer.seats:
        seats = "its only seat is taken" if offer.seats == 1 else f"all {offer.seats} seats are taken"
        reasons.append(Reason(Blocker.SEAT, f"Full: {seats}.", "Fits when somebody gives up a seat."))
    return reasons


def closed_to_entry(offer: Offer) -> str | None:
    if offer.state == "planned":
        return "Not open for enrollment yet."
    if offer.state != "open":
        return "Closed: it takes no new people."
    if offer.last_entry_on < offer.now.date():
        return f"The last day to join was {short_day(offer.last_entry_on)}."
    if first_meeting(offer) is None:
        return "No meeting is left in it."
    return None


def against_wishes(need: Need, offer: Offer) -> list[Reason]:
    """The language, then each part of the week that the person cannot come, then the place."""
    reasons = []
    if need.language and offer.language != need.language:
        held, wanted = LANGUAGES.get(offer.language, offer.language), LANGUAGES.get(need.language, need.language)
        reasons.append(
            Reason(Blocker.LANGUAGE, f"Held in {held}; the person asked for {wanted}.", f"Fits if {held} is possible.")
        )
    reasons += [
        Reason(Blocker.TIMES, f"{times} is not possible for the person.", f"Fits if {times} is possible.")
        for times in impossible_times(need, offer)
    ]
    if need.delivery and offer.delivery != need.delivery:
        held, wanted = place_words(offer.delivery), place_words(need.delivery)
        reasons.append(
            Reason(
                Blocker.PLACE,
                f"{held.capitalize()}; the person wants to come {wanted}.",
                f"Fits if coming {held} is possible.",
            )
        )
    return reasons


def impossible_times(need: Need, offer: Offer) -> list[str]:
    """The parts of the week that the cohort needs and the person does not have, each once."""
    known = need.windows or {}
    needed = sorted({(slot.weekday, PARTS.index(part)) for slot in offer.slots for part in slot.parts()})
    return [
        f"{WEEKDAYS[weekday]} {PARTS[part]}"
        for weekday, part in needed
        if weekday in known and PARTS[part] not in known[weekday]
    ]


def place_words(delivery: str) -> str:
    return "online" if delivery == "online" else "on site"


def short_day(day: date) -> str:
    return f"{day:%b} {day.day}"
