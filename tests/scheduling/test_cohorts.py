"""The pure part of the match: reasons, first meetings, order."""

from datetime import date, datetime, time

import pytest

from programs.matching.cohorts import Blocker, Need, Offer, Part, Slot, first_meeting, judge, rank

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
        ({"language": "es"}, {}, "Held in English; the person asked for Spanish."),
        ({"language": "en"}, {"language": "es"}, "Held in Spanish; the person asked for English."),
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
    wanted = need(language="es", delivery="online", windows=dict.fromkeys(range(7), frozenset()))
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
    both = judge(need(language="es"), offer(taken=8))

    assert full.is_near
    assert full.reasons[0].remedy == "Fits when somebody gives up a seat."
    assert not both.is_near


def test_another_program_or_level_is_another_decision_not_a_near_miss():
    assert not judge(need(), offer(track="dbt")).is_near
    assert not judge(need(), offer(level="php")).is_near


def test_only_wishes_in_the_way_are_the_persons_to_change():
    assert judge(need(language="es", delivery="online"), offer()).is_wish
    assert not judge(need(language="es"), offer(taken=8)).is_wish
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
    assert first_meeting(offer(**over)) == first


def test_fits_come_first_then_the_earliest_start_then_fewest_open_questions_then_nearby():
    later = offer(1, starts_on=date(2026, 4, 6), last_entry_on=date(2026, 4, 13))
    full = offer(2, taken=8)
    soon_but_unasked = offer(3, slots=(Slot(1, time(17, 30), 90), Slot(5, time(9), 90)))
    soon_elsewhere = offer(4, nearby=False)
    soon = offer(5)
    windows = {day: frozenset(Part) for day in range(5)}

    ranked = rank(need(windows=windows), [later, full, soon_but_unasked, soon_elsewhere, soon])

    assert [match.offer.key for match in ranked] == [5, 4, 3, 1, 2]


def test_ties_go_by_key_so_that_the_order_is_stable():
    assert [match.offer.key for match in rank(need(), [offer(7), offer(3), offer(5)])] == [3, 5, 7]


def test_a_full_cohort_does_not_pass_a_free_one_by_being_earlier():
    ranked = rank(need(), [offer(1, taken=8), offer(2, starts_on=date(2026, 4, 20), last_entry_on=date(2026, 4, 20))])

    assert [match.offer.key for match in ranked] == [2, 1]
