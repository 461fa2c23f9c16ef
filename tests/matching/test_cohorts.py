"""The pure part of the match: reasons, first meetings, order."""

from datetime import date, datetime, time

import pytest

from programs.matching.cohorts import judge, rank
from programs.matching.offers import Blocker, Busy, License, Need, Offer
from programs.matching.weekly import Part, Slot, collide, spans
from programs.matching.why import ACCESS, WAYS_TO_PAY

EVERY_DAY = {day: frozenset(Part) for day in range(7)}
TUESDAY_NOON = datetime(2026, 3, 10, 12, 0)  # noqa: DTZ001 - the wall clock of the location
EVENINGS = (Slot(1, time(17, 30), 90), Slot(3, time(17, 30), 90))


def need(**over):
    return Need(**{"tracks": frozenset({"depression"}), "level": "iop", "windows": EVERY_DAY, **over})


def offer(key=1, **over):
    values = {
        "track": "depression",
        "level": "iop",
        "state": "open",
        "starts_on": date(2026, 3, 2),
        "last_entry_on": date(2026, 5, 1),
        "ends_on": date(2026, 5, 11),
        "seats": 8,
        "taken": 3,
        "language": "en",
        "delivery": "on_site",
        "slots": EVENINGS,
        "now": TUESDAY_NOON,
    }
    return Offer(key=key, **{**values, **over})


def sentences(match):
    return [reason.sentence for reason in match.reasons]


def test_a_cohort_with_nothing_against_it_fits():
    assert judge(need(), offer()).fits


@pytest.mark.parametrize(
    ("wanted", "offered", "sentence"),
    [
        ({}, {"track": "trauma"}, "For another program than the one decided."),
        ({}, {"level": "php"}, "At another level of care than the one decided."),
        ({}, {"state": "planned"}, "Not open for enrollment yet."),
        ({}, {"state": "closed"}, "Closed: it takes no new people."),
        ({}, {"last_entry_on": date(2026, 3, 9)}, "The last day to join was Mar 9."),
        ({}, {"ends_on": date(2026, 3, 10), "starts_on": date(2026, 1, 5)}, "No meeting is left in it."),
        ({}, {"slots": ()}, "No meeting is left in it."),
        ({}, {"taken": 8}, "Full: all 8 seats are taken."),
        ({}, {"taken": 9}, "Full: all 8 seats are taken."),
        ({}, {"seats": 1, "taken": 1}, "Full: its only seat is taken."),
        ({"languages": frozenset({"es"})}, {}, "Held in English; the person asked for Spanish."),
        ({"languages": frozenset({"en"})}, {"language": "es"}, "Held in Spanish; the person asked for English."),
        ({"delivery": "online"}, {}, "On site; the person wants to come online."),
        ({"delivery": "on_site"}, {"delivery": "online"}, "Online; the person wants to come on site."),
        (
            {"windows": {**EVERY_DAY, 1: frozenset({Part.MORNING})}},
            {},
            "Tuesday evening is not possible for the person.",
        ),
    ],
)
def test_one_thing_in_the_way_is_the_one_reason(wanted, offered, sentence):
    match = judge(need(**wanted), offer(**offered))

    assert sentences(match) == [sentence]
    assert not match.fits


def test_every_reason_is_given_clinical_ones_first():
    wanted = need(languages=frozenset({"es"}), delivery="online", windows=dict.fromkeys(range(7), frozenset()))
    match = judge(wanted, offer(track="dbt", level="php", state="closed", taken=8))

    assert [reason.blocker for reason in match.reasons] == [
        Blocker.PROGRAM,
        Blocker.LEVEL,
        Blocker.ENTRY,
        Blocker.SEAT,
        Blocker.LANGUAGE,
        Blocker.TIMES,
        Blocker.TIMES,
        Blocker.PLACE,
    ]


