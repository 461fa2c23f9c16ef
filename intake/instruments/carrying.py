"""Answers that two questionnaires share: asked in the first, standing in the second until that has its own."""

from collections.abc import Mapping
from typing import Any

from intake.instruments.answers import Answers, is_settled, value_of
from intake.instruments.shapes import Questionnaire

Source = tuple[Questionnaire, Answers]


def carried(questionnaire: Questionnaire, own: Answers, sources: Mapping[str, Source]) -> dict[str, dict[str, Any]]:
    """
    Return the entries that stand in where `own` is open, each marked with the questionnaire it comes from.

    Only an answer that counts there stands in: one that is shown, given, and that nobody disputes. Its revision is of
    another response and means nothing here.
    """
    found: dict[str, dict[str, Any]] = {}
    for item in questionnaire.items:
        source = item.carries
        if source is None or is_settled(own.get(item.code)) or source.code not in sources:
            continue
        asked, answers = sources[source.code]
        entry = answers.get(source.item, {})
        counts = value_of(entry) is not None and "disputed" not in entry
        if counts and source.item in asked.values(answers):
            found[item.code] = {**entry, "revision": 0, "carried": source.code}
    return found


def with_carried(questionnaire: Questionnaire, own: Answers, sources: Mapping[str, Source]) -> Answers:
    """Return the answers that count: its own, and what is carried into its gaps."""
    return {**own, **carried(questionnaire, own, sources)}
