"""Facts in, recommendations out, on the command line; needs no database (SEMANTICS S96, S97)."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand

from programs.matching import Engine, FactError, Facts, check, default_engine

CHUNK = 64  # lines worked out together: enough to share the cost of columns, few enough to hold in memory


class Command(BaseCommand):
    help = "Print the recommendation for an input document, or for each line of a file of them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("file", nargs="?", metavar="FILE", help="One input document.")
        source.add_argument("--batch", metavar="FILE.jsonl", help="One input document on each line.")

    def handle(self, *args: Any, **options: Any) -> None:
        engine = default_engine()
        batch, file = options["batch"], options["file"]
        fits = self._single(engine, file) if batch is None else self._batch(engine, batch)
        if not fits:
            raise SystemExit(2)

    def _single(self, engine: Engine, name: str) -> bool:
        try:
            with open(name, "rb") as file:
                person = _checked(file.read())
        except OSError as error:
            person = FactError(f"{name} cannot be read: {error.strerror}.")
        output = _answer(person) or engine.explain([person])[0]  # type: ignore[list-item]
        self.stdout.write(json.dumps(output, indent=2))
        return self._reported(person)

    def _batch(self, engine: Engine, name: str) -> bool:
        all_fit = True
        try:
            with open(name, "rb") as file:
                lines = (line for line in file if line.strip())
                for people in _chunks(_checked(line) for line in lines):
                    outputs = iter(engine.explain([person for person in people if isinstance(person, Facts)]))
                    for person in people:
                        output = _answer(person) or next(outputs)
                        self.stdout.write(json.dumps(output, separators=(",", ":")))
                        all_fit &= self._reported(person)
        except OSError as error:
            unreadable = FactError(f"{name} cannot be read: {error.strerror}.")
            self.stdout.write(json.dumps(_answer(unreadable), separators=(",", ":")))
            return self._reported(unreadable)
        return all_fit

    def _reported(self, person: Facts | FactError) -> bool:
        """One line on standard error for what does not fit, so that a person at a terminal sees it too."""
        if isinstance(person, FactError):
            self.stderr.write(f"Invalid input: {person}")
            return False
        return True


def _checked(text: bytes) -> Facts | FactError:
    try:
        return check(json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant))
    except FactError as error:
        return error
    except (ValueError, RecursionError):
        return FactError("The document is not JSON.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different: of two answers to one question neither can be believed."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise FactError("The document gives the same key twice.")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")


def _answer(person: Facts | FactError) -> dict[str, str] | None:
    """The error object for a document that does not fit; None for one that does."""
    if isinstance(person, FactError):
        return {"schema": "iop.error/1", "error": "invalid_input", "detail": str(person)}
    return None


def _chunks(people: Iterable[Facts | FactError]) -> Iterator[list[Facts | FactError]]:
    source = iter(people)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