def test_what_nobody_knows_excludes_nothing_and_is_counted():
    match = judge(need(level="", windows={1: frozenset({Part.EVENING})}), offer(level="php", language="es"))

    assert match.fits
    assert match.unasked == 1


def test_a_person_who_can_never_come_differs_from_one_who_was_not_asked():
    never = judge(need(windows={1: frozenset(), 3: frozenset()}), offer())
    not_asked = judge(need(windows=None), offer())

    assert sentences(never) == [
        "Tuesday evening is not possible for the person.",
        "Thursday evening is not possible for the person.",
    ]
    assert not_asked.fits
    assert not_asked.unasked == 2


@pytest.mark.parametrize(
    ("starts", "minutes", "parts"),
    [
        (time(9), 180, [Part.MORNING]),
        (time(9), 181, [Part.MORNING, Part.AFTERNOON]),
        (time(12), 300, [Part.AFTERNOON]),
        (time(16, 59), 1, [Part.AFTERNOON]),
        (time(16, 30), 90, [Part.AFTERNOON, Part.EVENING]),
        (time(17), 90, [Part.EVENING]),
        (time(11), 480, [Part.MORNING, Part.AFTERNOON, Part.EVENING]),
        (time(22), 480, [Part.EVENING]),
    ],
)
def test_a_meeting_needs_every_part_of_the_day_that_it_touches(starts, minutes, parts):
    assert Slot(0, starts, minutes).parts() == parts


def test_two_meetings_in_one_evening_are_one_reason():
    slots = (Slot(1, time(17, 30), 60), Slot(1, time(19), 60))
    match = judge(need(windows={1: frozenset({Part.MORNING})}), offer(slots=slots))

    assert len(match.reasons) == 1
    assert match.is_near


def test_a_near_miss_has_exactly_one_thing_in_the_way_and_says_what_would_help():
    full = judge(need(), offer(taken=8))
    both = judge(need(languages=frozenset({"es"})), offer(taken=8))

    assert full.is_near
    assert full.reasons[0].remedy == "Full: join the waitlist."
    assert not both.is_near


def test_another_program_or_level_is_another_decision_not_a_near_miss():
    assert not judge(need(), offer(track="dbt")).is_near
    assert not judge(need(), offer(level="php")).is_near


def test_only_wishes_in_the_way_are_the_persons_to_change():
    assert judge(need(languages=frozenset({"es"}), delivery="online"), offer()).is_wish
    assert not judge(need(languages=frozenset({"es"})), offer(taken=8)).is_wish
    assert not judge(need(), offer()).is_wish


@pytest.mark.parametrize(
    ("over", "first"),
    [
        ({}, date(2026, 3, 10)),
        ({"now": datetime(2026, 3, 10, 17, 30)}, date(2026, 3, 12)),  # noqa: DTZ001 - it has just begun
        ({"starts_on": date(2026, 4, 1), "last_entry_on": date(2026, 4, 8)}, date(2026, 4, 2)),
        ({"starts_on": date(2026, 3, 11)}, date(2026, 3, 12)),
        ({"slots": (Slot(1, time(9), 90),)}, date(2026, 3, 17)),
        ({"ends_on": date(2026, 3, 10)}, None),
    ],
)
def test_the_first_meeting_is_the_next_one_that_has_not_begun(over, first):
    assert offer(**over).first_on == first


def test_fits_come_first_then_the_earliest_start_then_fewest_open_questions_then_nearby():
    later = offer(1, starts_on=date(2026, 4, 6), last_entry_on=date(2026, 4, 13))
    full = offer(2, taken=8)
    soon_but_unasked = offer(3, slots=(Slot(1, time(17, 30), 90), Slot(5, time(9), 90)))
    soon_elsewhere = offer(4, nearby=False)
    soon = offer(5)
    windows = {day: frozenset(Part) for day in range(5)}

    ranked = rank(need(windows=windows, anywhere=True), [later, full, soon_but_unasked, soon_elsewhere, soon])

    assert [match.offer.key for match in ranked] == [5, 4, 3, 1, 2]


