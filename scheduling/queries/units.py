"""What a person's seats use of what a payer authorized."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q

from intake.costs.units import Meeting
from intake.models import Patient
from scheduling.models import Session


def sessions_of_seats(patient: Patient, first: date, last: date) -> list[Meeting]:
    """The sessions of these days that a person has a seat for, held or to come; one query. A held place uses nothing."""
    seat = Q(
        cohort__enrollments__patient=patient,
        cohort__enrollments__enrolled_at__lte=F("during__startswith"),
    )
    still_had = Q(cohort__enrollments__ended_at__isnull=True) | Q(
        cohort__enrollments__ended_at__gt=F("during__startswith")
    )
    # One filter, so that all of it is about the same seat.
    rows = Session.objects.planned().filter(seat, still_had, local_on__range=(first, last)).distinct()
    return [
        Meeting(session.local_on, round((session.ends_at - session.starts_at).total_seconds() / 60)) for session in rows
    ]
