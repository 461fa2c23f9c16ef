"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

import os

import pytest
from django.test import Client

from accounts.models import User

# Playwright's loop runs in the thread of the test, which Django takes for an async context.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True)
def _quick_and_plain(settings):
    """Fast hashes, plain static files; the rest is as in production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def signed_in():
    """A function: a client in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
