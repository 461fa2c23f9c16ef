"""The catalog, people and places as an administrator keeps them; everybody else finds nothing there."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse

from accounts.models import Role, User
from programs.models import (
    BlockKind,
    Closure,
    Cohort,
    Credential,
    LevelHours,
    Payer,
    Track,
)
from tests import make

pytestmark = pytest.mark.django_db

PAGES = ["changelist", "add", "change", "history", "delete"]
KEPT_HERE = {"Track", "Program", "Cohort", "Room", "Payer", "LevelHours", "User", "Location"}
TAKEN_OUT_HERE = {"Credential", "Closure"}  # nothing refers to them


@pytest.fixture
def administrator(signed_in):
    return signed_in(make.user(Role.ADMIN, is_staff=True, is_superuser=True))


@pytest.fixture
def cohort():
    """A cohort, and one row of everything else that is kept here."""
    lead, day = make.clinician(), date(2027, 3, 1)
    Payer.objects.create(name="Lakeshore Mutual")
    LevelHours.objects.create(level="php", least_minutes=1200)
    Closure.objects.create(name="Holiday", starts_on=day, ends_on=date(2027, 3, 2))
    Credential.objects.create(user=lead, kind="psychologist", number="1", state="IL", expires_on=date(2099, 1, 1))
    return make.cohort(name="Mornings", seats=8, facilitator=lead)


def models() -> list[type]:
    return list(django_admin.site._registry)


def url(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def every_url(cohort: Cohort) -> list[str]:
    """The index, each app, and each page of each model, over rows that exist."""
    found = [reverse("admin:index"), reverse("admin:app_list", args=["programs"]), reverse("admin:autocomplete")]
    found += [reverse("admin:password_change"), reverse("admin:search")]
    for model in models():
        row = model.objects.first()
        found += [url(model, page, *([] if page in {"changelist", "add"} else [row.pk])) for page in PAGES]
    return found


def given(cohort: Cohort | None = None, **over: object) -> dict[str, object]:
    """What the form of a cohort posts: a valid one with two blocks, or `cohort` as it stands with its own."""
    place = cohort.location if cohort else make.location()
    values: dict[str, object] = {
        "program": cohort.program_id if cohort else make.program().pk,
        "name": "Afternoons, spring",
        "entry": "closed",
        "seats_least": 4,
        "seats": 6,
        "location": place.pk,
        "delivery": "on_site",
        "room": cohort.room_id if cohort else make.room(location=place).pk,
        "facilitator": make.clinician(at=place).pk,
        "language": "en",
        "starts_on": "2027-03-01",
        "ends_on": "2027-05-10",
        "last_entry_on": "2027-04-20",
    }
    return {**values, **blocks((0, "13:00"), (2, "13:00")), **over}


def blocks(*days: tuple[int, str]) -> dict[str, object]:
    posted: dict[str, object] = {"blocks-TOTAL_FORMS": len(days), "blocks-INITIAL_FORMS": 0}
    posted |= {"entry_dates-TOTAL_FORMS": 0, "entry_dates-INITIAL_FORMS": 0}
    for place, (weekday, starts) in enumerate(days):
        posted |= {f"blocks-{place}-weekday": weekday, f"blocks-{place}-starts": starts}
        posted |= {
            f"blocks-{place}-minutes": 90,
            f"blocks-{place}-kind": "group",
            f"blocks-{place}-title": "Skills group",
        }
    return posted


def errors_of(page) -> list[str]:
    """What the form of the page complains of, in its fields, as a whole, and in its rows."""
    form, formsets = page.context["adminform"].form, page.context["inline_admin_formsets"]
    rows = [
        one for formset in formsets for each in formset.formset.errors for errors in each.values() for one in errors
    ]
    whole = [one for formset in formsets for one in formset.formset.non_form_errors()]
    return [*(one for errors in form.errors.values() for one in errors), *rows, *whole]


# ---- who


def test_the_administrator_finds_the_catalog_people_and_places_and_nothing_clinical(administrator):
    page = administrator.get(reverse("admin:index"))

    assert page.status_code == 200
    assert {model.__name__ for model in models()} == KEPT_HERE | TAKEN_OUT_HERE
    groups = [
        (group["title"], [item["title"] for item in group["items"]]) for group in page.context["sidebar_navigation"]
    ]
    assert groups == [
        ("Programs", ["Programs", "Tracks"]),
        ("Calendar", ["Cohorts", "Rooms", "Closures"]),
        ("People and roles", ["Users", "Credentials", "Locations"]),
        ("Coverage", ["Payers"]),
        ("System", ["Hours of levels"]),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_every_other_role_finds_nothing_in_the_admin(signed_in, cohort, role):
    other = signed_in(make.user(role, is_staff=True, is_superuser=True))

    answers = {address: other.get(address).status_code for address in every_url(cohort)}

    assert {address for address, status in answers.items() if status != 404} == set()
    assert other.post(url(Cohort, "change", cohort.pk), {"seats": 40}).status_code == 404


def test_an_administrator_acting_in_another_role_finds_nothing_either(signed_in):
    both = signed_in(make.user(Role.CLINICIAN, Role.ADMIN, is_staff=True, is_superuser=True))

    assert both.get(reverse("admin:index")).status_code == 404
    both.post(reverse("choose_role"), {"role": "admin"})
    assert both.get(reverse("admin:index")).status_code == 200


def test_signed_out_people_are_sent_to_the_one_sign_in(client, cohort):
    answers = [client.get(address) for address in every_url(cohort)]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.url.startswith("/sign-in/?next=/admin/") for answer in answers)


# ---- pages


def test_every_page_opens_under_the_admin_s_own_policy(administrator, cohort):
    for address in every_url(cohort):
        page = administrator.get(address)
        policy = page.headers["Content-Security-Policy"]

        assert page.status_code in {200, 403, 404}, address
        assert "script-src 'self' 'unsafe-eval'" in policy
        assert "style-src 'self' 'unsafe-inline'" in policy
        assert "default-src 'none'" in policy


def test_lists_and_forms_open(administrator, cohort):
    opened = [
        page
        for model in models()
        for page in (url(model, "changelist"), url(model, "change", model.objects.first().pk))
    ]

    assert {address: administrator.get(address).status_code for address in opened} == dict.fromkeys(opened, 200)


def test_outside_the_admin_the_policy_is_the_strict_one(administrator):
    policy = administrator.get(reverse("programs:index")).headers["Content-Security-Policy"]

    assert "unsafe" not in policy


@pytest.mark.parametrize("cohorts", [1, 3])
def test_the_list_of_cohorts_costs_the_same_queries(administrator, django_assert_num_queries, cohorts):
    for _ in range(cohorts):
        make.cohort(facilitator=make.clinician())

    with django_assert_num_queries(9):
        page = administrator.get(url(Cohort, "changelist"))
    assert len(page.context["cl"].result_list) == cohorts
    assert "0 of 8" in page.text


# ---- nothing is deleted


def test_nothing_that_something_may_refer_to_can_be_deleted(administrator, cohort):
    for model in models():
        if model.__name__ in TAKEN_OUT_HERE:
            continue
        row = model.objects.first()
        assert administrator.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        listed = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        administrator.post(url(model, "changelist"), listed)
        assert "delete_selected" not in administrator.get(url(model, "changelist")).text
        assert model.objects.filter(pk=row.pk).exists()


def test_what_was_entered_by_mistake_is_taken_out_where_nothing_refers_to_it(administrator, cohort):
    for model in (Credential, Closure):
        administrator.post(url(model, "delete", model.objects.get().pk), {"post": "yes"})

        assert not model.objects.exists()


def test_there_are_six_tracks_and_none_is_added(administrator):
    assert administrator.get(url(Track, "add")).status_code == 403


# ---- changes


def test_a_cohort_is_added_with_its_weekly_blocks(administrator):
    answer = administrator.post(url(Cohort, "add"), given())

    assert answer.status_code == 302
    made = Cohort.objects.get()
    assert (made.seats, made.starts_on, made.state) == (6, date(2027, 3, 1), "draft")
    assert list(made.blocks.values_list("weekday", "starts", "minutes", "kind")) == [
        (0, time(13), 90, BlockKind.GROUP),
        (2, time(13), 90, BlockKind.GROUP),
    ]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"ends_on": "2027-03-01"}, "The end must be after the start."),
        ({"last_entry_on": "2027-06-01"}, "The last entry date must be within the run."),
        ({"room": ""}, "Choose a room for a cohort on site, and none for one online."),
        ({"seats_least": 7}, "The fewest people must be 1 or more, and not more than the seats."),
        ({"seats": 0}, "Ensure this value is greater than or equal to 1."),
        ({"seats": 41}, "Ensure this value is less than or equal to 40."),
        ({"seats": "many"}, "Enter a whole number."),
        ({"starts_on": "soon"}, "Enter a valid date."),
        ({"delivery": "by_post"}, "Select a valid choice. by_post is not one of the available choices."),
        ({"blocks-0-minutes": 5}, "Ensure this value is greater than or equal to 15."),
        ({"blocks-0-weekday": 7}, "Select a valid choice. 7 is not one of the available choices."),
        (blocks((1, "13:00"), (1, "13:00")), "Two weekly meetings overlap."),
        (blocks((1, "13:00"), (1, "14:29")), "Two weekly meetings overlap."),
    ],
)
def test_a_cohort_that_breaks_a_rule_gets_a_sentence_and_is_not_kept(administrator, over, sentence):
    page = administrator.post(url(Cohort, "add"), given(**over))

    assert page.status_code == 200
    assert [one for one in errors_of(page) if one.startswith(sentence)]
    assert "Afternoons, spring" in page.text
    assert not Cohort.objects.exists()


@pytest.mark.parametrize(
    ("over", "last"),
    [
        ({"last_entry_on": "2027-04-20"}, date(2027, 4, 20)),
        ({"last_entry_on": ""}, date(2027, 3, 14)),
        ({"last_entry_on": "", "ends_on": "2027-03-05"}, date(2027, 3, 4)),
        ({"entry": "open"}, date(2027, 5, 9)),
        ({"entry": "semi_open", "last_entry_on": ""}, date(2027, 5, 9)),
    ],
)
def test_only_a_closed_cohort_has_a_last_entry_date_of_its_own(administrator, over, last):
    administrator.post(url(Cohort, "add"), given(**over))

    assert Cohort.objects.get().last_entry_on == last


def test_a_cohort_online_has_no_room_whatever_was_chosen_before(administrator):
    administrator.post(url(Cohort, "add"), given(delivery="online"))

    assert Cohort.objects.get().room is None


def test_a_second_cohort_of_the_same_name_gets_a_sentence(administrator, cohort):
    page = administrator.post(url(Cohort, "add"), given(program=cohort.program_id, name="Mornings"))

    assert page.status_code == 200
    assert errors_of(page)
    assert Cohort.objects.get() == cohort


def test_a_cohort_meets_in_a_room_of_its_own_place(administrator):
    elsewhere = make.room(location=make.location(name="Harbor House"))

    page = administrator.post(url(Cohort, "add"), given(room=elsewhere.pk))

    assert page.status_code == 200
    assert errors_of(page)[0].startswith("That room is at Harbor House. Choose one at Mill Street")


def test_rooms_are_told_apart_by_their_place(administrator, cohort):
    form = administrator.get(url(Cohort, "change", cohort.pk)).context["adminform"].form

    assert f"{cohort.location.name}: {cohort.room.name}" in [
        str(label) for _value, label in form.fields["room"].choices
    ]


# ---- people


def roles(user: User | None, *held: Role) -> dict[str, object]:
    """What the rows of a person's roles post: the first ones exist."""
    rows = list(user.role_assignments.all()) if user else []
    posted = {"role_assignments-TOTAL_FORMS": len(held), "role_assignments-INITIAL_FORMS": len(rows)}
    for place, role in enumerate(held):
        posted[f"role_assignments-{place}-role"] = role
        if place < len(rows):
            posted |= {f"role_assignments-{place}-id": rows[place].pk, f"role_assignments-{place}-user": user.pk}
    return posted


