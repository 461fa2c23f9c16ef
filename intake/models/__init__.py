"""The tables of the intake, by what they keep."""

from intake.models.apart import KeepApart
from intake.models.assessments import (
    Addendum,
    AnswerChange,
    Assessment,
    Assignment,
    InstrumentText,
    QuestionnaireResponse,
)
from intake.models.inquiries import Inquiry, InquiryQuerySet
from intake.models.money import Authorization, CareLevel, Estimate, EstimateLine, Installment, PaymentPlan
from intake.models.papers import CHECK_ENDS_SOON, ELEMENTS, EXPIRES_SOON, Consent, Coverage
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
    "Authorization",
    "CareLevel",
    "CareTeamMember",
    "Channel",
    "Consent",
    "ContactWish",
    "Coverage",
    "Estimate",
    "EstimateLine",
    "Inquiry",
    "InquiryQuerySet",
    "Installment",
    "InstrumentText",
    "KeepApart",
    "Language",
    "Patient",
    "PatientQuerySet",
    "PaymentPlan",
    "QuestionnaireResponse",
    "SafetyEvent",
    "SafetyEventQuerySet",
    "SafetyLevel",
    "SafetyPlan",
    "SafetyStep",
    "SupportPerson",
]
