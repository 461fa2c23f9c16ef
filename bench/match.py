"""Ranking 1,000 cohorts for one person: every reason against each, in the order of DOMAIN 5.8."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from bench import rows
from bench.stage import Stage
from programs.matching.cohorts import rank
from programs.matching.offers import Busy, License, Need, Offer
from programs.matching.weekly import Part, Slot
from programs.matching.why import ACCESS

COHORTS, ROUNDS, MILLISECONDS = 1000, 15, 20
TODAY = datetime(2026, 3, 10, 12, 0)  # noqa: DTZ001 - what the wall clock of the location shows
TRACKS = ("depression", "dbt", "trauma", "addiction_individual", "addiction_group", "addiction_family")


def measure(_stage: Stage) -> Iterator[rows.Row]:
    draw = Random(7)  # noqa: S311 - the same cohorts each time
    offers = [offer(draw, key) for key in range(COHORTS)]
    need = Need(
        tracks=frozenset(TRACKS[:3]),
        level="iop",
        born_on=date(1989, 3, 14),
        state="IL",
        access=frozenset({"step_free"}),
        languages=frozenset({"en", "es"}),
        windows={day: frozenset({Part.EVENING, Part.AFTERNOON}) for day in range(5)},
        delivery="on_site",
        prefers="on_site",
        payer="Lakeshore Mutual",
        offset=-300,
        busy=(Busy("Mornings", date(2026, 1, 5), date(2026, 6, 1), (Slot(2, time(9), 180),), -300),),
    )
    ranked = rank(need, offers)
    near, fits = sum(match.is_near for match in ranked), sum(match.fits for match in ranked)
    took = fastest(need, offers)
    print(f"{'match':<24} {COHORTS:,} cohorts: {fits} fit, {near} nearly fit, {took:.1f} ms of CPU")
    yield rows.at_most(f"ranking of {COHORTS:,} cohorts", "CPU ms", round(took, 1), budget=MILLISECONDS)


def fastest(need: Need, offers: list[Offer]) -> float:
    """Milliseconds of CPU in the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        began = clock.process_time()
        rank(need, offers)
        found.append(clock.process_time() - began)
    return min(found) * 1000


def offer(draw: Random, key: int) -> Offer:
    """A cohort as clinics have them: three meetings a week, most of them with a seat left."""
    starts = date(2026, 1, 5) + timedelta(days=draw.randrange(150))
    entry = draw.choice(("open", "semi_open", "closed"))
    hour = draw.choice((9, 13, 17))
    return Offer(
        key=key,
        track=draw.choice(TRACKS),
        level=draw.choice(("iop", "iop", "iop", "php")),
        state=draw.choice(("open", "open", "open", "closed")),
        starts_on=starts,
        last_entry_on=starts + timedelta(days=60),
        ends_on=starts + timedelta(days=84),
        seats=8,
        taken=draw.randrange(9),
        language=draw.choice(("en", "en", "es")),
        delivery=draw.choice(("on_site", "online")),
        slots=tuple(Slot(day, time(hour, 30), 180) for day in draw.sample(range(6), 3)),
        now=TODAY,
        entry=entry,
        entry_dates=tuple(starts + timedelta(weeks=week) for week in (0, 4, 8)) if entry == "semi_open" else (),
        seats_least=4,
        age_least=18,
        age_most=draw.choice((None, None, 25)),
        states=frozenset({"IL", draw.choice(("IL", "WI"))}),
        licenses=(License("IL", date(2027, 1, 1)), License("WI", date(2026, 6, 1))),
        place="Oak Street",
        place_state="IL",
        access=frozenset(draw.sample(sorted(ACCESS), 4)),
        payers=frozenset({draw.choice(("lakeshore mutual", "prairie health"))}),
        ways_to_pay=("plan", "sliding_scale"),
        nearby=draw.random() < 0.5,
        offset=-300,
    )
