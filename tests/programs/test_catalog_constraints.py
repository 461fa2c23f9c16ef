"""What several rows of the catalog say together, and who publishes: each rule of the database broken once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, time, timedelta
from threading import Event
from time import sleep

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.db import refusal, violates
from accounts.models import Role, User
from programs.models import Block, Cohort, Credential, EntryDate, LevelHours, Program
from tests import make

pytestmark = pytest.mark.django_db
EVENINGS = ((0, time(17, 30)), (2, time(17, 30)), (3, time(17, 30)))


def refused(write: Callable[[], object]) -> tuple[str, str]:
    """The rule that refuses, and its detail; what waits for the end of the transaction is looked at now."""

    def whole() -> None:
        write()
        connection.check_constraints()

    with pytest.raises(DatabaseError) as error, transaction.atomic():
        whole()
    return refusal(error.value)


def iop(least: int = 540, most: int | None = 1140) -> LevelHours:
    return LevelHours.objects.create(level="iop", least_minutes=least, most_minutes=most)


def full_weeks(**over) -> Cohort:
    """Nine hours a week: two meetings of 90 minutes on each of three evenings."""
    later = tuple((day, time(19)) for day, _ in EVENINGS)
    return make.cohort(blocks=(*EVENINGS, *later), **over)


# ---- moves, and the second person


@pytest.mark.parametrize("made", [make.program, make.cohort])
@pytest.mark.parametrize(
    ("now", "to"),
    [("draft", "published"), ("published", "in_review"), ("retired", "draft"), ("retired", "published")],
)
def test_states_move_by_their_table(made, now, to):
    row = made(state=now)

    constraint, _ = refused(lambda: type(row).objects.filter(pk=row.pk).update(state=to))

    assert constraint == f"{row._meta.model_name}_moves_by_its_table"


@pytest.mark.parametrize("made", [make.program, make.cohort])
@pytest.mark.parametrize("who", ["the same", "nobody"])
def test_publishing_takes_a_second_person(made, who):
    row = made(state="in_review", published_by=None)
    publisher = row.submitted_by if who == "the same" else None
    rows = type(row).objects.filter(pk=row.pk)

    constraint, _ = refused(lambda: rows.update(state="published", published_by=publisher))

    assert constraint == f"{row._meta.model_name}_published_by_a_second_person"
    rows.update(state="published", published_by=make.user(Role.ADMIN))


@pytest.mark.parametrize("made", [make.program, make.cohort])
def test_the_names_of_who_published_are_not_merged_afterwards(made):
    row = made()

    constraint, _ = refused(lambda: type(row).objects.filter(pk=row.pk).update(published_by=row.submitted_by))

    assert constraint == f"{row._meta.model_name}_published_by_a_second_person"
    type(row).objects.filter(pk=row.pk).update(name="Another name")  # the rest may be said anew


@pytest.mark.parametrize("made", [make.program, make.cohort])
def test_what_is_in_review_is_published_as_it_was_read(made):
    row = made(state="in_review", published_by=None)
    rows, publisher = type(row).objects.filter(pk=row.pk), make.user(Role.ADMIN)
    fixed = f"{row._meta.model_name}_in_review_is_fixed"

    assert refused(lambda: rows.update(name="Another"))[0] == fixed
    assert refused(lambda: rows.update(name="Another", state="published", published_by=publisher))[0] == fixed
    rows.update(name="Another", state="draft")


# ---- hours of the level


@pytest.mark.parametrize(("days", "minutes", "hours"), [(3, 175, "8.8"), (5, 240, "20")])
def test_a_published_program_has_the_hours_of_its_level(days, minutes, hours):
    iop()

    constraint, detail = refused(lambda: make.program(days_per_week=days, session_minutes=minutes))

    assert constraint == "program_hours_within_its_level"
    assert detail == f"{hours} hours a week; the level has 9 to 19"
    make.program(days_per_week=days, session_minutes=minutes, state="draft")


def test_a_level_may_have_no_most():
    LevelHours.objects.create(level="php", least_minutes=1200, most_minutes=None)

    _, detail = refused(lambda: make.program(level="php"))

    assert detail == "9 hours a week; the level has 20 or more"
    make.program(level="php", days_per_week=6, session_minutes=480)


def test_a_published_cohort_meets_as_much_as_its_level_says():
    iop()
    cohort = full_weeks(name="Evenings")
    connection.check_constraints()

    constraint, detail = refused(lambda: cohort.blocks.first().delete())

    assert constraint == "cohort_hours_within_its_level"
    assert detail == "Evenings has 7.5 hours a week; the level has 9 to 19"


def test_a_cohort_outside_its_level_is_a_draft_until_it_fits():
    iop()
    cohort = make.cohort(state="draft")
    rows = Cohort.objects.filter(pk=cohort.pk)
    connection.check_constraints()

    rows.update(state="in_review")
    constraint, _ = refused(lambda: rows.update(state="published"))

    assert constraint == "cohort_hours_within_its_level"


@pytest.mark.parametrize(
    "change",
    [
        lambda cohort: Block.objects.create(cohort=cohort, weekday=5, starts=time(8), minutes=480) and
        Block.objects.create(cohort=cohort, weekday=6, starts=time(8), minutes=480),
        lambda cohort: cohort.blocks.filter(weekday=0).update(minutes=30),
        lambda cohort: cohort.blocks.filter(weekday=0).update(cohort=make.cohort(state="draft")),
        lambda cohort: Program.objects.filter(pk=cohort.program_id).update(
            level="php", days_per_week=5, session_minutes=300
        ),
        lambda cohort: Cohort.objects.filter(pk=cohort.pk).update(
            program=make.program(level="php", days_per_week=5, session_minutes=300)
        ),
    ],
)  # fmt: skip
def test_no_way_leads_a_published_cohort_out_of_its_level(change):
    iop()
    LevelHours.objects.create(level="php", least_minutes=1200)
    cohort = full_weeks()
    connection.check_constraints()

    assert refused(lambda: change(cohort))[0] == "cohort_hours_within_its_level"


def test_a_level_without_a_range_holds_nobody_to_one():
    make.cohort(blocks=())
    connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_taking_a_meeting_out_while_the_cohort_is_published_is_seen_by_one_of_the_two():
    iop()
    cohort = full_weeks(state="in_review")
    publisher, taken_out = make.user(Role.ADMIN), Event()

    def take_out() -> bool:
        with closing(connection), transaction.atomic():
            cohort.blocks.first().delete()
            taken_out.set()
            return published.wait(10)

    def publish() -> str:
        taken_out.wait(10)
        with closing(connection):
            try:
                with transaction.atomic():
                    Cohort.objects.filter(pk=cohort.pk).update(state="published", published_by=publisher)
                    published.set()
                    sleep(0.3)  # the other looks at its rows while this has not ended
            except DatabaseError as error:
                return refusal(error)[0]
        return "done"

    published = Event()
    with ThreadPoolExecutor() as desk:
        first, second = desk.submit(take_out), desk.submit(publish)
        outcomes = []
        for each in (first, second):
            try:
                outcomes.append(each.result())
            except DatabaseError as error:
                outcomes.append(refusal(error)[0])

    assert sum(outcome == "cohort_hours_within_its_level" for outcome in outcomes) == 1
    row = Cohort.objects.get()
    assert row.state == "in_review" or sum(block.minutes for block in row.blocks.all()) == 540


# ---- meetings


@pytest.mark.parametrize(
    ("starts", "minutes"), [(time(17, 30), 90), (time(17, 0), 31), (time(18, 59), 15), (time(18), 15), (time(16), 480)]
)
def test_meetings_of_a_cohort_do_not_overlap(starts, minutes):
    cohort = make.cohort(blocks=((1, time(17, 30)),))

    def meet() -> None:
        Block.objects.create(cohort=cohort, weekday=1, starts=starts, minutes=minutes)

    assert refused(meet)[0] == "block_meets_at_one_time"


def test_meetings_that_touch_or_are_another_cohorts_do_not_overlap():
    cohort, other = make.cohort(blocks=((1, time(17, 30)),)), make.cohort(blocks=())
    Block.objects.create(cohort=cohort, weekday=1, starts=time(19), minutes=60)
    Block.objects.create(cohort=cohort, weekday=1, starts=time(16), minutes=90)
    Block.objects.create(cohort=cohort, weekday=2, starts=time(17, 30))
    Block.objects.create(cohort=other, weekday=1, starts=time(17, 30))

    connection.check_constraints()


def test_a_whole_evening_moves_in_one_transaction():
    cohort = make.cohort(blocks=((1, time(17, 30)), (1, time(19))))
    first, second = cohort.blocks.all()

    for block, starts in ((first, time(19)), (second, time(20, 30))):
        block.starts = starts
        block.save()

    connection.check_constraints()


# ---- entry dates


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 5, 11)])
def test_people_enter_on_days_of_the_run(day):
    cohort = make.cohort(entry="semi_open")

    constraint, detail = refused(lambda: EntryDate.objects.create(cohort=cohort, on=day))

    assert (constraint, detail) == ("entry_date_within_the_run", f"{day:%B} {day.day}, 2026")


def test_a_run_is_not_cut_before_an_entry_date():
    cohort = make.cohort(entry="semi_open", last_entry_on=date(2026, 4, 1))
    EntryDate.objects.create(cohort=cohort, on=date(2026, 4, 20))
    rows = Cohort.objects.filter(pk=cohort.pk)

    assert refused(lambda: rows.update(ends_on=date(2026, 4, 20)))[0] == "entry_date_within_the_run"
    rows.update(ends_on=date(2026, 4, 21))
    connection.check_constraints()


# ---- who leads


def licensed(days: int, *, user: User | None = None, **over) -> User:
    """Somebody whose license ends in so many days."""
    who = user or make.clinician(name="Dana K.")
    given = {"kind": "social_worker", "number": "1", "state": "IL", **over}
    Credential.objects.create(user=who, expires_on=timezone.now().date() + timedelta(days=days), **given)
    return who


def test_nobody_with_an_expired_credential_leads_a_published_cohort():
    expired = licensed(-1)
    cohort = make.cohort()
    rows = Cohort.objects.filter(pk=cohort.pk)

    constraint, detail = refused(lambda: rows.update(facilitator=expired))

    assert constraint == "cohort_led_by_valid_credentials"
    assert detail.startswith("Dana K. has one that expired on ")
    assert refused(lambda: cohort.co_facilitators.add(expired))[0] == "cohort_led_by_valid_credentials"


@pytest.mark.parametrize("beside", [False, True])
def test_a_cohort_is_not_published_while_who_leads_it_has_an_expired_credential(beside):
    expired = licensed(-1)
    cohort = make.cohort(state="in_review", facilitator=None if beside else expired)
    if beside:
        cohort.co_facilitators.add(expired)

    constraint, _ = refused(lambda: Cohort.objects.filter(pk=cohort.pk).update(state="published"))

    assert constraint == "cohort_led_by_valid_credentials"


def test_the_last_day_counts_and_a_renewed_credential_takes_the_place_of_the_old_one():
    renewed = licensed(300, user=licensed(-30), number="2")
    make.cohort(facilitator=licensed(0))
    make.cohort(facilitator=renewed)
    make.cohort(facilitator=make.clinician())

    connection.check_constraints()


def test_a_credential_of_another_kind_does_not_make_up_for_an_expired_one():
    mixed = licensed(300, user=licensed(-30), kind="emdr")

    assert refused(lambda: make.cohort(facilitator=mixed))[0] == "cohort_led_by_valid_credentials"


def test_a_published_cohort_may_be_changed_while_a_license_has_run_out_meanwhile():
    lead = make.clinician()
    cohort = make.cohort(facilitator=lead)
    connection.check_constraints()
    licensed(-1, user=lead)

    Cohort.objects.filter(pk=cohort.pk).update(seats=9)
    connection.check_constraints()


def test_the_detail_is_empty_where_nothing_was_refused_by_name():
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")

    assert refusal(error.value) == ("", "")
    assert not violates(error.value, "anything")
