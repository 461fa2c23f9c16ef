"""The enrollment page's list (EXPERIENCE 8.2): what comes before a seat is a person's own, and who can unblock it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from accounts.policies import Actor
from intake.models import Coverage
from intake.papers import Check, here, live_coverage
from intake.presentation import clock
from scheduling import permissions
from scheduling.models import Enrollment, SeatState
from scheduling.standing import Ahead

Row = dict[str, Any]
DONE = "done"


def rows(seat: Enrollment, ahead: Ahead, actor: Actor, now: datetime) -> list[Row]:
    """Decision, checks, consents, coverage, place, first session, in the order in which they are done."""
    return [
        decision(seat, ahead, actor),
        checks(seat, ahead, actor),
        care(seat, ahead, actor),
        *([agreement(seat, ahead, actor)] if ahead.papers.meets_in_group else []),
        coverage(seat, now),
        place(seat, now),
        first_session(seat, now),
    ]


def zone_of(seat: Enrollment) -> ZoneInfo:
    return ZoneInfo(seat.cohort.location.zone)


def day_short(at: datetime, zone: ZoneInfo) -> str:
    """ "Wed, Mar 11"."""
    return date_format(at.astimezone(zone), "D, M j")


def recommendation_url(seat: Enrollment, ahead: Ahead, actor: Actor) -> str:
    made = ahead.where.recommendation
    if made is None or not actor.may("recommendation.read"):
        return ""
    return reverse("programs:recommendation", args=[seat.patient.public_id, made.public_id])


def decision(seat: Enrollment, ahead: Ahead, actor: Actor) -> Row:
    url, decided = recommendation_url(seat, ahead, actor), ahead.where.decision
    if refused := permissions.refusal_to_hold(ahead.where, ahead.clinicians):
        return blocked(_("Decision"), refused, url)
    words = {"day": day_short(decided.at, zone_of(seat)), "who": decided.by} if decided else {}
    return {"title": _("Decision"), "url": url, "status": _("%(who)s, %(day)s") % words, "tone": DONE}


def checks(seat: Enrollment, ahead: Ahead, actor: Actor) -> Row:
    url = recommendation_url(seat, ahead, actor)
    if refused := permissions.refusal_over_checks(ahead):
        return blocked(_("Checks"), refused, url)
    return {"title": _("Checks"), "url": url, "status": _("None is open"), "tone": DONE}


def care(seat: Enrollment, ahead: Ahead, actor: Actor) -> Row:
    title = _("Consent to treatment, payment and operations")
    url = reverse("intake:sign_consent", args=[seat.patient.public_id, "care"])
    return paper(title, permissions.refusal_without_care(ahead), url, actor)


def agreement(seat: Enrollment, ahead: Ahead, actor: Actor) -> Row:
    url = reverse("scheduling:group_agreement", args=[seat.patient.public_id])
    return paper(_("Group agreement"), permissions.refusal_without_agreement(ahead), url, actor)


def paper(title: str, refused: str | None, url: str, actor: Actor) -> Row:
    if refused is None:
        return {"title": title, "status": _("Signed"), "tone": DONE}
    if actor.may("consent.write"):
        return {
            "title": title,
            "url": url,
            "hint": _("Comes before the place."),
            "status": _("Ready to sign"),
            "tone": "action",
        }
    return blocked(title, refused, "")


def coverage(seat: Enrollment, now: datetime) -> Row:
    """Never in the way: what somebody pays changes nothing about their care."""
    found = live_coverage(seat.patient, Coverage.Rank.FIRST)
    check = Check(found, here(seat.patient, now)) if found else None
    row = {"title": _("Coverage"), "url": reverse("intake:coverage", args=[seat.patient.public_id])}
    if check is None or check.term.is_over:
        return {
            **row,
            "hint": _("Does not hold the place back."),
            "status": check.state if check else _("No check yet"),
        }
    return {**row, "status": check.state, "tone": DONE}


def place(seat: Enrollment, now: datetime) -> Row:
    zone = zone_of(seat)
    row = {"title": _("Place"), "hint": f"{seat.cohort.program.neutral_name}, {seat.cohort.name}"}
    if seat.has_run_out(now):
        return {**row, "status": _("Ran out")}
    if seat.state == SeatState.HELD and seat.held_until:
        words = {"day": day_short(seat.held_until, zone), "time": clock(seat.held_until, zone)}
        return {**row, "status": _("Held until %(day)s, %(time)s") % words, "tone": "dusk"}
    if seat.state == SeatState.ACTIVE and seat.enrolled_at:
        return {**row, "status": _("Since %(day)s") % {"day": day_short(seat.enrolled_at, zone)}, "tone": DONE}
    return {**row, "status": seat.get_state_display()}


def first_session(seat: Enrollment, now: datetime) -> Row:
    title, zone = _("First session"), zone_of(seat)
    begins = max(seat.since or now, now) if seat.takes_seat(now) else now
    ahead = seat.cohort.sessions.planned().filter(during__startswith__gt=begins).order_by("during").first()
    if ahead is None or not seat.takes_seat(now):
        return {"title": title, "status": _("None planned")}
    words = f"{day_short(ahead.starts_at, zone)}, {clock(ahead.starts_at, zone)}"
    return {
        "title": title,
        "hint": ahead.title,
        "status": words,
        "tone": DONE if seat.state == SeatState.ACTIVE else "",
    }


def blocked(title: str, sentence: str, url: str) -> Row:
    """Who can unblock it stands in the sentence; the link is for who may go there."""
    return {"title": title, "url": url, "hint": sentence, "status": _("Not yet"), "tone": "action" if url else ""}
