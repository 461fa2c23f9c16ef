"""The filter behind the cards of the first page, and the cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from programs import attention
from programs.attention import Attention


class AttentionFilter(DropdownFilter):
    """What the cards of the first page count."""

    title = "needs attention"
    parameter_name = "attention"
    kinds: Mapping[str, Attention] = {}

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(name, each.title) for name, each in self.kinds.items()]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if chosen := self.kinds.get(self.value() or ""):
            return rows.filter(pk__in=chosen.rows(timezone.now()).values("pk"))
        return rows


class CohortAttention(AttentionFilter):
    kinds = attention.COHORTS


class ProgramAttention(AttentionFilter):
    kinds = attention.PROGRAMS


class CredentialAttention(AttentionFilter):
    kinds = attention.CREDENTIALS


CARDS = [
    ("programs_cohort", attention.COHORTS),
    ("programs_program", attention.PROGRAMS),
    ("programs_credential", attention.CREDENTIALS),
]


def cards(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """How many rows of each kind need attention; a card is a link to them."""
    now = timezone.now()
    context["cards"] = [
        {
            "title": each.title,
            "count": each.rows(now).count(),
            "url": f"{reverse(f'admin:{model}_changelist')}?attention={name}",
        }
        for model, kinds in CARDS
        for name, each in kinds.items()
    ]
    return context
