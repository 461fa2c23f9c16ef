"""What one person needs of a cohort: what was decided, who they are, and what they said about coming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from intake.instruments import value_of
from intake.models import Coverage, Language, Patient
from intake.papers import live_coverage
from programs.matching.offers import Busy, Need
from programs.matching.weekly import Part, Slot
from programs.matching.why import ACCESS
from programs.models import Cohort, TrackCode
from programs.queries import proposed_tracks
from scheduling.models import Enrollment
from scheduling.standing import Standing

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SETTINGS = {"on_site": Cohort.Delivery.ON_SITE, "telehealth": Cohort.Delivery.ONLINE}


def decided_need(where: Standing) -> Need:
    """The part of the need that was decided; only for a standing with a decision."""
    if where.recommendation is None or where.decision is None:
        raise ValueError("Nothing has been decided for this person.")
    tracks = [where.decision.track] if where.decision.track else proposed_tracks(where.recommendation)
    level = where.decision.level or where.recommendation.result["level_of_care"]["level"] or ""
    # Another level may be decided while no track is proposed; then none is excluded.
    return Need(tracks=frozenset(tracks or TrackCode.values), level=level)


def firm_need(patient: Patient, where: Standing) -> Need:
    """What no wish can change: what was decided, age, state, and what the person needs to get in."""
    return of_person(decided_need(where), patient, said_about_coming(where))


def need_of(patient: Patient, where: Standing, now: datetime) -> Need:
    """All that counts. What was not said is left open, and excludes nothing."""
    answers = said_about_coming(where)
    need = of_person(decided_need(where), patient, answers)
    language, setting = (str(value_of(answers.get(item)) or "") for item in ("session_language", "setting"))
    delivery = SETTINGS.get(setting, "")
    coverage = live_coverage(patient, Coverage.Rank.FIRST)
    return replace(
        need,
        windows=windows(answers),
        delivery=delivery,
        prefers=delivery,
        languages=frozenset({language if language in Language.values else patient.language}),
        # Who pays for this kind of care, which is not always who pays for the rest.
        payer=(coverage.carve_out or coverage.payer) if coverage else "",
        offset=offset(patient.zone, now),
        busy=busy(patient, now),
    )


def of_person(need: Need, patient: Patient, answers: Mapping[str, Any]) -> Need:
    needed = value_of(answers.get("access_needs"))
    access = frozenset(needed if isinstance(needed, list) else ()) & ACCESS.keys()
    # Where they are while they attend from home: the record has no address, so the state of their clinic.
    return replace(need, born_on=patient.born_on, state=patient.location.state, access=access)


def said_about_coming(where: Standing) -> Mapping[str, Any]:
    if where.recommendation is None:
        return {}
    said = where.recommendation.assessment.responses.filter(code="goals").first()
    return said.answers if said else {}


def windows(answers: Mapping[str, Any]) -> dict[int, frozenset[Part]]:
    """When the person could come, by weekday; a day that was not answered is missing."""
    said = {day: value_of(answers.get(f"available_{name}")) for day, name in enumerate(DAYS)}
    return {day: frozenset(map(Part, parts)) for day, parts in said.items() if isinstance(parts, list)}


def busy(patient: Patient, now: datetime) -> tuple[Busy, ...]:
    """The cohorts in which the person has a seat."""
    seats = Enrollment.objects.live(now).filter(patient=patient).select_related("cohort__location")
    cohorts = [seat.cohort for seat in seats.prefetch_related("cohort__blocks")]
    return tuple(
        Busy(each.name, each.starts_on, each.ends_on, slots_of(each), offset(each.location.zone, now))
        for each in cohorts
    )


def slots_of(cohort: Cohort) -> tuple[Slot, ...]:
    return tuple(Slot(block.weekday, block.starts, block.minutes) for block in cohort.blocks.all())


def offset(zone: str, now: datetime) -> int:
    """How many minutes the clock of this place is ahead of UTC now."""
    ahead = now.astimezone(ZoneInfo(zone)).utcoffset()
    return int(ahead.total_seconds()) // 60 if ahead else 0
