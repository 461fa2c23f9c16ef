"""A held place becomes a person's own, with its access record and its reminders: beside a bare guarded UPDATE plus INSERT."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from bench import floor, rows, web
from bench.stage import Stage
from intake.models import Assessment, CareTeamMember, Channel, ContactWish, Patient
from messaging.models import OutboxMessage
from programs.models import Cohort, Decision, PublicState, Recommendation, TrackCode
from scheduling.demo.papers import sign_before_the_first_session
from scheduling.models import Enrollment, Session

REQUESTS = 60
SEATS = 40
SESSIONS = 3  # still ahead, each with two reminders
MOST_QUERIES = 16


def measure(stage: Stage) -> Iterator[rows.Row]:
    seats = held_seats(stage)
    with connection.cursor() as cursor:
        cursor.execute(floor.MAKE_SEATS)

    def product(_number: int) -> web.Answer:
        seat = seats.pop()
        path = f"/staff/people/{seat.patient.public_id}/places/{seat.public_id}/enroll/"
        return stage.expect(stage.site.post(path, {}, **stage.counting), 302)

    def bare(number: int) -> web.Answer:
        return stage.expect(stage.site.post("/bench/seat/", {"cohort": 1, "person": number}, **stage.counting), 200)

    compared = web.compare(stage.site, product, bare, requests=REQUESTS)
    stage.tell("enroll", compared)
    assert OutboxMessage.objects.exists()  # noqa: S101 - or the cheap half was measured
    yield rows.beside("enroll", web.UNIT, compared.product.cpu, compared.floor.cpu, budget=3.5)
    with stage.counted():
        most, least = product(0).queries, bare(0).queries
    yield rows.at_most("enroll", "queries", most, budget=MOST_QUERIES, floor=least)


def held_seats(stage: Stage) -> list[Enrollment]:
    """As many people as are enrolled here, each with everything signed and a place held in one of some cohorts."""
    by, now = stage.clinic.clinician, timezone.now()
    decided = Decision.objects.filter(choice=Decision.Choice.AGREE, track=TrackCode.DEPRESSION).latest("pk")
    like = Cohort.objects.filter(program__track__code=TrackCode.DEPRESSION, state=PublicState.PUBLISHED).first()
    assert like  # noqa: S101 - the demo clinic has one
    needed = web.WARM + web.ROUNDS * REQUESTS + 1
    seats: list[Enrollment] = []
    with transaction.atomic():
        while len(seats) < needed:
            cohort = another(like, len(seats))
            seats += [held(decided, cohort, number, by, now) for number in range(SEATS)]
    return seats


def another(like: Cohort, number: int) -> Cohort:
    """A cohort like this one, online so that no room is taken twice, with few sessions ahead."""
    blocks = list(like.blocks.all())
    cohort = Cohort.objects.get(pk=like.pk)
    cohort.pk, cohort.public_id, cohort.name = None, uuid4(), f"Measured {number}"
    cohort.delivery, cohort.room, cohort.facilitator = Cohort.Delivery.ONLINE, None, None
    cohort.seats, cohort._state.adding = SEATS, True
    cohort.save()
    for block in blocks:
        block.pk, block.cohort = None, cohort
        block.save()
    begins = timezone.now() + timedelta(days=4)
    Session.objects.bulk_create(
        Session(cohort=cohort, local_on=at.date(), during=(at, at + timedelta(hours=1)), title="Skills group")
        for at in (begins + timedelta(days=day) for day in range(SESSIONS))
    )
    return cohort


def held(decided: Decision, cohort: Cohort, number: int, by: User, now: datetime) -> Enrollment:
    like = decided.recommendation
    person = Patient.objects.create(
        location=cohort.location,
        first_name="Measured",
        last_name=f"{cohort.name} {number}",
        sort_key=f"{cohort.name} {number}".lower(),
        born_on=date(1989, 3, 14),
        email=f"measured{cohort.pk}.{number}@example.test",
        registered_by=by,
    )
    CareTeamMember.objects.create(patient=person, user=by)
    wish = {"statement": "We may send this.", "recorded_by": by, "said_at": now}
    ContactWish.objects.create(patient=person, channel=Channel.EMAIL, is_wanted=True, **wish)
    signed = Assessment.objects.create(
        patient=person,
        owner=by,
        state=Assessment.State.SIGNED,
        signed_at=now,
        signed_by=by,
        signature=by.name,
        content_hash="0" * 64,
    )
    made = Recommendation.objects.create(
        assessment=signed,
        facts=like.facts,
        ruleset_version=like.ruleset_version,
        result=like.result,
        content_hash=like.content_hash,
    )
    Decision.objects.create(recommendation=made, choice=decided.choice, track=decided.track, by=by)
    sign_before_the_first_session(person, at=now)
    held_at = timezone.now()  # after everything above
    hold = {"held_by": by, "held_at": held_at, "held_until": held_at + timedelta(hours=72)}
    return Enrollment.objects.create(patient=person, cohort=cohort, state=Enrollment.State.HELD, **hold)
