"""What messages say, and what they must not: SEC-31, PRV-08, EXPERIENCE 10.2."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml
from django.conf import settings

from messaging import texts
from messaging.gsm7 import SEGMENT, fits_one_segment
from messaging.moments import LANGUAGES, moment

CHICAGO = ZoneInfo("America/Chicago")
AT = datetime(2026, 3, 12, 17, 30, tzinfo=CHICAGO)
SOURCE = (texts.HERE / "texts.yaml").read_text("utf-8")
BANNED = texts.banned_words((texts.HERE / "banned_words.yaml").read_text("utf-8"))
WORDINGS = [(code, language) for code in texts.kinds() for language in LANGUAGES]


def values(language="en", now=AT, **over):
    clinic = {"alias": "Oak Street Clinic", "phone": "312-555-0142", "portal": "oakstreet.example/my"}
    return {**clinic, "first_name": "Rosa", **moment(AT, CHICAGO, language, now=now), **over}


def wording(code, language):
    return texts.kinds()[code].wordings[language]


def changed(place, value):
    """The shipped file with one part replaced; a value of None takes it out."""
    source = yaml.safe_load(SOURCE)
    *path, last = place.split(".")
    parts = source
    for step in path:
        parts = parts[step]
    if value is None:
        del parts[last]
    else:
        parts[last] = value
    return yaml.safe_dump(source, allow_unicode=True)


@pytest.mark.parametrize(
    ("code", "language", "said"),
    [
        (
            "session_reminder_2d",
            "en",
            "Oak Street Clinic: Rosa, you have an appointment Thu Mar 12, 5:30 pm CT. Reply C to confirm or X if you "
            "can't come. Questions: 312-555-0142. STOP to opt out.",
        ),
        (
            "session_reminder_3h",
            "en",
            "Oak Street Clinic: reminder for today, Thu Mar 12, 5:30 pm CT. Reply X if you can't come, or call "
            "312-555-0142. STOP to opt out.",
        ),
        (
            "session_reminder_2d",
            "es",
            "Oak Street Clinic: Rosa, tiene una cita el jue 12 de mar, 5:30 pm CT. Responda C para confirmar o X si no "
            "puede venir. Tel. 312-555-0142. STOP = no recibir.",
        ),
    ],
)
def test_short_texts_are_those_of_the_specification(code, language, said):
    assert texts.segment(wording(code, language), values(language)) == said


def test_an_email_says_the_same_in_full():
    subject, body = texts.email("session_reminder_2d", "en", values())

    assert subject == "Your appointment on Thursday, March 12"
    assert body.startswith("Hello Rosa,\n\nYou have an appointment on Thursday, March 12, at 5:30 pm CT.\n")
    assert "https://oakstreet.example/my\n" in body
    assert "312-555-0142" in body
    assert body.endswith("Oak Street Clinic\n")


@pytest.mark.parametrize(("language", "greeting"), [("en", "Hello,\n"), ("es", "Hola:\n")])
@pytest.mark.parametrize("code", sorted(texts.kinds()))
def test_a_person_without_a_first_name_is_greeted_all_the_same(code, language, greeting):
    assert texts.email(code, language, values(language, first_name=""))[1].startswith(greeting)
    assert "Rosa" not in texts.segment(wording(code, language), values(language, first_name=""))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (AT - timedelta(hours=3), "reminder for today, Thu Mar 12"),
        (datetime(2026, 3, 11, 19, 59, tzinfo=CHICAGO), "reminder for tomorrow, Thu Mar 12"),
        (datetime(2026, 3, 10, 23, 59, tzinfo=CHICAGO), "reminder for Thu Mar 12"),
    ],
)
def test_a_reminder_that_left_the_evening_before_does_not_say_today(now, said):
    assert said in texts.segment(wording("session_reminder_3h", "en"), values(now=now))


@pytest.mark.parametrize(("code", "language"), WORDINGS)
@pytest.mark.parametrize("first_name", ["", "Rosa", "M" * 100, "Łucja", "李", "$phone", "{alias}", "${first_name}"])
def test_every_text_stays_in_one_segment_with_the_longest_and_the_nastiest_values(code, language, first_name):
    """PRV-08: a name that does not fit, or is not in the alphabet, is dropped."""
    for n in range(0, 366, 5):
        at = datetime(2026, 1, 1, 12, 30, tzinfo=CHICAGO) + timedelta(days=n)
        when = moment(at, CHICAGO, language, now=at - timedelta(days=1))
        given = values(language, alias="W" * 20, phone="9" * 14, first_name=first_name, **when)

        said = texts.segment(wording(code, language), given)

        assert fits_one_segment(said), said
        assert given["day"] in said


@pytest.mark.parametrize("first_name", ["$phone", "${portal}", "{alias}", "%s", "$"])
def test_what_a_person_typed_is_never_read_as_a_template(first_name):
    """SEC-31."""
    assert f"Hello {first_name},\n" in texts.email("session_reminder_2d", "en", values(first_name=first_name))[1]


@pytest.mark.parametrize(("code", "language"), WORDINGS)
def test_no_message_holds_a_banned_word_or_a_foreign_link(code, language):
    subject, body = texts.email(code, language, values(language))
    said = f"{subject}\n{body}\n{texts.segment(wording(code, language), values(language))}"

    assert not BANNED.search(said)
    assert said.count("https://") == 1
    assert "https://oakstreet.example/my" in said


def test_the_clinic_is_called_by_a_name_that_reveals_nothing():
    assert not BANNED.search(f"{settings.CLINIC.name} {settings.PORTAL_ADDRESS} {settings.DEFAULT_FROM_EMAIL}")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Your THERAPIST", "THERAPIST"),
        ("the program", "program"),
        ("Dr. Lee", "Dr"),
        ("su tratamiento", "tratamiento"),
        ("an IOP", "IOP"),
        ("We drive you to the classic biopsy", None),
        ("your appointment", None),
    ],
)
def test_banned_words_are_found_as_words(said, found):
    match = BANNED.search(said)
    assert (match.group() if match else None) == found


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("session_reminder_2d.es", None, "session_reminder_2d: es is missing"),
        ("session_reminder_2d.en.body", None, "session_reminder_2d.en: body is missing"),
        ("session_reminder_2d.en.footer", "x", "session_reminder_2d.en: footer is not known here"),
        ("session_reminder_2d.en.subject", "About your therapy", "the word 'therapy' may not stand in a message"),
        ("session_reminder_3h.es.text", "$alias: su grupo", "session_reminder_3h.es.text: the word 'grupo'"),
        ("session_reminder_3h.en.text", "Hello $surname", r"\$surname is no placeholder. Use one of alias"),
        ("session_reminder_3h.en.text", "That is $ 5", r"a \$ stands alone"),
        ("session_reminder_2d.en.drops", ["Dear "], "'Dear ' does not stand in the text"),
        ("session_reminder_3h.en.text", "$alias $day $phone " + "x" * 115, "needs a second segment"),
        ("session_reminder_3h.es.text", "$alias: su cita será el $day", "needs a second segment"),
    ],
)
def test_a_text_that_must_not_be_sent_is_refused_with_its_place(place, value, told):
    with pytest.raises(texts.TextsError, match=told):
        texts.load(changed(place, value), BANNED)


def test_the_longest_text_that_fits_is_accepted_and_one_more_letter_is_not():
    longest = 20 + len(" ") + len("Wed Mar 12") + len(" ")
    room = SEGMENT - longest

    texts.load(changed("session_reminder_3h.en.text", "$alias $day " + "x" * room), BANNED)
    with pytest.raises(texts.TextsError, match="161 characters"):
        texts.load(changed("session_reminder_3h.en.text", "$alias $day " + "x" * (room + 1)), BANNED)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 160, True), ("x" * 161, False), ("ñ" * 160, True), ("á", False), ("€" * 80, True), ("€" * 81, False)],
)
def test_one_segment_holds_160_places_of_its_alphabet(text, fits):
    assert fits_one_segment(text) is fits


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (datetime(2026, 3, 12, 22, 30, tzinfo=ZoneInfo("UTC")), "America/Chicago", "5:30 pm CT"),
        (datetime(2026, 7, 12, 22, 30, tzinfo=ZoneInfo("UTC")), "America/Phoenix", "3:30 pm MST"),
        (datetime(2026, 7, 12, 22, 30, tzinfo=ZoneInfo("UTC")), "America/Anchorage", "2:30 pm AKT"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=ZoneInfo("UTC")), "America/New_York", "1:30 am EDT"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=ZoneInfo("UTC")), "America/New_York", "1:30 am EST"),
        (datetime(2026, 3, 12, 5, 0, tzinfo=ZoneInfo("UTC")), "America/Chicago", "12:00 am CT"),
    ],
)
def test_times_name_their_zone(at, zone, said):
    assert moment(at, ZoneInfo(zone), "en", now=at)["time"] == said


def test_days_in_spanish_go_without_the_accents_that_texts_lack():
    saturday = datetime(2026, 3, 14, 9, tzinfo=CHICAGO)
    said = moment(saturday, CHICAGO, "es", now=saturday)

    assert (said["day"], said["day_long"], said["near"]) == ("sab 14 de mar", "sábado 14 de marzo", "hoy, ")
