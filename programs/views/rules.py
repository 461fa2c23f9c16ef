"""The rules: read them, write a draft, see whose result would change, publish with a second person."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from accounts.policies import Actor, policy
from programs import rehearsals, rulebook
from programs.actions import rehearsing
from programs.actions import rules as actions
from programs.forms_rules import NumbersForm, PasswordStepForm, StepForm, SubmitForm, UploadForm, field_name
from programs.matching.numbers import with_version
from programs.models import RuleSet
from programs.permissions import REHEARSE_FIRST, refusal_to_move, refusal_to_write

State = RuleSet.State

RATES = {"rules": "5/5m/key"}
TOO_MANY = "That was too many tries. Wait five minutes, then try again. Nothing is lost."
TONES = {State.DRAFT: "amber", State.IN_REVIEW: "dusk", State.PUBLISHED: "fern", State.RETIRED: ""}


class StaffRequest(HttpRequest):
    actor: Actor
    htmx: HtmxDetails


def load(public_id: UUID) -> RuleSet:
    people = ("created_by", "submitted_by", "published_by", "retired_by")
    return get_object_or_404(RuleSet.objects.select_related(*people), public_id=public_id)


def about(request: StaffRequest, found: RuleSet) -> dict[str, Any]:
    """What every page of a rule set says in its head."""
    return {"ruleset": found, "tone": TONES[State(found.state)], "zone": settings.CLINIC.zone}


@policy("rules.read")
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    shelf = rulebook.shelf()
    context = {
        "rows": [{"ruleset": row, "tone": TONES[State(row.state)]} for row in shelf],
        "published": next((row for row in shelf if row.state == State.PUBLISHED), None),
        "may_write": request.actor.may("rules.write"),
        "zone": settings.CLINIC.zone,
    }
    return render(request, "programs/rules/index.html", context)


@policy("rules.write")
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """A draft from what comes with the product, or from the rules in use, under the next version."""
    published = RuleSet.objects.published()
    if request.POST.get("from") == "published" and published:
        text, version, told = published.document, published.version, f"Begun from version {published.version}."
    else:
        text, version = rulebook.default_document(), rulebook.default_version()
        told = "Begun from the rules that come with Tideway."
    draft = actions.start_draft(
        document=with_version(text, rulebook.next_version(version)), by=request.actor, at=timezone.now(), reason=told
    )
    messages.success(request, f"Draft {draft.version} is here. Nothing is used before it is published.")
    return redirect("programs:ruleset", draft.public_id)


@policy("rules.read")
@require_safe
def ruleset(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """One version: what is different in it, how the vignettes come out, and its next steps."""
    found = load(ruleset)
    published = RuleSet.objects.published()
    trials = rulebook.trials(found) if found.waits else []
    context = {
        **about(request, found),
        "published": published,
        "differences": rulebook.differences(published, found) if found.waits and published else None,
        "trials": trials,
        "failing": sum(not trial.as_expected for trial in trials),
        "standing": rehearsals.standing(found, request.actor) if found.waits else None,
        "steps": found.steps.select_related("by"),
        "moves": moves(found, request.actor),
        "may_write": refusal_to_write(found, request.actor) is None,
    }
    return render(request, "programs/rules/ruleset.html", context)


def moves(found: RuleSet, actor: Actor) -> list[dict[str, Any]]:
    """The next steps: a link for each that this actor may take, the reason for each that somebody else has to."""
    if not actor.may("rules.write"):
        return []
    names = {
        State.IN_REVIEW: ("Send to review", "programs:ruleset_review", ""),
        State.PUBLISHED: ("Publish", "programs:ruleset_publish", ""),
        State.DRAFT: ("Take back to draft", "programs:ruleset_withdraw", "is-outlined"),
        State.RETIRED: (
            "Retire" if found.state == State.PUBLISHED else "Set aside",
            "programs:ruleset_retire",
            "is-outlined",
        ),
    }
    return [
        {"label": label, "name": name, "kind": kind, "refusal": refusal_to_move(found, to, actor)}
        for to, (label, name, kind) in names.items()
        if to in RuleSet.MOVES[found.state]
    ]


@policy("rules.read")
@require_safe
def read(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """The whole of it, to be read aloud."""
    found = load(ruleset)
    return render(request, "programs/rules/read.html", {**about(request, found), "parts": rulebook.read_aloud(found)})


@policy("rules.read")
@require_safe
def document(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """The document as it was written, to keep or to change elsewhere."""
    found = load(ruleset)
    name = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in found.version)
    return HttpResponse(
        found.document,
        content_type="text/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="rules-{name}.yaml"'},
    )


@policy("rules.read")
@require_safe
def replay(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """Whose result would change if this draft were published: as far as that was asked and worked out."""
    found = load(ruleset)
    standing = rehearsals.standing(found, request.actor)
    if request.htmx and standing.is_under_way:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # the page asks again
    people = rehearsals.people_of(standing.row, request.actor)
    context = {
        **about(request, found),
        "published": RuleSet.objects.published(),
        "standing": standing,
        "people": people,
        "unnamed": standing.told.changed - len(people) if standing.told else 0,
    }
    return render(request, "programs/rules/replay.html", context)


@policy("rules.write")
@require_POST
def rehearse(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """Ask for it; a worker works it out."""
    found = load(ruleset)
    try:
        rehearsing.ask_for_rehearsal(ruleset=found, by=request.actor, at=timezone.now())
    except rehearsing.RehearsalRefused as refused:
        messages.error(request, str(refused))
    return redirect("programs:ruleset_replay", found.public_id)


# ---- writing


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def upload_new(request: StaffRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                draft = actions.start_draft(
                    document=form.cleaned_data["file"],
                    by=request.actor,
                    at=timezone.now(),
                    reason=form.cleaned_data["reason"],
                )
            except actions.RulesRefused as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("programs:ruleset", draft.public_id)
    return render(request, "programs/rules/upload.html", {"form": form}, status=status)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """Another document in the place of a draft's; a broken one changes nothing."""
    found = load(ruleset)
    refusal = refusal_to_write(found, request.actor)
    if refusal:
        messages.error(request, refusal)
        return redirect("programs:ruleset", found.public_id)
    form = UploadForm(request.POST or None, request.FILES or None, initial={"seen": found.revision})
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                actions.change_draft(
                    ruleset=found,
                    document=form.cleaned_data["file"],
                    seen_revision=form.cleaned_data["seen"] or 0,
                    by=request.actor,
                    at=timezone.now(),
                    reason=form.cleaned_data["reason"],
                )
            except actions.ChangedMeanwhile as changed:
                form.add_error(None, str(changed))
                status = HTTPStatus.CONFLICT
            except actions.RulesRefused as refused:
                form.add_error("file", str(refused))
            else:
                messages.success(request, "The draft has the new document.")
                return redirect("programs:ruleset", found.public_id)
    return render(request, "programs/rules/upload.html", {**about(request, found), "form": form}, status=status)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    """Weights and thresholds of a draft, each beside what it belongs to."""
    found = load(ruleset)
    refusal = refusal_to_write(found, request.actor)
    if refusal:
        messages.error(request, refusal)
        return redirect("programs:ruleset", found.public_id)
    groups = rulebook.number_groups(found)
    rows = [row for group in groups for row in group.rows]
    form = NumbersForm(request.POST or None, rows=rows, initial={"seen": found.revision})
    status = HTTPStatus.OK
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                actions.change_numbers(
                    ruleset=found,
                    wanted=form.wanted(),
                    seen_revision=form.cleaned_data["seen"],
                    by=request.actor,
                    at=timezone.now(),
                )
            except actions.ChangedMeanwhile as changed:
                form.add_error(None, str(changed))
                status = HTTPStatus.CONFLICT
            except actions.RulesRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Saved in the draft.")
                return redirect("programs:ruleset", found.public_id)
    drawn = [(group.title, [(row, form[field_name(row)]) for row in group.rows]) for group in groups]
    context = {**about(request, found), "form": form, "groups": drawn}
    return render(request, "programs/rules/numbers.html", context, status=status)


