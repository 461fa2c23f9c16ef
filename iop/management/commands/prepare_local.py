"""Fonts, tables and the demo clinic, in one process: `make run` would otherwise load Django three times."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Make ready what make run serves; each step does nothing when it is done already."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.BASE_DIR / "static" / "fonts" / "fonts.css").exists():
            call_command("build_fonts")
        call_command("migrate", verbosity=0, skip_checks=True)
        call_command("load_demo")
