"""Before a seat is given: what was decided, what is offered, what would collide."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from intake.models import Patient
from programs.matching.cohorts import Match, judge
from programs.models import Cohort, Recommendation
from programs.queries import newest_decision
from scheduling.models import Enrollment, Session
from scheduling.queries.match import offer_of, seats_of_those_kept_apart
from scheduling.queries.needs import firm_need
from scheduling.standing import Standing


def standing(patient: Patient) -> Standing:
    rows = Recommendation.objects.filter(assessment__patient=patient).select_related("assessment__patient__location")
    newest = rows.order_by("-made_at", "-pk").first()
    return Standing(newest, newest_decision(newest) if newest else None)


def held(patient: Patient, now: datetime) -> list[Enrollment]:
    """The seats that the person has, and those that are held for them."""
    return list(patient.enrollments.live(now).select_related("cohort__program", "cohort__location"))


def is_of(patient: Patient, recommendation: UUID) -> bool:
    return Recommendation.objects.filter(assessment__patient=patient, public_id=recommendation).exists()


def team_names(patient: Patient) -> list[str]:
    return list(patient.care_team.order_by("user__name").values_list("user__name", flat=True))


def judged(cohort: Cohort, taken: int, where: Standing, now: datetime) -> Match:
    """One cohort against what was decided and who the person is, leaving wishes aside; with a decision only."""
    if where.recommendation is None:
        raise ValueError("Nothing has been decided for this person.")
    patient = where.recommendation.assessment.patient
    apart = seats_of_those_kept_apart(patient, now).filter(cohort=cohort).exists()
    return judge(firm_need(patient, where), offer_of(cohort, taken, now, apart=apart))


def collision(patient: Patient, cohort: Cohort, now: datetime, *, leaving: Cohort | None = None) -> Session | None:
    """A meeting in another cohort, had or held, but not one that is left, at the time of one of this cohort's."""
    others = Enrollment.objects.live(now).filter(patient=patient).exclude(cohort__in=filter(None, (cohort, leaving)))
    theirs = Session.objects.planned().filter(cohort__in=others.values("cohort"), during__endswith__gt=now)
    own = Session.objects.planned().filter(cohort=cohort, during__overlap=OuterRef("during"))
    return theirs.filter(Exists(own)).select_related("cohort").order_by("during").first()
