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

BESIDE_A_RUN = ("blocks", "entry_dates", "payers", "facilitator__credentials", "co_facilitators__credentials")


@dataclass(frozen=True, slots=True)
class Run:
    """One cohort that takes people, as a visitor reads it. It never says how many seats are left."""

    days: str  # "Monday, Wednesday and Friday"
    hours: str  # "9:00 am to 12:00 pm CT"
    where: str
    language: str
    starts: str  # "Taking people now", "Starts Thursday, March 12", "Next start Monday, April 6"
    is_online: bool
    minutes: int  # in one week
    access: tuple[str, ...]  # what the place offers; nothing for one online
    led_by: tuple[str, ...]  # what those who lead it are; never their names, which are not public
    payers: tuple[str, ...]
    payment: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A published program with the runs a visitor could join; without runs it can still be asked for."""

    program: Program
    runs: tuple[Run, ...]
    accredited_by: tuple[str, ...] = ()

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
        spoken = {run.language for run in self.runs} or set(self.program.language_names)
        return enumerate_words(sorted(spoken))

    @property
    def methods(self) -> str:
        return enumerate_words(self.program.modality_names)

    @property
    def led_by(self) -> str:
        return enumerate_words(sorted({word for run in self.runs for word in run.led_by}))

    @property
    def payers(self) -> str:
        return enumerate_words(sorted({name for run in self.runs for name in run.payers}))

    @property
    def payment(self) -> str:
        words = {word.lower(): None for run in self.runs for word in run.payment}
        return enumerate_words(list(words))

    @property
    def online_states(self) -> str:
        """Where somebody may be who attends online; empty when it cannot be attended so."""
        return enumerate_words(list(self.program.states_licensed)) if self.program.telehealth else ""

    @property
    def ages(self) -> str:
        least, most = self.program.age_least, self.program.age_most
        if most is None:
            return _("%(least)s and older") % {"least": least}
        return _("%(least)s to %(most)s") % {"least": least, "most": most}


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


def preview(program: Program, now: datetime) -> Offer:
    """A program as visitors would read it if it and every cohort that is not retired were published."""
    today = (now - timedelta(days=1)).date()
    rows = program.cohorts.exclude(state=Program.State.RETIRED).filter(closed_at__isnull=True, ends_on__gt=today)
    rows = rows.filter(last_entry_on__gte=today).select_related("location").prefetch_related(*BESIDE_A_RUN)
    program.open_cohorts = list(rows.order_by("starts_on", "pk"))  # type: ignore[attr-defined]
    return offer(program, now)


def published(now: datetime) -> ProgramQuerySet:
    # The day changes at another instant at every location: `offer` looks at each clock, this only narrows.
    yesterday = (now - timedelta(days=1)).date()
    runs = Cohort.objects.admitting(yesterday).select_related("location").prefetch_related(*BESIDE_A_RUN)
    return (
        Program.objects.published()
        .select_related("track")
        .prefetch_related(
            "accreditations", Prefetch("cohorts", queryset=runs.order_by("starts_on", "pk"), to_attr="open_cohorts")
        )
    )


def offer(program: Program, now: datetime) -> Offer:
    runs = []
    for cohort in program.open_cohorts:  # type: ignore[attr-defined]
        today = now.astimezone(ZoneInfo(cohort.location.zone)).date()
        if cohort.last_entry_on >= today:
            runs.append(run_of(cohort, today))
    valid = [each for each in program.accreditations.all() if each.expires_on >= now.date()]
    return Offer(
        program,
        tuple(run for run in runs if run.starts),
        tuple(dict.fromkeys(each.get_body_display() for each in valid)),
    )


def run_of(cohort: Cohort, today: date) -> Run:
    blocks = list(cohort.blocks.all())
    is_online = cohort.delivery == Cohort.Delivery.ONLINE
    place = cohort.location
    return Run(
        days=enumerate_words([Weekday(day).label for day in sorted({block.weekday for block in blocks})]),
        hours=clock_hours(blocks, cohort.starts_on, ZoneInfo(place.zone)),
        where=_("Online") if is_online else f"{place.name}, {place.street}, {place.city}",
        language=cohort.get_language_display(),
        starts=start_words(cohort, today),
        is_online=is_online,
        minutes=sum(block.minutes for block in blocks),
        access=() if is_online else tuple(place.access_names),
        led_by=leaders_words(cohort, today),
        payers=tuple(payer.name for payer in cohort.payers.all() if payer.is_active),
        payment=tuple(cohort.payment_names),
    )


def leaders_words(cohort: Cohort, today: date) -> tuple[str, ...]:
    """What those who lead it are by a credential that is valid: "Psychologist"."""
    leaders = [*([cohort.facilitator] if cohort.facilitator else []), *cohort.co_facilitators.all()]
    valid = (each for leader in leaders for each in leader.credentials.all() if each.expires_on >= today)
    return tuple(dict.fromkeys(each.get_kind_display() for each in valid))


def start_words(cohort: Cohort, today: date) -> str:
    """When somebody could begin; empty when no day is left on which people join."""
    if cohort.entry == Cohort.Entry.SEMI_OPEN:
        ahead = [each.on for each in cohort.entry_dates.all() if each.on >= today]
        return _("Next start %s") % date_format(min(ahead), "l, F j") if ahead else ""
    if cohort.starts_on > today:
        return _("Starts %s") % date_format(cohort.starts_on, "l, F j")
    if cohort.entry == Cohort.Entry.CLOSED:
        return _("Taking people until %s") % date_format(cohort.last_entry_on, "l, F j")
    return _("Taking people now")


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
