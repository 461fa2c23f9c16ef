"""
Saving answers as one goes.

Merged by item: what two people say about different items is kept side by side; of two different
answers to one item neither is lost, and the item stays open until somebody chooses. What people
answered themselves is never overwritten: a clinician's other view stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from django.db import IntegrityError, connection, transaction

from accounts.db import violates
from accounts.models import User
from intake.actions.safety import follow
from intake.alarms import alarms, touches
from intake.instruments import Value, load
from intake.models import AnswerChange, Assessment, Assignment, QuestionnaireResponse

Status = Literal["answered", "declined", "not_sure", "not_asked"]
Respondent = Literal["patient", "clinician", "collateral"]
Entry = dict[str, Any]
NOTE: Final = "note"  # the private note is kept beside the answers and has the same history
TRIES: Final = 5


class SaveRefused(Exception):
    """A refusal we foresaw; the message is fit to show to staff."""


class AlreadySigned(SaveRefused):
    """The intake was signed, or the form sent, meanwhile; what was typed is kept as a proposal in the history."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who saves, and whose answer it is: a clinician writes down what was said, people answer for themselves."""

    user: User
    respondent: Respondent = "clinician"

    def stands_beside(self, entry: Mapping[str, Any]) -> bool:
        """Whether what this author says is kept beside an entry and never in its place."""
        return self.respondent == "clinician" and entry.get("respondent") in ("patient", "collateral")


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody said about one item; an answer of None takes the answer away."""

    item: str
    value: Value
    status: Status = "answered"

    def says(self, entry: Mapping[str, Any] | None) -> bool:
        """Whether an entry, or no entry, says just this."""
        stored = entry or {"status": "answered", "value": None}
        same = type(stored.get("value")) is type(self.value) and stored.get("value") == self.value
        return same and stored.get("status", "answered") == self.status


@dataclass(slots=True)
class Merge:
    """What one save makes of a response."""

    answers: dict[str, Entry]
    note: str
    kept: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Saved:
    """The response as it stands now; `conflicts` are the items that somebody else answered differently."""

    response: QuestionnaireResponse
    conflicts: tuple[str, ...]


# One statement, so that answers and their history are stored together or not at all, and only over
# the revision they were merged with. Two saves at once: the second finds no row and merges again.
WRITE = """
WITH saved AS (
    UPDATE intake_questionnaireresponse SET answers = %(answers)s, note = %(note)s, revision = %(next)s, updated_at = %(at)s
    WHERE id = %(response)s AND revision = %(revision)s RETURNING id
)
INSERT INTO intake_answerchange (response_id, item, answer, revision, accepted, by_id, at)
SELECT saved.id, change.item, change.answer, %(next)s, change.accepted, %(by)s, %(at)s
FROM saved, jsonb_to_recordset(%(history)s) AS change (item text, answer jsonb, accepted boolean)
"""


def save_answers(
    *,
    response: QuestionnaireResponse,
    changes: Sequence[Change],
    base_revision: int,
    by: User,
    at: datetime,
    whole_page: bool = False,
    sequence: int = 0,
    respondent: Respondent = "clinician",
) -> Saved:
    """
    Store what somebody answered on a page that showed revision `base_revision`.

    Args:
        response: as read for this request, with its assessment.
        whole_page: every item of the page is named, changed or not; what says the same as the page
            did when it was opened is not taken for a change.
        sequence: rises with every request of a page; 0 when the page does not count. What the same
            person sent earlier and arrives later is ignored.
        respondent: whose answers these are; a clinician's are kept beside what people said themselves.
    Raises:
        AlreadySigned: nothing was changed; the answers are kept as a proposal.
    """
    author = Author(by, respondent)
    if response.is_locked:
        raise late(response, changes, author, at=at)
    for _ in range(TRIES):
        opened = answers_at(response, base_revision, changes) if whole_page else None
        merged = merge(response, changes, base_revision, author, at=at, opened=opened, sequence=sequence)
        if not merged.history or write(response, merged, author, at=at):
            return Saved(response, tuple(merged.conflicts))
        response.refresh_from_db(fields=["answers", "note", "revision", "updated_at"])
    raise SaveRefused("Several people are saving on this page. Try again in a moment.")


def merge(
    response: QuestionnaireResponse,
    changes: Iterable[Change],
    base_revision: int,
    author: Author,
    *,
    at: datetime,
    opened: Mapping[str, Entry] | None = None,
    sequence: int = 0,
) -> Merge:
    """Work out what is stored; `opened` is what the page showed where somebody changed an item since."""
    merged = Merge(dict(response.answers), response.note)
    by = author.user
    for change in changes:
        entry = entry_of(response, change.item)
        # A page that posts all of itself says again what stands; that settles nothing.
        if change.says(entry) and (opened is not None or not {"disputed", "clinician"} & entry.keys()):
            continue
        if sequence and entry.get("by") == by.pk and entry.get("sequence", 0) > sequence:
            continue
        if author.stands_beside(entry):
            set_beside(merged, change, entry, author, response.revision + 1, at=at)
            continue
        foreign = bool(entry) and entry["revision"] > base_revision and entry["by"] != by.pk
        if foreign and opened is not None and change.says(opened.get(change.item)):
            continue
        if foreign and change.item != NOTE:
            dispute(merged, change, entry, author, at=at)
        else:
            accept(merged, change, response.revision + 1, author, at=at, sequence=sequence)
    return merged


def entry_of(response: QuestionnaireResponse, item: str) -> Entry:
    """The stored entry of an item; of the note, only what it says."""
    if item == NOTE:
        return {"status": "answered", "value": response.note or None, "revision": 0, "by": None}
    found: Entry = response.answers.get(item, {})
    return found


def accept(merged: Merge, change: Change, revision: int, author: Author, *, at: datetime, sequence: int) -> None:
    said = entry_from(change, author, at=at)
    if change.item == NOTE:
        merged.note = str(change.value or "")
    else:
        counted = {"sequence": sequence} if sequence else {}
        merged.answers[change.item] = {**said, "revision": revision, **counted}
    merged.kept.append(change.item)
    merged.history.append({"item": change.item, "answer": said, "accepted": True})


def set_beside(merged: Merge, change: Change, entry: Entry, author: Author, revision: int, *, at: datetime) -> None:
    """Keep a clinician's view beside what the person answered; the same answer takes the view away again."""
    said = entry_from(change, author, at=at)
    stands = {name: value for name, value in entry.items() if name != "clinician"}
    beside = entry.get("clinician")
    if change.says(entry) or change.says(None):
        if beside is None:
            return
    elif beside is not None and change.says(beside):
        return
    else:
        stands["clinician"] = {**said, "revision": revision}
    merged.answers[change.item] = stands
    merged.kept.append(change.item)
    merged.history.append({"item": change.item, "answer": said, "accepted": False})


