"""Papers of the invented people: who is insured where, what was consented to, whom to call in an emergency."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.models import User
from intake.actions.contact import Wish, add_wishes
from intake.models import Channel, Consent, Coverage, Patient, SupportPerson
from intake.statements import asked_about, consent_text, group_agreement
from scheduling.demo.money import write_money
from scheduling.models import GroupAgreement

PAYERS: Final = (("Lakeshore Mutual", "Open Access PPO", "PPO"), ("Prairie Health Plan", "Choice HMO", "HMO"))
RELATIONS: Final = ("partner", "parent", "sibling", "friend")


def write_papers(patient: Patient, *, number: int, at: datetime) -> None:
    """What the clinic knows of one person; some have everything, some nothing yet."""
    by = patient.registered_by
    say_how_to_reach(patient, by=by, wants_email=number % 5 != 4)
    if number % 4 != 3:
        supporter = stand_by(patient, number=number, by=by)
        if number % 6 == 0:
            consent(patient, supporter, by=by, at=patient.registered_at + timedelta(hours=1), ends_in=60 + number)
    if number % 3 != 2:
        check(patient, number=number, at=at)
    write_money(patient, number=number, at=at)


def say_how_to_reach(patient: Patient, *, by: User, wants_email: bool) -> None:
    """What people said at registration: most may be emailed, all may be called."""
    call, email = (asked_about(channel, patient.language).text() for channel in (Channel.CALL, Channel.EMAIL))
    wishes = [
        Wish(channel=Channel.CALL, is_wanted=True, may_leave_message=wants_email, statement=call),
        Wish(channel=Channel.EMAIL, is_wanted=wants_email, may_say_who=wants_email, statement=email),
    ]
    add_wishes(patient=patient, wishes=wishes, by=by, at=patient.registered_at)


def stand_by(patient: Patient, *, number: int, by: User) -> SupportPerson:
    return SupportPerson.objects.create(
        patient=patient,
        name=f"{('Sam', 'Alex', 'Kim', 'Jordan')[number % 4]} {patient.last_name}",
        relation=RELATIONS[number % len(RELATIONS)],
        phone=f"+1312555{1100 + number}",
        is_emergency_contact=True,
        added_by=by,
        added_at=patient.registered_at,
    )


def consent(patient: Patient, supporter: SupportPerson, *, by: User, at: datetime, ends_in: int) -> None:
    words = consent_text(Consent.Kind.DISCLOSURE, patient.language)
    ends = at.date() + timedelta(days=ends_in)
    values = {
        "patient_name": patient.legal_name,
        "discloser": "Oak Street Clinic",
        "information": "That I am in care here, the days I come, how I am doing",
        "recipient": supporter.as_recipient,
        "purpose": "So that they can support me at home",
    }
    answers = {**values, "ends": f"{words.until} {ends:%B} {ends.day}, {ends.year}", "signature": patient.legal_name}
    Consent.objects.create(
        patient=patient,
        kind=words.kind,
        support_person=supporter,
        revocation=words.part("revocation").says,
        statement=words.part("statement").says,
        expires_on=ends,
        signature=patient.legal_name,
        signed_at=at,
        text=words.with_answers(answers),
        text_version=words.version,
        recorded_by=by,
        **values,
    )


def sign_before_the_first_session(patient: Patient, *, at: datetime) -> None:
    """The consent to care and the group agreement, for somebody who is to be seated and has not signed them."""
    by = patient.registered_by
    if not patient.consents.filter(kind=Consent.Kind.CARE).exists():
        words = consent_text(Consent.Kind.CARE, patient.language)
        values = {
            "patient_name": patient.legal_name,
            "discloser": "Oak Street Clinic",
            "information": "What is in my record that is needed for treatment, payment and operations",
            "recipient": "My treating providers, my health plans, and those who help run the clinic",
            "purpose": "Treatment, payment and health care operations",
        }
        answers = {**values, "ends": words.no_end, "signature": patient.legal_name}
        Consent.objects.create(
            patient=patient,
            kind=words.kind,
            revocation=words.part("revocation").says,
            statement=words.part("statement").says,
            signature=patient.legal_name,
            signed_at=at,
            text=words.with_answers(answers),
            text_version=words.version,
            recorded_by=by,
            **values,
        )
    if not patient.group_agreements.exists():
        agreed = group_agreement(patient.language)
        GroupAgreement.objects.create(
            patient=patient,
            signature=patient.legal_name,
            text=agreed.signed(patient.legal_name),
            text_version=agreed.version,
            signed_at=at,
            recorded_by=by,
        )


def check(patient: Patient, *, number: int, at: datetime) -> None:
    payer, plan, product = PAYERS[number % len(PAYERS)]
    today = at.astimezone(ZoneInfo(patient.location.zone)).date()
    told_on = today - timedelta(days=number % 25)
    Coverage.objects.create(
        patient=patient,
        payer=payer,
        plan=plan,
        product_type=product,
        member_id=f"TW{730000 + number}",
        group_number="44120",
        effective_on=today.replace(month=1, day=1),
        network=Coverage.Network.IN,
        mental_health_benefit="Covered",
        substance_benefit="Covered",
        telehealth_covered=True,
        deductible=1500,
        deductible_met=(number * 70) % 1500,
        copay=40,
        out_of_pocket_maximum=6000,
        out_of_pocket_met=(number * 110) % 6000,
        authorization_needed=number % 7 == 0,
        told_by="Pat, member services",
        told_on=told_on,
        reference=f"R-{88000 + number}",
        check_expires_on=told_on + timedelta(days=30),
        recorded_by=User.objects.get(email="coordinator@demo.test"),
        recorded_at=at - timedelta(days=number % 25),
    )
