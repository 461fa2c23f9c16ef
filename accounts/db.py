"""Reading PostgreSQL's refusals."""

from django.db import DatabaseError


def violates(error: DatabaseError, constraint: str) -> bool:
    """Say whether PostgreSQL refused the write because of this named constraint."""
    return refusal(error)[0] == constraint


def refusal(error: DatabaseError) -> tuple[str, str]:
    """The named constraint because of which PostgreSQL refused, and the detail it gave; empty when there is none."""
    diagnostics = getattr(error.__cause__, "diag", None)
    found = (getattr(diagnostics, name, None) or "" for name in ("constraint_name", "message_detail"))
    name, detail = found
    return name, detail
