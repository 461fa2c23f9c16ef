"""
The sentences of a match: what is in the way, and what would have to be true for it not to be.

A clinic has few different ones and many cohorts, so each is made once.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from programs.matching.offers import Blocker, Reason
from programs.matching.weekly import WEEKDAYS, Part

LANGUAGES = {"en": "English", "es": "Spanish"}
ACCESS = {
    "step_free": "a step-free entrance",
    "elevator": "an elevator",
    "accessible_restroom": "an accessible restroom",
    "hearing_loop": "a hearing loop",
    "parking": "parking",
    "transit": "a bus or train stop",
    "quiet_room": "a quiet room",
}
WAYS_TO_PAY = {"plan": "a payment plan", "sliding_scale": "the sliding scale", "assistance": "assistance"}
kept = lru_cache(maxsize=4096)

OTHER_PROGRAM = Reason(
    Blocker.PROGRAM, "For another program than the one decided.", "Fits if another program is decided on."
)
OTHER_LEVEL = Reason(Blocker.LEVEL, "At another level of care than the one decided.", "Fits if the level is changed.")
# Of people who are kept apart nothing more is said, here or anywhere else (EXPERIENCE 5.11).
KEPT_APART = Reason(Blocker.APART, "Not available for this person.", "Not available for this person.")
LICENSE_ENDS = Reason(
    Blocker.LICENSE, "The license of who leads it ends before the first day.", "Fits once the license is renewed."
)


@kept
def age(least: int, most: int | None, years: int) -> Reason:
    ages = f"{least} and over" if most is None else f"{least} to {most}"
    return Reason(
        Blocker.AGE, f"For ages {ages}; the person is {years} on the first day.", "Fits if the ages are changed."
    )


@kept
def state(where: str) -> Reason:
    return Reason(Blocker.STATE, f"Not licensed for people in {where}.", f"Fits once it is licensed in {where}.")


@kept
def no_license(where: str) -> Reason:
    return Reason(
        Blocker.LICENSE,
        f"Nobody who leads it is licensed in {where}.",
        f"Fits if somebody licensed in {where} leads it.",
    )


@kept
def access(feature: str) -> Reason:
    what = ACCESS[feature]
    return Reason(Blocker.ACCESS, f"The person needs {what}; none is on record there.", f"Fits if {what} is arranged.")


@kept
def entry(sentence: str) -> Reason:
    return Reason(Blocker.ENTRY, sentence, "Fits if the cohort takes people again.")


@kept
def full(seats: int, frees_on: date | None) -> Reason:
    taken = "its only seat is taken" if seats == 1 else f"all {seats} seats are taken"
    until = f"Full until {short_day(frees_on)}" if frees_on else "Full"
    return Reason(Blocker.SEAT, f"Full: {taken}.", f"{until}: join the waitlist.")


@kept
def busy(name: str) -> Reason:
    return Reason(
        Blocker.BUSY,
        f"At the same time as {name}, where the person has a seat.",
        f"Fits if the seat in {name} is given up.",
    )


@kept
def language(held: str, wanted: frozenset[str]) -> Reason:
    asked = " or ".join(sorted(LANGUAGES.get(code, code) for code in wanted))
    name = LANGUAGES.get(held, held)
    return Reason(Blocker.LANGUAGE, f"Held in {name}; the person asked for {asked}.", f"Fits if {name} is possible.")


@kept
def times(weekday: int, part: Part) -> Reason:
    when = f"{WEEKDAYS[weekday]} {part}"
    return Reason(
        Blocker.TIMES, f"{when} is not possible for the person.", f"Fits if {when} is possible.", (weekday, part)
    )


@kept
def delivery(held: str, wanted: str) -> Reason:
    way, wish = ("online" if each == "online" else "on site" for each in (held, wanted))
    return Reason(
        Blocker.PLACE, f"{way.capitalize()}; the person wants to come {wish}.", f"Fits if coming {way} is possible."
    )


@kept
def location(place: str) -> Reason:
    return Reason(
        Blocker.PLACE, f"At {place}, not at the person's own location.", f"Fits if coming to {place} is possible."
    )


@kept
def payer(name: str, ways: tuple[str, ...]) -> Reason:
    other = " or ".join(WAYS_TO_PAY[way] for way in ways) or "another payer"
    return Reason(Blocker.PAYER, f"No contract with {name}.", f"Fits if it is paid another way: {other}.")


def short_day(day: date) -> str:
    return f"{day:%b} {day.day}"