def test_ties_go_by_key_so_that_the_order_is_stable():
    assert [match.offer.key for match in rank(need(), [offer(7), offer(3), offer(5)])] == [3, 5, 7]


def test_a_full_cohort_does_not_pass_a_free_one_by_being_earlier():
    ranked = rank(need(), [offer(1, taken=8), offer(2, starts_on=date(2026, 4, 20), last_entry_on=date(2026, 4, 20))])

    assert [match.offer.key for match in ranked] == [2, 1]


# ---- Who the person is ----

BIRTHDAY = date(2008, 3, 12)  # 18 on Thursday, March 12


@pytest.mark.parametrize(
    ("born_on", "ages", "fits"),
    [
        (date(2008, 3, 10), {"age_least": 18}, True),  # 18 on the day of the first meeting
        (date(2008, 3, 11), {"age_least": 18}, False),
        (date(2000, 3, 11), {"age_least": 18, "age_most": 25}, True),  # still 25 on that day
        (date(2000, 3, 10), {"age_least": 18, "age_most": 25}, False),
        (BIRTHDAY, {"age_least": 18, "now": datetime(2026, 3, 10, 18, 0)}, True),  # noqa: DTZ001 - begins on Thursday
        (date(1931, 1, 1), {"age_least": 18}, True),
        (None, {"age_least": 18, "age_most": 25}, True),
    ],
)
def test_age_counts_on_the_day_of_the_first_meeting(born_on, ages, fits):
    assert judge(need(born_on=born_on), offer(**ages)).fits is fits


def test_an_age_out_of_range_is_said_and_is_nothing_that_could_be_arranged():
    young = judge(need(born_on=date(2008, 3, 11)), offer(age_least=18))
    old = judge(need(born_on=date(1989, 3, 14)), offer(age_least=18, age_most=25))

    assert sentences(young) == ["For ages 18 and over; the person is 17 on the first day."]
    assert sentences(old) == ["For ages 18 to 25; the person is 36 on the first day."]
    assert not young.is_near
    assert not old.is_near


@pytest.mark.parametrize(
    ("where", "offered", "fits"),
    [
        ("WI", {"delivery": "online", "states": frozenset({"IL"})}, False),
        ("WI", {"delivery": "online", "states": frozenset({"IL", "WI"})}, True),
        ("WI", {"delivery": "online", "states": frozenset()}, True),  # nothing on record
        ("", {"delivery": "online", "states": frozenset({"IL"})}, True),
        ("IL", {"states": frozenset({"IL"}), "place_state": "WI"}, True),  # they come to the place
    ],
)
def test_a_cohort_is_licensed_where_the_person_is_during_its_meetings(where, offered, fits):
    match = judge(need(state=where), offer(**offered))

    assert match.fits is fits
    assert fits or match.reasons[0].sentence == "Not licensed for people in WI."


@pytest.mark.parametrize(
    ("licenses", "sentence"),
    [
        ((), None),
        ((License("IL", date(2026, 3, 10)),), None),  # on the day of the first meeting
        ((License("IL", date(2026, 3, 9)),), "The license of who leads it ends before the first day."),
        ((License("IL", date(2026, 3, 9)), License("IL", date(2027, 1, 1))), None),
        ((License("WI", date(2027, 1, 1)),), "Nobody who leads it is licensed in IL."),
        (
            (License("WI", date(2027, 1, 1)), License("IL", date(2026, 3, 9))),
            "The license of who leads it ends before the first day.",
        ),
    ],
)
def test_somebody_who_leads_it_holds_a_license_there_on_the_first_day(licenses, sentence):
    match = judge(need(state="WI"), offer(licenses=licenses, place_state="IL"))

    assert sentences(match) == ([sentence] if sentence else [])


