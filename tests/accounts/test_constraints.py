"""Every rule that PostgreSQL keeps over people, roles and the access log, broken once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction

from accounts.db import violates
from accounts.models import AccessEvent, Role, RoleAssignment
from tests import make

pytestmark = pytest.mark.django_db


def refused_by(constraint: str, write: Callable[[], object]) -> bool:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        write()
    return violates(refused.value, constraint)


def test_an_opened_record_stays_in_the_log_as_it_was_written():
    person = make.clinician()
    AccessEvent.objects.create(user=person, role=Role.CLINICIAN, patient=uuid4(), action="recommendation")
    before = AccessEvent.objects.values().get()

    assert refused_by("access_event_is_kept", lambda: AccessEvent.objects.update(action="summary"))
    assert refused_by("access_event_is_kept", AccessEvent.objects.all().delete)
    assert AccessEvent.objects.values().get() == before


def test_a_role_is_held_once():
    person = make.clinician()

    assert refused_by("role_held_once", lambda: RoleAssignment.objects.create(user=person, role=Role.CLINICIAN))


def test_a_role_is_one_of_those_that_policies_know():
    assert refused_by("role_is_known", lambda: RoleAssignment.objects.create(user=make.user(), role="owner"))


def test_an_email_is_kept_in_lower_case():
    assert refused_by("user_email_in_lower_case", lambda: make.user(email="Dana@example.test"))


def test_a_location_offers_known_features():
    assert refused_by("location_access_is_known", lambda: make.location(access_features=["step_free", "pool"]))


def test_what_helps_people_to_get_in_is_one_of_those_that_the_match_knows():
    assert refused_by("location_access_is_known", lambda: make.location(access_features=["lift"]))


def test_every_named_rule_of_this_app_is_broken_here():
    """A rule that is added without a test of its own fails this one."""
    broken = Path(__file__).read_text(encoding="utf-8")
    named = {rule.name for model in apps.get_app_config("accounts").get_models() for rule in model._meta.constraints}

    assert {name for name in named if f'"{name}"' not in broken} == set()
