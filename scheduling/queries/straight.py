"""
What the straight way from a held place to a seat reads, by hand as a save is read (docs/performance.md).

One look tells whether anything at all could be in the way: whatever it does not know for sure sends the
deed the long way round, where every refusal has its sentence. It never lets pass what that way refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model

from accounts.models import Location, Role, User
from accounts.policies import Actor
from intake.models import Patient
from intake.papers import here
from programs.models import Cohort
from scheduling.models import Enrollment, Session

ME: Final = -1


def columns_of(model: type[Model], *names: str) -> tuple[str, ...]:
    """These columns of a table, or all, in the order in which its rows are made."""
    found = [field.attname for field in model._meta.concrete_fields]
    return tuple(name for name in found if not names or name in names)


SEAT: Final = columns_of(Enrollment)
PERSON: Final = columns_of(
    Patient,
    "id",
    "public_id",
    "location_id",
    "first_name",
    "last_name",
    "preferred_name",
    "language",
    "email",
    "zone",
)
COHORT: Final = columns_of(Cohort, "id", "program_id", "name", "location_id", "delivery")
MEETING: Final = columns_of(Session, "id", "public_id", "cohort_id", "during", "canceled_at")


def named(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


TO_TAKE: Final = f"""
SELECT {named("seat", SEAT)}, person.*, {named("cohort", COHORT)}, place.zone
FROM ({{visible}}) AS person ({", ".join(PERSON)}, home)
JOIN scheduling_enrollment AS seat ON seat.patient_id = person.id
JOIN programs_cohort AS cohort ON cohort.id = seat.cohort_id
JOIN accounts_location AS place ON place.id = cohort.location_id
WHERE person.public_id = %s AND seat.public_id = %s
"""  # noqa: S608 - names of our own columns


@cache
def visible_sql(role: Role) -> tuple[str, tuple[Any, ...]]:
    """What `visible_to` asks, put together once for a role; a mark stands for who asks."""
    people = Patient.objects.visible_to(Actor(User(pk=ME), role)).order_by()
    return people.values_list(*PERSON, "location__zone").query.sql_with_params()


@cache
def emailed_sql() -> tuple[str, tuple[Any, ...]]:
    """What `may_be_emailed` asks of one person."""
    return Patient.objects.may_be_emailed().filter(pk=ME).order_by().values_list("pk").query.sql_with_params()


def seat_to_take(actor: Actor, person: UUID, public_id: UUID) -> Enrollment | None:
    """A seat of somebody this actor may see, with what taking it needs; what was not read stays to be asked for."""
    try:
        visible, marks = visible_sql(actor.role)
    except EmptyResultSet:
        return None
    with connection.cursor() as cursor:
        own = [actor.user.pk if mark == ME else mark for mark in marks]
        cursor.execute(TO_TAKE.format(visible=visible), [*own, person, public_id])
        row = cursor.fetchone()
    return row and seat_of(row)


def seat_of(row: tuple[Any, ...]) -> Enrollment:
    alias, rest = connection.alias, row[len(SEAT) :]
    seat: Enrollment = Enrollment.from_db(alias, SEAT, row[: len(SEAT)])
    seat.patient = Patient.from_db(alias, PERSON, rest[: len(PERSON)])
    seat.patient.location = Location.from_db(alias, ("id", "zone"), (seat.patient.location_id, rest[len(PERSON)]))
    seat.cohort = Cohort.from_db(alias, COHORT, rest[len(PERSON) + 1 : -1])
    seat.cohort.location = Location.from_db(alias, ("id", "zone"), (seat.cohort.location_id, rest[-1]))
    return seat


# Three statements in one round trip, each with what is committed when it begins: the locks in the one order of
# `sit_down`, then a look at what stands behind them.
LOCKS: Final = """
SELECT FROM programs_cohort WHERE id = %(cohort)s FOR NO KEY UPDATE;
SELECT FROM intake_patient WHERE id = %(person)s FOR NO KEY UPDATE;
"""
# What was held was looked at when it was held: nothing decided, checked or recommended since then may differ.
LOOK: Final = """
WITH newest AS (
    SELECT made.id, made.made_at, made.result -> 'gate_summary' -> 'blocks_enrollment' AS gates
    FROM programs_recommendation AS made JOIN intake_assessment AS intake ON intake.id = made.assessment_id
    WHERE intake.patient_id = %(person)s ORDER BY made.made_at DESC, made.id DESC LIMIT 1
), decided AS (
    SELECT choice, at FROM programs_decision WHERE recommendation_id = (SELECT id FROM newest) ORDER BY id DESC LIMIT 1
)
SELECT
    seat.state = 'held' AND seat.held_until > %(at)s
    AND COALESCE((SELECT gates = '[]' AND made_at <= seat.held_at FROM newest), false)
    AND COALESCE((SELECT choice NOT IN ('not_ready', 'referral') AND at <= seat.held_at FROM decided), false)
    AND EXISTS (SELECT FROM intake_consent WHERE patient_id = %(person)s AND kind = 'care' AND revoked_at IS NULL
        AND (expires_on IS NULL OR expires_on >= %(today)s) AND support_person_id IS NULL AND signed_at <= %(at)s)
    AND EXISTS (SELECT FROM scheduling_groupagreement WHERE patient_id = %(person)s AND signed_at <= %(at)s)
    AND EXISTS (SELECT FROM programs_program AS program JOIN programs_track AS track ON track.id = program.track_id
        WHERE program.id = %(program)s AND program.format <> 'family' AND track.code <> 'addiction_family')
    AND NOT EXISTS (SELECT FROM intake_keepapart
        WHERE ended_at IS NULL AND %(person)s IN (first_id, second_id))
    AND NOT EXISTS (SELECT FROM scheduling_enrollment AS other
        WHERE other.patient_id = %(person)s AND other.id <> seat.id AND other.state IN ('held', 'active'))
    AND seat.kind = 'primary' AS is_clear,
    EXISTS ({emailed}) AS is_reminded,
    EXISTS (SELECT FROM scheduling_waitlistentry
        WHERE patient_id = %(person)s AND program_id = %(program)s AND state IN ('waiting', 'offered')) AS waits,
    (SELECT count(*) FROM scheduling_enrollment AS taken WHERE taken.cohort_id = seat.cohort_id
        AND (taken.state = 'active' OR (taken.state = 'held' AND taken.held_until > %(at)s))) AS taken,
    (SELECT seats FROM programs_cohort WHERE id = seat.cohort_id) AS seats
