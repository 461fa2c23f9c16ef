"""`manage.py load_demo`: the demo clinic, once; refused where DEBUG is off."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scheduling.demo.load import load


class Command(BaseCommand):
    help = "Load the demo clinic: 60 invented people at every stage, and the demo sign-ins. Once; only with DEBUG."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo clinic has published passwords. It loads only where DEBUG is on.")
        loaded = load(now=timezone.now())
        self.stdout.write("The demo clinic is loaded." if loaded else "The demo clinic was loaded before.")
