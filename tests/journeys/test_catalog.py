"""An administrator opens a new evening cohort, from a file to the public page, with a second person between."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from programs.models import Cohort, Credential, LevelHours, Payer
from tests import make

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


class TestANewEveningCohort:
    @pytest.fixture(autouse=True)
    def clinic(self, visit, with_password):
        self.visit = visit
        LevelHours.objects.create(level="iop", least_minutes=540, most_minutes=1140)
        self.place = make.location(name="Mill Street", access_features=["step_free"])
        make.room(location=self.place, name="Room 1")
        self.lead = make.clinician(name="Dana Kowalski", email="dana@example.test", at=self.place)
        today = timezone.now().date()
        Credential.objects.create(
            user=self.lead, kind="psychologist", number="1", state="IL", expires_on=today + timedelta(days=400)
        )
        Payer.objects.create(name="Lakeshore Mutual")
        self.program = make.program(slug="steady-evenings", name="Steady Evenings", modalities=["cbt"])
        self.starts_on = today + timedelta(days=10)
        names = ("Ada Quill", "Bela Quill")
        self.ada, self.bela = (
            with_password(make.user(Role.ADMIN, is_staff=True, is_superuser=True, name=name)) for name in names
        )

    def test_from_a_file_to_the_public_page(self, tmp_path):
        ada, bela, visitor = self.visit(), self.visit(), self.visit()
        visitor.open("/programs/steady-evenings/")
        visitor.sees("No days are open right now.")

        self.when_ada_brings_in_a_file_with_a_wrong_cell_and_then_a_right_one(ada, tmp_path)
        self.when_ada_previews_and_submits(ada)
        self.then_she_may_not_publish_it_herself(ada)
        self.when_bela_sees_it_waiting_and_publishes_it(bela)

        visitor.open("/programs/steady-evenings/")
        visitor.sees("Monday, Wednesday and Thursday")
        visitor.sees("5:30 pm to 8:30 pm CT")
        visitor.sees("They are by training: Psychologist.")
        visitor.sees("Lakeshore Mutual")
        visitor.sees("Step-free entrance")
        assert "Dana" not in visitor.page.content()
        visitor.is_accessible()
        made = Cohort.objects.get(name="Evenings, spring")
        assert (made.submitted_by, made.published_by) == (self.ada, self.bela)
        assert made.sessions.count() > 20

    def when_ada_brings_in_a_file_with_a_wrong_cell_and_then_a_right_one(self, ada, tmp_path):
        ada.sign_in(self.ada)
        ada.sees("Needs attention")
        ada.is_accessible()
        ada.follow("Cohorts")
        ada.is_accessible()
        ada.open("/admin/programs/cohort/import/")
        ada.is_accessible()
        self.choose(ada, tmp_path, room="Room 9")
        ada.sees("There is no room “Room 9” at “Mill Street”.")
        ada.is_accessible()
        self.choose(ada, tmp_path, room="Room 1")
        ada.sees("1 to add, 0 to change, 0 as they are")
        ada.is_accessible()
        assert not Cohort.objects.exists()
        ada.press("Import all of it")
        ada.sees("1 added, 0 changed, 0 as they were.")

    def when_ada_previews_and_submits(self, ada):
        self.cohort = Cohort.objects.get()
        self.page = f"/admin/programs/cohort/{self.cohort.pk}/"
        ada.open(self.page + "change/")
        ada.is_accessible()
        ada.follow("Preview", exact=False)
        ada.sees("Preview, not published")
        ada.sees("Monday, Wednesday and Thursday")
        ada.is_accessible()
        ada.open(self.page + "submit/")
        ada.is_accessible()
        ada.press("Submit for review")
        ada.sees("Submitted for review.")
        ada.is_accessible()

    def then_she_may_not_publish_it_herself(self, ada):
        ada.open(self.page + "publish/")
        ada.sees("You submitted it for review.")
        assert not ada.page.get_by_role("button", name="Publish").count()

    def when_bela_sees_it_waiting_and_publishes_it(self, bela):
        bela.sign_in(self.bela)
        bela.follow("1 Cohorts that wait for a second person")
        bela.follow("Evenings, spring")
        bela.follow("Publish", exact=False)
        bela.sees("Submitted by Ada Quill")
        bela.sees("Monday 17:30, 90 minutes, Skills group (group)")
        bela.is_accessible()
        bela.press("Publish")
        bela.sees("Published.")

    def choose(self, ada, tmp_path, **over):
        ends_on = self.starts_on + timedelta(weeks=10)
        blocks = [
            f"{day} {at} 90 group Skills group"
            for day in ("Monday", "Wednesday", "Thursday")
            for at in ("17:30", "19:00")
        ]
        row = {
            "program": "steady-evenings", "name": "Evenings, spring", "location": "Mill Street",
            "delivery": "on_site", "language": "en", "facilitator": "dana@example.test", "seats_least": 4, "seats": 8,
            "entry": "closed", "starts_on": self.starts_on, "ends_on": ends_on, "payers": "Lakeshore Mutual",
            "payment_options": "plan, sliding_scale", "blocks": "\n".join(blocks), **over,
        }  # fmt: skip
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, fieldnames=list(row))
        writer.writeheader()
        writer.writerow(row)
        file = tmp_path / "cohorts.csv"
        file.write_text(stream.getvalue(), encoding="utf-8")
        ada.page.locator("input[type=file]").set_input_files(file)
        ada.press("Show what it would change")
