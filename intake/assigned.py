"""
Questionnaires that people answer by themselves: which may be given, and where each that was given stands.

Writes nothing. Where a form stands is worked out from its instants and its answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.policies import Actor
from intake.alarms import SELF, alarms, is_watched
from intake.instruments import (
    Item,
    Questionnaire,
    answers_to_items,
    catalog,
    is_settled,
    load,
    score,
    value_of,
)
from intake.instruments.answers import Answers
from intake.models import Assessment, Assignment, InstrumentText, Patient, QuestionnaireResponse
from intake.saving import form_for_saving
from intake.sitting import worded


@dataclass(frozen=True, slots=True)
class Own:
    """What a person reads about a questionnaire before they begin; nothing of it names an instrument."""

    title: Any
    about: Any
    minutes: int
    has_own_hint: bool = False  # the definition's hint speaks to the person, not to who asks


# The only questionnaires that may be answered alone: never a suicide interview, partner-violence or withdrawal items,
# ratings or checklists of a clinician. What is not in the catalog, or without its wording, is not offered.
OWN: Final[Mapping[str, Own]] = {
    "phq9": Own(
        _("How you have been feeling"),
        _("It asks about mood, sleep and energy in the last 2 weeks, and once about thoughts of death or self-harm."),
        2,
    ),
    "gad7": Own(_("Worry and tension"), _("It asks about worry and restlessness in the last 2 weeks."), 2),
    "pcptsd5": Own(
        _("Hard or upsetting events"),
        _("It asks whether something very hard or upsetting ever happened. It does not ask what it was."),
        2,
        has_own_hint=True,
    ),
    "pcl5": Own(
        _("After a hard or upsetting event"),
        _("It asks how much an upsetting event bothered you in the past month. It does not ask what happened."),
        6,
        has_own_hint=True,
    ),
    "audit_c": Own(_("Alcohol, in short"), _("It asks how often and how much you drink."), 1, has_own_hint=True),
    "audit": Own(_("Alcohol, in more detail"), _("It asks about alcohol in the past year."), 4),
    "drug_single_item": Own(
        _("Drugs and medicines"), _("It asks one question about drugs and medicines in the past year."), 1
    ),
    "bam": Own(_("The last 30 days"), _("It asks about your days, supports, and any alcohol or drug use."), 5),
    "bipf": Own(_("Daily life"), _("It asks how much trouble you have had with people, work and home."), 2),
    "bsl23": Own(_("The past week"), _("It asks about strong feelings, and some questions about self-harm."), 5),
    "itq": Own(
        _("Since a hard or upsetting event"),
        _("It asks how an upsetting event has bothered you. It does not ask what happened."),
        4,
    ),
    "ders16": Own(_("Handling strong feelings"), _("It asks what happens when you are upset."), 4),
    "whodas12": Own(_("Getting things done"), _("It asks how hard everyday things have been in the last 30 days."), 4),
}


def newest_texts() -> dict[tuple[str, int, str], InstrumentText]:
    """The newest wording of every questionnaire that the clinic loaded: by code, version and language."""
    return {(text.code, text.version, text.language): text for text in InstrumentText.objects.order_by("revision")}


def text_for(
    asked: Questionnaire, language: str, texts: Mapping[tuple[str, int, str], InstrumentText]
) -> InstrumentText | None:
    """The clinic's wording in the person's language; of a form that ships without its own, one in any language."""
    found = texts.get((asked.code, asked.version, language))
    return found or (texts.get((asked.code, asked.version, asked.language)) if asked.sheet else None)


def assignable(language: str) -> list[tuple[Questionnaire, InstrumentText | None]]:
    """What a clinician may give to somebody of this language, each with the clinic's wording of it, if any."""
    texts = newest_texts()
    offered = [(asked, text_for(asked, language, texts)) for asked in catalog() if asked.code in OWN and asked.scoring]
    order = list(OWN)
    return sorted(
        ((asked, text) for asked, text in offered if text or not asked.sheet),
        key=lambda pair: order.index(pair[0].code),
    )


