"""What a payer allowed and what is left of it, as pages show it. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from intake.costs.units import Meeting, Strip
from intake.models import Authorization, Patient
from intake.papers import on_day

Decision = Authorization.Decision
REVIEW_SOON: Final = timedelta(days=7)

# ---- Sessions of a seat, which an app above knows ----

Ask = Callable[[Patient, date, date], Sequence[Meeting]]
_ask: list[Ask] = []


def sessions_are_known_by(ask: Ask) -> None:
    """Let the app that keeps seats say which sessions a person has from one day to another."""
    _ask[:] = [ask]


def meetings_of(patient: Patient, authorizations: Sequence[Authorization]) -> Sequence[Meeting] | None:
    """The sessions of a person within what these authorizations span; None when nobody knows them."""
    spans = [(each.starts_on, each.ends_on) for each in authorizations if each.starts_on and each.ends_on]
    if not _ask or not spans:
        return None
    return _ask[0](patient, min(first for first, _ in spans), max(last for _, last in spans))


# ---- Authorizations ----

GROUPS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
    (gettext_lazy("What was asked for"), ("payer", "level", "codes", "asked_on")),
    (
        gettext_lazy("What the payer decided"),
        (
            "decision",
            "decided_on",
            "number",
            "unit",
            "units",
            "starts_on",
            "ends_on",
            "last_covered_on",
            "per_week",
            "review_due_on",
            "retroactive",
        ),
    ),
    (gettext_lazy("When it is denied"), ("denial_reason", "appeal_by_on", "second_appeal_by_on", "peer_to_peer")),
    (gettext_lazy("Who told us"), ("told_by", "told_on", "reference")),
)
LABELS: Final[Mapping[str, str | Promise]] = {
    "payer": gettext_lazy("Payer"),
    "level": gettext_lazy("Level of care"),
    "codes": gettext_lazy("Codes"),
    "asked_on": gettext_lazy("Asked for on"),
    "decision": gettext_lazy("Decision"),
    "decided_on": gettext_lazy("Decided on"),
    "number": gettext_lazy("Authorization number"),
    "unit": gettext_lazy("Counted in"),
    "units": gettext_lazy("How many are authorized"),
    "starts_on": gettext_lazy("First day"),
    "ends_on": gettext_lazy("Last day"),
    "last_covered_on": gettext_lazy("Last covered day, when earlier"),
    "per_week": gettext_lazy("At most in a week"),
    "review_due_on": gettext_lazy("Concurrent review due on"),
    "retroactive": gettext_lazy("Window for asking afterward"),
    "denial_reason": gettext_lazy("Reason of the denial"),
    "appeal_by_on": gettext_lazy("Appeal by"),
    "second_appeal_by_on": gettext_lazy("Second or outside appeal by"),
    "peer_to_peer": gettext_lazy("Peer-to-peer call"),
    "told_by": gettext_lazy("Who told you"),
    "told_on": gettext_lazy("When"),
    "reference": gettext_lazy("Reference of the call or letter"),
}


def shown(row: Model, name: str) -> str:
    """A field in words; empty when it is not known."""
    value = getattr(row, name)
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return on_day(value)
    return str(getattr(row, f"get_{name}_display", lambda: value)())


def plain(number: Decimal) -> str:
    """A number without zeros that say nothing: 8, 4.5."""
    return f"{round(number, 2).normalize():f}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """An authorization as its page shows it, as of a day of the clinic."""

    authorization: Authorization
    on: date
    meetings: Sequence[Meeting] | None = None

    @property
    def strip(self) -> Strip | None:
        """None when nothing was authorized. Attendance is not recorded yet, so nobody says what was attended."""
        row = self.authorization
        if not (row.is_granted and row.units and row.starts_on and row.ends_on):
            return None
        return Strip(
            authorized=row.units,
            unit=row.unit,
            first_on=row.starts_on,
            last_on=row.last_covered_on or row.ends_on,
            on=self.on,
            meetings=self.meetings,
            per_week=row.per_week,
        )

    @property
    def is_current(self) -> bool:
        return self.strip is not None and not self.strip.is_over

    @property
    def chip(self) -> tuple[str, str]:
        """What it is in a word, and the tone."""
        row, strip = self.authorization, self.strip
        if row.ended_at:
            return _("Earlier"), ""
        if strip is None:
            return (_("Denied"), "brick") if row.decision == Decision.DENIED else (_("Waiting for the payer"), "amber")
        if strip.is_over:
            return _("Over"), "amber"
        if strip.over:
            return _("More planned than authorized"), "amber"
        if strip.is_ending:
            return _("Ends soon"), "amber"
        return str(row.get_decision_display()), "fern"

    @property
    def sentence(self) -> str:
        """The status in a sentence, without a reason: anybody of the staff may read it."""
        row, strip = self.authorization, self.strip
        if strip is None:
            if row.decision == Decision.DENIED and row.decided_on:
                return _("Denied by %(payer)s on %(day)s.") % {"payer": row.payer, "day": on_day(row.decided_on)}
            return _("Asked %(payer)s on %(day)s, no decision yet.") % {"payer": row.payer, "day": on_day(row.asked_on)}
        words = {"units": self.counted(Decimal(strip.authorized)), "day": on_day(strip.last_on)}
        if strip.is_over:
            return _("Authorization was over on %(day)s (%(units)s).") % words
        return _("Authorized: %(units)s until %(day)s.") % words

    def counted(self, number: Decimal | None) -> str:
        """A number with its unit."""
        if number is None:
            return _("Not recorded yet")
        words = {
            "days": ngettext("day", "days", int(number)),
            "visits": ngettext("visit", "visits", int(number)),
            "hours": ngettext("hour", "hours", 1 if number == 1 else 2),
            "units": ngettext("unit", "units", int(number)),
        }
        return f"{plain(number)} {words[self.authorization.unit]}"

    @property
    def counts(self) -> list[dict[str, object]]:
        """Authorized, planned, attended, left, and when to ask for more."""
        strip = self.strip
        if strip is None:
            return []
        planned = self.counted(strip.planned) if strip.planned is not None else _("Not known")
        return [
            {"label": _("Authorized"), "value": self.counted(Decimal(strip.authorized))},
            {"label": _("Planned from today on"), "value": planned, "missing": strip.planned is None},
            {"label": _("Attended"), "value": self.counted(strip.attended), "missing": strip.attended is None},
            {"label": _("Left"), "value": self.counted(strip.left), "missing": strip.left is None},
            {"label": _("Ask for more by"), "value": on_day(strip.warn_on)},
        ]

    @property
    def summary(self) -> str:
        strip = self.strip
        if strip is None:
            return ""
        if strip.planned is None:
            return _("%(all)s authorized.") % {"all": self.counted(Decimal(strip.authorized))}
        words = {"all": self.counted(Decimal(strip.authorized)), "planned": plain(strip.planned)}
        return _("%(all)s authorized, %(planned)s planned from today on.") % words

    @property
    def warnings(self) -> list[str]:
        """What somebody has to do about it, most pressing first."""
        row, strip = self.authorization, self.strip
        if row.ended_at:
            return []
        if strip is None:
            return self.appeals
        found = []
        if strip.is_over:
            return [
                _("Nothing is covered after %s. Ask the payer for more before the next session.")
                % on_day(strip.last_on)
            ]
        if strip.runs_out_on:
            words = {"over": self.counted(strip.over), "day": on_day(strip.runs_out_on)}
            found.append(
                _("%(over)s more than authorized: not covered from %(day)s on. Ask the payer for more.") % words
            )
        elif strip.is_ending:
            found.append(_("It ends on %s. Ask the payer for more now.") % on_day(strip.last_on))
        found += [
            _("In the week of %(day)s more is planned than %(most)s.")
            % {"day": on_day(week), "most": self.counted(Decimal(row.per_week or 0))}
            for week in strip.crowded_weeks[:2]
        ]
        if row.review_due_on and row.review_due_on - self.on <= REVIEW_SOON:
            found.append(
                _(
                    "Concurrent review is due on %s. It takes risk, progress, scores, changes of the plan, attendance "
                    "and the discharge plan."
                )
                % on_day(row.review_due_on)
            )
        return found

    @property
    def appeals(self) -> list[str]:
        row = self.authorization
        if row.decision != Decision.DENIED:
            return []
        days = ((row.appeal_by_on, _("Appeal by %s.")), (row.second_appeal_by_on, _("Second or outside appeal by %s.")))
        return [words % on_day(day) for day, words in days if day and day >= self.on] or [
            _("No day to appeal by is open. Write down the next one, or ask the payer.")
        ]

    @property
    def groups(self) -> list[tuple[str | Promise, list[dict[str, object]]]]:
        """Its fields under their headings; those of a denial only when there is one."""
        denied = {"denial_reason", "appeal_by_on", "second_appeal_by_on"}
        is_denied = self.authorization.decision in {Decision.DENIED, Decision.PARTIAL}
        found = []
        for heading, names in GROUPS:
            rows = [self.row(name) for name in names if is_denied or name not in denied]
            if heading != GROUPS[2][0] or is_denied or not rows[0]["missing"]:
                found.append((heading, rows))
        return found

    def row(self, name: str) -> dict[str, object]:
        words = shown(self.authorization, name)
        return {"label": LABELS[name], "value": words or _("Not known"), "missing": not words}


def by_standing(allowed: Allowed) -> tuple[int, date]:
    """Those that hold first, the one that ends first before the others; then what waits, then what is over."""
    order = {Decision.PENDING: 1, Decision.DENIED: 2}
    row = allowed.authorization
    return (0 if allowed.is_current else order.get(Decision(row.decision), 3), row.ends_on or row.asked_on)
