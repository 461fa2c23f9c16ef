"""The doorbell of rehearsals: the rows are the queue, and ringing twice does no harm."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from programs.actions import rehearsing

# Half a million assessments take some six minutes. What the broker hands out again meanwhile, since it waits no
# longer than its visibility timeout, finds the row locked and goes.
LONGEST = 9 * 60


@shared_task(name="programs.rehearse", soft_time_limit=LONGEST, time_limit=LONGEST + 30)
def rehearse(**_later: object) -> None:  # bears keywords it does not know: old workers meet new messages
    rehearsing.work_out_next(clock=timezone.now)
