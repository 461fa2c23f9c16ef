"""The demo clinic's places, staff and programs, from `clinic.yaml`."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from accounts.models import Location, Role, RoleAssignment, User
from programs.models import Block, Cohort, Program, Room, Track

HERE = Path(__file__).parent
PASSPHRASE = "demo-only-passphrase"  # noqa: S105 - the one published sign-in of the demo, refused where DEBUG is off
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
    for order, row in enumerate(clinic["tracks"]):
        Track.objects.create(order=order, **row)
    for row in clinic["programs"]:
        track = Track.objects.get(code=row["track"])
        Program.objects.create(**{**row, "track": track, "state": Program.State.PUBLISHED})
    for row in clinic["cohorts"]:
        make_cohort(row, places, today)


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
    ends_on = starts_on + timedelta(weeks=program.weeks)
    cohort = Cohort.objects.create(
        program=program,
        name=row["name"],
        location=place,
        room=None if online else Room.objects.get(location=place, name=row["room"]),
        facilitator=User.objects.get(email=row["lead"]),
        delivery=Cohort.Delivery.ONLINE if online else Cohort.Delivery.ON_SITE,
        language=row.get("language", "en"),
        seats=row["seats"],
        starts_on=starts_on,
        ends_on=ends_on,
        last_entry_on=ends_on - timedelta(weeks=3),
        state=Cohort.State.OPEN,
    )
    first = time.fromisoformat(row["at"])
    second_starts = divmod(first.hour * 60 + first.minute + HALF, 60)
    for weekday in row["days"]:
        Block.objects.create(cohort=cohort, weekday=weekday, starts=first, minutes=HALF, title=row["titles"][0])
        Block.objects.create(
            cohort=cohort, weekday=weekday, starts=time(*second_starts), minutes=HALF, title=row["titles"][1]
        )
    return cohort