def dispute(merged: Merge, change: Change, entry: Entry, author: Author, *, at: datetime) -> None:
    """Keep what stands, and beside it what was said now, until somebody chooses."""
    said = entry_from(change, author, at=at)
    if "disputed" not in entry or not change.says(entry["disputed"]):
        merged.answers[change.item] = {**entry, "disputed": said}
        merged.history.append({"item": change.item, "answer": said, "accepted": False})
    merged.conflicts.append(change.item)


def entry_from(change: Change, author: Author, *, at: datetime) -> Entry:
    return {
        "status": change.status,
        "value": change.value,
        "by": author.user.pk,
        "respondent": author.respondent,
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
    }


def answers_at(response: QuestionnaireResponse, revision: int, changes: Iterable[Change]) -> dict[str, Entry]:
    """What the items changed since a revision said at that revision; asks the history only when one was."""
    later = [change.item for change in changes if entry_of(response, change.item).get("revision", 0) > revision]
    if NOTE in {change.item for change in changes} and response.revision > revision:
        later.append(NOTE)
    if not later:
        return {}
    rows = AnswerChange.objects.filter(response=response, item__in=later, revision__lte=revision, accepted=True)
    return {row.item: row.answer for row in rows.order_by("pk")}


@transaction.atomic(durable=True)
def _write(response: QuestionnaireResponse, merged: Merge, author: Author, *, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "answers": json.dumps(merged.answers),
                "note": merged.note,
                "next": response.revision + 1,
                "at": at,
                "response": response.pk,
                "revision": response.revision,
                "by": author.user.pk,
                "history": json.dumps(merged.history),
            },
        )
        stored = bool(cursor.rowcount)
    if stored:
        alert(response, merged.answers, [row["item"] for row in merged.history], author, at=at)
    return stored


