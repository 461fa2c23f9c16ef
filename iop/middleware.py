"""Headers that every answer carries, and the limit of what may be sent, whatever view is asked."""

from collections.abc import Callable
from http import HTTPStatus

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

DRAINED = 10 * 1024 * 1024  # what is more is cut off
CHUNK = 64 * 1024
PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


class SecurityHeaders(CSPMiddleware):
    """The content policy of EXPERIENCE 13.1, looser under /admin/ alone, and the closed permissions of SEC-26."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            response._csp_config = settings.CONTENT_SECURITY_POLICY_ADMIN["DIRECTIVES"]  # type: ignore[attr-defined]
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return super().process_response(request, response)


class BodyLimit:
    """
    Answers a body over the limit of ROBUSTNESS 5.1 with a sentence, before anything reads it.

    Django's own refusal is a bare 400, and a save in the background would try it again for ever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) <= most(request.path):
            return self.get_response(request)
        # A browser that is still sending would see the connection break instead of the sentence.
        remaining = min(int(length), DRAINED)
        while remaining > 0 and (piece := request.read(CHUNK)):
            remaining -= len(piece)
        too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if request.headers.get("X-Autosave"):
            sentence = _("That was too much to save at once. Shorten it or split it.")
            return JsonResponse({"error": sentence}, status=too_large)
        return render(request, "413.html", status=too_large)


def most(path: str) -> int:
    """How many bytes this address takes: a table that an administrator imports is larger than any form."""
    is_import = path.startswith("/admin/") and path.endswith("/import/")
    return settings.TABLE_UPLOAD_MAX_SIZE if is_import else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
