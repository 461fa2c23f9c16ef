"""Rooms, payers, credentials, closures, and the hours of a level."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter, RelatedDropdownFilter

from programs.admin.attention import CredentialAttention
from programs.admin.base import KeptRows
from programs.models import Closure, Credential, LevelHours, Payer, Room


class RoomChoice(forms.ModelChoiceField):
    def label_from_instance(self, room: Any) -> str:
        return f"{room.location}: {room.name}"  # every place has its "Room 1"


class RoomsByPlace:
    """A form over cohorts, in which rooms are chosen by their place."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "room":
            kwargs |= {"form_class": RoomChoice, "queryset": Room.objects.select_related("location")}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


@admin.register(Room)
class RoomAdmin(KeptRows):
    list_display = ["name", "location"]
    list_filter = [("location", RelatedDropdownFilter)]
    list_filter_submit = True
    search_fields = ["name", "location__name"]


@admin.register(Payer)
class PayerAdmin(KeptRows):
    list_display = ["name", "is_active"]
    list_filter = ["is_active"]
    list_filter_submit = True
    search_fields = ["name"]


@admin.register(LevelHours)
class LevelHoursAdmin(KeptRows):
    list_display = ["level", "least_minutes", "most_minutes"]


class Removable(KeptRows):
    """Nothing refers to these rows: one that was entered by mistake is taken out, and the history says so."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Credential)
class CredentialAdmin(Removable):
    list_display = ["user", "kind", "number", "state", "expires_on"]
    list_filter = [("kind", ChoicesDropdownFilter), ("expires_on", RangeDateFilter), CredentialAttention]
    list_filter_submit = True
    search_fields = ["user__name", "number"]
    autocomplete_fields = ["user"]


@admin.register(Closure)
class ClosureAdmin(Removable):
    list_display = ["name", "location", "starts_on", "ends_on"]
    list_filter = [("location", RelatedDropdownFilter), ("starts_on", RangeDateFilter)]
    list_filter_submit = True
    search_fields = ["name"]