@dataclass(frozen=True, slots=True)
class Screen:
    """One question on a screen of its own. Its number is fixed by the version, so that an address keeps its meaning."""

    number: int
    item: Item
    stem: str | None


class Form:
    """A questionnaire as it was given to somebody, with what they answered so far."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        response: QuestionnaireResponse | None = getattr(assignment, "response", None)
        self.response = response

    @property
    def own(self) -> Own:
        return OWN[self.assignment.code]

    @cached_property
    def asked(self) -> Questionnaire:
        """As its version asks, in the clinic's wording where one is in use; before it is begun, the newest."""
        if self.response is None:
            return load(self.assignment.code)
        code, version = self.assignment.code, int(self.response.version)
        return worded(code, version, self.response.text_id) if self.response.text_id else load(code, version)

    @property
    def answers(self) -> Answers:
        return self.response.answers if self.response else {}

    @property
    def hint(self) -> str | None:
        is_for_them = self.own.has_own_hint or (self.response is not None and self.response.text_id is not None)
        return self.asked.hint if is_for_them else None

    # ---- Where it stands ----

    @property
    def is_open(self) -> bool:
        return not (self.assignment.submitted_at or self.assignment.withdrawn_at)

    def is_overdue(self, today: date) -> bool:
        due = self.assignment.due_on
        return self.is_open and due is not None and due < today

    # ---- Screens ----

    @cached_property
    def screens(self) -> list[Screen]:
        return [Screen(number, item, self._stem(item)) for number, item in enumerate(self.asked.items, start=1)]

    def _stem(self, item: Item) -> str | None:
        """What is read before an item: the nearest stem on its page, else that of the whole."""
        stem = self.asked.stem
        page = next((page for page in self.asked.pages if item in page.items), None)
        for one in page.items if page else ():
            stem = one.stem or stem
            if one == item:
                break
        return stem

    @property
    def shown(self) -> list[Screen]:
        codes = {item.code for item in self.asked.shown(self.answers)}
        return [screen for screen in self.screens if screen.item.code in codes]

    def screen(self, number: int) -> Screen | None:
        """The screen of this number; None when there is none, or skip logic hides it."""
        return next((screen for screen in self.shown if screen.number == number), None)

    def after(self, number: int) -> Screen | None:
        return next((screen for screen in self.shown if screen.number > number), None)

    def before(self, number: int) -> Screen | None:
        return next((screen for screen in reversed(self.shown) if screen.number < number), None)

    def still_open(self) -> list[Screen]:
        return [screen for screen in self.shown if not is_settled(self.answers.get(screen.item.code))]

    def must_be_settled(self) -> list[Screen]:
        """Open questions about safety: answered, or left open with a reason, before anything is sent (DOMAIN 6.2)."""
        return [screen for screen in self.still_open() if is_watched(screen.item)]

    def resume_at(self) -> Screen | None:
        """The first question that is open; None when it is time to check and send."""
        return next(iter(self.still_open()), None)

    # ---- Progress ----

    @property
    def expected(self) -> list[Item]:
        """The questions to count: those shown, and those about which an open question has not decided yet."""
        codes = {screen.item.code for screen in self.shown}
        return [item for item in self.asked.items if item.required and (item.code in codes or self._is_undecided(item))]

    def _is_undecided(self, item: Item) -> bool:
        tests = item.show_when.tests() if item.show_when else ()
        return any(not is_settled(self.answers.get(test.item)) for test in tests)

    @property
    def progress(self) -> tuple[int, int]:
        """How many of the counted questions are settled, and how many there are."""
        expected = self.expected
        return sum(is_settled(self.answers.get(item.code)) for item in expected), len(expected)

    def place(self, screen: Screen) -> tuple[int, int]:
        """ "4 of 9": where a screen stands among the counted ones; one that is not counted stands at the last before it."""
        codes = [item.code for item in self.asked.items]
        upto = set(codes[: codes.index(screen.item.code) + 1])
        expected = self.expected
        return sum(item.code in upto for item in expected), len(expected)

    # ---- What it says ----

    @property
    def is_worrying(self) -> bool:
        """Somebody is told at once about an answer of this form."""
        return any(alarm.kind == SELF for alarm in alarms(self.asked, self.answers))

    @property
    def asks_about_safety(self) -> bool:
        return any(is_watched(item) for item in self.asked.items)

    def score(self, sex: str | None) -> dict[str, Any] | None:
        if self.asked.scoring is None:
            return None
        return score(self.asked.scoring.scorer, answers_to_items(self.asked, self.answers), sex=sex or None)


