"""``manage.py load_instrument_text FILE``: install a clinic's own licensed wording of a questionnaire."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from intake.actions.texts import load_text
from intake.instruments import PackError, read_pack


class Command(BaseCommand):
    help = "Load a text pack (YAML). New intakes ask in its words; those that were begun stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the text pack, such as bam.en.yaml")

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            pack = read_pack(file.read_text(encoding="utf-8"), file.name)
        except PackError as error:
            raise CommandError(f"{str(error).rstrip('.')}. Nothing was loaded.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file.name} cannot be read as UTF-8 text: {error}. Nothing was loaded.") from error
        loaded = load_text(pack=pack, at=timezone.now())
        what = f"{pack.body['title']} ({loaded.text}), {len(pack.body['items'])} items"
        self.stdout.write(f"Loaded {what}. License: {pack.license}" if loaded.is_new else f"{what}: already loaded.")
