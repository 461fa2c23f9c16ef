"""Sign-in and the account menu."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import ROLE_KEY
from accounts.models import Role, User
from accounts.policies import policy

DEMO_DOMAIN = "@demo.test"


class SignIn(LoginView):
    """allauth's sign-in in our frame; where DEBUG is on and the demo clinic is loaded, it lists the demo sign-ins."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo": demo_sign_ins()}


def demo_sign_ins() -> list[str]:
    """The addresses of the demo clinic, one for each role; none in production."""
    if not settings.DEBUG:
        return []
    emails = [f"{role}{DEMO_DOMAIN}" for role in Role.values]
    found = set(User.objects.filter(email__in=emails, is_active=True).values_list("email", flat=True))
    return [email for email in emails if email in found]


@policy("account.own")
@require_safe
def who(request: HttpRequest) -> JsonResponse:
    """
    Who is signed in, for a page that was left open over a sign-in.

    Signing in makes the token of every open page worthless; the same person's page gets a new one here.
    """
    return JsonResponse({"person": str(request.user.public_id), "token": get_token(request)})  # type: ignore[union-attr]


@policy("account.own")
@require_POST
def choose_role(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own roles from now on."""
    chosen = request.POST.get("role", "")
    if chosen not in request.user.held_roles():  # type: ignore[union-attr]
        raise Http404
    request.session.cycle_key()
    request.session[ROLE_KEY] = chosen
    return redirect("home_of_role")
