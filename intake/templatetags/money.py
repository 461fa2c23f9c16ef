"""Amounts as pages print them."""

from __future__ import annotations

from decimal import Decimal

from django import template

from intake.papers import in_dollars

register = template.Library()


@register.filter
def dollars(amount: Decimal | int) -> str:
    """ "$1,500.00"."""
    return in_dollars(Decimal(amount))
