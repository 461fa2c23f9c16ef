"""Closed by default: every address declares a policy, and every role sees what its row allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.middleware import declared_policy
from accounts.models import Role, User
from accounts.policies import POLICIES, PUBLIC, Actor, policy
from tests import make

STAFF = {Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR}
# Every page that needs no row of somebody, and who gets it; all others get the 404 of a page that is not there.
LISTS = {
    "/staff/": STAFF,
    "/staff/people/": STAFF,
    "/staff/people/new/": {Role.CLINICIAN, Role.COORDINATOR},
    "/staff/inquiries/": {Role.COORDINATOR, Role.SUPERVISOR},
    "/staff/inquiries/new/": {Role.COORDINATOR},
    "/staff/coverage/": {Role.COORDINATOR, Role.SUPERVISOR},
    "/staff/messages/": {Role.COORDINATOR, Role.SUPERVISOR},
    "/staff/safety/": {Role.CLINICIAN, Role.SUPERVISOR},
    "/staff/rules/": {Role.CLINICIAN, Role.SUPERVISOR},
    "/staff/rules/upload/": {Role.SUPERVISOR},
    "/staff/rules/vignettes/": {Role.CLINICIAN, Role.SUPERVISOR},
    "/staff/rules/vignettes/new/": {Role.SUPERVISOR},
    "/staff/reports/recommendations/": {Role.SUPERVISOR},
    "/my/": {Role.PATIENT},
    "/my/care/safety-plan/": {Role.PATIENT},
    "/my/forms/": {Role.PATIENT},
    "/admin/": {Role.ADMIN},
}
HOMES = {
    Role.PATIENT: "/my/",
    Role.FAMILY: "/families/",
    Role.CLINICIAN: "/staff/",
    Role.COORDINATOR: "/staff/",
    Role.SUPERVISOR: "/staff/",
    Role.ADMIN: "/admin/",
}
# What answers without a sign-in. An address that is added here is a decision, not an accident.
PUBLIC_ADDRESSES = {
    "",
    "programs/",
    "programs/<slug:slug>/",
    "how-it-works/",
    "costs/",
    "families/",
    "privacy/",
    "accessibility/",
    "help-now/",
    "contact/",
    "contact/sent/",
    "contact/<slug:step>/",
    "my/forms/hide/",
    "sign-in/",
    "sign-out/",
    "admin/login/",
    "healthz/",
    "readyz/",
}


def addresses() -> Iterator[tuple[str, URLPattern, list[str]]]:
    yield from walk(get_resolver().url_patterns, "", [])


def walk(
    patterns: list[URLPattern | URLResolver], before: str, namespaces: list[str]
) -> Iterator[tuple[str, URLPattern, list[str]]]:
    for each in patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, route, [*namespaces, each.namespace] if each.namespace else namespaces)
        else:
            yield route, each, namespaces


def somebody(role: Role):
    is_admin = role == Role.ADMIN
    user = make.user(role, is_staff=is_admin, is_superuser=is_admin)
    if role == Role.PATIENT:
        make.patient(user=user)
    return user


def test_every_address_declares_a_policy_that_stands_in_the_table():
    undeclared = [
        route
        for route, pattern, namespaces in addresses()
        if declared_policy(pattern.callback, namespaces) not in {*POLICIES, PUBLIC}
    ]

    assert undeclared == []


def test_exactly_these_addresses_are_public():
    public = {
        route for route, pattern, namespaces in addresses() if declared_policy(pattern.callback, namespaces) == PUBLIC
    }

    assert public == PUBLIC_ADDRESSES


def test_allauth_serves_nothing_but_sign_in_and_sign_out():
    of_allauth = {
        route
        for route, pattern, _ in addresses()
        if pattern.callback.__module__.startswith("allauth")
        or getattr(pattern.callback, "view_class", type).__module__.startswith("allauth")
    }

    assert of_allauth == {"sign-out/"}


def test_a_policy_that_does_not_exist_cannot_be_declared():
    with pytest.raises(KeyError, match=r"patient\.everything"):
        policy("patient.everything")


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.accounts.undeclared_urls")
@pytest.mark.parametrize("role", [None, *Role])
def test_a_view_without_a_policy_is_not_there_for_anybody(client, signed_in, role):
    visitor = signed_in(somebody(role)) if role else client

    response = visitor.get("/forgotten/")

    assert response.status_code == 404
    assert b"never be seen" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_the_lists_of_its_row_and_no_other(signed_in, role, path):
    response = signed_in(somebody(role)).get(path)

    assert response.status_code == (200 if role in LISTS[path] else 404)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_home_leads_each_role_to_its_own_pages(signed_in, role):
    response = signed_in(somebody(role)).get("/home/")

    assert (response.status_code, response["Location"]) == (302, HOMES[role])


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*LISTS, "/home/"])
def test_a_signed_out_visitor_is_sent_to_sign_in_and_back(client, path):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")


@pytest.mark.django_db
def test_a_save_in_the_background_learns_that_nobody_is_signed_in(client):
    response = client.post("/staff/people/", headers={"X-Autosave": "1"})

    assert response.status_code == 401
    assert response.json() == {"signed_out": True, "sign_in": "/sign-in/"}


@pytest.mark.django_db
def test_what_is_hidden_reads_like_what_is_missing(signed_in):
    visitor = signed_in(make.user(Role.CLINICIAN))

    hidden, missing = visitor.get("/staff/inquiries/"), visitor.get("/staff/nothing-here/")

    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.content == missing.content
    assert set(hidden.headers) == set(missing.headers)


@pytest.mark.django_db
def test_somebody_without_a_role_reaches_nothing(signed_in):
    visitor = signed_in(make.user())

    assert [visitor.get(path).status_code for path in LISTS] == [404] * len(LISTS)


def test_an_actor_may_what_the_row_of_the_role_says():
    coordinator = Actor(User(name="Sam O."), Role.COORDINATOR)

    assert coordinator.may("inquiry.write")
    assert not coordinator.may("intake.read")
