"""What a person says about coming."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from intake.models import Patient
from messaging import actions as messaging
from messaging.tasks import ring
from scheduling import reminders
from scheduling.models import Enrollment, Reply, Session
from scheduling.permissions import refusal_to_reply


class ReplyRefused(Exception):
    """Nobody can answer about this session any more; the message is fit to show to the person."""


@transaction.atomic(durable=True)
def reply(*, session: Session, patient: Patient, answer: str, at: datetime, reason: str = "") -> Reply:
    """
    Keep what a person says about coming; a newer word replaces the older one.

    Who can't come is not reminded; who then can after all is reminded again.

    Raises:
        ReplyRefused: canceled, started, or not the person's session.
    """
    # The lock is on the session, so that a cancellation or a move at the same moment comes before or after.
    rows = Session.objects.select_for_update(no_key=True, of=("self",)).select_related("cohort__location")
    locked = rows.get(pk=session.pk)
    if refused := refusal_to_reply(locked, at):
        raise ReplyRefused(refused)
    if not Enrollment.objects.active().filter(patient=patient, cohort=locked.cohort).exists():
        raise ReplyRefused("You are not in this session any more. There is nothing to do.")
    said, _ = Reply.objects.update_or_create(
        session=locked, patient=patient, defaults={"answer": answer, "reason": reason, "at": at}
    )
    adjust_reminders(locked, patient, answer, at=at)
    return said


def adjust_reminders(session: Session, patient: Patient, answer: str, *, at: datetime) -> None:
    if answer == Reply.Answer.CANNOT:
        messaging.cancel(
            reason="The person said that they can't come.",
            recipient=reminders.recipient(patient),
            occurrences=[reminders.occurrence(session)],
        )
    else:
        messaging.plan(reminders.messages_for(patient, [session]), now=at)
        transaction.on_commit(ring, robust=True)
