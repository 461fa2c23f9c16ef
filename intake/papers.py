"""What a record holds on paper: consents, coverage, the ways to reach somebody. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import DecimalField, Q
from django.utils.dateformat import format as date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.models import CHECK_ENDS_SOON, EXPIRES_SOON, Channel, Consent, ContactWish, Coverage, Patient, SupportPerson

Kind = Consent.Kind


def here(patient: Patient, now: datetime) -> date:
    """The day where the person's clinic is."""
    return now.astimezone(ZoneInfo(patient.location.zone)).date()


def in_dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def on_day(day: date) -> str:
    return date_format(day, "M j, Y")


# ---- Consents ----

# Who receives it, for those who may not read the consent itself.
RECIPIENT_CLASSES: Final = {
    Kind.CARE: gettext_lazy("Treatment, payment and operations"),
    Kind.DISCLOSURE: gettext_lazy("A person or organization"),
    Kind.COUNSELING_NOTES: gettext_lazy("A person or organization"),
    Kind.LEGAL: gettext_lazy("A court, agency or lawyer"),
}


def active_consent(
    patient: Patient, *, kind: str, on: date, support_person: SupportPerson | None = None, recipient: str = ""
) -> Consent | None:
    """
    The consent that allows to tell somebody something on this day; None whenever there is any doubt.

    Args:
        kind: one of the four; none of them stands for another.
        on: the day where the patient's clinic is.
        support_person: whom to tell, when they stand on the record; else `recipient`, as the consent names
            them. The consent to care names a class of people and needs neither.
    """
    signed = patient.consents.active(on).filter(kind=kind).order_by("-signed_at")
    if support_person is not None:
        if not still_stands_by(patient, support_person):
            return None
        signed = signed.filter(of_supporter(support_person))
    elif kind == Kind.CARE:
        signed = signed.filter(support_person__isnull=True)
    else:
        signed = signed.filter(support_person__isnull=True, recipient__iexact=" ".join(recipient.split()))
    return next((each for each in signed if here(patient, each.signed_at) <= on), None)


def of_supporter(person: SupportPerson) -> Q:
    """Consents that name this person, also as an earlier row had them: a change of their phone is a row of its own."""
    return Q(support_person__isnull=False, support_person__name=person.name, support_person__relation=person.relation)


def names_in_consent(patient: Patient, person: SupportPerson, on: date) -> bool:
    """Whether something is shared with this person on this day."""
    return patient.consents.active(on).filter(of_supporter(person)).exists()


