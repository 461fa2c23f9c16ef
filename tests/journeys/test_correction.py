"""After the signature: a colleague's words come too late, become a correction, and the recommendation follows."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import Role
from intake.actions.answers import Change, save_answers
from intake.actions.people import start_intake
from intake.actions.signing import sign
from intake.models import Addendum, CareTeamMember
from intake.queries import sitting_of
from programs.models import Recommendation
from tests import make
from tests.intake.conftest import SAFETY_ANSWERS

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(with_password):
    place = make.location()
    dana = with_password(make.clinician(at=place, name="Dana Kessler"))
    sam = with_password(make.clinician(at=place, name="Sam Okoye"))
    patient = make.patient(team=dana, location=place, user=make.user(Role.PATIENT))
    CareTeamMember.objects.create(patient=patient, user=sam)
    assessment = start_intake(patient=patient, by=dana, at=timezone.now()).assessment
    base = f"/staff/people/{patient.public_id}/intake/{assessment.public_id}/"
    return SimpleNamespace(dana=dana, sam=sam, patient=patient, assessment=assessment, base=base)


def says(clinic, code: str, by, *, days: int = 0, respondent: str = "clinician", **values) -> None:
    response = clinic.assessment.responses.select_related("assessment").get(code=code)
    save_answers(
        response=response,
        changes=[Change(item, value) for item, value in values.items()],
        base_revision=response.revision,
        by=by,
        at=timezone.now() - timedelta(days=days),
        respondent=respondent,
    )


def test_pages_that_several_people_have_answered_are_readable_by_everybody(clinic, visit):
    says(clinic, "phq9", clinic.patient.user, days=2, respondent="patient", phq9_1=1)
    says(clinic, "phq9", clinic.dana, phq9_1=3)
    says(clinic, "phq9", clinic.sam, phq9_2=2)
    says(clinic, "audit_c", clinic.dana, days=20, audit_c_1=4, audit_c_2=3, audit_c_3=3)
    dana = visit()
    dana.sign_in(clinic.dana)
    for place, seen in (
        ("", "AUDIT-C is positive"),
        ("mood/1/", "Sam O. is also on this page."),
        ("substance/1/", "Are these answers still right?"),
        ("substance/", "Answered on"),
        ("ratings/1/", "Answers that bear on this"),
        ("safety/2/", "This questionnaire is not set up here."),
        ("check/", "Where sources differ"),
        ("check/?show=differs", "Seen differently by Dana Kessler"),
    ):
        dana.open(clinic.base + place)
        dana.sees(seen)
        dana.is_accessible()
    dana.open(f"{clinic.base}substance/1/")
    dana.press("Yes, still right")
    dana.sees("Substance use: the answers are still right.")


def test_what_came_too_late_is_added_as_a_correction(clinic, visit):
    says(clinic, "phq9", clinic.dana, phq9_1=1, phq9_9=0)
    says(clinic, "safety", clinic.dana, **SAFETY_ANSWERS)
    sam = visit()
    sam.sign_in(clinic.sam)
    sam.open(f"{clinic.base}mood/1/")
    sign(
        assessment=clinic.assessment,
        by=clinic.dana,
        typed_name="Dana Kessler",
        password=make.PASSWORD,
        seen_revision=sitting_of(clinic.patient, clinic.assessment.public_id).revision,
        at=timezone.now(),
    )
    sam.page.locator("label:has(#id_phq9_1_3)").click()
    sam.sees("This was signed at")
    sam.complaints.clear()  # the browser logs the 409, which is the point here

    sam.open(clinic.base)
    sam.sees("1 answer came after the signature")
    sam.is_accessible()
    sam.follow("Add as a correction", exact=False)
    sam.sees("Look it over before you sign.")
    sam.is_accessible()
    sam.press("Sign this correction")
    sam.sees("There is a problem")
    sam.is_accessible()
    sam.complaints.clear()  # the browser logs the 422
    sam.page.get_by_label("What was wrong").fill("He said nearly every day when I asked again.")
    sam.page.get_by_label("Your name").fill("Sam Okoye")
    sam.page.get_by_label("Your password").fill(make.PASSWORD)
    sam.press("Sign this correction")

    sam.sees("Your correction is added.")
    sam.sees("by Sam Okoye: Nearly every day. He said nearly every day when I asked again.")
    sam.is_accessible()
    assert Addendum.objects.get().item == "phq9_1"
    assert Recommendation.objects.count() == 2
    sam.open(clinic.base)
    sam.sees("Corrections")
    assert "came after the signature" not in sam.page.inner_text("main")
    sam.open(f"{clinic.base}correct/")
    sam.sees("What was wrong, or what you add")
    sam.is_accessible()
