"""The tables of the intake, by what they keep."""

from intake.models.assessments import (
    Addendum,
    AnswerChange,
    Assessment,
    Assignment,
    InstrumentText,
    QuestionnaireResponse,
)
from intake.models.inquiries import Inquiry, InquiryQuerySet
from intake.models.papers import CHECK_ENDS_SOON, ELEMENTS, EXPIRES_SOON, Consent, Coverage
from intake.models.money import Authorization, CareLevel, Estimate, EstimateLine, Installment, PaymentPlan
from intake.models.people import (
    EARLIEST_BIRTH,
    CareTeamMember,
    Channel,
    ContactWish,
    Language,
    Patient,
    PatientQuerySet,
    SupportPerson,
)
from intake.models.safety import SafetyEvent, SafetyEventQuerySet, SafetyLevel, SafetyPlan, SafetyStep

__all__ = [
    "CHECK_ENDS_SOON",
    "EARLIEST_BIRTH",
    "ELEMENTS",
    "EXPIRES_SOON",
    "Addendum",
    "AnswerChange",
    "Assessment",
    "Assignment",
    "CareTeamMember",
    "Authorization",
    "CareLevel",
    "Channel",
    "Consent",
    "ContactWish",
    "Coverage",
    "Inquiry",
    "Estimate",
    "EstimateLine",
    "InquiryQuerySet",
    "InstrumentText",
    "Installment",
    "Language",
    "Patient",
    "PatientQuerySet",
    "QuestionnaireResponse",
    "SafetyEvent",
    "PaymentPlan",
    "SafetyEventQuerySet",
    "SafetyLevel",
    "SafetyPlan",
    "SafetyStep",
    "SupportPerson",
]
