"""Questionnaires on a person's own device: the list, one question on a screen, check, send, and help in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import PUBLIC, Actor, policy
from intake import assigned, queries
from intake.actions import forms as actions
from intake.actions.answers import AlreadySigned, Change, SaveRefused
from intake.alarms import is_watched
from intake.assigned import Form, Screen
from intake.forms.answers import Posted, read_page
from intake.instruments import is_settled
from intake.models import Patient
from intake.presentation import DECLINED, card, clock, words_of
from intake.safety import own_alert
from intake.views.answering import number_from, sequence_of

NOT_NOW: Final = HTTPStatus.CONFLICT


class PatientRequest(HttpRequest):
    actor: Actor


@dataclass(frozen=True, slots=True)
class Opened:
    """A form that its own person opened, and when."""

    request: PatientRequest
    patient: Patient
    form: Form
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.patient.location.zone)

    def url(self, name: str, *more: object) -> str:
        return reverse(f"intake:{name}", args=[self.form.assignment.public_id, *more])

    def screen_url(self, screen: Screen | None) -> str:
        return self.url("my_form_page", screen.number) if screen else self.url("my_form_check")

    @property
    def context(self) -> dict[str, Any]:
        return {
            "patient": self.patient,
            "form": self.form,
            "zone": self.zone,
            "now": self.now,
            "is_staffed": settings.CLINIC.is_staffed(self.now),
        }


def open_form(request: PatientRequest, public_id: UUID) -> Opened:
    patient = queries.open_own_record(request.actor, "own.form")
    form = assigned.form_of(patient, public_id)
    if form is None:
        raise Http404
    return Opened(request, patient, form, timezone.now())


# ---- The list ----


@policy("portal.own")
@require_safe
def my_forms(request: PatientRequest) -> HttpResponse:
    patient, now = queries.open_own_record(request.actor, "own.forms"), timezone.now()
    forms, today = assigned.forms_of(patient), now.astimezone(ZoneInfo(patient.location.zone)).date()
    context = {
        "patient": patient,
        "to_do": [{"form": form, "when": when(form, today)} for form in assigned.to_do(forms)],
        "done": [form for form in forms if form.assignment.submitted_at],
        "zone": patient.location.zone,
    }
    return render(request, "intake/my/list.html", context)


def when(form: Form, today: Any) -> str:
    """ "about 2 minutes, by Thursday, March 12": how long it takes and until when it helps."""
    takes = ngettext("about %d minute", "about %d minutes", form.own.minutes) % form.own.minutes
    due = form.assignment.due_on
    if due is None:
        return takes
    if due < today:
        return _("%(takes)s, still useful") % {"takes": takes}
    day = f"{due:%A}, {due:%B} {due.day}"
    if due == today:
        return _("%(takes)s, by the end of today, %(day)s") % {"takes": takes, "day": day}
    return _("%(takes)s, by %(day)s") % {"takes": takes, "day": day}


# ---- Before the first question ----


@policy("portal.own")
@require_http_methods(["GET", "HEAD", "POST"])
def my_form(request: PatientRequest, form: UUID) -> HttpResponse:
    """Why, how long, who reads it, by when; the button begins, or goes on where the person stopped."""
    opened = open_form(request, form)
    if not opened.form.is_open:
        return closed(opened, HTTPStatus.OK if request.method != "POST" else NOT_NOW)
    if request.method == "POST":
        someone = "for_someone" in request.POST
        try:
            begun = actions.begin(assignment=opened.form.assignment, for_someone=someone, at=opened.now)
        except actions.FormRefused:
            return closed(open_form(request, form), NOT_NOW)
        return redirect(opened.screen_url(begun.resume_at()))
    today = opened.now.astimezone(opened.zone).date()
    return render(request, "intake/my/begin.html", {**opened.context, "when": when(opened.form, today)})


def closed(opened: Opened, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """A form that was sent, or taken back: nothing of it can change."""
    if opened.form.assignment.submitted_at and status == HTTPStatus.OK:
        return redirect(opened.url("my_form_done"))
    return render(opened.request, "intake/my/closed.html", opened.context, status=status)


# ---- One question ----


@policy("portal.own")
@require_http_methods(["GET", "HEAD", "POST"])
def my_form_page(request: PatientRequest, form: UUID, page: int) -> HttpResponse:
    if request.method == "POST" and request.headers.get("X-Autosave"):
        return autosave(request, form, page)
    opened = open_form(request, form)
    if not opened.form.is_open and request.method != "POST":
        return closed(opened)
    if opened.form.response is None:
        return redirect(opened.url("my_form"))
    screen = opened.form.screen(page)
    if screen is None:
        if not 1 <= page <= len(opened.form.screens):
            raise Http404
        return redirect(opened.screen_url(opened.form.after(page)))
    return post(opened, screen) if request.method == "POST" else draw(opened, screen)


def autosave(request: PatientRequest, public_id: UUID, page: int) -> HttpResponse:
    """Store an answer as it is chosen; the protocol of js/flow.js."""
    form, now = assigned.own_form_for_saving(request.actor, public_id), timezone.now()
    screen = form.screen(page) if form and form.response else None
    if form is None or screen is None:
        raise Http404
    opened = Opened(request, form.assignment.patient, form, now)
    posted = read(opened, screen, request.POST.getlist("changed"))
    try:
        saved = save(opened, posted.changes)
    except AlreadySigned:
        return JsonResponse({"conflicts": [{"text": _("This form is closed. Nothing was changed.")}]}, status=NOT_NOW)
    told: dict[str, Any] = {"revision": saved.response.revision, "saved_at": clock(now, opened.zone)}
    if posted.errors:
        told["errors"] = posted.errors
    return JsonResponse(told, status=HTTPStatus.UNPROCESSABLE_ENTITY if posted.errors else HTTPStatus.OK)


def read(opened: Opened, screen: Screen, named: list[str] | None) -> Posted:
    today = opened.now.astimezone(opened.zone).date()
    return read_page(opened.form.asked, [screen.item], opened.request.POST, named=named, today=today)


def save(opened: Opened, changes: list[Change]) -> Any:
    return actions.save(
        form=opened.form,
        changes=[change for change in changes if change.item != "note"],
        base_revision=number_from(opened.request.POST.get("revision", "")),
        by=opened.request.actor.user,
        at=opened.now,
        sequence=sequence_of(opened.request),
    )


def post(opened: Opened, screen: Screen) -> HttpResponse:
    """Keep what the screen says, then go on; to the page with help first when an answer is worrying."""
    request, form, item = opened.request, opened.form, screen.item
    before = form.progress[1]
    posted = Posted([Change(item.code, None, "declined")]) if "skip" in request.POST else read(opened, screen, None)
    unsaid = "skip" not in request.POST and not any(request.POST.getlist(item.code))
    entry = form.answers.get(item.code)
    if unsaid and is_settled(entry) and entry and entry["status"] != "answered":
        posted = Posted()  # left open with a reason before, and still
    elif unsaid and item.required:
        posted = Posted(errors={item.code: _("Choose an answer, or press “I'd rather not say”.")})
    try:
        save(opened, posted.changes)
    except AlreadySigned:
        return closed(open_form(request, form.assignment.public_id), NOT_NOW)
    except SaveRefused as refusal:
        messages.error(request, str(refusal))
        return draw(opened, screen, posted, NOT_NOW)
    if posted.errors:
        return draw(opened, screen, posted, HTTPStatus.UNPROCESSABLE_ENTITY)
    return on_from(opened, screen, added=form.progress[1] - before)


def on_from(opened: Opened, screen: Screen, *, added: int) -> HttpResponse:
    if added > 0:
        words = ngettext(
            "%d question was added because of this answer.", "%d questions were added because of this answer.", added
        )
        messages.info(opened.request, words % added)
    back_to_check = "return" in opened.request.POST and added <= 0
    following = None if back_to_check else opened.form.after(screen.number)
    if is_watched(screen.item) and opened.form.is_worrying:
        return redirect(f"{opened.url('my_form_support')}?next={following.number if following else 0}")
    return redirect(opened.screen_url(following))


def draw(
    opened: Opened, screen: Screen, posted: Posted | None = None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    form, item = opened.form, screen.item
    errors = posted.errors if posted else {}
    entry = form.answers.get(item.code, {})
    typed = opened.request.POST.getlist(item.code) if errors else None
    before, place = form.before(screen.number), form.place(screen)
    back_to_check = "return" in opened.request.POST or "return" in opened.request.GET
    context = {
        **opened.context,
        "screen": screen,
        "card": card(form.asked, item, entry, error=errors.get(item.code, ""), posted=typed),
        "errors": [{"id": f"item_{item.code}", "text": text} for text in errors.values()],
        "revision": form.response.revision if form.response else 0,
        "place": place,
        "is_saved": is_settled(entry),
        "is_declined": entry.get("status") == DECLINED,
        "back_url": opened.screen_url(before) if before else opened.url("my_form"),
        "to_check": back_to_check,
        "is_long": len(item.text) > 90,
        "crisis_first": is_watched(item) and not settings.CLINIC.is_staffed(opened.now),
        "hint": form.hint,
    }
    if back_to_check:
        context["back_url"] = opened.url("my_form_check")
    return render(opened.request, "intake/my/question.html", context, status=status)


# ---- Help ----


@policy("portal.own")
@require_safe
def my_form_support(request: PatientRequest, form: UUID) -> HttpResponse:
    """After an answer that worries: thanks, ways to reach somebody now, and what the clinic does by when."""
    opened = open_form(request, form)
    chosen = request.GET.get("next", "")
    following = opened.form.screen(int(chosen)) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 4 else None
    on_url = opened.screen_url(following) if opened.form.is_open else opened.url("my_form_done")
    context = {
        **opened.context,
        "on_url": on_url,
        "event": own_alert(opened.patient),
        "declined": any(is_watched(screen.item) and declined(opened.form, screen) for screen in opened.form.shown),
    }
    return render(request, "intake/my/support.html", context)


def declined(form: Form, screen: Screen) -> bool:
    return form.answers.get(screen.item.code, {}).get("status") == DECLINED


# ---- Check and send ----


@policy("portal.own")
@require_http_methods(["GET", "HEAD", "POST"])
def my_form_check(request: PatientRequest, form: UUID) -> HttpResponse:
    refusal = ""
    if request.method == "POST" and (begun := assigned.own_form_for_saving(request.actor, form)):
        device = device_of(request.headers.get("User-Agent", ""))
        try:
            actions.submit(assignment=begun.assignment, device=device, at=timezone.now())
        except actions.FormRefused as refused:
            refusal = str(refused)
        else:
            return redirect("intake:my_form_done", form)
    opened = open_form(request, form)
    if not opened.form.is_open:
        return closed(opened)  # a second press of Send shows what the first one did
    if opened.form.response is None:
        return redirect(opened.url("my_form"))
    rows = [row_of(opened, screen) for screen in opened.form.shown]
    context = {**opened.context, "rows": rows, "refusal": refusal, "open": len(opened.form.still_open())}
    return render(request, "intake/my/check.html", context, status=NOT_NOW if refusal else HTTPStatus.OK)


def row_of(opened: Opened, screen: Screen) -> dict[str, Any]:
    entry = opened.form.answers.get(screen.item.code, {})
    said = (
        _("I'd rather not say") if entry.get("status") == DECLINED else words_of(opened.form.asked, screen.item, entry)
    )
    return {
        "id": f"row_{screen.item.code}",
        "label": screen.item.label,
        "value": said,
        "url": f"{opened.screen_url(screen)}?return=check",
    }


def device_of(agent: str) -> str:
    """ "phone", "tablet" or "computer", as far as a browser says; nothing finer is kept."""
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent else "computer"


@policy("portal.own")
@require_safe
def my_form_done(request: PatientRequest, form: UUID) -> HttpResponse:
    opened = open_form(request, form)
    if not opened.form.assignment.submitted_at:
        return redirect(opened.url("my_form"))
    others = assigned.to_do(assigned.forms_of(opened.patient))
    context = {**opened.context, "next_form": others[0] if others else None, "event": own_alert(opened.patient)}
    return render(request, "intake/my/done.html", context)


# ---- Quick hide ----


@policy(PUBLIC)
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """Sign out and go to a neutral site, also without a script."""
    logout(request)
    # Not a redirect: browsers hold the answer to a form to `form-action`, and it names us alone.
    page = '<!doctype html><html lang="en"><title>Website</title><link rel="icon" href="data:,"><a href="{}">Website</a></html>'
    response = HttpResponse(format_html(page, settings.NEUTRAL_SITE))
    response.headers["Refresh"] = f"0; url={settings.NEUTRAL_SITE}"
    return response
