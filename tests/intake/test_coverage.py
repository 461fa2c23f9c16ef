"""Coverage: what the payer said, who said it and when; a new check ends the one before, and nobody is overwritten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Role
from intake.actions import papers as actions
from intake.models import Coverage
from intake.papers import GROUPS, LABELS
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/staff/coverage/"


@pytest.fixture
def desk_of_sam(signed_in, coordinator):
    """The coordinator's browser."""
    return signed_in(coordinator)


def base(patient) -> str:
    return f"/staff/people/{patient.public_id}/coverage/"


def told(**over) -> dict[str, str]:
    values = {
        "payer": "Prairie Health Plan",
        "plan": "Choice HMO",
        "member_id": "PH-200",
        "deductible": "$1,500",
        "deductible_met": "250.5",
        "coinsurance": "20",
        "network": "in",
        "authorization_needed": "yes",
        "telehealth_covered": "",
        "told_by": "Pat",
        "told_on": "2026-03-02",
        "reference": "R-77",
        "check_expires_on": "2099-03-31",
        "key": str(uuid4()),
    }
    return {name: value for name, value in (values | over).items() if value is not None}


# ---- Saving


def test_every_field_of_the_verification_is_asked_and_shown_in_its_group(desk_of_sam, patient):
    form = unescape(desk_of_sam.get(f"{base(patient)}new/1/").content.decode())
    desk_of_sam.post(f"{base(patient)}new/1/", told())
    page = unescape(desk_of_sam.get(base(patient)).content.decode())

    names = [name for _, group in GROUPS for name in group]
    about_the_row = {"id", "public_id", "patient", "rank", "recorded_by", "recorded_at", "ended_at"}
    assert sorted(names) == sorted(LABELS) == sorted({f.name for f in Coverage._meta.fields} - about_the_row)
    for name in names:
        assert f'name="{name}"' in form
        assert str(LABELS[name]) in page
    for words in ("$1,500.00", "$250.50", "20%", "In network", "Mar 31, 2099", "Authorization needed", "R-77"):
        assert words in page


