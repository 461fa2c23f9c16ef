"""
The servers a developer's machine needs, from wheels: PostgreSQL, Valkey, a mail sink, and what runs on them.

Nothing here imports Django or ``iop.celery``: the launcher starts before there is a database to name.
"""