def alert(
    response: QuestionnaireResponse, answers: Mapping[str, Entry], items: Iterable[str], author: Author, *, at: datetime
) -> None:
    """Open or raise the safety alerts that changed items set off, in the transaction that stores them (REL-27)."""
    asked = load(response.code, response.version)
    if not touches(asked, set(items)):
        return
    parent = response.parent
    intake = parent if isinstance(parent, Assessment) else None
    follow(
        patient_id=parent.patient_id,
        assessment=intake,
        owner=author.user if author.respondent == "clinician" else in_charge_of(parent),
        before=alarms(asked, response.answers),
        after=alarms(asked, answers),
        by=author.user,
        at=at,
    )


def in_charge_of(parent: Assessment | Assignment) -> User:
    return parent.owner if isinstance(parent, Assessment) else parent.assigned_by


def write(response: QuestionnaireResponse, merged: Merge, author: Author, *, at: datetime) -> bool:
    """Store a merge over the revision it was made from; False when somebody was faster."""
    try:
        stored = _write(response, merged, author, at=at)
    except IntegrityError as error:
        if not violates(error, "response_of_signed_is_locked"):
            raise
        changes = [Change(row["item"], row["answer"]["value"], row["answer"]["status"]) for row in merged.history]
        raise late(response, changes, author, at=at) from error
    if stored:
        response.answers, response.note = merged.answers, merged.note
        response.revision, response.updated_at = response.revision + 1, at
    return stored


@transaction.atomic(durable=True)
def late(response: QuestionnaireResponse, changes: Iterable[Change], author: Author, *, at: datetime) -> AlreadySigned:
    """Keep what came too late in the history, as a proposal; what was signed or sent stays. Danger is heard all the same."""
    new = {
        change.item: entry_from(change, author, at=at)
        for change in changes
        if not change.says(entry_of(response, change.item))
    }
    AnswerChange.objects.bulk_create(
        AnswerChange(
            response=response,
            item=item,
            answer=answer,
            revision=response.revision,
            accepted=False,
            by=author.user,
            at=at,
        )
        for item, answer in new.items()
    )
    alert(response, {**response.answers, **new}, new, author, at=at)
    response.parent.refresh_from_db()
    was = "signed" if response.assessment else "sent"
    return AlreadySigned(f"This was {was} meanwhile. What you typed is kept as a proposal, and nothing was changed.")


def settle(*, response: QuestionnaireResponse, item: str, keep: str, by: User, at: datetime) -> Saved:
    """
    Choose between two different answers to one item: "standing" or "disputed".

    Choosing twice, or after a colleague chose, changes nothing.
    """
    entry = response.answers.get(item, {})
    if "disputed" not in entry:
        return Saved(response, ())
    chosen = entry["disputed"] if keep == "disputed" else entry
    change = Change(item, chosen["value"], chosen["status"])
    return save_answers(response=response, changes=[change], base_revision=response.revision, by=by, at=at)


def response_for(*, assessment: Assessment, code: str, version: int) -> QuestionnaireResponse:
    """
    The response of a questionnaire, made when nothing of it was answered yet.

    Raises:
        AlreadySigned: a questionnaire that was not part of what was signed cannot be begun any more.
    """
    if assessment.is_signed:
        raise AlreadySigned("This was signed meanwhile. Nothing was changed.")
    try:
        made, _ = QuestionnaireResponse.objects.get_or_create(
            assessment=assessment, code=code, defaults={"version": str(version)}
        )
    except IntegrityError as error:
        if not violates(error, "response_of_signed_is_locked"):
            raise
        raise AlreadySigned("This was signed meanwhile. Nothing was changed.") from error
    made.assessment = assessment
    return made