def test_online_the_license_is_for_where_the_person_is():
    led = {"licenses": (License("IL", date(2027, 1, 1)),), "place_state": "IL", "delivery": "online"}

    assert judge(need(state="IL"), offer(**led)).fits
    assert sentences(judge(need(state="WI"), offer(**led))) == ["Nobody who leads it is licensed in WI."]
    assert judge(need(state=""), offer(**led)).fits


def test_each_thing_missing_to_get_in_is_a_reason_and_none_online():
    wanted = need(access=frozenset({"hearing_loop", "step_free"}))
    match = judge(wanted, offer(access=frozenset({"elevator"})))

    assert sentences(match) == [
        "The person needs a step-free entrance; none is on record there.",
        "The person needs a hearing loop; none is on record there.",
    ]
    assert judge(wanted, offer(access=frozenset({"hearing_loop", "step_free"}))).fits
    assert judge(wanted, offer(delivery="online")).fits
    assert (
        judge(need(access=frozenset({"hearing_loop"})), offer()).reasons[0].remedy
        == "Fits if a hearing loop is arranged."
    )


def test_a_cohort_with_somebody_kept_apart_says_nothing_else_about_it():
    match = judge(need(), offer(apart=True))

    assert sentences(match) == ["Not available for this person."]
    assert not match.is_near
    assert not match.is_wish
    assert sentences(judge(need(), offer(apart=True, taken=8))) == [
        "Not available for this person.",
        "Full: all 8 seats are taken.",
    ]


# ---- Entry ----


@pytest.mark.parametrize(
    ("dates", "now", "first"),
    [
        # Tuesdays and Thursdays at 5:30 pm; the tenth of March is a Tuesday.
        ((date(2026, 3, 10),), datetime(2026, 3, 10, 17, 29), date(2026, 3, 10)),  # noqa: DTZ001
        ((date(2026, 3, 10),), datetime(2026, 3, 10, 17, 30), None),  # noqa: DTZ001 - its first meeting has begun
        ((date(2026, 3, 9),), datetime(2026, 3, 10, 12, 0), date(2026, 3, 10)),  # noqa: DTZ001 - not yet met since
        ((date(2026, 4, 6), date(2026, 3, 23)), TUESDAY_NOON, date(2026, 3, 24)),
        ((date(2026, 3, 3), date(2026, 4, 6)), TUESDAY_NOON, date(2026, 4, 7)),
        ((date(2026, 5, 1),), TUESDAY_NOON, date(2026, 5, 5)),  # the last day to join
        ((date(2026, 5, 2),), TUESDAY_NOON, None),
        ((), TUESDAY_NOON, None),
    ],
)
def test_a_semi_open_cohort_is_joined_at_the_start_of_a_module(dates, now, first):
    joined = offer(entry="semi_open", entry_dates=dates, now=now)

    assert joined.first_on == first
    assert sentences(judge(need(), joined)) == ([] if first else ["No entry date is left in it."])


def test_an_open_cohort_is_joined_at_its_next_meeting_whatever_its_entry_dates():
    assert offer(entry="open", entry_dates=(date(2026, 4, 6),)).first_on == date(2026, 3, 10)


@pytest.mark.parametrize(("last", "fits"), [(date(2026, 3, 10), True), (date(2026, 3, 9), False)])
def test_a_closed_cohort_is_joined_until_its_last_entry_date(last, fits):
    assert judge(need(), offer(entry="closed", last_entry_on=last)).fits is fits


def test_a_full_cohort_says_until_when_where_that_is_known():
    match = judge(need(), offer(taken=8, frees_on=date(2026, 4, 14)))

    assert match.is_near
    assert match.reasons[0].remedy == "Full until Apr 14: join the waitlist."
    assert judge(need(), offer(taken=7)).fits


# ---- Another seat of the person ----


