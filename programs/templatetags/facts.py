"""How codes of the rules are printed."""

from django import template

from programs import words

register = template.Library()


@register.filter
def fact_label(fact: str) -> str:
    """`{{ "phq9.items"|fact_label }}` is "PHQ-9 answers"."""
    return words.label(fact)


@register.filter(name="words")
def code_words(code: str) -> str:
    """A code with its underscores as spaces."""
    return str(code).replace("_", " ")


@register.filter
def gate_title(gate: str) -> str:
    """What a gate guards: `{{ "G3"|gate_title }}` is "Withdrawal"."""
    return words.GATES[gate]
