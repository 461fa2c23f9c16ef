"""What we ask of allauth: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by staff or by invitation (EXPERIENCE 6.1)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
