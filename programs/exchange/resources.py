"""Programs and cohorts as rows of a table: found by their names, written as drafts, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from import_export import fields, resources
from import_export.results import RowResult
from tablib import Dataset

from accounts.models import Location
from intake.models import Language
from programs.exchange import cells
from programs.exchange.report import Report, report_of
from programs.models import (
    Block,
    Cohort,
    EntryDate,
    Format,
    Level,
    Modality,
    PaymentOption,
    Program,
    PublicState,
    Track,
)
from programs.refusals import sentence_of


def column(name: str, cell: cells.Cell | None = None) -> fields.Field:
    return fields.Field(column_name=name, attribute=name, widget=cell or cells.Cell())


class CatalogResource(resources.ModelResource):
    """
    A row is found by `keys`; a column that the file lacks is left as it is.

    What is in review, published or retired is not changed by a file: a second person would not have read it.
    """

    keys: ClassVar[Sequence[str]] = ()
    # Columns that stand for rows beside the row: how their cell is read.
    beside: ClassVar[Mapping[str, Callable[[str], list[Any]]]] = {}
    rows_beside: ClassVar[Sequence[str]] = ()

    def columns(self) -> list[str]:
        return [field.column_name for field in self.get_export_fields()]

    def table(self, rows: QuerySet[Any]) -> list[list[str]]:
        return [list(self.cells_of(row).values()) for row in rows]

    def cells_of(self, row: Any) -> dict[str, str]:
        return {field.column_name: self.export_field(field, row) for field in self.get_export_fields()}

    def bring_in(self, table: Dataset, *, dry_run: bool) -> Report:
        """Write every row, or none when one has a problem; a dry run writes none."""
        self.known: dict[tuple[str, ...], int] = {}
        self.lines: list[int] = table.lines
        result = self.import_data(
            table,
            dry_run=dry_run,
            use_transactions=True,
            rollback_on_validation_errors=True,
            retain_instance_in_row_result=True,
        )
        return report_of(result, table.lines)

    # ---- one row

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        line = self.lines[kwargs["row_number"] - 1]
        key = tuple(row[name].strip() for name in self.keys)
        if key in self.known:
            raise ValidationError(f"The same row stands on line {self.known[key]}. Take one of them out.")
        self.known[key] = line

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        self.before = {} if new else self.cells_of(instance)

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Read every cell, so that all that is wrong with a row is said at once."""
        wrong: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as errors:
            wrong = dict(errors.error_dict)
        self.wanted: dict[str, list[Any]] = {}
        for name, read in self.beside.items():
            if name in row:
                try:
                    self.wanted[name] = read(row[name] or "")
                except ValueError as error:
                    wrong[name] = ValidationError(str(error))
        self.fill(instance)
        if wrong:
            raise ValidationError(wrong)

    def fill(self, instance: Any) -> None:
        """What follows from other cells."""

    def save_instance(self, instance: Any, is_new: bool, row: Any, **kwargs: Any) -> None:
        try:
            with transaction.atomic():
                super().save_instance(instance, is_new, row, **kwargs)
                self.save_beside(instance)
                connection.check_constraints()
        except DatabaseError as error:
            if sentence := sentence_of(error):
                raise ValidationError(sentence) from error
            raise

    def save_beside(self, instance: Any) -> None:
        raise NotImplementedError

    def after_import_row(self, row: Any, row_result: RowResult, **kwargs: Any) -> None:
        fresh = type(row_result.instance)._default_manager.get(pk=row_result.instance.pk)
        now = self.cells_of(fresh)
        row_result.cells = [(name, self.before.get(name, ""), cell) for name, cell in now.items()]
        if row_result.is_new():
            row_result.cells = [each for each in row_result.cells if each[2]]
            return
        row_result.cells = [each for each in row_result.cells if each[1] != each[2]]
        if not row_result.cells:
            row_result.import_type = RowResult.IMPORT_TYPE_SKIP
        elif fresh.state != PublicState.DRAFT:
            changed = ", ".join(name for name, _before, _now in row_result.cells)
            raise ValidationError(
                f"It is {fresh.get_state_display().lower()}, and the file changes {changed}. Take it back to draft first."
            )