def test_what_the_payer_did_not_say_stays_unknown(desk_of_sam, patient):
    desk_of_sam.post(f"{base(patient)}new/1/", told(authorization_needed="", deductible="", coinsurance=""))
    kept = Coverage.objects.get()
    assert (kept.authorization_needed, kept.telehealth_covered, kept.deductible, kept.coinsurance) == (None,) * 4


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1500", "1500"),
        ("$1,500", "1500"),
        (" $ 1,234,567.89 ", "1234567.89"),
        ("0", "0"),
        ("9999999.99", "9999999.99"),
        ("1500.5", "1500.5"),
    ],
)
def test_dollars_are_taken_as_people_write_them(desk_of_sam, patient, typed, kept):
    assert desk_of_sam.post(f"{base(patient)}new/1/", told(deductible=typed)).status_code == 302
    assert Coverage.objects.get().deductible == Decimal(kept)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"deductible": "about 100"}, "Enter an amount in dollars"),
        ({"deductible": "1,50"}, "Enter an amount in dollars"),
        ({"deductible": "NaN"}, "Enter an amount in dollars"),
        ({"deductible": "-5"}, "Enter 0 dollars or more."),
        ({"deductible": "10000000"}, "below 10 million dollars"),
        ({"deductible": "1.505"}, "dollars and cents"),
        ({"coinsurance": "101"}, "Enter a percentage from 0 to 100."),
        ({"payer": ""}, "Enter the name of the payer."),
        ({"member_id": ""}, "Enter the member ID"),
        ({"told_by": ""}, "Enter the name of the person who told you."),
        ({"told_on": ""}, "Enter the day on which you were told."),
        ({"told_on": "2099-01-01"}, "That day is still to come."),
        ({"told_on": "yesterday"}, "Enter a day like 3/14/2026."),
        ({"reference": ""}, "Enter the reference number of the call."),
        ({"check_expires_on": ""}, "Enter the day until which this check holds."),
        ({"check_expires_on": "2026-03-01"}, "cannot be over before the day you were told"),
        ({"effective_on": "2026-02-01", "ends_on": "2026-01-01"}, "The plan cannot end before it begins."),
        ({"payer": "x" * 121}, "Use 120 characters or fewer."),
        ({"plan": "a\u202eb"}, "Remove hidden characters."),
        ({"carve_out_phone": "call me"}, "Enter a phone number with 10 digits"),
        ({"network": "maybe"}, "Select a valid choice"),
        ({"authorization_needed": "perhaps"}, "Select a valid choice"),
        ({"key": "x"}, "Open the page again."),
        ({"seen": "x"}, "Open the page again."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(desk_of_sam, patient, over, sentence):
    page = desk_of_sam.post(f"{base(patient)}new/1/", told(**over))
    html = unescape(page.content.decode())
    assert page.status_code == 422
    assert sentence in html
    assert 'value="Choice HMO"' in html or "plan" in over
    assert not Coverage.objects.exists()


def test_a_new_check_begins_with_what_was_said_and_asks_anew_who_says_so(desk_of_sam, patient):
    make.coverage(patient, plan="Open Access PPO", deductible=1500, authorization_needed=True)
    html = desk_of_sam.get(f"{base(patient)}new/1/").content.decode()
    assert 'value="Open Access PPO"' in html
    assert 'value="1500.00"' in html
    for name in ("told_by", "reference"):
        field = html.split(f'name="{name}"')[1].split(">")[0]
        assert "value=" not in field


def test_a_new_check_ends_the_one_before_which_stays_readable(desk_of_sam, patient, coordinator):
    before = make.coverage(patient, payer="Lakeshore Mutual", copay=40)
    desk_of_sam.post(f"{base(patient)}new/1/", told(seen=str(before.public_id)))

    before.refresh_from_db()
    now = Coverage.objects.live().get()
    assert before.ended_at == now.recorded_at
    assert (now.payer, now.recorded_by, now.rank) == ("Prairie Health Plan", coordinator, 1)
    html = desk_of_sam.get(base(patient)).content.decode()
    assert "Earlier checks" in html
    assert "$40.00" in html


def test_a_second_coverage_stands_beside_the_first(desk_of_sam, patient):
    make.coverage(patient)
    assert "Add secondary coverage" in desk_of_sam.get(base(patient)).content.decode()
    desk_of_sam.post(f"{base(patient)}new/2/", told())
    assert sorted(Coverage.objects.live().values_list("rank", flat=True)) == [1, 2]
    assert "Add secondary" not in desk_of_sam.get(base(patient)).content.decode()


@pytest.mark.parametrize("rank", [0, 3, 99])
def test_there_is_no_third_coverage(desk_of_sam, patient, rank):
    assert desk_of_sam.get(f"{base(patient)}new/{rank}/").status_code == 404


def test_pressing_twice_keeps_one(desk_of_sam, patient):
    sent = told()
    for _ in range(2):
        assert desk_of_sam.post(f"{base(patient)}new/1/", sent).status_code == 302
    assert Coverage.objects.count() == 1


def test_who_saves_second_is_told_and_sees_what_the_first_saved(desk_of_sam, signed_in, mill, patient):
    other = make.user(Role.COORDINATOR, at=mill, name="Kim Lee")
    signed_in(other).post(f"{base(patient)}new/1/", told(payer="Kim's payer", reference="R-KIM"))

    late = told(payer="My payer")
    page = desk_of_sam.post(f"{base(patient)}new/1/", late)
    html = unescape(page.content.decode())
    assert page.status_code == 409
    assert "Kim Lee saved a check of Kim's payer meanwhile." in html
    assert "R-KIM" in html
    assert 'value="My payer"' in html
    assert Coverage.objects.get().payer == "Kim's payer"

    seen = html.split('name="seen" value="')[1].split('"')[0]
    assert desk_of_sam.post(f"{base(patient)}new/1/", late | {"seen": seen}).status_code == 302
    assert Coverage.objects.live().get().payer == "My payer"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_together_one_is_kept_and_one_is_told(meet_at):
    patient = make.patient()
    meet_at(Coverage.objects, "create")
    checked = {
        "payer": "Payer",
        "member_id": "1",
        "told_by": "Pat",
        "told_on": date(2026, 3, 2),
        "reference": "R",
        "check_expires_on": date(2026, 4, 1),
    }

    def press(user):
        try:
            actions.save_check(patient=patient, rank=1, told=checked, seen=None, by=user, at=make.NOON, key=uuid4())
        except actions.PaperRefused:
            return "told"
        finally:
            connection.close()
        return "kept"

    users = [make.user(Role.COORDINATOR), make.user(Role.COORDINATOR)]
    with ThreadPoolExecutor() as desk:
        assert sorted(desk.map(press, users)) == ["kept", "told"]
    assert Coverage.objects.count() == 1


# ---- Ending


def test_coverage_ends_on_a_page_that_says_what_follows(desk_of_sam, patient):
    live = make.coverage(patient)
    url = f"{base(patient)}{live.public_id}/end/"
    assert "listed without coverage" in desk_of_sam.get(url).content.decode()
    assert desk_of_sam.post(url).status_code == 302
    assert not Coverage.objects.live().exists()
    assert "Earlier checks stand below" in desk_of_sam.get(base(patient)).content.decode()
    assert desk_of_sam.post(url).status_code == 409


# ---- Who may


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SUPERVISOR])
def test_clinicians_and_supervisors_read(signed_in, dana, mill, patient, role):
    live = make.coverage(patient)
    user = dana if role == Role.CLINICIAN else make.user(role, at=mill)
    client = signed_in(user)
    html = client.get(base(patient)).content.decode()
    assert "Lakeshore Mutual" in html
    assert "Check again" not in html
    for path in ("new/1/", f"{live.public_id}/end/"):
        assert client.get(base(patient) + path).status_code == 404
        assert client.post(base(patient) + path, told()).status_code == 404


