"""What every template may print: the clinic's words and the way around."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import STAFF_ROLES, Role
from accounts.policies import POLICIES, Actor

# (label, url name, policy, icon). A role sees what its policy row allows; what is not built is not here.
STAFF_NAV = (
    ("Today", "scheduling:today", "staff.today", ""),
    ("People", "intake:people", "patient.find", ""),
    ("Safety", "intake:safety", "safety.read", ""),
    ("Inquiries", "intake:inquiries", "inquiry.read", ""),
    ("Coverage", "intake:coverages", "coverage.list", ""),
    ("Waitlist", "scheduling:waitlist", "waitlist.read", ""),
    ("Messages", "messaging:outbox", "message.read", ""),
    ("Rules", "programs:rules", "rules.write", ""),
    ("Reports", "programs:report", "reports.read", ""),
)
PATIENT_NAV = (
    ("Schedule", "scheduling:my_schedule", "portal.own", "calendar-days"),
    ("Forms", "intake:my_forms", "portal.own", "list-checks"),
)
# The pages of one person's record, by the same rule; each address takes the person.
RECORD_NAV = (
    ("Summary", "scheduling:person", "patient.read", ""),
    ("Safety", "intake:person_safety", "safety.read", ""),
    ("Forms", "intake:forms", "intake.read", ""),
    ("Consents", "intake:consents", "consent.status", ""),
    ("Coverage", "intake:coverage", "contact.read", ""),
    ("Contact", "intake:record_contact", "contact.read", ""),
)
PUBLIC_NAV = (
    ("Programs", "programs:index", "public", ""),
    ("How it works", "programs:how_it_works", "public", ""),
    ("Costs", "programs:costs", "public", ""),
    ("For families", "programs:families", "public", ""),
    ("Contact", "intake:contact", "public", ""),
)


def clinic(_request: HttpRequest) -> dict[str, Any]:
    """The clinic's own name and numbers, and the product's name."""
    return {"clinic": settings.CLINIC, "product": settings.PRODUCT_NAME}


def menu_of(actor: Actor | None) -> tuple[tuple[str, str, str, str], ...]:
    if actor is None or actor.role == Role.ADMIN or actor.role == Role.FAMILY:
        return PUBLIC_NAV
    return STAFF_NAV if actor.role in STAFF_ROLES else PATIENT_NAV


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `public_nav`: lists of {label, url, icon, active}; `actor`: who acts in which role, or None."""
    actor: Actor | None = getattr(request, "actor", None) or None
    return {
        "actor": actor,
        "nav": entries(request.path, menu_of(actor), actor),
        "public_nav": entries(request.path, PUBLIC_NAV, actor),
    }


def record_entries(request: HttpRequest, person: object) -> list[dict[str, Any]]:
    """The tabs of a record that this actor may open."""
    actor: Actor | None = getattr(request, "actor", None) or None
    return entries(request.path, RECORD_NAV, actor, person)


def entries(
    path: str, menu: tuple[tuple[str, str, str, str], ...], actor: Actor | None, *args: object
) -> list[dict[str, Any]]:
    shown = []
    for label, name, policy, icon in menu:
        if policy == "public" or (actor and actor.role in POLICIES[policy]):
            url = reverse(name, args=args)
            is_home = url in {"/staff/", "/my/"} or name == "scheduling:person"
            active = path == url if is_home else path.startswith(url)
            shown.append({"label": label, "url": url, "icon": icon, "active": active})
    return shown
