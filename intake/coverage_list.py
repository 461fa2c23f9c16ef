"""The worklist of coverage: who has no check yet, whose check ends, who needs an authorization. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, FilteredRelation, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.policies import Actor
from intake.models import CHECK_ENDS_SOON, Coverage, Patient

PAGE: Final = 25
MOST: Final = 100

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
    def state(self) -> str:
        if self.patient.payer is None:
            return _("No check yet")
        if self.is_over:
            return _("Check is over")
        return _("Check again soon") if self.is_ending else _("Checked")

    @property
    def is_over(self) -> bool:
        return bool(self.patient.holds_until and self.patient.holds_until < self.today)

    @property
    def is_ending(self) -> bool:
        return bool(self.patient.holds_until and self.patient.holds_until - self.today <= CHECK_ENDS_SOON)

    @property
    def tone(self) -> str:
        if self.patient.payer is None:
            return ""
        return "amber" if self.is_ending else "fern"

    @property
    def authorization(self) -> str:
        return {True: _("Needed"), False: _("Not needed")}.get(self.patient.needs, _("Not known"))

    @property
    def step(self) -> str:
        """The words of the one button; empty when nothing is to do."""
        if self.patient.payer is None:
            return _("Check coverage")
        return _("Check again") if self.is_ending else ""


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the list and the counts of every filter."""

    chosen: str
    counts: Mapping[str, int]
    rows: list[Row]

    @property
    def more(self) -> int:
        return self.counts[self.chosen] - len(self.rows)

    @property
    def more_url(self) -> str:
        return f"?show={self.chosen}&rows={len(self.rows) + PAGE}" if len(self.rows) < MOST else ""

    @property
    def show_all(self) -> str:
        return _("Show all %d") % self.counts["all"]

    @property
    def pills(self) -> list[dict[str, object]]:
        return [
            {"label": label, "count": self.counts[name], "url": f"?show={name}", "active": name == self.chosen}
            for name, label in PILLS
        ]


def worklist(*, actor: Actor, chosen: str, rows: int, today: date) -> Worklist:
    """Two queries, whatever the rows: the counts, and one page of at most 100, whoever waits longest first."""
    filters = conditions(today)
    chosen = chosen if chosen in filters else "todo"
    live = Q(coverages__ended_at__isnull=True, coverages__rank=Coverage.Rank.FIRST)
    people = Patient.objects.visible_to(actor).alias(first=FilteredRelation("coverages", condition=live))
    counts = people.aggregate(**{name: Count("pk", filter=condition) for name, condition in filters.items()})
    page = people.filter(filters[chosen]).annotate(
        payer=F("first__payer"),
        plan=F("first__plan"),
        holds_until=F("first__check_expires_on"),
        needs=F("first__authorization_needed"),
    )
    ordered = page.order_by(F("holds_until").asc(nulls_first=True), "registered_at", "pk")
    return Worklist(chosen, counts, [Row(patient, today) for patient in ordered[: max(PAGE, min(rows, MOST))]])
