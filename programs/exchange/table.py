"""
A table as a CSV file: UTF-8, every cell quoted, and no cell that a spreadsheet would run (SEC-27, SEC-28).

The apostrophe that makes a cell harmless is taken off on the way back, so that what was exported is
imported as it was.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from tablib import Dataset

LARGEST: Final = 2 * 1024 * 1024
ROWS, COLUMNS, CHARACTERS = 5000, 60, 5000
# Spaces of any script, NUL and apostrophes, then what starts a formula; or a tab or carriage return first.
RUNS: Final = re.compile(r"\A'*(?:[\s\0]*[=+\-@＝＋－＠]|[\t\r])")


class FileRefused(Exception):
    """The file cannot be read; the message is fit to show."""


def harmless(cell: str) -> str:
    return f"'{cell}" if RUNS.match(cell) else cell


def as_it_was(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and RUNS.match(cell) else cell


def write_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return stream.getvalue().encode()


def read_table(data: bytes, known: Sequence[str], needed: Sequence[str]) -> Dataset:
    """
    Read a file into a table; `lines` of the table has the line of the file on which each row begins.

    Raises:
        FileRefused: it is too large, no UTF-8, or its columns are not those that are known.
    """
    if len(data) > LARGEST:
        raise FileRefused("The file is larger than 2 MB. Split it and import the parts one after the other.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused("The file is not UTF-8. Save it as “CSV UTF-8” and choose it again.") from error
    rows = numbered(text)
    if not rows:
        raise FileRefused("The file is empty. Choose one with a row of column names and at least one row below it.")
    headers = [header.strip() for header in rows[0][1]]
    refuse_headers(headers, known, needed)
    found = Dataset(headers=headers)
    found.lines = []
    for line, row in rows[1:]:
        refuse_row(line, row, headers)
        found.append([as_it_was(cell) for cell in row])
        found.lines.append(line)
    if not found.lines:
        raise FileRefused("The file has column names and no row below them.")
    return found


def numbered(text: str) -> list[tuple[int, list[str]]]:
    """Each row with the line on which it begins: a cell may go over several lines. Empty lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found, begins = [], 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((begins, row))
            begins = reader.line_num + 1
            if len(found) > ROWS + 1:
                raise FileRefused(f"The file has more than {ROWS:,} rows. Split it and import the parts.")
    except csv.Error as error:
        raise FileRefused(f"Line {begins} is not CSV: a quotation mark does not end where its cell does.") from error
    return found


def refuse_headers(headers: Sequence[str], known: Sequence[str], needed: Sequence[str]) -> None:
    if len(headers) > COLUMNS:
        raise FileRefused(f"The file has more than {COLUMNS} columns.")
    twice = sorted({header for header in headers if headers.count(header) > 1})
    if twice:
        raise FileRefused(f"A column stands twice: {', '.join(twice)}.")
    strange = [header or "(empty)" for header in headers if header not in known]
    if strange:
        raise FileRefused(f"Columns that nobody knows here: {', '.join(strange)}. Known are: {', '.join(known)}.")
    missing = [header for header in needed if header not in headers]
    if missing:
        raise FileRefused(f"Columns are missing by which a row is found: {', '.join(missing)}.")


def refuse_row(line: int, row: Sequence[str], headers: Sequence[str]) -> None:
    if len(row) != len(headers):
        raise FileRefused(f"Line {line} has {len(row)} cells, and the first line names {len(headers)} columns.")
    if any(len(cell) > CHARACTERS for cell in row):
        raise FileRefused(f"Line {line} has a cell with more than {CHARACTERS:,} characters.")
