"""Consents that are signed and taken back; coverage that is checked and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.models import Consent, Coverage, Patient, SupportPerson


class PaperRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A consent with every element of DOMAIN 8.2, as it was shown and filled in."""

    kind: str
    patient_name: str
    discloser: str
    information: str
    recipient: str
    support_person: SupportPerson | None
    purpose: str
    revocation: str
    expires_on: date | None
    expires_event: str
    statement: str
    signature: str
    text: str
    text_version: str


@transaction.atomic(durable=True)
def sign_consent(*, patient: Patient, signed: Signed, by: User, at: datetime, key: UUID) -> Consent:
    """
    Keep a signed consent; `key` came with the form, so that pressing twice keeps one.

    Raises:
        IntegrityError: an element is missing; a form that let it through is broken.
    """
    values = {**values_of(signed), "patient": patient, "recorded_by": by, "signed_at": at}
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            return Consent.objects.create(public_id=key, **values)
    except IntegrityError as error:
        repeated = Consent.objects.filter(public_id=key, patient=patient).first()
        if repeated is None or not violates(error, "intake_consent_public_id_key"):
            raise
        return repeated


def values_of(signed: Signed) -> dict[str, Any]:
    """The fields by name; `dataclasses.asdict` would copy the row of the support person."""
    return {name: getattr(signed, name) for name in Signed.__slots__}


@transaction.atomic(durable=True)
def revoke_consent(*, consent: Consent, by: User, at: datetime) -> Consent:
    """
    Stop sharing from this moment.

    Raises:
        PaperRefused: it was taken back before.
    """
    locked = Consent.objects.select_for_update(no_key=True, of=("self",)).get(pk=consent.pk)
    if locked.revoked_at is not None:
        raise PaperRefused("This consent was taken back before. Nothing is shared because of it.")
    locked.revoked_by, locked.revoked_at = by, at
    locked.save(update_fields=["revoked_by", "revoked_at"])
    return locked


@transaction.atomic(durable=True)
def save_check(
    *, patient: Patient, rank: int, told: Mapping[str, Any], seen: UUID | None, by: User, at: datetime, key: UUID
) -> Coverage:
    """
    Keep what the payer said, which ends the check before.

    Args:
        told: the checked fields of `Coverage`.
        seen: the check that stood there when the form was opened; None when none did.
        key: came with the form, so that pressing twice keeps one.
    Raises:
        PaperRefused: a colleague saved another check, or ended the coverage, meanwhile.
    """
    # Two coordinators may save together: the second waits here, and then sees the first one's check.
    locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if repeated := Coverage.objects.filter(public_id=key, patient=locked).first():
        return repeated
    before = live_check(locked, rank, seen)
    if before is not None:
        end(before, at=at)
    return Coverage.objects.create(patient=locked, rank=rank, public_id=key, recorded_by=by, recorded_at=at, **told)


@transaction.atomic(durable=True)
def end_coverage(*, coverage: Coverage, at: datetime) -> None:
    """
    Note that somebody is no longer insured there.

    Raises:
        PaperRefused: a colleague saved another check, or ended the coverage, meanwhile.
    """
    locked = Patient.objects.select_for_update(no_key=True).get(pk=coverage.patient_id)
    before = live_check(locked, coverage.rank, coverage.public_id)
    if before is not None:
        end(before, at=at)


def live_check(patient: Patient, rank: int, seen: UUID | None) -> Coverage | None:
    """The check that stands now, when it is the one that was seen."""
    live = patient.coverages.live().filter(rank=rank).select_related("recorded_by").first()
    if (live.public_id if live else None) == seen:
        return live
    if live is None:
        raise PaperRefused("A colleague ended this coverage meanwhile. Open the page again before you save.")
    raise PaperRefused(
        f"{live.recorded_by} saved a check of {live.payer} meanwhile. Read it first: what you typed is still here."
    )


def end(coverage: Coverage, *, at: datetime) -> None:
    coverage.ended_at = at
    coverage.save(update_fields=["ended_at"])
