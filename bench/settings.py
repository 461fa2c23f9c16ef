"""The product's settings, with the floor views beside its own and a count of queries for who asks."""

from iop.settings import *  # noqa: F403
from iop.settings import DATABASES, MIDDLEWARE

ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.floor.CountQueries", *MIDDLEWARE]
DATABASES["default"]["TEST"] = {"NAME": "bench_iop"}
# A connection that is closed while we measure would take what its backend has used with it.
DATABASES["default"]["CONN_MAX_AGE"] = None
