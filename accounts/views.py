"""The account menu."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.middleware import ROLE_KEY
from accounts.policies import policy


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
