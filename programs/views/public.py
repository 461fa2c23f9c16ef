"""What a visitor reads: what is offered, what it is, what it may cost, how to begin."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import PUBLIC, policy
from programs import catalog


@policy(PUBLIC)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "programs/public/home.html", {"themes": catalog.themes()})


@policy(PUBLIC)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "programs/public/index.html", {"themes": catalog.offers_by_track(timezone.now())})


@policy(PUBLIC)
@require_safe
def program(request: HttpRequest, slug: str) -> HttpResponse:
    offer = catalog.find_offer(slug, timezone.now())
    if offer is None:
        raise Http404
    return render(request, "programs/public/program.html", {"offer": offer, "program": offer.program})


def page(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """A page of ours that asks nothing of the database."""

    @policy(PUBLIC)
    @require_safe
    def show(request: HttpRequest) -> HttpResponse:
        return render(request, f"programs/public/{name}.html")

    return show


how_it_works = page("how_it_works")
costs = page("costs")
families = page("families")
privacy = page("privacy")
accessibility = page("accessibility")
