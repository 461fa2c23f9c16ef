"""
The sections of an intake: which questionnaires stand in which, in which order, under which heading.

Pure data. A part with `after` is a second stage: it opens once one of the conditions it names holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BEFORE, WITH, FINISH = "before", "with", "finish"
SAFETY: Final = "safety"


@dataclass(frozen=True, slots=True)
class Positive:
    """The score of this questionnaire is at or above its cut-off."""

    code: str


@dataclass(frozen=True, slots=True)
class Yes:
    """This question was answered with yes."""

    code: str
    item: str


@dataclass(frozen=True, slots=True)
class Part:
    code: str
    after: tuple[Positive | Yes, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    slug: str
    title: str
    group: str
    parts: tuple[Part, ...]
    minutes: int
    hint: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(part.code for part in self.parts)


def _parts(*codes: str | Part) -> tuple[Part, ...]:
    return tuple(Part(code) if isinstance(code, str) else code for code in codes)


SECTIONS: Final = (
    Section("arrival", "Arrival and consent", BEFORE, _parts("arrival"), 5),
    Section("brings", "What brings you here", WITH, _parts("history"), 10),
    Section(
        "substance",
        "Substance use",
        WITH,
        _parts(
            "audit_c",
            "drug_single_item",
            Part("audit", after=(Positive("audit_c"),)),
            Part("bam", after=(Positive("audit_c"), Positive("drug_single_item"))),
            "substance",
            Part("ciwa", after=(Yes("substance", "heavy_use_7d"),)),
            Part("cows", after=(Yes("substance", "opioid_daily_7d"),)),
        ),
        15,
    ),
    Section("mood", "Mood and anxiety", WITH, _parts("phq9", "gad7"), 5),
    Section("coping", "Coping and self-harm", WITH, _parts("coping"), 5),
    Section(
        "trauma",
        "Trauma and stress",
        WITH,
        _parts(
            "pcptsd5",
            Part("lec5", after=(Positive("pcptsd5"),)),
            Part("pcl5", after=(Positive("pcptsd5"),)),
            "trauma_interview",
        ),
        10,
        "{name} may skip any of it",
    ),
    Section(SAFETY, "Safety", WITH, _parts("safety"), 10),
    Section("health", "Health and medicines", WITH, _parts("health"), 10),
    Section("home", "Home, work and supports", WITH, _parts("home", "bipf"), 10),
    Section("goals", "Goals and preferences", WITH, _parts("goals"), 5),
    Section(
        "ratings",
        "Clinician ratings",
        FINISH,
        _parts("ratings", "diagnoses", "fit", "quality", "clearances"),
        10,
        "Nine areas, your diagnoses, and how far to trust the answers",
    ),
)
BY_SLUG: Final[Mapping[str, Section]] = {section.slug: section for section in SECTIONS}
SECTION_OF: Final[Mapping[str, Section]] = {code: section for section in SECTIONS for code in section.codes}
CHECK_TITLE: Final = "Check answers and sign"
# Check answers and sign is the last one.
TOTAL: Final = len(SECTIONS) + 1

# The answers after which the safety questions are due before the person leaves (DOMAIN 6.2).
TRIGGER: Final = ("phq9", "phq9_9")
