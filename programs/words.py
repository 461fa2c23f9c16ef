"""
How facts, values and codes of the rules read to people.

A raw fact is called what its question is called; only what no single question asks stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from intake.instruments import Item, catalog, load
from programs.models import Level, TrackCode

FAMILIES: Final[Mapping[str, str]] = {
    "depression": "Depression",
    "dbt": "DBT",
    "trauma": "Trauma",
    "addiction": "Addiction",
}
BANDS: Final[Mapping[str, tuple[str, str]]] = {  # words and tone of the chip
    "strong": ("Strong", "action"),
    "moderate": ("Moderate", "dusk"),
    "possible": ("Possible", "amber"),
    "not_supported": ("Not supported", ""),
}
AREAS: Final = (
    ("d1", "Danger to self or others"),
    ("d2", "Intoxication and withdrawal"),
    ("d3", "Medical stability"),
    ("d4", "Psychiatric acuity and cognition"),
    ("d5", "Substance-use risk"),
    ("d6", "Functioning"),
    ("d7", "Environment and support"),
    ("d8", "Engagement and access"),
    ("d9", "Treatment history"),
)
RATINGS: Final = ("None", "Mild", "Moderate", "Serious", "Severe")
# The same for the person. The page is printed and taken home: of the home it says where, and never who.
PLAIN_AREAS: Final[Mapping[str, str]] = {
    "d1": "Staying safe",
    "d2": "Coming off alcohol or drugs",
    "d3": "Your body and health",
    "d4": "Mood and thoughts",
    "d5": "Alcohol or drug use",
    "d6": "Daily life",
    "d7": "Where you live",
}
PLAIN_RATINGS: Final = ("", "", "some help", "more help", "the most help")

# Facts that several items make together, or that are worked out.
TOGETHER: Final[Mapping[str, str]] = {
    "phq9.items": "PHQ-9 answers",
    "phq9.total": "PHQ-9 total",
    "phq9.item9": "PHQ-9 item 9",
    "gad7.items": "GAD-7 answers",
    "gad7.total": "GAD-7 total",
    "pcptsd5.items": "PC-PTSD-5 answers",
    "pcptsd5.positive": "PC-PTSD-5 positive",
    "pcl5.items": "PCL-5 answers",
    "pcl5.total": "PCL-5 total",
    "pcl5.cluster_rule": "PCL-5 cluster rule met",
    "audit_c.items": "AUDIT-C answers",
    "audit_c.total": "AUDIT-C total",
    "audit_c.positive": "AUDIT-C at or above its cut-off",
    "audit.items": "AUDIT answers",
    "audit.total": "AUDIT total",
    "bam.items": "BAM answers",
    "bam.use": "BAM Use",
    "bam.risk": "BAM Risk",
    "bam.protective": "BAM Protective (higher is better)",
    "bipf.items": "B-IPF answers",
    "ciwa.total": "CIWA-Ar total",
    "cows.total": "COWS total",
    "hark.items": "Partner violence questions",
    "mania.items": "Mania checklist",
    "mania.flag": "Bipolarity flag",
    "dysregulation.items": "Emotion dysregulation checklist",
    "dbt.feature_count": "Features of emotion dysregulation, of nine",
    "cssrs.level": "C-SSRS screen",
    "self_harm.recent": "Self-harm or suicidal behavior in three months",
    "substance.dependence_aos": "Alcohol, opioid or sedative dependence",
    "withdrawal.heavy_7d": "Heavy alcohol or sedative use in seven days",
    "withdrawal.opioid_7d": "Daily opioid use in seven days",
    "person.age": "Age",
    "person.sex_for_clinical_use": "Sex for clinical use",
    "safety.level": "Safety level",
    "bipf.score": "B-IPF score",
    "hark.positive": "Partner violence screen positive",
    "family.considered": "Family work considered",
    "pcl5.due": "PCL-5 due",
    "audit.due": "AUDIT due",
    "bam.due": "BAM due",
}
HIGHEST: Final[Mapping[str, int]] = {
    "phq9.total": 27,
    "gad7.total": 21,
    "pcl5.total": 80,
    "audit_c.total": 12,
    "audit.total": 40,
    "bam.risk": 24,
    "bam.protective": 24,
    "bam.use": 12,
    "dbt.feature_count": 9,
    "ciwa.total": 67,
    "cows.total": 48,
}
# What a date, or the age of an answer in days, is the date of.
DATED: Final[Mapping[str, str]] = {
    "cssrs": "the C-SSRS screen",
    "phq9": "the PHQ-9",
    "dysregulation": "the dysregulation checklist",
    "pcl5": "the PCL-5",
    "audit": "the AUDIT",
    "bam": "the BAM",
    "withdrawal": "the withdrawal scales",
    "dimension": "the ratings",
}

GATES: Final[Mapping[str, str]] = {
    "G1": "Emergency",
    "G2": "Suicide and violence",
    "G3": "Withdrawal",
    "G4": "Psychosis and mania",
    "G5": "Medical",
    "G6": "Consent and capacity",
    "G7": "Safe place",
    "G8": "Able to come",
    "G9": "Sessions together",
    "G10": "Trauma processing",
}

# What the conditions of a level ask for (DOMAIN 2.2), as a clinician would write them on a list.
CONDITIONS: Final[Mapping[str, str]] = {
    "addiction_medical_evaluation": "a medical evaluation of the substance use first",
    "ambulatory_withdrawal_management": "outpatient withdrawal care beside the program",
    "assertive_care_option": "assertive community care considered",
    "crisis_plan": "a crisis plan",
    "documented_reasoning": "the clinician's written reasoning",
    "if_person_accepts": "if the person accepts it",
    "individual_format": "one-to-one format",
    "medical_care_first": "medical care first",
    "medical_clearance": "medical clearance",
    "medical_review": "a medical review",
    "medically_managed_withdrawal": "medically managed withdrawal first",
    "outpatient_not_tried": "a lower level has not been tried",
    "psychiatric_review": "a psychiatric review",
    "remove_barriers_first": "barriers to coming removed first",
    "review_what_failed": "a review of what did not work before",
    "safe_placement_first": "a safe place to stay first",
    "safety_plan": "a workable safety plan",
    "with_housing": "recovery or supportive housing",
    "with_housing_support": "housing support",
}
ROUTING: Final[Mapping[str, str]] = {
    "anxiety_only": "Anxiety without low mood: outpatient therapy may fit better than a program.",
    "bipolar_flag": "Possible bipolarity: a psychiatric review comes before a plan with an antidepressant.",
    "gad7_second_measure": "Anxiety is followed as the second measure (GAD-7).",
    "mood_stabilizer_review": "Bipolar disorder without a mood stabilizer: ask a prescriber to review.",
    "naloxone": "Offer naloxone.",
    "no_track_supported": "No track fits well: consider outpatient care or a specialist referral.",
    "outside_tracks": "The main problem lies outside the six tracks: consider a referral.",
    "psychiatric_management_leads": "Psychiatric management leads; the program supports it.",
    "psychiatry_now": "Psychiatry now.",
    "separate_family_work": "Family work in separate sessions only.",
    "trauma_event_needed": "Ask about the event behind the trauma symptoms (LEC-5).",
}
DERIVED_CHOICES: Final[Mapping[str, str]] = {
    "primary": "best matching track",
    "format": "format",
    "level": "level of care",
}
# What becomes of the track where none is proposed.
WITHOUT_TRACK: Final[Mapping[str, str]] = {
    "clinician_picks": "the clinician picks the track",
    "further_assessment": "more assessment is needed before a track",
    "gate_open": "a safety check comes first",
    "no_track_supported": "no track fits well",
    "out_of_scope": "the rules no longer apply",
}
OUTCOMES: Final[Mapping[str, str]] = {
    **{code: name.lower() if code != "dbt" else name for code, name in FAMILIES.items()},
    **{level.value: str(level.label).lower() for level in Level},
    "undetermined": "open between outpatient and intensive outpatient",
    "gated": "on hold",
    "no_result": "no result",
    "no_placement": "no placement",
    "out_of_scope": "out of scope",
    "none": "none",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The question behind a raw fact, and the questionnaire in which it stands."""

    questionnaire: str
    item: Item
    many: bool


