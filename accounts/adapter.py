"""What we ask of allauth: nobody signs up by themselves, and a refusal tells nothing about accounts."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class InvitedOnly(DefaultAccountAdapter):
    """Accounts are made by staff or by invitation (EXPERIENCE 6.1)."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This email and password do not go together. Check both and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many tries are a page of their own with status 429, not one more error on the form."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise ImmediateHttpResponse(respond_429(request)) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """An account that was closed answers like one that never was: allauth would show a page that tells."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None
