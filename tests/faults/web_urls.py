"""The product's addresses, and the positive control: a save as one would write it to be quick."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from threading import Timer

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from accounts.policies import PUBLIC, policy
from intake.actions.answers import Change, save_answers
from intake.models import QuestionnaireResponse
from iop.urls import urlpatterns as product

LATER = 0.3  # seconds


@policy(PUBLIC)
def naive_save(request: HttpRequest, response: int) -> HttpResponse:
    """Says that the answer is saved, and saves it in a moment."""
    item, user = request.POST["changed"], request.user

    def save() -> None:
        with closing(connection):
            row = QuestionnaireResponse.objects.select_related("assessment").get(pk=response)
            change = Change(item, int(request.POST[item]))
            save_answers(response=row, changes=[change], base_revision=row.revision, by=user, at=timezone.now())

    str(user)  # looked up here, since a session is of its request
    Timer(LATER, save).start()
    return JsonResponse({"revision": 0})


class NameWorker:
    """Tells which of the server's processes answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Worker"] = str(os.getpid())
        return response


urlpatterns = [path("naive/<int:response>/", naive_save), *product]
