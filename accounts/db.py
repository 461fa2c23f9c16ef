"""Reading PostgreSQL's refusals."""

from django.db import DatabaseError


def violates(error: DatabaseError, constraint: str) -> bool:
    """Say whether PostgreSQL refused the write because of this named constraint."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) == constraint
