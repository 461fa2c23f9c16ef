"""What this app does when something happens below it."""

import logging
from typing import Any

from django.db import DatabaseError, transaction

from intake.events import assessment_signed
from intake.models import Assessment
from programs import actions

log = logging.getLogger(__name__)


def recommend_after_signing(*, assessment: Assessment, **_later: Any) -> None:
    """
    Evaluate the rules over what was just signed, in the transaction of the signature.

    A failing engine never stops a signature: the page then shows findings only (REL-18).
    """
    try:
        with transaction.atomic():
            actions.recommend(assessment=assessment, at=assessment.signed_at)
    except DatabaseError:
        raise
    except Exception:
        log.exception("recommendation.failed assessment=%s", assessment.public_id)


def connect() -> None:
    assessment_signed.connect(recommend_after_signing, dispatch_uid="programs.recommend_after_signing")
