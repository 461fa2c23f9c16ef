"""Authorizations, estimates and payment plans: written down, followed, given and agreed, by those who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.db import connection

from accounts.models import AccessEvent, Role
from intake import authorized, money
from intake.actions import money as actions
from intake.actions.papers import PaperRefused
from intake.costs.units import Meeting
from intake.models import Authorization, Estimate, PaymentPlan
from tests import make

pytestmark = pytest.mark.django_db
TODAY = make.NOON.date()  # Wednesday, March 11, 2026


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: make.NOON)


@pytest.fixture(autouse=True)
def sessions(monkeypatch):
    """What the app with the seats would say; nobody says anything at first."""
    monkeypatch.setattr(authorized, "_ask", [])

    def known(*days: date) -> None:
        authorized.sessions_are_known_by(lambda _patient, _first, _last: [Meeting(day, 180) for day in days])

    return known


@pytest.fixture
def desk_of_sam(signed_in, coordinator):
    return signed_in(coordinator)


def base(patient) -> str:
    return f"/staff/people/{patient.public_id}/coverage/"


def page_of(response) -> str:
    return " ".join(unescape(response.content.decode()).split())


def asked(**over) -> dict[str, str]:
    values = {
        "payer": "Lakeshore Mutual",
        "level": "iop",
        "codes": "S9480",
        "asked_on": "2026-03-02",
        "decision": "approved",
        "decided_on": "2026-03-04",
        "number": "A-77",
        "unit": "days",
        "units": "12",
        "starts_on": "2026-03-09",
        "ends_on": "2026-04-24",
        "per_week": "3",
        "told_by": "Pat",
        "told_on": "2026-03-04",
        "reference": "L-1",
        "key": str(uuid4()),
    }
    return {name: value for name, value in (values | over).items() if value is not None}


def expected(**over) -> dict[str, str]:
    values = {
        "why": "booked",
        "since_on": "2026-03-11",
        "first_on": "2026-03-18",
        "level": "iop",
        "what_1": "Program day",
        "code_1": "S9480",
        "quantity_1": "24",
        "price_1": "$250.33",
        "what_2": "Evaluation",
        "quantity_2": "1",
        "price_2": "300",
        "key": str(uuid4()),
    }
    return {name: value for name, value in (values | over).items() if value is not None}


def terms(**over) -> dict[str, str]:
    values = {
        "total": "1000",
        "count": "3",
        "rhythm": "monthly",
        "first_on": "2026-03-31",
        "agreed_on": "2026-03-11",
        "key": str(uuid4()),
    }
    return {name: value for name, value in (values | over).items() if value is not None}


# ---- Authorizations: saving


def test_every_field_of_an_authorization_is_asked_and_shown(desk_of_sam, patient):
    form = page_of(desk_of_sam.get(f"{base(patient)}authorizations/new/"))
    everything = asked(
        last_covered_on="2026-04-20",
        review_due_on="2026-03-30",
        retroactive="2 business days",
        denial_reason="Two days a week would do",
        decision="partial",
        appeal_by_on="2026-04-02",
        second_appeal_by_on="2026-05-02",
        peer_to_peer="Dr. Lee with Dr. Ortiz on March 3, in part",
    )
    assert desk_of_sam.post(f"{base(patient)}authorizations/new/", everything).status_code == 302

    page = page_of(desk_of_sam.get(base(patient)))
    names = [name for _, group in authorized.GROUPS for name in group]
    own = {"id", "public_id", "patient", "follows", "recorded_by", "recorded_at", "ended_at", "ended_by"}
    assert sorted(names) == sorted(authorized.LABELS) == sorted({f.name for f in Authorization._meta.fields} - own)
    for name in names:
        assert f'name="{name}"' in form
        assert str(authorized.LABELS[name]) in page
    for words in ("A-77", "12 days", "Apr 20, 2026", "Two days a week would do", "Dr. Lee with Dr. Ortiz", "L-1"):
        assert words in page


def test_the_payer_of_the_check_stands_in_the_form(desk_of_sam, patient):
    make.coverage(patient, payer="Prairie Health Plan")
    assert 'value="Prairie Health Plan"' in page_of(desk_of_sam.get(f"{base(patient)}authorizations/new/"))


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"payer": ""}, "Enter the name of the payer."),
        ({"level": ""}, "Choose the level of care."),
        ({"level": "spa"}, "Choose the level of care."),
        ({"decision": ""}, "Choose what the payer decided."),
        ({"unit": ""}, "Choose what the payer counts."),
        ({"asked_on": ""}, "Enter the day on which the payer was asked."),
        ({"asked_on": "2026-03-12"}, "That day is still to come."),
        ({"decided_on": "2026-03-01"}, "It cannot be decided before it was asked for."),
        ({"decided_on": ""}, "Enter the day of the decision."),
        ({"number": ""}, "Enter the authorization number."),
        ({"units": ""}, "Enter how many are authorized."),
        ({"units": "0"}, "Enter 1 or more."),
        ({"units": "-3"}, "Enter 1 or more."),
        ({"units": "12.5"}, "Enter a whole number"),
        ({"units": "99999"}, "Enter 9999 or fewer."),
        ({"starts_on": ""}, "Enter the first day that is authorized."),
        ({"ends_on": ""}, "Enter the last day that is authorized."),
        ({"ends_on": "2026-03-08"}, "The last day cannot be before the first."),
        ({"last_covered_on": "2026-03-01"}, "The last covered day cannot be before the first day."),
        ({"last_covered_on": "2026-04-25"}, "The last covered day cannot be after the last day."),
        ({"decision": "pending", "ends_on": "", "last_covered_on": "2026-04-01"}, "Enter the first day and the last"),
        ({"decision": "denied"}, "Enter the reason the payer gave."),
        ({"appeal_by_on": "2026-05-02", "second_appeal_by_on": "2026-05-01"}, "cannot be due before the first"),
        ({"told_by": ""}, "Enter the name of the person who told you."),
        ({"told_on": ""}, "Enter the day on which you were told."),
        ({"reference": ""}, "Enter the reference of the call or the letter."),
        ({"codes": "x" * 121}, "Use 120 characters or fewer."),
        ({"peer_to_peer": "a\u202eb"}, "Remove hidden characters."),
        ({"key": "x"}, "Open the page again."),
    ],
)
def test_what_a_payer_cannot_have_said_is_answered_and_nothing_typed_is_lost(desk_of_sam, patient, over, sentence):
    response = desk_of_sam.post(f"{base(patient)}authorizations/new/", asked(**over))
    html = page_of(response)
    assert response.status_code == 422
    assert sentence in html
    assert 'value="S9480"' in html or "codes" in over
    assert not Authorization.objects.exists()


def test_a_request_that_waits_needs_no_number_and_the_decision_follows_it(desk_of_sam, patient, coordinator):
    bare = dict.fromkeys(("decided_on", "number", "units", "starts_on", "ends_on", "per_week"))
    desk_of_sam.post(f"{base(patient)}authorizations/new/", asked(decision="pending", **bare))
    before = Authorization.objects.get()
    page = page_of(desk_of_sam.get(base(patient)))
    assert "Waiting for the payer" in page
    assert "Asked Lakeshore Mutual on Mar 2, 2026, no decision yet." in page

    url = f"{base(patient)}authorizations/{before.public_id}/"
    form = page_of(desk_of_sam.get(url))
    assert 'value="2026-03-02"' in form
    assert "value=" not in form.split('name="told_by"')[1].split(">")[0]
    desk_of_sam.post(url, asked())
    before.refresh_from_db()
    now = Authorization.objects.live().get()
    assert (now.follows, now.decision, before.ended_by) == (before, "approved", coordinator)
    page = page_of(desk_of_sam.get(base(patient)))
    assert "Authorized: 12 days until Apr 24, 2026." in page
    assert "waiting for the payer, Mar 11, 2026 to Mar 11, 2026" in page


def test_pressing_twice_keeps_one(desk_of_sam, patient):
    sent = asked()
    for _ in range(2):
        assert desk_of_sam.post(f"{base(patient)}authorizations/new/", sent).status_code == 302
    assert Authorization.objects.count() == 1


def test_a_number_that_stands_already_is_named(desk_of_sam, patient):
    make.authorization(patient, number="A-77")
    response = desk_of_sam.post(f"{base(patient)}authorizations/new/", asked())
    assert response.status_code == 409
    assert "Authorization A-77 of Lakeshore Mutual already stands on the record." in page_of(response)


def test_who_changes_it_second_is_told(desk_of_sam, patient):
    before = make.authorization(patient)
    url = f"{base(patient)}authorizations/{before.public_id}/"
    desk_of_sam.post(url, asked(number="A-1"))
    late = desk_of_sam.post(url, asked(number="A-2"))
    assert late.status_code == 409
    assert "A colleague changed this authorization meanwhile." in page_of(late)
    assert 'value="A-2"' in page_of(late)
    assert Authorization.objects.live().get().number == "A-1"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_together_one_is_kept_and_one_is_told(meet_at):
    patient = make.patient()
    before = make.authorization(patient)
    meet_at(Authorization.objects, "create")
    told = {
        "payer": "Payer",
        "level": "iop",
        "asked_on": TODAY,
        "decision": "pending",
        "unit": "days",
        "number": "",
        "told_by": "Pat",
        "told_on": TODAY,
        "reference": "R",
    }

    def press(user):
        try:
            actions.save_authorization(
                patient=patient, told=told, follows=before.public_id, by=user, at=make.NOON, key=uuid4()
            )
        except PaperRefused:
            return "told"
        finally:
            connection.close()
        return "kept"

    users = [make.user(Role.COORDINATOR), make.user(Role.COORDINATOR)]
    with ThreadPoolExecutor() as desk:
        assert sorted(desk.map(press, users)) == ["kept", "told"]
    assert Authorization.objects.live().count() == 1


# ---- Authorizations: what the strip says


def shown(patient, on=TODAY) -> authorized.Allowed:
    return money.money_of(patient, on, reads=True).allowed[0]


def test_until_sessions_and_attendance_are_known_the_strip_says_so(desk_of_sam, patient):
    make.authorization(patient)
    page = page_of(desk_of_sam.get(base(patient)))
    assert "12 days authorized." in page
    assert page.count("Not recorded yet") == 2
    assert "Ask for more by" in page
    assert "Apr 19, 2026" in page


def test_planned_days_are_counted_from_today_on(desk_of_sam, patient, sessions):
    make.authorization(patient)
    sessions(*(date(2026, 3, 9) + timedelta(days=2 * n) for n in range(10)))
    page = page_of(desk_of_sam.get(base(patient)))
    assert "12 days authorized, 9 planned from today on." in page
    assert shown(patient).strip.warn_on == date(2026, 3, 25)  # the ninth of twelve


@pytest.mark.parametrize(
    ("over", "state", "tone"),
    [
        ({}, "Approved", "fern"),
        ({"decision": "partial"}, "Approved in part", "fern"),
        ({"ends_on": TODAY + timedelta(5)}, "Ends soon", "amber"),
        ({"ends_on": TODAY}, "Ends soon", "amber"),
        ({"last_covered_on": TODAY - timedelta(1)}, "Over", "amber"),
        ({"ends_on": TODAY - timedelta(1)}, "Over", "amber"),
        ({"units": 2}, "Ends soon", "amber"),
        ({"decision": "denied", "denial_reason": "x"}, "Denied", "brick"),
        ({"decision": "pending"}, "Waiting for the payer", "amber"),
    ],
)
def test_each_state_has_its_chip(patient, over, state, tone):
    make.authorization(patient, **over)
    connection.check_constraints()
    # Two days are nearly used up only once somebody plans sessions.
    if "units" in over:
        authorized.sessions_are_known_by(lambda *_: [Meeting(TODAY, 180)])
    assert shown(patient).chip == (state, tone)


def test_more_planned_than_authorized_names_the_first_day_that_is_not_covered(desk_of_sam, patient, sessions):
    make.authorization(patient, units=3)
    sessions(*(date(2026, 3, 9) + timedelta(days=2 * n) for n in range(5)))
    page = page_of(desk_of_sam.get(base(patient)))
    assert "More planned than authorized" in page
    assert "2 days more than authorized: not covered from Mar 15, 2026 on." in page


def test_a_week_beyond_what_the_payer_allows_is_named(patient, sessions):
    make.authorization(patient, per_week=3)
    sessions(*(date(2026, 3, day) for day in (16, 17, 18, 19, 23)))
    assert shown(patient).warnings == ["In the week of Mar 16, 2026 more is planned than 3 days."]


def test_a_review_that_is_due_says_what_it_takes(patient):
    make.authorization(patient, review_due_on=TODAY + timedelta(7))
    assert shown(patient).warnings[0].startswith("Concurrent review is due on Mar 18, 2026.")
    assert shown(patient, TODAY - timedelta(1)).warnings == []


def test_a_denial_says_by_when_to_appeal(desk_of_sam, patient):
    make.authorization(
        patient,
        decision="denied",
        denial_reason="Not medically needed",
        appeal_by_on=date(2026, 4, 2),
        second_appeal_by_on=date(2026, 6, 1),
    )
    page = page_of(desk_of_sam.get(base(patient)))
    assert "Denied by Lakeshore Mutual on Mar 4, 2026." in page
    assert "Appeal by Apr 2, 2026." in page
    assert "Not medically needed" in page
    assert shown(patient, date(2026, 4, 3)).warnings == ["Second or outside appeal by Jun 1, 2026."]
    assert "No day to appeal by is open" in shown(patient, date(2026, 6, 2)).warnings[0]


@pytest.mark.parametrize(("needed", "said"), [(True, "None is on record."), (False, "None on record.")])
def test_without_an_authorization_the_page_says_whether_one_is_needed(desk_of_sam, patient, needed, said):
    make.coverage(patient, authorization_needed=needed)
    assert said in page_of(desk_of_sam.get(base(patient)))


# ---- Estimates


def test_an_estimate_adds_up_takes_off_what_the_scale_says_and_has_its_clock(desk_of_sam, patient, coordinator):
    response = desk_of_sam.post(
        f"{base(patient)}estimates/new/", expected(household="1", income="20000", income_shown="Two pay slips")
    )
    written = Estimate.objects.get()
    assert response.url == f"{base(patient)}estimates/{written.public_id}/"
    # 24 x 250.33 + 300 = 6307.92; 128 percent of 15,650: 60 percent off; 2523.168 is cut to the cent.
    assert (written.full_amount, written.poverty_percent, written.discount) == (Decimal("6307.92"), 128, 60)
    assert written.amount == Decimal("2523.16")
    assert written.due_on == date(2026, 3, 12)  # five business days ahead: within one
    page = page_of(desk_of_sam.get(response.url))
    for words in ("$6,307.92", "$2,523.16", "60% off, at 128% of the poverty guideline", "400 dollars or more"):
        assert words in page
    assert "Give it by Mar 12, 2026" in page


def test_who_does_not_say_their_income_gets_the_whole(desk_of_sam, patient):
    desk_of_sam.post(f"{base(patient)}estimates/new/", expected())
    written = Estimate.objects.get()
    assert (written.household, written.discount, written.amount) == (None, 0, written.full_amount)


@pytest.mark.parametrize(
    ("over", "due"),
    [
        ({"first_on": "2026-03-13"}, None),
        ({"first_on": "2026-03-16"}, date(2026, 3, 12)),
        ({"first_on": "2026-03-25"}, date(2026, 3, 16)),
        ({"why": "asked", "first_on": ""}, date(2026, 3, 16)),
    ],
)
def test_the_clock_goes_by_what_set_it(desk_of_sam, patient, over, due):
    desk_of_sam.post(f"{base(patient)}estimates/new/", expected(**over))
    assert Estimate.objects.get().due_on == due
    assert desk_of_sam.get(base(patient)).status_code == 200


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"why": ""}, "Choose why the person gets an estimate."),
        ({"since_on": ""}, "Enter the day on which it was booked or asked for."),
        ({"since_on": "2026-03-12"}, "That day is still to come."),
        ({"first_on": ""}, "Enter the day of the first session that was booked."),
        ({"first_on": "2026-03-10"}, "cannot be before the day it was booked"),
        ({"level": ""}, "Choose the level of care."),
        ({"household": "2"}, "Enter the income as well"),
        ({"income": "20000"}, "Enter how many people live on this income"),
        ({"household": "31", "income": "1"}, "Enter 30 or fewer."),
        ({"household": "1", "income": "-1"}, "Enter 0 dollars or more."),
        ({"price_1": "a lot"}, "Enter an amount in dollars"),
        ({"price_1": "1.005"}, "dollars and cents"),
        ({"price_1": ""}, "Enter the price of one."),
        ({"quantity_2": ""}, "Enter how many are expected."),
        ({"quantity_2": "1.5"}, "Enter a whole number"),
        ({"what_2": ""}, "Say what it is."),
        ({"code_3": "H0015"}, "Say what it is."),
        ({"price_1": "9999999"}, "below 10 million dollars"),
        ({"key": ""}, "Open the page again."),
    ],
)
def test_an_estimate_that_cannot_be_is_answered_and_nothing_typed_is_lost(desk_of_sam, patient, over, sentence):
    response = desk_of_sam.post(f"{base(patient)}estimates/new/", expected(**over))
    html = page_of(response)
    assert response.status_code == 422
    assert sentence in html
    assert 'value="S9480"' in html
    assert not Estimate.objects.exists()


@pytest.mark.parametrize("price", ["0", "0.00"])
def test_an_estimate_of_nothing_is_none(desk_of_sam, patient, price):
    nothing = expected(price_1=price, what_2=None, quantity_2=None, price_2=None)
    response = desk_of_sam.post(f"{base(patient)}estimates/new/", nothing)
    assert "above 0 and below 10 million" in page_of(response)


def test_an_estimate_without_a_line_asks_for_one(desk_of_sam, patient):
    no_lines = {name: "" for name in expected() if name[-1:].isdigit()}
    response = desk_of_sam.post(f"{base(patient)}estimates/new/", expected(**no_lines))
    assert "Write down at least one thing" in page_of(response)


def test_it_is_noted_that_the_person_has_it_once(desk_of_sam, patient, coordinator):
    written = make.estimate(patient, recorded_at=make.NOON - timedelta(1), why="asked", since_on=date(2026, 3, 9))
    url = f"{base(patient)}estimates/{written.public_id}/"
    for day, sentence in (
        ("2026-03-12", "still to come"),
        ("2026-03-09", "before it was written"),
        ("", "Enter the day"),
    ):
        response = desk_of_sam.post(url, {"given_on": day, "given_how": "hand"})
        assert response.status_code == 422
        assert sentence in page_of(response)
    assert "Choose how" in page_of(desk_of_sam.post(url, {"given_on": "2026-03-11"}))

    assert desk_of_sam.post(url, {"given_on": "2026-03-11", "given_how": "mail"}).status_code == 302
    written.refresh_from_db()
    assert (written.given_on, written.given_how, written.given_by) == (TODAY, "mail", coordinator)
    assert "Given on Mar 11, 2026, by mail." in page_of(desk_of_sam.get(base(patient)))
    assert desk_of_sam.post(url, {"given_on": "2026-03-11", "given_how": "hand"}).status_code == 409


def test_a_new_estimate_takes_the_place_of_the_one_before_which_can_no_longer_be_given(desk_of_sam, patient):
    before = make.estimate(patient)
    url = f"{base(patient)}estimates/new/"
    assert "It takes the place of the estimate of $6,000.00" in page_of(desk_of_sam.get(url))
    desk_of_sam.post(url, expected(seen=str(before.public_id)))
    assert Estimate.objects.live().get().full_amount == Decimal("6307.92")
    old = f"{base(patient)}estimates/{before.public_id}/"
    assert "A later estimate took the place" in page_of(desk_of_sam.get(old))
    response = desk_of_sam.post(old, {"given_on": "2026-03-11", "given_how": "hand"})
    assert response.status_code == 409
    assert "Another estimate took the place of this one." in page_of(response)
    assert "Earlier estimates" in page_of(desk_of_sam.get(base(patient)))


def test_who_writes_second_is_told_and_may_press_again(desk_of_sam, patient):
    make.estimate(patient)
    response = desk_of_sam.post(f"{base(patient)}estimates/new/", late := expected())
    assert response.status_code == 409
    assert "A colleague wrote an estimate meanwhile." in page_of(response)
    seen = page_of(response).split('name="seen" value="')[1].split('"')[0]
    assert desk_of_sam.post(f"{base(patient)}estimates/new/", late | {"seen": seen}).status_code == 302
    assert Estimate.objects.count() == 2


@pytest.mark.parametrize(
    ("over", "chip"),
    [
        ({"due_on": TODAY - timedelta(1), "since_on": TODAY - timedelta(5)}, ("Late", "brick")),
        ({"due_on": TODAY, "since_on": TODAY - timedelta(5)}, ("Give it by Mar 11, 2026", "amber")),
        ({"due_on": None}, ("Not given yet", "amber")),
    ],
)
def test_each_state_of_an_estimate_has_its_chip(patient, over, chip):
    make.estimate(patient, **over)
    assert money.money_of(patient, TODAY, reads=True).estimate.chip == chip


def test_income_is_looked_at_again_after_a_year(patient):
    income = {"household": 2, "income": 1, "scale_on": date(2025, 1, 15), "poverty_percent": 1, "discount": 100}
    given = {"given_on": TODAY, "given_how": "hand", "given_by": patient.registered_by}
    make.estimate(patient, **income, **given)
    chips = [money.money_of(patient, on, reads=True).estimate.chip[0] for on in (date(2027, 3, 10), date(2027, 3, 11))]
    assert chips == ["Given", "Check income again"]


def test_old_guidelines_are_named(desk_of_sam, patient):
    assert "These are the guidelines of 2025." in page_of(desk_of_sam.get(f"{base(patient)}estimates/new/"))


def test_a_clinic_without_a_scale_says_so(desk_of_sam, patient, monkeypatch):
    monkeypatch.setattr(money, "scales", lambda: ())
    page = page_of(desk_of_sam.get(f"{base(patient)}estimates/new/"))
    assert "No sliding scale is in effect here." in page
    assert 'name="income"' not in page
    desk_of_sam.post(f"{base(patient)}estimates/new/", expected(household="1", income="0"))
    assert Estimate.objects.get().discount == 0


def test_a_broken_scale_stops_the_service_with_a_sentence(settings, tmp_path):
    settings.SLIDING_SCALE = str(tmp_path / "ours.yaml")
    money.scales.cache_clear()
    found = [each for each in run_checks() if each.id == "iop.E002"]
    money.scales.cache_clear()
    assert "ours.yaml cannot be read as a sliding scale" in found[0].msg


# ---- Payment plans


def test_installments_add_up_and_each_has_its_day(desk_of_sam, patient):
    assert desk_of_sam.post(f"{base(patient)}plans/new/", terms()).status_code == 302
    agreed = PaymentPlan.objects.get()
    assert [(each.due_on, each.amount) for each in agreed.installments.all()] == [
        (date(2026, 3, 31), Decimal("333.34")),
        (date(2026, 4, 30), Decimal("333.33")),
        (date(2026, 5, 31), Decimal("333.33")),
    ]
    page = page_of(desk_of_sam.get(base(patient)))
    assert "$1,000.00 in 3 installments, every month, agreed on Mar 11, 2026." in page
    assert "$333.34" in page
    assert "disclosure" not in page


@pytest.mark.parametrize("over", [{"count": "5"}, {"charge": "0.01"}])
def test_more_than_four_or_a_charge_asks_for_the_disclosure(desk_of_sam, patient, over):
    response = desk_of_sam.post(f"{base(patient)}plans/new/", terms(**over))
    assert response.status_code == 422
    assert "Consumer-credit disclosure rules may apply" in page_of(response)
    desk_of_sam.post(f"{base(patient)}plans/new/", terms(disclosure="Given on March 11", **over))
    page = page_of(desk_of_sam.get(base(patient)))
    assert "Consumer-credit disclosure rules may apply" in page
    assert "Given on March 11" in page


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"total": ""}, "Enter the amount that is paid in parts."),
        ({"total": "0"}, "Enter an amount above 0 dollars."),
        ({"total": "0.02"}, "Each installment is at least one cent."),
        ({"total": "9999999.99", "charge": "1", "disclosure": "x"}, "below 10 million dollars"),
        ({"count": ""}, "Enter the number of installments."),
        ({"count": "0"}, "Enter 1 or more."),
        ({"count": "61", "disclosure": "x"}, "Enter 60 or fewer."),
        ({"rhythm": ""}, "Choose how often they pay."),
        ({"first_on": ""}, "Enter the day of the first payment."),
        ({"first_on": "2026-03-10"}, "The first payment cannot be before it was agreed."),
        ({"agreed_on": "2026-03-12"}, "That day is still to come."),
    ],
)
def test_a_plan_that_cannot_be_is_answered(desk_of_sam, patient, over, sentence):
    response = desk_of_sam.post(f"{base(patient)}plans/new/", terms(**over))
    assert response.status_code == 422
    assert sentence in page_of(response)
    assert not PaymentPlan.objects.exists()


def test_the_plan_begins_with_what_the_estimate_says(desk_of_sam, patient):
    make.estimate(patient)
    assert 'value="6000.00"' in page_of(desk_of_sam.get(f"{base(patient)}plans/new/"))


def test_a_plan_ends_or_gives_way_and_who_is_late_is_told(desk_of_sam, patient, coordinator):
    first = make.plan(patient)
    late = desk_of_sam.post(f"{base(patient)}plans/new/", terms())
    assert late.status_code == 409
    assert "A colleague changed the payment plan meanwhile." in page_of(late)
    desk_of_sam.post(f"{base(patient)}plans/new/", terms(seen=str(first.public_id)))
    second = PaymentPlan.objects.live().get()
    url = f"{base(patient)}plans/{second.public_id}/end/"
    assert "What was paid stays paid" in page_of(desk_of_sam.get(url))
    assert desk_of_sam.post(url).status_code == 302
    second.refresh_from_db()
    assert second.ended_by == coordinator
    assert desk_of_sam.post(url).status_code == 409


# ---- Beside an option


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        (None, "No payer on record to ask for an authorization."),
        ({"authorization_needed": True}, "Authorization needed; none on record."),
        ({"authorization_needed": False}, "No authorization needed."),
        ({}, "Not known whether an authorization is needed."),
    ],
)
def test_beside_an_option_stands_whether_an_authorization_is_needed(patient, coverage, said):
    if coverage is not None:
        make.coverage(patient, **coverage)
    assert money.beside(patient, TODAY).authorization == said


def test_beside_an_option_stands_the_authorization_that_holds(patient):
    make.authorization(patient, decision="denied", denial_reason="Secret reason")
    make.authorization(patient, ends_on=TODAY - timedelta(1))
    assert money.beside(patient, TODAY).authorization == "Denied by Lakeshore Mutual on Mar 4, 2026."
    make.authorization(patient, units=24)
    assert money.beside(patient, TODAY).authorization == "Authorized: 24 days until Apr 24, 2026."


def test_beside_an_option_stands_what_it_may_cost(patient, django_assert_num_queries):
    assert money.beside(patient, TODAY).cost == "No coverage and no estimate on record."
    make.estimate(patient)
    assert money.beside(patient, TODAY).cost == "Self-pay estimate: $6,000.00."
    make.coverage(patient, copay=40, coinsurance=20, deductible=1500, deductible_met=250)
    with django_assert_num_queries(3):
        said = money.beside(patient, TODAY).cost
    assert said == "Lakeshore Mutual: copay $40.00 a day, coinsurance 20%, $1,250.00 of the deductible left."


def test_a_check_that_does_not_say_what_it_costs_says_that(patient):
    make.coverage(patient)
    assert money.beside(patient, TODAY).cost == "Lakeshore Mutual has not said what the person may pay."


# ---- Who may


def papers(patient) -> list[str]:
    written, agreed, allowed = make.estimate(patient), make.plan(patient), make.authorization(patient)
    return [
        "authorizations/new/",
        f"authorizations/{allowed.public_id}/",
        "estimates/new/",
        "plans/new/",
        f"plans/{agreed.public_id}/end/",
        f"estimates/{written.public_id}/",
    ]


def test_a_clinician_reads_what_is_authorized_and_no_amount_and_no_reason(signed_in, dana, patient):
    *_, page = papers(patient)
    make.authorization(patient, decision="denied", denial_reason="Not medically needed", peer_to_peer="Dr. Lee")
    client = signed_in(dana)
    html = page_of(client.get(base(patient)))
    assert "12 days authorized." in html
    assert "Denied by Lakeshore Mutual" in html
    for hidden in (
        "Not medically needed",
        "Dr. Lee",
        "A-",
        "Self-pay estimate",
        "$6,000",
        "Payment plan",
        "Change auth",
    ):
        assert hidden not in html
    for path in papers(make.patient(team=dana, location=patient.location)):
        assert client.get(base(patient) + path).status_code == 404
    assert client.get(base(patient) + page).status_code == 404


def test_a_supervisor_reads_all_of_it_and_writes_none(signed_in, mill, patient):
    *writing, reading = papers(patient)
    client = signed_in(make.user(Role.SUPERVISOR, at=mill))
    html = page_of(client.get(base(patient)))
    assert "$6,000.00" in html
    assert "Write estimate" not in html
    assert "Note that they have it" not in page_of(client.get(base(patient) + reading))
    client.post(base(patient) + reading, {"given_on": "2026-03-11", "given_how": "hand"})
    assert Estimate.objects.get().given_on is None
    for path in writing:
        assert client.get(base(patient) + path).status_code == 404
        assert client.post(base(patient) + path, asked()).status_code == 404


def test_somebody_of_another_place_sees_nothing(signed_in, patient):
    paths = papers(patient)
    for user in (make.user(Role.COORDINATOR, at=make.location()), make.clinician(), make.user(Role.PATIENT)):
        client = signed_in(user)
        assert [client.get(base(patient) + path).status_code for path in paths] == [404] * len(paths)


def test_papers_of_somebody_else_are_not_there_under_this_person(desk_of_sam, patient, mill):
    others = papers(make.patient(location=mill))
    own = [path for path in others if "new/" not in path]
    assert [desk_of_sam.post(base(patient) + path, asked()).status_code for path in own] == [404] * len(own)


def test_opening_an_estimate_is_on_record(desk_of_sam, patient):
    *_, page = papers(patient)
    desk_of_sam.get(base(patient) + page)
    assert AccessEvent.objects.filter(patient=patient.public_id, action="estimate").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_queries(desk_of_sam, patient, rows, django_assert_num_queries):
    make.estimate(patient)
    make.plan(patient)
    make.coverage(patient)
    for _ in range(rows):
        make.authorization(patient)
    with django_assert_num_queries(
        10
    ):  # session, user, roles, record, access, coverage, authorizations, estimates, plan, parts
        desk_of_sam.get(base(patient))
