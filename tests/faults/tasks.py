"""The positive control: a sender as one would write it without thinking of kill -9."""

from celery import shared_task
from django.core.mail import EmailMessage
from django.utils import timezone

from messaging import actions
from messaging.models import OutboxMessage, State


@shared_task(name="tests.naive_sweep")  # type: ignore[untyped-decorator]
def naive_sweep() -> None:
    """Read what is due, send it, note it: no claim, no lease, no key."""
    due = list(OutboxMessage.objects.due(timezone.now()).order_by("pk"))
    for message in due:
        letter = actions.compose(message, now=timezone.now())
        EmailMessage(letter.subject, letter.body, to=[letter.to]).send()
    OutboxMessage.objects.filter(pk__in=[message.pk for message in due]).update(
        state=State.SENT, sent_at=timezone.now()
    )
