"""What an import would do, or why it does nothing: all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from import_export.results import Result, RowResult

from programs.refusals import sentence_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: on which line of the file, in which column, and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is new or says something else: each cell before and after."""

    line: int
    name: str
    is_new: bool
    cells: tuple[tuple[str, str, str], ...]
    row: Any


@dataclass(frozen=True, slots=True)
class Report:
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...]
    same: int

    @property
    def new(self) -> int:
        return sum(change.is_new for change in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.new


def report_of(result: Result, lines: list[int]) -> Report:
    problems = [Problem(0, "", reason(error.error)) for error in result.base_errors]
    for number, errors in result.row_errors():
        problems += [Problem(lines[number - 1], "", reason(error.error)) for error in errors]
    for row in result.invalid_rows:
        line = lines[row.number - 1]
        for column, reasons in row.field_specific_errors.items():
            problems += [Problem(line, column, str(each)) for each in reasons]
        problems += [Problem(line, "", str(each)) for each in row.non_field_specific_errors]
    if problems:
        return Report(tuple(sorted(problems, key=lambda each: each.line)), (), 0)
    changes = [
        Change(line, str(row.instance), row.is_new(), tuple(row.cells), row.instance)
        for line, row in zip(lines, result.rows, strict=True)
        if row.import_type != RowResult.IMPORT_TYPE_SKIP
    ]
    return Report((), tuple(changes), len(result.rows) - len(changes))


def reason(error: Exception) -> str:
    found = sentence_of(error) if isinstance(error, DatabaseError) else None
    return found or str(error)
