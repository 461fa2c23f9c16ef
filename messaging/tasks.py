"""The doorbell: the rows are the queue, and ringing twice does no harm."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from messaging import actions, channels

log = logging.getLogger(__name__)


@shared_task(name="messaging.sweep")
def sweep(**_later: object) -> int:  # bears keywords it does not know: old workers meet new messages
    return actions.sweep(clock=timezone.now, deliver=channels.deliver)


def ring() -> None:
    """Wake a worker after a commit. Without the broker the next sweep finds the rows by itself (REL-02)."""
    try:
        sweep.apply_async(retry=False, ignore_result=True)
    except OperationalError:
        log.warning("messaging.bell_unheard")