def change_roles(administrator, user: User, *held: Role):
    given = {"name": user.name, "email": user.email, "is_active": "on", **roles(user, *held)}
    return administrator.post(url(User, "change", user.pk), given)


def test_who_is_made_an_administrator_can_open_the_admin_and_who_no_longer_is_cannot(administrator, signed_in):
    user = make.user(Role.CLINICIAN)

    assert change_roles(administrator, user, Role.ADMIN).status_code == 302
    assert signed_in(user).get(reverse("admin:index")).status_code == 200

    assert change_roles(administrator, user, Role.COORDINATOR).status_code == 302
    assert signed_in(user).get(reverse("admin:index")).status_code == 404
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.held_roles()) == (False, False, [Role.COORDINATOR])


def test_a_role_is_given_once(administrator):
    user = make.user(Role.CLINICIAN)

    page = change_roles(administrator, user, Role.CLINICIAN, Role.CLINICIAN)

    assert page.status_code == 200
    assert user.role_assignments.count() == 1


def test_a_new_person_signs_in_with_an_email_in_lower_case(administrator):
    word = "a-long-enough-passphrase"
    given = {"name": "Nora T.", "email": "Nora@Example.test", "password1": word, "password2": word}

    answer = administrator.post(url(User, "add"), {**given, "usable_password": "true", **roles(None, Role.CLINICIAN)})

    assert answer.status_code == 302
    assert User.objects.get(name="Nora T.").email == "nora@example.test"


def test_the_password_of_a_person_is_not_read_but_can_be_set_anew(administrator):
    user = make.clinician()

    page = administrator.get(url(User, "change", user.pk))

    assert user.password not in page.text
    assert administrator.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 200


def test_patients_are_not_suggested_where_a_facilitator_is_looked_for(administrator):
    staff = make.clinician(name="Marlow Quill")
    make.user(Role.PATIENT, name="Marlow Reed")
    make.clinician(name="Marlow Gone", is_active=False)
    asked = {"app_label": "programs", "model_name": "cohort", "field_name": "facilitator", "term": "Marlow"}

    found = administrator.get(reverse("admin:autocomplete"), asked).json()["results"]

    assert [row["text"] for row in found] == [staff.name]


@pytest.mark.parametrize("role", [Role.PATIENT, Role.FAMILY])
def test_people_who_are_cared_for_are_not_in_the_list_of_users(administrator, role):
    works = make.clinician(name="Dana K.")
    cared_for = make.user(role, name="Rosa Marlow")
    listed = administrator.get("/admin/accounts/user/").content.decode()
    assert works.name in listed
    assert cared_for.name not in listed
    assert administrator.get(f"/admin/accounts/user/{cared_for.pk}/change/").status_code == 302
