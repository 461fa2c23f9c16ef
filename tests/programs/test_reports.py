"""What became of recommendations: what counts, who is counted, and that no small group can be read."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from intake.models import Patient
from programs import reports
from programs.matching import default_engine
from programs.models import Decision, Recommendation
from tests import make
from tests.matching.contract import read as contract
from tests.programs.people import sign

pytestmark = pytest.mark.django_db

URL = reverse("programs:report")
P7, P6, P1, P3 = (
    "01-t1-depression-strong", "07-t6-within-one-point", "08-g1-overdose-now", "05-t4-addiction-with-trauma",
)  # fmt: skip
BECAUSE = {"reason_code": "clinical_judgment", "reason": "It fits better."}
AGREE: dict[str, Any] = {"choice": "agree", "track": "depression"}
TRACK: dict[str, Any] = {"choice": "other_track", "track": "trauma", **BECAUSE}
LEVEL: dict[str, Any] = {"choice": "other_level", "level": "php", **BECAUSE}
REFERRAL: dict[str, Any] = {"choice": "referral", **BECAUSE}
NOT_READY: dict[str, Any] = {"choice": "not_ready", **BECAUSE, "reason_code": "facts_missing"}


@cache
def worked_out(name: str) -> str:
    return json.dumps(default_engine().recommend(contract(f"examples/{name}.facts.json")))


def recommended(place, example: str = P7, *decided: dict[str, Any], days_ago: int = 1, **over: Any) -> Recommendation:
    """What the rules make of an example, over an intake of somebody new; then each decision, in order."""
    at = timezone.now() - timedelta(days=days_ago)
    by = over.pop("by", None)
    assessment = over.pop("assessment", None)
    if assessment is None:
        patient = over.pop("patient", None) or make.patient(location=place, **over)
        assessment = sign(make.assessment(patient=patient, started_at=at), at)
    result = json.loads(worked_out(example))
    made = Recommendation.objects.create(
        assessment=assessment, facts={}, ruleset_version="2026.1", result=result, content_hash="0" * 64, made_at=at
    )
    for each in decided:
        Decision.objects.create(recommendation=made, by=by or assessment.owner, at=at, **each)
    return made


def several(number: int, place, example: str = P7, *decided: dict[str, Any], **over: Any) -> None:
    for _ in range(number):
        recommended(place, example, *decided, **over)


@pytest.fixture
def place():
    return make.location(name="Mill Street")


@pytest.fixture
def clinic(signed_in, place):
    actor = make.supervisor(at=place)
    return SimpleNamespace(place=place, actor=actor, client=signed_in(actor.user))


def asked(clinic, **over: Any) -> reports.Report:
    return reports.report(actor=clinic.actor, since=None, **over)


def counts(row: reports.Row) -> tuple[int, ...]:
    """People, decided, then the columns."""
    return (row.people, row.decided, *(cell.count for cell in row.cells))


def table(report: reports.Report, name: str) -> dict[str, tuple[int, ...]]:
    found = next(each for each in report.tables if each.grouping.id == name)
    return {row.name: counts(row) for row in found.rows}


# ---- what counts


def test_every_rule_track_and_level_row_has_what_became_of_it(clinic):
    for decision, number in ((AGREE, 6), (TRACK, 3), (LEVEL, 2), (NOT_READY, 1)):
        several(number, clinic.place, P7, decision)
    several(2, clinic.place, P7)
    several(11, clinic.place, P6, AGREE)
    several(12, clinic.place, P1, NOT_READY)

    report = asked(clinic)

    assert counts(report.total) == (37, 35, 17, 5, 0, 13, 2)
    assert [cell.share for cell in report.total.cells] == [49, 14, 0, 37, None]
    assert table(report, "rules") == {
        "P1": (12, 12, 0, 0, 0, 12, 0),
        "P6": (11, 11, 11, 0, 0, 0, 0),
        "P7": (14, 12, 6, 5, 0, 1, 2),
    }
    assert table(report, "tracks") == {
        "Depression": (14, 12, 6, 5, 0, 1, 2),
        "No single track proposed": (23, 23, 11, 0, 0, 12, 0),
    }
    # The overdose behind P1 fires three rows of the level; each is counted.
    assert table(report, "levels") == dict.fromkeys(["L3", "L5", "L8"], (12, 12, 0, 0, 0, 12, 0)) | {
        "L12": (25, 23, 17, 5, 0, 1, 2)
    }
    assert table(report, "versions") == {"2026.1": counts(report.total)}


def test_the_newest_decision_over_a_recommendation_counts_and_only_that(clinic):
    several(11, clinic.place, P7, AGREE, NOT_READY, TRACK)

    assert counts(asked(clinic).total) == (11, 11, 0, 11, 0, 0, 0)


def test_a_decision_counts_after_its_recommendation_was_worked_out_again_and_the_new_one_is_undecided(clinic):
    several(10, clinic.place, P7, AGREE)
    first = recommended(clinic.place, P7, AGREE, days_ago=2)
    recommended(clinic.place, P6, assessment=first.assessment)

    assert counts(asked(clinic).total) == (11, 11, 11, 0, 0, 0, 1)


def test_what_was_worked_out_again_before_anybody_decided_is_not_counted(clinic):
    several(10, clinic.place, P7, AGREE)
    first = recommended(clinic.place, P1, days_ago=3)
    recommended(clinic.place, P1, assessment=first.assessment, days_ago=2)
    recommended(clinic.place, P7, AGREE, assessment=first.assessment)

    assert counts(asked(clinic).total) == (11, 11, 11, 0, 0, 0, 0)


def test_a_track_that_was_not_offered_for_want_of_a_rating_was_not_recommended(clinic):
    for _ in range(11):
        made = recommended(clinic.place, P7)
        result = {**made.result, "level_of_care": {**made.result["level_of_care"], "status": "no_result"}}
        recommended(clinic.place, P7, NOT_READY, assessment=made.assessment)
        Recommendation.objects.bulk_create([
            Recommendation(
                assessment=sign(make.assessment(patient=made.assessment.patient), timezone.now()),
                facts={}, ruleset_version="2026.1", result=result, content_hash="0" * 64,
            )
        ])  # fmt: skip

    assert table(asked(clinic), "tracks") == {
        "Depression": (11, 11, 0, 0, 0, 11, 0),
        "No single track proposed": (11, 0, 0, 0, 0, 0, 11),
    }


def test_every_choice_has_an_outcome():
    assert set(Decision.Choice.values) <= set(reports.OUTCOMES)


def test_a_referral_is_neither_accepted_nor_changed(clinic):
    several(11, clinic.place, P1, REFERRAL)

    assert counts(asked(clinic).total) == (11, 11, 0, 0, 11, 0, 0)


def test_reasons_are_counted_of_what_was_not_accepted(clinic):
    several(11, clinic.place, P7, TRACK)
    several(2, clinic.place, P7, LEVEL)
    several(12, clinic.place, P7, NOT_READY)
    several(3, clinic.place, P7, NOT_READY, AGREE)

    assert table(asked(clinic), "reasons") == {
        "Clinical judgment": (13, 13, 13, 0, 0),
        "Something important is not in the answers": (12, 12, 0, 0, 12),
    }


def test_a_clinician_stands_with_what_they_decided_and_with_what_waits_of_those_they_signed(clinic):
    ana, lee = (make.clinician(at=clinic.place, name=name) for name in ("Ana R.", "Dr. Lee"))
    several(12, clinic.place, P7, TRACK, by=ana, registered_by=lee)
    several(11, clinic.place, P7, registered_by=lee)

    assert table(asked(clinic), "clinicians") == {
        "Ana R.": (12, 12, 0, 12, 0, 0, 0),
        "Dr. Lee": (11, 0, 0, 0, 0, 0, 11),
    }


def test_two_clinicians_of_one_name_stay_two(clinic):
    for by in [make.clinician(at=clinic.place, name="Sam O.") for _ in range(2)]:
        several(11, clinic.place, P7, AGREE, by=by)

    found = next(each for each in asked(clinic).tables if each.grouping.id == "clinicians")
    assert [(row.name, row.people) for row in found.rows] == [("Sam O.", 11), ("Sam O.", 11)]


def test_groups_of_people_show_what_the_record_knows_of_them(clinic):
    old = date(1950, 1, 1)
    some = {"born_on": old, "sex_for_clinical_use": "female", "language": "es", "needs_interpreter": True}
    several(11, clinic.place, P7, TRACK, **some)
    several(12, clinic.place, P7, AGREE)
    for person in Patient.objects.filter(language="es"):
        make.coverage(person)

    report = asked(clinic)

    theirs, others = (11, 11, 0, 11, 0, 0, 0), (12, 12, 12, 0, 0, 0, 0)
    assert table(report, "ages") == {"26 to 39": others, "60 and over": theirs}
    assert table(report, "sexes") == {"Not recorded": others, "Female": theirs}
    assert table(report, "languages") == {"English": others, "Spanish": theirs}
    assert table(report, "interpreters") == {"Not needed": others, "Needed": theirs}
    assert table(report, "coverage") == {"None on record": others, "On record": theirs}


@pytest.mark.parametrize(
    ("born", "band"),
    [("2008-03-12", 0), ("2008-03-11", 18), ("2000-03-12", 18), ("2000-03-11", 26), ("1900-01-01", 60)],
)
def test_an_age_is_that_of_the_day(born, band):
    found = SimpleNamespace(made_at=make.NOON, born_on=date.fromisoformat(born))

    assert reports.age_band(found) == band


# ---- small groups


def test_ten_people_are_too_few_for_a_report_and_eleven_are_enough(clinic):
    several(10, clinic.place, P7, AGREE)
    assert asked(clinic).total is None
    assert "Too few people to show numbers" in clinic.client.get(URL).text

    recommended(clinic.place, P7, AGREE)
    assert counts(asked(clinic).total) == (11, 11, 11, 0, 0, 0, 0)


def test_people_are_counted_not_recommendations(clinic):
    several(10, clinic.place, P7, AGREE)
    person = Patient.objects.first()
    several(5, clinic.place, P7, AGREE, patient=person)

    assert asked(clinic).total is None


def test_small_groups_stand_together_once_they_are_eleven_people(clinic):
    several(20, clinic.place, P7, AGREE)
    several(6, clinic.place, P6, AGREE)
    several(5, clinic.place, P1, NOT_READY)

    assert table(asked(clinic), "rules") == {
        "P7": (20, 20, 20, 0, 0, 0, 0),
        "Smaller groups together": (11, 11, 6, 0, 0, 5, 0),
    }


def test_a_small_group_cannot_be_worked_out_from_the_total(clinic):
    several(20, clinic.place, P7, AGREE)
    several(12, clinic.place, P3, AGREE)
    several(3, clinic.place, P1, NOT_READY)

    report = asked(clinic)

    shown = table(report, "rules")
    assert shown == {"P7": (20, 20, 20, 0, 0, 0, 0), "Smaller groups together": (15, 15, 12, 0, 0, 3, 0)}
    assert report.total.people - sum(row[0] for name, row in shown.items() if name.startswith("P")) >= 11


def test_where_only_one_group_could_stand_alone_none_does(clinic):
    several(20, clinic.place, P7, AGREE)
    several(3, clinic.place, P1, NOT_READY)

    assert table(asked(clinic), "rules") == {}
    assert table(asked(clinic), "reasons") == {}
    page = clinic.client.get(URL).text
    assert "Too few people to tell groups apart here." in page
    assert "A safety check is open, so no track is proposed yet." not in page


@pytest.mark.parametrize(
    "sizes", [(1,), (10, 10), (11, 10), (11, 1, 1), (30, 11, 10, 9), (40, 12, 11, 2), (12, 11, 11)]
)
def test_whatever_the_sizes_what_is_left_over_is_nobody_or_eleven(sizes):
    people = iter(range(1000))
    groups = {
        number: [SimpleNamespace(pk=person, patient=person) for person, _ in zip(people, range(size), strict=False)]
        for number, size in enumerate(sizes)
    }

    alone, together = reports.tell_apart(groups)

    assert all(sizes[number] >= 11 for number in alone)
    assert not alone or len(together) == 0 or len(together) >= 11
    assert sum(sizes) == len(together) + sum(sizes[number] for number in alone)


# ---- whom, when, where


def test_people_of_other_locations_are_not_counted(clinic):
    several(11, clinic.place, P7, AGREE)
    several(11, make.location(), P7, TRACK)

    assert counts(asked(clinic).total) == (11, 11, 11, 0, 0, 0, 0)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_nobody_but_a_supervisor_finds_the_report(signed_in, place, role):
    several(11, place, P7, AGREE)
    user = make.user(role, at=place, is_staff=role == Role.ADMIN, is_superuser=role == Role.ADMIN)
    if role == Role.PATIENT:
        make.patient(user=user)
    other = signed_in(user)

    assert other.get(URL).status_code == 404
    if role in {Role.CLINICIAN, Role.COORDINATOR}:
        assert "Reports" not in [entry["label"] for entry in other.get("/staff/").context["nav"]]


def test_a_supervisor_finds_it_in_the_menu(clinic):
    entries = clinic.client.get(URL).context["nav"]

    assert [entry["label"] for entry in entries if entry["active"]] == ["Reports"]


@pytest.mark.parametrize(("period", "people"), [("90", 11), ("365", 23), ("all", 36), ("", 23)])
def test_the_time_is_counted_back_from_today_and_is_twelve_months_unless_asked(clinic, period, people):
    several(11, clinic.place, P7, AGREE, days_ago=80)
    several(12, clinic.place, P7, AGREE, days_ago=300)
    several(13, clinic.place, P7, AGREE, days_ago=400)

    page = clinic.client.get(URL, {"period": period} if period else {})

    assert page.context["report"].total.people == people
    assert page.context["form"]["period"].value() == (period or "365")


def test_who_has_two_locations_looks_at_both_or_at_one(clinic):
    other = make.location(name="Lake & Pine")
    other.staff.add(clinic.actor.user)
    several(11, clinic.place, P7, AGREE)
    several(12, other, P7, TRACK)

    both, one = clinic.client.get(URL), clinic.client.get(URL, {"location": "Lake & Pine", "period": "90"})

    assert both.context["report"].total.people == 23
    assert table(both.context["report"], "locations") == {
        "Lake & Pine": (12, 12, 0, 12, 0, 0, 0),
        "Mill Street": (11, 11, 11, 0, 0, 0, 0),
    }
    assert one.context["report"].total.people == 12
    assert '<option value="Lake &amp; Pine" selected>' in one.text
    assert '<option value="90" selected>' in one.text


def test_who_has_one_location_is_not_asked_which(clinic):
    assert 'name="location"' not in clinic.client.get(URL).text


@pytest.mark.parametrize(
    "asked_for",
    [
        {"period": "-1"},
        {"period": "9" * 400},
        {"period": "365\x00"},
        {"location": "\x00"},
        {"location": "Elsewhere"},
        {"period": ["all", "x"], "location": ["<script>", "' OR 1=1"]},
    ],
)
def test_what_the_filter_does_not_know_is_answered_with_what_is_usual(clinic, asked_for):
    make.location(name="Elsewhere")
    make.location().staff.add(clinic.actor.user)
    several(11, clinic.place, P7, AGREE)
    several(11, clinic.place, P7, AGREE, days_ago=400)

    page = clinic.client.get(URL, asked_for)

    assert page.status_code == 200
    assert page.context["report"].total.people == 11
    assert '<option value="365" selected>' in page.text


# ---- the page


def test_before_anybody_decided_the_page_says_so(clinic):
    assert "Nobody has decided on a recommendation yet" in clinic.client.get(URL).text

    several(11, clinic.place, P7)
    assert "Nobody has decided on a recommendation yet" in clinic.client.get(URL).text


def test_the_page_prints_counts_with_shares_the_sentence_of_a_rule_and_what_numbers_are_worth(clinic):
    several(9, clinic.place, P7, AGREE)
    several(3, clinic.place, P7, TRACK)

    page = clinic.client.get(URL).text

    assert (
        "<b>12 people, 12 decisions:</b> 9 accepted (75%), 3 changed (25%), 0 referred (0%), 0 not ready (0%), and 0 still undecided."
        in page
    )
    assert "The track with the most evidence comes first." in page
    assert "Numbers show use, not who was right." in page
    assert '<rect width="25" height="1"/>' in page


def test_a_rule_leads_to_where_it_is_read(clinic):
    several(11, clinic.place, P7, AGREE)

    page = clinic.client.get(URL)

    address = reverse("programs:ruleset_read", args=[page.context["report"].rules.public_id])
    assert f'href="{address}#selection"' in page.text
    assert 'id="selection"' in clinic.client.get(address).text
    make.no_published_rules()
    assert "The track with the most evidence comes first." in clinic.client.get(URL).text


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_queries(clinic, django_assert_num_queries, number):
    several(number, clinic.place, P7, AGREE, TRACK)
    several(number, clinic.place, P6)
    reports.sentences(reports.queries.published_rules())  # this process has read the rules

    with django_assert_num_queries(6):
        clinic.client.get(URL)
