"""What the admin says about where it runs."""

from django.conf import settings
from django.http import HttpRequest


def environment(_request: HttpRequest) -> list[str] | None:
    """A label on every page of a system that is not the clinic's own."""
    return ["Demo", "warning"] if settings.DEBUG else None
