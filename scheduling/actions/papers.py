"""What a person signs before the first group."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from intake.models import Patient
from intake.statements import GroupText
from scheduling.models import GroupAgreement


@transaction.atomic(durable=True)
def sign_group_agreement(
    *, patient: Patient, words: GroupText, signature: str, by: User, at: datetime, key: UUID
) -> GroupAgreement:
    """Keep the agreement as it was shown and signed; `key` came with the form, so that pressing twice keeps one."""
    values = {"signature": signature, "text": words.signed(signature), "text_version": words.version}
    kept, _ = GroupAgreement.objects.get_or_create(
        public_id=key, patient=patient, defaults={**values, "signed_at": at, "recorded_by": by}
    )
    return kept