class ProgramResource(CatalogResource):
    keys = ("slug",)
    beside: ClassVar = {"accreditations": cells.read_accreditations}
    rows_beside = ("accreditations",)

    slug = column("slug")
    track = column("track", cells.Named(Track, "code", "track"))
    name = column("name")
    neutral_name = column("neutral_name")
    sentence = column("sentence")
    week = column("week")
    level = column("level", cells.OneOf(Level.values))
    format = column("format", cells.OneOf(Format.values))
    weeks = column("weeks", cells.Whole())
    days_per_week = column("days_per_week", cells.Whole())
    session_minutes = column("session_minutes", cells.Whole())
    modalities = column("modalities", cells.SomeOf(Modality.values))
    evidence_note = column("evidence_note")
    age_least = column("age_least", cells.Whole())
    age_most = column("age_most", cells.Whole())
    languages = column("languages", cells.SomeOf(Language.values))
    telehealth = column("telehealth", cells.YesNo())
    states_licensed = column("states_licensed", cells.SomeOf())
    accreditations = fields.Field(column_name="accreditations", readonly=True)

    class Meta:
        model = Program
        fields = (
            *("slug", "track", "name", "neutral_name", "sentence", "week", "level", "format", "weeks"),
            *("days_per_week", "session_minutes", "modalities", "evidence_note", "age_least", "age_most"),
            *("languages", "telehealth", "states_licensed", "accreditations"),
        )
        export_order = import_order = fields
        import_id_fields = ("slug",)
        clean_model_instances = True
        skip_diff = True

    def dehydrate_accreditations(self, program: Program) -> str:
        return "\n".join(cells.accreditation_cell(each) for each in program.accreditations.all())

    def save_beside(self, instance: Program) -> None:
        if "accreditations" not in self.wanted:
            return
        kept = {(each.body, each.number): each for each in instance.accreditations.all()}
        for each in self.wanted["accreditations"]:
            row = kept.pop((each.body, each.number), each)
            row.program, row.expires_on = instance, each.expires_on
            row.save()
        for row in kept.values():
            row.delete()


class CohortResource(CatalogResource):
    keys = ("program", "name")
    beside: ClassVar = {
        "co_facilitators": cells.read_leaders,
        "entry_dates": cells.read_days,
        "payers": cells.read_payers,
        "blocks": cells.read_blocks,
    }
    rows_beside = (*beside, "room")

    program = column("program", cells.Named(Program, "slug", "program"))
    name = column("name")
    location = column("location", cells.Named(Location, "name", "location"))
    room = column("room", cells.RoomThere())
    delivery = column("delivery", cells.OneOf(Cohort.Delivery.values))
    language = column("language", cells.OneOf(Language.values))
    facilitator = column("facilitator", cells.Leader())
    co_facilitators = fields.Field(column_name="co_facilitators", readonly=True)
    seats_least = column("seats_least", cells.Whole())
    seats = column("seats", cells.Whole())
    entry = column("entry", cells.OneOf(Cohort.Entry.values))
    starts_on = column("starts_on", cells.Day())
    ends_on = column("ends_on", cells.Day())
    last_entry_on = column("last_entry_on", cells.Day())
    entry_dates = fields.Field(column_name="entry_dates", readonly=True)
    payers = fields.Field(column_name="payers", readonly=True)
    payment_options = column("payment_options", cells.SomeOf(PaymentOption.values))
    blocks = fields.Field(column_name="blocks", readonly=True)

    class Meta:
        model = Cohort
        fields = (
            *("program", "name", "location", "room", "delivery", "language", "facilitator", "co_facilitators"),
            *("seats_least", "seats", "entry", "starts_on", "ends_on", "last_entry_on", "entry_dates", "payers"),
            *("payment_options", "blocks"),
        )
        export_order = import_order = fields
        import_id_fields = ("program", "name")
        clean_model_instances = True
        skip_diff = True

    def dehydrate_co_facilitators(self, cohort: Cohort) -> str:
        return ", ".join(sorted(user.email for user in cohort.co_facilitators.all()))

    def dehydrate_entry_dates(self, cohort: Cohort) -> str:
        return ", ".join(f"{each.on:%Y-%m-%d}" for each in cohort.entry_dates.all())

    def dehydrate_payers(self, cohort: Cohort) -> str:
        return "\n".join(sorted(payer.name for payer in cohort.payers.all()))

    def dehydrate_blocks(self, cohort: Cohort) -> str:
        return "\n".join(cells.block_cell(each) for each in cohort.blocks.all())

    def fill(self, instance: Cohort) -> None:
        if instance.starts_on and instance.ends_on and instance.last_entry_on is None:
            instance.last_entry_on = Cohort.last_entry(instance.entry, None, instance.starts_on, instance.ends_on)

    def save_beside(self, instance: Cohort) -> None:
        if "co_facilitators" in self.wanted:
            instance.co_facilitators.set(self.wanted["co_facilitators"])
        if "payers" in self.wanted:
            instance.payers.set(self.wanted["payers"])
        if "entry_dates" in self.wanted:
            instance.entry_dates.exclude(on__in=self.wanted["entry_dates"]).delete()
            days = [EntryDate(cohort=instance, on=day) for day in self.wanted["entry_dates"]]
            EntryDate.objects.bulk_create(days, ignore_conflicts=True)
        if "blocks" in self.wanted:
            save_blocks(instance, self.wanted["blocks"])


def save_blocks(cohort: Cohort, wanted: list[Block]) -> None:
    """A meeting that stays at its time stays the row that its sessions come from."""
    kept = {(row.weekday, row.starts): row for row in cohort.blocks.all()}
    for each in wanted:
        row = kept.pop((each.weekday, each.starts), each)
        row.cohort, row.minutes, row.kind, row.title = cohort, each.minutes, each.kind, each.title
        row.save()
    for row in kept.values():
        row.delete()
