"""Questionnaires on the person's own device: given, begun, answered, sent, and read by who cares for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.db import violates
from accounts.models import User
from intake.actions.answers import Change, Respondent, Saved, save_answers
from intake.assigned import Form, assignable, newest_texts, text_for
from intake.instruments import AnswerError, Questionnaire, load
from intake.models import AnswerChange, Assessment, Assignment, Patient, QuestionnaireResponse
from intake.sections import SECTION_OF

Entry = dict[str, Any]


class FormRefused(Exception):
    """A refusal we foresaw; the message is fit to show to who acts."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given now; `waiting` are the codes that the person has to fill in already."""

    made: list[Assignment]
    waiting: list[str]


@transaction.atomic(durable=True)
def assign(*, patient: Patient, codes: Sequence[str], due_on: date | None, by: User, at: datetime) -> Given:
    """
    Ask somebody to answer questionnaires on their own device.

    Args:
        due_on: the last day on which the answers help, in the calendar of the person's location.
    Raises:
        FormRefused: one of them is not for answering alone, or its wording is not set up here.
    """
    offered = {asked.code for asked, _text in assignable(patient.language)}
    if not set(codes) <= offered:
        raise FormRefused("One of these questionnaires is not for answering alone. Choose from the list.")
    given = Given([], [])
    for code in dict.fromkeys(codes):
        try:
            with transaction.atomic():  # a savepoint, since only this insert may fail
                made = Assignment.objects.create(
                    patient=patient, code=code, due_on=due_on, assigned_by=by, assigned_at=at
                )
        except IntegrityError as error:
            if not violates(error, "assignment_one_open_per_questionnaire"):
                raise
            given.waiting.append(code)
        else:
            given.made.append(made)
    return given


def locked(assignment: Assignment) -> Assignment:
    """The row as it stands now. A save that is under way holds it, and is waited for."""
    return Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)


@transaction.atomic(durable=True)
def withdraw(*, assignment: Assignment, by: User, at: datetime) -> Assignment:
    """
    Take a form back that was not sent; taking it back twice changes nothing.

    Raises:
        FormRefused: it was sent meanwhile.
    """
    row = locked(assignment)
    if row.submitted_at is not None:
        raise FormRefused("This form was sent meanwhile. Its answers stay.")
    if row.withdrawn_at is None:
        row.withdrawn_by, row.withdrawn_at = by, at
        row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return row


@transaction.atomic(durable=True)
def begin(*, assignment: Assignment, for_someone: bool, at: datetime) -> Form:
    """
    Begin a form, or go on with it; from now on its version and wording stay.

    Args:
        for_someone: somebody else fills it in for the person; what is answered from now on says so.
    Raises:
        FormRefused: it was sent, or taken back.
    """
    row = locked(assignment)
    if row.submitted_at or row.withdrawn_at:
        raise FormRefused("This form is closed. There is nothing to fill in.")
    respondent = Assignment.Respondent.COLLATERAL if for_someone else Assignment.Respondent.PATIENT
    row.respondent, row.started_at = respondent, row.started_at or at
    row.save(update_fields=["respondent", "started_at"])
    asked = load(row.code)
    text = text_for(asked, assignment.patient.language, newest_texts())
    QuestionnaireResponse.objects.get_or_create(
        assignment=row,
        defaults={
            "code": row.code,
            "version": str(asked.version),
            "text": text,
            "language": text.language if text else asked.language,
            "updated_at": at,
        },
    )
    return Form(Assignment.objects.select_related("response").get(pk=row.pk))


def save(
    *, form: Form, changes: Sequence[Change], base_revision: int, by: User, at: datetime, sequence: int = 0
) -> Saved:
    """
    Store what somebody answered about themselves.

    Raises:
        AlreadySigned: the form was sent or taken back; what was said is kept in the history, and danger is heard.
    """
    assert form.response is not None  # noqa: S101 - a form is begun before it is answered
    form.response.assignment = form.assignment
    respondent: Respondent = "collateral" if form.assignment.respondent == "collateral" else "patient"
    return save_answers(
        response=form.response,
        changes=changes,
        base_revision=base_revision,
        by=by,
        at=at,
        sequence=sequence,
        respondent=respondent,
    )


@transaction.atomic(durable=True)
def submit(*, assignment: Assignment, device: str, at: datetime) -> bool:
    """
    Send a form; False when it was sent before.

    Args:
        device: "phone", "tablet" or "computer".
    Raises:
        FormRefused: nothing is answered, a question about safety is open, or the form was taken back.
    """
    # A save takes this row FOR SHARE in its trigger: one under way is waited for and read below.
    row = locked(assignment)
    if row.submitted_at is not None:
        return False
    if row.withdrawn_at is not None:
        raise FormRefused(_("Your care team took this form back. There is nothing to send."))
    refusal = refusal_to_send(Form(Assignment.objects.select_related("response").get(pk=row.pk)))
    if refusal:
        raise FormRefused(refusal)
    row.submitted_at, row.device = at, device
    row.save(update_fields=["submitted_at", "device"])
    return True


