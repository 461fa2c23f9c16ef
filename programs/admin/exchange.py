"""Export and import on the lists of the admin: a dry run with what would change, then all rows or none."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from import_export.admin import ImportExportModelAdmin
from tablib import Dataset
from unfold.widgets import UnfoldAdminFileFieldWidget

from programs.exchange import CatalogResource, FileRefused, Report, read_table, write_table

KEPT_SECONDS = 60 * 60
CACHED = "catalog-import"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, up to 2 MB and 5,000 rows. Nothing is written before you have seen what would change.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty. Choose another."},
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
    )


class Exchanged(ImportExportModelAdmin):
    """A list that can be exported as CSV and imported from it."""

    resource_classes: list[type[CatalogResource]] = []

    def resource(self) -> CatalogResource:
        return self.resource_classes[0]()

    # ---- out

    def export_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the list shows, as a file."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        resource = self.resource()
        rows = self.get_export_queryset(request).prefetch_related(*resource.rows_beside)
        data = write_table(resource.columns(), resource.table(rows))
        name = f"{self.opts.verbose_name_plural}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)

    # ---- in

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Choose a file; then what it would change, or what is wrong with it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if not form.is_valid():
            return self.page(request, form)
        data = form.cleaned_data["file"].read()
        try:
            report = self.resource().bring_in(self.read(data), dry_run=True)
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
            return self.page(request, form)
        key = ""
        if not report.problems and report.changes:
            key = uuid4().hex
            cache.set(f"{CACHED}-{request.user.pk}-{key}", data, KEPT_SECONDS)
        return self.page(request, UploadForm(), report, key)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write what was seen; when rows have changed meanwhile so that one does not fit any more, none."""
        if not self.has_import_permission(request) or request.method != "POST":
            raise PermissionDenied
        place = f"{CACHED}-{request.user.pk}-{request.POST.get('key', '')}"
        data = cache.get(place)
        if data is None:
            messages.error(
                request, "The file is no longer here: it was imported, or an hour has passed. Choose it again."
            )
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import"))
        report = self.resource().bring_in(self.read(data), dry_run=False)
        if report.problems:
            return self.page(request, UploadForm(), report)
        cache.delete(place)
        self.write_history(request, report)
        messages.success(request, f"{report.new} added, {report.changed} changed, {report.same} as they were.")
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def read(self, data: bytes) -> Dataset:
        resource = self.resource()
        return read_table(data, resource.columns(), resource.keys)

    def write_history(self, request: HttpRequest, report: Report) -> None:
        for change in report.changes:
            if change.is_new:
                self.log_addition(request, change.row, "Imported from a file.")
            else:
                said = " ".join(
                    f"{name}: {old or 'nothing'}, now {new or 'nothing'}." for name, old, new in change.cells
                )
                self.log_change(request, change.row, f"Imported from a file. {said}")

    def page(self, request: HttpRequest, form: UploadForm, report: Report | None = None, key: str = "") -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import {self.opts.verbose_name_plural}",
            "form": form,
            "report": report,
            "key": key,
            "columns": self.resource().columns(),
            "confirm": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_process_import"),
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        return render(request, "admin/programs/import.html", context)
