"""From a request to an actor, and from a view to its policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject

from accounts.models import Role
from accounts.policies import POLICIES, PUBLIC, Actor

Respond = Callable[[HttpRequest], HttpResponse]
ROLE_KEY = "role"


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in person in the role chosen for this sign-in session; None when signed out or without a role."""
    if not request.user.is_authenticated:
        return None
    held = request.user.held_roles()
    chosen = request.session.get(ROLE_KEY)
    role = Role(chosen) if chosen in held else next(iter(held), None)
    return Actor(request.user, role, tuple(held)) if role else None


class ActorMiddleware:
    """Sets `request.actor`, looked up when somebody asks."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def declared_policy(view: Callable[..., Any], namespaces: list[str]) -> str | None:
    """The policy of a view: its own, or `admin` for everything that the admin site serves."""
    own: str | None = getattr(view, "policy", None)
    return own or ("admin" if "admin" in namespaces else None)


class PolicyMiddleware:
    """
    Closed by default.

    A signed-out person is sent to sign in; a role that is not in the policy's row gets the same
    404 as a page that does not exist (SEC-05), and so does every view that declares nothing.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        name = declared_policy(view, match.namespaces if match else [])
        if name == PUBLIC:
            return None
        if name is None:
            raise Http404
        if not request.user.is_authenticated:
            return self.sign_in_first(request)
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if not actor or actor.role not in POLICIES[name]:
            raise Http404
        return None

    def sign_in_first(self, request: HttpRequest) -> HttpResponse:
        # A save in the background must learn that it was not saved, not follow a redirect to a page.
        if request.headers.get("X-Autosave") or request.headers.get("HX-Request"):
            return JsonResponse({"signed_out": True, "sign_in": resolve_url("account_login")}, status=401)
        return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
