"""The page of whose result would change: every state of it, and who reads names."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.models import Role
from programs.actions import rehearsing
from programs.models import Rehearsal, RuleSet
from tests import make
from tests.programs import drafts, people

pytestmark = pytest.mark.django_db

FIRST = "See whose result would change first."
MOVED = "First track: the clinician picks the track becomes trauma"


@pytest.fixture(autouse=True)
def _vignettes():
    make.vignettes()


@pytest.fixture
def clinic(signed_in):
    place = make.location()
    one, two = (drafts.supervisor(at=place, name=name) for name in ("Ruth M.", "Dr. Lee"))
    return SimpleNamespace(place=place, one=one, two=two, first=signed_in(one.user), second=signed_in(two.user))


def url(name: str, found: RuleSet) -> str:
    return reverse(f"programs:{name}", args=[found.public_id])


def page(client, found: RuleSet) -> str:
    answer = client.get(url("ruleset_replay", found))
    assert answer.status_code == 200
    return answer.text


def test_supervisors_of_the_location_read_who_would_change_and_others_a_number(clinic, signed_in):
    their_clinician = make.clinician(at=clinic.place)
    person = people.a_patient(location=clinic.place, team=their_clinician, first_name="Rosa", last_name="Marlow")
    drafts.somebody_would_change(patient=person)
    found = drafts.draft(drafts.DEPRESSED)
    drafts.ask(found, by=clinic.one)
    drafts.work_out()
    elsewhere = signed_in(drafts.supervisor(at=make.location()).user)
    clinician = signed_in(their_clinician)

    here, there, read = (page(client, found) for client in (clinic.second, elsewhere, clinician))

    assert "Rosa M." in here
    assert MOVED in here
    assert "depression.main_measure: The PHQ-9 score shows depressive symptoms." in here
    assert "Asked by Ruth M., worked out Mar 11, 2026, 12:00 pm" in here
    for other in (there, read):
        assert "1 of 1 signed intake" in other
        assert "Rosa" not in other
        assert "1 more is counted here and not named" in other
    assert "Work it out again" in there
    assert "Work it out again" not in read


def test_a_supervisor_acting_as_a_clinician_reads_no_names(clinic):
    person = people.a_patient(location=clinic.place, first_name="Rosa", last_name="Marlow")
    drafts.somebody_would_change(patient=person)
    found = drafts.draft(drafts.DEPRESSED)
    drafts.ask(found)
    drafts.work_out()
    clinic.one.user.role_assignments.create(role=Role.CLINICIAN)
    session = clinic.first.session
    session["role"] = Role.CLINICIAN
    session.save()

    assert "Rosa" not in page(clinic.first, found)


def test_without_signed_intakes_or_published_rules_the_page_says_so(clinic):
    found = drafts.draft(drafts.DEPRESSED)
    drafts.ask(found)
    drafts.work_out()

    assert "No intake is signed yet" in page(clinic.first, found)
    make.no_published_rules()
    assert "nothing to compare with" in page(clinic.first, found)


def test_from_not_asked_over_under_way_to_done(clinic):
    drafts.somebody_would_change()
    found = drafts.draft(drafts.DEPRESSED)
    before = page(clinic.first, found)
    assert "It was not worked out yet, and has to be before these rules can be published." in before
    assert not Rehearsal.objects.exists()  # looking asks nothing

    answer = clinic.first.post(url("ruleset_rehearse", found))
    assert answer.url == url("ruleset_replay", found)

    waiting = page(clinic.first, found)
    assert "Being worked out. This takes about a minute for a large clinic." in waiting
    assert "Asked by Ruth M., " in waiting
    assert f'hx-get="{answer.url}" hx-trigger="every 2s"' in waiting
    assert f'<a href="{answer.url}">Look again</a>' in waiting
    assert "Being worked out." in clinic.first.get(url("ruleset", found)).text

    drafts.work_out()
    done = page(clinic.first, found)
    assert "1 of 1 signed intake" in done
    assert "Work it out again" in done
    assert "hx-trigger" not in done
    assert "1 of 1 signed intake" in clinic.first.get(url("ruleset", found)).text


def test_while_it_is_under_way_the_page_that_asks_by_itself_is_told_nothing_new(clinic):
    found = drafts.draft()
    drafts.ask(found)
    again = partial(clinic.first.get, url("ruleset_replay", found), headers={"HX-Request": "true"})

    assert (again().status_code, again().content) == (204, b"")
    drafts.work_out()
    assert 'id="rehearsal"' in again().text


def test_what_is_out_of_date_says_so_and_is_offered_again(clinic):
    drafts.somebody_would_change()
    found = drafts.draft(drafts.DEPRESSED)
    drafts.ask(found)
    drafts.work_out()

    drafts.change(found)

    told = page(clinic.first, found)
    assert "This is out of date" in told
    assert "1 of 1 signed intake" in told
    assert "Work it out again" in told
    assert "It is not worked out yet for these two." in clinic.first.get(url("ruleset", found)).text


def test_other_published_rules_make_it_out_of_date(clinic):
    found = drafts.in_review(drafts.DEPRESSED, version="2026.3")
    drafts.publish(drafts.in_review(version="2026.2"))

    told = page(clinic.first, found)
    assert "This is out of date" in told
    assert "Version 2026.3 beside version 2026.1." in told


def test_what_failed_says_why_and_is_offered_again(clinic, monkeypatch):
    monkeypatch.setattr(rehearsing, "replay", lambda *_engines: 1 / 0)
    found = drafts.draft()
    drafts.ask(found)
    drafts.work_out()

    told = page(clinic.first, found)

    assert "It could not be worked out (ZeroDivisionError)." in told
    assert "Try again" in told
    assert "In numbers" not in told


def test_of_published_rules_the_last_rehearsal_before_that_stays_to_be_read(clinic):
    drafts.somebody_would_change()
    found = drafts.in_review(drafts.DEPRESSED)
    drafts.publish(found)

    told = page(clinic.first, found)
    assert "1 of 1 signed intake" in told
    assert "out of date" not in told
    assert "Work it out again" not in told
    assert "It was not worked out for this version." in page(clinic.first, RuleSet.objects.get(version="2026.1"))


def test_what_cannot_be_asked_leads_back_with_the_reason(clinic):
    answer = clinic.first.post(url("ruleset_rehearse", RuleSet.objects.get()), follow=True)

    assert "These rules are published. Only what is not in use yet is tried on everybody." in answer.text
    assert not Rehearsal.objects.exists()


def test_a_clinician_reads_and_does_not_ask(clinic, signed_in):
    found, visitor = drafts.draft(), signed_in(make.clinician(at=clinic.place))

    assert "It was not worked out yet. Only supervisors ask for this." in page(visitor, found)
    assert '<form method="post" action="/staff/rules/' not in page(visitor, found)
    assert visitor.post(url("ruleset_rehearse", found)).status_code == 404
    assert not Rehearsal.objects.exists()


def test_looking_never_asks(clinic):
    found = drafts.draft()

    assert clinic.first.get(url("ruleset_rehearse", found)).status_code == 405
    for name in ("ruleset", "ruleset_replay", "ruleset_publish"):
        clinic.first.get(url(name, found))

    assert not Rehearsal.objects.exists()


def test_the_publication_waits_for_it_and_then_shows_it(clinic):
    drafts.somebody_would_change()
    found = drafts.submitted(drafts.DEPRESSED, by=clinic.one)
    early = clinic.second.get(url("ruleset_publish", found)).text
    assert FIRST in early
    assert f'href="{url("ruleset_replay", found)}"' in early
    assert "Your password" not in early
    assert f"Publish: {FIRST}" in clinic.second.get(url("ruleset", found)).text

    drafts.work_out()

    told = clinic.second.get(url("ruleset_publish", found)).text
    assert "1 of 1 signed intake" in told
    assert f"{MOVED}: 1" in told
    assert "Worked out Mar 11, 2026" in told


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_queries(clinic, django_assert_num_queries, number):
    for _ in range(number):
        drafts.somebody_would_change(patient=people.a_patient(location=clinic.place))
    found = drafts.draft(drafts.DEPRESSED)
    for _ in range(number):
        drafts.ask(found)
        drafts.work_out()

    with django_assert_num_queries(8):
        told = page(clinic.first, found)

    assert told.count("<h3>") == number
