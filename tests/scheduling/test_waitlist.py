"""Waiting for a seat: the order and why, being asked meanwhile, timed offers to the next who fits, all of it on record."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.db import violates
from accounts.models import Role
from accounts.policies import Actor
from intake.models import SafetyEvent
from scheduling import actions as seats
from scheduling.actions import waitlist as actions
from scheduling.line import line_up, next_who_fits
from scheduling.models import Enrollment, SeatOffer, WaitlistEntry, WaitlistStep
from tests import make
from tests.scheduling import people
from tests.scheduling.people import MONDAY_NOON

pytestmark = pytest.mark.django_db
OFFER, HOLD = timedelta(hours=48), timedelta(hours=72)


@pytest.fixture
def cohort():
    return make.cohort(name="Evenings", seats=1)


@pytest.fixture
def kim(cohort):
    return make.user(Role.COORDINATOR, at=cohort.location, name="Kim L.")


@pytest.fixture
def wait(cohort, kim):
    """A function: somebody who is ready joins the line."""

    def join(person=None, *, urgency="routine", referred_on=date(2026, 3, 2), only=None, **over):
        person = person or people.ready(location=cohort.location, **over)
        joining = actions.Joining(
            program=cohort.program, cohort=only, urgency=urgency, referred_on=referred_on, interim=""
        )
        return actions.join(patient=person, joining=joining, by=kim, at=MONDAY_NOON)

    return join


def story(entry):
    return [(step.kind, step.note) for step in entry.steps.all()]


def refused(deed, kind=actions.WaitlistRefused):
    with pytest.raises(kind) as told:
        deed()
    return str(told.value)


# ---- The line


def test_the_line_goes_by_urgency_then_referral_then_who_joined_first(wait):
    late, early = wait(referred_on=date(2026, 3, 5)), wait(referred_on=date(2026, 2, 20))
    same = wait(referred_on=date(2026, 2, 20))
    urgent, emergency = wait(urgency="urgent", referred_on=date(2026, 3, 8)), wait(urgency="emergency")

    assert list(WaitlistEntry.objects.open().in_order()) == [emergency, urgent, early, same, late]


def test_who_is_moved_stands_at_the_front_with_the_reason_and_can_be_put_back(wait, kim):
    first, moved = wait(urgency="urgent"), wait()

    actions.move_to_front(entry=moved, reason="Loses the home on Friday.", by=kim, at=make.NOON)
    assert list(WaitlistEntry.objects.in_order()) == [moved, first]
    actions.put_back(entry=moved, reason="A place was found.", by=kim, at=make.NOON)

    assert list(WaitlistEntry.objects.in_order()) == [first, moved]
    assert story(moved) == [
        ("joined", ""),
        ("moved", "Loses the home on Friday."),
        ("moved_back", "A place was found."),
    ]


def test_nobody_waits_twice_for_one_program(wait):
    entry = wait(last_name="Marlow")

    assert refused(lambda: wait(entry.patient)) == "Rosa M. already waits for this program."


def test_who_has_a_place_in_the_program_does_not_join(wait, cohort, kim):
    person = people.ready(location=cohort.location, last_name="Marlow")
    seats.enroll(patient=person, cohort=cohort, by=kim, at=MONDAY_NOON)

    assert refused(lambda: wait(person)) == "Rosa M. has a place in this program already."


def test_urgency_changes_with_a_reason(wait, kim):
    entry = wait()

    actions.set_urgency(entry=entry, urgency="urgent", reason="Uses again.", by=kim, at=make.NOON)

    entry.refresh_from_db()
    assert (entry.urgency, story(entry)[-1]) == ("urgent", ("urgency", "Urgent: Uses again."))


# ---- Meanwhile


@pytest.mark.parametrize(("urgency", "days"), [("emergency", 1), ("urgent", 2), ("routine", 7)])
def test_the_more_urgent_is_asked_more_often(wait, urgency, days):
    entry = wait(urgency=urgency)

    assert not entry.check_is_due(MONDAY_NOON + timedelta(days=days, seconds=-1))
    assert entry.check_is_due(MONDAY_NOON + timedelta(days=days))


def test_a_check_is_recorded_and_who_was_not_reached_stays_due(wait, kim):
    entry = wait()
    week = MONDAY_NOON + timedelta(days=7)

    actions.check_safety(entry=entry, outcome="not_reached", note="Voicemail.", by=kim, at=week)
    entry.refresh_from_db()
    assert entry.check_is_due(week)
    actions.check_safety(entry=entry, outcome="checked", note="", by=kim, at=week)

    entry.refresh_from_db()
    assert not entry.check_is_due(week)
    assert story(entry)[1:] == [("not_reached", "Voicemail."), ("checked", "")]
    assert not SafetyEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_cause_for_concern_opens_a_safety_alert(wait, kim):
    entry = wait()

    actions.check_safety(entry=entry, outcome="worried", note="Speaks of giving up.", by=kim, at=make.NOON)

    alert = SafetyEvent.objects.get()
    assert (alert.patient, alert.level, alert.triggers) == (entry.patient, "S2", ["worry_by_clinician"])
    assert story(entry)[-1] == ("worried", "Speaks of giving up.")


def test_support_meanwhile_is_on_record(wait, kim):
    entry = wait()

    actions.agree_interim(entry=entry, words="A call each Tuesday.", by=kim, at=make.NOON)

    entry.refresh_from_db()
    assert (entry.interim, story(entry)[-1]) == ("A call each Tuesday.", ("interim", "A call each Tuesday."))


# ---- Offers


def test_an_offer_takes_the_seat_until_its_time(wait, cohort, kim):
    entry = wait(urgency="urgent")

    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)

    entry.refresh_from_db()
    assert (entry.state, made.state, made.expires_at) == ("offered", "open", MONDAY_NOON + OFFER)
    assert made.seat.held_until == made.expires_at
    assert cohort.enrollments.live(MONDAY_NOON).count() == 1
    assert cohort.enrollments.live(MONDAY_NOON + OFFER).count() == 0
    assert story(entry)[-1] == ("offered", "Evenings, until Wed Mar 11, 12:00 pm CT")


def test_the_next_who_fits_is_who_stands_first_and_has_nothing_in_the_way(wait, cohort):
    undecided = wait(make.patient(location=cohort.location), urgency="emergency")
    elsewhere = wait(urgency="urgent", only=make.cohort(program=cohort.program, location=cohort.location))
    fits, after = wait(), wait()

    assert next_who_fits(cohort, MONDAY_NOON) == fits
    assert [(each.entry, bool(each.refusal)) for each in line_up(cohort, MONDAY_NOON)] == [
        (undecided, True),
        (fits, False),
    ]
    assert elsewhere.state == after.state == "waiting"


def test_what_a_person_cannot_come_to_is_not_theirs(wait, cohort):
    person = make.patient(location=cohort.location)
    people.papers(person)
    people.wishes(person, available_tue=[], available_thu=["evening"])
    draft = person.assessments.get()
    draft.state, draft.signed_at, draft.signed_by = "signed", MONDAY_NOON, person.registered_by
    draft.signature, draft.content_hash = "Dana K.", "0" * 64
    draft.save()
    people.recommended(person, assessment=draft)
    people.decided(person)
    wait(person, urgency="urgent")

    (candidate,) = line_up(cohort, MONDAY_NOON)

    assert candidate.refusal == "Tuesday evening is not possible for the person."


def test_offering_to_somebody_else_needs_a_reason_that_stands_with_who_is_passed_over(wait, cohort, kim):
    following, chosen = wait(urgency="urgent", last_name="Marlow"), wait(first_name="Ines", last_name="Okafor")

    sentence = refused(lambda: actions.offer(entry=chosen, cohort=cohort, by=kim, at=MONDAY_NOON))
    assert sentence == "Rosa M. is next in line and fits. Say why Ines O. comes first."
    actions.offer(entry=chosen, cohort=cohort, by=kim, at=MONDAY_NOON, passing="Rosa is away this week.")

    assert story(following)[-1] == ("passed", "Rosa is away this week.")
    assert story(chosen)[-1][0] == "offered"


def test_nobody_is_offered_two_places(wait, cohort, kim):
    entry = wait(last_name="Marlow")
    actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)
    other = make.cohort(program=cohort.program, location=cohort.location, blocks=((0, time(9)),))

    assert refused(lambda: actions.offer(entry=entry, cohort=other, by=kim, at=MONDAY_NOON)) == (
        "Kim L. offered Rosa M. a place in Evenings, which is held until Wed Mar 11, 12:00 pm CT."
    )


def test_a_full_cohort_offers_nothing(wait, cohort, kim):
    seats.hold(patient=people.ready(), cohort=cohort, by=kim, at=MONDAY_NOON)
    entry = wait()

    with pytest.raises(seats.CohortFull):
        actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)
    assert not SeatOffer.objects.exists()


def test_accepting_holds_the_place_as_every_place_is_held_and_enrolling_ends_the_waiting(wait, cohort, kim):
    entry = wait()
    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)

    seat = actions.accept(made=made, by=kim, at=make.NOON - timedelta(hours=1))
    assert seat.held_until == make.NOON - timedelta(hours=1) + HOLD
    seats.enroll_from_hold(enrollment=seat, by=kim, at=make.NOON)

    entry.refresh_from_db()
    made.refresh_from_db()
    assert (entry.state, made.state) == ("placed", "accepted")
    assert [kind for kind, _ in story(entry)] == ["joined", "offered", "accepted"]


def test_enrolling_without_a_word_about_the_offer_answers_it(wait, cohort, kim):
    entry = wait()
    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)

    seats.enroll_from_hold(enrollment=made.seat, by=kim, at=MONDAY_NOON)

    entry.refresh_from_db()
    made.refresh_from_db()
    assert (entry.state, made.state) == ("placed", "accepted")


def test_declining_frees_the_seat_and_keeps_the_place_in_line(wait, cohort, kim):
    entry = wait()
    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)

    actions.decline(made=made, note="Wants mornings.", by=kim, at=MONDAY_NOON)

    entry.refresh_from_db()
    assert (entry.state, story(entry)[-1]) == ("waiting", ("declined", "Wants mornings."))
    assert cohort.enrollments.live(MONDAY_NOON).count() == 0
    assert refused(lambda: actions.accept(made=made, by=kim, at=MONDAY_NOON)).startswith("This offer was answered")


def test_giving_the_offered_place_up_on_the_enrollment_page_declines_it(wait, cohort, kim):
    entry = wait()
    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)

    seats.withdraw(enrollment=made.seat, by=kim, at=MONDAY_NOON)

    entry.refresh_from_db()
    made.refresh_from_db()
    assert (entry.state, made.state) == ("waiting", "declined")


def test_an_offer_that_ran_out_cannot_be_accepted_and_the_next_can_be_asked(wait, cohort, kim):
    entry, after = wait(urgency="urgent"), wait()
    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)
    late = MONDAY_NOON + OFFER

    assert refused(lambda: actions.accept(made=made, by=kim, at=late)) == (
        "This place was offered until Wed Mar 11, 12:00 pm CT. It is free for whoever is next in line."
    )
    assert next_who_fits(cohort, late) == entry  # back in line, with nothing run to bring them back
    actions.offer(entry=after, cohort=cohort, by=kim, at=late, passing="Not reached for two days.")
    assert cohort.enrollments.live(late).count() == 1


def test_an_offer_that_ran_out_is_noted_as_such_by_the_next(wait, cohort, kim):
    entry = wait()
    made = actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)
    late = MONDAY_NOON + OFFER

    again = actions.offer(entry=entry, cohort=cohort, by=kim, at=late)

    made.refresh_from_db()
    assert (made.state, again.state) == ("expired", "open")
    assert [kind for kind, _ in story(entry)] == ["joined", "offered", "expired", "offered"]


def test_leaving_needs_a_reason_frees_what_was_offered_and_is_final(wait, cohort, kim):
    entry = wait(last_name="Marlow")
    actions.offer(entry=entry, cohort=cohort, by=kim, at=MONDAY_NOON)

    actions.leave(entry=entry, reason="Moved to another state.", by=kim, at=MONDAY_NOON)

    assert cohort.enrollments.live(MONDAY_NOON).count() == 0
    assert story(entry)[-1] == ("left", "Moved to another state.")
    sentence = refused(lambda: actions.move_to_front(entry=entry, reason="Again.", by=kim, at=make.NOON))
    assert sentence == "Rosa M. does not wait any more: left the list."


def test_a_seat_in_the_program_ends_the_waiting_however_it_was_given(wait, cohort, kim):
    entry = wait()

    seats.enroll(patient=entry.patient, cohort=cohort, by=kim, at=MONDAY_NOON)

    entry.refresh_from_db()
    assert entry.state == "placed"


# ---- What the database keeps


@pytest.fixture
def offered(wait, cohort, kim):
    return actions.offer(entry=wait(), cohort=cohort, by=kim, at=MONDAY_NOON)


def broken_by(name, write):
    with pytest.raises(IntegrityError) as told, transaction.atomic():
        write()
    return violates(told.value, name)


def test_steps_offers_and_entries_are_kept(offered):
    entry = offered.entry
    assert broken_by("waitlist_step_is_kept", lambda: entry.steps.update(note="Other words."))
    assert broken_by("waitlist_step_is_kept", lambda: entry.steps.first().delete())
    assert broken_by("seat_offer_is_kept", lambda: SeatOffer.objects.filter(pk=offered.pk)._raw_delete("default"))
    rows = WaitlistEntry.objects.filter(pk=entry.pk)
    assert broken_by("waitlist_entry_is_kept", lambda: rows._raw_delete("default"))


def test_an_offer_is_answered_once_and_keeps_its_time(offered):
    rows = SeatOffer.objects.filter(pk=offered.pk)
    assert broken_by("seat_offer_is_answered_once", lambda: rows.update(expires_at=MONDAY_NOON + timedelta(days=9)))
    rows.update(state="declined")
    assert broken_by("seat_offer_is_answered_once", lambda: rows.update(state="accepted"))


def test_one_offer_is_open_for_a_person_who_waits(offered, kim):
    seat = people.held(make.patient(), offered.cohort, until=make.NOON)
    values = {"entry": offered.entry, "cohort": offered.cohort, "seat": seat, "offered_by": kim}
    write = lambda **over: SeatOffer.objects.create(**values, **over)  # noqa: E731
    times = {"offered_at": MONDAY_NOON, "expires_at": make.NOON}
    assert broken_by("seat_offer_one_open_per_entry", lambda: write(**times))
    assert broken_by("seat_offer_state_is_known", lambda: write(**times, state="lost"))
    backward = {"offered_at": make.NOON, "expires_at": MONDAY_NOON, "state": "declined"}
    assert broken_by("seat_offer_ends_after_it_begins", lambda: write(**backward))


@pytest.mark.parametrize(
    ("name", "over"),
    [
        ("waitlist_urgency_is_known", {"urgency": "soon"}),
        ("waitlist_state_is_known", {"state": "lost"}),
        ("waitlist_moved_with_a_reason", {"moved_at": MONDAY_NOON}),
    ],
)
def test_an_entry_says_what_we_know(wait, name, over):
    entry = wait()
    assert broken_by(name, lambda: WaitlistEntry.objects.filter(pk=entry.pk).update(**over))


def test_who_left_does_not_come_back_by_an_update(wait, kim):
    entry = wait()
    actions.leave(entry=entry, reason="Found another place.", by=kim, at=MONDAY_NOON)

    rows = WaitlistEntry.objects.filter(pk=entry.pk)
    assert broken_by("waitlist_entry_stays_ended", lambda: rows.update(state="waiting"))


@pytest.mark.parametrize(
    ("name", "over"), [("waitlist_step_says_why", {"kind": "moved"}), ("waitlist_step_by_someone", {"by": None})]
)
def test_a_step_says_why_and_who(wait, kim, name, over):
    values = {"entry": wait(), "kind": "checked", "by": kim, "at": MONDAY_NOON, **over}
    assert broken_by(name, lambda: WaitlistStep.objects.create(**values))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR, Role.CLINICIAN])
def test_only_people_whose_record_one_sees_stand_on_ones_list(wait, cohort, role):
    entry = wait()
    stranger = Actor(make.user(role, at=make.location()), role)
    own = Actor(entry.patient.registered_by if role == Role.CLINICIAN else make.user(role, at=cohort.location), role)
    if role == Role.CLINICIAN:
        make.CareTeamMember.objects.create(patient=entry.patient, user=own.user)

    assert list(WaitlistEntry.objects.visible_to(own)) == [entry]
    assert not WaitlistEntry.objects.visible_to(stranger).exists()
    assert not WaitlistEntry.objects.visible_to(Actor(own.user, Role.PATIENT)).exists()
    assert Enrollment.objects.count() == 0
