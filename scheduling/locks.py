"""Waiting for a row that somebody else holds: once more after a moment, then say so (REL-15)."""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import SystemRandom
from typing import TypeVar

from django.db import OperationalError

Done = TypeVar("Done")

LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED = "55P03", "40P01"


class LockedOut(Exception):
    """Twice in a row the row was held by somebody else for longer than we wait."""


def once_more(deed: Callable[[], Done]) -> Done:
    """
    Do a deed that is a whole transaction, a second time if it waited too long for a lock.

    Raises:
        LockedOut: the second time as well.
    """
    try:
        return deed()
    except OperationalError as error:
        if not is_about_a_lock(error):
            raise
    time.sleep(SystemRandom().uniform(0.05, 0.25))
    try:
        return deed()
    except OperationalError as error:
        if is_about_a_lock(error):
            raise LockedOut from error
        raise


def is_about_a_lock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "pgcode", None) in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}
