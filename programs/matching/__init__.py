"""From facts to an explained recommendation: pure Python, data and arrays."""

from .bulk import encode
from .columns import Batch
from .decisions import Decisions
from .document import RuleSetError
from .encoding import FactError
from .engine import Engine, default_engine
from .facts import Facts, check
from .ruleset import RuleSet, load_ruleset

__all__ = [
    "Batch", "Decisions", "Engine", "FactError", "Facts", "RuleSet", "RuleSetError", "check", "default_engine", "encode",
    "load_ruleset",
]  # fmt: skip
