"""A score in one line: as it was signed, and as it is with corrections."""

from __future__ import annotations

from typing import Any

from intake.sections import SAFETY
from intake.sitting import Sitting


def score_row(sitting: Sitting, corrected: Sitting, code: str) -> dict[str, Any] | None:
    """The score that was signed, and beside it what it is with corrections."""
    row, after = score_line(sitting, code), score_line(corrected, code)
    if row and after and after["line"] != row["line"]:
        return row | {"corrected": after["line"], "is_grave": row["is_grave"] or after["is_grave"]}
    return row


def score_line(sitting: Sitting, code: str) -> dict[str, Any] | None:
    """ "PHQ-9: 17 of 27, moderately severe", with what the band means."""
    asked = sitting.questionnaire(code)
    found = sitting.score(code)
    if found is None or asked.scoring is None:
        return None
    band = asked.scoring.band(found["band"])
    total = f"{found['total']:g}" if found["total"] is not None else ""
    if total and asked.scoring.highest:
        total = f"{total} of {asked.scoring.highest}"
    words = [total, band.label.lower() if band and total else band.label if band else ""]
    cut_off = {"positive": "at or above its cut-off", "negative": "below its cut-off"}.get(found["cut_off"], "")
    if not band and cut_off:
        words.append(cut_off)
    missing = len(found["missing"])
    return {
        "title": asked.title,
        "line": ", ".join(word for word in words if word) or "No score yet",
        "text": band.text if band else "",
        "missing": missing,
        "is_prorated": found["is_prorated"],
        "is_grave": code == SAFETY and found["band"] in ("high", "incomplete"),
    }
