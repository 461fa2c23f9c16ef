"""The settings of the product, with the app of this folder installed last."""

from iop.settings import *  # noqa: F403
from iop.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]
