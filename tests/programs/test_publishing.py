"""From a draft to the public page by two people, and out of it again; copies, history, preview, the first page."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from programs.models import (
    Cohort,
    Credential,
    LevelHours,
    Program,
)
from programs.refusals import SENTENCES, sentence_of
from tests import make
from tests.programs.test_admin import errors_of, given, url

pytestmark = pytest.mark.django_db


def deed(row, name: str) -> str:
    return f"{url(type(row), 'change', row.pk).removesuffix('change/')}{name}/"


def press(desk, row, name: str) -> list[str]:
    """Confirm a deed on its page; what is said then."""
    page = desk.post(deed(row, name), follow=True)
    assert page.status_code == 200
    row.refresh_from_db()
    return [str(message) for message in page.context["messages"]]


def buttons(desk, row) -> set[str]:
    page = desk.get(url(type(row), "change", row.pk))
    return {action["title"] for action in page.context["actions_detail"]}


def change_program(desk, program: Program, **over):
    fields = (
        *("name", "slug", "neutral_name", "level", "format", "weeks", "days_per_week", "session_minutes"),
        *("age_least", "sentence", "week"),
    )
    posted = {name: getattr(program, name) for name in fields} | {"track": program.track_id, "languages": ["en"]}
    inlines = {f"{name}-{kind}_FORMS": 0 for name in ("cohorts", "accreditations") for kind in ("TOTAL", "INITIAL")}
    return desk.post(url(Program, "change", program.pk), {**posted, **inlines, **over})


# ---- two people


def test_what_visitors_read_is_written_by_one_and_published_by_another(desks, client):
    writes, publishes = desks
    program = make.program(state="draft", submitted_by=None, published_by=None, sentence="Three evenings a week.")
    public = reverse("programs:program", args=[program.slug])
    assert change_program(writes, program, sentence="Calm first, then the rest.").status_code == 302
    writes.get("/admin/")  # reads what was said about the change
    assert client.get(public).status_code == 404

    assert press(writes, program, "submit") == ["Submitted for review."]
    assert press(writes, program, "publish") == [
        "You submitted it for review. A second administrator reads it and publishes it."
    ]
    assert (program.state, client.get(public).status_code) == ("in_review", 404)
    assert press(publishes, program, "publish") == ["Published."]

    assert "Calm first, then the rest." in client.get(public).text
    assert (program.submitted_by.name, program.published_by.name) == ("Ada Q.", "Bela Q.")


@pytest.mark.parametrize("made", [make.program, make.cohort])
@pytest.mark.parametrize(
    ("state", "deeds"),
    [
        ("draft", {"Submit for review", "Retire"}),
        ("in_review", {"Publish", "Take back to draft"}),
        ("published", {"Take back to draft", "Retire"}),
        ("retired", set()),
    ],
)
def test_each_state_has_its_deeds(desks, made, state, deeds):
    row = made(state=state)
    closing = {"Close to new people"} if state == "published" and made is make.cohort else set()

    assert buttons(desks[0], row) == deeds | closing | {"Preview", "Make a copy"}


def test_a_link_does_nothing_until_it_is_confirmed(desks):
    program = make.program()

    for name in ("retire", "take-back", "copy"):
        assert desks[0].get(deed(program, name)).status_code == 200

    program.refresh_from_db()
    assert (program.state, Program.objects.count()) == ("published", 1)


@pytest.mark.parametrize("made", [make.program, make.cohort])
def test_a_deed_that_no_longer_fits_is_refused_with_a_sentence(desks, made):
    row = made(state="retired")

    assert press(desks[0], row, "publish") == ["It is retired and cannot become published. Open it again."]


def test_who_publishes_sees_what_changes_since_the_last_time(desks):
    writes, publishes = desks
    cohort = make.cohort(name="Evenings", seats=8, state="draft", published_as={})
    press(writes, cohort, "submit")
    press(publishes, cohort, "publish")
    press(writes, cohort, "take-back")
    Cohort.objects.filter(pk=cohort.pk).update(seats=6)
    cohort.blocks.first().delete()
    press(writes, cohort, "submit")

    changes = publishes.get(deed(cohort, "publish")).context["changes"]

    assert [(name, now) for name, _before, now in changes] == [
        ("Seats", "6"),
        ("Weekly meetings", "Thursday 17:30, 90 minutes, Skills group (group)"),
    ]
    assert changes[0][1] == "8"


@pytest.mark.parametrize("state", ["in_review", "published", "retired"])
def test_what_visitors_read_of_a_program_is_changed_in_a_draft_only(desks, state):
    program = make.program(state=state, sentence="As it was read.")

    change_program(desks[0], program, sentence="Something else.")

    program.refresh_from_db()
    assert program.sentence == "As it was read."


@pytest.mark.parametrize("state", ["in_review", "retired"])
def test_a_cohort_in_review_or_retired_is_read_and_not_changed(desks, state):
    cohort = make.cohort(state=state, seats=8)

    desks[0].post(url(Cohort, "change", cohort.pk), given(cohort, seats=6))

    cohort.refresh_from_db()
    assert (cohort.seats, cohort.blocks.count()) == (8, 2)


def test_closing_stops_entry_and_the_cohort_goes_on(desks, client):
    today = timezone.now().date()
    cohort = make.cohort(starts_on=today, ends_on=today + timedelta(days=70), last_entry_on=today + timedelta(days=69))
    public = reverse("programs:program", args=[cohort.program.slug])
    assert "Taking people now" in client.get(public).text

    assert press(desks[0], cohort, "close") == ["Closed to new people."]

    assert "Taking people now" not in client.get(public).text
    assert (cohort.state, cohort.admission) == ("published", "closed")
    assert press(desks[0], cohort, "close") == ["It takes nobody as it is."]
    assert press(desks[0], cohort, "open") == ["Opened again."]
    assert "Taking people now" in client.get(public).text


def test_a_retired_program_is_no_longer_offered(desks, client):
    program = make.program()

    assert press(desks[0], program, "retire") == ["Retired."]

    assert client.get(reverse("programs:program", args=[program.slug])).status_code == 404


# ---- what the database refuses


def test_publishing_outside_the_hours_of_the_level_gets_a_sentence(desks):
    LevelHours.objects.create(level="iop", least_minutes=540, most_minutes=1140)
    cohort = make.cohort(name="Evenings", state="in_review")

    assert press(desks[0], cohort, "publish") == [
        "Evenings has 3 hours a week; the level has 9 to 19. Change its weekly meetings, or the level of its program."
    ]
    assert cohort.state == "in_review"


def test_publishing_with_an_expired_credential_gets_a_sentence(desks):
    lead = make.clinician(name="Dana K.")
    Credential.objects.create(user=lead, kind="counselor", number="1", state="IL", expires_on=date(2020, 3, 1))
    cohort = make.cohort(state="in_review", facilitator=lead)

    assert press(desks[0], cohort, "publish") == [
        "Dana K. has one that expired on March 1, 2020. Record the renewed one, or choose somebody else to lead."
    ]


@pytest.mark.parametrize(
    ("over", "start"),
    [
        (
            {"blocks-0-minutes": 480, "blocks-1-minutes": 480},
            "Evenings, new has 16 hours a week; the level has 1 to 10.",
        ),
        ({"blocks-1-weekday": 0, "blocks-1-starts": "13:30"}, "Two weekly meetings overlap."),
        (
            {"entry": "semi_open", "entry_dates-TOTAL_FORMS": 1, "entry_dates-0-on": "2027-05-10"},
            "May 10, 2027 is not in the run.",
        ),
    ],
)
def test_a_published_cohort_is_changed_within_its_rules_and_keeps_what_was_entered(desks, over, start):
    cohort = make.cohort(name="Evenings", blocks=())
    connection.check_constraints()
    LevelHours.objects.create(level="iop", least_minutes=60, most_minutes=600)

    page = desks[0].post(url(Cohort, "change", cohort.pk), given(cohort, name="Evenings, new", **over))

    assert page.status_code == 200
    assert [one for one in errors_of(page) if one.startswith(start)], errors_of(page)
    assert "Evenings, new" in page.text
    cohort.refresh_from_db()
    assert (cohort.name, cohort.blocks.count()) == ("Evenings", 0)


def test_giving_a_published_cohort_to_somebody_with_an_expired_credential_gets_a_sentence(desks):
    cohort = make.cohort(blocks=())
    lead = make.clinician(name="Dana K.", at=cohort.location)
    Credential.objects.create(user=lead, kind="counselor", number="1", state="IL", expires_on=date(2020, 3, 1))

    for name in ("facilitator", "co_facilitators"):
        page = desks[0].post(url(Cohort, "change", cohort.pk), given(cohort, **{"facilitator": "", name: lead.pk}))

        assert errors_of(page) == [
            "Dana K. has one that expired on March 1, 2020. Record the renewed one, or choose somebody else to lead."
        ]


def test_an_evening_moves_by_half_an_hour_in_one_save(desks):
    cohort = make.cohort(blocks=((0, time(17, 30)), (0, time(19))))
    rows = list(cohort.blocks.all())
    moved = {"blocks-TOTAL_FORMS": 2, "blocks-INITIAL_FORMS": 2}
    for number, (row, starts) in enumerate(zip(rows, ("18:00", "19:30"), strict=True)):
        moved |= {f"blocks-{number}-id": row.pk, f"blocks-{number}-cohort": cohort.pk}
        moved |= {f"blocks-{number}-weekday": 0, f"blocks-{number}-starts": starts}

    desks[0].post(url(Cohort, "change", cohort.pk), given(cohort, **moved))

    assert [block.starts for block in cohort.blocks.all()] == [time(18), time(19, 30)]


def test_every_refusal_of_the_database_has_a_sentence():
    """The rules that no form looks at have one each; any other error is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text IN"
            " ('programs_program', 'programs_cohort', 'programs_block', 'programs_entrydate',"
            " 'programs_cohort_co_facilitators')"
        )
        kept = {name for (name,) in cursor.fetchall()}

    assert kept | {"block_meets_at_one_time"} == set(SENTENCES)
    assert sentence_of(DatabaseError("anything")) is None