def still_stands_by(patient: Patient, person: SupportPerson) -> bool:
    """True when this very person is on the record now, and no namesake could be meant instead."""
    alike = patient.support_people.live().filter(name=person.name, relation=person.relation)
    return list(alike.values_list("pk", flat=True)) == [person.pk]


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent as the list shows it."""

    consent: Consent
    holds: bool
    on: date

    @property
    def is_ending(self) -> bool:
        ends = self.consent.expires_on
        return self.holds and ends is not None and ends - self.on <= EXPIRES_SOON

    @property
    def state(self) -> str:
        if self.consent.revoked_at:
            return _("Revoked")
        if self.holds:
            return _("Expiring") if self.is_ending else _("Active")
        ends = self.consent.expires_on
        return _("Expired") if ends and ends < self.on else _("Not in use")

    @property
    def tone(self) -> str:
        return ("amber" if self.is_ending else "fern") if self.holds else ""

    @property
    def recipient_class(self) -> str:
        if self.consent.support_person_id:
            return _("A support person")
        return str(RECIPIENT_CLASSES[Kind(self.consent.kind)])


def consents_of(patient: Patient, on: date) -> list[ConsentRow]:
    """Every consent of a person, those that hold first, then the newest; two queries."""
    holding = set(patient.consents.active(on).order_by().values_list("pk", flat=True))
    rows = patient.consents.select_related("support_person", "recorded_by", "revoked_by")
    return sorted((ConsentRow(each, each.pk in holding, on) for each in rows), key=lambda row: not row.holds)


def consent_row(consent: Consent, on: date) -> ConsentRow:
    return ConsentRow(consent, Consent.objects.active(on).filter(pk=consent.pk).exists(), on)


# ---- Coverage ----

GROUPS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
    (
        gettext_lazy("Plan"),
        (
            "payer",
            "plan",
            "product_type",
            "member_id",
            "group_number",
            "effective_on",
            "ends_on",
            "network",
            "carve_out",
            "carve_out_phone",
        ),
    ),
    (gettext_lazy("Who is insured"), ("subscriber", "subscriber_relation", "coordination")),
    (
        gettext_lazy("Benefits for this care"),
        ("mental_health_benefit", "substance_benefit", "telehealth_covered", "limits", "exclusions"),
    ),
    (
        gettext_lazy("Costs"),
        (
            "deductible",
            "deductible_met",
            "family_deductible",
            "family_deductible_met",
            "copay",
            "coinsurance",
            "out_of_pocket_maximum",
            "out_of_pocket_met",
        ),
    ),
    (
        gettext_lazy("Rules"),
        ("authorization_needed", "authorization_codes", "necessity_criteria", "claims_address", "timely_filing"),
    ),
    (gettext_lazy("Who told us"), ("told_by", "told_on", "reference", "check_expires_on")),
)
LABELS: Final[Mapping[str, str | Promise]] = {
    "payer": gettext_lazy("Payer"),
    "plan": gettext_lazy("Plan name"),
    "product_type": gettext_lazy("Type of plan"),
    "member_id": gettext_lazy("Member ID"),
    "group_number": gettext_lazy("Group number"),
    "effective_on": gettext_lazy("Plan begins"),
    "ends_on": gettext_lazy("Plan ends"),
    "network": gettext_lazy("Network"),
    "carve_out": gettext_lazy("Payer for behavioral health, when another"),
    "carve_out_phone": gettext_lazy("Phone number of that payer"),
    "subscriber": gettext_lazy("Subscriber, when not the person"),
    "subscriber_relation": gettext_lazy("How they are related"),
    "coordination": gettext_lazy("Coordination of benefits"),
    "mental_health_benefit": gettext_lazy("IOP benefit, mental health"),
    "substance_benefit": gettext_lazy("IOP benefit, substance use"),
    "telehealth_covered": gettext_lazy("Telehealth covered"),
    "limits": gettext_lazy("Limits on visits or days"),
    "exclusions": gettext_lazy("Exclusions"),
    "deductible": gettext_lazy("Deductible, individual"),
    "deductible_met": gettext_lazy("Of that met"),
    "family_deductible": gettext_lazy("Deductible, family"),
    "family_deductible_met": gettext_lazy("Of that met by the family"),
    "copay": gettext_lazy("Copay per day"),
    "coinsurance": gettext_lazy("Coinsurance in percent"),
    "out_of_pocket_maximum": gettext_lazy("Out-of-pocket maximum"),
    "out_of_pocket_met": gettext_lazy("Of the maximum met"),
    "authorization_needed": gettext_lazy("Prior authorization needed"),
    "authorization_codes": gettext_lazy("For which codes"),
    "necessity_criteria": gettext_lazy("Criteria for medical necessity"),
    "claims_address": gettext_lazy("Claims address or payer ID"),
    "timely_filing": gettext_lazy("Time limit for filing"),
    "told_by": gettext_lazy("Who told you"),
    "told_on": gettext_lazy("When"),
    "reference": gettext_lazy("Reference number of the call"),
    "check_expires_on": gettext_lazy("This check holds until"),
}
MONEY: Final = frozenset(field.name for field in Coverage._meta.concrete_fields if isinstance(field, DecimalField))


@dataclass(frozen=True, slots=True)
class Term:
    """How long a check of coverage holds, as of a day."""

    until: date
    on: date

    @property
    def is_over(self) -> bool:
        return self.until < self.on

    @property
    def is_ending(self) -> bool:
        return not self.is_over and self.until - self.on <= CHECK_ENDS_SOON

    @property
    def words(self) -> str:
        if self.is_over:
            return _("Check is over")
        return _("Check again soon") if self.is_ending else _("Checked")

    @property
    def tone(self) -> str:
        return "amber" if self.is_over or self.is_ending else "fern"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a coverage as its page shows it."""

    coverage: Coverage
    on: date

    @property
    def term(self) -> Term:
        return Term(self.coverage.check_expires_on, self.on)

    @property
    def state(self) -> str:
        return _("Earlier") if self.coverage.ended_at else self.term.words

    @property
    def tone(self) -> str:
        return "" if self.coverage.ended_at else self.term.tone

    @property
    def groups(self) -> list[tuple[str | Promise, list[dict[str, object]]]]:
        """The fields of DOMAIN 9.1 under their headings, with the words for what nobody knows."""
        return [(heading, [self.row(name) for name in names]) for heading, names in GROUPS]

    def row(self, name: str) -> dict[str, object]:
        words = shown(self.coverage, name)
        return {"label": LABELS[name], "value": words or _("Not known"), "missing": not words}


