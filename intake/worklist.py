"""The worklist of first contacts: who is waiting for a call, since when, until when. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.policies import Actor
from intake.listing import Worklist, counted, page_of
from intake.models import Inquiry, InquiryQuerySet

State, Triage = Inquiry.State, Inquiry.Triage
OPEN: Final = frozenset({State.NEW, State.CALLED})


def conditions(now: datetime, zone: ZoneInfo) -> Mapping[str, Q]:
    """The filters of the list, each with the rows it stands for; tiles and pills count by the same conditions."""
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time.min, tzinfo=zone)
    is_open = Q(state__in=OPEN)
    is_unsafe = Q(state=State.NEW) & ~Q(safe_now=Inquiry.Safe.YES)
    return {
        "open": is_open,
        "new": Q(state=State.NEW),
        "now": is_unsafe | Q(state=State.NEW, triage=Triage.NOW),
        "soon": is_open & Q(triage=Triage.SOON),
        "elsewhere": is_open & Q(triage=Triage.ELSEWHERE),
        "unsorted": is_open & Q(triage=""),
        "today": Q(state=State.NEW, promised_by__lt=tomorrow),
        "late": Q(state=State.NEW, promised_by__lt=now),
        "unsafe": is_unsafe,
        "called": Q(state=State.CALLED),
        "registered": Q(state=State.REGISTERED),
        "closed": Q(state=State.CLOSED),
    }


PILLS: Final = (
    ("open", gettext_lazy("All open")),
    ("now", gettext_lazy("Call now")),
    ("soon", gettext_lazy("Within a day")),
    ("elsewhere", gettext_lazy("Better helped elsewhere")),
    ("unsorted", gettext_lazy("Not sorted yet")),
    ("new", gettext_lazy("New")),
    ("called", gettext_lazy("Called back")),
    ("registered", gettext_lazy("Registered")),
    ("closed", gettext_lazy("Closed")),
)


TONES: Final = {State.NEW: "", State.CALLED: "amber", State.REGISTERED: "fern", State.CLOSED: ""}
TRIAGE_TONES: Final = {Triage.NOW: "brick", Triage.SOON: "amber", Triage.ROUTINE: "", Triage.ELSEWHERE: "dusk"}


@dataclass(frozen=True, slots=True)
class Row:
    """One first contact as the table shows it."""

    inquiry: Inquiry
    now: datetime

    @property
    def is_unsafe(self) -> bool:
        return is_unsafe(self.inquiry)

    @property
    def tone(self) -> str:
        return TONES[State(self.inquiry.state)]

    @property
    def triage_tone(self) -> str:
        return TRIAGE_TONES[Triage(self.inquiry.triage)] if self.inquiry.triage else ""

    @property
    def is_open(self) -> bool:
        return self.inquiry.state in OPEN

    @property
    def is_now(self) -> bool:
        return self.is_unsafe or (self.inquiry.state == State.NEW and self.inquiry.triage == Triage.NOW)

    @property
    def who(self) -> str:
        """Who wrote: "Me", or for whom they wrote and from where."""
        inquiry = self.inquiry
        if inquiry.who == Inquiry.Who.ME:
            return _("For themselves")
        if inquiry.who == Inquiry.Who.REFERRAL and inquiry.referrer:
            return _("Referred by %s") % inquiry.referrer
        return _("For %s") % inquiry.person_name if inquiry.person_name else inquiry.get_who_display()

    @property
    def waiting(self) -> str:
        """How long until somebody registered or closed it, or until now."""
        ended = None if self.is_open else self.inquiry.handled_at
        return waiting_words(self.inquiry.received_at, ended or self.now)

    @property
    def is_late(self) -> bool:
        return self.inquiry.state == State.NEW and self.inquiry.promised_by < self.now

    @property
    def late(self) -> str:
        """How long the promised time is past: "2 hours"; only when it is."""
        return waiting_words(self.inquiry.promised_by, self.now)

    @property
    def step(self) -> str:
        """The words of the one button: what comes next."""
        if self.is_now:
            return _("Call now") if self.inquiry.phone else _("Write now")
        if self.inquiry.state == State.NEW:
            return _("Call back") if self.inquiry.reach_by == Inquiry.Reach.PHONE else _("Write back")
        return _("Register") if self.inquiry.state == State.CALLED else _("Open")


def worklist(*, actor: Actor, chosen: str, rows: int, now: datetime, zone: ZoneInfo) -> Worklist[Row]:
    """Two queries, whatever the rows: the counts, and one page of at most 100."""
    filters = conditions(now, zone)
    chosen = chosen if chosen in filters else "open"
    shown = Inquiry.objects.visible_to(actor)
    page = in_order(shown.filter(filters[chosen]), chosen)[: page_of(rows)]
    return Worklist(chosen, counted(shown, filters), [Row(inquiry, now) for inquiry in page], PILLS, "open")


def is_unsafe(inquiry: Inquiry) -> bool:
    """Nobody has spoken yet with this person, who did not say that they are safe."""
    return inquiry.state == State.NEW and inquiry.safe_now != Inquiry.Safe.YES


def in_order(inquiries: InquiryQuerySet, chosen: str) -> InquiryQuerySet:
    """What is open by urgency; what is done with the newest first."""
    if chosen in {"registered", "closed"}:
        return inquiries.order_by("-handled_at", "-pk")
    return inquiries.by_urgency()


def waiting_words(since: datetime, now: datetime) -> str:
    """ "3 hours", "2 days": whole units, as people count."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    hours = minutes // 60
    if hours < 24:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d day", "%d days", hours // 24) % (hours // 24)
