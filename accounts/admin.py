"""People who work here, their roles, and the places of the clinic."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import Location, RoleAssignment, User

# Roles are ours (accounts.models.Role); groups would be a second way to give rights.
admin.site.unregister(Group)


class RoleInline(TabularInline):
    model = RoleAssignment
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [RoleInline]
    list_display = ["name", "email", "is_active", "is_staff"]
    list_filter = ["role_assignments__role", "is_active"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal: ClassVar[list[str]] = []
    fieldsets = [
        (None, {"fields": ["name", "email", "password"]}),
        ("Access", {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["name", "email", "password1", "password2"]})]
    readonly_fields: ClassVar[list[str]] = []

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False  # signatures and decisions point here: a person who leaves is made inactive


@admin.register(Location)
class LocationAdmin(ModelAdmin):
    list_display = ["name", "city", "state", "zone"]
    filter_horizontal = ["staff"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
