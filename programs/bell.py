"""The bell of this app's worker. A deed rings it by the task's name: the tasks stand above the deeds."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring() -> None:
    """Wake a worker after a commit. Without the broker the next sweep finds the rows by itself (REL-02)."""
    try:
        current_app.send_task("programs.rehearse", retry=False, ignore_result=True)
    except OperationalError:
        log.warning("programs.bell_unheard")
