"""Signing an intake: what was seen is what is signed, and what is signed stays."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from intake.events import assessment_signed
from intake.models import Assessment
from intake.permissions import refusal_of_signature, refusal_to_sign
from intake.safety import open_alerts
from intake.sitting import Sitting


class SigningRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class ChangedMeanwhile(SigningRefused):
    """Somebody saved an answer after the signer read the check page."""


class WrongSignature(SigningRefused):
    """The typed name or the password is not the signer's; `by_field` has the sentences."""

    def __init__(self, by_field: dict[str, str]) -> None:
        super().__init__(" ".join(by_field.values()))
        self.by_field = by_field


def sign(
    *, assessment: Assessment, by: User, typed_name: str, password: str, seen_revision: int, at: datetime
) -> Assessment:
    """
    Sign an intake.

    Args:
        seen_revision: `Sitting.revision` of the page on which the signer read the answers.
        at: the instant of the signature, aware.
    Raises:
        WrongSignature, ChangedMeanwhile, SigningRefused: nothing is signed.
    """
    # Outside the lock: hashing a password takes its time, on purpose.
    wrong = refusal_of_signature(by, typed_name, password)
    if wrong:
        raise WrongSignature(wrong)
    return _sign(assessment=assessment, by=by, typed_name=typed_name, seen_revision=seen_revision, at=at)


@transaction.atomic(durable=True)
def _sign(*, assessment: Assessment, by: User, typed_name: str, seen_revision: int, at: datetime) -> Assessment:
    # Every save takes this row FOR SHARE in its trigger: one that is under way is waited for and
    # read below, one that comes later waits for us and is refused.
    locked = Assessment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assessment.pk)
    locked.patient = assessment.patient
    sitting = Sitting(locked, locked.responses.select_related("text").order_by("pk"))
    refusal = refusal_to_sign(sitting, open_alerts(locked.patient))
    if refusal:
        raise SigningRefused(refusal)
    if sitting.revision != seen_revision:
        raise ChangedMeanwhile("An answer changed after you read them. Check the answers again, then sign.")
    locked.state = Assessment.State.SIGNED
    locked.signed_at, locked.signed_by, locked.signature = at, by, " ".join(typed_name.split())
    locked.content_hash = content_hash(sitting)
    locked.save(update_fields=["state", "signed_at", "signed_by", "signature", "content_hash"])
    assessment_signed.send(sender=Assessment, assessment=locked, at=at)
    return locked


def content_hash(sitting: Sitting) -> str:
    """SHA-256 over the canonical JSON of all that was signed."""
    canonical = json.dumps(content_of(sitting), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def content_of(sitting: Sitting) -> dict[str, Any]:
    """What a signature covers: every answer with the version of its question, the scores, who signs and when."""
    assessment = sitting.assessment
    return {
        "schema": "iop.signed-intake/1",
        "intake": str(assessment.public_id),
        "patient": str(assessment.patient.public_id),
        "signed_by": str(assessment.signed_by.public_id) if assessment.signed_by else None,
        "signed_at": assessment.signed_at.astimezone(UTC).isoformat() if assessment.signed_at else None,
        "signature": assessment.signature,
        "questionnaires": [
            {
                "code": response.code,
                "version": response.version,
                "language": response.language,
                "revision": response.revision,
                "answers": response.answers,
                "note": response.note,
                "score": sitting.score(response.code),
            }
            for response in sorted(sitting.responses.values(), key=lambda one: one.code)
        ],
    }
