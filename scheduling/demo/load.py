"""Load the demo clinic: rows first in one transaction, then seats, one deed each, as staff would give them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from intake.models import Assessment, Patient
from programs import actions as programs
from programs import queries
from programs.models import Cohort, Decision, Recommendation
from scheduling import actions
from scheduling.demo.catalog import load_catalog
from scheduling.demo.forms import give_forms
from scheduling.demo.papers import sign_before_the_first_session
from scheduling.demo.people import Cast, Person, everybody, make_inquiries
from scheduling.demo.rules import publish_rules
from scheduling.demo.safety import load_alerts
from scheduling.demo.waiting import load_waitlist
from scheduling.models import Enrollment, Reply, Session

MARK = "clinician@demo.test"
SHARES = (0.15, 0.4, 0.65, 0.9)


def load(*, now: datetime) -> bool:
    """
    Load what is missing; say whether anything was.

    The rows stand or fall together; giving seats is repeated harmlessly after a load that was cut short.
    """
    fresh = not User.objects.filter(email=MARK).exists()
    if fresh:
        with transaction.atomic():
            today = now.astimezone(ZoneInfo("America/Chicago")).date()
            load_catalog(today=today)
            publish_rules(now=now)
            load_people(now)
            make_inquiries(now)
    ruled = publish_rules(now=now)
    for cohort in Cohort.objects.filter(sessions__isnull=True).select_related("location"):
        # As if made on the day it began, so that the weeks behind are there too.
        began = datetime.combine(cohort.starts_on, time.min, ZoneInfo(cohort.location.zone))
        actions.generate_sessions(cohort=cohort, at=began)
    seated = give_seats(now)
    waiting = load_waitlist(now)
    alerted = load_alerts(now)
    return fresh or ruled or seated or waiting or alerted


def load_people(now: datetime) -> None:
    cast = Cast(now)
    for person in everybody():
        patient = cast.patient(person)
        if patient.user is not None:
            give_forms(patient, now)
        at = now - timedelta(days=2 + person.number % 9, hours=person.number % 5)
        if person.stage == "draft":
            cast.assessment(person, patient, share=SHARES[person.number % len(SHARES)], at=at)
        elif person.stage != "registered":
            sign_and_recommend(cast, person, patient, at)


def sign_and_recommend(cast: Cast, person: Person, patient: Patient, at: datetime) -> None:
    assessment = cast.assessment(person, patient, share=1.0, at=at)
    owner = assessment.owner
    Assessment.objects.filter(pk=assessment.pk).update(
        state=Assessment.State.SIGNED,
        signed_at=at + timedelta(minutes=50),
        signed_by=owner,
        signature=owner.name,
        content_hash=hashlib.sha256(str(assessment.public_id).encode()).hexdigest(),
    )
    assessment.refresh_from_db()
    made = programs.recommend(assessment=assessment, at=at + timedelta(minutes=51))
    tracks = queries.proposed_tracks(made)
    if person.stage in {"decided", "enrolled"} and tracks:
        Decision.objects.create(
            recommendation=made, choice=Decision.Choice.AGREE, track=tracks[0], by=owner, at=at + timedelta(minutes=60)
        )


def give_seats(now: datetime) -> bool:
    """Seat everybody whose stage says so and who has none yet, in a running cohort of their track."""
    waiting = (
        Recommendation.objects.filter(
            decisions__choice=Decision.Choice.AGREE, assessment__patient__enrollments__isnull=True
        )
        .select_related("assessment__patient")
        .order_by("pk")
    )
    by_email = {person.email: person for person in everybody()}
    given = False
    for recommendation in waiting:
        patient = recommendation.assessment.patient
        person = by_email.get(patient.email)
        if person is None or person.stage != "enrolled":
            continue
        given = seat(patient, recommendation, now) or given
    return given


def seat(patient: Patient, recommendation: Recommendation, now: datetime) -> bool:
    track = recommendation.decisions.latest("at", "pk").track
    today: date = now.date()
    running = Cohort.objects.filter(program__track__code=track, starts_on__lte=today)
    # The emptiest first, so that every room has people in it.
    sign_before_the_first_session(patient, at=recommendation.made_at)
    cohorts = running.annotate(taken=Count("enrollments")).order_by("taken", "starts_on")
    for cohort in cohorts.filter(language=patient.language).exclude(delivery=Cohort.Delivery.ONLINE):
        try:
            actions.enroll(patient=patient, cohort=cohort, by=recommendation.assessment.owner, at=now)
        except actions.CohortFull:
            continue
        confirm_some(patient, now)
        return True
    return False


def confirm_some(patient: Patient, now: datetime) -> None:
    """The first sessions ahead are answered by most people, so that rosters have something to show."""
    enrollment = Enrollment.objects.get(patient=patient)
    ahead = Session.objects.filter(cohort=enrollment.cohort, during__startswith__gt=now).order_by("during")[1:4]
    answers = [Reply.Answer.COMING, Reply.Answer.COMING, Reply.Answer.CANNOT]
    Reply.objects.bulk_create(
        Reply(session=session, patient=patient, answer=answers[(patient.pk + place) % len(answers)], at=now)
        for place, session in enumerate(ahead)
        if patient.pk % 4
    )
