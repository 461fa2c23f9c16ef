"""First contacts, for the people who answer them."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import policy
from intake import worklist
from intake.actions import inquiries as actions
from intake.forms.inquiries import InquiryForm, TriageForm
from intake.lookalikes import lookalikes
from intake.models import Inquiry, Patient
from intake.queries import open_record
from intake.views.answering import number_from


@policy("inquiry.read")
@require_safe
def inquiries(request: HttpRequest) -> HttpResponse:
    found = worklist.worklist(
        actor=request.actor,  # type: ignore[attr-defined]
        chosen=request.GET.get("show", "open"),
        rows=number_from(request.GET.get("rows", ""), digits=3),
        now=timezone.now(),
        zone=settings.CLINIC.zone,
    )
    may_write = request.actor.may("inquiry.write")  # type: ignore[attr-defined]
    return render(
        request, "intake/inquiries.html", {"worklist": found, "may_write": may_write, "zone": settings.CLINIC.zone}
    )


@policy("inquiry.read")
@require_safe
def inquiry(request: HttpRequest, inquiry: UUID) -> HttpResponse:
    found = load(request, inquiry)
    return render(request, "intake/inquiry.html", detail(request, found))


@policy("inquiry.write")
@require_POST
def move(request: HttpRequest, inquiry: UUID) -> HttpResponse:
    found = load(request, inquiry)
    to = request.POST.get("to", "")
    try:
        moved = actions.move(inquiry=found, to=to, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except actions.InquiryRefused as refusal:
        return refused(request, found, str(refusal))
    messages.success(
        request, _("%(number)s: %(state)s.") % {"number": moved.number, "state": moved.get_state_display().lower()}
    )
    return redirect("intake:inquiry", moved.public_id)


@policy("inquiry.write")
@require_POST
def sort(request: HttpRequest, inquiry: UUID) -> HttpResponse:
    """How soon to call, in one press; each choice is a button."""
    found = load(request, inquiry)
    form = TriageForm(request.POST)
    if not form.is_valid():
        page = {**detail(request, found), "triage": form}
        return render(request, "intake/inquiry.html", page, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        sorted_now = actions.sort(
            inquiry=found,
            triage=form.cleaned_data["triage"],
            note=form.cleaned_data["note"],
            seen=request.POST.get("seen", ""),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except actions.InquiryRefused as refusal:
        return refused(request, found, str(refusal), triage=form)
    said = {"number": sorted_now.number, "triage": sorted_now.get_triage_display().lower()}
    messages.success(request, _("%(number)s: %(triage)s.") % said)
    return redirect("intake:inquiry", sorted_now.public_id)


@policy("inquiry.write")
@require_POST
def register_as(request: HttpRequest, inquiry: UUID) -> HttpResponse:
    """The person is registered already: the inquiry joins the record that is there."""
    found = load(request, inquiry)
    try:
        person = UUID(request.POST.get("person", ""))
    except ValueError as error:
        raise Http404 from error
    patient = open_record(request.actor, person, "inquiry.register_as")  # type: ignore[attr-defined]
    try:
        actions.hand_over(inquiry=found, patient=patient, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except actions.InquiryRefused as refusal:
        return refused(request, found, str(refusal))
    said = {"number": found.number, "person": patient.short_name}
    messages.success(request, _("%(number)s is registered as %(person)s.") % said)
    return redirect("scheduling:person", patient.public_id)


@policy("inquiry.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new_inquiry(request: HttpRequest) -> HttpResponse:
    """Somebody called: the same questions, noted by the coordinator."""
    form = InquiryForm(request.POST or None, initial={"form_key": uuid4()})
    if form.is_valid():
        told = {**form.cleaned_data}
        form_key = told.pop("form_key")
        try:
            noted = actions.receive(
                contact=actions.FirstContact(**told), form_key=form_key, zone=settings.CLINIC.zone, at=timezone.now()
            )
        except actions.SentDifferently as refusal:
            form.add_error(None, _("%s Look at it in the list, or open a new page.") % refusal)
        else:
            messages.success(request, _("Saved as %s.") % noted.number)
            return redirect("intake:inquiry", noted.public_id)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "intake/inquiry_new.html", {"form": form}, status=status)


def refused(request: HttpRequest, inquiry: Inquiry, sentence: str, **more: object) -> HttpResponse:
    """The page as it stands now, with why the step was not taken."""
    inquiry.refresh_from_db()
    page = {**detail(request, inquiry), "refusal": sentence, **more}
    return render(request, "intake/inquiry.html", page, status=HTTPStatus.CONFLICT)


def load(request: HttpRequest, public_id: UUID) -> Inquiry:
    visible = Inquiry.objects.visible_to(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(visible.select_related("handled_by", "triaged_by"), public_id=public_id)


def detail(request: HttpRequest, inquiry: Inquiry) -> dict[str, object]:
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    is_open = inquiry.state in worklist.OPEN
    seen = Patient.objects.visible_to(actor)
    return {
        "inquiry": inquiry,
        "row": worklist.Row(inquiry, now),
        "moves": actions.MOVES[inquiry.state] if actor.may("inquiry.write") else frozenset(),
        "may_sort": is_open and actor.may("inquiry.write"),
        "triage": TriageForm(initial={"note": inquiry.triage_note}),
        "triages": Inquiry.Triage.choices,
        "like": lookalikes(inquiry, actor) if is_open else None,
        "registered_as": seen.filter(pk=inquiry.patient_id).first() if inquiry.patient_id else None,
        "zone": settings.CLINIC.zone,
    }