@cache
def asked() -> Mapping[str, Asked]:
    """Every raw fact that a question answers, by its key; of a list of items, or of a total, the first one."""
    found: dict[str, Asked] = {}
    for questionnaire in catalog():
        for item in questionnaire.items:
            if item.fact and item.fact.key not in found:
                found[item.fact.key] = Asked(questionnaire.code, item, item.fact.index is not None)
        if questionnaire.total_fact:
            found[questionnaire.total_fact] = Asked(questionnaire.code, questionnaire.items[0], many=True)
    return found


def label(fact: str) -> str:
    """What a fact is called on a page."""
    if fact in TOGETHER:
        return TOGETHER[fact]
    if fact.startswith("clearance."):
        return f"Clearance of {fact.removeprefix('clearance.').upper()}"
    family, name = fact.split(".")
    if name == "date" or name.endswith("_date"):
        return f"Date of {DATED[family]}"
    if name.endswith("age_days"):
        return f"Days since {DATED[family]}"
    if family == "dimension":
        return dict(AREAS)[name]
    behind = asked().get(fact)
    return behind.item.label if behind else fact.replace(".", ": ").replace("_", " ")


def source(fact: str) -> str:
    """The questionnaire in which the answer behind a fact stands, by its title; empty when none asks."""
    stem = fact.split(".")[0]
    behind = asked().get(fact) or next((found for key, found in asked().items() if key.startswith(f"{stem}.")), None)
    return load(behind.questionnaire).title if behind else ""


def value_words(fact: str, value: Any) -> str:
    """A value as people read it; null is "not answered"."""
    if value is None:
        return "not answered"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return list_words(fact, value)
    if fact.startswith("dimension.d"):
        return f"{RATINGS[value].lower()} ({value})"
    if fact in HIGHEST:
        return f"{value} of {HIGHEST[fact]}"
    behind = asked().get(fact)
    option = behind.item.option(value) if behind and not behind.many else None
    return option.label.lower() if option else str(value).replace("_", " ")


def list_words(fact: str, values: list[Any]) -> str:
    behind = asked().get(fact)
    if behind is None or behind.many:
        answered = [value for value in values if value is not None]
        if answered and all(isinstance(value, bool) for value in answered):
            return f"{sum(answered)} of {len(values)} yes"
        return f"{len(answered)} of {len(values)} answered"
    options = [behind.item.option(value) for value in values]
    return (
        ", ".join(option.label.lower() if option else str(value) for option, value in zip(options, values, strict=True))
        or "none"
    )


def track_name(code: str) -> str:
    return str(TrackCode(code).label)
