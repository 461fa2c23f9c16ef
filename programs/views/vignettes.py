"""The vignettes: the invented people on whom rules are tried, owned by the clinic."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import policy
from programs import rulebook
from programs.actions import rules as actions
from programs.forms_rules import StepForm, VignetteForm, as_initial
from programs.models import RuleSet, Vignette
from programs.views.rules import StaffRequest


def load(code: str) -> Vignette:
    """The version of a vignette that counts."""
    found = Vignette.objects.filter(code=code).select_related("by").order_by("-version").first()
    if found is None:
        raise Http404
    return found


@policy("rules.read")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    published = RuleSet.objects.published()
    tried = {trial.vignette.code: trial for trial in rulebook.trials(published)} if published else {}
    newest = Vignette.objects.newest().select_related("by")
    context = {
        "rows": [{"vignette": vignette, "trial": tried.get(vignette.code)} for vignette in newest],
        "published": published,
        "may_write": request.actor.may("rules.write"),
        "zone": settings.CLINIC.zone,
    }
    return render(request, "programs/rules/vignettes.html", context)


@policy("rules.read")
@require_safe
def vignette(request: StaffRequest, code: str) -> HttpResponse:
    found = load(code)
    context = {
        "vignette": found,
        "expected": rulebook.expectation_lines(found),
        "history": Vignette.objects.filter(code=code).select_related("by"),
        "may_write": request.actor.may("rules.write"),
        "zone": settings.CLINIC.zone,
    }
    return render(request, "programs/rules/vignette.html", context)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    return write(request, VignetteForm(request.POST or None), None)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, code: str) -> HttpResponse:
    found = load(code)
    return write(request, VignetteForm(request.POST or None, code=code, initial=as_initial(found)), found)


def write(request: StaffRequest, form: VignetteForm, found: Vignette | None) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if form.is_bound and form.is_valid():
        seen = (form.cleaned_data["seen"] or 0) if found else 0
        try:
            kept = actions.keep_vignette(
                vignette=form.vignette(), seen_version=seen, by=request.actor, at=timezone.now()
            )
        except actions.BrokenDocument as broken:
            form.add_error("facts", str(broken))
        except actions.ChangedMeanwhile as changed:
            form.add_error(None, str(changed))
            status = HTTPStatus.CONFLICT
        except actions.RulesRefused as refused:
            form.add_error("code" if "code" in form.fields else None, str(refused))
        else:
            messages.success(request, f"{kept.code} is kept as version {kept.version}.")
            return redirect("programs:vignette", kept.code)
    return render(request, "programs/rules/vignette_form.html", {"form": form, "vignette": found}, status=status)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: StaffRequest, code: str) -> HttpResponse:
    found = load(code)
    form = StepForm(request.POST or None, initial={"seen": found.version})
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if form.is_bound and form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        seen = Vignette.objects.filter(code=code, version=given["seen"]).first() or found
        try:
            actions.retire_vignette(vignette=seen, reason=given["reason"], by=request.actor, at=timezone.now())
        except actions.RulesRefused as refused:
            form.add_error(None, str(refused))
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, f"{code} is retired. Rules are no longer tried on it.")
            return redirect("programs:vignettes")
    return render(request, "programs/rules/vignette_retire.html", {"form": form, "vignette": found}, status=status)
