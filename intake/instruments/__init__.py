"""
Questionnaires as data: published instruments and our own interview sections alike.

Pure: knows no framework and no app. What is asked stands in ``definitions/*.yaml``; how it is scored in ``scoring``;
which facts the answers carry in ``facts``.
"""

from intake.instruments.answers import AnswerError, Answers, Value, is_settled, value_of
from intake.instruments.carrying import carried, with_carried
from intake.instruments.facts import Person, raw_facts
from intake.instruments.loader import DefinitionError, catalog, load
from intake.instruments.packs import PackError, TextPack, read_pack
from intake.instruments.scoring import ScoringError, answers_to_items, score
from intake.instruments.shapes import Band, Item, License, Option, Page, Questionnaire, Scoring
from intake.instruments.wording import with_text

__all__ = [
    "AnswerError",
    "Answers",
    "Band",
    "DefinitionError",
    "Item",
    "License",
    "Option",
    "PackError",
    "Page",
    "Person",
    "Questionnaire",
    "Scoring",
    "ScoringError",
    "TextPack",
    "Value",
    "answers_to_items",
    "carried",
    "catalog",
    "is_settled",
    "load",
    "raw_facts",
    "read_pack",
    "score",
    "value_of",
    "with_carried",
    "with_text",
]
