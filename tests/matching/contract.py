"""
The contract as the tests see it, and what counts as equal (SEMANTICS S94).

Its copies stand in tests/contract, but for the vignettes: those come with the product, and this is their one copy.
"""

import json
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parents[1] / "contract"
VIGNETTES = Path(__file__).parents[2] / "programs" / "matching" / "vignettes"
INFORMATIVE = {"inputs", "reasons", "ruleset_version"}
SETS = {
    "battery_missing", "second_stage_due", "triggers", "unknown", "blocks_recommendation", "blocks_enrollment",
    "conditions", "consider", "rows_fired", "rows_indeterminate", "blocking_gates", "conflicts", "validity_doubts",
    "needed_for", "cautions", "routing", "further_assessment_of", "alternatives",
}  # fmt: skip


def read(name: str) -> Any:
    folder = VIGNETTES.parent if name.startswith("vignettes/") else CONTRACT
    return json.loads((folder / name).read_text(encoding="utf-8"))


def bare(output: Any) -> Any:
    """The exact parts of an output document, as they are printed."""
    if isinstance(output, dict):
        return {key: bare(value) for key, value in output.items() if key not in INFORMATIVE}
    return [bare(entry) for entry in output] if isinstance(output, list) else output


def exact(output: Any, name: str = "") -> Any:
    """The exact parts of an output document, with the lists sorted whose order carries no meaning."""
    if isinstance(output, dict):
        return {key: exact(value, key) for key, value in output.items() if key not in INFORMATIVE}
    if isinstance(output, list):
        entries = [exact(entry) for entry in output]
        return sorted(entries, key=json.dumps) if name in SETS else entries
    return output
