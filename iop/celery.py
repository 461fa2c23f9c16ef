"""
Celery: a doorbell over rows. What is due is decided by SQL on stored instants (REL-04).

Its settings are the CELERY_ ones of `iop.settings`.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iop.settings")

app = Celery("iop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