# ---- steps


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    def deed(found: RuleSet, form: StepForm) -> RuleSet:
        given = form.cleaned_data
        return actions.send_to_review(
            ruleset=found, why=given["reason"], seen_revision=given["seen"], by=request.actor, at=timezone.now()
        )

    return step(request, load(ruleset), State.IN_REVIEW, SubmitForm, deed)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    def deed(found: RuleSet, form: StepForm) -> RuleSet:
        given = form.cleaned_data
        return actions.withdraw(
            ruleset=found, reason=given["reason"], seen_revision=given["seen"], by=request.actor, at=timezone.now()
        )

    return step(request, load(ruleset), State.DRAFT, StepForm, deed)


@policy("rules.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    found = load(ruleset)

    def deed(found: RuleSet, form: StepForm) -> RuleSet:
        given = form.cleaned_data
        return actions.publish(
            ruleset=found, reason=given["reason"], password=given["password"], seen_revision=given["seen"],
            by=request.actor, at=timezone.now(),
        )  # fmt: skip

    return step(request, found, State.PUBLISHED, PasswordStepForm, deed)


@policy("rules.write")
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: StaffRequest, ruleset: UUID) -> HttpResponse:
    def deed(found: RuleSet, form: StepForm) -> RuleSet:
        given = form.cleaned_data
        return actions.retire(
            ruleset=found, reason=given["reason"], password=given["password"], seen_revision=given["seen"],
            by=request.actor, at=timezone.now(),
        )  # fmt: skip

    return step(request, load(ruleset), State.RETIRED, PasswordStepForm, deed)


