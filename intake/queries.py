"""Questions about people and their intakes. The one that writes is the door: opening a record is itself on record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Func, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.http import Http404
from django.urls import reverse

from accounts.models import AccessEvent, Role, User
from accounts.policies import Actor
from intake.amendments import addenda_of, amended
from intake.instruments import Person, load, raw_facts, value_of
from intake.listing import MOST, PAGE, page_of
from intake.models import (
    Addendum,
    AnswerChange,
    Assessment,
    Assignment,
    InstrumentText,
    Patient,
    QuestionnaireResponse,
)
from intake.safety import with_safety
from intake.sections import SECTION_OF, TRIGGER
from intake.sitting import NOTHING, Sitting

# ---- The door ----


def open_record(actor: Actor, public_id: UUID, action: str) -> Patient:
    """
    Load a patient and record that this actor opened the record.

    Raises:
        Http404: there is no such person, or this actor may not see them; the answer is the same.
    """
    try:
        people = with_safety(Patient.objects.visible_to(actor).select_related("location"))
        patient = people.get(public_id=public_id)
    except Patient.DoesNotExist as error:
        raise Http404 from error
    note_opened(actor, patient.public_id, action)
    return patient


def note_opened(actor: Actor, public_id: UUID, action: str) -> None:
    """Put on record that this actor opened a record, for a deed that reads it with a query of its own."""
    AccessEvent.objects.create(user=actor.user, role=actor.role, patient=public_id, action=action)


def open_own_record(actor: Actor, action: str) -> Patient:
    """
    The record of the person who is signed in, through the same door.

    Raises:
        Http404: they have none, or are not here as a patient.
    """
    own = Patient.objects.visible_to(actor).values_list("public_id", flat=True).first()
    if own is None or actor.role != Role.PATIENT:
        raise Http404
    return open_record(actor, own, action)


def draft_of(patient: Patient) -> Assessment | None:
    """The open intake of a person."""
    return patient.assessments.filter(state=Assessment.State.DRAFT).first()


# ---- Finding people ----


@dataclass(frozen=True, slots=True)
class Found:
    people: Sequence[Patient]
    has_more: bool
    next_count: int


def find_people(actor: Actor, text: str, count: int) -> Found:
    """
    The people this actor may see, by name, at most `count` of them and never more than 100.

    Args:
        text: empty for everybody; else words of the name, a birth date, or digits of the phone number.
    """
    count = page_of(count)
    found = matching(Patient.objects.visible_to(actor), text).order_by("sort_key", "pk")
    newest = Assessment.objects.filter(patient=OuterRef("pk")).order_by("-started_at")
    rows = list(found.annotate(intake_state=Subquery(newest.values("state")[:1]))[: count + 1])
    return Found(rows[:count], has_more=len(rows) > count and count < MOST, next_count=min(count + PAGE, MOST))


def matching(people: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    day = birth_date(text)
    if day:
        return people.filter(born_on=day)
    digits = re.sub(r"[\s().+\-/]", "", text)
    if digits.isdigit():
        only_digits = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")
        return people.annotate(digits=only_digits).filter(digits__contains=digits)
    for word in plain(text).split():
        people = people.filter(Q(sort_key__contains=word) | Q(preferred_name__icontains=word))
    return people


def birth_date(text: str) -> date | None:
    """The date of "3/14/1989", "1989-03-14" or "March 14, 1989"; None when the text is something else."""
    for layout in ("%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d", "%B %d, %Y", "%b %d, %Y"):
        try:
            return datetime.strptime(text.strip(), layout).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None


def plain(text: str) -> str:
    """Lower case without accents, as `Patient.sort_key` is kept."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in parts if not unicodedata.combining(mark))


# ---- One intake ----


def sitting_of(patient: Patient, public_id: UUID) -> Sitting | None:
    """An intake of this person with all its answers."""
    rows = Assessment.objects.select_related("signed_by").prefetch_related(
        Prefetch("responses", QuestionnaireResponse.objects.order_by("pk"))
    )
    assessment = rows.filter(patient=patient, public_id=public_id).first()
    if assessment is None:
        return None
    assessment.patient = patient
    return Sitting(assessment, assessment.responses.all())


def texts_in(language: str) -> dict[tuple[str, int], InstrumentText]:
    """The newest wording of every questionnaire and version that the clinic loaded in this language, in one query."""
    rows = InstrumentText.objects.filter(language=language).order_by("revision")
    return {(row.code, row.version): row for row in rows}


def names_of(users: Collection[int]) -> dict[int, str]:
    """The names of colleagues by key; nobody asked for costs no query."""
    return dict(User.objects.filter(pk__in=users).values_list("pk", "name")) if users else {}


