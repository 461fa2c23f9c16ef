"""
Authorizations, estimates and payment plans as pages show them. Writes nothing.

Nothing here is an input to what is recommended or to the order of what is offered (DOMAIN 9.4): `beside` gives
sentences to stand beside options.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from intake.authorized import Allowed, by_standing, meetings_of
from intake.costs.cents import months_later, needs_disclosure
from intake.costs.scale import SlidingScale, in_effect, read_scales
from intake.models import Coverage, Estimate, Patient, PaymentPlan
from intake.papers import here, in_dollars, live_coverage, on_day

A_YEAR: Final = 12


# ---- The sliding scale ----


@cache
def scales() -> tuple[SlidingScale, ...]:
    """Those of the clinic's own file, else those that come along."""
    own = settings.SLIDING_SCALE
    return read_scales(Path(own)) if own else read_scales()


def scale_on(day: date) -> SlidingScale | None:
    return in_effect(scales(), day)


# ---- Estimates ----


@dataclass(frozen=True, slots=True)
class Estimated:
    """A self-pay estimate as its page shows it."""

    estimate: Estimate
    on: date

    @property
    def is_late(self) -> bool:
        row = self.estimate
        return row.given_on is None and row.due_on is not None and row.due_on < self.on

    @property
    def chip(self) -> tuple[str, str]:
        row = self.estimate
        if row.ended_at:
            return _("Earlier"), ""
        if row.given_on:
            return (_("Check income again"), "amber") if self.is_income_old else (_("Given"), "fern")
        if self.is_late:
            return _("Late"), "brick"
        return (_("Give it by %s") % on_day(row.due_on) if row.due_on else _("Not given yet")), "amber"

    @property
    def recheck_on(self) -> date | None:
        """Income is looked at again after a year (DOMAIN 9.4)."""
        row = self.estimate
        return months_later(here(row.patient, row.recorded_at), A_YEAR) if row.household else None

    @property
    def is_income_old(self) -> bool:
        return self.recheck_on is not None and self.recheck_on <= self.on

    @property
    def clock(self) -> str:
        """What set the clock and by when it has to be given."""
        row = self.estimate
        words = {"since": on_day(row.since_on), "due": on_day(row.due_on) if row.due_on else ""}
        if row.why == Estimate.Why.ASKED:
            return _("Asked for on %(since)s: to be given within 3 business days, by %(due)s.") % words
        if row.due_on is None:
            return _("Booked on %(since)s, fewer than 3 business days ahead: give it before the first session.") % words
        return _("Booked on %(since)s: to be given by %(due)s.") % words

    @property
    def sums(self) -> list[dict[str, object]]:
        """From the whole to what the person may pay."""
        row = self.estimate
        return [
            {"label": _("Together"), "value": in_dollars(row.full_amount)},
            {"label": _("Sliding scale"), "value": self.discount_words},
            {"label": _("What you may pay"), "value": in_dollars(row.amount)},
        ]

    @property
    def discount_words(self) -> str:
        row = self.estimate
        if row.poverty_percent is None:
            return _("Not asked: no income on record")
        words = {"percent": row.poverty_percent, "off": row.discount}
        if not row.discount:
            return _("None at %(percent)s%% of the poverty guideline") % words
        return _("%(off)s%% off, at %(percent)s%% of the poverty guideline") % words


# ---- Payment plans ----


@dataclass(frozen=True, slots=True)
class Parts:
    """A payment plan with its installments."""

    plan: PaymentPlan

    @property
    def whole(self) -> Decimal:
        return self.plan.total + self.plan.charge

    @property
    def count(self) -> int:
        return len(self.plan.installments.all())

    @property
    def needs_disclosure(self) -> bool:
        return needs_disclosure(self.count, self.plan.charge)


# ---- The page of coverage ----


@dataclass(frozen=True, slots=True)
class Money:
    """What stands on the page of coverage below the checks."""

    allowed: list[Allowed]
    earlier: list[Allowed]
    estimate: Estimated | None
    earlier_estimates: list[Estimated]
    plan: Parts | None

    @property
    def is_authorized(self) -> bool:
        return any(each.is_current for each in self.allowed)


def money_of(patient: Patient, on: date, *, reads: bool) -> Money:
    """
    Everything of one person, in a fixed number of queries.

    Args:
        reads: without it, only what is authorized: amounts and income are not for everybody.
    """
    rows = list(patient.authorizations.select_related("recorded_by"))
    live = [row for row in rows if row.ended_at is None]
    meetings = meetings_of(patient, [row for row in live if row.is_granted])
    estimates, plan = [], None
    if reads:
        estimates = [Estimated(each, on) for each in patient.estimates.select_related("recorded_by", "given_by")]
        plan = patient.payment_plans.live().prefetch_related("installments").first()
    return Money(
        allowed=sorted((Allowed(row, on, meetings) for row in live), key=by_standing),
        earlier=[Allowed(row, on) for row in rows if row.ended_at is not None],
        estimate=next((each for each in estimates if each.estimate.ended_at is None), None),
        earlier_estimates=[each for each in estimates if each.estimate.ended_at is not None],
        plan=Parts(plan) if plan else None,
    )


# ---- Beside an option ----


@dataclass(frozen=True, slots=True)
class Beside:
    """Sentences to stand beside the options of a match. They never filter and never sort."""

    cost: str
    authorization: str


def beside(patient: Patient, today: date) -> Beside:
    """What care may cost this person and what is authorized, as of a day of the clinic; three queries."""
    coverage = live_coverage(patient, Coverage.Rank.FIRST)
    estimate = patient.estimates.live().first()
    rows = sorted((Allowed(row, today) for row in patient.authorizations.live()), key=by_standing)
    return Beside(
        cost=cost_sentence(coverage, estimate), authorization=rows[0].sentence if rows else unasked_sentence(coverage)
    )


def cost_sentence(coverage: Coverage | None, estimate: Estimate | None) -> str:
    if coverage is None:
        if estimate is None:
            return _("No coverage and no estimate on record.")
        return _("Self-pay estimate: %s.") % in_dollars(estimate.amount)
    said = []
    if coverage.copay is not None:
        said.append(_("copay %s a day") % in_dollars(coverage.copay))
    if coverage.coinsurance is not None:
        said.append(_("coinsurance %s%%") % coverage.coinsurance)
    if coverage.deductible is not None and coverage.deductible_met is not None:
        left = max(coverage.deductible - coverage.deductible_met, Decimal(0))
        said.append(_("%s of the deductible left") % in_dollars(left))
    if not said:
        return _("%s has not said what the person may pay.") % coverage.payer
    return f"{coverage.payer}: {', '.join(said)}."


def unasked_sentence(coverage: Coverage | None) -> str:
    if coverage is None:
        return _("No payer on record to ask for an authorization.")
    words = {
        True: _("Authorization needed; none on record."),
        False: _("No authorization needed."),
        None: _("Not known whether an authorization is needed."),
    }
    return words[coverage.authorization_needed]
