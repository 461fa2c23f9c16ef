"""What the clinic can do with a recommendation; deeds over the rules themselves stand in `programs.actions.rules`."""

from programs.actions.recommending import (
    Chosen,
    DecisionRefused,
    NoRules,
    RulesFailed,
    RulesTooSlow,
    clear_gate,
    content_hash,
    decide,
    queue,
    recommend,
)

__all__ = [
    "Chosen",
    "DecisionRefused",
    "NoRules",
    "RulesFailed",
    "RulesTooSlow",
    "clear_gate",
    "content_hash",
    "decide",
    "queue",
    "recommend",
]
