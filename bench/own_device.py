"""On a person's own device: an answer saved in the background, and a whole questionnaire sent to the care team."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.utils import timezone

from accounts.models import User
from bench import rows, web
from bench.autosave import MOST_QUERIES, PEER
from bench.stage import Stage
from intake.actions import forms
from intake.actions.answers import Change
from intake.assigned import Form
from intake.models import Patient

CODE = "phq9"


def measure(stage: Stage) -> Iterator[rows.Row]:
    clinician = stage.clinic.clinician
    person = Patient.objects.get(user__email="patient@demo.test")
    withdraw_all(person, clinician)
    assert person.user is not None  # noqa: S101 - found by it
    stage.site.sign_in(person.user)
    yield from measure_saving(stage, person, clinician)
    withdraw_all(person, clinician)
    yield measure_sending(stage, person, clinician)
    stage.site.sign_in(clinician)


def withdraw_all(person: Patient, by: User) -> None:
    for waiting in person.assignments.filter(submitted_at__isnull=True, withdrawn_at__isnull=True):
        forms.withdraw(assignment=waiting, by=by, at=timezone.now())


def begun(person: Patient, by: User) -> Form:
    """A form with every question answered."""
    now = timezone.now()
    given = forms.assign(patient=person, codes=[CODE], due_on=None, by=by, at=now).made[0]
    form = forms.begin(assignment=given, for_someone=False, at=now)
    changes = [Change(f"{CODE}_{number}", number % 4) for number in range(1, 9)] + [Change(f"{CODE}_9", 0)]
    assert person.user is not None  # noqa: S101 - a person with a portal
    forms.save(form=form, changes=changes, base_revision=0, by=person.user, at=now)
    return form


def measure_saving(stage: Stage, person: Patient, by: User) -> Iterator[rows.Row]:
    form = begun(person, by)
    path, revision = f"/my/forms/{form.assignment.public_id}/", 1

    def product(number: int) -> web.Answer:
        nonlocal revision
        screen = number % 8 + 1
        item = f"{CODE}_{screen}"
        data = {"revision": revision, "changed": item, item: (screen + number // 8 + 1) % 4}
        headers = {"X_Autosave": "1", "X_Sequence": str(stage.next()), **stage.counting}
        answer = stage.expect(stage.site.post(f"{path}{screen}/", data, **headers), 200)
        revision = json.loads(answer.body)["revision"]
        return answer

    compared = web.compare(stage.site, product, stage.floor)
    stage.tell("autosave, own device", compared)
    yield rows.beside(
        "autosave on one's own device", web.UNIT, compared.product.cpu, compared.floor.cpu, budget=2.5, peer=PEER
    )
    with stage.counted():
        most, floor = max(product(number).queries for number in range(16)), stage.floor(0).queries
    yield rows.at_most("autosave on one's own device", "queries", most, budget=MOST_QUERIES, floor=floor)


def measure_sending(stage: Stage, person: Patient, by: User) -> rows.Row:
    def product(_number: int) -> web.Answer:
        form = begun(person, by)  # by this process, whose own connection does not count
        sent = stage.site.post(f"/my/forms/{form.assignment.public_id}/check/", {}, **stage.counting)
        return stage.expect(sent, 302)

    compared = web.compare(stage.site, product, stage.floor, requests=100)
    stage.tell("send, own device", compared)
    return rows.beside("send a questionnaire", web.UNIT, compared.product.cpu, compared.floor.cpu, budget=3.5)