def test_somebody_of_another_place_sees_nothing(signed_in, patient):
    live = make.coverage(patient)
    for user in (make.user(Role.COORDINATOR, at=make.location()), make.clinician(), make.user(Role.PATIENT)):
        client = signed_in(user)
        for path in ("", "new/1/", f"{live.public_id}/end/"):
            assert client.get(base(patient) + path).status_code == 404
    assert Coverage.objects.live().count() == 1


def test_a_coverage_of_somebody_else_is_not_there_under_this_person(desk_of_sam, patient, mill):
    other = make.coverage(make.patient(location=mill))
    assert desk_of_sam.post(f"{base(patient)}{other.public_id}/end/").status_code == 404


# ---- The list


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: make.NOON)
    return make.NOON.date()


@pytest.fixture
def people(mill, today):
    def person(name: str, **over):
        made = make.patient(location=mill, first_name=name, last_name="X")
        if over:
            make.coverage(made, told_on=today - timedelta(days=90), **over)
        return made

    person("None")
    person("Over", check_expires_on=today - timedelta(days=1))
    person("Soon", check_expires_on=today + timedelta(days=14))
    person("Later", check_expires_on=today + timedelta(days=15))
    person("Needs", check_expires_on=today + timedelta(days=90), authorization_needed=True)
    make.coverage(make.patient(first_name="Elsewhere"), check_expires_on=today)
    return person


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("", ["None", "Over", "Soon", "Needs"]),
        ("?show=none", ["None"]),
        ("?show=ending", ["Over", "Soon"]),
        ("?show=authorization", ["Needs"]),
        ("?show=all", ["None", "Over", "Soon", "Later", "Needs"]),
        ("?show=nonsense&rows=abc", ["None", "Over", "Soon", "Needs"]),
    ],
)
def test_each_filter_shows_the_rows_it_counts(desk_of_sam, people, show, names):
    page = desk_of_sam.get(LIST + show)
    worklist = page.context["worklist"]
    assert [row.patient.first_name for row in worklist.rows] == names
    assert worklist.counts[worklist.chosen] == len(names)


