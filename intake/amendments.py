"""Answers as corrections leave them. What was signed stays as it was; facts and pages read the two together."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from intake.instruments.answers import Answers
from intake.models import Addendum, Assessment
from intake.sitting import NOTHING, Sitting


def addenda_of(assessment: Assessment) -> list[Addendum]:
    """Corrections and additions in the order in which they were made; a draft has none, and is not asked."""
    return list(assessment.addenda.select_related("by").order_by("at", "pk")) if assessment.is_signed else []


def amended_answers(answers: Answers, code: str, addenda: Iterable[Addendum], signed_at: str) -> Answers:
    """
    The answers of one questionnaire with its corrections.

    A corrected answer keeps the instant of the first one: putting right what was written down wrongly makes a
    measurement no fresher.
    """
    amended = dict(answers)
    for addendum in addenda:
        if addendum.code == code:
            given_at = answers.get(addendum.item, NOTHING).get("at", signed_at)
            amended[addendum.item] = {"revision": 0, **(addendum.answer or {}), "at": given_at}
    return amended


def amended(sitting: Sitting, addenda: Iterable[Addendum]) -> Sitting:
    """The signed intake as it reads with its corrections."""
    made, signed_at = list(addenda), sitting.assessment.signed_at
    if not made or signed_at is None:
        return sitting
    responses = []
    for response in sitting.responses.values():
        other = copy(response)
        other.answers = dict(amended_answers(response.answers, response.code, made, signed_at.isoformat()))
        responses.append(other)
    return Sitting(sitting.assessment, responses)
