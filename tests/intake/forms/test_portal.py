"""The pages of forms on the person's own device, and who gets none of any."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from accounts.models import Role
from intake.actions import forms as actions
from intake.models import AnswerChange, Assignment, QuestionnaireResponse, SafetyEvent
from tests import make
from tests.intake.forms.pages import ALL, NIGHT, OPEN, staff_url, stored, url, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
STAFF_PAGES = ("forms", "form", "review_form", "withdraw_form")


class TestTheList:
    def test_says_what_to_do_how_long_it_takes_and_by_when(self, portal, given):
        given("phq9", due_on=date(2026, 3, 12))
        given("gad7")
        said = words(portal.get("/my/forms/"))

        assert "How you have been feeling About 2 minutes, by Thursday, March 12" in said
        assert "Worry and tension About 2 minutes" in said
        assert "PHQ" not in said

    def test_what_is_overdue_is_still_useful_and_never_marked(self, portal, given):
        given("phq9", due_on=date(2026, 3, 9))
        page = portal.get("/my/forms/")

        assert "About 2 minutes, still useful" in words(page)
        assert not re.search("overdue|late|brick", page.content.decode())

    def test_is_calm_when_there_is_nothing(self, portal):
        assert "Nothing to fill in today." in words(portal.get("/my/forms/"))

    def test_lists_what_is_done_without_a_score(self, portal, sent):
        said = words(portal.get("/my/forms/"))

        assert "Nothing to fill in today. Done How you have been feeling Sent Wednesday, March 11" in said
        assert "of 27" not in said

    def test_home_names_one_form_at_most(self, portal, given):
        assert "A form waits" not in words(portal.get("/my/"))
        given("gad7")
        given("phq9", due_on=date(2026, 3, 12))
        html = portal.get("/my/").content.decode()

        assert html.count("A form waits for you") == 1
        assert "Forms" in words(portal.get("/my/"))

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same_queries(self, portal, given, number, django_assert_num_queries):
        for code in ["phq9", "gad7", "audit_c"][:number]:
            given(code)
        with django_assert_num_queries(7):
            portal.get("/my/forms/")


class TestTheFirstScreen:
    def test_says_why_how_long_who_reads_it_and_what_a_worrying_answer_does(self, portal, given):
        said = words(portal.get(url(given("phq9", due_on=date(2026, 3, 12)))))

        for each in (
            "Why",
            "About 2 minutes, by Thursday, March 12",
            "Only your care team",
            "You can skip any question",
        ):
            assert each in said
        assert "thoughts of death or self-harm" in said
        assert "told right away" in said
        assert "cannot clear the history" in said
        assert "I'm filling this in for someone" in said

    def test_begin_leads_to_the_first_question_and_to_where_one_stopped(self, portal, begun, given):
        assert portal.post(url(given("gad7"))).url.endswith("/1/")
        form = begun("phq9", phq9_1=1, phq9_2=2)
        assert "Go on where you stopped" in words(portal.get(url(form)))
        assert portal.post(url(form)).url == url(form, 3)

    def test_who_helps_is_on_record(self, portal, given):
        form = given()
        portal.post(url(form), {"for_someone": "on"})
        portal.post(url(form, 1), {"asked": "phq9_1", "phq9_1": "1"})

        answers = QuestionnaireResponse.objects.get(assignment=form).answers
        assert answers["phq9_1"]["respondent"] == "collateral"

    def test_a_question_before_the_beginning_leads_to_it(self, portal, given):
        form = given()
        assert portal.get(url(form, 2)).url == url(form)
        assert portal.get(url(form, "check")).url == url(form)


class TestOneQuestion:
    def test_shows_stem_item_and_answers_word_for_word(self, portal, begun):
        page = portal.get(url(begun(), 4))
        said = words(page)

        assert "4 of 9" in said
        assert "Over the last 2 weeks, how often have you been bothered by any of the following problems?" in said
        assert re.search(r"<h1[^>]*>Feeling tired or having little energy</h1>", page.content.decode())
        assert "Not at all Several days More than half the days Nearly every day Continue I'd rather not say" in said
        assert "Read each line aloud" not in said

    def test_continue_keeps_the_answer_and_goes_on(self, portal, begun):
        form = begun()
        answer = portal.post(url(form, 1), {"asked": "phq9_1", "phq9_1": "2"})

        assert answer.url == url(form, 2)
        assert stored(form) == {"phq9_1": 2}

    def test_id_rather_not_say_is_kept_apart_from_no_answer(self, portal, begun):
        form = begun()
        assert portal.post(url(form, 1), {"asked": "phq9_1", "skip": "1"}).url == url(form, 2)
        assert stored(form) == {"phq9_1": "declined"}
        assert "You chose not to say" in words(portal.get(url(form, 1)))

        assert portal.post(url(form, 1), {"asked": "phq9_1"}).url == url(form, 2)
        assert stored(form) == {"phq9_1": "declined"}

    def test_continue_without_an_answer_says_what_to_do(self, portal, begun):
        form = begun()
        page = portal.post(url(form, 1), {"asked": "phq9_1"})

        assert page.status_code == 422
        assert "There is a problem Choose an answer, or press “I'd rather not say”." in words(page)
        assert "<title>Error:" in page.content.decode()
        assert stored(form) == {}

    def test_the_last_question_may_be_passed_by(self, portal, begun):
        form = begun(**ALL)
        assert portal.post(url(form, 10), {"asked": "phq9_difficulty"}).url == url(form, "check")

    @pytest.mark.parametrize("value", ["7", "-1", "two", "1; DROP", "1\x00"])
    def test_an_answer_that_the_form_does_not_have_is_not_stored(self, portal, begun, value):
        form = begun()
        page = portal.post(url(form, 1), {"asked": "phq9_1", "phq9_1": value})

        assert page.status_code == 422
        assert "is not one of the answers" in words(page)
        assert stored(form) == {}

    @pytest.mark.parametrize(("value", "status"), [("366", 302), ("0", 302), ("367", 422), ("-1", 422), ("many", 422)])
    def test_a_number_is_held_to_its_limits_and_kept_for_mending(self, portal, begun, value, status):
        form = begun("drug_single_item")
        page = portal.post(url(form, 1), {"asked": "drug_times", "drug_times": value})

        assert page.status_code == status
        if status == 422:
            assert f'value="{value}"' in page.content.decode()

    def test_a_foreign_item_is_not_stored(self, portal, begun):
        form = begun()
        portal.post(url(form, 1), {"asked": ["phq9_9", "cssrs_q1"], "phq9_9": "3", "phq9_1": "1"})

        assert stored(form).keys() <= {"phq9_1"}

    def test_skip_logic_holds_on_the_server(self, portal, begun):
        form = begun("pcptsd5", pcptsd5_exposure=False)

        assert portal.get(url(form, 3)).url == url(form, "check")
        assert portal.post(url(form, 3), {"asked": "pcptsd5_2", "pcptsd5_2": "yes"}).url == url(form, "check")
        assert stored(form) == {"pcptsd5_exposure": False}

    def test_questions_that_an_answer_adds_are_announced(self, portal, begun):
        form = begun("pcptsd5", pcptsd5_exposure=False)
        page = portal.post(url(form, 1), {"asked": "pcptsd5_exposure", "pcptsd5_exposure": "yes"}, follow=True)

        assert "5 questions were added because of this answer." in words(page)

    def test_a_change_from_the_check_page_returns_to_it(self, portal, begun):
        form = begun(**ALL)
        assert 'name="return"' in portal.get(url(form, 2) + "?return=check").content.decode()

        after = portal.post(url(form, 2), {"asked": "phq9_2", "phq9_2": "3", "return": "check"})

        assert after.url == url(form, "check")

    def test_a_page_that_does_not_exist_is_not_there(self, portal, begun):
        form = begun()
        assert portal.get(url(form, 0)).status_code == 404
        assert portal.get(url(form, 11)).status_code == 404

    @pytest.mark.parametrize("answers", [{}, ALL])
    def test_costs_the_same_queries(self, portal, begun, answers, django_assert_num_queries):
        form = begun(**answers)
        with django_assert_num_queries(7):
            portal.get(url(form, 1))


class TestSavingAsOneGoes:
    def save(self, portal, form, page=1, revision=0, sequence=1, **answers):
        headers = {"X-Autosave": "1", "X-Sequence": str(sequence)}
        data = {"revision": revision, "changed": list(answers), **answers}
        return portal.post(url(form, page), data, headers=headers)

    def test_keeps_an_answer_as_it_is_chosen(self, portal, begun):
        form = begun()
        told = self.save(portal, form, phq9_1="2").json()

        assert (told["revision"], told["saved_at"]) == (1, "12:00 pm")
        assert stored(form) == {"phq9_1": 2}

    def test_what_was_sent_earlier_and_arrives_later_is_ignored(self, portal, begun):
        form = begun()
        self.save(portal, form, sequence=20, phq9_1="3")
        self.save(portal, form, sequence=10, phq9_1="1")

        assert stored(form) == {"phq9_1": 3}

    def test_says_what_is_wrong_with_an_answer(self, portal, begun):
        form = begun("drug_single_item")
        told = self.save(portal, form, drug_times="900")

        assert told.status_code == 422
        assert "outside that range" in told.json()["errors"]["drug_times"]

    def test_after_sending_nothing_changes_and_it_is_kept_apart(self, portal, sent):
        told = self.save(portal, sent, revision=9, phq9_1="3")

        assert told.status_code == 409
        assert "closed" in told.json()["conflicts"][0]["text"]
        assert stored(sent)["phq9_1"] == 1
        assert AnswerChange.objects.filter(item="phq9_1", accepted=False, answer__value=3).exists()

    def test_signed_out_it_is_told_so(self, client, begun):
        assert self.save(client, begun(), phq9_1="2").status_code == 401

    def test_costs_at_most_five_queries(self, portal, begun, django_assert_max_num_queries):
        form = begun()
        with django_assert_max_num_queries(7):  # two of them open and close the transaction
            self.save(portal, form, phq9_1="2")


class TestSafety:
    def test_a_worrying_answer_leads_to_a_page_with_help_and_what_the_clinic_does(self, portal, begun, rosa, clock):
        form = begun()
        after = portal.post(url(form, 9), {"asked": "phq9_9", "phq9_9": "1"})
        assert after.url == f"{url(form, 'support')}?next=10"
        assert SafetyEvent.objects.get(patient=rosa).level == "S1"

        said = words(portal.get(after.url))
        assert "Thank you for telling us. You don't have to handle this alone." in said
        for way in ("Call 988", "Text 988", "Chat on the web", "Call 911", "312-555-0142"):
            assert way in said
        assert "Somebody contacts you today." in said
        assert f'href="{url(form, 10)}"' in portal.get(after.url).content.decode()
        assert "Go on with the form Stop for now" in said

    def test_not_at_all_goes_straight_on(self, portal, begun):
        form = begun()
        assert portal.post(url(form, 9), {"asked": "phq9_9", "phq9_9": "0"}).url == url(form, 10)

    def test_who_would_rather_not_say_is_told_by_when_somebody_calls(self, portal, begun):
        form = begun()
        after = portal.post(url(form, 9), {"asked": "phq9_9", "skip": "1"})
        said = words(portal.get(after.url))

        assert "You don't have to answer that." in said
        assert "Somebody contacts you by 12:30 pm CT today." in said

    def test_out_of_hours_help_comes_before_the_question_and_no_promise_is_made(self, portal, begun, clock, settings):
        form = begun()
        assert "The clinic is closed now" not in words(portal.get(url(form, 9)))
        clock.now = NIGHT
        said = words(portal.get(url(form, 9)))

        assert said.index("The clinic is closed now") < said.index("Thoughts that you would be better off dead")
        assert settings.CLINIC.hours in said
        assert settings.CLINIC.crisis_text in said
        assert "The clinic is closed now" not in words(portal.get(url(form, 8)))
        assert "Nobody is at the clinic right now." in words(portal.get(url(form)))

        after = portal.post(url(form, 9), {"asked": "phq9_9", "phq9_9": "2"})
        said = words(portal.get(after.url))
        assert "The clinic is closed now." in said
        assert "contacts you" not in said

    def test_help_stands_on_the_pages_after_it_too(self, portal, begun):
        form = begun(**{**ALL, "phq9_9": 2})
        assert "You don't have to handle this alone" in words(portal.get(url(form, "check")))
        portal.post(url(form, "check"))
        assert "You don't have to handle this alone" in words(portal.get(url(form, "done")))


class TestSending:
    def test_the_check_page_lists_what_was_and_what_was_not_answered(self, portal, begun):
        form = begun(phq9_1=2, phq9_9=0)
        said = words(portal.get(url(form, "check")))

        assert "Interest or pleasure More than half the days Change" in said
        assert "Low mood Not answered Answer" in said
        assert "8 questions are not answered. You can leave them so." in said

    def test_sends_once_and_says_what_happens_next_without_a_score(self, portal, begun):
        form = begun(**ALL)
        first = portal.post(url(form, "check"), headers={"User-Agent": "Mozilla/5.0 (iPhone) Mobile/15E148"})
        second = portal.post(url(form, "check"))

        assert first.url == second.url == url(form, "done")
        said = words(portal.get(url(form, "done")))
        assert "Thank you. Your answers are sent." in said
        assert "What happens next" in said
        assert "27" not in said
        assert Assignment.objects.get().device == "phone"

    def test_an_open_question_about_safety_is_asked_for(self, portal, begun):
        page = portal.post(url(begun(phq9_1=2), "check"))

        assert page.status_code == 409
        assert "One question needs an answer" in words(page)

    def test_afterwards_every_address_leads_to_the_end(self, portal, sent):
        assert portal.get(url(sent)).url == url(sent, "done")
        assert portal.get(url(sent, 3)).url == url(sent, "done")
        assert portal.get(url(sent, "check")).url == url(sent, "done")
        assert portal.post(url(sent)).status_code == 409

    def test_an_answer_from_a_page_that_was_still_open_is_answered_kindly(self, portal, sent):
        page = portal.post(url(sent, 2), {"asked": "phq9_2", "phq9_2": "3"})

        assert page.status_code == 409
        assert "This form was sent already It was sent Wednesday, March 11 at 12:00 pm CT" in words(page)
        assert stored(sent)["phq9_2"] == 1

    def test_a_form_that_was_taken_back_is_not_needed_any_more(self, portal, begun, dana):
        form = begun(phq9_1=1)
        actions.withdraw(assignment=form, by=dana, at=OPEN)

        assert "This form is not needed any more" in words(portal.get(url(form)))
        assert portal.post(url(form, 2), {"asked": "phq9_2", "phq9_2": "3"}).status_code == 409
        assert "Nothing to fill in today." in words(portal.get("/my/forms/"))

    @pytest.mark.parametrize(
        ("agent", "device"),
        [
            ("Mozilla/5.0 (Linux; Android 15; Pixel) Mobile Safari", "phone"),
            ("Mozilla/5.0 (iPad; CPU OS)", "tablet"),
            ("Mozilla/5.0 (X11; Linux)", "computer"),
            ("", "computer"),
        ],
    )
    def test_only_the_kind_of_device_is_kept(self, portal, begun, agent, device):
        portal.post(url(begun(**ALL), "check"), headers={"User-Agent": agent})
        assert Assignment.objects.get().device == device


class TestNeutral:
    def test_titles_and_addresses_say_nothing_of_the_person_or_the_form(self, portal, begun):
        form = begun(**{**ALL, "phq9_9": 1})
        for more in ((), (1,), (9,), ("check",), ("support",)):
            html = portal.get(url(form, *more)).content.decode()
            title = re.search("<title>(.*?)</title>", html).group(1)
            assert title == "Your form - Oak Street Clinic"
        assert re.fullmatch(r"/my/forms/[0-9a-f-]{36}/9/", url(form, 9))

    def test_hiding_signs_out_and_opens_a_neutral_site_without_a_script(self, portal, begun, settings):
        form = begun()
        page = portal.post("/my/forms/hide/")

        assert page.headers["Refresh"] == f"0; url={settings.NEUTRAL_SITE}"
        assert portal.get(url(form)).url.startswith("/sign-in/")
        assert portal.get("/my/forms/hide/").status_code == 405


class TestWhoGetsNothing:
    def test_another_person_gets_404_everywhere(self, signed_in, begun, rosa):
        form = begun(**ALL)
        stranger = make.user(Role.PATIENT)
        make.patient(user=stranger)
        other = signed_in(stranger)
        for more in ((), (1,), ("check",), ("done",), ("support",)):
            assert other.get(url(form, *more)).status_code == 404
        for more in ((), (1,), ("check",)):
            assert other.post(url(form, *more), {"asked": "phq9_1", "phq9_1": "3"}).status_code == 404
        headers = {"X-Autosave": "1"}
        assert other.post(url(form, 1), {"changed": "phq9_1", "phq9_1": "3"}, headers=headers).status_code == 404
        assert stored(form)["phq9_1"] == 1

    @pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.SUPERVISOR, Role.FAMILY, Role.ADMIN])
    def test_the_persons_pages_are_for_the_person(self, signed_in, begun, role, mill):
        form = begun()
        other = signed_in(make.user(role, at=mill))
        assert other.get("/my/forms/").status_code == 404
        assert other.get(url(form, 1)).status_code == 404

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.FAMILY, Role.ADMIN, Role.PATIENT])
    def test_the_clinicians_pages_are_not_for_these(self, signed_in, sent, consented, role, mill):
        other = signed_in(make.user(role, at=mill))
        for name in STAFF_PAGES:
            assert other.get(staff_url(name, sent)).status_code == 404

    def test_a_clinician_of_another_team_gets_404(self, signed_in, sent, consented, mill):
        other = signed_in(make.clinician(at=mill))
        for name in STAFF_PAGES:
            assert other.get(staff_url(name, sent)).status_code in (404, 405)
            assert other.post(staff_url(name, sent)).status_code in (404, 405)
        assert Assignment.objects.get().reviewed_at is None

    def test_a_supervisor_reads_but_gives_nothing(self, signed_in, sent, consented, mill):
        other = signed_in(make.user(Role.SUPERVISOR, at=mill))
        assert "8 of 27" in words(other.get(staff_url("form", sent)))
        assert other.post(staff_url("forms", sent), {"codes": ["gad7"]}).status_code == 404
        assert other.post(staff_url("review_form", sent)).status_code == 404


def test_the_days_of_a_form_are_days_where_the_person_is(portal, given, clock):
    clock.now = NIGHT + timedelta(hours=1)  # half past eleven at night, the next day in UTC
    given("phq9", due_on=date(2026, 3, 11))

    assert "by the end of today, Wednesday, March 11" in words(portal.get("/my/forms/"))
