from __future__ import annotations

import re

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.models import Role, User
from accounts.policies import POLICIES, Actor
from iop import views
from iop.styleguide import SCREENS

ERRORS = {
    "404.html": "This page is not available to you",
    "403.html": "You can't do this right now",
    "403_csrf.html": "Open the page again and send it once more",
    "500.html": "Something went wrong on our side",
    "503.html": "We can't reach the records right now",
}


def page(**query):
    request = RequestFactory().get("/staff/_styleguide/", query)
    request.actor = Actor(User(name="Dana K.", email="dana@example.test"), Role.COORDINATOR)
    request.user = request.actor.user
    return views.styleguide(request).content.decode()


@pytest.mark.parametrize("screen", ["", *SCREENS])
def test_every_screen_is_drawn_with_one_heading_and_its_landmarks(settings, screen):
    settings.DEBUG = True
    html = page(screen=screen)
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert '<html lang="en"' in html
    assert 'class="ui-skip" href="#main"' in html
    assert "{#" not in html
    assert "{%" not in html


def test_theme_is_chosen_by_its_name_only(settings):
    settings.DEBUG = True
    assert 'data-theme="dark"' in page(theme="dark")
    assert "data-theme" not in re.search(r"<html[^>]*>", page(theme='"><script>'))[0]


def test_ids_are_not_used_twice(settings):
    settings.DEBUG = True
    for screen in SCREENS:
        found = re.findall(r'\sid="([^"]+)"', page(screen=screen))
        assert sorted(found) == sorted(set(found)), screen


def test_it_exists_only_while_building(settings):
    settings.DEBUG = False
    with pytest.raises(Http404):
        page()


def test_patients_never_see_it():
    assert POLICIES["staff.styleguide"].isdisjoint({Role.PATIENT, Role.FAMILY})


@pytest.mark.parametrize("name", ERRORS)
def test_error_page_needs_no_context(name):
    html = render_to_string(name)
    assert f"<h1>{ERRORS[name]}</h1>" in html
    assert "tel:+1" in html
    assert 'href="/help-now/"' in html
