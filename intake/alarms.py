"""
Which answers set off an alert, and at which level (DOMAIN 6.2).

Pure: told one questionnaire and its answers. Items are known by the facts they answer, so that a new
version of a definition changes nothing here. Of several people's answers the most worrying one counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from intake.instruments import Item, Questionnaire
from intake.instruments.answers import Answers, value_of

SELF, OTHERS = "self", "others"
# From the least to the most urgent; danger to others is a kind of its own, and always the same.
URGENCY: Final = ("S1", "S2", "SU", "S3", "S4", "SV")
ITEM_9: Final = ("phq9.items", 8)
# Not an alert: a check that a prescriber or nurse makes, shown beside the answers until it is on record.
WITHDRAWAL: Final = ("heavy_use_7d", "withdrawal_risk_history")

_CSSRS: Final[Mapping[str, str]] = {
    "cssrs.q1": "S1",
    "cssrs.q2": "S1",
    "cssrs.q3": "S2",
    "cssrs.q6_lifetime": "S2",
    "cssrs.q4": "S3",
    "cssrs.q5": "S3",
    "cssrs.q6_3m": "S3",
}
_RATED: Final[Mapping[int, str]] = {2: "S2", 3: "S3", 4: "S3"}
WATCHED: Final = frozenset({*_CSSRS, "emergency.signs", "risk.threat_to_others", "dimension.d1"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    `trigger` is a code that names the question, and of a list the choice; never free text.

    `is_rating` tells a clinician's judgment from what the person said.
    """

    kind: str
    level: str
    trigger: str
    is_rating: bool = False


def is_watched(item: Item) -> bool:
    """Say whether an answer to this question can set off an alert."""
    return item.fact is not None and (item.fact.key in WATCHED or (item.fact.key, item.fact.index) == ITEM_9)


def touches(questionnaire: Questionnaire, codes: Collection[str]) -> bool:
    """Say whether any of these items can set off an alert."""
    return any(is_watched(item) for item in questionnaire.items if item.code in codes)


def alarms(questionnaire: Questionnaire, answers: Answers) -> frozenset[Alarm]:
    """
    Say what these answers set off.

    A question that nobody has come to yet sets off nothing; one that was refused or cannot be asked does.
    """
    return frozenset(
        alarm
        for item in questionnaire.items
        if is_watched(item) and item.code in answers
        for voice in _voices(answers[item.code])
        for alarm in _of(item, voice)
    )


def most_urgent(levels: Iterable[str]) -> str:
    return max(levels, key=URGENCY.index)


def _voices(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What stands, and beside it what a colleague said, or a clinician of a self-report."""
    yield entry
    for beside in ("disputed", "clinician"):
        if beside in entry:
            yield entry[beside]


def _of(item: Item, entry: Mapping[str, Any]) -> Iterator[Alarm]:
    assert item.fact is not None  # noqa: S101 - only watched items come here
    fact, value = item.fact.key, value_of(entry)
    if entry.get("status", "answered") != "answered":
        if fact == "phq9.items" or fact in _CSSRS or fact == "emergency.signs":
            yield Alarm(SELF, "SU", f"{item.code}_open")
    elif fact == "phq9.items" and isinstance(value, int) and value >= 1:
        yield Alarm(SELF, "S2" if value >= 2 else "S1", item.code)
    elif fact in _CSSRS and value is True:
        yield Alarm(SELF, _CSSRS[fact], item.code)
    elif fact == "emergency.signs" and isinstance(value, list):
        yield from (Alarm(SELF, "S4", f"emergency_{sign}") for sign in value)
    elif fact == "risk.threat_to_others" and value is True:
        yield Alarm(OTHERS, "SV", item.code)
    elif fact == "dimension.d1" and value in _RATED:
        yield Alarm(SELF, _RATED[int(str(value))], item.code, is_rating=True)


def is_withdrawal_risk(answers: Answers) -> bool:
    """A risk history for withdrawal together with recent heavy use: a medical check comes first (DOMAIN 5.2, G3)."""
    return all(value_of(answers.get(item)) is True for item in WITHDRAWAL)
