"""Whether this process should be sent visitors: asked by machines, answered truthfully."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def test_alive_asks_nobody(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/healthz/")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_ready_when_database_migrations_and_broker_are(client, db):
    response = client.get("/readyz/")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "migrations": "ok", "broker": "ok"}


def test_a_broker_that_is_gone_is_only_degraded(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz/")
    assert (response.status_code, response.json()["status"], response.json()["broker"]) == (200, "degraded", "away")


def test_a_migration_that_was_not_applied_is_named(client, db):
    MigrationRecorder(connection).record_unapplied("scheduling", "0001_initial")
    response = client.get("/readyz/")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "database": "ok", "migrations": "1 waiting", "broker": "ok"}


def test_a_database_that_takes_no_writes_is_not_ready(client, db):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    response = client.get("/readyz/")
    assert (response.status_code, response.json()["database"]) == (503, "read only")
