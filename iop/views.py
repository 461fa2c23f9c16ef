"""Pages that belong to no app: health, help now, the way home, errors, the style guide."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.policies import PUBLIC, policy
from iop import styleguide as samples

HOME_OF_ROLE = {
    Role.PATIENT: "scheduling:my_schedule",
    Role.CLINICIAN: "scheduling:today",
    Role.COORDINATOR: "scheduling:today",
    Role.SUPERVISOR: "scheduling:today",
    Role.ADMIN: "admin:index",
    Role.FAMILY: "programs:families",
}


@policy(PUBLIC)
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


@policy(PUBLIC)
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """
    200 when the database takes writes and every migration is applied; else 503 with what is not.

    Redis holds only hints, so without it the clinic works on: "degraded", still ready (REL-28).
    """
    found = {"database": database_state(), "migrations": migration_state(), "broker": broker_state()}
    ready = found["database"] == "ok" and found["migrations"] == "ok"
    degraded = ready and found["broker"] != "ok"
    status = "degraded" if degraded else "ready" if ready else "not ready"
    return JsonResponse({"status": status, **found}, status=200 if ready else 503)


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool")
            (read_only,) = cursor.fetchone()
    except DatabaseError:
        return "away"
    return "read only" if read_only else "ok"


@cache
def migrations_on_disk() -> frozenset[tuple[str, str]]:
    """Every migration that this code brings; it cannot change while the process lives."""
    return frozenset(MigrationLoader(None).disk_migrations)


def migration_state() -> str:
    try:
        waiting = migrations_on_disk() - MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return "unknown"
    return f"{len(waiting)} waiting" if waiting else "ok"


def broker_state() -> str:
    import redis

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "away"
    return "ok"


@policy(PUBLIC)
@require_safe
def help_now(_request: HttpRequest) -> HttpResponse:
    """Crisis numbers: no sign-in, no script, no database. Without the request nothing can ask who is signed in."""
    return HttpResponse(render_to_string("iop/help_now.html", {"clinic": settings.CLINIC}))


@policy("account.own")
@require_safe
def home_of_role(request: HttpRequest) -> HttpResponse:
    """After signing in: the home of the role one acts in."""
    return redirect(HOME_OF_ROLE[request.actor.role])  # type: ignore[attr-defined]


@policy("staff.styleguide")
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in its states, `?screen=` a reference screen, `?theme=dark`; only where DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    screen = request.GET.get("screen", "")
    template = f"iop/styleguide/{screen if screen in samples.SCREENS else 'index'}.html"
    return render(request, template, samples.context(request.GET.get("theme", "")))


@policy(PUBLIC)
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
