"""The demo clinic: sixty invented people at every stage of the road, loaded once, never where DEBUG is off."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts.models import Role, User
from intake.assigned import forms_of, may_be_read, to_do
from intake.models import Assessment, Inquiry, Patient, SafetyEvent
from messaging.models import OutboxMessage
from programs import rulebook
from programs.actions import content_hash
from programs.matching import Engine, load_ruleset
from programs.models import Cohort, Program, Recommendation, RuleSet, TrackCode
from programs.presentation import state_of
from programs.queries import facts_for
from scheduling.demo.catalog import PASSPHRASE
from scheduling.demo.people import INQUIRIES, STAGES
from scheduling.models import Enrollment, Reply, Session

pytestmark = pytest.mark.django_db


def load() -> str:
    said = StringIO()
    call_command("load_demo", stdout=said)
    return said.getvalue()


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """One load for all tests of this file, as `make run` does it; it stands outside their transactions."""
    quick = {"DEBUG": True, "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    with django_db_blocker.unblock():
        with override_settings(**quick):
            said = load()
        try:
            yield said
        finally:
            call_command("flush", interactive=False, verbosity=0)


def everything() -> dict[str, list[object]]:
    """Every row of our own tables."""
    ours = ("accounts", "messaging", "intake", "programs", "scheduling")
    found = [model for app in ours for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in found}


def stages() -> Counter[str]:
    """How many people are at each stage, as their rows say."""
    return Counter(stage_of(patient) for patient in Patient.objects.all())


def stage_of(patient: Patient) -> str:
    newest = patient.assessments.first()
    if newest is None:
        return "registered"
    if not newest.is_signed:
        return "draft"
    if patient.enrollments.active().exists():
        return "enrolled"
    return "decided" if newest.recommendations.get().decisions.exists() else "signed"


# ---- loading


def test_the_first_load_says_so_and_the_second_changes_nothing(loaded, settings):
    settings.DEBUG = True
    before = everything()

    assert loaded == "The demo clinic is loaded.\n"
    assert load() == "The demo clinic was loaded before.\n"
    assert everything() == before


def test_nothing_is_loaded_where_debug_is_off(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="It loads only where DEBUG is on"):
        call_command("load_demo")


# ---- people


def test_sixty_people_stand_at_every_stage():
    expected = Counter({stage: 0 for _persona, _count, stage in STAGES})
    for _persona, count, stage in STAGES:
        expected[stage] += count

    assert expected.total() == 60
    assert stages() == expected


def test_people_are_told_apart_and_are_visibly_invented():
    people = Patient.objects.all()

    assert len({person.full_name for person in people}) == 60
    assert all(person.email.endswith("@example.test") for person in people)
    assert all(person.phone.startswith("312-555-01") and len(person.phone) == 12 for person in people)
    assert all(person.care_team.exists() for person in people)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_a_sign_in(role):
    user = authenticate(username=f"{role}@demo.test", password=PASSPHRASE)

    assert user is not None
    assert role in user.held_roles()
    assert next(iter(user.held_roles())) == role or role == Role.SUPERVISOR
    assert (user.is_staff, user.is_superuser) == ((role == Role.ADMIN),) * 2


def test_no_other_account_opens_the_admin():
    openers = User.objects.filter(is_staff=True).values_list("email", flat=True)

    assert set(openers) == {"admin@demo.test", "admin2@demo.test"}  # the second publishes


# ---- what the rules made of them


def test_every_stored_recommendation_is_worked_out_again_word_for_word():
    """From the same answers the same facts, and from those by its own rules the same result, version and hash."""
    made = list(Recommendation.objects.select_related("assessment__patient__location", "ruleset"))
    engines = {old.ruleset: Engine(load_ruleset(old.ruleset.document)) for old in made}

    assert len(made) == Assessment.objects.filter(state="signed").count() == 41
    for old in made:
        again = engines[old.ruleset].recommend(old.facts)
        assert facts_for(old.assessment, old.made_at) == old.facts
        assert again == old.result
        assert again["ruleset_version"] == old.ruleset_version == old.ruleset.version
        assert content_hash(old.facts, old.ruleset_version, again) == old.content_hash


def test_the_pages_that_differ_most_are_there_to_look_at():
    states = Counter(state_of(made.result) for made in Recommendation.objects.all())

    assert states == {"ranked": 34, "close": 2, "hold": 2, "none": 2, "missing": 1}


def test_people_agreed_on_every_one_of_the_six_tracks():
    agreed = Recommendation.objects.filter(decisions__choice="agree").values_list("decisions__track", flat=True)

    assert set(agreed) == set(TrackCode.values)


# ---- the clinic


def test_the_catalog_offers_days_evenings_a_weekend_both_places_and_two_languages():
    cohorts = Cohort.objects.all()
    starts = {(block.weekday >= 5, block.starts.hour >= 17) for cohort in cohorts for block in cohort.blocks.all()}

    assert set(Program.objects.published().values_list("track__code", flat=True)) == set(TrackCode.values)
    assert Program.objects.published().count() >= 8
    assert starts >= {(False, False), (False, True), (True, False)}
    assert set(cohorts.values_list("delivery", flat=True)) == {"on_site", "online"}
    assert set(cohorts.values_list("language", flat=True)) == {"en", "es"}
    assert set(cohorts.values_list("location__zone", flat=True)) == {"America/Chicago", "America/New_York"}


def test_dates_count_from_today():
    now = timezone.now()
    signed = Assessment.objects.filter(state="signed")

    assert all(now - timedelta(days=14) < each.signed_at < now for each in signed)
    assert all(each.signed_at < each.recommendations.get().made_at < now for each in signed)
    assert Cohort.objects.filter(starts_on__lt=now.date(), ends_on__gt=now.date()).count() >= 6
    assert Cohort.objects.filter(starts_on__gt=now.date()).count() >= 3
    assert all(each.received_at < now < each.promised_by + timedelta(days=4) for each in Inquiry.objects.all())


def test_alerts_stand_at_different_states_and_one_is_overdue():
    found = SafetyEvent.objects.values_list("state", "level")
    assert sorted(found) == [
        ("assessment_due", "S3"),
        ("assessment_due", "SU"),
        ("closed", "S2"),
        ("monitoring", "S2"),
    ]
    assert SafetyEvent.objects.open().filter(due_at__lt=timezone.now()).count() == 1
    assert SafetyEvent.objects.open().filter(patient__care_team__user__email="clinician@demo.test").count() == 3
    assert Patient.objects.get(user__email="patient@demo.test").safety_plans.count() == 2


def test_every_list_has_something_to_show_today():
    now = timezone.now()
    week = Session.objects.filter(during__startswith__gt=now, during__startswith__lt=now + timedelta(days=7))

    assert Session.objects.filter(during__endswith__lt=now).exists()
    assert week.filter(cohort__enrollments__isnull=False).exists()
    assert Reply.objects.filter(answer="cannot").exists()
    assert Inquiry.objects.count() == INQUIRIES
    assert set(Inquiry.objects.values_list("state", flat=True)) == {"new", "called"}
    assert Inquiry.objects.exclude(safe_now="yes").exists()


def test_the_demo_patient_has_sessions_ahead_within_a_week():
    now = timezone.now()
    seat = Enrollment.objects.get(patient__user__email="patient@demo.test")

    ahead = seat.cohort.sessions.filter(during__startswith__gt=now, during__startswith__lt=now + timedelta(days=7))
    assert ahead.count() >= 4


def test_no_cohort_has_more_people_than_seats():
    assert all(cohort.enrollments.active().count() <= cohort.seats for cohort in Cohort.objects.all())


def test_only_who_wants_reminders_by_email_gets_them_and_only_of_what_is_ahead():
    reminded = {f"patient:{person.public_id}" for person in Patient.objects.may_be_emailed()}
    planned = OutboxMessage.objects.all()

    assert planned.exists()
    assert set(planned.values_list("recipient", flat=True)) <= reminded
    assert not planned.filter(occurrence_starts_at__lt=timezone.now() - timedelta(minutes=5)).exists()


def test_the_demo_patient_has_one_form_to_do_and_one_that_waits_to_be_read():
    patient = Patient.objects.get(user__email="patient@demo.test")
    forms = forms_of(patient)

    assert [form.assignment.code for form in to_do(forms)] == ["phq9"]
    (sent,) = [form for form in forms if form.assignment.submitted_at]
    assert sent.score(None)["total"] == 9
    assert may_be_read(patient)
    assert sent.assignment.reviewed_at is None


def test_the_rules_were_published_by_two_supervisors_before_anybody_was_signed():
    rules = RuleSet.objects.get(state=RuleSet.State.PUBLISHED)

    who = [rules.created_by.email, rules.submitted_by.email, rules.published_by.email]
    assert who == ["supervisor2@demo.test", "supervisor2@demo.test", "supervisor@demo.test"]
    assert rules.published_at < min(Assessment.objects.exclude(signed_at=None).values_list("signed_at", flat=True))
    assert [step.kind for step in rules.steps.all()] == ["published", "submitted", "created"]
    assert all(trial.as_expected for trial in rulebook.trials(rules))
    assert set(Recommendation.objects.values_list("ruleset", flat=True)) == {rules.pk}
