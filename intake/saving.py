"""
What a save reads: the answers of an intake, with what of the person and their clinic it needs.

By hand, as the write is: for every answer that somebody gives, Django took longer to put the same
query together than for all the rest of a save. Who may see the person stays the queryset's to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model

from accounts.models import Location, Role, User
from accounts.policies import Actor
from intake.models import Assessment, Patient, QuestionnaireResponse


def columns_of(model: type[Model], *names: str) -> tuple[str, ...]:
    """These columns of a table, or all, in the order in which its rows are made."""
    found = [field.attname for field in model._meta.concrete_fields]
    return tuple(name for name in found if not names or name in names)


RESPONSE: Final = columns_of(QuestionnaireResponse)
ASSESSMENT: Final = columns_of(Assessment, "id", "public_id", "patient_id", "owner_id", "state", "signed_at")
PATIENT: Final = columns_of(
    Patient, "id", "public_id", "location_id", "first_name", "preferred_name", "sex_for_clinical_use"
)
ME, PERSON = -1, UUID(int=0)
READ: Final = """
SELECT {columns}, patient.*
FROM ({{visible}}) AS patient ({patient}, zone)
JOIN intake_assessment AS assessment ON assessment.patient_id = patient.id
JOIN intake_questionnaireresponse AS response ON response.assessment_id = assessment.id
WHERE assessment.public_id = %s AND response.code = ANY(%s)
""".format(
    columns=", ".join([*(f"response.{name}" for name in RESPONSE), *(f"assessment.{name}" for name in ASSESSMENT)]),
    patient=", ".join(PATIENT),
)


def responses_for_saving(
    actor: Actor, person: UUID, intake: UUID, codes: Iterable[str]
) -> dict[str, QuestionnaireResponse]:
    """The named responses of an intake this actor may see, in one query; the page itself came by the door."""
    try:
        visible, marks = visible_sql(actor.role)
    except EmptyResultSet:
        return {}
    stands_for = {ME: actor.user.pk, PERSON: person}
    values: list[Any] = [stands_for[mark] for mark in marks]
    with connection.cursor() as cursor:
        cursor.execute(READ.format(visible=visible), [*values, intake, list(codes)])
        rows = cursor.fetchall()
    if not rows:
        return {}
    assessment = assessment_of(rows[0][len(RESPONSE) :])
    return {response.code: response for response in (response_of(row, assessment) for row in rows)}


@cache
def visible_sql(role: Role) -> tuple[str, tuple[Any, ...]]:
    """How `visible_to` asks for one person, put together once for a role; marks stand for who asks and for whom."""
    people = Patient.objects.visible_to(Actor(User(pk=ME), role)).filter(public_id=PERSON).order_by()
    return people.values_list(*PATIENT, "location__zone").query.sql_with_params()


def assessment_of(row: tuple[Any, ...]) -> Assessment:
    """What is not read stays to be asked for, as with `only`."""
    alias, end = connection.alias, len(ASSESSMENT)
    assessment = Assessment.from_db(alias, ASSESSMENT, row[:end])
    patient = Patient.from_db(alias, PATIENT, row[end:-1])
    patient.location = Location.from_db(alias, ("id", "zone"), (patient.location_id, row[-1]))
    assessment.patient = patient
    return assessment


def response_of(row: tuple[Any, ...], assessment: Assessment) -> QuestionnaireResponse:
    response = QuestionnaireResponse.from_db(connection.alias, RESPONSE, row[: len(RESPONSE)])
    response.answers = json.loads(str(response.answers))  # jsonb comes as text where no field of a query reads it
    response.assessment = assessment
    return response
