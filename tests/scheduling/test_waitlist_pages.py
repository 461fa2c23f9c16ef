"""The waitlist's pages: the line with its reasons, one person's waiting, and offering a free place to who is next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from programs.models import TrackCode
from scheduling.actions import waitlist as actions
from scheduling.models import WaitlistEntry
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def cohort():
    return make.cohort(name="Evenings", seats=2, program=make.program(neutral_name="Morning program"))


@pytest.fixture
def kim(cohort):
    return make.user(Role.COORDINATOR, at=cohort.location, name="Kim L.")


@pytest.fixture
def desk(signed_in, kim):
    return signed_in(kim)


@pytest.fixture
def wait(cohort, kim):
    def join(*, urgency="routine", at=make.NOON, **over):
        person = people.ready(location=cohort.location, **over)
        joining = actions.Joining(
            program=cohort.program, cohort=None, urgency=urgency, referred_on=date(2026, 3, 2), interim=""
        )
        return actions.join(patient=person, joining=joining, by=kim, at=at)

    return join


def url(name, *args):
    return reverse(f"scheduling:{name}", args=args)


def do(desk, entry, deed, **data):
    return desk.post(url("waiting_deed", entry.public_id, deed), {f"{deed}-{key}": word for key, word in data.items()})


# ---- The list


def test_the_list_says_the_place_the_reason_the_check_and_what_is_free(desk, wait):
    late = wait(first_name="Ines", last_name="Okafor", at=MONDAY_NOON - timedelta(days=30))
    wait(urgency="urgent", first_name="Rosa", last_name="Marlow")

    response = desk.get(url("waitlist"))

    said = words(response)
    assert [row.entry.patient.last_name for row in response.context["worklist"].rows] == ["Marlow", "Okafor"]
    assert "Morning program Number 1 in line Urgent Referred Mar 2, 2026" in said
    assert "Number 2 in line Routine Referred Mar 2, 2026 Check due" in said
    assert "Morning program Evenings" in said
    assert "2 of 2 2 Offer a place Evenings" in said
    assert late.patient.full_name in said


def test_filters_count_and_an_empty_one_leads_back(desk, wait):
    wait()

    due, offered = desk.get(url("waitlist") + "?show=check"), desk.get(url("waitlist") + "?show=offered")

    assert "Nobody stands under this filter now. Show all 1" in words(due)
    assert "Nobody matches" in words(offered)


def test_nobody_waits_yet(desk):
    assert "Nobody waits" in words(desk.get(url("waitlist")))


def test_supervisors_and_clinicians_read_and_offer_nothing(signed_in, cohort, wait):
    entry = wait()
    for role in (Role.SUPERVISOR, Role.CLINICIAN):
        reader = make.user(role, at=cohort.location)
        make.CareTeamMember.objects.create(patient=entry.patient, user=reader)
        client = signed_in(reader)
        assert "Offer a place" not in words(client.get(url("waitlist")))
        assert "What you can do" not in words(client.get(url("waiting", entry.public_id)))
        assert do(client, entry, "leave", reason="Because.").status_code == 404
        assert client.get(url("offer", cohort.public_id)).status_code == 404


@pytest.mark.parametrize("entries", [1, 3])
def test_the_list_costs_the_same_queries(desk, wait, entries, django_assert_num_queries):
    for _ in range(entries):
        wait()
    with django_assert_num_queries(6):
        assert len(desk.get(url("waitlist")).context["worklist"].rows) == entries


# ---- One person's waiting


def test_a_check_is_recorded_and_the_story_grows(desk, wait):
    entry = wait(at=MONDAY_NOON - timedelta(days=30))
    assert "Check due" in words(desk.get(url("waiting", entry.public_id)))

    response = do(desk, entry, "check", outcome="checked", note="Called, all well.")

    assert response.status_code == 302
    said = words(desk.get(url("waiting", entry.public_id)))
    assert "Check due" not in said
    assert "Asked whether they are safe : Called, all well." in said.replace("safe:", "safe :")
    assert "Next by Wed, Mar 18" in said


@pytest.mark.parametrize(
    ("deed", "data", "sentence"),
    [
        ("check", {}, "Choose what you heard."),
        ("check", {"outcome": "worried"}, "Say what worries you."),
        ("front", {"reason": ""}, "Say why, in a few words."),
        ("leave", {"reason": ""}, "Say why, in a few words."),
        ("urgency", {"urgency": "urgent", "reason": ""}, "Say why, in a few words."),
        ("interim", {"interim": ""}, "Say what support was agreed on."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_done(desk, wait, deed, data, sentence):
    entry = wait()

    response = do(desk, entry, deed, **data)

    assert response.status_code == 422
    assert sentence in words(response)
    assert entry.steps.count() == 1


def test_moving_to_the_front_stands_there_with_who_and_why(desk, wait):
    wait(urgency="emergency")
    entry = wait()

    do(desk, entry, "front", reason="Loses the home on Friday.")

    said = words(desk.get(url("waiting", entry.public_id)))
    assert "Moved to the front: Loses the home on Friday." in said
    assert "Moved by Kim L., Wed, Mar 11" in said
    assert WaitlistEntry.objects.in_order().first() == entry
    assert do(desk, entry, "front", reason="Again.").status_code == 409
    assert do(desk, entry, "back", reason="A home was found.").status_code == 302


def test_support_meanwhile_urgency_and_leaving(desk, wait):
    entry = wait()
    do(desk, entry, "interim", interim="A call each Tuesday.")
    do(desk, entry, "urgency", urgency="urgent", reason="Uses again.")
    do(desk, entry, "leave", reason="Moved away.")

    said = words(desk.get(url("waiting", entry.public_id)))
    assert "A call each Tuesday." in said
    assert "Left the list: Moved away." in said.replace("list :", "list:")
    assert "What you can do" not in said


def test_an_unknown_deed_and_a_link_do_nothing(desk, wait):
    entry = wait()
    assert desk.post(url("waiting_deed", entry.public_id, "erase")).status_code == 404
    assert desk.get(url("waiting_deed", entry.public_id, "leave")).url == url("waiting", entry.public_id)
    assert do(desk, entry, "accept").status_code == 409
    assert entry.steps.count() == 1


# ---- Offering


def test_the_next_who_fits_is_named_with_the_reason_and_one_button(desk, wait, cohort):
    undecided = make.patient(location=cohort.location, first_name="Ada", last_name="Brook")
    WaitlistEntry.objects.create(
        patient=undecided,
        program=cohort.program,
        urgency="emergency",
        referred_on=date(2026, 3, 1),
        safety_checked_at=make.NOON,
        added_by=undecided.registered_by,
        added_at=make.NOON,
    )
    entry = wait(first_name="Rosa", last_name="Marlow")

    page = desk.get(url("offer", cohort.public_id))
    done = desk.post(url("offer", cohort.public_id), {"entry": str(entry.public_id)}, follow=True)

    said = words(page)
    assert "Rosa M. is next Routine · Referred Mar 2, 2026" in said
    assert "Ada B. There is no signed intake yet." in said
    assert "A place in Evenings is offered to Rosa. Call them, and note what they say." in words(done)
    assert "It is held until Fri, Mar 13, 12:00 pm CT." in words(done)


def test_somebody_else_comes_first_only_with_a_reason(desk, wait, cohort):
    wait(urgency="urgent", first_name="Rosa", last_name="Marlow")
    other = wait(first_name="Ines", last_name="Okafor")
    data = {"entry": str(other.public_id)}

    without = desk.post(url("offer", cohort.public_id), data)
    reason = desk.post(url("offer", cohort.public_id), {**data, "passing": "Rosa is away."}, follow=True)

    assert without.status_code == 409
    assert "Rosa M. is next in line and fits. Say why Ines O. comes first." in words(without)
    assert reason.redirect_chain == [(url("waiting", other.public_id), 302)]


def test_accepting_leads_to_the_enrollment_and_declining_back_to_the_line(desk, wait, cohort):
    entry = wait()
    for deed in ("decline", "accept"):
        desk.post(url("offer", cohort.public_id), {"entry": str(entry.public_id)})
        do(desk, entry, deed, note="")

    said = words(desk.get(url("waiting", entry.public_id)))
    assert "Accepted. Go to the enrollment" in said
    assert [step.kind for step in entry.steps.all()] == ["joined", "offered", "declined", "offered", "accepted"]


def test_a_full_cohort_has_nothing_to_offer(desk, wait, cohort):
    entry = wait()
    for _ in range(2):
        people.seat(make.patient(), cohort)

    page = desk.get(url("offer", cohort.public_id))
    forged = desk.post(url("offer", cohort.public_id), {"entry": str(entry.public_id)})

    assert "No place is free here now." in words(page)
    assert forged.status_code == 409
    assert "Evenings is full: all 2 seats are taken." in words(forged)


def test_nobody_in_line_fits(desk, cohort):
    assert "Nobody in line fits" in words(desk.get(url("offer", cohort.public_id)))


def test_a_coordinator_of_another_place_finds_neither_list_nor_offer(signed_in, wait, cohort):
    entry = wait()
    stranger = signed_in(make.user(Role.COORDINATOR, at=make.location()))

    assert "Nobody waits" in words(stranger.get(url("waitlist")))
    assert stranger.get(url("waiting", entry.public_id)).status_code == 404
    assert stranger.get(url("offer", cohort.public_id)).status_code == 404
    assert stranger.post(url("waiting_deed", entry.public_id, "leave")).status_code == 404


# ---- Joining


def test_joining_asks_for_program_urgency_and_referral(desk, cohort):
    person = people.ready(location=cohort.location, first_name="Rosa", last_name="Marlow")
    make.program(track=TrackCode.TRAUMA, neutral_name="Grounding program")
    path = url("join_waitlist", person.public_id)

    page, nothing = desk.get(path), desk.post(path, {"referred_on": "2099-01-01"})
    data = {"program": str(cohort.program.public_id), "urgency": "urgent", "referred_on": "2026-03-02"}
    done = desk.post(path, {**data, "interim": "A call each week."}, follow=True)
    again = desk.post(path, data)

    assert "Grounding program" not in words(page)  # another track than the one decided
    assert nothing.status_code == 422
    for sentence in ("Choose the program.", "Choose how urgent it is.", "That day is still ahead."):
        assert sentence in words(nothing)
    assert "Rosa waits for Morning program." in words(done)
    assert again.status_code == 409
    assert "Rosa M. already waits for this program." in words(again)


def test_a_cohort_of_another_program_is_refused(desk, cohort):
    person = people.ready(location=cohort.location)
    other = make.cohort(location=cohort.location)
    data = {"program": str(cohort.program.public_id), "cohort": str(other.public_id), "urgency": "urgent"}

    response = desk.post(url("join_waitlist", person.public_id), {**data, "referred_on": "2026-03-02"})

    assert response.status_code == 422
    assert "That cohort is of another program." in words(response)
