"""
Sixty invented people, spread over every stage of the road.

Names come from two short lists, contact data from reserved domains and numbers; the seed is
fixed, so that two demo clinics loaded on one day are alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from accounts.models import Location, Role, RoleAssignment, User
from intake.instruments import catalog
from intake.models import Assessment, CareTeamMember, Inquiry, Patient, QuestionnaireResponse
from scheduling.demo.catalog import PASSPHRASE, read
from scheduling.demo.papers import write_papers

FIRST: Final = [
    "Rosa",
    "Andre",
    "Mei",
    "Jo",
    "Tomas",
    "Nadia",
    "Felix",
    "Priya",
    "Owen",
    "Lucia",
    "Samir",
    "Greta",
    "Noel",
    "Ivy",
    "Caleb",
    "Amara",
    "Hugo",
    "Dalia",
    "Kenji",
    "Marta",
    "Elias",
    "Wren",
    "Bao",
    "Carmen",
    "Idris",
    "Petra",
    "Luca",
    "Soraya",
    "Theo",
    "Maya",
    "Anton",
    "Rhea",
    "Pablo",
    "Una",
    "Diego",
    "Selma",
    "Otto",
    "Leila",
    "Ravi",
    "Clara",
]
LAST: Final = [
    "Marlow",
    "Tidewell",
    "Linfield",
    "Pondsworth",
    "Quayle",
    "Harborne",
    "Seabright",
    "Driftwood",
    "Coveney",
    "Shoreham",
    "Wavell",
    "Reefton",
    "Bayliss",
    "Marsden",
    "Brookhart",
    "Eddyson",
    "Fennimore",
    "Glenwater",
    "Inletson",
    "Jettyman",
]

# (persona, how many, stage): together sixty.
STAGES: Final = (
    ("depression", 7, "enrolled"),
    ("dbt", 4, "enrolled"),
    ("trauma", 3, "enrolled"),
    ("addiction", 6, "enrolled"),
    ("one_to_one", 2, "enrolled"),
    ("family", 3, "enrolled"),
    ("depression", 3, "decided"),
    ("addiction", 2, "decided"),
    ("trauma", 1, "decided"),
    ("co_occurring", 3, "signed"),
    ("close_call", 2, "signed"),
    ("on_hold", 2, "signed"),
    ("milder", 2, "signed"),
    ("unrated", 1, "signed"),
    ("depression", 4, "draft"),
    ("addiction", 3, "draft"),
    ("trauma", 2, "draft"),
    ("milder", 10, "registered"),
)
INQUIRIES: Final = 9

# What the intake asks beside the facts of the rules: free on weekdays, on site or online, asked alone.
WITHOUT_FACT: Final[Mapping[str, Any]] = {
    "alone": True,
    **{f"available_{day}": ["morning", "afternoon", "evening"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "available_sat": ["morning"],
    "available_sun": [],
    "setting": "either",
    "session_language": "en",
    **{f"lec5_{number}": [] for number in range(1, 18)},
    "lec5_3": ["happened"],
    "lec5_6": ["happened", "witnessed"],
    "lec5_index_event": "physical_assault",
}


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    persona: str
    stage: str

    @property
    def first(self) -> str:
        return FIRST[self.number % len(FIRST)]

    @property
    def last(self) -> str:
        return LAST[(self.number * 7 + self.number // len(LAST)) % len(LAST)]

    @property
    def email(self) -> str:
        return f"{self.first}.{self.last}{self.number}@example.test".lower()


def everybody() -> Iterator[Person]:
    """The sixty, in a fixed order; the first is who signs in as patient@demo.test."""
    number = 0
    for persona, count, stage in STAGES:
        for _ in range(count):
            yield Person(number, persona, stage)
            number += 1


class Cast:
    """Makes the people's rows; keeps what the later steps of the load need."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.dice = random.Random(7)  # noqa: S311 - invented people, not secrets
        self.personas = read("personas.yaml")
        self.clinicians = list(
            User.objects.filter(
                role_assignments__role=Role.CLINICIAN, role_assignments__user__locations__name="Mill Street"
            )
            .distinct()
            .order_by("email")
        )
        self.lead = User.objects.get(email="clinician@demo.test")
        self.mill = Location.objects.get(name="Mill Street")

    def days_ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def patient(self, person: Person) -> Patient:
        team = self.lead if person.number % 3 == 0 else self.clinicians[person.number % len(self.clinicians)]
        patient = Patient.objects.create(
            user=self.portal_user(person) if person.number == 0 else None,
            location=self.mill,
            first_name=person.first,
            last_name=person.last,
            sort_key=f"{person.last} {person.first}".lower(),
            born_on=date(1962 + self.dice.randrange(42), 1 + self.dice.randrange(12), 1 + self.dice.randrange(28)),
            sex_for_clinical_use=self.dice.choice(["female", "male", "female", "male", "other"]),
            pronouns=self.dice.choice(["she/her", "he/him", "", "they/them"]),
            language="en",
            phone=f"312-555-01{person.number % 100:02d}",
            email=person.email,
            registered_by=team,
            registered_at=self.days_ago(self.dice.randrange(3, 50)),
        )
        write_papers(patient, number=person.number, at=self.now)
        CareTeamMember.objects.create(patient=patient, user=team)
        if team != self.lead and person.number % 2 == 0:
            CareTeamMember.objects.create(patient=patient, user=self.lead)
        return patient

    def portal_user(self, person: Person) -> User:
        user = User.objects.create_user("patient@demo.test", PASSPHRASE, name=f"{person.first} {person.last[0]}.")
        RoleAssignment.objects.create(user=user, role=Role.PATIENT)
        return user

    def facts(self, persona: str, at: datetime) -> Mapping[str, Any]:
        """What this persona answers; the suicide screen was asked in the same sitting."""
        day = at.astimezone(ZoneInfo(self.mill.zone)).date().isoformat()
        return {**self.personas["base"], "cssrs.date": day, **self.personas[persona].get("facts", {})}

    def assessment(self, person: Person, patient: Patient, *, share: float, at: datetime) -> Assessment:
        """An intake with this share of its questionnaires answered at `at`."""
        owner = patient.registered_by
        assessment = Assessment.objects.create(patient=patient, owner=owner, started_at=at)
        answered = answers_of(
            self.facts(person.persona, at), self.personas[person.persona].get("words", ""), at=at, by=owner
        )
        kept = list(answered.items())[: max(1, round(len(answered) * share))]
        versions = {questionnaire.code: questionnaire.version for questionnaire in catalog()}
        QuestionnaireResponse.objects.bulk_create(
            QuestionnaireResponse(
                assessment=assessment,
                code=code,
                version=str(versions[code]),
                answers=answers,
                revision=1,
                updated_at=at,
            )
            for code, answers in kept
        )
        return assessment


