"""Registering people, and opening an intake for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import User
from intake.actions.contact import Wish, add_wishes
from intake.actions.inquiries import hand_over
from intake.instruments import Questionnaire, load
from intake.models import (
    Assessment,
    CareTeamMember,
    Inquiry,
    InstrumentText,
    Patient,
    QuestionnaireResponse,
    SupportPerson,
)
from intake.queries import plain, texts_in
from intake.sections import SECTION_OF


@dataclass(frozen=True, slots=True)
class Started:
    """The open intake of a person; `is_new` is False when there was one already."""

    assessment: Assessment
    is_new: bool


def sort_key(last_name: str, first_name: str) -> str:
    """ "Núñez", "Ana" -> "nunez ana": how names are ordered and found, whatever the accents and case."""
    return " ".join(plain(f"{last_name} {first_name}").split())[:210]


class RegisteredDifferently(Exception):
    """The form was used before, for somebody else; the message is fit to show to staff."""


@transaction.atomic(durable=True)
def register(
    *,
    person: Mapping[str, Any],
    by: User,
    at: datetime,
    clinician: User | None = None,
    inquiry: Inquiry | None = None,
    wishes: Iterable[Wish] = (),
    relation_of_writer: str = "",
    form_key: UUID | None = None,
) -> Patient:
    """
    Register a person, with the clinician who will see them, and close the inquiry they came with.

    A form sent again gives the person it registered.

    Args:
        person: the checked fields of `Patient`.
        clinician: joins the care team; without one no clinician sees the record yet.
        wishes: what was said about the ways to reach them.
        relation_of_writer: how whoever wrote the inquiry stands to the person; they become a support person.
        form_key: the form's own; two presses carry the same one.
    Raises:
        InquiryRefused: somebody registered or closed the inquiry meanwhile; nobody is registered.
        RegisteredDifferently: the form was sent before with other content.
    """
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            patient = Patient.objects.create(
                **person,
                zone=person["location"].zone,
                sort_key=sort_key(person["last_name"], person["first_name"]),
                registered_by=by,
                registered_at=at,
                form_key=form_key,
            )
    except IntegrityError as error:
        if not violates(error, "patient_registered_once"):
            raise
        return registered_before(person, by, form_key)
    add_wishes(patient=patient, wishes=wishes, by=by, at=at)
    if clinician is not None:
        CareTeamMember.objects.create(patient=patient, user=clinician, since=at)
    if inquiry is not None:
        hand_over(inquiry=inquiry, patient=patient, by=by, at=at)
        if relation_of_writer:
            SupportPerson.objects.create(
                patient=patient,
                name=inquiry.name,
                relation=relation_of_writer,
                phone=inquiry.phone,
                email=inquiry.email,
                added_by=by,
                added_at=at,
            )
    return patient


def registered_before(person: Mapping[str, Any], by: User, form_key: UUID | None) -> Patient:
    kept = Patient.objects.select_related("location").get(registered_by=by, form_key=form_key)
    if any(getattr(kept, name) != value for name, value in person.items()):
        raise RegisteredDifferently(
            f"This form has registered {kept.full_name}. Open the page again for somebody else."
        )
    return kept


@transaction.atomic(durable=True)
def start_intake(*, patient: Patient, by: User, at: datetime) -> Started:
    """Open an intake; a second press, or a colleague's, opens the one that is there."""
    try:
        with transaction.atomic():  # a savepoint, since only this insert may fail
            assessment = Assessment.objects.create(patient=patient, owner=by, started_at=at)
    except IntegrityError as error:
        if not violates(error, "assessment_one_draft_per_patient"):
            raise
        return Started(patient.assessments.get(state=Assessment.State.DRAFT), is_new=False)
    # The versions and wordings that are current now are asked until this intake is signed.
    texts = texts_in(patient.language)
    QuestionnaireResponse.objects.bulk_create(
        response_to(load(code), texts, assessment=assessment, at=at) for code in SECTION_OF
    )
    return Started(assessment, is_new=True)


def response_to(
    asked: Questionnaire, texts: Mapping[tuple[str, int], InstrumentText], *, assessment: Assessment, at: datetime
) -> QuestionnaireResponse:
    """An empty response, in the clinic's wording where there is one."""
    text = texts.get((asked.code, asked.version))
    return QuestionnaireResponse(
        assessment=assessment,
        code=asked.code,
        version=str(asked.version),
        text=text,
        language=text.language if text else asked.language,
        updated_at=at,
    )
