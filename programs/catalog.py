"""What the public reads of the catalog: published programs with their real days and hours. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.zones import short_zone
from programs.models import Block, Cohort, Program, ProgramQuerySet, Track, Weekday


@dataclass(frozen=True, slots=True)
class Run:
    """One cohort that takes people, as a visitor reads it. It never says how many seats are left."""

    days: str  # "Monday, Wednesday and Friday"
    hours: str  # "9:00 am to 12:00 pm CT"
    where: str
    language: str
    starts: str  # "Taking people now" or "Starts Thursday, March 12"
    is_online: bool
    minutes: int  # in one week


@dataclass(frozen=True, slots=True)
class Offer:
    """A published program with the runs a visitor could join; without runs it can still be asked for."""

    program: Program
    runs: tuple[Run, ...]

    @property
    def hours(self) -> str:
        """ "9 hours a week", or "9 to 12 hours a week"; empty while nothing is planned."""
        hours = sorted({round(run.minutes / 60, 1) for run in self.runs if run.minutes})
        if not hours:
            return ""
        least, most = f"{hours[0]:g}", f"{hours[-1]:g}"
        if least == most:
            return ngettext("%(hours)s hour a week", "%(hours)s hours a week", int(hours[0])) % {"hours": least}
        return _("%(least)s to %(most)s hours a week") % {"least": least, "most": most}

    @property
    def formats(self) -> str:
        """ "On site, online": what the runs offer, each once."""
        kinds = [_("On site")] if any(not run.is_online for run in self.runs) else []
        if any(run.is_online for run in self.runs):
            kinds.append(_("online") if kinds else _("Online"))
        return ", ".join(kinds)

    @property
    def languages(self) -> str:
        return enumerate_words(sorted({run.language for run in self.runs}))


def offers(now: datetime) -> list[Offer]:
    """Every published program, in the order of the catalog; the number of queries does not depend on the rows."""
    return [offer(program, now) for program in published(now)]


def offers_by_track(now: datetime) -> list[tuple[Track, list[Offer]]]:
    """The same, under the theme each belongs to; a theme with nothing published is left out."""
    found: dict[Track, list[Offer]] = defaultdict(list)
    for each in offers(now):
        found[each.program.track].append(each)
    return list(found.items())


def themes() -> list[Track]:
    """The themes that have something published, in the reader's words."""
    return list(Track.objects.filter(programs__in=Program.objects.published()).distinct())


def find_offer(slug: str, now: datetime) -> Offer | None:
    """A published program; None for one that is not there, or not published."""
    found = published(now).filter(slug=slug).first()
    return offer(found, now) if found else None


def published(now: datetime) -> ProgramQuerySet:
    # The day changes at another instant at every location: `offer` looks at each clock, this only narrows.
    yesterday = (now - timedelta(days=1)).date()
    runs = Cohort.objects.admitting(yesterday).select_related("location").prefetch_related("blocks")
    return (
        Program.objects.published()
        .select_related("track")
        .prefetch_related(Prefetch("cohorts", queryset=runs.order_by("starts_on", "pk"), to_attr="open_cohorts"))
    )


def offer(program: Program, now: datetime) -> Offer:
    runs = []
    for cohort in program.open_cohorts:  # type: ignore[attr-defined]
        today = now.astimezone(ZoneInfo(cohort.location.zone)).date()
        if cohort.last_entry_on >= today:
            runs.append(run_of(cohort, today))
    return Offer(program, tuple(runs))


def run_of(cohort: Cohort, today: date) -> Run:
    blocks = list(cohort.blocks.all())
    is_online = cohort.delivery == Cohort.Delivery.ONLINE
    place = cohort.location
    return Run(
        days=enumerate_words([Weekday(day).label for day in sorted({block.weekday for block in blocks})]),
        hours=clock_hours(blocks, cohort.starts_on, ZoneInfo(place.zone)),
        where=_("Online") if is_online else f"{place.name}, {place.street}, {place.city}",
        language=cohort.get_language_display(),
        starts=start_words(cohort.starts_on, today),
        is_online=is_online,
        minutes=sum(block.minutes for block in blocks),
    )


def start_words(starts_on: date, today: date) -> str:
    if starts_on <= today:
        return _("Taking people now")
    return _("Starts %s") % date_format(starts_on, "l, F j")


def clock_hours(blocks: Iterable[Block], day: date, zone: ZoneInfo) -> str:
    """
    Say when the days begin and end: "5:30 pm to 8:30 pm CT".

    Blocks of one day count as one meeting with its breaks. Days with other hours are named with them.
    """
    spans: dict[tuple[time, time], list[int]] = defaultdict(list)
    for weekday, span in spans_by_day(blocks).items():
        spans[span].append(weekday)
    zone_words = short_zone(datetime.combine(day, time(12), tzinfo=zone))
    if len(spans) == 1:
        return f"{span_words(*next(iter(spans)))} {zone_words}"
    parts = [
        f"{enumerate_words([Weekday(each).label for each in days])} {span_words(*span)} {zone_words}"
        for span, days in spans.items()
    ]
    return "; ".join(parts)


def spans_by_day(blocks: Iterable[Block]) -> dict[int, tuple[time, time]]:
    days: dict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        days[block.weekday].append(block)
    return {
        weekday: (min(each.starts for each in of_day), max(each.ends for each in of_day))
        for weekday, of_day in sorted(days.items())
    }


def span_words(starts: time, ends: time) -> str:
    return _("%(start)s to %(end)s") % {"start": clock_words(starts), "end": clock_words(ends)}


def clock_words(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {_('am') if at.hour < 12 else _('pm')}"


def enumerate_words(words: list[str]) -> str:
    """ "Monday, Wednesday and Friday"."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
