"""Worklists of the day, a session's roster, a person's summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Role, User
from accounts.policies import Actor
from intake.models import Addendum, Assessment, Patient
from programs.models import Cohort, Decision, Recommendation
from scheduling.models import Enrollment, Reply, SeatState, Session

PAGE = 25


def zone_of(user: User) -> ZoneInfo:
    """The clock on the wall where somebody works: the clinic's own where they have a choice."""
    zones = list(user.locations.values_list("zone", flat=True))
    home = settings.CLINIC.zone
    return home if not zones or home.key in zones else ZoneInfo(zones[0])


@dataclass(frozen=True, slots=True)
class Listed:
    """The first rows of a list, and how many there are."""

    rows: list[Any]
    total: int


def first_page(rows: QuerySet[Any]) -> Listed:
    return Listed(list(rows[:PAGE]), rows.count())


def sessions_on(actor: Actor, day: date) -> QuerySet[Session]:
    """A clinician's own sessions of a day, for others those of their locations; with how many are expected."""
    rows = Session.objects.visible_to(actor).filter(local_on=day)
    if actor.role == Role.CLINICIAN:
        rows = rows.filter(facilitator=actor.user)
    return counted(rows).select_related("cohort__location", "cohort__program", "room", "facilitator").order_by("during")


def counted(rows: QuerySet[Session]) -> QuerySet[Session]:
    """With `expected` (seats held), `confirmed` and `cannot`, counting only who holds a seat now."""
    seats = Enrollment.objects.active().filter(cohort=OuterRef("cohort"), enrolled_at__lt=OuterRef("during__endswith"))
    return rows.annotate(
        expected=Coalesce(Subquery(seats.order_by().values("cohort").annotate(n=Count("pk")).values("n")), 0),
        confirmed=said(Reply.Answer.COMING),
        cannot=said(Reply.Answer.CANNOT),
    )


def said(answer: str) -> Coalesce:
    seat = Enrollment.objects.active().filter(patient=OuterRef("patient"), cohort=OuterRef("session__cohort"))
    replies = Reply.objects.filter(Exists(seat), session=OuterRef("pk"), answer=answer)
    return Coalesce(Subquery(replies.order_by().values("session").annotate(n=Count("pk")).values("n")), 0)


def drafts_of(actor: Actor) -> QuerySet[Assessment]:
    """Intakes that somebody began and has not signed, the oldest first."""
    rows = Assessment.objects.filter(state=Assessment.State.DRAFT, owner=actor.user)
    return rows.filter(patient__in=Patient.objects.visible_to(actor)).select_related("patient").order_by("started_at")


def waiting_for_a_place(actor: Actor) -> QuerySet[Patient]:
    """
    Those for whom something was decided and who have no seat, the oldest decision first.

    With `recommendation_id` (public, the newest) and `decided_at` (of the newest decision over it).
    """
    newest = Recommendation.objects.filter(assessment__patient=OuterRef("pk")).order_by("-made_at", "-pk")
    decisions = Decision.objects.filter(recommendation=OuterRef("newest")).order_by("-at", "-pk")
    seat = Enrollment.objects.active().filter(patient=OuterRef("pk"))
    rows = Patient.objects.visible_to(actor).annotate(newest=Subquery(newest.values("pk")[:1]))
    return (
        rows.annotate(
            recommendation_id=Subquery(newest.values("public_id")[:1]),
            choice=Subquery(decisions.values("choice")[:1]),
            decided_at=Subquery(decisions.values("at")[:1]),
        )
        .filter(~Exists(seat), choice__isnull=False)
        .exclude(choice=Decision.Choice.NOT_READY)
        .order_by("decided_at", "pk")
    )


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person on a roster; `linked` when the reader may open the record."""

    patient: Patient
    answer: str
    reason: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Roster:
    attendees: list[Attendee]
    unnamed: int  # others, of whom this reader may not know the name

    def count(self, answer: str) -> int:
        return sum(attendee.answer == answer for attendee in self.attendees)


def roster(actor: Actor, session: Session) -> Roster:
    """Who is expected. Names are for who leads the session and for who may open the record anyway."""
    seats = Enrollment.objects.active().filter(cohort=session.cohort_id, enrolled_at__lt=session.ends_at)
    own = Reply.objects.filter(session=session, patient=OuterRef("patient"))
    rows = seats.select_related("patient").annotate(
        answer=Coalesce(Subquery(own.values("answer")), Value("")),
        why=Coalesce(Subquery(own.values("reason")), Value("")),
        linked=Exists(Patient.objects.visible_to(actor).filter(pk=OuterRef("patient"))),
    )
    everyone: list[Any] = list(rows.order_by("patient__sort_key", "patient_id"))
    leads = session.facilitator_id == actor.user.pk
    named = [row for row in everyone if leads or row.linked]
    attendees = [Attendee(row.patient, row.answer, row.why, row.linked) for row in named]
    return Roster(attendees, unnamed=len(everyone) - len(named))


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a person stands on the road."""

    draft: Assessment | None
    signed: Assessment | None
    is_amended: bool
    enrollments: list[Enrollment]
    held: list[Enrollment]  # those of them that are held now
    next_session: Session | None
    team: list[User]


def seat_of(patient: Patient, public_id: UUID) -> Enrollment | None:
    """A seat of this person, held, had or ended."""
    rows = patient.enrollments.select_related(
        "patient__location", "cohort__program__track", "cohort__location", "held_by", "ended_by"
    )
    return rows.filter(public_id=public_id).first()


def sessions_left(cohort: Cohort, now: datetime) -> int:
    return cohort.sessions.planned().filter(during__startswith__gt=now).count()


def summary(patient: Patient, now: datetime) -> Summary:
    """The newest draft and signed intake, the seats, the next session and who cares for the person."""
    corrected = Exists(Addendum.objects.filter(assessment=OuterRef("pk")))
    rows = patient.assessments.select_related("owner", "signed_by").annotate(is_amended=corrected)
    intakes = list(rows.order_by("-started_at"))
    seats = patient.enrollments.select_related("cohort__program", "cohort__location", "cohort__facilitator")
    enrollments = list(seats.order_by("-pk"))
    live = [seat.cohort_id for seat in enrollments if seat.state == SeatState.ACTIVE]
    ahead = Session.objects.planned().filter(cohort__in=live, during__endswith__gt=now).order_by("during")
    return Summary(
        draft=next((each for each in intakes if not each.is_signed), None),
        signed=next((each for each in intakes if each.is_signed), None),
        is_amended=next((each.is_amended for each in intakes if each.is_signed), False),
        enrollments=enrollments,
        held=[seat for seat in enrollments if seat.state == SeatState.HELD and not seat.has_run_out(now)],
        next_session=ahead.select_related("cohort__location", "room", "facilitator").first(),
        team=list(User.objects.filter(care_teams__patient=patient).order_by("name")),
    )