@pytest.mark.parametrize(
    ("needed", "over", "words", "is_to_do"),
    [
        (True, None, "Needed", True),
        (False, None, "Not needed", False),
        (True, {"ends_on": 30}, "Until Apr 10, 2026", False),
        (True, {"ends_on": 5}, "Ends Mar 16, 2026", True),
        (True, {"ends_on": 30, "last_covered_on": 4}, "Ends Mar 15, 2026", True),
        (True, {"ends_on": -1}, "Over since Mar 10, 2026", True),
        (False, {"ends_on": -1}, "Over since Mar 10, 2026", False),
        (False, {"ends_on": 5}, "Ends Mar 16, 2026", True),
        (False, {"decision": "pending"}, "Waiting for the payer", True),
        (True, {"decision": "denied", "denial_reason": "x"}, "Needed", True),
        (True, {"ended": True}, "Needed", True),
    ],
)
def test_the_list_says_what_is_authorized_and_whose_turn_it_is(desk_of_sam, mill, today, needed, over, words, is_to_do):
    made = make.patient(location=mill)
    make.coverage(made, check_expires_on=today + timedelta(days=90), authorization_needed=needed)
    if over is not None:
        days = {name: today + timedelta(days=over[name]) for name in ("ends_on", "last_covered_on") if name in over}
        ended = {"ended_at": make.NOON, "ended_by": made.registered_by} if over.get("ended") else {}
        rest = {name: value for name, value in over.items() if name in {"decision", "denial_reason"}}
        make.authorization(made, **days, **ended, **rest)
    listed = desk_of_sam.get(f"{LIST}?show=all").context["worklist"]
    assert [row.authorization for row in listed.rows] == [words]
    assert (listed.counts["authorization"], listed.counts["todo"]) == (int(is_to_do),) * 2


def test_a_later_authorization_counts_and_nobody_is_listed_twice(desk_of_sam, mill, today):
    made = make.patient(location=mill)
    make.coverage(made, check_expires_on=today + timedelta(days=90), authorization_needed=True)
    for days in (-1, 3, 40):
        make.authorization(made, ends_on=today + timedelta(days=days))
    listed = desk_of_sam.get(f"{LIST}?show=all").context["worklist"]
    assert [row.authorization for row in listed.rows] == ["Until Apr 20, 2026"]
    assert listed.counts["todo"] == 0


def test_an_ended_or_second_coverage_is_not_a_check(desk_of_sam, mill, today):
    made = make.patient(location=mill)
    make.coverage(made, ended_at=make.NOON)
    make.coverage(made, rank=2)
    assert [row.state for row in desk_of_sam.get(LIST).context["worklist"].rows] == ["No check yet"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_queries(desk_of_sam, mill, today, rows, django_assert_num_queries):
    for _ in range(rows):
        make.coverage(make.patient(location=mill), check_expires_on=today)
    with django_assert_num_queries(5):  # session, user, roles, counts, rows
        assert len(desk_of_sam.get(LIST).context["worklist"].rows) == rows


@pytest.mark.parametrize("checks", [1, 3])
def test_a_record_costs_the_same_queries(desk_of_sam, patient, checks, django_assert_num_queries):
    for _ in range(checks - 1):
        make.coverage(patient, ended_at=make.NOON)
    make.coverage(patient)
    with django_assert_num_queries(9):  # three of them for authorizations, estimates and the payment plan
        desk_of_sam.get(base(patient))


def test_nothing_to_do_says_so(desk_of_sam, people, mill):
    assert "Nobody yet" not in desk_of_sam.get(LIST).content.decode()
    Coverage.objects.update(ended_at=make.NOON)
    html = desk_of_sam.get(f"{LIST}?show=authorization").content.decode()
    assert "Show all 5" in html


def test_an_empty_place_says_so(signed_in):
    client = signed_in(make.user(Role.COORDINATOR, at=make.location()))
    assert "Nobody yet" in client.get(LIST).content.decode()


def test_more_than_a_page_is_shown_on_request(desk_of_sam, mill):
    for _ in range(27):
        make.patient(location=mill)
    first = desk_of_sam.get(LIST)
    assert len(first.context["worklist"].rows) == 25
    assert "2 more" in first.content.decode()
    assert len(desk_of_sam.get(LIST + first.context["worklist"].more_url).context["worklist"].rows) == 27
