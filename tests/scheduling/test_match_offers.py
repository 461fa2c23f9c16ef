"""The match over real rows: the catalog, who is in a cohort, what a person said, and what if they had said otherwise."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from intake.actions import apart
from programs.models import Cohort, Credential, EntryDate, Payer, TrackCode
from scheduling import actions
from scheduling.actions import seats as seating
from scheduling.models import Enrollment
from scheduling.queries import seats
from scheduling.queries.match import offered
from scheduling.whatif import WhatIf
from tests import make
from tests.scheduling import people
from tests.scheduling.people import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
EVENINGS = ((1, time(17, 30)), (3, time(17, 30)))


@pytest.fixture
def dana():
    return make.clinician(name="Dana K.")


@pytest.fixture
def rosa(dana):
    return people.asked_and_decided(dana)


@pytest.fixture
def client(signed_in, dana):
    return signed_in(dana)


def page(client, patient, **asked):
    where = seats.standing(patient).recommendation
    return client.get(reverse("scheduling:match", args=[patient.public_id, where.public_id]), asked)


def cohort(rosa, **over):
    return make.cohort(**{"location": rosa.location, "blocks": EVENINGS, **over})


def names(response, block="fits"):
    return [option.cohort.name for option in response.context[block]]


def against(response):
    """Every sentence against the one cohort."""
    found = [option for block in ("fits", "near", "others") for option in response.context[block]]
    (option,) = found
    return [reason.sentence for reason in option.match.reasons]


# ---- The catalog ----


def test_a_cohort_on_site_that_has_all_fits(client, rosa):
    cohort(rosa)

    assert against(page(client, rosa)) == []


def test_ages_of_the_program(client, rosa):
    cohort(rosa, program=make.program(age_most=35))

    assert against(page(client, rosa)) == ["For ages 18 to 35; the person is 36 on the first day."]


@pytest.mark.parametrize(
    ("licensed", "place", "sentences"),
    [
        (["WI"], "IL", ["Not licensed for people in IL."]),
        (["WI", "IL"], "WI", []),
        ([], "IL", []),
        ([], "WI", ["Not licensed for people in IL."]),
    ],
)
def test_states_in_which_people_may_be_who_attend_online(client, dana, licensed, place, sentences):
    rosa = people.asked_and_decided(dana, setting="telehealth")
    program = make.program(telehealth=True, states_licensed=licensed)
    cohort(rosa, program=program, delivery=Cohort.Delivery.ONLINE, location=make.location(state=place))

    assert against(page(client, rosa)) == sentences


@pytest.mark.parametrize(
    ("kind", "state", "ends", "sentence"),
    [
        ("social_worker", "IL", date(2099, 3, 10), None),  # the day of the first session
        ("social_worker", "IL", date(2099, 3, 9), "The license of who leads it ends before the first day."),
        ("social_worker", "WI", date(2099, 12, 31), "Nobody who leads it is licensed in IL."),
        ("dbt", "WI", date(2099, 12, 31), None),  # training is no license, so none is on record
    ],
)
def test_license_of_who_leads_it(client, rosa, kind, state, ends, sentence):
    """In a far year, since the catalog takes no license that is over today."""
    leader = make.clinician(name="Lee W.")
    Credential.objects.create(user=leader, kind=kind, number="1", state=state, expires_on=ends)
    days = {"starts_on": date(2099, 3, 9), "last_entry_on": date(2099, 3, 20), "ends_on": date(2099, 5, 11)}
    cohort(rosa, facilitator=leader, **days)

    assert against(page(client, rosa)) == ([sentence] if sentence else [])


def test_a_co_facilitator_may_hold_the_license(client, rosa):
    leader, other = make.clinician(), make.clinician()
    Credential.objects.create(user=leader, kind="counselor", number="1", state="WI", expires_on=date(2099, 1, 1))
    Credential.objects.create(user=other, kind="counselor", number="2", state="IL", expires_on=date(2099, 1, 1))
    made = cohort(rosa, facilitator=leader)
    assert against(page(client, rosa)) == ["Nobody who leads it is licensed in IL."]

    made.co_facilitators.add(other)

    assert against(page(client, rosa)) == []


def test_what_the_person_needs_to_get_in(client, dana):
    rosa = people.asked_and_decided(dana, access_needs=["step_free", "hearing_loop"])
    cohort(rosa)
    assert against(page(client, rosa)) == [
        "The person needs a step-free entrance; none is on record there.",
        "The person needs a hearing loop; none is on record there.",
    ]

    rosa.location.access_features = ["step_free", "hearing_loop", "parking"]
    rosa.location.save()

    response = page(client, rosa)
    assert against(response) == []
    assert "needs a step-free entrance needs a hearing loop" in words(response)


def test_nothing_needed_to_get_in_excludes_nothing(client, dana):
    rosa = people.asked_and_decided(dana, access_needs=[])
    cohort(rosa)

    assert against(page(client, rosa)) == []


def test_a_semi_open_cohort_begins_on_its_next_entry_date(client, rosa):
    made = cohort(rosa, entry=Cohort.Entry.SEMI_OPEN)
    assert against(page(client, rosa)) == ["No entry date is left in it."]

    EntryDate.objects.bulk_create(EntryDate(cohort=made, on=day) for day in (date(2026, 3, 9), date(2026, 4, 6)))

    assert "Tue, Apr 7" in words(page(client, rosa))


def test_a_closed_cohort_takes_nobody_though_it_goes_on(client, rosa):
    cohort(rosa, closed_at=make.NOON)

    assert against(page(client, rosa)) == ["Closed: it takes no new people."]


def test_a_cohort_full_by_a_hold_says_when_that_runs_out(client, rosa):
    made = cohort(rosa, name="Evenings", seats=2)
    people.seat(make.patient(), made)
    people.held(make.patient(), made, until=make.NOON + timedelta(days=3))

    (option,) = page(client, rosa).context["near"]

    assert option.match.reasons[0].remedy == "Full until Mar 14: join the waitlist."


def test_a_hold_that_ran_out_says_nothing_about_when_a_seat_comes_free(client, rosa):
    made = cohort(rosa, seats=1)
    people.held(make.patient(), made, until=make.NOON)
    people.seat(make.patient(), made)

    (option,) = page(client, rosa).context["near"]

    assert option.match.reasons[0].remedy == "Full: join the waitlist."


def test_a_hold_that_ran_out_takes_no_seat(client, rosa):
    made = cohort(rosa, name="Evenings", seats=1)
    people.held(make.patient(), made, until=make.NOON)

    assert names(page(client, rosa)) == ["Evenings"]


def test_a_payer_without_a_contract_and_the_other_ways_to_pay(client, rosa):
    make.coverage(rosa, payer="Prairie Health")
    made = cohort(rosa, payment_options=["sliding_scale"])
    made.payers.add(Payer.objects.create(name="Lakeshore Mutual"))
    (option,) = page(client, rosa).context["near"]
    assert option.match.reasons[0].sentence == "No contract with Prairie Health."
    assert option.match.reasons[0].remedy == "Fits if it is paid another way: the sliding scale."

    payer = Payer.objects.create(name="PRAIRIE Health")
    made.payers.add(payer)
    assert against(page(client, rosa)) == []

    payer.is_active = False
    payer.save()
    assert against(page(client, rosa)) == ["No contract with Prairie Health."]


def test_the_payer_for_behavioral_health_is_the_one_that_counts(client, rosa):
    make.coverage(rosa, payer="Lakeshore Mutual", carve_out="Prairie Health")
    cohort(rosa).payers.add(Payer.objects.create(name="Lakeshore Mutual"))

    assert against(page(client, rosa)) == ["No contract with Prairie Health."]


def test_a_second_coverage_is_not_asked_for_a_contract(client, rosa):
    make.coverage(rosa, payer="Prairie Health", rank=2)
    cohort(rosa).payers.add(Payer.objects.create(name="Lakeshore Mutual"))

    assert against(page(client, rosa)) == []


def test_cost_and_authorization_stand_beside_each_option_and_change_no_order(client, rosa):
    cohort(rosa, name="Later", starts_on=date(2026, 4, 6), last_entry_on=date(2026, 4, 10))
    cohort(rosa, name="Sooner")
    before = names(page(client, rosa))

    make.coverage(rosa, copay="40.00", authorization_needed=True)
    response = page(client, rosa)

    assert names(response) == before == ["Sooner", "Later"]
    assert words(response).count("copay $40.00 a day. Authorization needed; none on record.") == 2


def test_a_cohort_that_needs_one_more_to_run_comes_first_among_equals(client, rosa):
    cohort(rosa, name="Enough", seats_least=1)
    short = cohort(rosa, name="One short", seats_least=2)
    for made in Cohort.objects.all():
        people.seat(make.patient(), made)

    assert names(page(client, rosa)) == [short.name, "Enough"]


def test_at_the_time_of_another_seat_of_the_person(client, rosa):
    people.seat(rosa, cohort(rosa, name="Thursdays", blocks=((3, time(18)),)))
    cohort(rosa)

    assert against(page(client, rosa)) == ["At the same time as Thursdays, where the person has a seat."]


def test_online_in_another_zone_counts_by_the_persons_clock(client, dana):
    rosa = people.asked_and_decided(dana, setting="telehealth", available_tue=["afternoon"])
    denver = make.location(state="CO", zone="America/Denver")
    program = make.program(telehealth=True, states_licensed=["IL"])
    over = {"program": program, "location": denver, "delivery": Cohort.Delivery.ONLINE}
    cohort(rosa, name="At noon here", blocks=((1, time(11)),), **over)
    cohort(rosa, name="At eleven here", blocks=((1, time(10)),), **over)

    assert names(page(client, rosa)) == ["At noon here"]


# ---- Kept apart ----


@pytest.fixture
def vera(dana):
    return make.patient(team=dana, first_name="Vera", last_name="Olsen")


def keep_apart(one, other):
    return apart.keep_apart.__wrapped__(one=one, other=other, why="harm", by=one.registered_by, at=make.NOON)


@pytest.mark.parametrize("known_first", ["rosa", "vera"])
def test_a_cohort_with_somebody_kept_apart_is_excluded_without_saying_why(client, signed_in, request, known_first):
    """Whichever of the two was registered first, and so comes first in the pair."""
    request.getfixturevalue(known_first)
    rosa, vera = request.getfixturevalue("rosa"), request.getfixturevalue("vera")
    people.seat(vera, cohort(rosa, name="Evenings"))
    assert names(page(client, rosa)) == ["Evenings"]
    keep_apart(rosa, vera)

    response = page(client, rosa)

    assert (names(response), names(response, "near")) == ([], [])
    assert "Skills program, Evenings Not available for this person." in words(response)
    desk = page(signed_in(make.user(Role.COORDINATOR, at=rosa.location)), rosa)
    for unsaid in ("Vera", "Olsen", "harm", "apart"):
        assert unsaid not in words(desk)


@pytest.mark.parametrize(
    ("state", "until", "excluded"),
    [("active", None, True), ("held", timedelta(hours=1), True), ("held", timedelta(0), False)],
)
def test_only_a_seat_that_is_had_or_held_keeps_apart(client, rosa, vera, state, until, excluded):
    made = cohort(rosa, name="Evenings")
    if state == "held":
        people.held(vera, made, until=make.NOON + until)
    else:
        people.seat(vera, made)
    keep_apart(rosa, vera)

    assert names(page(client, rosa)) == ([] if excluded else ["Evenings"])


def test_a_pair_that_ended_keeps_nobody_apart(client, rosa, vera):
    people.seat(vera, cohort(rosa, name="Evenings"))
    pair = keep_apart(rosa, vera)
    apart.end_keep_apart.__wrapped__(pair=pair, by=rosa.registered_by, at=make.NOON)

    assert names(page(client, rosa)) == ["Evenings"]


def test_a_pair_of_others_and_a_seat_elsewhere_exclude_nothing(client, rosa, vera):
    people.seat(vera, cohort(rosa, name="Evenings"))
    keep_apart(vera, make.patient())
    people.seat(other := make.patient(), cohort(rosa, name="Mornings", blocks=((1, time(9)),)))
    keep_apart(rosa, other)

    assert names(page(client, rosa)) == ["Evenings"]


def test_a_seat_is_refused_with_the_same_sentence_and_nothing_more(client, rosa, vera):
    people.papers(rosa)
    made = cohort(rosa, name="Evenings")
    people.seat(vera, made)
    keep_apart(rosa, vera)

    at = {"patient": rosa, "cohort": made, "by": rosa.registered_by, "at": make.NOON, "kind": Enrollment.Kind.PRIMARY}
    for deed in (seating._hold, seating.give_seat):
        with pytest.raises(actions.EnrollmentRefused) as refused:
            deed.__wrapped__(**at)
        assert str(refused.value) == "Evenings: Not available for this person."
    assert not Enrollment.objects.filter(patient=rosa).exists()


@pytest.mark.parametrize(
    ("over", "said", "sentence"),
    [
        ({"age_most": 35}, {}, "For ages 18 to 35; the person is 36 on the first day."),
        ({}, {"access_needs": ["elevator"]}, "The person needs an elevator; none is on record there."),
        ({}, {"session_language": "es", "available_tue": [], "setting": "telehealth"}, None),
    ],
)
def test_a_seat_is_refused_over_what_no_wish_can_change_and_never_over_a_wish(dana, over, said, sentence):
    rosa = people.asked_and_decided(dana, **said)
    made = cohort(rosa, program=make.program(**over))

    match = seats.judged(made, 0, seats.standing(rosa), make.NOON)

    assert [reason.sentence for reason in match.reasons] == ([sentence] if sentence else [])


# ---- What if ----


@pytest.fixture
def offers(rosa):
    """One that fits, and one for each thing that the person could change."""
    cohort(rosa, name="Evenings")
    cohort(rosa, name="In Spanish", language="es")
    cohort(rosa, name="Mornings", blocks=((1, time(9)),))
    cohort(rosa, name="Saturdays", blocks=((5, time(9)),))
    cohort(rosa, name="Online", delivery=Cohort.Delivery.ONLINE)
    cohort(rosa, name="Elsewhere", location=make.location(name="Oak Park"))


@pytest.mark.parametrize(
    ("asked", "appears"),
    [
        ({"also": "tue-morning"}, "Mornings"),
        ({"also": "sat-morning"}, "Saturdays"),
        ({"without": "tue"}, "Mornings"),
        ({"without": "sat"}, "Saturdays"),
        ({"without": "language"}, "In Spanish"),
        ({"without": "place"}, "Online"),
        ({"without": "home"}, "Elsewhere"),
    ],
)
def test_leaving_one_thing_aside_shows_what_would_fit_and_how_many_more(client, rosa, offers, asked, appears):
    assert names(page(client, rosa)) == ["Evenings"]

    response = page(client, rosa, **asked)

    assert sorted(names(response)) == sorted(["Evenings", appears])
    assert "2 fit then 1 more than with all that counts." in words(response)


@pytest.mark.parametrize(
    "asked",
    [
        {"also": "wed-morning"},
        {"also": ["sun-morning", "mon-noon", "x"]},
        {"without": ["x", "level", "", "access"]},
        {"also": "tue-evening"},
    ],
)
def test_what_changes_nothing_or_means_nothing_shows_the_same(client, rosa, offers, asked):
    assert names(page(client, rosa, **asked)) == ["Evenings"]


def test_an_address_that_means_nothing_asks_nothing(client, rosa, offers):
    asked = page(client, rosa, without=["x", "level"], also=["mon-noon", "x"]).context["what_if"]

    assert not asked
    assert asked.url() == "?"


def test_asking_about_a_day_of_which_nobody_knows_excludes_nothing_on_it(client, rosa):
    cohort(rosa, name="Sundays", blocks=((6, time(17, 30)),))

    assert names(page(client, rosa, also="sun-morning")) == ["Sundays"]


def test_what_was_decided_and_what_the_person_needs_cannot_be_left_aside(client, dana):
    rosa = people.asked_and_decided(dana, access_needs=["elevator"])
    cohort(rosa, name="Stairs")
    cohort(rosa, name="Other track", program=make.program(track="trauma"))

    response = page(client, rosa, without=["language", "place", "home", "payer", "tue", "thu", "access", "program"])

    assert names(response) == []
    assert "None fits then" in words(response)


def test_each_sentence_is_a_link_that_takes_it_away_and_one_that_was_asked_puts_it_back(client, rosa, offers):
    plain = {chip.text: chip.url for chip in page(client, rosa).context["chips"]}
    assert plain == {
        "Mon, Tue, Wed, Thu, Fri: evening": "?without=fri&without=mon&without=thu&without=tue&without=wed",
        "Sat: not at all": "?without=sat",
        "on site": "?without=place",
        f"at {rosa.location}": "?without=home",
        "English": "?without=language",
    }

    asked = page(client, rosa, without=["language", "tue"], also="sat-morning").context["chips"]

    assert {chip.text: chip.url for chip in asked if chip.is_asked} == {
        "Tue: whatever the time": "?without=language&also=sat-morning",
        "any language": "?without=tue&also=sat-morning",
        "if Saturday morning were possible": "?without=language&without=tue",
    }
    assert "Mon, Wed, Thu, Fri: evening" in {chip.text for chip in asked}


def test_leaving_a_day_aside_forgets_what_was_asked_about_it(client, rosa, offers):
    chips = page(client, rosa, also="sat-morning").context["chips"]

    assert {chip.text: chip.url for chip in chips}["Sat: not at all"] == "?without=sat"


def test_somebody_online_is_not_asked_about_locations_and_a_payer_can_be_left_aside(client, dana):
    rosa = people.asked_and_decided(dana, setting="telehealth", session_language="es")
    make.coverage(rosa, payer="Prairie Health")
    made = cohort(rosa, name="Online", delivery=Cohort.Delivery.ONLINE, language="es")
    made.payers.add(Payer.objects.create(name="Lakeshore Mutual"))

    texts = [chip.text for chip in page(client, rosa).context["chips"]]

    assert texts[-3:] == ["online", "Spanish", "Prairie Health"]
    assert names(page(client, rosa, without="payer")) == ["Online"]


def test_a_near_miss_for_a_time_asks_about_it_with_one_link_and_keeps_what_was_asked(client, rosa, offers):
    response = page(client, rosa, without="language")
    asking = {option.cohort.name: option.asking for option in response.context["near"]}

    assert asking["Mornings"] == "?without=language&also=tue-morning"
    assert asking["Online"] == ""
    assert 'value="sat-morning"' in response.content.decode()
    assert 'value="tue-evening"' not in response.content.decode()


def test_what_is_left_aside_does_not_outlive_the_page_and_is_kept_when_a_place_was_taken(client, rosa, offers):
    where = seats.standing(rosa).recommendation
    chosen = Cohort.objects.get(name="Evenings")
    Cohort.objects.filter(pk=chosen.pk).update(seats=1)
    people.seat(make.patient(), chosen)
    url = reverse("scheduling:hold", args=[rosa.public_id, where.public_id, chosen.public_id])

    response = client.post(f"{url}?without=language", follow=True)

    assert response.status_code == 409
    assert "Someone just took the last place in Evenings. One other fits." in words(response)
    assert names(page(client, rosa)) == []


def test_the_preferred_way_comes_first_when_both_are_taken_to_be_possible(client, rosa):
    cohort(rosa, name="Online", delivery=Cohort.Delivery.ONLINE)
    cohort(rosa, name="On site")

    assert names(page(client, rosa, without="place")) == ["On site", "Online"]


# ---- States ----


def test_one_alone_that_fits_asks_for_a_second(client, rosa):
    cohort(rosa, name="Evenings")
    assert "Only one fits, and nothing nearly does." in words(page(client, rosa))

    cohort(rosa, name="In Spanish", language="es")

    assert "Only one fits. Offer a second from those that nearly fit." in words(page(client, rosa))


def test_when_none_fits_a_waitlist_and_support_meanwhile_are_named(client, rosa):
    said = words(page(client, rosa))

    assert "None fits now" in said
    assert "join a waitlist" in said
    assert "Agree on support until a place opens" in said


def test_long_lists_begin_with_the_first_25_and_all_are_one_link_away(client, rosa):
    for number in range(27):
        cohort(rosa, name=f"Evenings {number:02}")

    response = page(client, rosa)
    assert len(names(response)) == 25
    assert "Of 27 that fit, 0 that nearly do and 0 others, the first 25 of each are shown." in words(response)

    assert len(names(page(client, rosa, all="1"))) == 27


# ---- Costs ----


def furnished(rosa, number):
    """A cohort with everything that is read for it."""
    leader, other = make.clinician(), make.clinician()
    for user in (leader, other):
        Credential.objects.create(user=user, kind="counselor", number="1", state="IL", expires_on=date(2099, 1, 1))
    made = cohort(rosa, name=f"Evenings {number}", facilitator=leader, entry=Cohort.Entry.SEMI_OPEN)
    made.co_facilitators.add(other)
    made.payers.add(Payer.objects.get_or_create(name="Lakeshore Mutual")[0])
    EntryDate.objects.create(cohort=made, on=date(2026, 3, 16))
    people.seat(make.patient(), made)


@pytest.mark.parametrize("asked", [{}, {"without": "language", "also": "sat-morning"}])
@pytest.mark.parametrize("cohorts", [1, 30])
def test_the_match_costs_the_same_queries_for_one_cohort_as_for_thirty(
    client, rosa, vera, cohorts, asked, django_assert_num_queries
):
    make.coverage(rosa)
    keep_apart(rosa, vera)
    for number in range(cohorts):
        furnished(rosa, number)

    with django_assert_num_queries(26):
        response = page(client, rosa, all="1", **asked)

    assert len(names(response)) == cohorts


def test_candidates_are_one_query_and_what_stands_around_them(rosa):
    for number in range(3):
        furnished(rosa, number)

    with CaptureQueriesContext(connection) as seen:
        found = offered(rosa, make.NOON)

    assert len(found.offers) == 3
    assert len(seen) == 8  # programs, places, blocks, entry dates, payers, those who lead beside, licenses
    assert [query["sql"].startswith('SELECT "programs_cohort"."id", "programs_cohort"') for query in seen] == [
        True
    ] + 7 * [False]


# ---- Beside the main program ----


ADJUNCT = [{"family": "addiction", "mode": "integrated"}]


def with_a_second_part(rosa):
    """Trauma first and group work beside it; the person has their main place."""
    assessment = rosa.assessments.get()
    document = people.result()
    document["selection"] |= {"adjuncts": ADJUNCT, "format": {"primary": "group"}}
    people.recommended(rosa, assessment=assessment, document=document, at=people.MONDAY_NOON + timedelta(hours=1))
    people.decided(rosa, at=people.MONDAY_NOON + timedelta(hours=1))
    people.papers(rosa)
    people.seat(rosa, make.cohort(name="Mornings", location=rosa.location, blocks=((0, time(9)),)))


def test_what_is_recommended_beside_the_main_program_can_be_found_and_held(client, rosa):
    with_a_second_part(rosa)
    program = make.program(track=TrackCode.ADDICTION_GROUP)
    beside = cohort(rosa, program=program, name="Groups")
    cohort(rosa, name="Evenings")

    main, second = page(client, rosa), page(client, rosa, beside="1")

    assert "?beside=1" in main.text
    assert "Groups" not in names(main)
    assert names(second) == ["Groups"]
    where = seats.standing(rosa).recommendation
    hold = reverse("scheduling:hold", args=[rosa.public_id, where.public_id, beside.public_id])
    assert client.post(f"{hold}?beside=1").status_code == 302
    assert rosa.enrollments.get(cohort=beside).kind == "adjunct"


def test_without_a_main_place_or_a_recommended_second_part_nothing_stands_beside(client, rosa):
    cohort(rosa)

    assert "?beside=1" not in page(client, rosa).text
    people.seat(rosa, make.cohort(location=rosa.location))
    assert "?beside=1" not in page(client, rosa).text


def test_what_is_asked_about_the_second_part_stays_about_it():
    asked = WhatIf.asked(QueryDict("beside=1&without=language&also=sat-morning"))

    assert asked.beside
    assert asked.and_without("sat").url() == "?without=language&without=sat&beside=1"
    assert ("beside", "1") in asked.fields
    assert not WhatIf.asked(QueryDict("beside=1"))


def test_the_waitlist_is_offered_where_a_full_cohort_nearly_fits(client, rosa):
    elsewhere = cohort(rosa, name="Harbor", location=make.location(name="Harbor House"))

    assert "For a full one:" not in page(client, rosa).text
    full = cohort(rosa, name="Full", seats=1)
    people.seat(make.patient(), full)

    answer = page(client, rosa)
    assert {elsewhere.name, full.name} == set(names(answer, "near"))
    assert "For a full one:" in answer.text