def busy(*slots, **over):
    return (
        Busy(
            **{
                "name": "Mornings",
                "starts_on": date(2026, 1, 5),
                "ends_on": date(2026, 6, 1),
                "slots": slots,
                "offset": -300,
                **over,
            }
        ),
    )


@pytest.mark.parametrize(
    ("theirs", "fits"),
    [
        (busy(Slot(1, time(19), 60)), True),  # begins when the other ends
        (busy(Slot(1, time(18, 59), 60)), False),
        (busy(Slot(1, time(16), 90)), True),
        (busy(Slot(1, time(16), 91)), False),
        (busy(Slot(1, time(16, 30), 240)), False),
        (busy(Slot(2, time(17, 30), 90)), True),
        (busy(Slot(1, time(17, 30), 90), ends_on=date(2026, 3, 10)), True),  # over on the first day
        (busy(Slot(1, time(17, 30), 90), ends_on=date(2026, 3, 11)), False),
        (busy(Slot(1, time(17, 30), 90), starts_on=date(2026, 5, 11), ends_on=date(2026, 6, 1)), True),
        (busy(Slot(1, time(18), 90), offset=-360), True),  # by a clock an hour behind: at 7 pm here
        (busy(Slot(1, time(17, 59), 90), offset=-360), False),
    ],
)
def test_a_cohort_at_the_time_of_another_seat_does_not_fit(theirs, fits):
    match = judge(need(busy=theirs), offer(slots=(Slot(1, time(17, 30), 90),), offset=-300))

    assert match.fits is fits


def test_a_week_is_a_circle():
    late, early = spans((Slot(6, time(23, 30), 60),), 0), spans((Slot(0, time(0, 15), 30),), 0)

    assert collide(late, early)
    assert collide(early, late)
    assert not collide(late, spans((Slot(0, time(0, 30), 30),), 0))


def test_the_other_seat_is_named_and_giving_it_up_would_help():
    match = judge(need(busy=busy(Slot(3, time(18), 60), offset=0)), offer())

    assert sentences(match) == ["At the same time as Mornings, where the person has a seat."]
    assert match.is_near
    assert match.reasons[0].remedy == "Fits if the seat in Mornings is given up."


# ---- Wishes ----


def test_one_of_several_languages_is_enough():
    wanted = need(languages=frozenset({"en", "es"}))

    assert judge(wanted, offer()).fits
    assert sentences(judge(wanted, offer(language="pl"))) == ["Held in pl; the person asked for English or Spanish."]


def test_online_the_times_are_those_of_the_persons_own_clock():
    mornings = need(windows={**EVERY_DAY, 1: frozenset({Part.AFTERNOON})}, offset=-300)
    noon_in_denver = {"delivery": "online", "slots": (Slot(1, time(11), 60),), "offset": -360}

    assert judge(mornings, offer(**noon_in_denver)).fits  # noon to 1 pm in Chicago
    assert sentences(judge(mornings, offer(**{**noon_in_denver, "delivery": "on_site"}))) == [
        "Tuesday morning is not possible for the person."
    ]


def test_a_late_meeting_may_fall_on_the_next_day_of_the_persons_clock():
    wanted = need(windows={2: frozenset()}, offset=0)
    match = judge(wanted, offer(delivery="online", slots=(Slot(1, time(23), 60),), offset=-120))

    assert sentences(match) == ["Wednesday morning is not possible for the person."]
    assert match.reasons[0].part == (2, Part.MORNING)
    assert match.unasked == 0


def test_another_location_is_a_near_miss_until_the_person_could_come_there():
    elsewhere = offer(nearby=False, place="Oak Park")
    match = judge(need(), elsewhere)

    assert sentences(match) == ["At Oak Park, not at the person's own location."]
    assert match.reasons[0].remedy == "Fits if coming to Oak Park is possible."
    assert match.is_wish
    assert judge(need(anywhere=True), elsewhere).fits
    assert judge(need(), offer(nearby=False, delivery="online")).fits
    assert len(judge(need(delivery="online"), elsewhere).reasons) == 1


