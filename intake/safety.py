"""Questions about safety: who has an open alert, what set it off, what is due, how a plan changed. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.policies import Actor
from intake import protocol
from intake.alarms import is_watched
from intake.instruments import load
from intake.listing import Worklist, counted, page_of
from intake.models import Patient, SafetyEvent, SafetyLevel, SafetyPlan, SafetyStep, SupportPerson
from intake.sections import SECTION_OF

State = SafetyEvent.State


# ---- What set an alert off, in words ----


@cache
def _watched() -> Mapping[str, str]:
    """Every code that an answer can set off, with the question's short words."""
    found = {reason.code: reason.label for reason in protocol.REASONS}
    for code in SECTION_OF:
        asked = load(code)
        for item in filter(is_watched, asked.items):
            words = f"{asked.title}: {item.label}" if asked.kind == "instrument" else item.label
            found[item.code] = words
            found[f"{item.code}_open"] = f"Not answered: {words}"
            if item.kind == "multi":
                found |= {f"emergency_{option.raw}": f"Emergency: {option.label}" for option in item.options}
    return found


def trigger_words(code: str) -> str:
    """ "PHQ-9: Better off dead"; a question that is no longer asked keeps its code."""
    return _watched().get(code, code)


# ---- One alert as pages show it ----


@dataclass(frozen=True)
class Row:
    """An alert with what its readers ask first: how urgent, since when, what is due."""

    event: SafetyEvent
    now: datetime

    @property
    def zone(self) -> str:
        return self.event.patient.location.zone

    @property
    def level(self) -> str:
        return str(SafetyLevel(self.event.in_force).label)

    @property
    def was_level(self) -> str:
        """The highest level, where one works at a lower one."""
        return str(self.event.get_level_display()) if self.event.working_level else ""

    @property
    def triggers(self) -> list[str]:
        return [trigger_words(code) for code in self.event.triggers]

    @property
    def is_open(self) -> bool:
        return self.event.state != State.CLOSED

    @property
    def is_overdue(self) -> bool:
        return self.event.due_at is not None and self.event.due_at < self.now

    @property
    def is_due_today(self) -> bool:
        zone = ZoneInfo(self.zone)
        due = self.event.due_at
        return due is not None and due.astimezone(zone).date() == self.now.astimezone(zone).date()

    @property
    def line(self) -> list[dict[str, str]]:
        """The states of DOMAIN 6.3 as steps. A plan is about danger to oneself."""
        others = protocol.way_of(self.event.in_force) == protocol.Way.OTHERS
        names = [name for name in protocol.LINE if not (others and name == protocol.PLAN_IN_PLACE)]
        place = names.index(self.event.state)
        return [
            {
                "title": "Screened" if name == protocol.LINE[0] else str(State(name).label),
                "state": "done" if order < place or name == State.CLOSED == self.event.state else "",
                **({"state": "current"} if order == place and self.is_open else {}),
            }
            for order, name in enumerate(names)
        ]

    @cached_property
    def story(self) -> list[dict[str, Any]]:
        """Every step, the newest first."""
        return [told(step) for step in reversed(self.event.steps.all())]


def told(step: SafetyStep) -> dict[str, Any]:
    """One line of the story. What set an alert off or was taken back is kept as codes."""
    words = step.note
    if step.kind in {"raised", "corrected"}:
        words = "; ".join(trigger_words(code) for code in words.split(", "))
    level = SafetyLevel(step.level).label
    return {
        "title": protocol.SAID.get(step.kind, step.kind),
        "words": words,
        "by": step.by,
        "at": step.at,
        "level": level,
    }


def with_people(rows: QuerySet[SafetyEvent]) -> QuerySet[SafetyEvent]:
    return rows.select_related("patient__location", "owner", "assessed_by", "closed_by")


def with_story(rows: QuerySet[SafetyEvent]) -> QuerySet[SafetyEvent]:
    return with_people(rows).prefetch_related(Prefetch("steps", SafetyStep.objects.select_related("by")))


# ---- Of one person ----


def with_safety(people: QuerySet[Patient]) -> QuerySet[Patient]:
    """With `alert_levels`, the levels in force of the open alerts from S2 on, and `has_safety_plan`."""
    alerts = SafetyEvent.objects.open().filter(patient=OuterRef("pk")).order_by("kind")
    levels = alerts.annotate(now=Coalesce(NullIf(F("working_level"), Value("")), F("level"))).exclude(now="S1")
    plans = SafetyPlan.objects.filter(patient=OuterRef("pk"))
    return people.annotate(alert_levels=ArraySubquery(levels.values("now")), has_safety_plan=Exists(plans))