def shown(coverage: Coverage, name: str) -> str:
    """A field in words; empty when it is not known."""
    value = getattr(coverage, name)
    match value:
        case None:
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case Decimal():
            return in_dollars(value)
        case date():
            return on_day(value)
        case _ if name == "coinsurance":
            return f"{value}%"
        case _ if name == "network":
            return coverage.get_network_display() if value else ""
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class Coverages:
    current: list[Check]
    earlier: list[Check]

    @property
    def needs_authorization(self) -> bool:
        return any(check.coverage.authorization_needed for check in self.current)

    @property
    def free_ranks(self) -> list[tuple[int, str]]:
        """What could be added: the first coverage, and a second beside a first."""
        held = {check.coverage.rank for check in self.current}
        if Coverage.Rank.FIRST not in held:
            return [(1, str(Coverage.Rank.FIRST.label))]
        return [] if Coverage.Rank.SECOND in held else [(2, str(Coverage.Rank.SECOND.label))]


def live_coverage(patient: Patient, rank: int) -> Coverage | None:
    """The check that stands now."""
    return patient.coverages.live().filter(rank=rank).first()


def coverages_of(patient: Patient, on: date) -> Coverages:
    rows = [
        Check(each, on) for each in patient.coverages.select_related("recorded_by").order_by("rank", "-recorded_at")
    ]
    return Coverages(
        current=[row for row in rows if row.coverage.ended_at is None],
        earlier=[row for row in rows if row.coverage.ended_at is not None],
    )


# ---- Contact ----


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach somebody, and what they said about it; without a wish nobody asked."""

    channel: str
    label: str
    wish: ContactWish | None

    @property
    def limits(self) -> list[str]:
        """What to keep in mind before using it."""
        wish = self.wish
        if wish is None or not wish.is_wanted:
            return []
        said = [_("Best times: %s") % wish.best_times] if wish.best_times else []
        if self.channel == Channel.CALL:
            said.append(_("You may leave a message") if wish.may_leave_message else _("Leave no message"))
        if self.channel in {Channel.CALL, Channel.LETTER}:
            said.append(_("You may say who we are") if wish.may_say_who else _("Do not say who we are"))
        return said


def address_of(patient: Patient, channel: str) -> str:
    """What a wish about this channel is about; a letter has no address here."""
    return {Channel.CALL: patient.phone, Channel.TEXT: patient.phone, Channel.EMAIL: patient.email}.get(
        Channel(channel), ""
    )


def ways_of(patient: Patient) -> list[Way]:
    """All four ways, in a fixed order; one query."""
    wishes = {wish.channel: wish for wish in patient.contact_wishes.live().select_related("recorded_by")}
    return [Way(each, str(each.label), wishes.get(each)) for each in Channel]


# ---- For the summary ----


@dataclass(frozen=True, slots=True)
class Glance:
    """What the summary of a record says about its papers."""

    ways: list[Way]
    emergency: list[SupportPerson]
    coverage: Check | None
    active_consents: int

    @property
    def wanted(self) -> str:
        return listed(way.label for way in self.ways if way.wish and way.wish.is_wanted)

    @property
    def unwanted(self) -> str:
        return listed(way.label for way in self.ways if way.wish and not way.wish.is_wanted)


def listed(names: Iterable[str]) -> str:
    return ", ".join(name if place == 0 else name.lower() for place, name in enumerate(names))


def glance(patient: Patient, on: date) -> Glance:
    first = live_coverage(patient, Coverage.Rank.FIRST)
    return Glance(
        ways=ways_of(patient),
        emergency=list(patient.support_people.live().filter(is_emergency_contact=True)),
        coverage=Check(first, on) if first else None,
        active_consents=patient.consents.active(on).count(),
    )
