"""Files that are no table of ours, or one at its limit; and who may bring one in."""

from __future__ import annotations

import pytest

from accounts.models import Role
from programs.exchange import CohortResource, FileRefused, ProgramResource, table
from programs.models import Cohort, Program
from tests import make
from tests.programs.test_admin import url
from tests.programs.test_exchange import autumn, file_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty. Choose one with a row of column names and at least one row below it."),
        (b"program,name\n", "The file has column names and no row below them."),
        (b"program,name,colour\na,b,c\n", "Columns that nobody knows here: colour."),
        (b"program,seats\na,1\n", "Columns are missing by which a row is found: name."),
        (b"program,name,name\na,b,c\n", "A column stands twice: name."),
        (b"program,name\na,b,c\n", "Line 2 has 3 cells, and the first line names 2 columns."),
        (b'program,name\na,"b\n', "Line 2 is not CSV"),
        ("program,name\nÄ,b\n".encode("latin-1"), "The file is not UTF-8."),
        (b"program,name\na," + b"b" * 5001, "Line 2 has a cell with more than 5,000 characters."),
        (b"program,name\n" + b"a,b\n" * 5001, "The file has more than 5,000 rows."),
        (b"program,name\n" + b"a," + b"b" * 2_100_000, "The file is larger than 2 MB."),
        (b"PK\x03\x04\xff\xfe\x00", "The file is not UTF-8."),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(desk, data, sentence):
    page = upload(desk, data)

    assert page.status_code == 200
    [error] = page.context["form"].errors["file"]
    assert error.startswith(sentence)


def test_a_mark_of_utf_8_and_other_line_ends_are_read(desk):
    page = upload(desk, b"\xef\xbb\xbf" + file_of(autumn(), lines="\n"))

    assert page.context["report"].new == 1


def test_a_file_within_its_limit_may_be_larger_than_a_form(desk):
    note = "a" * 4000
    make.program(slug="big")
    rows = [{"slug": "big", "evidence_note": note}] + [{"slug": f"s{n}", "evidence_note": note} for n in range(400)]

    page = upload(desk, file_of(*rows), Program)

    assert page.status_code == 200
    assert page.context["report"].problems  # read whole: the new ones lack their names


def test_only_administrators_bring_a_file_in(signed_in):
    other = signed_in(make.user(Role.COORDINATOR, is_staff=True, is_superuser=True))

    for page in ("export", "import", "process_import"):
        assert other.get(url(Cohort, page)).status_code == 404
        assert other.post(url(Cohort, page)).status_code == 404


def test_every_column_is_known_to_both_ways():
    for resource in (ProgramResource(), CohortResource()):
        assert len(set(resource.columns())) == len(resource.columns())
        assert set(resource.keys) <= set(resource.columns())
    with pytest.raises(FileRefused):
        table.refuse_headers(["a"] * 61, ["a"], [])