def refusal_to_send(form: Form) -> str | None:
    """Say what has to be answered before a form can be sent; None when nothing has."""
    if not form.answers:
        return _("Nothing is answered yet. Answer what you can, then send it.")
    if form.must_be_settled():
        label = form.must_be_settled()[0].item.label
        return _("One question needs an answer, or “I'd rather not say”: %s.") % label
    return None


# ---- Read by the care team ----


@dataclass(frozen=True, slots=True)
class Reviewed:
    """`intake` is the open intake that the answers went into; None when there was none, or nothing to take over."""

    intake: Assessment | None
    is_new: bool


def review(*, assignment: Assignment, by: User, at: datetime) -> Reviewed:
    """
    Note that a clinician read a form, and take its answers into the open intake; a second press changes nothing.

    Each answer keeps who gave it and when. Where a clinician had answered before, theirs stands beside it.

    Raises:
        FormRefused: it was not sent, the intake was signed just now, or two colleagues answered one of its items
            differently and nobody has chosen yet.
    """
    try:
        return _review(assignment=assignment, by=by, at=at)
    except IntegrityError as error:
        if not violates(error, "response_of_signed_is_locked"):
            raise
        raise FormRefused("The intake was signed just now. Open this page again and mark the form as read.") from error


@transaction.atomic(durable=True)
def _review(*, assignment: Assignment, by: User, at: datetime) -> Reviewed:
    row = locked(assignment)
    if row.submitted_at is None:
        raise FormRefused("This form was not sent yet.")
    if row.reviewed_at is not None:
        return Reviewed(None, is_new=False)
    intake = Assessment.objects.filter(patient_id=row.patient_id, state=Assessment.State.DRAFT).first()
    if intake is not None and row.code in SECTION_OF:
        take_over(Form(Assignment.objects.select_related("response").get(pk=row.pk)), intake, by=by, at=at)
    else:
        intake = None
    row.reviewed_by, row.reviewed_at = by, at
    row.save(update_fields=["reviewed_by", "reviewed_at"])
    return Reviewed(intake, is_new=True)


def take_over(form: Form, intake: Assessment, *, by: User, at: datetime) -> None:
    """Copy the answers of a sent form into the same questionnaire of an intake; part of the review."""
    assert form.response is not None  # noqa: S101 - what was sent has answers
    sent = form.response
    fresh = {"version": sent.version, "text_id": sent.text_id, "language": sent.language, "updated_at": at}
    QuestionnaireResponse.objects.get_or_create(assessment=intake, code=sent.code, defaults=fresh)
    # The row before its parent, as a save in the background takes them.
    into = QuestionnaireResponse.objects.select_for_update(no_key=True).get(assessment=intake, code=sent.code)
    if any("disputed" in into.answers.get(item, {}) for item in sent.answers):
        raise FormRefused("Two colleagues answered a question of this form differently. Choose one answer first.")
    if not into.answers:
        into.version, into.text_id, into.language = sent.version, sent.text_id, sent.language
    asked = load(into.code, into.version)
    taken = {
        item: stands(entry, into.answers.get(item), into.revision + 1)
        for item, entry in sent.answers.items()
        if fits(asked, item, entry, at.date())
    }
    into.answers, into.revision, into.updated_at = {**into.answers, **taken}, into.revision + 1, at
    into.save(update_fields=["version", "text", "language", "answers", "revision", "updated_at"])
    AnswerChange.objects.bulk_create(
        AnswerChange(response=into, item=item, answer=plain(entry), revision=into.revision, by=by, at=at)
        for item, entry in taken.items()
    )


def stands(said: Entry, before: Entry | None, revision: int) -> Entry:
    """A person's own answer, with a clinician's other view of it beside."""
    entry: Entry = {**plain(said), "revision": revision}
    before = before or {}
    view = before.get("clinician") or (before if before.get("respondent") == "clinician" else None)
    if view and (view["status"], view["value"]) != (said["status"], said["value"]):
        entry["clinician"] = {**plain(view), "revision": view["revision"]}
    return entry


def plain(entry: Entry) -> Entry:
    return {name: entry[name] for name in ("status", "value", "by", "respondent", "at")}


def fits(asked: Questionnaire, item: str, entry: Entry, today: date) -> bool:
    """Whether this version of the questionnaire has such an item with such an answer."""
    try:
        asked.clean(item, entry["value"], today=today)
    except (KeyError, AnswerError):
        return False
    return True
