"""Hours that a program can ask: at their edges, and on the two nights when the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from iop.config import Clinic, Environment

CHICAGO = ZoneInfo("America/Chicago")


def clinic(staffed: str = "") -> Clinic:
    return Environment({"CLINIC_STAFFED": staffed}).clinic()


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO, fold=fold)


@pytest.mark.parametrize(
    ("at", "staffed"),
    [
        ("2026-03-11T07:59:59", False),
        ("2026-03-11T08:00", True),
        ("2026-03-11T19:59:59.999999", True),
        ("2026-03-11T20:00", False),
        ("2026-03-13T12:00", True),  # Friday
        ("2026-03-14T12:00", False),  # Saturday
        ("2026-03-15T12:00", False),
        ("2026-03-16T12:00", True),
    ],
)
def test_a_span_takes_in_its_start_and_not_its_end(at, staffed):
    assert clinic("mon-fri 08:00-20:00").is_staffed(local(at)) is staffed


def test_an_instant_is_read_by_the_clinics_clock():
    # Monday 1 am in Chicago is Sunday in Hawaii and Monday 7 am in London.
    at = datetime(2026, 3, 16, 6, 30, tzinfo=UTC)
    assert clinic("mon 01:00-02:00").is_staffed(at)
    assert not clinic("sun 00:00-24:00").is_staffed(at)


def test_several_spans_are_read_and_a_day_may_last_until_midnight():
    hours = clinic("Mon-Fri 08:00-12:00, mon-fri 13:00-20:00,sat 09:00-24:00")
    assert [hours.is_staffed(local(f"2026-03-13T{at}")) for at in ("11:59", "12:30", "13:00")] == [True, False, True]
    assert hours.is_staffed(local("2026-03-14T23:59:59"))
    assert not hours.is_staffed(local("2026-03-15T00:00"))


def test_the_hour_that_a_spring_night_leaves_out_is_nobodys():
    hours = clinic("sun 01:30-03:00")  # March 8: 2 am becomes 3 am
    before = local("2026-03-08T01:59:59").astimezone(UTC)
    assert hours.is_staffed(before)
    assert not hours.is_staffed(before + timedelta(seconds=1))


def test_the_hour_that_an_autumn_night_repeats_is_staffed_twice():
    hours = clinic("sun 01:00-02:00")  # November 1: 2 am becomes 1 am
    assert hours.is_staffed(local("2026-11-01T01:30"))
    assert hours.is_staffed(local("2026-11-01T01:30", fold=1))
    assert local("2026-11-01T01:30", fold=1).astimezone(UTC) - local("2026-11-01T01:30").astimezone(UTC) == timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    "text",
    ["9 to 5", "mon-fri", "fri-mon 08:00-20:00", "mon 20:00-08:00", "mon 08:00-08:00", "mon 08:00-25:00", "xyz 08:00-20:00",
     "mon 08:00-20:00,", "mon 24:00-24:00"],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_refused_with_advice(text):
    with pytest.raises(ImproperlyConfigured, match=r"CLINIC_STAFFED is .* Write it like mon-fri 08:00-20:00"):
        clinic(text)
