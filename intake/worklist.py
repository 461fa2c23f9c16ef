"""The worklist of first contacts: who is waiting for a call, since when, until when. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.policies import Actor
from intake.models import Inquiry, InquiryQuerySet

State = Inquiry.State
PAGE: Final = 25
MOST: Final = 100


def conditions(now: datetime, zone: ZoneInfo) -> Mapping[str, Q]:
    """The filters of the list, each with the rows it stands for; tiles and pills count by the same conditions."""
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time.min, tzinfo=zone)
    is_open = Q(state__in=[State.NEW, State.CALLED])
    return {
        "open": is_open,
        "new": Q(state=State.NEW),
        "today": Q(state=State.NEW, promised_by__lt=tomorrow),
        "late": Q(state=State.NEW, promised_by__lt=now),
        "unsafe": Q(state=State.NEW) & ~Q(safe_now=Inquiry.Safe.YES),
        "called": Q(state=State.CALLED),
        "registered": Q(state=State.REGISTERED),
        "closed": Q(state=State.CLOSED),
    }


PILLS: Final = (
    ("open", _("All open")),
    ("new", _("New")),
    ("called", _("Called back")),
    ("registered", _("Registered")),
    ("closed", _("Closed")),
)


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the list and the counts of every filter."""

    chosen: str
    counts: Mapping[str, int]
    inquiries: list[Inquiry]
    more: int  # rows after these

    @property
    def pills(self) -> list[dict[str, object]]:
        return [
            {"label": label, "count": self.counts[name], "url": f"?show={name}", "active": name == self.chosen}
            for name, label in PILLS
        ]


def worklist(*, actor: Actor, chosen: str, rows: int, now: datetime, zone: ZoneInfo) -> Worklist:
    """Two queries, whatever the rows: the counts, and one page of at most 100."""
    filters = conditions(now, zone)
    chosen = chosen if chosen in filters else "open"
    shown = Inquiry.objects.visible_to(actor)
    counts = shown.aggregate(**{name: Count("pk", filter=condition) for name, condition in filters.items()})
    rows = max(PAGE, min(rows, MOST))
    page = list(in_order(shown.filter(filters[chosen]), chosen)[:rows])
    return Worklist(chosen, counts, page, more=counts[chosen] - len(page))


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