TITLES = {
    State.IN_REVIEW: (
        "Send to review",
        "After this the document does not change. A second person reads and publishes it.",
    ),
    State.DRAFT: ("Take back to draft", "The rules can be changed again, and have to be sent to review anew."),
    State.PUBLISHED: ("Publish", "New recommendations are made by these rules from now on. Earlier ones keep theirs."),
    State.RETIRED: ("Retire", "No new recommendation is made by these rules. Earlier ones stay as they are."),
}
DONE = {
    State.IN_REVIEW: "Sent to review. A second supervisor publishes it.",
    State.DRAFT: "Back in draft.",
    State.PUBLISHED: "Published. New recommendations use it.",
    State.RETIRED: "Retired.",
}


def step(
    request: StaffRequest, found: RuleSet, to: RuleSet.State, form_class: type[StepForm], deed: Callable[..., RuleSet]
) -> HttpResponse:
    """Ask for a reason, do it, and say what happened; a refusal keeps what was typed."""
    form = form_class(request.POST or None, initial={"seen": found.revision})
    status, refusal = HTTPStatus.OK, refusal_to_move(found, to, request.actor)
    if form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        # Counted before the password is looked at, or the right one would still be told apart.
        if "password" in form.fields and not ratelimit.consume(
            request, app="programs", action="rules", config=RATES, key=str(request.actor.user.pk)
        ):
            form.add_error(None, TOO_MANY)
            status = HTTPStatus.TOO_MANY_REQUESTS
        elif form.is_valid():
            try:
                deed(found, form)
            except actions.WrongPassword as wrong:
                form.add_error("password", str(wrong))
            except actions.RulesRefused as refused:
                form.add_error(None, str(refused))
                status = HTTPStatus.CONFLICT
            else:
                messages.success(request, DONE[to])
                return redirect("programs:ruleset", found.public_id)
    title, lead = TITLES[to]
    trials = rulebook.trials(found) if to == State.PUBLISHED else []
    shows_standing = to == State.PUBLISHED and refusal is None
    context = {
        **about(request, found),
        "form": form,
        "title": title,
        "lead": lead,
        "refusal": "" if form.is_bound else refusal,
        "rehearse_first": refusal == REHEARSE_FIRST,
        "trials": trials,
        "failing": sum(not trial.as_expected for trial in trials),
        "standing": rehearsals.standing(found, request.actor) if shows_standing else None,
        "is_last": to == State.RETIRED and found.state == State.PUBLISHED,
    }
    return render(request, "programs/rules/step.html", context, status=status)
