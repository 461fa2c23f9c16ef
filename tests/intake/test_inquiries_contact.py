"""The five steps of a first contact: carried by the page, checked again at each, kept once when sent."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html import unescape
from threading import Barrier
from time import time
from unittest import mock
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from intake.forms.contact import ORDER, STEPS
from intake.models import Inquiry
from tests import make
from tests.intake.first_contacts import opened, told

FIELDS = [name for step in STEPS for name in step.form.base_fields]


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def heading(html: str) -> str:
    return re.search(r"<h1>(.*?)</h1>", html).group(1)


# ---- Walking the steps


@pytest.mark.django_db
def test_each_step_carries_the_others_and_nothing_is_kept_before_it_is_sent(client, django_assert_num_queries):
    typed = hidden(client.get("/contact/").content.decode())
    pages = []
    for answers, next_step in [
        ({"who": "someone", "name": "Lin", "person_name": "Rosa Marlow", "website": "", "referrer": ""}, "reach"),
        ({"reach_by": "phone", "phone": "(312) 555-0177", "shared_phone": "on", "email": "", "language": "es"}, "what"),
        ({"words": 'line one\r\n"two" <b>', "safe_now": "yes"}, "insurance"),
        ({"insurance": ""}, "check"),
    ]:
        typed |= answers
        with django_assert_num_queries(0):
            response = client.post(f"/contact/{next_step}/", typed)
        assert response.status_code == 200
        html = response.content.decode()
        pages.append(heading(html))
        typed = hidden(html) | {name: typed[name] for name in typed if f'name="{name}"' not in html}
        assert hidden(html)["name"] == "Lin"
    assert pages == ["How to reach you safely", "What is happening?", "Insurance", "Check and send"]
    assert not Inquiry.objects.exists()
    assert "sessionid" not in client.cookies
    for words in ("312-555-0177", "Rosa Marlow", "Español", "&quot;two&quot; &lt;b&gt;", "Nothing written"):
        assert words in html

    with mock.patch("django.core.signing.time.time", return_value=time() + 10):
        client.post("/contact/sent/", hidden(html))

    kept = Inquiry.objects.get()
    assert (kept.name, kept.person_name, kept.shared_phone, kept.language) == ("Lin", "Rosa Marlow", True, "es")
    assert kept.words == 'line one\n"two" <b>'
    assert kept.name_key == "marlow rosa"


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "number"), list(zip(ORDER, range(1, 6), strict=True)))
def test_a_step_says_which_of_five_it_is(client, step, number):
    html = client.post(f"/contact/{step}/", told()).content.decode()

    assert f"Step {number} of 5" in html
    assert f"<title>Contact, step {number} of 5 - Oak Street Clinic</title>" in html


@pytest.mark.django_db
@pytest.mark.parametrize("step", ORDER)
def test_a_link_to_a_step_begins_at_the_first(client, step):
    response = client.get(f"/contact/{step}/")

    assert (response.status_code, response["Location"]) == (302, "/contact/")


@pytest.mark.parametrize("step", ["nothing", "who2", "CHECK"])
@pytest.mark.django_db
def test_there_are_no_other_steps(client, step):
    assert client.post(f"/contact/{step}/", told()).status_code == 404


@pytest.mark.django_db
def test_back_keeps_what_was_typed_also_when_it_is_not_right_yet(client):
    half = told(phone="312 555 01", words=None, safe_now=None, insurance=None, may_say_who="on")

    before = client.post("/contact/who/", half).content.decode()
    again = client.post("/contact/reach/", hidden(before) | {"who": "me", "name": "Rosa"}).content.decode()

    assert 'value="Rosa"' in before
    assert hidden(before)["phone"] == "312 555 01"
    assert 'value="312 555 01"' in again
    assert "There is a problem" not in again
    assert re.search(r'name="may_say_who"[^>]*checked', again)


@pytest.mark.django_db
def test_change_returns_to_the_check_page(client):
    page = client.post("/contact/what/", told(from_check="1")).content.decode()
    assert 'action="/contact/check/"' in page
    assert hidden(page)["from_check"] == "1"
    assert "Back" not in page.split("</form>")[0]

    checked = client.post("/contact/check/", hidden(page) | {"words": "Changed", "safe_now": "yes"}).content.decode()

    assert heading(checked) == "Check and send"
    assert "Changed" in checked
    assert "from_check" not in hidden(checked)


@pytest.mark.django_db
def test_only_what_was_asked_is_shown_and_sent(client):
    over = {"person_name": "Somebody", "referrer": "Mercy", "name": "Rosa Marlow"}
    html = client.post("/contact/check/", told(**over)).content.decode()
    client.post("/contact/sent/", told(**over))

    kept = Inquiry.objects.get()
    assert "Name of the person who needs care" not in html
    assert (kept.person_name, kept.referrer, kept.name_key) == ("", "", "marlow rosa")


@pytest.mark.django_db
def test_a_referral_says_who_refers(client):
    asked = client.post("/contact/reach/", told(who="referral"))
    client.post("/contact/sent/", told(who="referral", referrer="Mercy Hospital"))

    assert asked.status_code == 422
    assert "Say where you work, so that we know who refers." in asked.content.decode()
    assert Inquiry.objects.get().referrer == "Mercy Hospital"


@pytest.mark.django_db
@pytest.mark.parametrize("safe", ["no", "not_sure"])
def test_who_is_not_safe_is_shown_help_in_place_and_until_the_end(client, safe):
    step = client.post("/contact/what/", told(safe_now=None)).content.decode()
    check = client.post("/contact/check/", told(safe_now=safe)).content.decode()
    sent = client.post("/contact/sent/", told(safe_now=safe), follow=True).content.decode()

    for html in (step, check, sent):  # in the step the stylesheet shows it with the answer
        assert "don't wait for our call" in html
        assert 'href="tel:988"' in html
    assert Inquiry.objects.get().safe_now == safe


@pytest.mark.django_db
def test_who_is_safe_is_not_alarmed(client):
    assert "don't wait for our call" not in client.post("/contact/check/", told()).content.decode()


# ---- Sending


@pytest.mark.django_db
def test_a_visitor_sends_and_is_told_the_number_and_the_promise(client):
    response = client.post("/contact/sent/", told(), follow=True)

    kept = Inquiry.objects.get()
    html = response.content.decode()
    assert response.redirect_chain == [("/contact/sent/", 302)]
    assert kept.phone == "+13125550177"
    assert kept.number in html
    assert "5:00 pm CT" in html
    assert "Rosa" not in html  # whoever looks at this screen later learns no name
    assert "don't wait for our call" not in html


@pytest.mark.django_db
def test_the_confirmation_is_only_for_the_browser_that_sent(client):
    client.post("/contact/sent/", told())

    response = Client().get("/contact/sent/")

    assert (response.status_code, response["Location"]) == (302, "/contact/")


def number_of(response) -> str:
    return re.search(r"Q-[0-9A-Z]{6}", response.content.decode()).group(0)


@pytest.mark.django_db
def test_sent_twice_is_one_inquiry_with_one_number_and_counts_once(client):
    message = told()

    answers = [client.post("/contact/sent/", message, follow=True) for _ in range(8)]

    kept = Inquiry.objects.get()
    assert {number_of(answer) for answer in answers} == {kept.number}
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.django_db
def test_the_same_form_with_other_words_says_what_we_have_and_loses_nothing(client):
    message = told()
    client.post("/contact/sent/", message)

    response = client.post("/contact/sent/", message | {"words": "Something else"})

    html = response.content.decode()
    assert response.status_code == 422
    assert Inquiry.objects.get().number in html
    assert "Something else" in html
    assert Inquiry.objects.get().words.startswith("I can't sleep")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "nonsense", None])
def test_a_key_that_is_not_ours_is_a_message_of_its_own(client, key):
    for _ in range(2):
        assert client.post("/contact/sent/", told(form_key=key)).status_code == 302

    assert Inquiry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_give_one_inquiry_and_one_number():
    message, together = told(), Barrier(10)

    def press(_number):
        client = Client()
        together.wait()
        with closing(connection):
            return client.post("/contact/sent/", message, follow=True)

    with ThreadPoolExecutor(10) as desk:
        answers = list(desk.map(press, range(10)))

    assert [answer.status_code for answer in answers] == [200] * 10
    assert {number_of(answer) for answer in answers} == {Inquiry.objects.get().number}


# ---- What is wrong

LONG = "a" * 5001
WRONG = [
    ("who", {"who": None}, "Say who it is for."),
    ("who", {"who": "the pope"}, "Choose one of the answers."),
    ("who", {"who": "x" * 100_000}, "Choose one of the answers."),
    ("who", {"name": ""}, "Write a name, so that we know whom to ask for."),
    ("who", {"name": " \t "}, "Write a name, so that we know whom to ask for."),
    ("who", {"name": "x" * 101}, "Use 100 characters or fewer."),
    ("who", {"name": "Ro\u202esa"}, "Remove hidden characters."),
    ("who", {"name": "Ro\x07sa"}, "Remove hidden characters."),
    ("who", {"name": "Ro\x00sa"}, "characters"),
    ("who", {"who": "someone", "person_name": "x" * 101}, "Use 100 characters or fewer."),
    ("who", {"who": "someone", "person_name": "Ro\u202esa"}, "Remove hidden characters."),
    ("who", {"who": "referral", "referrer": "x" * 101}, "Use 100 characters or fewer."),
    ("who", {"who": "referral", "referrer": "\x1b[0m"}, "Remove hidden characters."),
    ("who", {"website": "https://spam.example"}, "Empty this field and send again."),
    ("reach", {"reach_by": None}, "Choose a phone call or an email."),
    ("reach", {"reach_by": "pigeon"}, "Choose one of the answers."),
    ("reach", {"phone": ""}, "Write the phone number that we may call."),
    ("reach", {"phone": "312-CALL-ME"}, "Enter a phone number with 10 digits"),
    ("reach", {"phone": "312 555 01"}, "Enter a phone number with 10 digits"),
    ("reach", {"phone": "+1234567890123456"}, "Enter a phone number with 10 digits"),
    ("reach", {"phone": "٣١٢٥٥٥٠١٧٧"}, "Enter a phone number with 10 digits"),
    ("reach", {"phone": "9" * 100_000}, "Enter a phone number with 10 digits"),
    ("reach", {"reach_by": "email"}, "Write the email address that we may answer."),
    ("reach", {"reach_by": "email", "email": "rosa"}, "Write an email address like name@example.com."),
    ("reach", {"email": "a" * 250 + "@x.test"}, "Use 254 characters or fewer."),
    ("reach", {"email": "ro\r\nsa@x.test"}, "Write an email address like name@example.com."),
    ("reach", {"language": "xx"}, "Choose one of the answers."),
    ("reach", {"language": None}, "Choose a language."),
    ("what", {"words": LONG}, "Use 5,000 characters or fewer. You wrote 5001."),
    ("what", {"words": "a\x00b"}, "characters"),
    ("what", {"words": "a\x1bb"}, "Remove hidden characters."),
    ("what", {"safe_now": None}, "Tell us whether you are safe right now."),
    ("what", {"safe_now": "maybe"}, "Choose one of the answers."),
    ("insurance", {"insurance": "x" * 301}, "Use 300 characters or fewer."),
    ("insurance", {"insurance": "\x1b"}, "Remove hidden characters."),
]


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["check", "sent"])
@pytest.mark.parametrize(("step", "over", "sentence"), WRONG)
def test_what_is_wrong_is_said_at_its_step_and_nothing_typed_is_lost(client, to, step, over, sentence):
    response = client.post(f"/contact/{to}/", told(**over))

    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert f"<title>Error: Contact, step {ORDER.index(step) + 1} of 5 - " in html
    assert not Inquiry.objects.exists()
    if "words" not in over:
        assert "I can&#x27;t sleep and I don&#x27;t know where to begin." in html


@pytest.mark.django_db
def test_what_is_at_the_limit_is_kept(client):
    over = {"who": "referral", "name": "n" * 100, "person_name": "p" * 100, "referrer": "r" * 100}
    over |= {"email": "a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 56 + ".test"}
    over |= {"words": ("é\r\n" * 2500)[:-2], "insurance": "i" * 300, "phone": "+123456789012345"}
    assert len(over["email"]) == 254

    assert client.post("/contact/sent/", told(**over)).status_code == 302

    kept = Inquiry.objects.get()
    assert (len(kept.name), len(kept.person_name), len(kept.referrer)) == (100, 100, 100)
    assert (len(kept.email), len(kept.words), len(kept.insurance)) == (254, 4999, 300)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FIELDS)
def test_no_field_can_be_told_twice_or_left_out_with_an_error_of_ours(client, name):
    """Several values of one field, and none: an answer, never a failure."""
    for step in (*ORDER, "sent"):
        assert client.post(f"/contact/{step}/", {**told(), name: ["a", "b"]}).status_code in {200, 302, 422, 429}
        assert client.post(f"/contact/{step}/", told(**{name: None})).status_code in {200, 302, 422, 429}


@pytest.mark.django_db
def test_what_is_not_ours_is_not_carried(client):
    html = client.post("/contact/reach/", told(state="registered", number="Q-1", patient="1")).content.decode()

    assert not {"state", "number", "patient"} & set(hidden(html))


@pytest.mark.django_db
def test_an_empty_post_is_asked_from_the_first_step(client):
    response = client.post("/contact/sent/", {})

    assert response.status_code == 422
    assert heading(response.content.decode()) == "Who needs care?"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(312) 555-0177", "+13125550177"),
        ("1 312 555 0177", "+13125550177"),
        ("312.555.0177", "+13125550177"),
        ("+52 55 1234 5678", "+525512345678"),
    ],
)
def test_phone_numbers_are_taken_as_people_write_them(client, typed, kept):
    client.post("/contact/sent/", told(phone=typed))

    assert Inquiry.objects.get().phone == kept


@pytest.mark.django_db
def test_who_leaves_insurance_out_skips_it(client):
    client.post("/contact/sent/", told(insurance=None))

    assert Inquiry.objects.get().insurance == ""


# ---- Machines, rates, known people


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["of later than now", "forged:1:2", "", None])
def test_whoever_was_too_quick_is_heard_at_the_second_try(client, note):
    response = client.post("/contact/sent/", told(opened=opened(-3600) if note == "of later than now" else note))
    html = response.content.decode()
    assert response.status_code == 422
    assert "That was very quick." in html
    assert not Inquiry.objects.exists()

    with mock.patch("django.core.signing.time.time", return_value=time() + 10):
        assert client.post("/contact/sent/", hidden(html)).status_code == 302


@pytest.mark.django_db
def test_the_sixth_message_of_an_hour_from_one_address_is_answered_with_the_phone_number(client):
    for number in range(5):
        assert client.post("/contact/sent/", told(phone=f"312 555 010{number}")).status_code == 302

    response = client.post("/contact/sent/", told(phone="312 555 0199"))

    html = response.content.decode()
    assert response.status_code == 429
    assert "You can also call" in html
    assert "312-555-0142" in html
    assert hidden(html)["phone"] == "312 555 0199"
    assert Inquiry.objects.count() == 5


@pytest.mark.django_db
def test_one_phone_number_is_taken_three_times_a_day_from_wherever(client):
    statuses = [
        client.post("/contact/sent/", told(phone="312 555 0177"), REMOTE_ADDR=f"203.0.113.{number}").status_code
        for number in range(4)
    ]

    assert statuses == [302, 302, 302, 429]


@pytest.mark.django_db
def test_who_is_known_gets_the_same_answer_as_who_is_not(django_assert_num_queries):
    make.patient(email="known@example.test", phone="+13125550177", first_name="Rosa", last_name="Marlow")
    answers, costs = [], []
    for email in ("known@example.test", "unknown@example.test"):
        cache.clear()
        client = Client()
        key = str(uuid4())
        message = told(reach_by="email", email=email, phone="", name="Rosa Marlow", form_key=key)
        with django_assert_num_queries(0):
            check = client.post("/contact/check/", message).content.decode()
        sent = client.post("/contact/sent/", message, follow=True).content.decode()
        answers.append(re.sub(r"Q-[0-9A-Z]{6}", "", sent))
        costs.append(re.sub(r"csrfmiddlewaretoken[^>]*|opened[^>]*|(un)?known@example|" + key, "", check))

    assert answers[0] == answers[1]
    assert costs[0] == costs[1]
    assert not Inquiry.objects.exclude(patient=None).exists()
