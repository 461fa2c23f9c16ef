"""People: find them, register them, open an intake."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role
from accounts.policies import policy
from intake import queries
from intake.actions import people as actions
from intake.actions.inquiries import InquiryRefused
from intake.forms.people import PersonForm, SearchForm
from intake.models import Inquiry
from intake.views.answering import number_from
from intake.views.flow import StaffRequest


@policy("patient.find")
@require_safe
def people(request: StaffRequest) -> HttpResponse:
    form = SearchForm(request.GET if "q" in request.GET else None)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    rows = number_from(request.GET.get("rows", ""), digits=3)
    found = queries.find_people(request.actor, text, rows) if not form.errors else None
    context = {"form": form, "text": text, "found": found, "may_register": request.actor.may("patient.register")}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "intake/people.html", context, status=status)


@policy("patient.register")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    inquiry = inquiry_of(request)
    form = PersonForm(
        request.POST or None,
        actor=request.actor,
        today=now.astimezone(settings.CLINIC.zone).date(),
        inquiry=inquiry,
        initial={"form_key": uuid4(), **(from_inquiry(inquiry) if inquiry else {})},
    )
    if form.is_valid():
        own = request.actor.user if request.actor.role == Role.CLINICIAN else None
        try:
            patient = actions.register(
                person=form.person,
                by=request.actor.user,
                at=now,
                clinician=own or form.cleaned_data["clinician"],
                inquiry=inquiry,
                wishes=form.wishes,
                relation_of_writer=form.relation_of_writer,
                form_key=form.cleaned_data["form_key"],
            )
        except (InquiryRefused, actions.RegisteredDifferently) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{patient.full_name} is registered.")
            return redirect("scheduling:person", patient.public_id)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "intake/register.html", {"form": form, "inquiry": inquiry}, status=status)


def inquiry_of(request: StaffRequest) -> Inquiry | None:
    """The inquiry that the person came with, when this actor may answer inquiries."""
    named = request.POST.get("inquiry") or request.GET.get("inquiry") or ""
    try:
        public_id = UUID(named)
    except ValueError:
        return None
    return Inquiry.objects.visible_to(request.actor).filter(public_id=public_id).first()


def from_inquiry(inquiry: Inquiry) -> dict[str, object]:
    """What was told already, so that nobody is asked twice; whoever wrote for somebody else is not the patient."""
    told: dict[str, object] = {"inquiry": inquiry.public_id, "language": inquiry.language}
    first, _, last = inquiry.who_needs_care.partition(" ")
    told |= {"first_name": first, "last_name": last}
    if inquiry.who == Inquiry.Who.ME:
        told |= {"phone": inquiry.phone, "email": inquiry.email}
    return told


@policy("intake.write")
@require_POST
def start(request: StaffRequest, person: UUID) -> HttpResponse:
    patient = queries.open_record(request.actor, person, "intake.start")
    started = actions.start_intake(patient=patient, by=request.actor.user, at=timezone.now())
    return redirect("intake:tasks", patient.public_id, started.assessment.public_id)
