"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from accounts.models import User
from programs.models import LevelHours, RuleSet
from tests import make

# Playwright's loop runs in the thread of the test, which Django takes for an async context.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# With several workers, the browser stays in one of them, and the tests that kill processes in one.
# By path: the marks of --dist loadgroup are not seen under pytest 9.2 (pytest-xdist 1386).
TOGETHER = {
    "tests/journeys/": "browser",
    "tests/ui/test_flow_script.py": "browser",
    "tests/faults/": "processes",
    "tests/local/": "processes",
}


class Together(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Files go to whichever worker is free, except those that must not run beside each other."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((group for start, group in TOGETHER.items() if file.startswith(start)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of the system, quiet: its background calls would be refused one by one without a network."""
    found = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    quiet = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    program = {"executable_path": found} if found else {}
    more = os.environ.get("CHROMIUM_ARGS", "").split()
    return {**browser_type_launch_args, **program, "args": [*quiet, *sandbox, *more]}


@pytest.fixture(autouse=True)
def _quick_and_plain(settings):
    """Fast hashes, plain static files; the rest is as in production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture(autouse=True)
def _rules_in_use(request: pytest.FixtureRequest) -> None:
    """Whoever tests with a database works in a clinic that has published its rules."""
    databases = {"db", "transactional_db", "live_server", "django_db_reset_sequences"}
    if request.node.get_closest_marker("django_db") or databases & set(request.fixturenames):
        request.getfixturevalue("db")
        LevelHours.objects.all().delete()  # cohorts of tests meet as seldom as the test needs
        if not RuleSet.objects.exists():  # the demo clinic brings its own
            make.published_rules()
            connection.check_constraints()  # now, and not at the end of a test that lets nothing be written


@pytest.fixture
def signed_in():
    """A function: a client in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
