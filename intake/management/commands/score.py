"""``manage.py score INSTRUMENT --items 1,2,,3 [--sex female|male|other]``: a score document, without a database."""

import json
import re
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from intake.instruments import ScoringError, score
from intake.instruments.scoring import ScoredItem


class Command(BaseCommand):
    help = "Score one instrument. Yes and no are 1 and 0, an empty position is an unanswered item."
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Arguments that do not parse are invalid input like any other: an error object, not a usage text.
        parser.error = self._refuse  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("instrument", help="such as phq9, gad7, pcptsd5, audit_c, cssrs")
        parser.add_argument("--items", required=True, help="answers in published order, such as 1,2,,3")
        parser.add_argument("--sex", help="female, male or other; only audit_c reads it")

    def handle(self, *, instrument: str, items: str, sex: str | None, **_options: Any) -> None:
        try:
            document = score(instrument, [_item(text) for text in items.split(",")], sex)
        except ScoringError as error:
            self._refuse(str(error))
        self.stdout.write(json.dumps(document))

    def _refuse(self, message: str) -> NoReturn:
        self.stdout.write(json.dumps({"schema": "iop.error/1", "error": "invalid_input", "detail": message}))
        self.stderr.write(message)
        raise SystemExit(2)


def _item(text: str) -> ScoredItem:
    """Read one position; text that is no number is left for the scorer to refuse, or to know (``na``)."""
    text = text.strip()
    if not text:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text
