"""What is offered to one person: every published cohort, as the pure part judges it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Location
from intake.models import KeepApart, Patient
from programs.matching.cohorts import Match, rank
from programs.matching.offers import License, Need, Offer
from programs.matching.weekly import WEEKDAYS
from programs.models import Cohort, Credential, PublicState
from scheduling.models import Enrollment
from scheduling.models.seats import SeatState, takes_a_seat
from scheduling.queries.needs import offset, slots_of

# Training and peer certificates are good to have; they license nobody to lead a group (DOMAIN 10.3).
Kind = Credential.Kind
NO_LICENSE = frozenset({Kind.DBT, Kind.PE, Kind.CPT, Kind.EMDR, Kind.PEER})


@dataclass(frozen=True, slots=True)
class Option:
    """A cohort with what speaks for and against it."""

    cohort: Cohort
    match: Match
    asking: str = ""  # the address of the same page if its one impossible time were possible

    @property
    def seats_left(self) -> int:
        return max(self.match.offer.seats - self.match.offer.taken, 0)

    @property
    def times(self) -> list[str]:
        """The weekly pattern, meetings at the same time on one line: "Tue, Thu 5:30 to 7:00 pm"."""
        days: dict[tuple[time, time], list[str]] = {}
        for block in self.cohort.blocks.all():
            days.setdefault((block.starts, block.ends), []).append(WEEKDAYS[block.weekday][:3])
        return [f"{', '.join(names)} {time_range(*span)}" for span, names in days.items()]

    @property
    def is_unlicensed(self) -> bool:
        """Nobody has put a license of who leads it on record."""
        return not self.match.offer.licenses


def time_range(starts: time, ends: time) -> str:
    """ "5:30 to 7:00 pm", "11:00 am to 1:00 pm"."""
    halves = ["am" if clock.hour < 12 else "pm" for clock in (starts, ends)]
    first, last = (f"{clock.hour % 12 or 12}:{clock:%M}" for clock in (starts, ends))
    return f"{first} to {last} {halves[1]}" if halves[0] == halves[1] else f"{first} {halves[0]} to {last} {halves[1]}"


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered to one person, read once and ranked for as many needs as are asked about."""

    cohorts: dict[int, Cohort]
    offers: list[Offer]

    def ranked(self, need: Need) -> list[Option]:
        return [Option(self.cohorts[match.offer.key], match) for match in rank(need, self.offers)]


def offered(patient: Patient, now: datetime) -> Offered:
    """Every cohort that is offered. One in which the person has a seat, or has one held, is not."""
    own = Enrollment.objects.live(now).filter(patient=patient).values("cohort")
    cohorts = {cohort.pk: cohort for cohort in on_offer(patient, now).exclude(pk__in=own)}
    offers = [
        offer_of(each, each.taken, now, frees_at=each.frees_at, apart=each.apart, home=patient.location)  # type: ignore[attr-defined]
        for each in cohorts.values()
    ]
    return Offered(cohorts, offers)


def on_offer(patient: Patient, now: datetime) -> QuerySet[Cohort]:
    """The published cohorts that are not over, with their seats and who is in them, in one query and its prefetches."""
    today = now.astimezone(ZoneInfo(patient.location.zone)).date()
    rows = Cohort.objects.filter(state=PublicState.PUBLISHED, program__state=PublicState.PUBLISHED, ends_on__gt=today)
    rows = rows.select_related("program__track", "location", "room", "facilitator")
    licenses = Credential.objects.exclude(kind__in=NO_LICENSE)
    rows = rows.prefetch_related(
        "blocks",
        "entry_dates",
        "payers",
        Prefetch("facilitator__credentials", licenses, to_attr="licenses"),
        "co_facilitators",
        Prefetch("co_facilitators__credentials", licenses, to_attr="licenses"),
    )
    held = Q(enrollments__state=SeatState.HELD, enrollments__held_until__gt=now)
    return rows.annotate(
        taken=Count("enrollments", filter=takes_a_seat(now, "enrollments__")),
        frees_at=Min("enrollments__held_until", filter=held),
        apart=Exists(seats_of_those_kept_apart(patient, now).filter(cohort=OuterRef("pk"))),
    )


def seats_of_those_kept_apart(patient: Patient, now: datetime) -> QuerySet[Enrollment]:
    return Enrollment.objects.live(now).filter(patient__in=KeepApart.objects.others(patient))


def offer_of(
    cohort: Cohort,
    taken: int,
    now: datetime,
    *,
    frees_at: datetime | None = None,
    apart: bool = False,
    home: Location | None = None,
) -> Offer:
    """
    The cohort as the pure part judges it.

    Args:
        taken: how many of its seats are taken now.
        frees_at: when the first of the seats that are held comes free.
        apart: somebody has a seat in it from whom the person is kept apart.
        home: the person's own location; without it none is preferred.
    """
    place, program = cohort.location, cohort.program
    zone = ZoneInfo(place.zone)
    payers = cohort.payers.all()
    return Offer(
        key=cohort.pk,
        track=program.track.code,
        level=program.level,
        state=cohort.admission,
        starts_on=cohort.starts_on,
        last_entry_on=cohort.last_entry_on,
        ends_on=cohort.ends_on,
        seats=cohort.seats,
        taken=taken,
        language=cohort.language,
        delivery=cohort.delivery,
        slots=slots_of(cohort),
        now=now.astimezone(zone).replace(tzinfo=None),
        entry=cohort.entry,
        entry_dates=tuple(each.on for each in cohort.entry_dates.all()),
        seats_least=cohort.seats_least,
        frees_on=frees_at.astimezone(zone).date() if frees_at else None,
        age_least=program.age_least,
        age_most=program.age_most,
        # A program that names no state is licensed where it is.
        states=frozenset(program.states_licensed or [place.state]),
        licenses=tuple(License(held.state, held.expires_on) for held in licenses_of(cohort)),
        place=place.name,
        place_state=place.state,
        access=frozenset(place.access_features),
        payers=frozenset(payer.name.casefold() for payer in payers if payer.is_active) if payers else None,
        ways_to_pay=tuple(cohort.payment_options),
        apart=apart,
        nearby=home is None or cohort.location_id == home.pk,
        offset=offset(place.zone, now),
    )


def licenses_of(cohort: Cohort) -> list[Credential]:
    """Of everybody who leads it; read ahead for a whole list, or now for the one."""
    leaders = [*([cohort.facilitator] if cohort.facilitator else []), *cohort.co_facilitators.all()]
    found: list[Credential] = []
    for leader in leaders:
        ahead = getattr(leader, "licenses", None)
        found += leader.credentials.exclude(kind__in=NO_LICENSE) if ahead is None else ahead
    return found
