"""Every rule that PostgreSQL keeps over the catalog, recommendations and decisions, broken once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.db import violates
from programs.models import (
    Accreditation,
    Block,
    Clearance,
    Closure,
    Cohort,
    Credential,
    Decision,
    EntryDate,
    LevelHours,
    Track,
)
from tests import make
from tests.programs import people

pytestmark = pytest.mark.django_db


def refused_by(constraint: str, write: Callable[[], object]) -> bool:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        write()
    return violates(refused.value, constraint)


def cleared(**over) -> Clearance:
    values = {"gate": "G2", "done_on": date(2026, 3, 11), "note": "Seen by Dr. Lee.", "at": make.NOON}
    assessment = over.pop("assessment", None) or make.assessment()
    return Clearance.objects.create(**{**values, "assessment": assessment, "by": assessment.owner, **over})


def decided(**over) -> Decision:
    recommendation = over.pop("recommendation", None) or people.of_example("01-t1-depression-strong")
    values = {"choice": "agree", "track": "depression", "by": recommendation.assessment.owner, "at": make.NOON}
    return Decision.objects.create(**{**values, "recommendation": recommendation, **over})


# ---- what is kept as it was


@pytest.mark.parametrize(
    ("constraint", "made", "change"),
    [
        ("recommendation_is_kept", lambda: people.of_example("01-t1-depression-strong"), {"result": {}}),
        ("decision_is_kept", decided, {"track": "trauma"}),
        ("clearance_is_kept", cleared, {"note": "Another story."}),
    ],
)
def test_what_was_recommended_decided_or_cleared_is_neither_changed_nor_deleted(constraint, made, change):
    row = made()
    rows = type(row).objects.filter(pk=row.pk)
    before = rows.values().get()

    assert refused_by(constraint, lambda: rows.update(**change))
    assert refused_by(constraint, rows.delete)
    assert rows.values().get() == before


# ---- decisions


def test_a_decision_against_the_recommendation_has_a_reason():
    against = {"choice": "other_track", "track": "trauma"}

    assert refused_by("decision_against_has_a_reason", lambda: decided(**against))
    assert refused_by("decision_against_has_a_reason", lambda: decided(**against, reason_code="other"))
    assert refused_by("decision_against_has_a_reason", lambda: decided(**against, reason="Because."))


@pytest.mark.parametrize("choice", ["agree", "other_track"])
def test_a_decision_for_a_track_names_it(choice):
    why = {"reason_code": "other", "reason": "Because."}

    assert refused_by("decision_for_a_track_names_it", lambda: decided(choice=choice, track="", **why))


def test_a_decision_for_a_level_names_it():
    why = {"reason_code": "other", "reason": "Because."}

    assert refused_by("decision_for_a_level_names_it", lambda: decided(choice="other_level", level="", **why))


# ---- clearances


def test_a_clearance_says_what_was_found():
    assert refused_by("clearance_says_what_was_found", lambda: cleared(note=""))


@pytest.mark.parametrize("gate", ["G6", "G11", ""])
def test_only_a_gate_that_has_a_clearance_can_be_cleared(gate):
    assert refused_by("clearance_of_a_gate_that_has_one", lambda: cleared(gate=gate))


# ---- tracks, programs, rooms


def test_a_track_is_one_of_the_six():
    words = {"name": "Sleep", "sentence": "For short nights.", "may_help": "If you lie awake."}

    assert refused_by("track_is_one_of_six", lambda: Track.objects.create(code="sleep", **words))


@pytest.mark.parametrize("weeks", [0, 53])
def test_a_program_lasts_1_to_52_weeks(weeks):
    assert refused_by("program_lasts_1_to_52_weeks", lambda: make.program(weeks=weeks))


def test_a_program_is_a_draft_in_review_published_or_retired():
    assert refused_by("program_state_is_known", lambda: make.program(state="secret"))


@pytest.mark.parametrize(
    ("constraint", "over"),
    [
        ("program_format_is_known", {"format": "choir"}),
        ("program_week_is_a_week", {"days_per_week": 8}),
        ("program_week_is_a_week", {"days_per_week": 0}),
        ("program_week_is_a_week", {"session_minutes": 14}),
        ("program_week_is_a_week", {"session_minutes": 721}),
        ("program_modalities_are_known", {"modalities": ["cbt", "crystals"]}),
        ("program_languages_are_known", {"languages": ["en", "la"]}),
        ("program_ages_in_order", {"age_least": 26, "age_most": 25}),
    ],
)
def test_a_program_says_only_what_the_catalog_knows(constraint, over):
    assert refused_by(constraint, lambda: make.program(**over))


def test_the_minutes_of_a_week_follow_from_its_days():
    program = make.program(days_per_week=4, session_minutes=150)
    program.refresh_from_db()

    assert program.minutes_per_week == 600


def test_an_accreditation_is_of_a_known_body_and_recorded_once():
    program = make.program()
    given = {"program": program, "number": "JC-1", "expires_on": date(2027, 1, 1)}
    Accreditation.objects.create(body="carf", **given)

    assert refused_by("accreditation_body_is_known", lambda: Accreditation.objects.create(body="stars", **given))
    assert refused_by("accreditation_recorded_once", lambda: Accreditation.objects.create(body="carf", **given))


def test_the_hours_of_a_level_are_in_order_and_of_a_level():
    def hours(level, least, most):
        return LevelHours.objects.create(level=level, least_minutes=least, most_minutes=most)

    assert refused_by("level_hours_in_order", lambda: hours("iop", 600, 540))
    assert refused_by("level_hours_of_a_level", lambda: hours("spa", 0, 540))
    assert hours("iop", 540, None).most_minutes is None


# ---- people, closures


def test_a_credential_is_of_a_known_kind_and_recorded_once():
    given = {"user": make.clinician(), "number": "1", "state": "IL", "expires_on": date(2027, 1, 1)}
    Credential.objects.create(kind="psychologist", **given)

    assert refused_by("credential_kind_is_known", lambda: Credential.objects.create(kind="wizard", **given))
    assert refused_by("credential_recorded_once", lambda: Credential.objects.create(kind="psychologist", **given))


def test_every_kind_of_credential_is_known_to_the_database():
    user = make.clinician()
    for kind in Credential.Kind:
        Credential.objects.create(user=user, kind=kind, number="1", state="IL", expires_on=date(2027, 1, 1))

    assert user.credentials.count() == len(Credential.Kind)


def test_a_closure_starts_before_it_ends():
    day = date(2026, 11, 26)

    assert refused_by(
        "closure_starts_before_it_ends", lambda: Closure.objects.create(name="Holiday", starts_on=day, ends_on=day)
    )


def test_a_location_has_one_room_of_a_name():
    first = make.room()

    assert refused_by("room_named_once_per_location", lambda: make.room(location=first.location, name=first.name))
    assert make.room(name=first.name).location != first.location


# ---- cohorts and their blocks


def test_a_program_has_one_cohort_of_a_name():
    first = make.cohort()

    assert refused_by("cohort_named_once_per_program", lambda: make.cohort(program=first.program, name=first.name))


def test_a_cohort_starts_before_it_ends():
    day, cohort = date(2026, 3, 2), make.cohort()
    rows = Cohort.objects.filter(pk=cohort.pk)

    def end_on_the_first_day():
        # No entry date is right for such a run either, and PostgreSQL names that rule first.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE programs_cohort DROP CONSTRAINT cohort_entry_within_its_run")
        rows.update(starts_on=day, ends_on=day)

    assert refused_by("cohort_starts_before_it_ends", end_on_the_first_day)


@pytest.mark.parametrize("last", [date(2026, 3, 1), date(2026, 5, 11)])
def test_people_enter_a_cohort_within_its_run(last):
    assert refused_by("cohort_entry_within_its_run", lambda: make.cohort(last_entry_on=last))


@pytest.mark.parametrize("seats", [0, 41])
def test_a_cohort_has_1_to_40_seats(seats):
    assert refused_by("cohort_has_1_to_40_seats", lambda: make.cohort(seats=seats))


@pytest.mark.parametrize("least", [0, 9])
def test_a_cohort_needs_at_least_one_person_and_not_more_than_it_seats(least):
    assert refused_by("cohort_least_seats_within_seats", lambda: make.cohort(seats=8, seats_least=least))


@pytest.mark.parametrize(
    ("constraint", "over"),
    [
        ("cohort_state_is_known", {"state": "secret"}),
        ("cohort_entry_is_known", {"entry": "by_night"}),
        ("cohort_payment_options_are_known", {"payment_options": ["plan", "barter"]}),
    ],
)
def test_a_cohort_says_only_what_the_catalog_knows(constraint, over):
    assert refused_by(constraint, lambda: make.cohort(**over))


def test_an_entry_date_is_named_once():
    cohort = make.cohort(entry="semi_open")
    EntryDate.objects.create(cohort=cohort, on=date(2026, 4, 6))

    assert refused_by("entry_date_named_once", lambda: EntryDate.objects.create(cohort=cohort, on=date(2026, 4, 6)))


def test_a_cohort_has_a_room_on_site_and_none_online():
    cohort, place = make.cohort(), make.location()
    rows = Cohort.objects.filter(pk=cohort.pk)

    assert refused_by("cohort_on_site_has_a_room", lambda: rows.update(room=None))
    assert refused_by("cohort_on_site_has_a_room", lambda: rows.update(delivery="online"))
    assert refused_by("cohort_on_site_has_a_room", lambda: make.cohort(location=place, delivery="elsewhere"))


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"ends_on": date(2026, 3, 2)}, "The end must be after the start."),
        ({"last_entry_on": date(2026, 6, 1)}, "The last entry date must be within the run."),
        ({"room": None}, "Choose a room for a cohort on site, and none for one online."),
    ],
)
def test_who_makes_a_cohort_that_breaks_a_rule_is_told_which(over, sentence):
    cohort = make.cohort()
    for name, value in over.items():
        setattr(cohort, name, value)

    with pytest.raises(ValidationError) as told:
        cohort.full_clean()

    assert sentence in told.value.messages


@pytest.mark.parametrize("minutes", [14, 481])
def test_a_block_lasts_15_to_480_minutes(minutes):
    cohort = make.cohort()

    assert refused_by(
        "block_lasts_15_to_480_minutes",
        lambda: Block.objects.create(cohort=cohort, weekday=5, starts=time(9), minutes=minutes),
    )


def test_a_block_is_on_a_day_of_the_week():
    cohort = make.cohort()

    assert refused_by("block_weekday_is_a_day", lambda: Block.objects.create(cohort=cohort, weekday=7, starts=time(9)))


def test_every_named_rule_of_this_app_is_broken_in_this_folder():
    """A rule that is added without a test of its own fails this one."""
    files = Path(__file__).parent.glob("test_*constraints.py")
    broken = "".join(file.read_text(encoding="utf-8") for file in files)
    named = {rule.name for model in apps.get_app_config("programs").get_models() for rule in model._meta.constraints}

    assert {name for name in named if f'"{name}"' not in broken} == set()