# ---- Finding forms ----


def with_answers(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """With all that a form is drawn from, in one query."""
    return rows.select_related("response", "assigned_by", "reviewed_by", "withdrawn_by")


def forms_of(patient: Patient) -> list[Form]:
    """Everything that was ever given to somebody, the newest first."""
    rows = with_answers(patient.assignments.order_by("-assigned_at", "-pk"))
    return [Form(row) for row in rows if row.code in OWN]


def to_do(forms: Iterable[Form]) -> list[Form]:
    """What is still to be filled in, by due day; without one last."""
    waiting = [form for form in forms if form.is_open]
    return sorted(waiting, key=lambda form: (form.assignment.due_on or date.max, form.assignment.pk))


def form_of(patient: Patient, public_id: UUID) -> Form | None:
    row = with_answers(patient.assignments.all()).filter(public_id=public_id).first()
    if row is None:
        return None
    row.patient = patient
    return Form(row)


def own_form_for_saving(actor: Actor, public_id: UUID) -> Form | None:
    """A begun form of the person who is signed in, in one query; the page itself came by the door."""
    row = form_for_saving(actor, public_id)
    return Form(row) if row else None


# ---- Reading what was sent ----

_CONSENTED = Q(code="arrival", answers__consent_treatment__value=True)


def may_be_read(patient: Patient) -> bool:
    """
    Say whether answers that somebody gave by themselves may be read (EXPERIENCE 5.1).

    Consent to treatment comes first: in the open intake, else in one that was signed before.
    """
    rows = QuestionnaireResponse.objects.filter(code="arrival", assessment__patient=patient)
    now = rows.filter(assessment__state=Assessment.State.DRAFT).first()
    said = value_of(now.answers.get("consent_treatment")) if now else None
    if said is not None:
        return said is True
    return rows.filter(_CONSENTED, assessment__state=Assessment.State.SIGNED).exists()


def waiting_for_review(actor: Actor) -> QuerySet[Assignment]:
    """What people sent and nobody has read, the oldest first; of those whose answers may be read."""
    consented = QuestionnaireResponse.objects.filter(_CONSENTED, assessment__patient=OuterRef("patient"))
    rows = Assignment.objects.filter(submitted_at__isnull=False, reviewed_at__isnull=True, code__in=list(OWN))
    rows = rows.filter(Exists(consented), patient__in=Patient.objects.visible_to(actor))
    return rows.select_related("patient").order_by("submitted_at", "pk")


# ---- In the task list of an intake ----


def tasks_row(patient: Patient) -> dict[str, Any]:
    """ "Questionnaires filled in before": names, days, devices; how many wait to be read."""
    sent = [form for form in forms_of(patient) if form.assignment.submitted_at]
    row: dict[str, Any] = {
        "title": "Questionnaires filled in before",
        "url": reverse("intake:forms", args=[patient.public_id]),
        "hint": "; ".join(sent_words(form, patient) for form in sent[:4]),
        "status": "None",
        "tone": "",
    }
    if not sent:
        return row
    if not may_be_read(patient):
        return row | {"status": "Not yet", "hint": "Record consent to treatment first", "url": ""}
    waiting = sum(form.assignment.reviewed_at is None for form in sent)
    if waiting:
        return row | {"status": f"{waiting} to read", "tone": "action"}
    return row | {"status": "Completed", "tone": "done"}


def sent_words(form: Form, patient: Patient) -> str:
    """ "PHQ-9, Mar 3, phone"."""
    at = form.assignment.submitted_at
    assert at is not None  # noqa: S101 - only what was sent comes here
    day = at.astimezone(ZoneInfo(patient.location.zone))
    return f"{form.asked.title}, {day:%b} {day.day}, {form.assignment.device or 'device not known'}"
