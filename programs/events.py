"""What this app does when something happens below it."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from intake.events import assessment_amended, assessment_signed
from intake.models import Assessment
from programs import actions


def recommend_after_signing(*, assessment: Assessment, at: datetime, **_later: Any) -> None:
    """
    Evaluate the rules over what was just signed, in the transaction of the signature.

    A failing engine never stops a signature: the page then shows findings only (REL-18).
    """
    with suppress(actions.RulesFailed):
        actions.recommend(assessment=assessment, at=at)


def recommend_after_correction(*, assessment: Assessment, at: datetime, **_later: Any) -> None:
    """Evaluate the rules again over a signed intake that was corrected; what was recommended before is kept."""
    with suppress(actions.RulesFailed):
        actions.recommend(assessment=assessment, at=at)


def connect() -> None:
    assessment_amended.connect(recommend_after_correction, dispatch_uid="programs.recommend_after_correction")
    assessment_signed.connect(recommend_after_signing, dispatch_uid="programs.recommend_after_signing")
