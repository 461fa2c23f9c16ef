"""Who is not put into a group together with this person: recorded by those who care for them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.policies import policy
from intake import queries
from intake.actions import apart as actions
from intake.apart import pairs_of
from intake.forms.apart import KeepApartForm
from intake.forms.people import SearchForm
from intake.models import KeepApart, Patient
from intake.queries import open_record
from intake.views.flow import StaffRequest

FOUND = 10


@policy("keepapart.write")
@require_http_methods(["GET", "HEAD", "POST"])
def keep_apart(request: StaffRequest, person: UUID) -> HttpResponse:
    """Who is kept apart now; find somebody, say why, and keep the two apart."""
    patient = open_record(request.actor, person, "keep_apart")
    if request.method != "POST":
        return page(request, patient, other=chosen(request, request.GET.get("other", "")))
    other = chosen(request, request.POST.get("other", ""))
    if other is None:
        raise Http404
    form = KeepApartForm(request.POST)
    if not form.is_valid():
        return page(request, patient, HTTPStatus.UNPROCESSABLE_ENTITY, other=other, form=form)
    open_record(request.actor, other.public_id, "keep_apart")
    try:
        actions.keep_apart(
            one=patient, other=other, why=form.cleaned_data["why"], by=request.actor.user, at=timezone.now()
        )
    except actions.KeepApartRefused as refused:
        return page(request, patient, HTTPStatus.CONFLICT, refusal=str(refused))
    messages.success(
        request,
        _("%(one)s and %(other)s are not put together from now on. Seats that they have now stay as they are.")
        % {"one": patient.short_name, "other": other.short_name},
    )
    return redirect("intake:keep_apart", patient.public_id)


@policy("keepapart.write")
@require_http_methods(["GET", "HEAD", "POST"])
def end_keep_apart(request: StaffRequest, person: UUID, pair: UUID) -> HttpResponse:
    """What follows when two people may be put together again, and the deed; only of somebody whom one may see."""
    patient = open_record(request.actor, person, "keep_apart")
    rows = KeepApart.objects.of(patient).select_related("recorded_by").filter(public_id=pair)
    row = rows.first()
    if row is None:
        raise Http404
    key = row.first_id if row.second_id == patient.pk else row.second_id
    other = Patient.objects.visible_to(request.actor).filter(pk=key).first()
    if other is None:
        raise Http404
    refusal = ""
    if request.method == "POST":
        try:
            actions.end_keep_apart(pair=row, by=request.actor.user, at=timezone.now())
        except actions.KeepApartRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Saved. That they were kept apart stays in the record."))
            return redirect("intake:keep_apart", patient.public_id)
    context = {"patient": patient, "row": row, "other": other, "refusal": refusal}
    status = HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "intake/apart/end.html", context, status=status)


def chosen(request: StaffRequest, text: str) -> Patient | None:
    """The other person, when the address names one whom this actor may see."""
    try:
        return Patient.objects.visible_to(request.actor).filter(public_id=text).first() if text else None
    except ValidationError:  # not the form of a key
        return None


def page(
    request: StaffRequest,
    patient: Patient,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    other: Patient | None = None,
    form: forms.Form | None = None,
    refusal: str = "",
) -> HttpResponse:
    search = SearchForm(request.GET if "q" in request.GET else None)
    text = search.cleaned_data["q"] if search.is_valid() else ""
    context: dict[str, Any] = {
        "patient": patient,
        "pairs": pairs_of(patient, request.actor),
        "other": other,
        "form": form or (KeepApartForm() if other else None),
        "search": search,
        "text": text,
        "refusal": refusal,
    }
    if text:
        found = queries.find_people(request.actor, text, FOUND).people
        context["found"] = [each for each in found if each.pk != patient.pk]
    return render(request, "intake/apart/apart.html", context, status=status)
