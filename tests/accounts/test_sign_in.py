"""Signing in: one front door that tells nothing about who has an account."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import Role, User
from tests import make

pytestmark = pytest.mark.django_db
WRONG = "This email and password do not go together."


@pytest.fixture
def rosa() -> User:
    user = make.user(Role.COORDINATOR, email="rosa@example.test")
    user.set_password(make.PASSWORD)
    user.save()
    return user


def try_to_sign_in(client: Client, email: str, password: str = make.PASSWORD, **more: str):
    return client.post("/sign-in/", {"login": email, "password": password, **more})


def without_token(response) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return re.sub(r"[a-z]+@example\.test", "", text)


def test_the_right_password_leads_home_with_a_new_session(client, rosa):
    response = try_to_sign_in(client, "Rosa@Example.test")

    assert (response.status_code, response["Location"]) == (302, "/home/")
    assert client.get("/staff/inquiries/").status_code == 200


def test_signing_in_returns_to_the_page_that_was_asked_for(client, rosa):
    page = client.get("/sign-in/?next=/staff/inquiries/")
    assert 'name="next" value="/staff/inquiries/"' in page.content.decode()

    response = try_to_sign_in(client, rosa.email, next="/staff/inquiries/")

    assert response["Location"] == "/staff/inquiries/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(client, rosa, elsewhere):
    assert try_to_sign_in(client, rosa.email, next=elsewhere)["Location"] == "/home/"


def test_known_unknown_and_closed_accounts_answer_alike(rosa):
    closed = make.user(Role.CLINICIAN, email="closed@example.test", is_active=False)
    closed.set_password(make.PASSWORD)
    closed.save()

    answers = [
        try_to_sign_in(Client(), "rosa@example.test", "not the password"),
        try_to_sign_in(Client(), "nobody@example.test", "not the password"),
        try_to_sign_in(Client(), "closed@example.test", make.PASSWORD),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert WRONG in answers[0].content.decode()
    assert len({without_token(answer) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


@pytest.mark.parametrize("email", ["rosa@example.test", "nobody@example.test"])
def test_after_five_wrong_passwords_there_is_a_page_that_says_wait(client, rosa, email):
    for _ in range(5):
        assert try_to_sign_in(client, email, "not the password").status_code == 200

    response = try_to_sign_in(client, email, "not the password")

    html = response.content.decode()
    assert response.status_code == 429
    assert "Too many tries" in html
    assert "Wait 5 minutes" in html
    assert "312-555-0142" in html


def test_the_right_password_does_not_open_an_account_that_is_waiting(client, rosa):
    for _ in range(5):
        try_to_sign_in(client, rosa.email, "not the password")

    assert try_to_sign_in(client, rosa.email).status_code == 429
    assert "_auth_user_id" not in client.session


def test_ten_wrong_tries_from_one_address_are_enough(client):
    answers = [try_to_sign_in(client, f"person{number}@example.test", "wrong").status_code for number in range(11)]

    assert answers == [200] * 10 + [429]


def test_a_forwarding_header_is_not_another_address(client):
    for number in range(10):
        client.post(
            "/sign-in/",
            {"login": f"person{number}@example.test", "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )

    assert try_to_sign_in(client, "another@example.test", "wrong").status_code == 429


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("", "x", "Write your email address."),
        ("rosa", "x", "Write an email address like name@example.com."),
        ("rosa@example.test", "", "Write your password."),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(client, email, password, sentence):
    response = try_to_sign_in(client, email, password)

    html = response.content.decode()
    assert sentence in html
    assert "<title>Error: Sign in" in html


def test_a_password_manager_finds_its_fields_and_no_password_is_sent_back(client):
    html = try_to_sign_in(client, "rosa@example.test", "my secret words").content.decode()

    assert 'autocomplete="username"' in html
    assert 'autocomplete="current-password"' in html
    assert "my secret words" not in html
    assert "placeholder" not in html


def test_demo_sign_ins_are_listed_only_where_debug_is_on_and_they_exist(client, settings):
    make.user(Role.CLINICIAN, email="clinician@demo.test")
    assert "demo.test" not in client.get("/sign-in/").content.decode()

    settings.DEBUG = True
    html = client.get("/sign-in/").content.decode()

    assert "clinician@demo.test" in html
    assert "patient@demo.test" not in html


def test_signing_out_is_a_post_and_says_so(client, rosa):
    client.force_login(rosa, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sign-out/").status_code == 200
    assert "_auth_user_id" in client.session

    response = client.post("/sign-out/", follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "You are signed out." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_admin_has_no_door_of_its_own(client):
    response = client.get("/admin/login/?next=/admin/")

    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/admin/")


@pytest.mark.parametrize(
    "path",
    [
        "/signup/",
        "/sign-up/",
        "/password/reset/",
        "/accounts/login/",
        "/accounts/signup/",
        "/.well-known/change-password",
        "/sign-in/code/",
    ],
)
def test_other_doors_of_allauth_are_not_there(client, path):
    assert client.get(path).status_code == 404


def test_somebody_signed_in_is_led_on_from_the_sign_in_page(signed_in, rosa):
    response = signed_in(rosa).get("/sign-in/")

    assert (response.status_code, response["Location"]) == (302, "/home/")


def test_a_form_without_its_token_is_answered_with_what_to_do(rosa):
    strict = Client(enforce_csrf_checks=True)

    response = try_to_sign_in(strict, rosa.email)

    assert response.status_code == 403
    assert "send it once more" in response.content.decode()
