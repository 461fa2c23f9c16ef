"""Who waits, in which order and why, and who is next for a seat that is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from accounts.policies import Actor
from intake.listing import Worklist, page_of
from programs.models import Cohort, PublicState
from scheduling.models import SeatOffer, WaitlistEntry
from scheduling.models.seats import takes_a_seat

PILLS: Final = (
    ("all", gettext_lazy("Everybody who waits")),
    ("check", gettext_lazy("Safety check due")),
    ("offered", gettext_lazy("A place is offered")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One person in the line as the page shows them."""

    entry: WaitlistEntry
    place: int  # in the line of the program
    now: datetime

    @property
    def why(self) -> str:
        """Why they stand where they stand."""
        if self.entry.moved_at is not None:
            return _("Moved to the front: %s") % self.entry.moved_reason
        return self.entry.get_urgency_display()

    @property
    def offer(self) -> SeatOffer | None:
        """What is offered now, or was accepted and is held for them; what ran out is past."""
        newest = next(iter(self.entry.offers.all()), None)
        is_live = newest is not None and newest.seat.takes_seat(self.now)
        return newest if self.entry.state == WaitlistEntry.State.OFFERED and is_live else None

    @property
    def check_is_due(self) -> bool:
        return self.entry.check_is_due(self.now)


@dataclass(frozen=True, slots=True)
class Free:
    """A cohort with free seats for which somebody waits."""

    cohort: Cohort
    left: int
    waiting: int


def open_entries(actor: Actor) -> QuerySet[WaitlistEntry]:
    offers = SeatOffer.objects.select_related("seat", "cohort__location")
    rows = WaitlistEntry.objects.visible_to(actor).open().in_order()
    rows = rows.select_related("patient__location", "program", "cohort", "moved_by")
    return rows.prefetch_related(Prefetch("offers", offers))


def worklist(*, actor: Actor, chosen: str, rows: int, now: datetime) -> Worklist[Row]:
    """Everybody who waits, program by program; two queries, whatever the rows."""
    places: Counter[int] = Counter()
    everybody = []
    for entry in open_entries(actor):
        places[entry.program_id] += 1
        everybody.append(Row(entry, places[entry.program_id], now))
    everybody.sort(key=lambda row: row.entry.program.neutral_name)  # stable: the order within a program stays
    under: Mapping[str, Sequence[Row]] = {
        "all": everybody,
        "check": [row for row in everybody if row.check_is_due],
        "offered": [row for row in everybody if row.offer],
    }
    chosen = chosen if chosen in under else "all"
    counts = {name: len(found) for name, found in under.items()}
    return Worklist(chosen, counts, under[chosen][: page_of(rows)], PILLS, "all")


def free_places(actor: Actor, found: Worklist[Row], now: datetime) -> list[Free]:
    """The cohorts at this actor's locations with a free seat, for whose program somebody waits; one query."""
    if actor.role == Role.CLINICIAN:
        return []  # offering is the coordinator's
    waiting = Counter(row.entry.program_id for row in found.rows if row.offer is None)
    rows = Cohort.objects.filter(
        program__in=waiting, location__staff=actor.user, state=PublicState.PUBLISHED, ends_on__gt=now.date()
    )
    rows = rows.annotate(taken=Count("enrollments", filter=takes_a_seat(now, "enrollments__"), distinct=True))
    free = rows.filter(taken__lt=F("seats")).select_related("program", "location").order_by("starts_on", "pk")
    return [Free(each, each.seats - each.taken, waiting[each.program_id]) for each in free]


def entry_of(actor: Actor, public_id: Any) -> WaitlistEntry | None:
    rows = WaitlistEntry.objects.visible_to(actor).select_related("patient__location", "program", "cohort", "moved_by")
    offers = SeatOffer.objects.select_related("seat", "cohort__location", "offered_by")
    return rows.prefetch_related(Prefetch("offers", offers), "steps__by").filter(public_id=public_id).first()


def line_for(cohort: Cohort) -> QuerySet[WaitlistEntry]:
    """Everybody who waits for a seat in this cohort, in order."""
    rows = WaitlistEntry.objects.open().filter(program=cohort.program_id).in_order()
    rows = rows.filter(cohort__isnull=True) | rows.filter(cohort=cohort)
    return rows.select_related("patient__location", "program").prefetch_related("offers__seat")
