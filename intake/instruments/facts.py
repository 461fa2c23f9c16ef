"""From stored answers to the raw facts of the recommendation: who answers what is declared in the definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from intake.instruments.answers import Answers, Value, value_of
from intake.instruments.carrying import with_carried
from intake.instruments.scoring import answers_to_items, score
from intake.instruments.shapes import Item, Questionnaire

FactValue = Value | list[Value]

# Known from the person's record and never asked again.
PERSON_FACTS = frozenset({"person.age"})


@dataclass(frozen=True, slots=True)
class Person:
    """What the record knows; ``known`` holds raw facts that stand in where an interview left them open."""

    born_on: date | None = None
    known: Mapping[str, Value] = field(default_factory=dict)

    def age_on(self, day: date) -> int | None:
        """Return completed years; None without a date of birth, or before it."""
        born = self.born_on
        if born is None or born > day:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def raw_facts(
    responses: Iterable[tuple[Questionnaire, Answers]], as_of: date, person: Person, zone: tzinfo = UTC
) -> dict[str, FactValue]:
    """
    Return every raw fact that these responses could answer; None is unknown.

    Args:
        responses: at most one per questionnaire. An answer declined, not sure, not given or hidden by skip logic is
            unknown. The empty list is known: it takes the explicit "None of these".
        as_of: the local day of the assessment, for the age.
        zone: the location's; the instant of an answer becomes a day there, so that an evening's answer does not carry
            tomorrow's date.
    """
    facts: dict[str, FactValue] = {}
    lists: dict[str, list[Value]] = {}
    dates: dict[str, list[str]] = {}
    for questionnaire, answers in _with_carried(responses):
        values = questionnaire.values(answers)
        for item in questionnaire.items:
            _gather(item, values.get(item.code), facts, lists)
        if questionnaire.total_fact is not None:
            _keep(facts, questionnaire.total_fact, _total(questionnaire, answers))
        if questionnaire.date_fact is not None:
            dates.setdefault(questionnaire.date_fact, []).extend(_latest_day(questionnaire, answers, zone))
    for key, listed in lists.items():
        facts[key] = listed if any(one is not None for one in listed) else None
    for key, days in dates.items():
        # Several forms may share a date (AUDIT and AUDIT-C): the oldest, so that data never look fresher than they are.
        _keep(facts, key, min(days, default=None))
    facts |= {key: value for key, value in person.known.items() if facts.get(key) is None}
    facts["person.age"] = person.age_on(as_of)
    return facts


def _with_carried(responses: Iterable[tuple[Questionnaire, Answers]]) -> list[tuple[Questionnaire, Answers]]:
    """Fill shared answers into a form that was begun; one that nobody began says nothing."""
    given = list(responses)
    sources = {questionnaire.code: (questionnaire, answers) for questionnaire, answers in given}
    return [(asked, with_carried(asked, answers, sources) if answers else answers) for asked, answers in given]


def _keep(facts: dict[str, FactValue], key: str, value: FactValue) -> None:
    """Keep what an earlier version asked outright, until the form itself says it."""
    if value is not None:
        facts[key] = value
    else:
        facts.setdefault(key, None)


def _total(questionnaire: Questionnaire, answers: Answers) -> FactValue:
    """Return the total of a form; None while it has none."""
    assert questionnaire.scoring is not None  # noqa: S101 - the loader says so
    total: FactValue = score(questionnaire.scoring.scorer, answers_to_items(questionnaire, answers))["total"]
    return total


def _gather(item: Item, value: Value, facts: dict[str, FactValue], lists: dict[str, list[Value]]) -> None:
    if item.fact is None:
        return
    if item.fact.index is None:
        facts[item.fact.key] = value
        return
    listed = lists.setdefault(item.fact.key, [])
    listed.extend([None] * (item.fact.index + 1 - len(listed)))
    listed[item.fact.index] = value


def _latest_day(questionnaire: Questionnaire, answers: Answers, zone: tzinfo) -> list[str]:
    """Return the local day of the latest answer, as a list of one; of none when nothing is answered."""
    given = [
        answers[item.code] for item in questionnaire.shown(answers) if value_of(answers.get(item.code)) is not None
    ]
    days = [_day(str(entry["at"]), zone) for entry in given]
    return [max(days).isoformat()] if days else []


def _day(at: str, zone: tzinfo) -> date:
    """Return the local day of an instant with offset; a bare date, or a time without offset, is local already."""
    moment = datetime.fromisoformat(at)
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()
