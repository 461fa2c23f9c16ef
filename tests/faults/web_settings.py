"""The settings of the product, with the naive view of this folder and the worker's number on every answer."""

from iop.settings import *  # noqa: F403
from iop.settings import MIDDLEWARE

ROOT_URLCONF = "tests.faults.web_urls"
MIDDLEWARE = ["tests.faults.web_urls.NameWorker", *MIDDLEWARE]