FROM scheduling_enrollment AS seat WHERE seat.id = %(seat)s
"""
MEETINGS: Final = f"""
SELECT {", ".join(MEETING)} FROM scheduling_session
WHERE cohort_id = %s AND canceled_at IS NULL AND lower(during) > %s
"""  # noqa: S608 - names of our own columns


@dataclass(frozen=True, slots=True)
class Look:
    is_clear: bool
    is_reminded: bool
    waits: bool
    taken: int
    seats: int


def look(seat: Enrollment, at: datetime) -> Look:
    """Take the cohort's lock and the person's, and say whether nothing at all is in the way of taking this held seat."""
    emailed, marks = emailed_sql()
    values: dict[str, Any] = {
        "person": seat.patient_id,
        "cohort": seat.cohort_id,
        "program": seat.cohort.program_id,
        "seat": seat.pk,
        "at": at,
        "today": here(seat.patient, at),
    }
    # The query of `may_be_emailed` has its values by position, this one by name.
    for place, mark in enumerate(marks):
        emailed = emailed.replace("%s", f"%(emailed{place})s", 1)
        values[f"emailed{place}"] = seat.patient_id if mark == ME else mark
    with connection.cursor() as cursor:
        cursor.execute(LOCKS + LOOK.replace("{emailed}", emailed), values)
        return Look(*cursor.fetchone())


def session_of(row: tuple[Any, ...], cohort: Cohort) -> Session:
    session: Session = Session.from_db(connection.alias, MEETING, row)
    session.cohort = cohort
    return session
