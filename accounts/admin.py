"""People who work here, their roles, and the places of the clinic."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import STAFF_ROLES, Location, Role, RoleAssignment, User

# Roles are ours (accounts.models.Role); groups would be a second way to give rights, allauth's
# addresses a second place for the email that people sign in with.
admin.site.unregister([Group, EmailAddress])
WORKING_ROLES = STAFF_ROLES | {Role.ADMIN}
WORK_HERE = {"staff", "facilitator", "co_facilitators", "user"}  # fields elsewhere that name a person who works here


class ChosenWords:
    """A form in which several words of a known list are ticked."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField) and db_field.base_field.choices:
            return forms.MultipleChoiceField(
                choices=db_field.base_field.choices,
                required=not db_field.blank,
                label=capfirst(db_field.verbose_name),
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class RoleInline(TabularInline):
    model = RoleAssignment
    extra = 0
    hide_title = True
    verbose_name = "role"
    verbose_name_plural = "roles"


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [RoleInline]
    list_display = ["name", "email", "roles", "is_active"]
    list_filter = ["role_assignments__role", "is_active"]
    list_filter_submit = True
    search_fields = ["name", "email"]
    ordering = ["name"]
    filter_horizontal: ClassVar[list[str]] = []
    fieldsets = [
        (None, {"fields": ["name", "email", "password"]}),
        ("Access", {"fields": ["is_active"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["name", "email", "password1", "password2"]})]
    readonly_fields: ClassVar[list[str]] = []

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False  # signatures and decisions point here: a person who leaves is made inactive

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Who works here. That somebody is cared for here is not the administrator's to know (ROBUSTNESS 1.1)."""
        works = Q(role_assignments__role__in=WORKING_ROLES) | Q(role_assignments__isnull=True)
        return super().get_queryset(request).filter(works).distinct().prefetch_related("role_assignments")

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        return ", ".join(str(role.label) for role in user.held_roles())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Django's own two marks follow the role: with one and without the other, the admin could not be opened."""
        super().save_related(request, form, formsets, change)
        administers = form.instance.role_assignments.filter(role=Role.ADMIN).exists()
        User.objects.filter(pk=form.instance.pk).update(is_staff=administers, is_superuser=administers)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Where somebody who works here is looked for, the people who are cared for are not suggested."""
        found, _may_repeat = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") in WORK_HERE:
            found = found.filter(role_assignments__role__in=STAFF_ROLES, is_active=True)
        return found, True


@admin.register(Location)
class LocationAdmin(ChosenWords, ModelAdmin):
    list_display = ["name", "city", "state", "zone"]
    search_fields = ["name", "city"]
    autocomplete_fields = ["staff"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
