"""Before a seat is given: what was decided, what is offered, what would collide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from intake.instruments import value_of
from intake.models import Assessment, Language, Patient
from programs.matching.cohorts import WEEKDAYS, Match, Need, Offer, Part, Slot, judge, rank
from programs.models import Cohort, Program, Recommendation, TrackCode
from programs.queries import newest_decision, proposed_tracks
from scheduling.models import Enrollment, Session
from scheduling.standing import Standing

TAKEN = Count("enrollments", filter=Q(enrollments__withdrawn_at__isnull=True, enrollments__withdrawn_by__isnull=True))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SETTINGS = {"on_site": Cohort.Delivery.ON_SITE, "telehealth": Cohort.Delivery.ONLINE}


@dataclass(frozen=True, slots=True)
class Option:
    """A cohort with what speaks for and against it."""

    cohort: Cohort
    match: Match

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


def time_range(starts: time, ends: time) -> str:
    """ "5:30 to 7:00 pm", "11:00 am to 1:00 pm"."""
    halves = ["am" if clock.hour < 12 else "pm" for clock in (starts, ends)]
    first, last = (f"{clock.hour % 12 or 12}:{clock:%M}" for clock in (starts, ends))
    return f"{first} to {last} {halves[1]}" if halves[0] == halves[1] else f"{first} {halves[0]} to {last} {halves[1]}"


def standing(patient: Patient) -> Standing:
    rows = Recommendation.objects.filter(assessment__patient=patient).select_related("assessment")
    newest = rows.order_by("-made_at", "-pk").first()
    return Standing(newest, newest_decision(newest) if newest else None)


def decided_need(where: Standing) -> Need:
    """The part of the need that was decided; only for a standing with a decision."""
    if where.recommendation is None or where.decision is None:
        raise ValueError("Nothing has been decided for this person.")
    tracks = [where.decision.track] if where.decision.track else proposed_tracks(where.recommendation)
    level = where.decision.level or where.recommendation.result["level_of_care"]["level"] or ""
    # Another level may be decided while no track is proposed; then none is excluded.
    return Need(tracks=frozenset(tracks or TrackCode.values), level=level)


def need_of(patient: Patient, where: Standing) -> Need:
    """What was decided, and what the person said about coming."""
    need = decided_need(where)
    if where.recommendation is None:
        return need
    return replace(need, **wishes(patient, where.recommendation.assessment))


def wishes(patient: Patient, assessment: Assessment) -> dict[str, Any]:
    """Times, place and language as the person gave them in the intake; what was not said is left open."""
    said = assessment.responses.filter(code="goals").first()
    answers = said.answers if said else {}
    language, setting = (str(value_of(answers.get(item)) or "") for item in ("session_language", "setting"))
    return {
        "windows": windows(answers),
        "delivery": SETTINGS.get(setting, ""),
        "language": language if language in Language.values else patient.language,
    }


def windows(answers: Mapping[str, Any]) -> dict[int, frozenset[Part]]:
    """When the person could come, by weekday; a day that was not answered is missing."""
    said = {day: value_of(answers.get(f"available_{name}")) for day, name in enumerate(DAYS)}
    return {day: frozenset(map(Part, parts)) for day, parts in said.items() if isinstance(parts, list)}


def wish_words(need: Need) -> list[str]:
    """What the person said about coming, in a few words each: "Mon, Tue: any time", "Sat: morning"."""
    days: dict[frozenset[Part], list[str]] = {}
    for day, parts in sorted((need.windows or {}).items()):
        days.setdefault(parts, []).append(WEEKDAYS[day][:3])
    times = [f"{', '.join(names)}: {parts_words(parts)}" for parts, names in days.items()]
    place = {"online": "online", "on_site": "on site"}.get(need.delivery, "on site or online")
    return [*times, place, *([str(Language(need.language).label)] if need.language else [])]


def parts_words(parts: frozenset[Part]) -> str:
    if len(parts) in {0, len(Part)}:
        return "any time" if parts else "not at all"
    return " or ".join(part for part in Part if part in parts)


def held(patient: Patient) -> list[Enrollment]:
    """The seats that the person has."""
    rows = patient.enrollments.live().select_related("cohort__program", "cohort__location")
    return list(rows.order_by("enrolled_at"))


def is_of(patient: Patient, recommendation: UUID) -> bool:
    return Recommendation.objects.filter(assessment__patient=patient, public_id=recommendation).exists()


def team_names(patient: Patient) -> list[str]:
    return list(patient.care_team.order_by("user__name").values_list("user__name", flat=True))


def options(patient: Patient, need: Need, now: datetime) -> list[Option]:
    """Every cohort within reach, ranked: those at the person's location, and those online in the same state."""
    # A seat that the person holds is not on offer to them.
    own = Enrollment.objects.live().filter(patient=patient).values("cohort")
    cohorts = {cohort.pk: cohort for cohort in within_reach(patient, now).exclude(pk__in=own)}
    offers = [offer_of(cohort, cohort.taken, now, nearby=patient.location) for cohort in cohorts.values()]  # type: ignore[attr-defined]
    return [Option(cohorts[match.offer.key], match) for match in rank(need, offers)]


def within_reach(patient: Patient, now: datetime) -> QuerySet[Cohort]:
    place = patient.location
    reach = Q(location=place) | Q(delivery=Cohort.Delivery.ONLINE, location__state=place.state)
    today = now.astimezone(ZoneInfo(place.zone)).date()
    rows = Cohort.objects.filter(reach, program__state=Program.State.PUBLISHED, ends_on__gt=today)
    rows = rows.select_related("program__track", "location", "room", "facilitator").prefetch_related("blocks")
    return rows.annotate(taken=TAKEN)


def offer_of(cohort: Cohort, taken: int, now: datetime, *, nearby: Any = None) -> Offer:
    """The cohort as the pure part judges it."""
    return Offer(
        key=cohort.pk,
        track=cohort.program.track.code,
        level=cohort.program.level,
        state=cohort.state,
        starts_on=cohort.starts_on,
        last_entry_on=cohort.last_entry_on,
        ends_on=cohort.ends_on,
        seats=cohort.seats,
        taken=taken,
        language=cohort.language,
        delivery=cohort.delivery,
        slots=tuple(Slot(block.weekday, block.starts, block.minutes) for block in cohort.blocks.all()),
        now=now.astimezone(ZoneInfo(cohort.location.zone)).replace(tzinfo=None),
        nearby=nearby is None or cohort.location_id == nearby.pk,
    )


def judged(cohort: Cohort, taken: int, where: Standing, now: datetime) -> Match:
    """One cohort against what was decided, leaving wishes aside."""
    return judge(decided_need(where), offer_of(cohort, taken, now))


def collision(patient: Patient, cohort: Cohort, now: datetime) -> Session | None:
    """A meeting that the person already has, in another cohort, at the time of one of this cohort's."""
    others = Enrollment.objects.live().filter(patient=patient).exclude(cohort=cohort).values("cohort")
    theirs = Session.objects.planned().filter(cohort__in=others, during__endswith__gt=now)
    ahead = list(
        Session.objects.planned().filter(cohort=cohort, during__endswith__gt=now).values_list("during", flat=True)
    )
    return next((each for each in theirs if any(overlap(each.during, span) for span in ahead)), None)


def overlap(one: Any, other: Any) -> bool:
    """Half-open ranges: touching ends do not collide."""
    return bool(one.lower < other.upper and other.lower < one.upper)
