"""The rows that are measured: the demo clinic, with one intake that is answered to its end and one just begun."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from bench import floor
from intake.actions.people import start_intake
from intake.models import Assessment, Patient
from scheduling.demo.people import Cast, Person


@dataclass(frozen=True, slots=True)
class Clinic:
    clinician: User
    full: Assessment
    begun: Assessment


@contextmanager
def database() -> Iterator[None]:
    """A database of our own on the server that we were given, gone at the end."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def furnish() -> Clinic:
    call_command("load_demo", verbosity=0)
    now = timezone.now()
    cast = Cast(now)
    people = [patient_of(cast, number) for number in (102, 105)]
    full = cast.assessment(Person(102, "addiction", "draft"), people[0], share=1.0, at=now)
    begun = start_intake(patient=people[1], by=cast.lead, at=now).assessment
    with connection.cursor() as cursor:
        cursor.execute(floor.MAKE)
        cursor.execute(floor.FILL, [json.dumps(full.responses.get(code="phq9").answers)])
        cursor.execute("ANALYZE")
    return Clinic(cast.lead, full, begun)


def patient_of(cast: Cast, number: int) -> Patient:
    return cast.patient(Person(number, "addiction", "draft"))


def address(intake: Assessment, place: str) -> str:
    return f"/staff/people/{intake.patient.public_id}/intake/{intake.public_id}/{place}"
