"""The worklist of coverage: who has no check yet, whose check ends, whose authorization is missing or ends. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Exists, F, FilteredRelation, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.policies import Actor
from intake.costs.units import DAYS_BEFORE_END
from intake.listing import Worklist, counted, page_of
from intake.models import CHECK_ENDS_SOON, Authorization, Coverage, Patient
from intake.papers import Term, on_day

PILLS: Final = (
    ("todo", gettext_lazy("To do")),
    ("none", gettext_lazy("No check yet")),
    ("ending", gettext_lazy("Check ends")),
    ("authorization", gettext_lazy("Authorization")),
    ("all", gettext_lazy("Everybody")),
)


def conditions(today: date) -> Mapping[str, Q]:
    """The filters of the list, each with the rows it stands for; pills count by the same conditions."""
    none = Q(first__isnull=True)
    ending = Q(first__check_expires_on__lte=today + CHECK_ENDS_SOON)
    needed, soon = Q(first__authorization_needed=True), today + DAYS_BEFORE_END
    missing = needed & Q(granted_until__isnull=True)
    running_out = Q(granted_until__lte=soon) & (needed | Q(granted_until__gte=today))
    authorization = missing | running_out | Q(asks_payer=True)
    return {
        "todo": none | ending | authorization,
        "none": none,
        "ending": ending,
        "authorization": authorization,
        "all": Q(),
    }


@dataclass(frozen=True, slots=True)
class Row:
    """One person with what is known of their first coverage."""

    patient: Any  # a Patient with the fields that `worklist` annotates beside its own
    today: date

    @property
    def term(self) -> Term | None:
        """How long the check holds; None when there is none."""
        return Term(self.patient.holds_until, self.today) if self.patient.payer is not None else None

    @property
    def state(self) -> str:
        return self.term.words if self.term else _("No check yet")

    @property
    def tone(self) -> str:
        return self.term.tone if self.term else ""

    @property
    def authorization(self) -> str:
        patient, until = self.patient, self.patient.authorized_until
        if patient.payer_is_asked:
            return _("Waiting for the payer")
        if until is None:
            return {True: _("Needed"), False: _("Not needed")}.get(patient.needs, _("Not known"))
        if until < self.today:
            return _("Over since %s") % on_day(until)
        return (_("Ends %s") if until - self.today <= DAYS_BEFORE_END else _("Until %s")) % on_day(until)

    @property
    def step(self) -> str:
        """The words of the one button; empty when nothing is to do."""
        if self.term is None:
            return _("Check coverage")
        return _("Check again") if self.term.is_over or self.term.is_ending else ""


def worklist(*, actor: Actor, chosen: str, rows: int, today: date) -> Worklist[Row]:
    """Two queries, whatever the rows: the counts, and one page of at most 100, whoever waits longest first."""
    filters = conditions(today)
    chosen = chosen if chosen in filters else "todo"
    live = Q(coverages__ended_at__isnull=True, coverages__rank=Coverage.Rank.FIRST)
    own = Authorization.objects.live().filter(patient=OuterRef("pk")).order_by()
    until = own.filter(decision__in=Authorization.GRANTED).values("patient")
    people = Patient.objects.visible_to(actor).alias(
        first=FilteredRelation("coverages", condition=live),
        granted_until=Subquery(until.annotate(last=Max(Coalesce("last_covered_on", "ends_on"))).values("last")),
        asks_payer=Exists(own.filter(decision=Authorization.Decision.PENDING)),
    )
    page = people.filter(filters[chosen]).annotate(
        payer=F("first__payer"),
        plan=F("first__plan"),
        holds_until=F("first__check_expires_on"),
        needs=F("first__authorization_needed"),
        authorized_until=F("granted_until"),
        payer_is_asked=F("asks_payer"),
    )
    ordered = page.order_by(F("holds_until").asc(nulls_first=True), "registered_at", "pk")
    listed = [Row(patient, today) for patient in ordered[: page_of(rows)]]
    return Worklist(chosen, counted(people, filters), listed, PILLS, "all")
