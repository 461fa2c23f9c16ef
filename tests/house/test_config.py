"""The environment, read with advice: whoever starts the thing at night reads these sentences."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from iop.config import Environment

LONG = "k" * 50


def test_a_missing_value_says_what_to_set():
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL is missing\. Use make run"):
        Environment({}).text("DATABASE_URL", advice="Use make run, or set it.")


@pytest.mark.parametrize(("typed", "read"), [("1", True), ("yes", True), ("0", False), ("false", False), ("", False)])
def test_a_flag_is_one_or_zero(typed, read):
    assert Environment({"DEBUG": typed}).flag("DEBUG") is read


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(ImproperlyConfigured, match="Write 1 or 0"):
        Environment({"DEBUG": "maybe"}).flag("DEBUG")


def test_a_number_with_letters_is_refused():
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        Environment({"EMAIL_PORT": "25a"}).number("EMAIL_PORT", 25)


def test_a_place_is_held_and_offered_for_as_long_as_the_clinic_says():
    clinic = Environment({"CLINIC_HOLD_HOURS": "24"}).clinic()

    assert (clinic.hold_hours, clinic.offer_hours) == (24, 48)
    with pytest.raises(ImproperlyConfigured, match="CLINIC_OFFER_HOURS is 0"):
        Environment({"CLINIC_OFFER_HOURS": "0"}).clinic()


@pytest.mark.parametrize("secret", ["", "short", "development-only" + LONG])
def test_production_refuses_a_weak_secret(secret):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY must have at least 50 characters"):
        Environment({"SECRET_KEY": secret}).secret(debug=False)


def test_production_takes_a_secret_of_its_own():
    assert Environment({"SECRET_KEY": LONG}).secret(debug=False) == LONG


@pytest.mark.parametrize("hosts", ["", "*", "clinic.example,*"])
def test_production_names_its_hosts(hosts):
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS"):
        Environment({"ALLOWED_HOSTS": hosts}).hosts(debug=False)


@pytest.mark.parametrize("over", [{"CLINIC_NAME": "n" * 21}, {"CLINIC_PHONE": "1" * 15}])
def test_an_alias_too_long_for_one_text_segment_is_refused(over):
    with pytest.raises(ImproperlyConfigured, match="one segment"):
        Environment(over).clinic()
