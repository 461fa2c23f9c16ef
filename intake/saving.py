"""
What a save reads: the answers of an intake or of a form, with what of the person and their clinic it needs.

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
from intake.models import Assessment, Assignment, Patient, QuestionnaireResponse


def columns_of(model: type[Model], *names: str) -> tuple[str, ...]:
    """These columns of a table, or all, in the order in which its rows are made."""
    found = [field.attname for field in model._meta.concrete_fields]
    return tuple(name for name in found if not names or name in names)


RESPONSE: Final = columns_of(QuestionnaireResponse)
ASSESSMENT: Final = columns_of(Assessment, "id", "public_id", "patient_id", "owner_id", "state", "signed_at")
ASSIGNMENT: Final = columns_of(Assignment)
PATIENT: Final = columns_of(
    Patient, "id", "public_id", "location_id", "first_name", "preferred_name", "sex_for_clinical_use"
)
ME: Final = -1
PEOPLE: Final = f"({{visible}}) AS patient ({', '.join(PATIENT)}, zone)"


def named(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


OF_AN_INTAKE: Final = f"""
SELECT {named("response", RESPONSE)}, {named("assessment", ASSESSMENT)}, patient.*
FROM {PEOPLE}
JOIN intake_assessment AS assessment ON assessment.patient_id = patient.id
JOIN intake_questionnaireresponse AS response ON response.assessment_id = assessment.id
WHERE patient.public_id = %s AND assessment.public_id = %s AND response.code = ANY(%s)
"""  # noqa: S608 - names of our own columns
OF_A_FORM: Final = f"""
SELECT {named("response", RESPONSE)}, {named("assignment", ASSIGNMENT)}, patient.*
FROM {PEOPLE}
JOIN intake_assignment AS assignment ON assignment.patient_id = patient.id
JOIN intake_questionnaireresponse AS response ON response.assignment_id = assignment.id
WHERE assignment.public_id = %s
"""  # noqa: S608 - names of our own columns


def responses_for_saving(
    actor: Actor, person: UUID, intake: UUID, codes: Iterable[str]
) -> dict[str, QuestionnaireResponse]:
    """The named responses of an intake this actor may see, in one query; the page itself came by the door."""
    rows = read(OF_AN_INTAKE, actor, person, intake, list(codes))
    if not rows:
        return {}
    assessment: Assessment = parent_of(Assessment, ASSESSMENT, rows[0])
    found = {}
    for response in map(response_of, rows):
        response.assessment = assessment
        found[response.code] = response
    return found


def form_for_saving(actor: Actor, public_id: UUID) -> Assignment | None:
    """A form that this actor may see and that was begun, with its answers, in one query."""
    rows = read(OF_A_FORM, actor, public_id)
    if not rows:
        return None
    assignment: Assignment = parent_of(Assignment, ASSIGNMENT, rows[0])
    response = response_of(rows[0])
    response.assignment = assignment
    return assignment


def read(sql: str, actor: Actor, *values: Any) -> list[tuple[Any, ...]]:
    try:
        visible, marks = visible_sql(actor.role)
    except EmptyResultSet:
        return []
    own: list[Any] = [{ME: actor.user.pk}[mark] for mark in marks]
    with connection.cursor() as cursor:
        cursor.execute(sql.format(visible=visible), [*own, *values])
        return cursor.fetchall()


@cache
def visible_sql(role: Role) -> tuple[str, tuple[Any, ...]]:
    """What `visible_to` asks, put together once for a role; a mark stands for who asks."""
    people = Patient.objects.visible_to(Actor(User(pk=ME), role)).order_by()
    return people.values_list(*PATIENT, "location__zone").query.sql_with_params()


def parent_of(model: type[Any], columns: tuple[str, ...], row: tuple[Any, ...]) -> Any:
    """The intake or form of a row, with its person and their clinic. What was not read stays to be asked for."""
    alias, start = connection.alias, len(RESPONSE)
    found = model.from_db(alias, columns, row[start : start + len(columns)])
    patient = Patient.from_db(alias, PATIENT, row[start + len(columns) : -1])
    patient.location = Location.from_db(alias, ("id", "zone"), (patient.location_id, row[-1]))
    found.patient = patient
    return found


def response_of(row: tuple[Any, ...]) -> QuestionnaireResponse:
    response = QuestionnaireResponse.from_db(connection.alias, RESPONSE, row[: len(RESPONSE)])
    response.answers = json.loads(str(response.answers))  # jsonb comes as text where no field of a query reads it
    return response
