"""Rows for tests: dull and consistent, so that a test states whatever it is about."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Location, Role, RoleAssignment, User
from accounts.policies import Actor
from intake.models import (
    Assessment,
    Authorization,
    CareTeamMember,
    Channel,
    Consent,
    ContactWish,
    Coverage,
    Estimate,
    EstimateLine,
    Installment,
    Patient,
    PaymentPlan,
    SupportPerson,
)
from programs.models import Block, Cohort, Program, PublicState, Room, RuleSet, Track, TrackCode, Vignette
from programs.queries import digest
from programs.rulebook import default_document, default_version
from scheduling.models import Session
from tests.matching.contract import VIGNETTES

PASSWORD = "demo-only-passphrase"
NOON = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
_numbers = count(1)


def location(**over: Any) -> Location:
    number = next(_numbers)
    values = {"name": f"Mill Street {number}", "street": "114 Mill Street", "city": "Chicago", "state": "IL"}
    return Location.objects.create(**{**values, "postal_code": "60601", "zone": "America/Chicago", **over})


def user(*roles: Role, at: Location | None = None, **over: Any) -> User:
    number = next(_numbers)
    made = User(**{"email": f"person{number}@example.test", "name": f"Person {number}", **over})
    made.set_unusable_password()
    made.save()
    RoleAssignment.objects.bulk_create(RoleAssignment(user=made, role=role) for role in roles)
    if at:
        at.staff.add(made)
    return made


def clinician(**over: Any) -> User:
    return user(Role.CLINICIAN, **over)


def patient(*, team: User | None = None, may_email: bool | None = None, **over: Any) -> Patient:
    """`may_email` is what the person said to emails; None: nobody asked."""
    number = next(_numbers)
    place = over.pop("location", None) or location()
    values = {
        "first_name": "Rosa",
        "last_name": f"Marlow{number}",
        "born_on": date(1989, 3, 14),
        "email": f"rosa{number}@example.test",
        "registered_by": team or clinician(at=place),
        "sort_key": f"marlow{number} rosa",
    }
    made = Patient.objects.create(**{**values, "location": place, **over})
    if team:
        CareTeamMember.objects.create(patient=made, user=team)
    if may_email is not None:
        wish(made, Channel.EMAIL, is_wanted=may_email)
    return made


def wish(person: Patient, channel: str, **over: Any) -> ContactWish:
    values = {"is_wanted": True, "statement": "We may send this.", "recorded_by": person.registered_by, "said_at": NOON}
    return ContactWish.objects.create(**{"patient": person, "channel": channel, **values, **over})


def supporter(person: Patient, **over: Any) -> SupportPerson:
    values = {"name": "Maria Marlow", "relation": "parent", "added_by": person.registered_by, "added_at": NOON}
    return SupportPerson.objects.create(**{"patient": person, **values, **over})


def consent(person: Patient, **over: Any) -> Consent:
    values = {
        "kind": Consent.Kind.DISCLOSURE,
        "patient_name": "Rosa Marlow",
        "discloser": "Oak Street Clinic",
        "information": "The days I come",
        "recipient": "Lakeshore Legal Aid",
        "purpose": "So that they can help me",
        "revocation": "I can take this back.",
        "statement": "It may be passed on.",
        "expires_on": date(2026, 9, 1),
        "signature": "Rosa Marlow",
        "signed_at": NOON,
        "text": "All of it.",
        "text_version": "1.en",
        "recorded_by": person.registered_by,
    }
    return Consent.objects.create(**{"patient": person, **values, **over})


def coverage(person: Patient, **over: Any) -> Coverage:
    values = {
        "payer": "Lakeshore Mutual",
        "member_id": "TW1",
        "told_by": "Pat",
        "told_on": date(2026, 3, 2),
        "reference": "R-1",
        "check_expires_on": date(2026, 4, 30),
        "recorded_by": person.registered_by,
        "recorded_at": NOON,
    }
    return Coverage.objects.create(**{"patient": person, **values, **over})


def authorization(person: Patient, **over: Any) -> Authorization:
    values = {
        "payer": "Lakeshore Mutual",
        "number": f"A-{next(_numbers)}",
        "codes": "S9480",
        "level": "iop",
        "asked_on": date(2026, 3, 2),
        "decision": "approved",
        "decided_on": date(2026, 3, 4),
        "unit": "days",
        "units": 12,
        "starts_on": date(2026, 3, 9),
        "ends_on": date(2026, 4, 24),
        "told_by": "Pat",
        "told_on": date(2026, 3, 4),
        "reference": "R-2",
        "recorded_by": person.registered_by,
        "recorded_at": NOON,
    }
    return Authorization.objects.create(**{"patient": person, **values, **over})


def estimate(
    person: Patient, *, lines: tuple[tuple[str, int, str], ...] = (("Program day", 24, "250"),), **over: Any
) -> Estimate:
    """Each line: what, how many, the price of one; the estimate is what they come to."""
    values = {
        "why": "asked",
        "since_on": date(2026, 3, 11),
        "due_on": date(2026, 3, 16),
        "level": "iop",
        "full_amount": sum(quantity * Decimal(price) for _, quantity, price in lines),
        "recorded_by": person.registered_by,
        "recorded_at": NOON,
    }
    made = Estimate.objects.create(**{"patient": person, **values, **over})
    EstimateLine.objects.bulk_create(
        EstimateLine(estimate=made, position=n, what=what, quantity=quantity, price=Decimal(price))
        for n, (what, quantity, price) in enumerate(lines, start=1)
    )
    made.refresh_from_db()
    return made


def plan(person: Patient, *amounts: str, **over: Any) -> PaymentPlan:
    """A payment plan with these installments, one a month."""
    parts = [Decimal(each) for each in amounts or ("100.00", "100.00")]
    values = {
        "total": sum(parts),
        "rhythm": "monthly",
        "agreed_on": date(2026, 3, 11),
        "recorded_by": person.registered_by,
        "recorded_at": NOON,
    }
    made = PaymentPlan.objects.create(**{"patient": person, **values, **over})
    Installment.objects.bulk_create(
        Installment(plan=made, number=n, due_on=date(2026, 3 + n, 1), amount=part)
        for n, part in enumerate(parts, start=1)
    )
    return made


def assessment(*, owner: User | None = None, **over: Any) -> Assessment:
    person = over.pop("patient", None) or patient(team=owner or clinician())
    return Assessment.objects.create(**{"patient": person, "owner": owner or person.registered_by, **over})


def published() -> dict[str, Any]:
    """Submitted by one person and published by another, long ago."""
    writer, publisher = (
        User.objects.get_or_create(
            email=f"catalog-{name}@example.test", defaults={"name": name.title(), "password": "!", "is_active": False}
        )[0]
        for name in ("writer", "publisher")
    )
    then = NOON - timedelta(days=300)
    who = {"submitted_by": writer, "submitted_at": then, "published_by": publisher, "published_at": then}
    return {**who, "state": PublicState.PUBLISHED}


def program(**over: Any) -> Program:
    number = next(_numbers)
    track, _ = Track.objects.get_or_create(
        code=over.pop("track", TrackCode.DEPRESSION),
        defaults={"name": "Low mood", "sentence": "For heavy days.", "may_help": "If most days feel heavy."},
    )
    values = {
        "slug": f"evenings-{number}",
        "track": track,
        "name": f"Evenings {number}",
        "neutral_name": "Skills program",
        "sentence": "Three evenings a week.",
        "weeks": 10,
        **published(),
    }
    return Program.objects.create(**{**values, **over})


def room(**over: Any) -> Room:
    place = over.pop("location", None) or location()
    return Room.objects.create(**{"location": place, "name": f"Room {next(_numbers)}", **over})


def cohort(*, blocks: tuple[tuple[int, time], ...] = ((1, time(17, 30)), (3, time(17, 30))), **over: Any) -> Cohort:
    place = over.pop("location", None) or location()
    values = {
        "program": over.pop("program", None) or program(),
        "name": f"Cohort {next(_numbers)}",
        "location": place,
        "room": None
        if over.get("delivery") == Cohort.Delivery.ONLINE
        else over.pop("room", None) or room(location=place),
        "starts_on": date(2026, 3, 2),
        "ends_on": date(2026, 5, 11),
        "last_entry_on": date(2026, 5, 1),
        "seats_least": 1,
        **published(),
    }
    made = Cohort.objects.create(**{**values, **over})
    Block.objects.bulk_create(Block(cohort=made, weekday=day, starts=starts) for day, starts in blocks)
    return made


def session(*, starts_at: datetime = NOON, hours: float = 1.5, **over: Any) -> Session:
    of = over.pop("cohort", None) or cohort()
    values = {
        "cohort": of,
        "room": over.pop("room", of.room),
        "title": "Skills group",
        "local_on": starts_at.date(),
        "during": (starts_at, starts_at + timedelta(hours=hours)),
    }
    made = Session.objects.create(**{**values, **over})
    made.refresh_from_db()
    return made


def published_rules() -> RuleSet:
    """The rules that come with the product, in use: three rows."""
    writer, publisher = User.objects.bulk_create(
        User(email=f"{name}@example.test", name=name.title(), password="!", is_active=False)
        for name in ("rules-writer", "rules-publisher")
    )
    document, then = default_document(), NOON - timedelta(days=400)
    return RuleSet.objects.create(
        version=default_version(),
        document=document,
        content_hash=digest(document),
        state=RuleSet.State.PUBLISHED,
        why="The first rules.",
        created_by=writer,
        created_at=then,
        submitted_by=writer,
        submitted_at=then,
        published_by=publisher,
        published_at=then,
    )


def vignettes() -> None:
    """Those that come with the product; the flush after a test that commits takes the seeded ones away."""
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(VIGNETTES.glob("*.json"))]
    Vignette.objects.bulk_create(
        (
            Vignette(
                code=row["id"],
                title=row["title"],
                narrative=row["narrative"],
                facts=row["facts"],
                expectation=row["clinical"],
                reason="Came with Tideway.",
            )
            for row in rows
        ),
        ignore_conflicts=True,
    )


def supervisor(**over: Any) -> Actor:
    """A supervisor, acting as one."""
    return Actor(user(Role.SUPERVISOR, **over), Role.SUPERVISOR)


def no_published_rules() -> None:
    """Take the rules out of use, as a clinic does that retires them."""
    for rules in RuleSet.objects.filter(state=RuleSet.State.PUBLISHED):
        RuleSet.objects.filter(pk=rules.pk).update(
            state=RuleSet.State.RETIRED, retired_by=rules.published_by, retired_at=NOON
        )
