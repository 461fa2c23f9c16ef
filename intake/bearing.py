"""
Which answers bear on which rating: what a clinician looks at again before rating an area.

Pure data. A name with a dot is a raw fact, shown by the question that asks for it; any other is a questionnaire,
shown by its score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BEARING: Final[Mapping[str, tuple[str, ...]]] = {
    "d1": (
        "safety",
        "emergency.signs",
        "risk.threat_to_others",
        "self_harm.episodes_3m",
        "self_harm.serious_8w",
        "safety_plan.workable",
        "behavior.predatory_or_violent",
    ),
    "d2": (
        "ciwa",
        "cows",
        "withdrawal.risk_history",
        "withdrawal.heavy_alcohol_sedative_7d",
        "withdrawal.opioid_daily_7d",
        "substance.acute_intoxication",
    ),
    "d3": ("medical.vital_sign_danger", "eating.medical_danger", "medical.arousal_risk", "person.pregnant"),
    "d4": (
        "phq9",
        "gad7",
        "pcl5",
        "mania.now",
        "psychosis.acute",
        "psychosis.command_hallucinations",
        "cognition.severe_impairment",
        "cognition.mild_need",
    ),
    "d5": (
        "audit_c",
        "audit",
        "drug_single_item",
        "bam",
        "substance.sud_severity",
        "substance.use_30d",
        "substance.remission",
        "substance.overdose_30d",
        "substance.lost_control",
    ),
    "d6": ("bipf", "depression.withdrawal_self_neglect", "functioning.loss_tied_to"),
    "d7": (
        "home",
        "environment.safe_tonight",
        "environment.safe_place_recorded",
        "ipv.fear_disclosed",
        "ipv.protective_order",
        "family.relative_unsafe",
    ),
    "d8": (
        "engagement.can_attend_min_hours",
        "engagement.barrier_plan",
        "group.refuses",
        "context.legal_mandate",
        "preference.format",
    ),
    "d9": ("history.outpatient_insufficient_for", "substance.remission", "crisis.contacts_12m"),
}
