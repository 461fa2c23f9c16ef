"""Copies, the history, the preview, and what the first page counts."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from programs import attention
from programs.actions import catalog as actions
from programs.models import Accreditation, Block, Cohort, Credential, EntryDate, Payer, Program, PublicState
from tests import make
from tests.programs.test_admin import given, url
from tests.programs.test_publishing import deed, press

pytestmark = pytest.mark.django_db


# ---- copies


def test_a_copied_cohort_is_a_draft_of_the_run_after_this_one(desks):
    cohort = make.cohort(name="Evenings", entry="semi_open", facilitator=make.clinician())
    EntryDate.objects.create(cohort=cohort, on=date(2026, 3, 30))
    cohort.payers.add(Payer.objects.create(name="Lakeshore Mutual"))
    beside = make.clinician()
    cohort.co_facilitators.add(beside)

    press(desks[0], cohort, "copy")

    copy = Cohort.objects.exclude(pk=cohort.pk).get()
    assert (copy.name, copy.state, copy.published_by) == ("Evenings copy", "draft", None)
    assert (copy.starts_on, copy.ends_on) == (date(2026, 5, 11), date(2026, 7, 20))
    assert [each.on for each in copy.entry_dates.all()] == [date(2026, 6, 8)]
    assert [(each.weekday, each.starts) for each in copy.blocks.all()] == [(1, time(17, 30)), (3, time(17, 30))]
    assert list(copy.payers.all()) == list(cohort.payers.all())
    assert (copy.facilitator, copy.co_facilitators.get()) == (cohort.facilitator, beside)
    assert copy.public_id != cohort.public_id
    assert press(desks[0], cohort, "copy") == ["Copied."]
    assert Cohort.objects.filter(name="Evenings copy 2").exists()


def test_a_copied_program_is_a_draft_with_a_name_and_an_address_of_its_own(desks):
    program = make.program(name="N" * 80, slug="s" * 60, modalities=["cbt"])
    make.cohort(program=program)

    press(desks[0], program, "copy")

    copy = Program.objects.exclude(pk=program.pk).get()
    assert (copy.name, copy.slug) == ("N" * 75 + " copy", "s" * 55 + "-copy")
    assert (copy.state, copy.modalities, copy.cohorts.count()) == ("draft", ["cbt"], 0)


# ---- the history


def test_the_history_says_who_changed_what_from_what_to_what(desks):
    cohort = make.cohort(name="Evenings", seats=8, blocks=())
    desks[0].post(url(Cohort, "change", cohort.pk), given(cohort, name="Evenings", seats=6, **no_blocks()))
    press(desks[0], cohort, "close")

    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]

    assert "Seats: 8, now 6." in said[0]
    assert "Starts: Mar 2, 2026, now Mar 1, 2027." in said[0]
    assert said[1] == "Closed to new people."
    assert "Seats: 8, now 6." in desks[1].get(url(Cohort, "history", cohort.pk)).text


def no_blocks() -> dict[str, object]:
    return {"blocks-TOTAL_FORMS": 0}


# ---- the preview


def test_the_preview_shows_what_is_not_published_and_says_so(desks, client):
    program = make.program(state="draft", name="Not Yet", sentence="Soon three evenings.")
    today = timezone.now().date()
    cohort = make.cohort(
        program=program, state="draft", starts_on=today, ends_on=today + timedelta(days=70),
        last_entry_on=today + timedelta(days=69),
    )  # fmt: skip

    for address in (deed(program, "preview"), deed(cohort, "preview")):
        page = desks[0].get(address)
        assert "Preview, not published" in page.text
        assert "Soon three evenings." in page.text
        assert "Tuesday and Thursday" in page.text
    assert client.get(reverse("programs:program", args=[program.slug])).status_code == 404
    assert client.get(deed(program, "preview")).status_code == 302


def test_a_draft_is_previewed_as_somebody_in_it_would_read_its_week_and_nothing_is_stored(desks, signed_in):
    today = timezone.now().date()
    cohort = make.cohort(
        program=make.program(state="draft", neutral_name="Evening program"), state="draft",
        starts_on=today + timedelta(days=14), ends_on=today + timedelta(days=84), last_entry_on=today + timedelta(days=83),
        blocks=((1, time(17, 30)), (3, time(9))),
    )  # fmt: skip
    address = reverse("scheduling:preview_week", args=[cohort.public_id])

    public, page = desks[0].get(deed(cohort, "preview")), desks[0].get(address)

    assert f'href="{address}"' in public.text
    assert "Preview, not published" in page.text
    assert "Evening program" in page.text
    assert [text in page.text for text in ("5:30 pm", "9:00 am", "Tuesday", "Thursday")] == [True] * 4
    assert "/my/" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert not cohort.sessions.exists()
    for person in (make.clinician(at=cohort.location), make.user(Role.COORDINATOR, at=cohort.location)):
        assert signed_in(person).get(address).status_code == 404
    assert desks[0].get(reverse("scheduling:preview_week", args=[uuid4()])).status_code == 404


# ---- the first page


def cards(desk) -> dict[str, int]:
    return {
        card["url"].split("programs/")[1]: card["count"]
        for card in desk.get("/admin/").context["cards"]
        if card["count"]
    }


def test_the_first_page_counts_what_needs_attention_and_leads_to_it(desks):
    today = timezone.now().date()
    soon = {"starts_on": today + timedelta(days=10), "ends_on": today + timedelta(days=80)}
    soon["last_entry_on"] = today + timedelta(days=79)
    few = make.cohort(name="Few", seats_least=4, **soon)
    make.cohort(name="Later", seats_least=4, **{**soon, "starts_on": today + timedelta(days=22)})
    waiting = make.cohort(name="Waiting", state="in_review")
    lead = make.clinician()
    make.session(cohort=few, starts_at=timezone.now() + timedelta(days=11))
    Cohort.objects.filter(pk=few.pk).update(facilitator=lead)
    connection.check_constraints()
    Credential.objects.create(user=lead, kind="nurse", number="1", state="IL", expires_on=today - timedelta(days=1))
    Accreditation.objects.create(program=few.program, body="carf", number="1", expires_on=today + timedelta(days=60))

    found = cards(desks[0])

    assert found == {
        "cohort/?attention=below_minimum": 1,
        "cohort/?attention=led_by_nobody": 1,
        "cohort/?attention=led_with_expired": 1,
        "cohort/?attention=in_review": 1,
        "program/?attention=accreditation": 1,
        "credential/?attention=expiring": 1,
    }
    listed = desks[0].get("/admin/programs/cohort/?attention=in_review").context["cl"].result_list
    assert list(listed) == [waiting]


def test_a_renewed_credential_needs_no_attention():
    today, lead = timezone.now().date(), make.clinician()
    for number, days in (("1", -10), ("2", 300)):
        expires_on = today + timedelta(days=days)
        Credential.objects.create(user=lead, kind="nurse", number=number, state="IL", expires_on=expires_on)

    assert not attention.expiring_credentials(timezone.now()).exists()


# ---- the deeds themselves


@pytest.mark.parametrize("to", list(PublicState))
@pytest.mark.parametrize("now", list(PublicState))
def test_the_table_of_moves_is_the_one_that_the_database_keeps(now, to):
    row = make.program(state=now)
    second = make.user(Role.ADMIN)
    if now == to:
        return
    try:
        actions.move(row=row, to=to, by=second, at=make.NOON)
        moved = True
    except actions.CatalogRefused:
        moved = False

    assert moved is (to in actions.MOVES[now])


def test_a_cohort_without_blocks_is_still_read(desks):
    cohort = make.cohort(blocks=())
    Block.objects.all().delete()

    assert desks[0].get(deed(cohort, "preview")).status_code == 200
