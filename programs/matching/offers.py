"""What a person needs and what a cohort offers, as plain values; and the day on which a newcomer could begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from programs.matching.weekly import Part, Slot, needed_parts, spans


class Blocker(StrEnum):
    """What stands in the way, clinical reasons first: the order on the page."""

    PROGRAM = "program"
    LEVEL = "level"
    AGE = "age"
    APART = "apart"
    STATE = "state"
    LICENSE = "license"
    ACCESS = "access"
    ENTRY = "entry"
    SEAT = "seat"
    BUSY = "busy"
    LANGUAGE = "language"
    TIMES = "times"
    PLACE = "place"
    PAYER = "payer"


DECIDED = frozenset({Blocker.PROGRAM, Blocker.LEVEL})
# Nothing that the desk could arrange: another decision, an age, or somebody else.
FIRM = DECIDED | {Blocker.AGE, Blocker.APART}
WISHES = frozenset({Blocker.LANGUAGE, Blocker.TIMES, Blocker.PLACE, Blocker.PAYER})


@dataclass(frozen=True, slots=True)
class Busy:
    """A cohort in which the person has a seat."""

    name: str
    starts_on: date
    ends_on: date  # excluded
    slots: tuple[Slot, ...]
    offset: int = 0  # minutes that its clock is ahead of UTC
    spans: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", spans(self.slots, self.offset))


@dataclass(frozen=True, slots=True)
class License:
    """What one of those who lead holds."""

    state: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Need:
    """
    What was decided, who the person is, and what they said about coming.

    An empty value or a missing weekday is something that nobody knows: it excludes nothing.
    """

    tracks: frozenset[str]
    level: str = ""
    born_on: date | None = None
    state: str = ""  # where the person is while they attend online
    access: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    windows: Mapping[int, frozenset[Part]] | None = None
    delivery: str = ""  # on_site or online
    prefers: str = ""  # the same, when both are possible
    anywhere: bool = False  # at locations other than their own, too
    payer: str = ""
    offset: int = 0  # minutes that the person's clock is ahead of UTC
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One cohort as it stands at `now`, what the wall clock of its location shows (naive)."""

    key: int
    track: str
    level: str
    state: str  # planned, open or closed: whether it takes people
    starts_on: date
    last_entry_on: date
    ends_on: date  # excluded
    seats: int
    taken: int
    language: str
    delivery: str
    slots: tuple[Slot, ...]
    now: datetime
    entry: str = "open"  # open: any week; semi_open: on its entry dates; closed: until the last day to join
    entry_dates: tuple[date, ...] = ()
    seats_least: int = 0
    frees_on: date | None = None  # the first day on which a seat that is held comes free
    age_least: int = 0
    age_most: int | None = None
    states: frozenset[str] = frozenset()  # where those may be who attend online
    licenses: tuple[License, ...] = ()
    place: str = ""
    place_state: str = ""
    access: frozenset[str] = frozenset()
    payers: frozenset[str] | None = None  # in lower case; None: nothing on record
    ways_to_pay: tuple[str, ...] = ()
    apart: bool = False  # somebody has a seat with whom this person is not put together
    nearby: bool = True  # at the person's own location
    offset: int = 0
    # What does not depend on the person, worked out once.
    first_on: date | None = field(init=False)
    needed: tuple[tuple[int, Part], ...] = field(init=False)
    spans: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_on", first_meeting(self))
        object.__setattr__(self, "needed", needed_parts(self.slots))
        object.__setattr__(self, "spans", spans(self.slots, self.offset))

    @property
    def is_online(self) -> bool:
        return self.delivery == "online"

    @property
    def short_of_least(self) -> int:
        """How many people it still needs to be as many as it takes to run."""
        return max(self.seats_least - self.taken, 0)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing in the way, and what would have to be true for it not to be."""

    blocker: Blocker
    sentence: str
    remedy: str
    part: tuple[int, Part] | None = None  # for times: which part of the week


def first_meeting(offer: Offer) -> date | None:
    """Give the day of the first meeting to which a newcomer could come; None when there is none before the end."""
    if offer.entry != "semi_open":
        return meeting_from(offer, max(offer.starts_on, offer.now.date()))
    # Whoever misses the first meeting of a module waits for the next one.
    days = [day for day in sorted(offer.entry_dates) if day <= offer.last_entry_on]
    firsts = (meeting_from(offer, max(day, offer.starts_on), missed=True) for day in days)
    return next((first for first in firsts if first and not has_begun(offer, first)), None)


def meeting_from(offer: Offer, day: date, *, missed: bool = False) -> date | None:
    """The first day with a meeting, from this day on; `missed`: also one that has begun."""
    for ahead in range(8):
        then = day + timedelta(days=ahead)
        meets = any(slot.weekday == then.weekday() for slot in offer.slots)
        if then < offer.ends_on and meets and (missed or not has_begun(offer, then, every=True)):
            return then
    return None


def has_begun(offer: Offer, day: date, *, every: bool = False) -> bool:
    """Whether the first meeting of this day, or every one, has begun."""
    if day != offer.now.date():
        return day < offer.now.date()
    starts = [slot.starts for slot in offer.slots if slot.weekday == day.weekday()]
    return (max if every else min)(starts) <= offer.now.time()
