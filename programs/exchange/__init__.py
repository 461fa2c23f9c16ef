"""Programs and cohorts as CSV, out and in again."""

from programs.exchange.report import Change, Problem, Report
from programs.exchange.resources import CatalogResource, CohortResource, ProgramResource
from programs.exchange.table import FileRefused, read_table, write_table

__all__ = [
    "CatalogResource",
    "Change",
    "CohortResource",
    "FileRefused",
    "Problem",
    "ProgramResource",
    "Report",
    "read_table",
    "write_table",
]
