"""Whose result another rule set would change, over every signed assessment, on the command line."""

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from programs.matching import Engine, RuleSetError, load_ruleset
from programs.models import RuleSet
from programs.replay import Replay, changes, stored, written


class Unusable(Exception):
    """A rule set that cannot be replayed; the message is fit to show."""


class Command(BaseCommand):
    help = "Print each signed assessment that a rule set would decide differently, and at the end how many."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ruleset", metavar="RULESET", help="The version of a stored rule set, or a YAML file.")
        parser.add_argument("--against", metavar="RULESET", help="What to compare with; else the published rule set.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            before, after = engine_named(options["against"]), engine_named(options["ruleset"])
        except Unusable as error:
            self._print({"schema": "iop.error/1", "error": "invalid_input", "detail": str(error)})
            self.stderr.write(f"Invalid input: {error}")
            raise SystemExit(2) from error
        found = Replay()
        with transaction.atomic():  # the cursor stays on the server, and sees one moment
            for change in changes(before, after, stored(), found):
                self._print({"schema": "iop.replay.change/1"} | written(change))
        versions = {"before": before.ruleset.version, "after": after.ruleset.version}
        self._print(summary(found) | versions)

    def _print(self, line: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(line, separators=(",", ":")))


def engine_named(name: str | None) -> Engine:
    """
    A stored rule set by its version, or one in a file; without a name the published one.

    Raises:
        Unusable: there is none of that name, or it cannot be read.
    """
    kept = RuleSet.objects.published() if name is None else RuleSet.objects.filter(version=name).first()
    if kept is None and name is None:
        raise Unusable("No rule set is published: name one with --against.")
    try:
        return Engine(load_ruleset(kept.document if kept else Path(str(name))))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Unusable(f"{name} is neither a stored version nor a file that can be read: {reason}.") from error
    except RuleSetError as error:
        raise Unusable(f"{name}, {error}.") from error


def summary(found: Replay) -> dict[str, Any]:
    moves: Counter[str] = Counter(
        {": ".join((what, f"{old} to {new}")): n for (what, old, new), n in found.moves.items()}
    )
    return {
        "schema": "iop.replay.summary/1",
        "assessments": found.assessments,
        "unreadable": found.unreadable,
        "changed": found.changed,
        "counts": dict(found.counts.most_common()),
        "moves": dict(moves.most_common()),
    }
