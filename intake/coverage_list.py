"""The worklist of coverage: who has no check yet, whose check ends, who needs an authorization. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.policies import Actor
from intake.listing import Worklist, counted, page_of
from intake.models import CHECK_ENDS_SOON, Coverage, Patient
from intake.papers import Term

PILLS: Final = (
    ("todo", gettext_lazy("To do")),
    ("none", gettext_lazy("No check yet")),
    ("ending", gettext_lazy("Check ends")),
    ("authorization", gettext_lazy("Authorization needed")),
    ("all", gettext_lazy("Everybody")),
)


def conditions(today: date) -> Mapping[str, Q]:
    """The filters of the list, each with the rows it stands for; pills count by the same conditions."""
    none = Q(first__isnull=True)
    ending = Q(first__check_expires_on__lte=today + CHECK_ENDS_SOON)
    authorization = Q(first__authorization_needed=True)
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

    patient: Any  # a Patient with `payer`, `plan`, `holds_until` and `needs` beside its own fields
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
        return {True: _("Needed"), False: _("Not needed")}.get(self.patient.needs, _("Not known"))

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
    people = Patient.objects.visible_to(actor).alias(first=FilteredRelation("coverages", condition=live))
    page = people.filter(filters[chosen]).annotate(
        payer=F("first__payer"),
        plan=F("first__plan"),
        holds_until=F("first__check_expires_on"),
        needs=F("first__authorization_needed"),
    )
    ordered = page.order_by(F("holds_until").asc(nulls_first=True), "registered_at", "pk")
    listed = [Row(patient, today) for patient in ordered[: page_of(rows)]]
    return Worklist(chosen, counted(people, filters), listed, PILLS, "all")
