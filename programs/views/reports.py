"""How the clinic uses what it has: counts, and nobody's record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import Actor, policy
from programs import reports
from programs.forms_reports import ReportForm


class StaffRequest(HttpRequest):
    actor: Actor


@policy("reports.read")
@require_safe
def recommendations(request: StaffRequest) -> HttpResponse:
    """What clinicians did with what was recommended."""
    form = ReportForm(request.GET, request.actor)
    since = timezone.now() - form.within if form.within else None
    report = reports.report(actor=request.actor, since=since, location=form.place)
    return render(request, "programs/reports/recommendations.html", {"report": report, "form": form})