# ---- For the rooms above ----


def facts_of(assessment: Assessment, as_of: date) -> dict[str, Any]:
    """
    The input document of the recommendation: every raw fact, null where nothing is known.

    Args:
        as_of: the local day on which the facts are read.
    """
    patient = assessment.patient
    sitting = amended(Sitting(assessment, assessment.responses.all()), addenda_of(assessment))
    stored = sitting.responses
    responses = [
        (load(code, int(stored[code].version)), stored[code].answers) if code in stored else (load(code), {})
        for code in SECTION_OF
    ]
    known = {"person.sex_for_clinical_use": patient.sex_for_clinical_use or None}
    facts = raw_facts(responses, as_of, Person(patient.born_on, known), ZoneInfo(patient.location.zone))
    return {"schema": "iop.facts/1", "as_of": as_of.isoformat(), "facts": facts}


def proposals_of(sitting: Sitting, user: User, addenda: Iterable[Addendum]) -> list[AnswerChange]:
    """
    What this person saved after the signature and has not added as a correction: the newest of each item.

    A save that was stored has the instant of its response; one that came too late has the last revision and another.
    """
    late = AnswerChange.objects.filter(
        response__assessment=sitting.assessment, by=user, accepted=False, revision=F("response__revision")
    ).exclude(at=F("response__updated_at"))
    newest = {(row.response.code, row.item): row for row in late.select_related("response").order_by("pk")}
    for addendum in addenda:
        row = newest.get((addendum.code, addendum.item))
        if row is not None and addendum.by_id == user.pk and addendum.at > row.at:
            del newest[(addendum.code, addendum.item)]
    return list(newest.values())


@dataclass(frozen=True, slots=True)
class Behind:
    """
    The question behind a fact: where it stands, the day on which it was answered, where its answer is put right.

    No day where it was not answered; no `correct_url` where it was not part of what was signed.
    """

    url: str
    on: date | None = None
    correct_url: str = ""


class Given:
    """The answers of an intake with its corrections, read once."""

    def __init__(self, assessment: Assessment) -> None:
        self.sitting = amended(Sitting(assessment, assessment.responses.all()), addenda_of(assessment))
        self.zone = ZoneInfo(assessment.patient.location.zone)
        self.keys = [assessment.patient.public_id, assessment.public_id]

    def text(self, code: str, item: str) -> str:
        """What was written in answer to an item; empty when nothing was."""
        return str(value_of(self.sitting.own_answers(code).get(item)) or "")

    def behind(self, fact: str) -> Behind | None:
        """The question behind a fact; None where none asks for it."""
        place = place_of_fact(fact)
        step = self.sitting.step_of(*place) if place else None
        if place is None or step is None:
            return None
        code, item = place
        given = self.sitting.own_answers(code).get(item, NOTHING)
        return Behind(
            url=f"{reverse('intake:page', args=[*self.keys, step.section.slug, step.number])}#slot_{item}",
            on=datetime.fromisoformat(given["at"]).astimezone(self.zone).date() if "at" in given else None,
            correct_url=self.correct_url(code, item),
        )

    def correct_url(self, code: str, item: str) -> str:
        if code not in self.sitting.responses:
            return ""
        return f"{reverse('intake:correct', args=self.keys)}?about={code}.{item}"


def scored_since(assessment: Assessment) -> list[Assignment]:
    """What the person answered on their own after this intake was signed, the newest first."""
    rows = assessment.patient.assignments.filter(submitted_at__gt=assessment.signed_at)
    return list(rows.order_by("-submitted_at"))


@cache
def questions() -> Mapping[str, tuple[str, str]]:
    """Every raw fact with the question that asks for it: questionnaire and item; of a list, the first item."""
    found: dict[str, tuple[str, str]] = {}
    for code in SECTION_OF:
        for item in load(code).items:
            if item.fact is not None:
                found.setdefault(item.fact.key, (code, item.code))
    # A fact that is the total or the date of a form leads to its first question.
    for questionnaire in map(load, SECTION_OF):
        for fact in (questionnaire.total_fact, questionnaire.date_fact):
            if fact is not None:
                found.setdefault(fact, (questionnaire.code, questionnaire.items[0].code))
    return found


def place_of_fact(fact: str) -> tuple[str, str] | None:
    """The question behind a raw fact; behind a score, the first question of its questionnaire."""
    if fact == "phq9.item9":
        return TRIGGER
    if fact in questions():
        return questions()[fact]
    family = fact.split(".")[0]
    return next((place for key, place in questions().items() if key.startswith(f"{family}.")), None)
