"""
What counts for a match, as sentences; and the same match if something counted less (EXPERIENCE 5.11).

What is asked stands in the address only: it changes nothing that the person said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from intake.models import Language
from programs.matching.offers import Need
from programs.matching.weekly import PARTS, WEEKDAYS, Part
from programs.matching.why import ACCESS

DAYS: Final = {name[:3].lower(): day for day, name in enumerate(WEEKDAYS)}
WITHOUT, ALSO, BESIDE = "without", "also", "beside"
LANGUAGE, PLACE, HOME, PAYER = "language", "place", "home", "payer"


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that counts, as a sentence; `url` is the same page without it, empty when it always counts."""

    text: str
    url: str
    is_asked: bool = False  # what if, not what the person said


@dataclass(frozen=True, slots=True)
class Time:
    """A part of the week that is not possible now."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """
    What is left aside, and which times are taken to be possible: both as the address has them.

    `beside` goes along with them: that it is about what stands beside the main program.
    """

    without: frozenset[str] = frozenset()
    also: frozenset[tuple[int, Part]] = frozenset()
    beside: bool = False

    @classmethod
    def asked(cls, query: QueryDict) -> WhatIf:
        """What an address asks; anything else in it is left out."""
        known = {LANGUAGE, PLACE, HOME, PAYER, *DAYS}
        times = {f"{name}-{part}": (day, part) for name, day in DAYS.items() for part in PARTS}
        return cls(
            frozenset(query.getlist(WITHOUT)) & known,
            frozenset(times[value] for value in query.getlist(ALSO) if value in times),
            BESIDE in query,
        )

    def __bool__(self) -> bool:
        return bool(self.without or self.also)

    def applied(self, need: Need) -> Need:
        """The need as it would be."""
        left = {day: parts for day, parts in (need.windows or {}).items() if name_of(day) not in self.without}
        wider = {day: parts | {part for on, part in self.also if on == day} for day, parts in left.items()}
        return replace(
            need,
            windows=wider,
            languages=frozenset() if LANGUAGE in self.without else need.languages,
            delivery="" if PLACE in self.without else need.delivery,
            anywhere=need.anywhere or HOME in self.without,
            payer="" if PAYER in self.without else need.payer,
        )

    def url(self) -> str:
        query = QueryDict(mutable=True)
        query.setlist(WITHOUT, sorted(self.without))
        query.setlist(ALSO, [value_of(*time) for time in sorted(self.also)])
        query.setlist(BESIDE, ["1"] if self.beside else [])
        return f"?{query.urlencode()}"

    def and_without(self, *names: str) -> WhatIf:
        days = {DAYS[name] for name in names if name in DAYS}
        also = frozenset(time for time in self.also if time[0] not in days)
        return replace(self, without=self.without | set(names), also=also)

    def again(self, *names: str) -> WhatIf:
        return replace(self, without=self.without - set(names))

    def and_also(self, time: tuple[int, Part]) -> WhatIf:
        return replace(self, also=self.also | {time})

    def not_also(self, time: tuple[int, Part]) -> WhatIf:
        return replace(self, also=self.also - {time})

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The same, for hidden fields of a form that asks one thing more."""
        return [
            *((WITHOUT, name) for name in sorted(self.without)),
            *((ALSO, value_of(*time)) for time in sorted(self.also)),
            *([(BESIDE, "1")] if self.beside else []),
        ]


def name_of(day: int) -> str:
    return WEEKDAYS[day][:3].lower()


def value_of(day: int, part: Part) -> str:
    return f"{name_of(day)}-{part}"


def time_words(day: int, part: Part) -> str:
    return f"{WEEKDAYS[day]} {part}"


# ---- What counts ----


def chips(need: Need, home: str, what_if: WhatIf) -> list[Chip]:
    """
    What counts, in the order of the intake, then what is asked instead; each can be taken away but what a person needs to get in.

    Args:
        need: as the person said it.
        home: the name of their own location.
    """
    return [
        *time_chips(need.windows or {}, what_if),
        *wish_chips(need, home, what_if),
        *(Chip(_("needs %s") % ACCESS[feature], "") for feature in ACCESS if feature in need.access),
        *(
            Chip(_("if %s were possible") % time_words(*time), what_if.not_also(time).url(), is_asked=True)
            for time in sorted(what_if.also)
        ),
    ]


def time_chips(windows: Mapping[int, frozenset[Part]], what_if: WhatIf) -> Iterable[Chip]:
    """Days with the same parts are one sentence: "Mon, Tue: evening"; those left aside another."""
    days: dict[frozenset[Part], list[int]] = {}
    for day, parts in sorted(windows.items()):
        if name_of(day) not in what_if.without:
            days.setdefault(parts, []).append(day)
    for parts, of in days.items():
        yield Chip(f"{short(of)}: {parts_words(parts)}", what_if.and_without(*map(name_of, of)).url())
    aside = sorted(DAYS[name] for name in what_if.without if name in DAYS and DAYS[name] in windows)
    if aside:
        words = _("%s: whatever the time") % short(aside)
        yield Chip(words, what_if.again(*map(name_of, aside)).url(), is_asked=True)


def wish_chips(need: Need, home: str, what_if: WhatIf) -> Iterable[Chip]:
    place = {"online": _("online"), "on_site": _("on site")}.get(need.delivery, "")
    language = _(" or ").join(str(Language(code).label) for code in sorted(need.languages))
    at = "" if need.delivery == "online" else _("at %s") % home
    for name, said, instead in (
        (PLACE, place, _("on site or online")),
        (HOME, at, _("at any location")),
        (LANGUAGE, language, _("any language")),
        (PAYER, need.payer, _("however it is paid")),
    ):
        if name in what_if.without:
            yield Chip(instead, what_if.again(name).url(), is_asked=True)
        elif said:
            yield Chip(said, what_if.and_without(name).url())


def short(days: Iterable[int]) -> str:
    return ", ".join(WEEKDAYS[day][:3] for day in days)


def parts_words(parts: frozenset[Part]) -> str:
    if len(parts) in {0, len(Part)}:
        return _("any time") if parts else _("not at all")
    return _(" or ").join(part for part in Part if part in parts)


def impossible_times(need: Need) -> list[Time]:
    """The parts of the week to ask about: those that the person said are not possible."""
    windows = need.windows or {}
    return [
        Time(value_of(day, part), time_words(day, part))
        for day, parts in sorted(windows.items())
        for part in PARTS
        if part not in parts
    ]
