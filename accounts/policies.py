"""
Who may do what: one table, read by every door.

A view names its policy with `@policy("intake.write")`; a view without one answers 404, for
everybody (SEC-01). Which rows a role sees is the querysets' part: `visible_to(actor)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from accounts.models import STAFF_ROLES, Role, User

View = TypeVar("View", bound=Callable[..., Any])

EVERYONE: Final = frozenset(Role)
PUBLIC: Final = "public"

# The default of ROBUSTNESS 1.5: who is not named is refused.
POLICIES: Final[Mapping[str, frozenset[Role]]] = {
    "account.own": EVERYONE,
    "admin": frozenset({Role.ADMIN}),
    "staff.today": STAFF_ROLES,
    "staff.styleguide": STAFF_ROLES | {Role.ADMIN},
    "inquiry.read": frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    "inquiry.write": frozenset({Role.COORDINATOR}),
    "patient.find": STAFF_ROLES,
    "patient.read": STAFF_ROLES,
    "patient.register": frozenset({Role.CLINICIAN, Role.COORDINATOR}),
    "intake.read": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "intake.write": frozenset({Role.CLINICIAN}),
    "recommendation.read": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "recommendation.decide": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "rules.read": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "rules.write": frozenset({Role.SUPERVISOR}),
    "rules.publish": frozenset({Role.SUPERVISOR}),
    "reports.read": frozenset({Role.SUPERVISOR}),
    "match.read": STAFF_ROLES,
    "safety.read": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "safety.write": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "safety.close": frozenset({Role.SUPERVISOR}),
    "contact.read": STAFF_ROLES,
    "contact.write": frozenset({Role.COORDINATOR}),
    "coverage.list": frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    "money.read": frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    "money.write": frozenset({Role.COORDINATOR}),
    "keepapart.write": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "consent.status": STAFF_ROLES,
    "consent.read": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "consent.write": frozenset({Role.CLINICIAN, Role.SUPERVISOR}),
    "enrollment.write": STAFF_ROLES,
    "waitlist.read": STAFF_ROLES,
    "waitlist.write": frozenset({Role.COORDINATOR}),
    "session.read": STAFF_ROLES,
    "message.read": frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    "message.write": frozenset({Role.COORDINATOR}),
    "portal.own": frozenset({Role.PATIENT}),
    "family.own": frozenset({Role.FAMILY}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody acting in one role; the rights of their other roles (`held`) do not add up."""

    user: User
    role: Role
    held: tuple[Role, ...] = ()

    def may(self, action: str) -> bool:
        return self.role in POLICIES[action]

    @property
    def is_clinic_staff(self) -> bool:
        return self.role in STAFF_ROLES


def policy(name: str) -> Callable[[View], View]:
    """Declare the policy of a view; the name must stand in the table, or be `public`."""
    if name != PUBLIC and name not in POLICIES:
        raise KeyError(f"Policy {name!r} is not in accounts.policies.POLICIES.")

    def declare(view: View) -> View:
        view.policy = name  # type: ignore[attr-defined]
        return view

    return declare
