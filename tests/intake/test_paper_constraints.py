"""What must not be on paper is not in the database, and what is there is not rewritten or lost."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from accounts.db import violates
from intake.models import ELEMENTS, Channel, Consent, ContactWish, Coverage, SupportPerson
from tests import make

pytestmark = pytest.mark.django_db


def refused(rule: str, write, *args, **values) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        write(*args, **values)
    assert violates(refusal.value, rule)


def is_kept(rule: str, row) -> None:
    refused(rule, row.delete)


# ---- Consents


@pytest.mark.parametrize("element", [*ELEMENTS, "text", "text_version"])
def test_a_consent_without_one_of_its_elements_is_not_kept(patient, element):
    refused("consent_has_every_element", make.consent, patient, **{element: ""})


@pytest.mark.parametrize("kind", ["disclosure", "counseling_notes", "legal"])
def test_every_consent_but_the_one_for_care_ends_some_day(patient, kind):
    refused("consent_ends_some_day", make.consent, patient, kind=kind, expires_on=None)
    assert make.consent(patient, kind=kind, expires_on=None, expires_event="The hearing is over").pk
    assert make.consent(patient, kind="care", expires_on=None).pk


def test_a_consent_is_of_one_of_four_kinds(patient):
    refused("consent_kind_is_known", make.consent, patient, kind="care_and_legal")


@pytest.mark.parametrize("half", ["revoked_at", "revoked_by"])
def test_a_consent_is_revoked_by_somebody_at_some_time(patient, dana, half):
    refused("consent_revoked_by_someone", make.consent, patient, **{half: {"revoked_at": make.NOON}.get(half, dana)})


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "Everybody"},
        {"information": "Everything"},
        {"kind": "care"},
        {"expires_on": date(2030, 1, 1)},
        {"text": "Other words."},
        {"signed_at": make.NOON.replace(year=2025)},
        {"signature": "Somebody"},
    ],
)
def test_a_consent_is_not_rewritten(patient, change):
    signed = make.consent(patient)
    refused("consent_only_revoked", Consent.objects.filter(pk=signed.pk).update, **change)


def test_what_was_revoked_cannot_be_put_back(patient, dana):
    signed = make.consent(patient)
    rows = Consent.objects.filter(pk=signed.pk)
    assert rows.update(revoked_at=make.NOON, revoked_by=dana) == 1
    refused("consent_only_revoked", rows.update, revoked_at=None, revoked_by=None)


def test_a_consent_is_kept(patient):
    is_kept("consent_is_kept", make.consent(patient))


# ---- Coverage


@pytest.mark.parametrize("name", ["payer", "member_id", "told_by", "reference"])
def test_a_check_says_what_it_is_about_and_who_told_us(patient, name):
    refused("coverage_says_who_told_us", make.coverage, patient, **{name: ""})


@pytest.mark.parametrize(
    "name",
    [
        "deductible",
        "deductible_met",
        "family_deductible",
        "family_deductible_met",
        "copay",
        "out_of_pocket_maximum",
        "out_of_pocket_met",
    ],
)
def test_no_amount_is_below_zero(patient, name):
    refused("coverage_amounts_are_not_negative", make.coverage, patient, **{name: -1})


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"coinsurance": 101}, "coverage_coinsurance_is_a_percentage"),
        ({"effective_on": date(2026, 2, 1), "ends_on": date(2026, 1, 31)}, "coverage_ends_after_it_begins"),
        ({"told_on": date(2026, 5, 1)}, "coverage_check_holds_from_when_told"),
        ({"rank": 3}, "coverage_rank_is_known"),
    ],
)
def test_a_check_that_cannot_be_is_not_kept(patient, values, rule):
    refused(rule, make.coverage, patient, **values)


def test_one_check_stands_for_each_rank(patient):
    first = make.coverage(patient)
    assert make.coverage(patient, rank=2).pk
    refused("coverage_one_live_per_rank", make.coverage, patient)
    Coverage.objects.filter(pk=first.pk).update(ended_at=make.NOON)
    assert make.coverage(patient).pk


@pytest.mark.parametrize("change", [{"copay": 1}, {"told_by": "Me"}, {"check_expires_on": date(2030, 1, 1)}])
def test_a_check_is_not_rewritten(patient, change):
    row = make.coverage(patient)
    refused("coverage_only_ended", Coverage.objects.filter(pk=row.pk).update, **change)


def test_an_ended_check_stays_ended_and_is_kept(patient):
    row = make.coverage(patient, ended_at=make.NOON)
    refused("coverage_only_ended", Coverage.objects.filter(pk=row.pk).update, ended_at=None)
    is_kept("coverage_is_kept", row)


# ---- Wishes and support people


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"channel": "pigeon"}, "contact_wish_channel_is_known"),
        ({"channel": Channel.TEXT, "statement": ""}, "contact_wish_keeps_what_was_asked"),
    ],
)
def test_a_wish_that_cannot_be_is_not_kept(patient, values, rule):
    refused(rule, make.wish, patient, values.pop("channel"), **values)


def test_one_wish_stands_for_each_way(patient):
    make.wish(patient, Channel.EMAIL)
    assert make.wish(patient, Channel.TEXT).pk
    refused("contact_wish_one_live_per_channel", make.wish, patient, Channel.EMAIL)


def test_a_wish_is_only_ended_and_kept(patient):
    row = make.wish(patient, Channel.EMAIL, is_wanted=False)
    rows = ContactWish.objects.filter(pk=row.pk)
    refused("contact_wish_only_ended", rows.update, is_wanted=True)
    assert rows.update(ended_at=make.NOON) == 1
    refused("contact_wish_only_ended", rows.update, ended_at=None)
    is_kept("contact_wish_is_kept", row)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"is_emergency_contact": True}, "emergency_contact_has_a_phone"),
        ({"ended_at": make.NOON}, "support_person_ended_by_someone"),
        ({"name": ""}, "support_person_has_a_name"),
    ],
)
def test_a_support_person_who_cannot_be_is_not_kept(patient, values, rule):
    refused(rule, make.supporter, patient, **values)


def test_a_support_person_is_only_ended_and_kept(patient, dana):
    row = make.supporter(patient)
    rows = SupportPerson.objects.filter(pk=row.pk)
    refused("support_person_only_ended", rows.update, phone="+13125550100")
    assert rows.update(ended_at=make.NOON, ended_by=dana) == 1
    refused("support_person_only_ended", rows.update, ended_at=None, ended_by=None)
    is_kept("support_person_is_kept", row)