def test_a_payer_without_a_contract_is_in_the_way_with_the_other_ways_to_pay():
    contracts = {"payers": frozenset({"lakeshore mutual"})}
    match = judge(need(payer="Prairie Health"), offer(**contracts, ways_to_pay=("plan", "sliding_scale")))

    assert sentences(match) == ["No contract with Prairie Health."]
    assert match.reasons[0].remedy == "Fits if it is paid another way: a payment plan or the sliding scale."
    assert judge(need(payer="Prairie Health"), offer(**contracts)).reasons[0].remedy.endswith(": another payer.")
    assert judge(need(payer="Lakeshore MUTUAL"), offer(**contracts)).fits
    assert not judge(need(payer="Lakeshore"), offer(payers=frozenset())).fits  # every contract has ended
    assert judge(need(), offer(**contracts)).fits
    assert judge(need(payer="Prairie Health"), offer()).fits


def test_every_word_for_access_and_paying_reads_in_a_sentence():
    every = judge(
        need(access=frozenset(ACCESS), payer="X"), offer(payers=frozenset({"y"}), ways_to_pay=tuple(WAYS_TO_PAY))
    )

    assert len(every.reasons) == len(ACCESS) + 1


# ---- Order ----


def keys(wanted, *offers):
    return [match.offer.key for match in rank(wanted, offers)]


def test_the_order_among_what_fits_start_then_open_questions_then_preference_then_nearness_then_balance():
    """Each is better than the next by one thing, and worse by all that count less."""
    best_by_balance = offer(1, seats_least=4, taken=3)
    best_by_nearness = offer(2, seats_least=4, taken=4)
    far = {"nearby": False, "seats_least": 4, "taken": 3}
    preferred = offer(3, **far)
    other_way = offer(4, delivery="online", seats_least=4, taken=3)
    unasked = offer(5, slots=(Slot(1, time(17, 30), 90), Slot(6, time(9), 90)), seats_least=4, taken=3)
    later = offer(6, starts_on=date(2026, 3, 11), seats_least=4, taken=3)
    wanted = need(windows={day: frozenset(Part) for day in range(6)}, prefers="on_site", anywhere=True)

    assert keys(wanted, later, unasked, other_way, preferred, best_by_nearness, best_by_balance) == [1, 2, 3, 4, 5, 6]


def test_without_a_preference_online_and_on_site_are_equals():
    wanted = need(prefers="")

    assert keys(wanted, offer(2), offer(1, delivery="online")) == [1, 2]
    assert keys(need(prefers="on_site"), offer(2), offer(1, delivery="online")) == [2, 1]


def test_a_cohort_that_needs_people_to_run_comes_before_one_that_has_enough_the_nearest_to_it_first():
    enough, three_short, one_short = (
        offer(1, seats_least=4, taken=4),
        offer(2, seats_least=4, taken=1),
        offer(3, seats_least=4, taken=3),
    )

    assert keys(need(), enough, three_short, one_short) == [3, 2, 1]


@pytest.mark.parametrize("payer", ["", "Lakeshore Mutual", "Prairie Health"])
def test_how_it_is_paid_changes_no_order_among_those_that_do_not_fit(payer):
    contracts = {"payers": frozenset({"lakeshore mutual"})}
    full, spanish, both = offer(1, taken=8, **contracts), offer(2, language="es"), offer(3, taken=8, language="es")
    wanted = need(languages=frozenset({"en"}), payer=payer)

    assert keys(wanted, both, spanish, full) == [1, 2, 3]


def test_without_a_contract_a_cohort_comes_after_what_fits_but_not_before_what_nearly_does():
    uncontracted, full, free = offer(2, payers=frozenset({"x"})), offer(1, taken=8), offer(3)

    assert keys(need(payer="Y"), uncontracted, full, free) == [3, 1, 2]
