"""What the catalog said before is said in its new words, and again in the old ones on the way back."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from programs.models import Cohort, LevelHours, Program
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("programs", "0009_what_reports_count_by")]


def migrate(to):
    MigrationExecutor(connection).migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


def test_states_and_methods_are_taken_over_and_given_back():
    evenings = make.program(modalities=["cbt", "medication_management"])
    plain = make.program(track="addiction_individual")
    running = make.cohort(program=evenings, ends_on=date(2026, 5, 11), last_entry_on=date(2026, 5, 10), seats=3)
    ended, planned = make.cohort(state="retired"), make.cohort(state="in_review")
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = migrate(BEFORE)
        cohorts, programs = (old.get_model("programs", name).objects for name in ("Cohort", "Program"))
        assert dict(cohorts.values_list("pk", "state")) == {
            running.pk: "open",
            ended.pk: "closed",
            planned.pk: "planned",
        }
        assert programs.get(pk=evenings.pk).modalities == "cbt, medicine visits"
        programs.filter(pk=evenings.pk).update(modalities="DBT skills: mindfulness, EMDR, and a choir")
        programs.filter(pk=plain.pk).update(modalities="CBT, mindfulness")
    finally:
        migrate(newest)

    assert dict(Cohort.objects.values_list("pk", "state")) == {
        running.pk: "published",
        ended.pk: "retired",
        planned.pk: "draft",
    }
    assert dict(Cohort.objects.values_list("pk", "entry")) == {
        running.pk: "open",
        ended.pk: "closed",
        planned.pk: "closed",
    }
    assert Cohort.objects.get(pk=running.pk).seats_least == 3
    choir, individual = (Program.objects.get(pk=each.pk) for each in (evenings, plain))
    assert set(choir.modalities) == {"dbt_mindfulness", "emdr"}
    assert choir.evidence_note == "Methods, as they were written: DBT skills: mindfulness, EMDR, and a choir"
    assert (set(individual.modalities), individual.evidence_note) == ({"cbt", "mindfulness"}, "")
    assert (choir.format, individual.format, choir.languages) == ("group", "individual", ["en"])
    hours = LevelHours.objects.get(level="iop")
    assert (hours.least_minutes, hours.most_minutes) == (540, 1140)
