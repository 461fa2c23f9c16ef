"""Questions over the catalog, recommendations and decisions; nothing is written here."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from intake import queries as intake
from intake.models import Assessment, Patient
from programs.matching import Engine, load_ruleset
from programs.models import Decision, Recommendation, RuleSet, Track

STANDING = {"G7": "environment.safe_place_recorded", "G8": "engagement.barrier_plan"}


def published_rules() -> RuleSet | None:
    """The rule set that new recommendations are made by, without its long document."""
    return RuleSet.objects.defer("document").filter(state=RuleSet.State.PUBLISHED).first()


def approved_after(rules: RuleSet | None, assessment: Assessment) -> bool:
    """Whether the rules in use were not there yet when this intake was signed."""
    published_at, signed_at = rules and rules.published_at, assessment.signed_at
    return bool(published_at and signed_at and published_at > signed_at)


def digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


@lru_cache(maxsize=8)  # the published rules, and the drafts that people look at
def engine_of(content_hash: str) -> Engine:
    """
    The engine of a stored rule set; compiled once in a process, for a hash stands for one document.

    Raises:
        RuleSet.DoesNotExist: no stored document has this hash.
        ValueError: the stored document is not the one that was stored.
    """
    document = RuleSet.objects.filter(content_hash=content_hash).values_list("document", flat=True).first()
    if document is None:
        raise RuleSet.DoesNotExist
    if digest(document) != content_hash:
        raise ValueError("the document of this rule set was changed outside of Tideway")
    return Engine(load_ruleset(document))


def local_day(assessment: Assessment, at: datetime) -> date:
    """The day on the wall of the person's location."""
    return at.astimezone(ZoneInfo(assessment.patient.location.zone)).date()


def age_in_days(assessment: Assessment, now: datetime) -> int:
    """How old the signed answers are; 0 for what is not signed."""
    return (now - assessment.signed_at).days if assessment.signed_at else 0


def facts_for(assessment: Assessment, at: datetime) -> dict[str, Any]:
    """The input document of the rules: the answers, and the clearances recorded over them since."""
    document = intake.facts_of(assessment, as_of=local_day(assessment, at))
    facts = document["facts"]
    for clearance in assessment.clearances.order_by("done_on", "pk"):
        if clearance.gate in STANDING:
            facts[STANDING[clearance.gate]] = True
        else:
            facts[f"clearance.{clearance.gate.lower()}"] = clearance.done_on.isoformat()
    return document


def newest_recommendation(assessment: Assessment) -> Recommendation | None:
    # By key, not by `made_at`: who waited for the lock of `recommend` read the clock before, and knows more.
    return assessment.recommendations.order_by("-pk").first()


def decisions_of(assessment: Assessment) -> list[Decision]:
    """Everything that was decided over this intake, the newest first."""
    rows = Decision.objects.filter(recommendation__assessment=assessment).select_related("by", "recommendation")
    return list(rows.order_by("-pk"))


def newest_decision(recommendation: Recommendation) -> Decision | None:
    return recommendation.decisions.select_related("by").order_by("-pk").first()


def on_hold(recommendation: Recommendation) -> bool:
    """Whether checks are open that come before any level of care or track."""
    return bool(recommendation.result["gate_summary"]["blocks_recommendation"])


def proposed_tracks(recommendation: Recommendation) -> list[str]:
    """
    The track codes that the result proposes: the primary one, or the candidates to pick from.

    None while a rating is missing that the level of care rests on: no half of a proposal is offered.
    """
    if recommendation.result["level_of_care"].get("status") == "no_result":
        return []
    selection = recommendation.result["selection"]
    if selection["primary_track"]:
        return [selection["primary_track"]]
    return [track_code(family, selection["format"]) for family in selection["candidates"]]


def adjunct_tracks(recommendation: Recommendation) -> list[str]:
    """The track codes of what is recommended as a second, smaller part beside the first."""
    selection = recommendation.result["selection"]
    return [track_code(each["family"], selection["format"]) for each in selection["adjuncts"]]


def track_code(family: str, addiction_format: dict[str, Any] | None) -> str:
    """The track of a family: for addiction its format decides which of the three."""
    if family != "addiction":
        return family
    return f"addiction_{(addiction_format or {}).get('primary') or 'group'}"


def recommendation_of(patient: Patient, public_id: UUID) -> Recommendation | None:
    """A recommendation of this person, with what its page prints about the intake."""
    rows = Recommendation.objects.select_related(
        "assessment__patient__location", "assessment__signed_by", "ruleset"
    ).defer("ruleset__document")
    return rows.filter(assessment__patient=patient, public_id=public_id).first()


def signed_assessment(patient: Patient, public_id: UUID) -> Assessment | None:
    rows = patient.assessments.select_related("patient__location", "signed_by")
    return rows.filter(public_id=public_id, state=Assessment.State.SIGNED).first()


def newer_than(recommendation: Recommendation) -> Recommendation | None:
    """The newest recommendation of the same intake, when it is not this one."""
    newest = newest_recommendation(recommendation.assessment)
    return newest if newest != recommendation else None


def tracks_in_plain_words(recommendation: Recommendation) -> list[Track]:
    """The proposed tracks as the public reads them, in the order of the proposal."""
    codes = proposed_tracks(recommendation)
    rows = {track.code: track for track in Track.objects.filter(code__in=codes)}
    return [rows[code] for code in codes if code in rows]
