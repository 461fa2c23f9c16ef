"""What a save and a seat cost at least: bare signed-in Django views, one jsonb UPDATE and one guarded UPDATE with its INSERT."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.policies import PUBLIC, policy

MAKE = "CREATE TABLE bench_floor (id bigint PRIMARY KEY, answers jsonb NOT NULL)"
FILL = "INSERT INTO bench_floor VALUES (1, %s)"
SAVE = "UPDATE bench_floor SET answers = jsonb_set(answers, %s, %s) WHERE id = 1"


@policy(PUBLIC)  # so that no role is looked up: signed in is all that it asks
@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(SAVE, [[request.POST["item"]], json.dumps({"value": request.POST["value"]})])
    return JsonResponse({"saved": True})


MAKE_SEATS = """
CREATE TABLE bench_cohort (id bigint PRIMARY KEY, taken integer NOT NULL, seats integer NOT NULL, CHECK (taken <= seats));
CREATE TABLE bench_seat (id bigserial PRIMARY KEY, cohort bigint NOT NULL REFERENCES bench_cohort, person bigint NOT NULL,
    at timestamptz NOT NULL);
INSERT INTO bench_cohort VALUES (1, 0, 1000000)
"""
TAKE = "UPDATE bench_cohort SET taken = taken + 1 WHERE id = %s AND taken < seats"
WRITE = "INSERT INTO bench_seat (cohort, person, at) VALUES (%s, %s, now())"


@policy(PUBLIC)  # as above
@login_required
@require_POST
def take_seat(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, [request.POST["cohort"]])
        if not cursor.rowcount:
            return JsonResponse({"full": True}, status=409)
        cursor.execute(WRITE, [request.POST["cohort"], request.POST["person"]])
    return JsonResponse({"taken": True})


class CountQueries:
    """Says in a header how many statements an answer took, to who asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "X-Count-Queries" not in request.headers:
            return self.get_response(request)
        asked: list[str] = []

        def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            asked.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Queries"] = str(len(asked))
        return response
