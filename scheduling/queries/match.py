"""What is offered to one person: every published cohort, as the pure part judges it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Location
from intake.models import KeepApart, Patient
from programs.matching.cohorts import Match, rank
from programs.matching.offers import Need, Offer
from programs.matching.weekly import WEEKDAYS
from programs.models import Cohort, Program, PublicState
from scheduling.models import Enrollment
from scheduling.models.seats import SeatState, takes_a_seat
from scheduling.queries.around import Around, around_each, around_one
from scheduling.queries.needs import offset


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
        for slot in sorted(self.match.offer.slots, key=lambda slot: slot.begins):
            days.setdefault((slot.starts, slot.ends), []).append(WEEKDAYS[slot.weekday][:3])
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
    rows = published(patient, now).exclude(pk__in=own)
    cohorts = {cohort.pk: cohort for cohort in with_seats(rows, patient, now)}
    around = around_each(cohorts, rows)
    offers = [
        offer_of(
            cohort,
            cohort.taken,  # type: ignore[attr-defined]
            now,
            around=around[key],
            frees_at=cohort.frees_at,  # type: ignore[attr-defined]
            apart=cohort.apart,  # type: ignore[attr-defined]
            home=patient.location,
        )
        for key, cohort in cohorts.items()
    ]
    return Offered(cohorts, offers)


def published(patient: Patient, now: datetime) -> QuerySet[Cohort]:
    """The published cohorts that are not over, where the person's clinic is."""
    today = now.astimezone(ZoneInfo(patient.location.zone)).date()
    return Cohort.objects.filter(state=PublicState.PUBLISHED, program__state=PublicState.PUBLISHED, ends_on__gt=today)


def with_seats(cohorts: QuerySet[Cohort], patient: Patient, now: datetime) -> QuerySet[Cohort]:
    """Together with the seats that are taken; programs and places are few, so they are read once and shared."""
    held = Q(enrollments__state=SeatState.HELD, enrollments__held_until__gt=now)
    rows = cohorts.select_related("facilitator")
    rows = rows.prefetch_related(Prefetch("program", Program.objects.select_related("track")), "location")
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
    around: Around | None = None,
    frees_at: datetime | None = None,
    apart: bool = False,
    home: Location | None = None,
) -> Offer:
    """
    The cohort as the pure part judges it.

    Args:
        around: what was read for many cohorts at once; read here for this one when missing.
        taken: how many of its seats are taken now.
        frees_at: when the first of the seats that are held comes free.
        apart: somebody has a seat in it from whom the person is kept apart.
        home: the person's own location; without it none is preferred.
    """
    place, program = cohort.location, cohort.program
    zone = ZoneInfo(place.zone)
    around = around or around_one(cohort)
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
        slots=around.slots,
        now=now.astimezone(zone).replace(tzinfo=None),
        entry=cohort.entry,
        entry_dates=around.entry_dates,
        seats_least=cohort.seats_least,
        frees_on=frees_at.astimezone(zone).date() if frees_at else None,
        age_least=program.age_least,
        age_most=program.age_most,
        # A program that names no state is licensed where it is.
        states=frozenset(program.states_licensed or [place.state]),
        licenses=around.licenses,
        place=place.name,
        place_state=place.state,
        access=frozenset(place.access_features),
        payers=around.payers,
        ways_to_pay=tuple(cohort.payment_options),
        apart=apart,
        nearby=home is None or cohort.location_id == home.pk,
        offset=offset(place.zone, now),
    )
