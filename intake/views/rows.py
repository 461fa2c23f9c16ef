"""One answer as a row of a list: what counts, who said it, what else was said, and how to change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from intake import queries
from intake.amendments import addenda_of, amended
from intake.instruments import Item, Questionnaire
from intake.models import Addendum
from intake.presentation import words_of
from intake.sitting import NOTHING, Step, needs_nothing_more
from intake.views.flow import Opened
from intake.voices import Entry, at_of, day, is_aged, is_own, teller


@dataclass(frozen=True)
class Reading:
    """An intake that is read over, with its corrections and the names of all who differed."""

    opened: Opened
    now: datetime
    addenda: list[Addendum]
    corrected: Opened
    names: Mapping[int, str]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.opened.patient.location.zone)

    def day(self, at: datetime) -> str:
        return day(at, self.zone, self.now)


def reading_of(opened: Opened, now: datetime) -> Reading:
    sitting = opened.sitting
    addenda = addenda_of(sitting.assessment)
    corrected = Opened(opened.actor, opened.patient, amended(sitting, addenda))
    voices = [
        voice
        for code in sitting.responses
        for entry in sitting.own_answers(code).values()
        for voice in voices_of(entry)
    ]
    # Asked even when everybody agrees, so that the page costs the same whatever was answered.
    names = queries.names_of({opened.actor.user.pk, *(voice["by"] for voice in voices)})
    return Reading(opened, now, addenda, corrected, names)


def voices_of(entry: Entry) -> list[Entry]:
    """What is said beside the answer that stands; of a dispute, what stands too."""
    if "disputed" in entry:
        return [entry, entry["disputed"]]
    return [entry["clinician"]] if "clinician" in entry else []


def answer_rows(reading: Reading, step: Step) -> list[dict[str, Any]]:
    """The questions of a page that are shown, by what was signed or by what was corrected."""
    sitting = reading.opened.sitting
    assert step.page is not None  # noqa: S101 - a summary asks nothing
    shown = {item.code for item in (*sitting.shown_on(step), *reading.corrected.sitting.shown_on(step))}
    return [answer_row(reading, step, item) for item in step.page.items if item.code in shown]


def answer_row(reading: Reading, step: Step, item: Item) -> dict[str, Any]:
    sitting = reading.opened.sitting
    asked, entry = sitting.questionnaire(step.code), sitting.answers(step.code).get(item.code, NOTHING)
    corrections = [one for one in reading.addenda if (one.code, one.item) == (step.code, item.code)]
    value = words_of(asked, item, entry)
    return {
        "code": item.code,
        "label": item.label,
        "value": value,
        "missing": not value,
        "notes": [*notes_of(reading, asked, item, entry), *correction_lines(reading, asked, item, corrections)],
        "open": not needs_nothing_more(entry) and (item.required or "disputed" in entry),
        "differs": bool({"disputed", "clinician"} & entry.keys()),
        "today": is_of_today(reading, entry, corrections),
        **way_to_change(reading, step, item),
    }


def way_to_change(reading: Reading, step: Step, item: Item) -> dict[str, str]:
    opened = reading.opened
    if opened.may_write:
        return {"url": f"{opened.step_url(step)}?return={item.code}#slot_{item.code}"}
    if opened.may_correct and step.code in opened.sitting.responses:
        return {"url": f"{opened.url('correct')}?about={step.code}.{item.code}", "action": "Correct"}
    return {"url": ""}


def notes_of(reading: Reading, asked: Questionnaire, item: Item, entry: Entry) -> Iterable[str]:
    """Who gave the answer when it was not said in the interview, what somebody else says, how old it is."""
    if not entry:
        return
    on, patient = reading.day(at_of(entry)), reading.opened.patient
    if "carried" in entry:
        yield f"Carried from {reading.opened.sitting.questionnaire(entry['carried']).title}"
    if is_own(entry):
        yield f"Answered by {teller(entry, reading.names, patient)}, {on}"
    elif reading.opened.may_write and is_aged(entry, reading.now):
        yield f"Answered on {on}"
    for kind, words in (("clinician", "Seen differently by"), ("disputed", "Answered differently by")):
        if kind in entry:
            other = entry[kind]
            who, said = teller(other, reading.names, patient), words_of(asked, item, other) or "No answer"
            yield f"{words} {who}, {reading.day(at_of(other))}: {said}"
    if "disputed" in entry:
        yield f"The answer above is by {teller(entry, reading.names, patient)}. Choose which one counts."


def correction_lines(
    reading: Reading, asked: Questionnaire, item: Item, corrections: Iterable[Addendum]
) -> Iterable[str]:
    for one in corrections:
        words = words_of(asked, item, one.answer or {}) or "No answer"
        yield f"Corrected {reading.day(one.at)} by {one.by.name}: {words}. {one.text}"


def is_of_today(reading: Reading, entry: Entry, corrections: Iterable[Addendum]) -> bool:
    today = reading.now.astimezone(reading.zone).date()
    instants = [at_of(one) for one in (entry, *voices_of(entry)) if one] + [one.at for one in corrections]
    return any(at.astimezone(reading.zone).date() == today for at in instants)


def additions(reading: Reading) -> list[str]:
    """What was added to the signed intake in words alone."""
    return [f"Added {reading.day(one.at)} by {one.by.name}: {one.text}" for one in reading.addenda if not one.item]
