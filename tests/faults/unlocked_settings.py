"""The settings of the product, with seats given without a lock."""

from iop.settings import *  # noqa: F403

ROOT_URLCONF = "tests.faults.unlocked_urls"