def answers_of(facts: Mapping[str, Any], own_words: str, *, at: datetime, by: User) -> dict[str, dict[str, Any]]:
    """The stored answers, by questionnaire, that carry these facts."""
    free = {"own_words": own_words, **WITHOUT_FACT}
    found: dict[str, dict[str, Any]] = {}
    for questionnaire in catalog():
        if questionnaire.code == "lec5" and not facts.get("pcl5.items"):
            continue  # the second stage of the trauma screen was not reached
        answers = {}
        for item in questionnaire.items:
            value = free.get(item.code) if item.fact is None else fact_value(facts, item.fact)
            if value is not None and value != "":
                answers[item.code] = answer(value, at=at, by=by)
        if answers:
            found[questionnaire.code] = answers
    return found


def fact_value(facts: Mapping[str, Any], path: Any) -> Any:
    """The value of the fact that an item asks for; None when the persona leaves it open."""
    if path is None:
        return None
    value = facts.get(path.key)
    return value[path.index] if path.index is not None and value is not None else value


def answer(value: Any, *, at: datetime, by: User) -> dict[str, Any]:
    return {
        "status": "answered",
        "value": value,
        "by": by.pk,
        "respondent": "clinician",
        "at": at.astimezone(UTC).isoformat(),
        "revision": 1,
    }


def make_inquiries(now: datetime) -> None:
    """First contacts of the last days; one answered that they are not safe."""
    dice = random.Random(11)  # noqa: S311
    coordinator = User.objects.get(email="coordinator@demo.test")
    words = (
        "I saw your page and don't know if this is for me.",
        "My brother needs more than one visit a week.",
        "Please call after 4. I work mornings.",
        "",
        "We have a person who is ready to step down next week.",
    )
    for number in range(INQUIRIES):
        received = now - timedelta(hours=3 + number * 9)
        who = list(Inquiry.Who.values)[number % 3]
        Inquiry.objects.create(
            number=f"T{4100 + number}",
            who=who,
            name=f"{FIRST[-1 - number]} {LAST[-1 - number][0]}.",
            reach_by="phone" if number % 3 else "email",
            phone=f"312-555-01{80 + number}",
            email=f"inquiry{number}@example.test",
            may_leave_message=bool(number % 2),
            words=dice.choice(words),
            safe_now="not_sure" if number == 2 else "yes",
            state="called" if number > 6 else "new",
            handled_by=coordinator if number > 6 else None,
            handled_at=received + timedelta(hours=2) if number > 6 else None,
            insurance=("Blue plan, I have the card", "", "Not sure", "")[number % 4],
            language="es" if number == 4 else "en",
            promised_by=received + timedelta(days=1),
            received_at=received,
        )
