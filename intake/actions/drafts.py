"""Looking over a draft that lay for a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.db import violates
from intake.actions.answers import AlreadySigned
from intake.models import Assessment, QuestionnaireResponse


def confirm_answers(*, assessment: Assessment, codes: Collection[str], at: datetime) -> None:
    """
    Store that the old answers of these questionnaires were found right.

    Raises:
        AlreadySigned: nothing was changed.
    """
    # The intake is not locked first: a save holds its answers and waits for the intake, so that would be a deadlock.
    begun = QuestionnaireResponse.objects.filter(assessment=assessment, code__in=codes, revision__gt=0)
    try:
        with transaction.atomic(durable=True):
            begun.update(confirmed_at=at)
    except IntegrityError as error:
        if not violates(error, "response_of_signed_is_locked"):
            raise
        raise AlreadySigned("This was signed meanwhile. Nothing was changed.") from error
