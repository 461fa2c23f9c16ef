"""The script of question pages in a real browser: keys, the current item, and what becomes of an answer (EXPERIENCE 5.3, 5.4)."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from django.template import Context, Template
from playwright.sync_api import expect

from iop.styleguide import HOW_OFTEN, SKIP, YES_NO

pytestmark = pytest.mark.journey
HOST = "http://clinic.test"

PAGE = """{% extends "frames/flow.html" %}{% block main %}
<form id="flow" method="post" action="/next/" data-autosave="/save/"><input type="hidden" name="revision" value="1"><h1>Questions</h1>
{% include "ui/progress.html" with answered=0 total=4 only %}
{% include "ui/choice_group.html" with name="q1" legend="First" number=1 options=how_often extras=skip likert=True only %}
{% include "ui/choice_group.html" with name="q2" legend="Second" number=2 options=yes_no likert=True only %}
{% include "ui/choice_group.html" with name="q3" legend="Third" kind="checkbox" options=how_often layout="cards" only %}
<div class="ui-field" data-item="amount"><label for="amount">Amount</label><p class="ui-error" id="error_amount" data-error hidden><span></span></p><input id="amount" name="amount" type="number"></div>
<div class="ui-field"><label for="note">Note</label><textarea id="note" name="note"></textarea></div>
<div id="after"></div>
<button class="ui-button" data-continue>Continue</button></form>{% endblock %}"""


class Server:
    """What the page sent, and what it is answered."""

    def __init__(self):
        self.saved = []
        self.status = 200
        self.answer = {"revision": 2, "saved_at": "10:42 am", "progress": {"answered": 1, "total": 4}}

    def save(self, route):
        self.saved.append(parse_qs(route.request.post_data))
        assert route.request.headers["x-autosave"] == "1"
        if self.status == 302:
            return route.fulfill(status=302, headers={"location": f"{HOST}/sign-in/"})
        return route.fulfill(status=self.status, json=self.answer)


@pytest.fixture
def server(page, serve_static):
    served = Server()
    html = Template(PAGE).render(Context({"how_often": HOW_OFTEN, "yes_no": YES_NO, "skip": SKIP}))
    page.route(f"{HOST}/form/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route(f"{HOST}/next/", lambda route: route.fulfill(status=302, headers={"location": f"{HOST}/form/"}))
    page.route(f"{HOST}/save/", served.save)
    page.goto(f"{HOST}/form/")
    return served


@pytest.fixture
def state(page):
    return page.locator("[data-save-state]")


def test_a_digit_answers_saves_and_moves_to_the_next_item(page, server, state):
    page.focus("#id_q1_0")
    page.keyboard.press("2")

    expect(page.locator("#id_q1_2")).to_be_checked()
    expect(page.locator("#id_q2_0")).to_be_focused()
    expect(page.locator(".is-current")).to_have_id("item_q2")
    expect(state).to_be_visible()
    expect(state).to_have_text("Saved at 10:42 am")
    assert server.saved == [{"revision": ["1"], "changed": ["q1"], "q1": ["2"]}]
    expect(page.locator("[data-progress]")).to_have_text("1 of 4 answered")
    expect(page.locator("[name=revision]")).to_have_value("2")


def test_letters_answer_yes_no_items_and_s_skips(page, server):
    page.focus("#id_q1_0")
    page.keyboard.press("s")
    page.keyboard.press("n")

    expect(page.locator("[name=q1]:checked")).to_have_value("declined")
    expect(page.locator("[name=q2]:checked")).to_have_value("no")


def test_keys_do_nothing_outside_an_item_or_with_a_modifier(page, server):
    page.locator("h1").click()
    page.keyboard.press("2")
    page.focus("#id_q1_0")
    page.keyboard.press("Control+2")
    page.focus("#note")
    page.keyboard.press("3")

    expect(page.locator("[name=q1]:checked")).to_have_count(0)
    expect(page.locator("#note")).to_have_value("3")


def test_shortcuts_can_be_turned_off(page, server):
    page.eval_on_selector("#flow", "form => form.dataset.shortcuts = 'off'")
    page.focus("#id_q1_0")
    page.keyboard.press("2")

    expect(page.locator("[name=q1]:checked")).to_have_count(0)


def test_an_emptied_checkbox_is_sent_as_changed(page, server, state):
    box = page.locator("label:has(#id_q3_1)")
    box.click()
    expect(state).to_have_text("Saved at 10:42 am")
    box.click()
    page.wait_for_timeout(600)

    assert [sent["changed"] for sent in server.saved] == [["q3"], ["q3"]]
    assert [sent.get("q3") for sent in server.saved] == [["1"], None]


def test_text_goes_once_on_leaving_the_field(page, server, state):
    page.fill("#note", "Sleeps badly.")
    page.locator("#note").blur()
    expect(state).to_have_text("Saved at 10:42 am")
    page.wait_for_timeout(1800)

    assert [sent["note"] for sent in server.saved] == [["Sleeps badly."]]


def test_a_refused_answer_is_marked_and_stays_in_the_field(page, server, state):
    server.status, server.answer = 422, {"errors": {"amount": "Write a number from 0 to 40."}}
    page.fill("#amount", "400")
    page.locator("#amount").blur()

    expect(state).to_have_text("Not saved. See the marked answer.")
    expect(page.locator("#error_amount")).to_have_text("Write a number from 0 to 40.")
    expect(page.locator("#amount")).to_have_value("400")
    expect(page.locator("#amount")).to_have_attribute("aria-describedby", "error_amount")

    server.status, server.answer = 200, {"revision": 3, "saved_at": "10:43 am"}
    page.fill("#amount", "4")
    page.locator("#amount").blur()
    expect(page.locator("#error_amount")).to_be_hidden()
    expect(state).to_have_text("Saved at 10:43 am")


def test_a_conflict_shows_who_and_swaps_the_panel_in(page, server, state):
    server.status = 409
    server.answer = {
        "revision": 5,
        "conflicts": [{"item": "q1", "text": "Sam O. changed an answer here."}],
        "fragments": {"#after": '<div id="after" role="alert">Sam O., 10:41 am: Nearly every day</div>'},
    }
    page.focus("#id_q1_0")
    page.keyboard.press("1")

    expect(state).to_have_text("Sam O. changed an answer here.")
    expect(page.get_by_role("alert")).to_have_text("Sam O., 10:41 am: Nearly every day")
    expect(page.locator("[name=revision]")).to_have_value("5")


def test_an_answer_given_while_a_save_is_under_way_is_not_swapped_away(page, server, state):
    held = []

    def hold(route):
        held.append(route)

    page.route(f"{HOST}/save/", hold)
    page.locator("label:has(#id_q1_1)").click()
    page.wait_for_timeout(500)
    page.locator("label:has(#id_q2_0)").click()
    page.unroute(f"{HOST}/save/", hold)
    swapped = '<fieldset id="item_q2" data-item="q2">drawn before the answer was known</fieldset>'
    held[0].fulfill(json={**server.answer, "fragments": {"#item_q2": swapped}})

    expect(state).to_have_text("Saved at 10:42 am")
    expect(page.locator("#id_q2_0")).to_be_checked()
    page.wait_for_timeout(500)
    assert [sent["changed"] for sent in server.saved] == [["q2"]]


def test_a_failed_save_is_tried_again_with_the_latest_answer(page, server, state):
    server.status = 503
    page.focus("#id_q1_0")
    page.keyboard.press("1")
    expect(state).to_have_text("Not saved yet. Trying again.")

    server.status = 200
    expect(state).to_have_text("Saved at 10:42 am", timeout=5000)
    assert [sent["q1"] for sent in server.saved] == [["1"], ["1"]]


def test_offline_keeps_answers_and_sends_them_on_return(page, server, state):
    page.context.set_offline(True)
    page.focus("#id_q1_0")
    page.keyboard.press("3")
    expect(state).to_have_text("Offline. 1 answer waiting on this page.")
    expect(page.locator("[data-offline-bar]")).to_be_visible()
    assert server.saved == []

    page.context.set_offline(False)
    expect(state).to_have_text("Saved at 10:42 am")
    expect(page.locator("[data-offline-bar]")).to_be_hidden()
    assert [sent["q1"] for sent in server.saved] == [["3"]]


def test_signed_out_keeps_the_page_and_offers_sign_in_in_a_new_tab(page, server, state):
    server.status = 302
    page.focus("#id_q1_0")
    page.keyboard.press("3")

    expect(state).to_have_text("Signed out. 1 answer waiting. Sign in to save them.")
    expect(state.get_by_role("link")).to_have_attribute("target", "_blank")
    expect(page.locator("#id_q1_3")).to_be_checked()


def test_continue_by_keyboard_lands_on_the_first_item(page, server):
    page.focus("[data-continue]")
    page.keyboard.press("Enter")

    expect(page.locator("#id_q1_0")).to_be_focused()
    expect(page).to_have_url(f"{HOST}/form/")


def test_nothing_is_kept_in_the_browser(page, server, state):
    page.focus("#id_q1_0")
    page.keyboard.press("2")
    expect(state).to_have_text("Saved at 10:42 am")

    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
