"""The pages of a recommendation: who sees them, what they answer, what they cost."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
import yaml
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, Role
from intake.models import Assignment
from programs import actions, rulebook
from programs.models import Recommendation
from scheduling.queries.seats import standing
from tests import make
from tests.programs import people

pytestmark = pytest.mark.django_db

PAGES = ["recommendation", "how", "person_version"]
DEEDS = ["decide", "work_out"]
FORM = {"choice": "other_track", "track": "dbt", "reason_code": "person_prefers", "reason": "She wants skills first."}


@pytest.fixture
def made():
    return actions.recommend(assessment=people.signed(at=timezone.now()), at=timezone.now())


@pytest.fixture
def owner(made, signed_in):
    return signed_in(made.assessment.owner)


def url(name, recommendation, *more):
    patient = recommendation.assessment.patient.public_id
    of = recommendation.assessment if name in {"findings", "work_out"} else recommendation
    return reverse(f"programs:{name}", args=[patient, of.public_id, *more])


def every_url(made):
    return [*(url(name, made) for name in [*PAGES, *DEEDS, "findings"]), url("clear", made, "G2")]


# ---- who


def test_the_treating_clinician_reads_every_page(made, owner):
    assert {name: owner.get(url(name, made)).status_code for name in PAGES} == dict.fromkeys(PAGES, 200)


def test_a_supervisor_of_the_place_reads_and_decides(made, signed_in):
    supervisor = signed_in(make.user(Role.SUPERVISOR, at=made.assessment.patient.location))

    assert {name: supervisor.get(url(name, made)).status_code for name in PAGES} == dict.fromkeys(PAGES, 200)
    assert supervisor.post(url("decide", made), FORM).status_code == 302


@pytest.mark.parametrize(
    "who",
    [
        lambda place: make.clinician(at=place),
        lambda place: make.user(Role.COORDINATOR, at=place),
        lambda place: make.user(Role.ADMIN, at=place),
        lambda place: make.user(Role.FAMILY),
        lambda _place: make.user(Role.SUPERVISOR, at=make.location()),
    ],
    ids=["clinician of another team", "coordinator", "administrator", "family", "supervisor of another place"],
)
def test_others_find_nothing_and_change_nothing(made, signed_in, who):
    other = signed_in(who(made.assessment.patient.location))

    answers = [ask(address, FORM).status_code for address in every_url(made) for ask in (other.get, other.post)]

    # A deed asked for by GET is refused as a method before anybody's record is looked at.
    assert set(answers) <= {404, 405}
    assert [other.get(url(name, made)).status_code for name in PAGES] == [404, 404, 404]
    assert [other.post(url(name, made), FORM).status_code for name in DEEDS] == [404, 404]
    assert not made.decisions.exists()


def test_the_person_has_no_door_to_the_staff_s_pages(made, signed_in):
    user = make.user(Role.PATIENT)
    type(made.assessment.patient).objects.filter(pk=made.assessment.patient.pk).update(user=user)

    assert {signed_in(user).get(url(name, made)).status_code for name in PAGES} == {404}


def test_a_recommendation_is_found_only_behind_the_person_it_is_about(made, owner):
    another = people.a_patient(team=made.assessment.owner)
    address = reverse("programs:recommendation", args=[another.public_id, made.public_id])

    assert owner.get(address).status_code == 404


def test_signed_out_people_are_sent_to_sign_in(made, client):
    answers = [client.get(address) for address in every_url(made)]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.url.startswith("/sign-in/?next=/staff/people/") for answer in answers)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_not_done_by_following_a_link(made, owner, deed):
    assert owner.get(url(deed, made)).status_code == 405


def test_opening_a_recommendation_is_on_record(made, owner):
    owner.get(url("recommendation", made))

    event = AccessEvent.objects.get()
    assert (event.user, event.patient) == (made.assessment.owner, made.assessment.patient.public_id)
    assert (event.role, event.action) == ("clinician", "recommendation")


# ---- what it says


def test_the_page_says_level_track_evidence_and_the_person_s_own_words(made, owner):
    page = owner.get(url("recommendation", made)).text

    for said in (
        "What the intake points to",
        "Recommendation for discussion",
        "Intensive outpatient",
        "Tracks, best match first",
        "PHQ-9 total: 17 of 27",
        "Depressive episode or persistent depression, not bipolar: confirmed",
        "I want to get up in the morning again, and be there for my kids.",
        "The tool suggests. You decide, with Rosa.",
    ):
        assert said in page
    assert "%" not in page


def test_no_choice_is_made_beforehand(made, owner):
    assert 'name="choice"' in owner.get(url("recommendation", made)).text
    assert " checked" not in owner.get(url("recommendation", made)).text


def test_evidence_leads_to_the_answer_behind_it(made, owner):
    page = owner.get(url("recommendation", made))

    line = next(line for line in page.context["page"].cards[0].toward if line.text.startswith("PHQ-9 total"))
    path, _, slot = line.url.partition("#")
    assert f'id="{slot}"' in owner.get(path, follow=True).text


def test_answers_of_more_than_thirty_days_ago_are_marked_and_stay_readable(signed_in):
    signed_at = timezone.now() - timedelta(days=31)
    old = actions.recommend(assessment=people.signed(at=signed_at), at=signed_at)

    page = signed_in(old.assessment.owner).get(url("recommendation", old))

    assert "Based on answers from" in page.text
    assert "Tracks, best match first" in page.text


def test_new_answers_since_the_signature_are_named_and_the_intake_can_be_begun_anew(made, owner):
    patient = made.assessment.patient
    given = Assignment.objects.create(patient=patient, code="phq9", assigned_by=made.assessment.owner)
    before = owner.get(url("recommendation", made)).text
    Assignment.objects.filter(pk=given.pk).update(started_at=timezone.now(), submitted_at=timezone.now())

    page = owner.get(url("recommendation", made)).text

    assert "Based on answers from" not in before
    assert "New since then: PHQ-9." in page
    assert reverse("intake:start_intake", args=[patient.public_id]) in page
    assert reverse("intake:forms", args=[patient.public_id]) in page


def test_who_may_write_the_intake_asks_for_what_is_missing_and_others_read_the_question(signed_in):
    made = actions.recommend(assessment=people.signed(**{"preference.main_goal": None}), at=make.NOON)
    supervisor = make.user(Role.SUPERVISOR, at=made.assessment.patient.location)

    mine, theirs = (
        signed_in(user).get(url("recommendation", made)).text for user in (made.assessment.owner, supervisor)
    )

    correct = reverse("intake:correct", args=[made.assessment.patient.public_id, made.assessment.public_id])
    assert f"{correct}?about=goals.main_goal" in mine
    assert "Ask now" in mine
    assert "Ask now" not in theirs
    assert "#slot_main_goal" in theirs


def test_an_older_recommendation_points_to_the_newest(made, owner):
    newer = actions.recommend(assessment=made.assessment, at=timezone.now())

    page = owner.get(url("recommendation", made)).text

    assert url("recommendation", newer) in page
    assert 'name="choice"' not in page


def test_a_check_on_hold_is_recorded_and_the_rules_are_worked_out_again(signed_in):
    held = actions.recommend(assessment=people.signed("on_hold", at=timezone.now()), at=timezone.now())
    owner = signed_in(held.assessment.owner)

    page = owner.get(url("recommendation", held)).text

    assert "On hold until one check is done" in page
    assert "Tracks, best match first" not in page
    assert 'value="other_track"' not in page
    assert url("clear", held, "G2") in page
    today = timezone.localdate(timezone=timezone.get_fixed_timezone(-360)).isoformat()
    answer = owner.post(url("clear", held, "G2"), {"done_on": today, "note": "Seen by Dr. Lee."}, follow=True)
    assert answer.redirect_chain[0][0] == url("recommendation", held.assessment.recommendations.order_by("-pk")[0])
    assert "Recorded, and worked out again." in answer.text
    assert "What the intake points to" in answer.text


def test_a_gate_without_a_clearance_has_no_page(made, owner):
    assert owner.get(url("clear", made, "G6")).status_code == 404


def test_how_it_was_worked_out_names_every_gate_and_row(made, owner):
    page = owner.get(url("how", made)).text

    assert all(f"{gate}: " in page for gate in ("G1", "G2", "G10"))
    assert f"Rules version {made.ruleset_version}" in page
    assert "The weights are expert opinion." in page


def test_how_it_was_worked_out_shows_every_row_with_what_it_asks_and_what_it_came_to(made, owner):
    rules = yaml.safe_load(rulebook.default_document())
    page = html.unescape(owner.get(url("how", made)).text)

    rows = [*rules["level_of_care"]["rows"], *rules["selection"]["rules"]]
    rows += [row for family in rules["evidence"]["families"] for row in family["rows"]]
    rows += [row for gate in rules["gates"] if gate["id"] != "G9" for row in gate["triggers"]]
    assert [row["says"] for row in rows if "when" in row and row["says"] not in page] == []
    assert "4 points: PHQ-9 total is 20 or more" in page
    assert "<b>decides</b>" in page
    assert "does not hold" in page


def test_how_it_was_worked_out_says_which_demand_of_a_confidence_is_not_met(signed_in):
    made = actions.recommend(assessment=people.signed(**{"gad7.items": None}), at=make.NOON)

    page = signed_in(made.assessment.owner).get(url("how", made)).text

    assert made.result["confidence"]["level"] == "moderate"
    assert "<b>Not met:</b> No answer of those that count missing: 1" in page
    assert "Met: </span>At most 2 answers of those that count missing: 1" in page


def test_a_recommendation_whose_rules_are_known_by_their_version_only_says_so(made, owner):
    bare = Recommendation.objects.create(
        assessment=made.assessment,
        facts=made.facts,
        ruleset_version="2025.9",
        result=made.result,
        content_hash="0" * 64,
    )

    page = owner.get(url("how", bare)).text

    assert "These rules are on record by their version only" in page
    assert "The PHQ-9 score shows depressive symptoms." in page
    assert owner.get(url("recommendation", bare)).status_code == 200


# ---- deciding


def test_a_referral_is_a_decision_where_nothing_is_proposed_and_gives_no_seat(signed_in):
    made = people.of_example("02-t2-nothing-supported")
    owner = signed_in(made.assessment.owner)
    form = {"choice": "referral", "reason_code": "clinical_judgment", "reason": "A sleep clinic comes first."}

    answer = owner.post(url("decide", made), form, follow=True)

    assert "Refer elsewhere" in answer.text
    assert "A sleep clinic comes first." in answer.text
    assert not standing(made.assessment.patient).is_decided


def test_a_referral_is_no_choice_where_a_track_is_proposed(made, owner):
    form = {"choice": "referral", "reason_code": "clinical_judgment", "reason": "Elsewhere."}

    assert owner.post(url("decide", made), form).status_code == 422
    assert not made.decisions.exists()


def test_earlier_decisions_stay_on_the_page_those_over_an_earlier_recommendation_too(made, owner):
    owner.post(url("decide", made), FORM)
    owner.post(url("decide", made), people.AGREE_WITH_DEPRESSION)
    again = actions.recommend(assessment=made.assessment, at=timezone.now())

    first, second = (owner.get(url("recommendation", one)).text for one in (made, again))

    assert FORM["reason"] in first.partition("Earlier decisions")[2]
    assert second.partition("Earlier decisions")[2].count("<li>") >= 2
    assert 'name="choice"' in second


def test_a_decision_becomes_a_record_that_can_be_changed(made, owner):
    answer = owner.post(url("decide", made), people.AGREE_WITH_DEPRESSION, follow=True)

    assert answer.redirect_chain == [(url("recommendation", made), 302)]
    assert made.decisions.get().track == "depression"
    assert "Agree with track 1" in answer.text
    assert 'name="choice"' not in answer.text
    assert 'name="choice"' in owner.get(url("recommendation", made) + "?change").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"choice": ""}, "Choose what you decide."),
        ({"choice": "agree:trauma"}, "Select a valid choice"),
        ({"track": ""}, "Choose the track."),
        ({"track": "sleep"}, "Select a valid choice"),
        ({"reason_code": ""}, "Choose a reason."),
        ({"reason": " "}, "Say why, in one or two sentences."),
        ({"reason": "x" * 1001}, "at most 1000 characters"),
        ({"choice": "other_level", "level": ""}, "Choose the level of care."),
    ],
)
def test_a_bad_form_says_what_to_do_and_loses_nothing(made, owner, change, sentence):
    given = {**FORM, "reason": "She wants skills first, she said.", **change}

    page = owner.post(url("decide", made), given)

    assert page.status_code == 422
    assert sentence in page.text
    assert given["reason"].strip() in page.text
    assert page.context["form"]["choice"].value() == given["choice"]
    assert not made.decisions.exists()


def test_what_belongs_to_another_choice_is_not_kept(made, owner):
    owner.post(url("decide", made), {**FORM, **people.AGREE_WITH_DEPRESSION})

    kept = made.decisions.get()
    assert (kept.choice, kept.track, kept.reason_code, kept.reason) == ("agree", "depression", "", "")


def test_a_decision_over_an_older_recommendation_is_refused_on_the_page(made, owner):
    actions.recommend(assessment=made.assessment, at=timezone.now())

    page = owner.post(url("decide", made), FORM)

    assert page.status_code == 422
    assert "There is a newer recommendation for this intake." in page.text
    assert not made.decisions.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"note": ""}, "Say what was found, and who did the check."),
        ({"done_on": ""}, "Enter the day of the check."),
        ({"done_on": "yesterday"}, "Enter a day such as 2026-03-12."),
        ({"done_on": "2999-01-01"}, "The check cannot be later than today."),
    ],
)
def test_a_check_that_says_too_little_is_asked_again(made, owner, change, sentence):
    page = owner.post(url("clear", made, "G2"), {"done_on": "2026-03-11", "note": "Seen.", **change})

    assert page.status_code == 422
    assert sentence in page.text
    assert not made.assessment.clearances.exists()


# ---- cost


@pytest.mark.parametrize("decisions", [0, 3])
@pytest.mark.parametrize("persona", ["depression", "close_call", "on_hold"])
def test_the_page_costs_the_same_whatever_it_says(signed_in, django_assert_num_queries, persona, decisions):
    made = actions.recommend(assessment=people.signed(persona, at=timezone.now()), at=timezone.now())
    owner = signed_in(made.assessment.owner)
    for _ in range(decisions):
        waiting = actions.Chosen(choice="not_ready", reason_code="other", reason="One more talk.")
        actions.decide(recommendation=made, chosen=waiting, by=made.assessment.owner, at=timezone.now())

    with django_assert_num_queries(11):  # one of them for corrections, one for what the person answered since
        assert owner.get(url("recommendation", made)).status_code == 200
