"""Putting right what was signed: beside it, with a signature of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from intake.actions.answers import Author, Change, alert, entry_from
from intake.actions.signing import WrongSignature
from intake.amendments import addenda_of, amended_answers
from intake.events import assessment_amended
from intake.models import Addendum, Assessment, QuestionnaireResponse
from intake.permissions import refusal_of_signature


class AddendumRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the answer to one question should have been, and why; without `change` only words are added."""

    text: str
    code: str = ""
    change: Change | None = None

    @property
    def item(self) -> str:
        return self.change.item if self.change else ""


def add_addendum(
    *,
    assessment: Assessment,
    key: UUID,
    correction: Correction,
    by: User,
    typed_name: str,
    password: str,
    at: datetime,
) -> Addendum:
    """
    Add a correction to a signed intake. Sent twice with one key, it is added once.

    Raises:
        WrongSignature, AddendumRefused: nothing is added.
    """
    # Outside the lock: hashing a password takes its time, on purpose.
    wrong = refusal_of_signature(by, typed_name, password)
    if wrong:
        raise WrongSignature(wrong)
    return _add(assessment=assessment, key=key, correction=correction, by=by, signature=typed_name, at=at)


@transaction.atomic(durable=True)
def _add(
    *, assessment: Assessment, key: UUID, correction: Correction, by: User, signature: str, at: datetime
) -> Addendum:
    # One after the other: a second press waits here and finds the first one's row.
    locked = Assessment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assessment.pk)
    locked.patient = assessment.patient
    if not locked.is_signed:
        raise AddendumRefused("This intake is not signed yet. Change the answer itself.")
    sent = Addendum.objects.filter(public_id=key).first()
    if sent is not None:
        return same_or_refused(sent, locked, correction, by)
    response = answered(locked, correction)
    added = Addendum.objects.create(
        public_id=key,
        assessment=locked,
        code=correction.code,
        item=correction.item,
        answer=entry_from(correction.change, Author(by), at=at) if correction.change else None,
        text=correction.text,
        by=by,
        at=at,
        signature=" ".join(signature.split()),
    )
    if response is not None:
        corrected = amended_answers(response.answers, response.code, [added], at.isoformat())
        alert(response, {item: dict(entry) for item, entry in corrected.items()}, [added.item], Author(by), at=at)
    assessment_amended.send(sender=Assessment, assessment=locked, at=at)
    return added


def answered(assessment: Assessment, correction: Correction) -> QuestionnaireResponse | None:
    """The response that a correction is about, as earlier corrections left it; None when it is about no question."""
    if correction.change is None:
        return None
    response = assessment.responses.filter(code=correction.code).first()
    if response is None:
        raise AddendumRefused("That question was not part of what was signed. Say it in words instead.")
    response.assessment = assessment
    signed_at = assessment.signed_at.isoformat() if assessment.signed_at else ""
    response.answers = dict(amended_answers(response.answers, response.code, addenda_of(assessment), signed_at))
    if correction.change.says(response.answers.get(correction.item)):
        raise AddendumRefused("That is the answer as it stands. Choose what it should have been.")
    return response


def same_or_refused(sent: Addendum, assessment: Assessment, correction: Correction, by: User) -> Addendum:
    """What the same page sent before; other words under the same key are not added in silence."""
    same_page = (sent.assessment_id, sent.by_id, sent.code, sent.item) == (
        assessment.pk,
        by.pk,
        correction.code,
        correction.item,
    )
    if same_page and sent.text == correction.text and (not correction.change or correction.change.says(sent.answer)):
        return sent
    raise AddendumRefused("This page was sent already, with other words. Open a new correction to add more.")
