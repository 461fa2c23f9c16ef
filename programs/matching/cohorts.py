"""
Which cohort fits what was decided and what the person wishes, and why the others do not (DOMAIN 5.8).

Pure Python. The page, the refusal and the test show the same sentences; they name no diagnosis, no
track and nobody else, since coordinators read them. Never ranked by payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from programs.matching import why
from programs.matching.offers import FIRM, WISHES, Blocker, Need, Offer, Reason
from programs.matching.weekly import Part, Slot, collide, needed_parts


@dataclass(frozen=True, slots=True)
class Match:
    """One cohort judged against one need; it fits when there is no reason against it."""

    offer: Offer
    reasons: tuple[Reason, ...]
    unasked: int  # weekly meetings on days of which nobody knows whether the person could come

    @property
    def first_on(self) -> date | None:
        return self.offer.first_on

    @property
    def weight(self) -> int:
        """0 for what fits; else how many things are in the way, the way to pay not counted beside others."""
        if not self.reasons:
            return 0
        return max(len(self.reasons) - (self.reasons[-1].blocker is Blocker.PAYER), 1)

    @property
    def fits(self) -> bool:
        return not self.reasons

    @property
    def is_near(self) -> bool:
        """One thing alone is in the way. Another program or level is another decision, not a near miss."""
        return len(self.reasons) == 1 and self.reasons[0].blocker not in FIRM

    @property
    def is_wish(self) -> bool:
        """Only wishes are in the way, which the person may change."""
        return bool(self.reasons) and all(reason.blocker in WISHES for reason in self.reasons)


def judge(need: Need, offer: Offer) -> Match:
    """Judge one cohort; every reason against it is given, clinical ones first."""
    slots, needed = week_of(need, offer)
    known = need.windows or {}
    reasons = (
        *against_decision(need, offer),
        *against_person(need, offer),
        *against_entry(need, offer),
        *against_wishes(need, offer, known, needed),
    )
    return Match(offer, reasons, sum(slot.weekday not in known for slot in slots))


def rank(need: Need, offers: Iterable[Offer]) -> list[Match]:
    """
    Put what fits first, then what has the fewest reasons against it.

    Among equals: the earliest start, the fewest open questions about times, the way the person prefers,
    their own location, and a cohort that still needs people, the fewest first. Ties go by key, so that
    the order is stable. How it is paid decides nothing here.
    """
    return sorted((judge(need, offer) for offer in offers), key=lambda match: order(need, match))


def order(need: Need, match: Match) -> tuple[int, date, int, bool, bool, bool, int, int]:
    offer, short = match.offer, match.offer.short_of_least
    return (
        match.weight,
        offer.first_on or date.max,
        match.unasked,
        offer.delivery != need.prefers,
        not offer.nearby,
        not short,
        short,
        offer.key,
    )


def week_of(need: Need, offer: Offer) -> tuple[tuple[Slot, ...], tuple[tuple[int, Part], ...]]:
    """The week by the clock of the place, or by the person's own when they attend from home."""
    ahead = need.offset - offer.offset if offer.is_online else 0
    if not ahead:
        return offer.slots, offer.needed
    slots = tuple(slot.moved(ahead) for slot in offer.slots)
    return slots, needed_parts(slots)


def against_decision(need: Need, offer: Offer) -> list[Reason]:
    reasons = []
    if offer.track not in need.tracks:
        reasons.append(why.OTHER_PROGRAM)
    if need.level and offer.level != need.level:
        reasons.append(why.OTHER_LEVEL)
    return reasons


# ---- The person ----


def against_person(need: Need, offer: Offer) -> list[Reason]:
    """Age, who is in it, where it is licensed and who leads it, and what the person needs to get in."""
    reasons = against_age(need.born_on, offer) if need.born_on else []
    if offer.apart:
        reasons.append(why.KEPT_APART)
    where = need.state if offer.is_online else offer.place_state
    if offer.is_online and where and offer.states and where not in offer.states:
        reasons.append(why.state(where))
    if offer.licenses:
        reasons += against_licenses(where, offer)
    if need.access and not offer.is_online:
        missing = need.access - offer.access
        reasons += [why.access(feature) for feature in why.ACCESS if feature in missing]
    return reasons


def against_age(born_on: date, offer: Offer) -> list[Reason]:
    """By the age on the day of the first meeting, which is when it counts."""
    years = age_on(born_on, offer.first_on or max(offer.starts_on, offer.now.date()))
    if years >= offer.age_least and (offer.age_most is None or years <= offer.age_most):
        return []
    return [why.age(offer.age_least, offer.age_most, years)]


def age_on(born_on: date, day: date) -> int:
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def against_licenses(where: str, offer: Offer) -> list[Reason]:
    """One of those who lead it is licensed where the person is, and still on the first day."""
    ends = [held.expires_on for held in offer.licenses if not where or held.state == where]
    if not ends:
        return [why.no_license(where)]
    return [] if max(ends) >= (offer.first_on or offer.now.date()) else [why.LICENSE_ENDS]


# ---- Entry ----


def against_entry(need: Need, offer: Offer) -> list[Reason]:
    """Whether it takes people now, whether there is a seat, and whether the person is elsewhere then."""
    reasons = []
    if sentence := closed_to_entry(offer):
        reasons.append(why.entry(sentence))
    if offer.taken >= offer.seats:
        reasons.append(why.full(offer.seats, offer.frees_on))
    begins = offer.first_on or offer.starts_on
    for other in need.busy:
        meanwhile = max(begins, other.starts_on) < min(offer.ends_on, other.ends_on)
        if meanwhile and collide(offer.spans, other.spans):
            reasons.append(why.busy(other.name))
    return reasons


def closed_to_entry(offer: Offer) -> str | None:
    if offer.state == "planned":
        return "Not open for enrollment yet."
    if offer.state != "open":
        return "Closed: it takes no new people."
    if offer.last_entry_on < offer.now.date():
        return f"The last day to join was {why.short_day(offer.last_entry_on)}."
    if offer.first_on is None:
        return "No entry date is left in it." if offer.entry == "semi_open" else "No meeting is left in it."
    return None


# ---- Wishes ----


def against_wishes(
    need: Need, offer: Offer, known: Mapping[int, frozenset[Part]], needed: tuple[tuple[int, Part], ...]
) -> list[Reason]:
    """The language, each part of the week that the person cannot come, the place, and last who pays."""
    reasons = []
    if need.languages and offer.language not in need.languages:
        reasons.append(why.language(offer.language, need.languages))
    for weekday, part in needed:
        if weekday in known and part not in known[weekday]:
            reasons.append(why.times(weekday, part))
    if need.delivery and offer.delivery != need.delivery:
        reasons.append(why.delivery(offer.delivery, need.delivery))
    elif not (offer.is_online or offer.nearby or need.anywhere):
        reasons.append(why.location(offer.place))
    if need.payer and offer.payers is not None and need.payer.casefold() not in offer.payers:
        reasons.append(why.payer(need.payer, offer.ways_to_pay))
    return reasons
