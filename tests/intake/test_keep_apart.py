"""People who are not put together: who may record it, who may not see it, and what the database keeps."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse

from accounts.db import violates
from accounts.models import AccessEvent, Role
from intake.actions import apart as actions
from intake.models import KeepApart
from tests import make

pytestmark = pytest.mark.django_db


def words(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main))).strip()


def url(person, *pair):
    return reverse("intake:end_keep_apart" if pair else "intake:keep_apart", args=[person.public_id, *pair])


@pytest.fixture
def dana():
    return make.clinician(name="Dana K.")


@pytest.fixture
def rosa(dana):
    return make.patient(team=dana, first_name="Rosa", last_name="Marlow")


@pytest.fixture
def vera(dana, rosa):
    return make.patient(
        team=dana, location=rosa.location, first_name="Vera", last_name="Olsen", sort_key="olsen vera", phone=""
    )


@pytest.fixture
def client(signed_in, dana):
    return signed_in(dana)


def kept(one, other, **over):
    return actions.keep_apart.__wrapped__(
        one=one, other=other, **{"why": "relative", "by": one.registered_by, "at": make.NOON, **over}
    )


def test_a_clinician_finds_somebody_says_why_and_the_two_are_kept_apart(client, rosa, vera, dana):
    found = client.get(url(rosa), {"q": "olsen"})
    assert "Vera Olsen · Born Mar 14, 1989" in words(found)
    asked = client.get(url(rosa), {"other": vera.public_id})
    assert "Keep apart from Vera Olsen" in words(asked)

    done = client.post(url(rosa), {"other": vera.public_id, "why": "partner"}, follow=True)

    pair = KeepApart.objects.get()
    assert {pair.first, pair.second} == {rosa, vera}
    assert (pair.recorded_by, pair.why) == (dana, "partner")
    assert "Rosa M. and Vera O. are not put together from now on." in words(done)
    assert "Vera Olsen Born Mar 14, 1989 · Partners, or former partners Dana K. recorded it on" in words(done)
    assert "Rosa Marlow Born" in words(client.get(url(vera)))
    assert AccessEvent.objects.filter(patient=vera.public_id, action="keep_apart").exists()


def test_a_reason_is_asked_for_and_nothing_is_lost(client, rosa, vera):
    response = client.post(url(rosa), {"other": vera.public_id, "why": ""})

    assert response.status_code == 422
    assert "Choose a reason." in words(response)
    assert "Keep apart from Vera Olsen" in words(response)
    assert not KeepApart.objects.exists()


@pytest.mark.parametrize("swapped", [False, True])
def test_the_same_two_are_kept_apart_once_whoever_of_them_is_named_first(client, rosa, vera, swapped):
    kept(rosa, vera)
    one, other = (vera, rosa) if swapped else (rosa, vera)

    response = client.post(url(one), {"other": other.public_id, "why": "harm"})

    assert response.status_code == 409
    assert "are kept apart already." in words(response)
    assert KeepApart.objects.count() == 1


def test_nobody_is_kept_apart_from_themselves(client, rosa):
    response = client.post(url(rosa), {"other": rosa.public_id, "why": "harm"})

    assert response.status_code == 409
    assert "That is the same person." in words(response)
    assert "Marlow ·" not in words(client.get(url(rosa), {"q": "marlow"}))


def test_it_ends_with_who_and_when_and_may_begin_again(client, rosa, vera, dana):
    pair = kept(rosa, vera)
    assert "They may be put into the same group" in words(client.get(url(rosa, pair.public_id)))

    client.post(url(vera, pair.public_id))

    pair.refresh_from_db()
    assert pair.ended_by == dana
    assert not KeepApart.objects.live().exists()
    again = client.post(url(rosa, pair.public_id))
    assert again.status_code == 409
    assert "A colleague ended this before." in words(again)
    kept(rosa, vera)
    assert KeepApart.objects.live().count() == 1


def test_somebody_elses_patient_stays_unnamed_and_cannot_be_chosen(client, rosa):
    stranger = make.patient(first_name="Hidden", last_name="Person")
    pair = kept(rosa, stranger)

    said = words(client.get(url(rosa)))

    assert "Somebody outside your care team Relatives" in said
    assert "Hidden" not in said
    assert "No longer needed" not in said
    assert client.get(url(rosa, pair.public_id)).status_code == 404
    assert client.post(url(rosa), {"other": stranger.public_id, "why": "harm"}).status_code == 404
    assert "Hidden" not in words(client.get(url(rosa), {"other": stranger.public_id}))


@pytest.mark.parametrize("other", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_nobody_chooses_nobody(client, rosa, other):
    assert "Add somebody" in words(client.get(url(rosa), {"other": other}))
    assert client.post(url(rosa), {"other": other, "why": "harm"}).status_code == 404


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMIN, Role.PATIENT, Role.FAMILY])
def test_who_does_not_care_for_people_never_sees_a_pair(signed_in, rosa, vera, role):
    pair = kept(rosa, vera)
    desk = signed_in(make.user(role, at=rosa.location))

    assert desk.get(url(rosa)).status_code == 404
    assert desk.post(url(rosa), {"other": vera.public_id, "why": "harm"}).status_code == 404
    assert desk.post(url(rosa, pair.public_id)).status_code == 404
    assert KeepApart.objects.live().count() == 1


def test_a_supervisor_sees_pairs_of_their_location_and_a_clinician_of_another_team_none(signed_in, rosa, vera):
    kept(rosa, vera)

    assert "Vera Olsen" in words(signed_in(make.user(Role.SUPERVISOR, at=rosa.location)).get(url(rosa)))
    assert signed_in(make.clinician(at=rosa.location)).get(url(rosa)).status_code == 404


def test_a_pair_of_others_is_not_ended_from_this_record(client, rosa, vera, dana):
    third = make.patient(team=dana)
    pair = kept(vera, third)

    assert client.post(url(rosa, pair.public_id)).status_code == 404


def test_those_kept_apart_are_found_from_either_side_while_it_lasts(rosa, vera, dana):
    third = make.patient(team=dana)
    kept(rosa, vera)
    ended = kept(third, rosa)
    actions.end_keep_apart.__wrapped__(pair=ended, by=dana, at=make.NOON)

    assert list(KeepApart.objects.others(rosa)) == [vera.pk]
    assert list(KeepApart.objects.others(vera)) == [rosa.pk]
    assert list(KeepApart.objects.others(third)) == []


# ---- What the database keeps ----


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"why": "because"}, "keep_apart_reason_is_known"),
        ({"ended_at": make.NOON}, "keep_apart_ended_by_someone"),
        ({"swap": True}, "keep_apart_two_people_in_order"),
        ({"same": True}, "keep_apart_two_people_in_order"),
    ],
)
def test_the_database_refuses(rosa, vera, values, constraint):
    first, second = sorted((rosa, vera), key=lambda person: person.pk)
    if values.pop("swap", None):
        first, second = second, first
    if values.pop("same", None):
        second = first

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        KeepApart.objects.create(
            first=first, second=second, recorded_by=rosa.registered_by, **{"why": "harm", **values}
        )

    assert violates(refused.value, constraint)


def test_a_pair_is_neither_deleted_nor_written_over(rosa, vera):
    pair = kept(rosa, vera)

    for attempt, constraint in (
        (lambda: KeepApart.objects.filter(pk=pair.pk).delete(), "keep_apart_is_kept"),
        (lambda: KeepApart.objects.filter(pk=pair.pk).update(why="other"), "keep_apart_only_ended"),
    ):
        with pytest.raises((IntegrityError, InternalError)) as refused, transaction.atomic():
            attempt()
        assert violates(refused.value, constraint)


@pytest.mark.parametrize("pairs", [1, 4])
def test_the_page_costs_the_same_queries(client, rosa, dana, pairs, django_assert_num_queries):
    for _ in range(pairs):
        kept(rosa, make.patient(team=dana))

    with django_assert_num_queries(7):
        client.get(url(rosa))


@pytest.mark.parametrize(
    ("role", "shown"), [(Role.CLINICIAN, True), (Role.SUPERVISOR, True), (Role.COORDINATOR, False)]
)
def test_the_way_there_is_on_the_summary_of_those_who_may(signed_in, rosa, dana, role, shown):
    user = dana if role == Role.CLINICIAN else make.user(role, at=rosa.location)

    summary = signed_in(user).get(reverse("scheduling:person", args=[rosa.public_id])).content.decode()

    assert (url(rosa) in summary) is shown
