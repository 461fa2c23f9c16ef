"""The straight way from a held place to a seat, for the many of whom everything is done; the others go the long way."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from messaging import actions as messaging
from messaging.tasks import ring
from scheduling import reminders
from scheduling.actions.offers import seated
from scheduling.models import Enrollment
from scheduling.models import SeatState as State
from scheduling.queries import straight as queries

TAKE = "UPDATE scheduling_enrollment SET state = 'active', enrolled_by_id = %s, enrolled_at = %s WHERE id = %s;"


@transaction.atomic(durable=True)
def take_straight(seat: Enrollment, *, by: User, at: datetime) -> int | None:
    """
    Make a held seat the person's own when nothing at all is in the way.

    Returns:
        The seats that are left; None when nothing was done and the long way has to look.
    """
    found = queries.look(seat, at)
    if not found.is_clear:
        return None
    with connection.cursor() as cursor:
        cursor.execute(TAKE + queries.MEETINGS, [by.pk, at, seat.pk, seat.cohort_id, at])
        meetings = [queries.session_of(row, seat.cohort) for row in cursor.fetchall()]
    seat.state, seat.enrolled_by, seat.enrolled_at = State.ACTIVE, by, at
    if found.is_reminded:
        planned = reminders.for_each(seat.patient, meetings)
        messaging.plan(planned, now=at)
        if any(message.due_at <= at for message in planned):  # nobody is woken for what is due some day
            transaction.on_commit(ring, robust=True)
    if found.waits:
        seated(seat, by=by, at=at)
    return found.seats - found.taken