def open_alerts(patient: Patient) -> tuple[SafetyEvent, ...]:
    """The open alerts of a person, danger to oneself last in the alphabet and first here."""
    return tuple(patient.safety_events.open().order_by("-kind"))


def own_alert(patient: Patient) -> SafetyEvent | None:
    """The open alert about danger to oneself."""
    return patient.safety_events.open().filter(kind=SafetyEvent.Kind.SELF).first()


def events_of(patient: Patient) -> list[SafetyEvent]:
    """All alerts of a person with their stories, the open ones first, then the newest."""
    rows = list(with_story(SafetyEvent.objects.filter(patient=patient)).order_by("-opened_at"))
    return sorted(rows, key=lambda event: event.state == State.CLOSED)


def event_of(patient: Patient, public_id: UUID) -> SafetyEvent | None:
    return with_story(SafetyEvent.objects.filter(patient=patient, public_id=public_id)).first()


def who_may_own(patient: Patient) -> QuerySet[User]:
    """Who cares for the person, and the supervisors of the place."""
    supervisor = Q(role_assignments__role=Role.SUPERVISOR, locations=patient.location_id)
    rows = User.objects.filter(Q(care_teams__patient=patient) | supervisor, is_active=True)
    return rows.distinct().order_by("name")


def emergency_contact(patient: Patient) -> SupportPerson | None:
    return patient.support_people.live().filter(is_emergency_contact=True).first()


# ---- The safety plan ----

# The elements of DOMAIN 6.4 in the person's own words.
ELEMENTS: Final = {
    "warning_signs": _("My warning signs"),
    "own_coping": _("What I can do by myself"),
    "distractions": _("People and places that take my mind off things"),
    "people_to_ask": _("People I can ask for help"),
    "professionals": _("Professionals and crisis lines"),
    "safer_surroundings": _("Making my surroundings safer"),
    "reasons_for_living": _("My reasons for living"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """One part of a plan; `before` is what the version before said, where it said something else."""

    name: str
    label: str
    words: str
    before: str | None


def elements_of(plan: SafetyPlan, before: SafetyPlan | None = None) -> list[Element]:
    found = []
    for name, label in ELEMENTS.items():
        words, was = getattr(plan, name), getattr(before, name) if before else None
        found.append(Element(name, str(label), words, was if was != words else None))
    return found


def plans_of(patient: Patient) -> list[SafetyPlan]:
    """Every version, the newest first."""
    return list(SafetyPlan.objects.filter(patient=patient).select_related("by").order_by("-version"))


# ---- The worklist ----


def conditions(now: datetime, me: User) -> Mapping[str, Q]:
    """The filters of the list; tiles and pills count by the same conditions."""
    is_open = ~Q(state=State.CLOSED)
    return {
        "open": is_open,
        "overdue": is_open & Q(due_at__lt=now),
        "mine": is_open & Q(owner=me),
        "high": is_open & Q(level__in=["S3", "S4", "SV"]),
        "closed": Q(state=State.CLOSED),
    }


PILLS: Final = (
    ("open", "All open"),
    ("overdue", "Overdue"),
    ("mine", "Mine"),
    ("high", "High, emergency, danger to others"),
    ("closed", "Closed"),
)


def counts(*, actor: Actor, now: datetime) -> dict[str, int]:
    """How many alerts stand under each filter, in one query."""
    return counted(SafetyEvent.objects.visible_to(actor), conditions(now, actor.user))


def worklist(*, actor: Actor, chosen: str, rows: int, now: datetime) -> Worklist[Row]:
    """
    The alerts that this actor may see: what is due first stands first, so what is overdue stands above all.

    Args:
        chosen: the name of a filter; an unknown one shows what is open.
        rows: how many to list, at most 100.
    """
    by_name = conditions(now, actor.user)
    chosen = chosen if chosen in by_name else "open"
    found = with_people(SafetyEvent.objects.visible_to(actor).filter(by_name[chosen]))
    order = ("-closed_at",) if chosen == "closed" else (F("due_at").asc(nulls_last=True), "opened_at")
    listed = found.order_by(*order)[: page_of(rows)]
    return Worklist(chosen, counts(actor=actor, now=now), [Row(event, now) for event in listed], PILLS, "open")
