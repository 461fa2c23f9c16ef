"""Programs and cohorts out as CSV and in again: a dry run first, all or nothing, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import date, time

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given as all_of
from hypothesis import strategies as st

from accounts.models import Role
from programs.exchange import read_table, write_table
from programs.models import Accreditation, Block, Cohort, Program
from tests import make
from tests.programs.test_admin import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(spring) -> Cohort:
    return spring


def export(desk, model=Cohort) -> bytes:
    answer = desk.get(url(model, "export"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return answer.content


def upload(desk, data: bytes, model=Cohort):
    return desk.post(url(model, "import"), {"file": SimpleUploadedFile("catalog.csv", data, "text/csv")})


def confirm(desk, page, model=Cohort):
    return desk.post(url(model, "process_import"), {"key": page.context["key"]}, follow=True)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def file_of(*rows: dict[str, str], lines: str = "\r\n") -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator=lines)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def autumn(**over: str) -> dict[str, str]:
    """A new cohort of the program "evenings" at Mill Street."""
    return {
        "program": "evenings", "name": "Autumn", "location": "Mill Street", "room": "Room 1", "delivery": "on_site",
        "language": "en", "facilitator": "dana@example.test", "co_facilitators": "", "seats_least": "4", "seats": "8",
        "entry": "closed", "starts_on": "2027-03-01", "ends_on": "2027-05-10", "last_entry_on": "", "entry_dates": "",
        "payers": "Prairie", "payment_options": "plan",
        "blocks": "Monday 17:30 90 group Skills group\nMonday 19:00 90 group Open group", **over,
    }  # fmt: skip


def problems(page) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.reason) for each in page.context["report"].problems]


# ---- out


def test_a_cohort_is_exported_with_all_that_it_says(desk, cohort):
    assert rows_of(export(desk)) == [
        {
            "program": "evenings", "name": "Spring", "location": "Mill Street", "room": "Room 1",
            "delivery": "on_site", "language": "en", "facilitator": "dana@example.test",
            "co_facilitators": "joel@example.test", "seats_least": "4", "seats": "10", "entry": "semi_open",
            "starts_on": "2026-03-02", "ends_on": "2026-05-11", "last_entry_on": "2026-05-10",
            "entry_dates": "2026-03-30", "payers": "Lakeshore, Mutual\nPrairie", "payment_options": "plan, assistance",
            "blocks": "Tuesday 17:30 90 group Skills group\nThursday 09:00 90 group Skills group",
        }
    ]  # fmt: skip


def test_what_the_list_shows_is_exported(desk, cohort):
    make.cohort(name="Elsewhere")

    found = rows_of(desk.get(url(Cohort, "export") + "?q=Spring").content)

    assert [row["name"] for row in found] == ["Spring"]


@pytest.mark.parametrize("rows", [1, 3])
def test_an_export_costs_the_same_queries(desk, django_assert_num_queries, rows):
    for _ in range(rows):
        make.cohort()

    with django_assert_num_queries(11):
        export(desk)


def test_nothing_in_an_export_is_run_by_a_spreadsheet(desk, evenings):
    signs = ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t1", "\r1", "＝1", "'=1", "\u00a0=1"]
    evenings.evidence_note, evenings.week = "\n".join(signs), signs[0]
    evenings.save()
    for number, sign in enumerate(signs):
        make.program(slug=f"p{number}", week=sign)

    found = {row["slug"]: row["week"] for row in rows_of(export(desk, Program))}

    assert [found[f"p{number}"] for number in range(len(signs))] == [f"'{sign}" for sign in signs]


# ---- export, import, export


def test_what_was_exported_is_imported_without_a_change(desk, cohort):
    before = export(desk)

    page = upload(desk, before)

    assert page.context["report"].problems == ()
    assert (page.context["report"].changes, page.context["report"].same) == ((), 1)
    assert "There is nothing to import." in page.text


def test_export_import_export_is_the_same_to_the_byte(desk, cohort):
    Accreditation.objects.create(program=cohort.program, body="carf", number="C 1", expires_on=date(2027, 1, 1))
    Program.objects.filter(pk=cohort.program_id).update(
        state="draft", week="=HYPERLINK()\r\nsecond line", evidence_note="'+1, \"quoted\"", languages=["en", "es"],
        telehealth=True, states_licensed=["IL", "WI"], modalities=["cbt", "emdr"], age_most=65,
    )  # fmt: skip
    files = {model: export(desk, model) for model in (Program, Cohort)}
    Cohort.objects.all().delete()
    Program.objects.all().delete()

    for model, data in files.items():
        page = upload(desk, data, model)
        assert page.context["report"].problems == ()
        confirm(desk, page, model)

    assert {model: export(desk, model) for model in files} == files


@all_of(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), min_size=1))
def test_any_cell_comes_back_as_it_was(cells):
    headers = [f"c{number}" for number in range(len(cells))]
    if not any(cell.strip() for cell in cells) or len(cells) > 60:
        return

    found = read_table(write_table(headers, [cells]), headers, [])

    assert list(found[0]) == cells


# ---- in


def test_a_dry_run_shows_what_would_change_and_writes_nothing(desk, cohort):
    row = rows_of(export(desk))[0] | {"seats": "12", "blocks": "Tuesday 18:00 90 group Skills group"}

    page = upload(desk, file_of(row, autumn()))

    changed, new = page.context["report"].changes
    assert changed.cells == (
        ("seats", "10", "12"),
        (
            "blocks",
            "Tuesday 17:30 90 group Skills group\nThursday 09:00 90 group Skills group",
            "Tuesday 18:00 90 group Skills group",
        ),
    )
    assert (new.name, new.is_new) == ("Evenings: Autumn", True)
    assert ("name", "", "Autumn") in new.cells
    cohort.refresh_from_db()
    assert (cohort.seats, cohort.blocks.count(), Cohort.objects.count()) == (10, 2, 1)


def test_what_is_confirmed_is_written_as_drafts_and_stands_in_the_history(desk, cohort):
    row = rows_of(export(desk))[0] | {"seats": "12"}

    page = confirm(desk, upload(desk, file_of(row, autumn())))

    assert [str(message) for message in page.context["messages"]] == ["1 added, 1 changed, 0 as they were."]
    made = Cohort.objects.get(name="Autumn")
    assert (made.state, made.last_entry_on, made.facilitator.email) == ("draft", date(2027, 3, 14), "dana@example.test")
    assert [(each.weekday, each.starts, each.title) for each in made.blocks.all()] == [
        (0, time(17, 30), "Skills group"),
        (0, time(19), "Open group"),
    ]
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert said == ["Imported from a file. seats: 10, now 12.", "Imported from a file."]


def test_a_meeting_that_stays_is_the_same_row(desk, cohort):
    stays = cohort.blocks.get(weekday=1)
    row = rows_of(export(desk))[0] | {"blocks": "Tuesday 17:30 60 group Skills group"}

    confirm(desk, upload(desk, file_of(row)))

    assert [(each.pk, each.minutes) for each in Block.objects.all()] == [(stays.pk, 60)]


def test_columns_that_the_file_lacks_stay_as_they_are(desk, cohort):
    confirm(desk, upload(desk, file_of({"program": "evenings", "name": "Spring", "seats": "9"})))

    cohort.refresh_from_db()
    assert (cohort.seats, cohort.payers.count(), cohort.blocks.count()) == (9, 2, 2)


def test_with_one_wrong_row_nothing_is_written(desk, cohort):
    page = upload(desk, file_of(autumn(), autumn(name="Winter", seats="many")))

    assert problems(page) == [(4, "seats", "“many” is not a whole number.")]
    assert "key" not in page.context or page.context["key"] == ""
    assert "Nothing was imported." in page.text
    assert Cohort.objects.count() == 1


@pytest.mark.parametrize(
    ("over", "column", "reason"),
    [
        ({"program": "nothing"}, "", "There is no program “nothing”. Add it first, or correct the cell."),
        ({"location": "Moon"}, "location", "There is no location “Moon”. Add it first, or correct the cell."),
        ({"room": "Room 9"}, "room", "There is no room “Room 9” at “Mill Street”. Name the location in the same row."),
        ({"room": ""}, "", "Choose a room for a cohort on site, and none for one online."),
        ({"facilitator": "rosa@example.test"}, "facilitator", "“rosa@example.test” is nobody who works here."),
        ({"co_facilitators": "x@y.test"}, "co_facilitators", "“x@y.test” is nobody who works here."),
        ({"delivery": "by_post"}, "delivery", "“by_post” is none of: on_site, online."),
        ({"starts_on": "03/01/2027"}, "starts_on", "“03/01/2027” is not a day. Write it as 2027-03-01."),
        ({"starts_on": ""}, "starts_on", "This field cannot be null."),
        ({"ends_on": "2027-03-01"}, "", "The end must be after the start."),
        ({"seats": "41"}, "seats", "Ensure this value is less than or equal to 40."),
        ({"payers": "Nobody Inc"}, "payers", "There is no payer “Nobody Inc”. Add it first, or correct the cell."),
        ({"payment_options": "plan, barter"}, "payment_options", "“barter” is none of: plan, sliding_scale, assistance."),
        (
            {"entry": "semi_open", "entry_dates": "2027-05-10"},
            "",
            "May 10, 2027 is not in the run. Choose entry dates from its first day to its last.",
        ),
        (
            {"blocks": "Monday half past five"},
            "blocks",
            "“Monday half past five” is not a weekly meeting. Write it as: Monday 17:30 90 group Skills group",
        ),
        ({"blocks": "Lundi 17:30 90 group A"}, "blocks", "“Lundi” is not a day of the week."),
        ({"blocks": "Monday 25:30 90 group A"}, "blocks", "“25:30” is not a time. Write it as 17:30."),
        ({"blocks": "Monday 17:30 9 group A"}, "blocks", "“Monday 17:30 9 group A”: a meeting lasts 15 to 480 minutes."),
        (
            {"blocks": "Monday 17:30 90 group A\nMonday 18:00 90 group B"},
            "blocks",
            "The meetings Monday 17:30 and Monday 18:00 overlap.",
        ),
    ],
)  # fmt: skip
def test_each_wrong_cell_is_named_by_line_column_and_reason(desk, cohort, over, column, reason):
    make.user(Role.PATIENT, email="rosa@example.test")

    page = upload(desk, file_of(autumn(**over)))

    assert (2, column, reason) in problems(page)
    assert Cohort.objects.count() == 1


def test_the_line_is_that_of_the_file_whatever_cells_go_over_several_lines(desk, cohort):
    page = upload(desk, file_of(autumn(), autumn(name="Winter"), autumn(name="Winter", seats="1")))

    assert [(line, reason) for line, _column, reason in problems(page)] == [
        (6, "The same row stands on line 4. Take one of them out.")
    ]


@pytest.mark.parametrize("state", ["in_review", "published", "retired"])
def test_a_file_changes_drafts_only(desk, cohort, state):
    make.cohort(program=cohort.program, name="Public", state=state, seats=8)
    row = {"program": "evenings", "name": "Public", "seats": "9"}

    page = upload(desk, file_of(row))

    [(line, _column, reason)] = problems(page)
    assert line == 2
    assert "draft" in reason
    assert upload(desk, file_of(row | {"seats": "8"})).context["report"].problems == ()


def test_what_no_longer_fits_when_it_is_confirmed_is_refused_whole(desk, cohort):
    row = rows_of(export(desk))[0] | {"seats": "12"}
    page = upload(desk, file_of(autumn(), row))
    Cohort.objects.filter(pk=cohort.pk).update(state="in_review")

    answer = confirm(desk, page)

    assert len(problems(answer)) == 1
    assert not Cohort.objects.filter(name="Autumn").exists()


def test_a_file_is_imported_once_and_by_whoever_saw_it(desk, cohort, signed_in):
    other = signed_in(make.user(Role.ADMIN, is_staff=True, is_superuser=True))
    page = upload(desk, file_of(autumn()))

    for who, made in ((other, 0), (desk, 1), (desk, 1)):
        answer = confirm(who, page)
        assert Cohort.objects.filter(name="Autumn").count() == made

    assert "The file is no longer here" in answer.text


def test_new_programs_come_with_what_they_say(desk):
    make.program()
    row = {
        "slug": "nights", "track": "depression", "name": "Nights", "neutral_name": "Night program",
        "sentence": "Two nights.", "level": "iop", "format": "group", "weeks": "8", "telehealth": "yes",
        "modalities": "cbt, emdr", "states_licensed": "IL, WI", "languages": "es", "age_most": "",
        "accreditations": "carf C 12 2027-12-31",
    }  # fmt: skip

    confirm(desk, upload(desk, file_of(row), Program), Program)

    made = Program.objects.get(slug="nights")
    assert (made.state, made.telehealth, made.states_licensed) == ("draft", True, ["IL", "WI"])
    assert (made.modalities, made.languages, made.age_most) == (["cbt", "emdr"], ["es"], None)
    assert [(each.body, each.number) for each in made.accreditations.all()] == [("carf", "C 12")]
    assert problems(upload(desk, file_of(row | {"slug": "late", "telehealth": "si"}), Program)) == [
        (2, "telehealth", "“si” is neither yes nor no."),
        (2, "name", "Program with this Name already exists."),
    ]
