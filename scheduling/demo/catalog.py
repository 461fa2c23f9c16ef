"""The demo clinic's places, staff and programs, from `clinic.yaml`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from accounts.models import Location, Role, RoleAssignment, User
from programs.listing import words_of
from programs.models import (
    Accreditation,
    Block,
    BlockKind,
    Closure,
    Cohort,
    Credential,
    EntryDate,
    Format,
    Payer,
    Program,
    Room,
    Track,
)

HERE = Path(__file__).parent
PASSPHRASE = "demo-only-passphrase"  # noqa: S105 - the one published sign-in of the demo, refused where DEBUG is off
REVIEWERS = ("admin@demo.test", "admin2@demo.test")
HALF = 90  # minutes: each day of a cohort is two meetings of this length


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return found


def load_catalog(*, today: date) -> None:
    """Make places, staff, tracks, programs and cohorts; dates count from `today`."""
    clinic = read("clinic.yaml")
    places = {row["key"]: make_location(row) for row in clinic["locations"]}
    for key, names in clinic["rooms"].items():
        Room.objects.bulk_create(Room(location=places[key], name=name) for name in names)
    for row in clinic["staff"]:
        make_staff(row, places)
    for row in clinic["credentials"]:
        Credential.objects.create(user=User.objects.get(email=row["user"]), **dated(row, today, "user"))
    for order, row in enumerate(clinic["tracks"]):
        Track.objects.create(order=order, **row)
    Payer.objects.bulk_create(Payer(name=name) for name in clinic["payers"])
    for row in clinic["programs"]:
        Program.objects.create(**{**row, "track": Track.objects.get(code=row["track"]), **reviewed(today)})
    for row in clinic["accreditations"]:
        program = Program.objects.get(slug=row["program"])
        Accreditation.objects.create(program=program, **dated(row, today, "program"))
    for row in clinic["cohorts"]:
        make_cohort(row, places, today)
    for row in clinic["closures"]:
        starts_on = today + timedelta(days=row["in"])
        ends_on, place = starts_on + timedelta(days=row["days"]), places.get(row.get("at", ""))
        Closure.objects.create(location=place, name=row["name"], starts_on=starts_on, ends_on=ends_on)
    published: list[Program | Cohort] = [*Program.objects.all(), *Cohort.objects.all()]
    for each in published:
        type(each)._default_manager.filter(pk=each.pk).update(published_as=words_of(each))


def dated(row: dict[str, Any], today: date, besides: str) -> dict[str, Any]:
    """The plain fields of a row that ends on a day counted from today."""
    plain = {name: value for name, value in row.items() if name not in {besides, "expires_in"}}
    return {**plain, "expires_on": today + timedelta(days=row["expires_in"])}


def reviewed(today: date) -> dict[str, Any]:
    """Published some weeks ago by a second administrator."""
    writer, publisher = (User.objects.get(email=email) for email in REVIEWERS)
    then = datetime.combine(today - timedelta(weeks=8), time(16), UTC)
    who = {"submitted_by": writer, "submitted_at": then, "published_by": publisher}
    return {"state": Program.State.PUBLISHED, **who, "published_at": then + timedelta(hours=3)}


def make_location(row: dict[str, Any]) -> Location:
    return Location.objects.create(**{name: value for name, value in row.items() if name != "key"})


def make_staff(row: dict[str, Any], places: dict[str, Location]) -> User:
    admin = row.get("admin", False)
    user = User.objects.create_user(row["email"], PASSPHRASE, name=row["name"], is_staff=admin, is_superuser=admin)
    RoleAssignment.objects.bulk_create(RoleAssignment(user=user, role=Role(role)) for role in row["roles"])
    user.locations.set([places[key] for key in row["at"]])
    return user


def make_cohort(row: dict[str, Any], places: dict[str, Location], today: date) -> Cohort:
    program = Program.objects.get(slug=row["program"])
    place, online = places[row["location"]], row.get("online", False)
    starts_on = today + timedelta(days=row["starts_in"])
    ends_on, entry = starts_on + timedelta(weeks=program.weeks), row.get("entry", Cohort.Entry.OPEN)
    is_closed = entry == Cohort.Entry.CLOSED
    cohort = Cohort.objects.create(
        program=program,
        name=row["name"],
        location=place,
        room=None if online else Room.objects.get(location=place, name=row["room"]),
        facilitator=User.objects.get(email=row["lead"]),
        delivery=Cohort.Delivery.ONLINE if online else Cohort.Delivery.ON_SITE,
        language=row.get("language", "en"),
        seats_least=min(4, row["seats"]),
        seats=row["seats"],
        entry=entry,
        starts_on=starts_on,
        ends_on=ends_on,
        last_entry_on=starts_on + timedelta(weeks=2) if is_closed else ends_on - timedelta(days=1),
        payment_options=row["pay"],
        **reviewed(today),
    )
    cohort.payers.set(Payer.objects.filter(name__in=row["payers"]))
    cohort.co_facilitators.set(User.objects.filter(email__in=row.get("beside", [])))
    if entry == Cohort.Entry.SEMI_OPEN:
        days = (starts_on + timedelta(weeks=weeks) for weeks in range(0, program.weeks, 4))
        EntryDate.objects.bulk_create(EntryDate(cohort=cohort, on=day) for day in days)
    make_blocks(cohort, row)
    return cohort


def make_blocks(cohort: Cohort, row: dict[str, Any]) -> None:
    """Two meetings on each day of the cohort."""
    kind = BlockKind.INDIVIDUAL if cohort.program.format == Format.INDIVIDUAL else BlockKind.GROUP
    first = time.fromisoformat(row["at"])
    second_starts = divmod(first.hour * 60 + first.minute + HALF, 60)
    for weekday in row["days"]:
        for starts, title in zip((first, time(*second_starts)), row["titles"], strict=True):
            Block.objects.create(cohort=cohort, weekday=weekday, starts=starts, minutes=HALF, title=title, kind=kind)
