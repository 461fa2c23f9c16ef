"""The waitlist: who waits and why in this order, one person's waiting, and offering a seat that is free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import Actor, policy
from intake.papers import here
from intake.queries import open_record
from intake.views.answering import number_from
from programs.models import Cohort
from scheduling.actions import waitlist as actions
from scheduling.actions.waitlist import EnrollmentRefused, WaitlistRefused
from scheduling.forms_waitlist import (
    CheckForm,
    InterimForm,
    JoinForm,
    NoteForm,
    OfferForm,
    ReasonForm,
    UrgencyForm,
)
from scheduling.line import line_up
from scheduling.models import WaitlistEntry
from scheduling.queries import seats
from scheduling.queries import waitlist as queries


class StaffRequest(HttpRequest):
    actor: Actor


@policy("waitlist.read")
@require_safe
def waitlist(request: StaffRequest) -> HttpResponse:
    now, may_write = timezone.now(), request.actor.may("waitlist.write")
    found = queries.worklist(
        actor=request.actor,
        chosen=request.GET.get("show", "all"),
        rows=number_from(request.GET.get("rows", ""), digits=3),
        now=now,
    )
    everybody = (
        found if found.chosen == "all" else queries.worklist(actor=request.actor, chosen="all", rows=100, now=now)
    )
    context = {
        "worklist": found,
        "free": queries.free_places(request.actor, everybody, now) if may_write else [],
        "may_write": may_write,
        "now": now,
    }
    return render(request, "scheduling/waitlist/list.html", context)


# ---- One person's waiting ----


def checked(entry: WaitlistEntry, form: CheckForm, **by: Any) -> None:
    actions.check_safety(entry=entry, outcome=form.cleaned_data["outcome"], note=form.cleaned_data["note"], **by)


def interim(entry: WaitlistEntry, form: InterimForm, **by: Any) -> None:
    actions.agree_interim(entry=entry, words=form.cleaned_data["interim"], **by)


def urgency(entry: WaitlistEntry, form: UrgencyForm, **by: Any) -> None:
    actions.set_urgency(entry=entry, urgency=form.cleaned_data["urgency"], reason=form.cleaned_data["reason"], **by)


def front(entry: WaitlistEntry, form: ReasonForm, **by: Any) -> None:
    actions.move_to_front(entry=entry, reason=form.cleaned_data["reason"], **by)


def back(entry: WaitlistEntry, form: ReasonForm, **by: Any) -> None:
    actions.put_back(entry=entry, reason=form.cleaned_data["reason"], **by)


def left(entry: WaitlistEntry, form: ReasonForm, **by: Any) -> None:
    actions.leave(entry=entry, reason=form.cleaned_data["reason"], **by)


def accepted(entry: WaitlistEntry, _form: NoteForm, **by: Any) -> None:
    actions.accept(made=current(entry), **by)


def declined(entry: WaitlistEntry, form: NoteForm, **by: Any) -> None:
    actions.decline(made=current(entry), note=form.cleaned_data["note"], **by)


def current(entry: WaitlistEntry) -> Any:
    newest = entry.offers.first()
    if newest is None:
        raise WaitlistRefused(gettext("Nothing is offered to them now."))
    newest.entry = entry
    return newest


DEEDS: Final[Mapping[str, tuple[Any, Callable[..., None], Any]]] = {
    "check": (CheckForm, checked, _("The check is recorded.")),
    "interim": (InterimForm, interim, _("The support meanwhile is recorded.")),
    "urgency": (UrgencyForm, urgency, _("The urgency is changed.")),
    "front": (ReasonForm, front, _("Moved to the front of the line.")),
    "back": (ReasonForm, back, _("Put back in order.")),
    "leave": (ReasonForm, left, _("Taken off the list.")),
    "accept": (NoteForm, accepted, _("The place is accepted and held. Enroll them on the enrollment page.")),
    "decline": (NoteForm, declined, _("The offer is declined. The place is free for the next in line.")),
}


@policy("waitlist.read")
@require_safe
def entry(request: StaffRequest, entry: UUID) -> HttpResponse:
    return draw(request, opened(request, entry))


def opened(request: StaffRequest, public_id: UUID) -> WaitlistEntry:
    found = queries.entry_of(request.actor, public_id)
    if found is None:
        raise Http404
    open_record(request.actor, found.patient.public_id, "waitlist")
    return found


@policy("waitlist.write")
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: StaffRequest, entry: UUID, deed: str) -> HttpResponse:
    """Do one thing about somebody's waiting; a mistake draws the page with its form."""
    if deed not in DEEDS:
        raise Http404
    found = opened(request, entry)
    if request.method != "POST":
        return redirect("scheduling:waiting", found.public_id)
    form_class, act, words = DEEDS[deed]
    form = form_class(request.POST, prefix=deed)
    if not form.is_valid():
        return draw(request, found, {deed: form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        act(found, form, by=request.actor.user, at=timezone.now())
    except (WaitlistRefused, EnrollmentRefused) as refused:
        return draw(request, opened(request, entry), refusal=str(refused), status=HTTPStatus.CONFLICT)
    messages.success(request, words)
    return redirect("scheduling:waiting", found.public_id)


def draw(
    request: StaffRequest,
    found: WaitlistEntry,
    filled: Mapping[str, Any] | None = None,
    *,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    now, filled = timezone.now(), filled or {}
    start = {"interim": {"interim": found.interim}, "urgency": {"urgency": found.urgency}}
    forms = {
        name: filled.get(name) or form_class(prefix=name, initial=start.get(name))
        for name, (form_class, _act, _words) in DEEDS.items()
    }
    row = queries.Row(found, 0, now)
    context = {
        "entry": found,
        "patient": found.patient,
        "row": row,
        "is_open": found.state in {WaitlistEntry.State.WAITING, WaitlistEntry.State.OFFERED},
        "steps": list(found.steps.all()),
        "forms": forms,
        "wrong": next(iter(filled.values()), None),
        "refusal": refusal,
        "may_write": request.actor.may("waitlist.write"),
        "now": now,
    }
    return render(request, "scheduling/waitlist/entry.html", context, status=status)


# ---- Joining, and offering ----


@policy("enrollment.write")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: StaffRequest, person: UUID) -> HttpResponse:
    """Into the line of a program; whoever may hold a place may do it."""
    patient, now = open_record(request.actor, person, "waitlist.join"), timezone.now()
    where = seats.standing(patient)
    form = JoinForm(
        request.POST if request.method == "POST" else None, patient=patient, where=where, today=here(patient, now)
    )
    refusal = ""
    if form.is_valid():
        try:
            made = actions.join(patient=patient, joining=form.joining(), by=request.actor.user, at=now)
        except WaitlistRefused as refused:
            refusal = str(refused)
        else:
            words = gettext("%(name)s waits for %(program)s.")
            messages.success(request, words % {"name": patient.called, "program": made.program.neutral_name})
            return redirect("scheduling:waiting", made.public_id)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    context = {"patient": patient, "form": form, "refusal": refusal, "where": where}
    return render(request, "scheduling/waitlist/join.html", context, status=status)


@policy("waitlist.write")
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: StaffRequest, cohort: UUID) -> HttpResponse:
    """A free seat, who is next for it, and why those before them are not."""
    rows = Cohort.objects.filter(location__staff=request.actor.user).select_related("program__track", "location")
    found = rows.filter(public_id=cohort).first()
    if found is None:
        raise Http404
    now, visible = timezone.now(), WaitlistEntry.objects.visible_to(request.actor)
    line = [each for each in queries.line_for(found) if visible.filter(pk=each.pk).exists()]
    form = OfferForm(request.POST if request.method == "POST" else None, line=line)
    refusal = ""
    if form.is_valid():
        chosen = form.cleaned_data["entry"]
        try:
            actions.offer(
                entry=chosen, cohort=found, by=request.actor.user, at=now, passing=form.cleaned_data["passing"]
            )
        except (WaitlistRefused, EnrollmentRefused) as refused:
            refusal = str(refused)
        else:
            words = gettext("A place in %(cohort)s is offered to %(name)s. Call them, and note what they say.")
            messages.success(request, words % {"cohort": found.name, "name": chosen.patient.called})
            return redirect("scheduling:waiting", chosen.public_id)
    candidates = line_up(found, now)
    left = max(found.seats - found.enrollments.live(now).count(), 0)
    following = next((each.entry for each in candidates if not each.refusal), None)
    context = {
        "cohort": found,
        "left": left,
        "candidates": [each for each in candidates if each.refusal],
        "following": following,
        "others": [each for each in line if following is None or each.pk != following.pk],
        "form": form,
        "refusal": refusal,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
    return render(request, "scheduling/waitlist/offer.html", context, status=status)
