"""What single kinds of pages add: ratings with their evidence, sheets without wording, number keys by person."""

from __future__ import annotations

import pytest

from intake.bearing import BEARING
from intake.instruments import load
from intake.models import AnswerChange
from intake.sections import BY_SLUG, SECTION_OF
from tests import make
from tests.intake.conftest import entry

pytestmark = pytest.mark.django_db
DRUGS = "substance/2/"


def text_of(page) -> str:
    return " ".join(page.content.decode().replace("&#x27;", "'").split())


class TestRatings:
    def test_every_area_has_answers_that_exist(self):
        facts = {item.fact.key for code in SECTION_OF for item in load(code).items if item.fact}
        assert list(BEARING) == [item.code for item in load("ratings").items]
        for names in BEARING.values():
            assert [name for name in names if "." in name and name not in facts] == []
            assert [name for name in names if "." not in name and load(name).scoring is None] == []

    def test_show_what_bears_on_them_with_the_way_there(self, desk, answered):
        answered("phq9", **{f"phq9_{number}": 1 for number in range(1, 10)})
        answered("safety", safe_tonight=False)
        text = text_of(desk.client.get(f"{desk.base}ratings/1/"))
        assert text.count("Answers that bear on this") == 9
        assert f'<a href="{desk.base}mood/1/#slot_phq9_1">PHQ-9</a></th><td>9 of 27, mild</td>' in text
        assert f'<a href="{desk.base}safety/1/#slot_safe_tonight">Safe place tonight</a></th><td>No</td>' in text
        assert ">AUDIT</a>" not in text  # closed: nothing of it is missing

    def test_offer_unknown_with_what_it_means(self, desk):
        text = text_of(desk.client.get(f"{desk.base}ratings/1/"))
        assert text.count("No level can be worked out") == 7
        assert text.count("Counts as not known") == 2

    def test_cost_the_same_queries(self, desk, answered, django_assert_num_queries):
        for number in range(1, 10):
            answered("phq9", **{f"phq9_{number}": 1})
        with django_assert_num_queries(8):  # session, user, roles, record, its opening, intake, answers, alerts
            desk.client.get(f"{desk.base}ratings/1/")


class TestASheetWithoutWording:
    @pytest.fixture
    def bam(self, desk, answered):
        """The page of a second stage whose wording is the clinic's own."""
        answered("drug_single_item", drug_times=4)
        section = BY_SLUG["substance"]
        numbers = [step.number for step in sitting(desk).open_steps(section) if step.code == "bam"]
        return f"substance/{numbers[0]}/"

    def test_says_that_it_is_not_set_up_here(self, desk, bam):
        text = text_of(desk.client.get(desk.base + bam))
        assert "This questionnaire is not set up here. Enter a score from another source or skip." in text
        assert "not set up here" not in text_of(desk.client.get(f"{desk.base}mood/1/"))

    def test_is_skipped_in_one_press_and_keeps_what_was_answered(self, desk, bam):
        first, *others = load("bam").items
        page = desk.post(bam, skip="1", asked=[first.code], **{first.code: first.options[0].raw})

        assert page.status_code == 302
        answers = desk.response("bam").answers
        assert answers[first.code]["status"] == "answered"
        assert {answers[item.code]["status"] for item in others if item.code in answers} == {"not_asked"}
        text = text_of(desk.client.get(f"{desk.base}check/"))
        assert "Not asked" in text
        assert "Skip this questionnaire" not in text_of(desk.client.get(desk.base + bam))
        assert sitting(desk).count_of("bam").is_done

    def test_can_be_answered_after_all(self, desk, bam):
        first = load("bam").items[0]
        desk.post(bam, skip="1", asked=[])
        assert 'value="not_asked" checked' in text_of(desk.client.get(desk.base + bam))
        desk.autosave(bam, revision=1, **{first.code: first.options[0].raw})
        assert desk.response("bam").answers[first.code]["status"] == "answered"

    def test_of_the_suicide_screen_is_not_skipped(self, desk):
        text = text_of(desk.client.get(f"{desk.base}safety/2/"))
        assert "not set up here. Enter a score from another source. Its" in text
        assert "Skip this questionnaire" not in text
        desk.post("safety/2/", skip="1", asked=[])
        assert not desk.response("safety").answers


def sitting(desk):
    from intake.queries import sitting_of

    return sitting_of(desk.assessment.patient, desk.assessment.public_id)


class TestSecondStages:
    @pytest.fixture
    def rows(self, desk):
        def read():
            groups = desk.client.get(desk.base).context["groups"]
            return {row["title"]: row for _, _, group in groups for row in group if row.get("is_part")}

        return read

    def test_stand_below_their_section(self, desk):
        groups = desk.client.get(desk.base).context["groups"]
        titles = [row["title"] for row in groups[1][2]]
        place = titles.index("Trauma and stress")
        assert titles[place + 1 : place + 3] == [load("lec5").title, load("pcl5").title]

    def test_wait_for_their_screen(self, rows):
        row = rows()["AUDIT"]
        assert (row["status"], row["url"], row["hint"]) == ("Not yet", "", "AUDIT-C not answered")

    def test_are_not_needed_below_the_cut_off(self, rows, answered):
        answered("audit_c", audit_c_1=0)
        row = rows()["AUDIT"]
        assert (row["status"], row["url"], row["hint"]) == ("Not needed", "", "AUDIT-C below cut-off")

    def test_wait_while_one_of_two_screens_can_still_open_them(self, rows, answered):
        answered("audit_c", audit_c_1=0)
        row = rows()[load("bam").title]
        assert (row["status"], row["hint"]) == ("Not yet", f"{load('drug_single_item').title} not answered")

    def test_open_with_the_reason_and_lead_to_their_first_page(self, desk, rows, answered):
        answered("pcptsd5", pcptsd5_exposure=True, **{f"pcptsd5_{number}": True for number in range(1, 6)})
        row = rows()[load("pcl5").title]
        assert (row["status"], row["tone"], row["hint"]) == ("Ready to start", "action", "PC-PTSD-5 is positive")
        assert load("pcl5").title in text_of(desk.client.get(row["url"]))
        answered("pcl5", pcl5_1=2, pcl5_2=1)
        assert rows()[load("pcl5").title]["status"] == "In progress, 2 of 20"

    def test_open_by_an_answer_and_close_by_another(self, rows, answered):
        title = load("cows").title
        item = load("substance").item("opioid_daily_7d")
        assert rows()[title]["hint"].endswith(("not answered", "does not apply"))
        answered("substance", opioid_daily_7d=False, substances_used=["opioids"])
        assert rows()[title]["status"] in ("Not needed", "Not yet")
        assert item.label in rows()[title]["hint"]

    def test_do_not_change_the_count_of_sections(self, desk, answered):
        answered("audit_c", audit_c_1=4, audit_c_2=4, audit_c_3=4)
        assert desk.client.get(desk.base).context["total"] == 12


class TestNumberKeys:
    def test_are_turned_off_for_the_person_and_stay_off(self, desk, signed_in):
        page = desk.post("mood/1/", shortcuts="off", asked=[])
        assert page.url == f"{desk.base}mood/1/"
        elsewhere = signed_in(desk.user)
        assert 'data-shortcuts="off"' in elsewhere.get(f"{desk.base}mood/1/").content.decode()

    def test_are_on_for_everybody_else_and_can_be_turned_on_again(self, desk, sams_desk):
        desk.post("mood/1/", shortcuts="off", asked=[])
        assert 'data-shortcuts="on"' in sams_desk.client.get(f"{desk.base}mood/1/").content.decode()
        desk.post("mood/1/", shortcuts="on", asked=[])
        assert 'data-shortcuts="on"' in desk.client.get(f"{desk.base}mood/1/").content.decode()


def test_what_an_answer_adds_is_said_in_sight(desk):
    told = desk.autosave("trauma/1/", pcptsd5_exposure="yes").json()
    assert "5 questions added because of this answer." in told["fragments"]["#added"]
    told = desk.autosave("trauma/1/", revision=1, pcptsd5_1="yes").json()
    assert "added" not in told["fragments"]["#added"].replace('id="added"', "")


class TestCheckAnswers:
    @pytest.fixture
    def differing(self, desk, sam, answered):
        """Three answers: one by the person that is seen differently, one disputed, one that all agree on."""
        response = answered("phq9", phq9_1=1, phq9_2=2, phq9_3=0)
        response.answers["phq9_1"] |= {"respondent": "patient", "clinician": entry(3, by=sam)}
        response.answers["phq9_2"] |= {"disputed": entry(0, by=sam)}
        response.save()

    def rows(self, desk, show="all"):
        page = desk.client.get(f"{desk.base}check/?show={show}")
        return [row["code"] for _, rows in page.context["lists"] for row in rows]

    def test_lists_first_where_sources_differ(self, desk, differing):
        page = desk.client.get(f"{desk.base}check/")
        assert [row["code"] for row in page.context["differing"]] == ["phq9_1", "phq9_2"]
        text = text_of(page)
        assert text.index("Where sources differ") < text.index("Arrival and consent</h2>")
        assert "Answered by Rosa, Mar 11" in text
        assert "Seen differently by Sam Okoye, Mar 11: Nearly every day" in text
        assert "Answered differently by Sam Okoye, Mar 11: Not at all" in text
        assert len(set(ids := [part.split('"')[0] for part in text.split(' id="row_')[1:]])) == len(ids)

    def test_returns_to_the_row_it_came_from(self, desk, differing):
        text = desk.client.get(f"{desk.base}check/").content.decode()
        assert f"{desk.base}mood/1/?return=first_phq9_1#slot_phq9_1" in text
        page = desk.post("mood/1/", revision=1, phq9_3="1", **{"return": "first_phq9_1"}, asked=["phq9_3"])
        assert page.url == f"{desk.base}check/#row_first_phq9_1"

    def test_filters(self, desk, differing):
        desk.autosave("mood/2/", gad7_1="1")
        assert self.rows(desk, "differs") == ["phq9_1", "phq9_2"]
        assert self.rows(desk, "today") == ["gad7_1"]
        assert "phq9_2" in self.rows(desk, "open")
        assert "phq9_1" not in self.rows(desk, "open")
        assert self.rows(desk, "<script>") == self.rows(desk)

    def test_says_so_when_a_filter_finds_nothing(self, desk):
        assert "No sources differ" in text_of(desk.client.get(f"{desk.base}check/?show=differs"))

    @pytest.mark.parametrize("number", [1, 9])
    def test_costs_the_same_queries_whatever_the_answers(self, desk, sam, answered, django_assert_num_queries, number):
        response = answered("phq9", **{f"phq9_{one}": 1 for one in range(1, number + 1)})
        for one in response.answers.values():
            one |= {"respondent": "patient", "clinician": entry(3, by=make.clinician())}
        response.save()
        # session, user, roles, record, its opening, intake, answers, names, alerts
        with django_assert_num_queries(9):
            desk.client.get(f"{desk.base}check/")


def test_two_presses_start_one_intake(desk, patient):
    address = f"/staff/people/{patient.public_id}/intake/"
    first, second = desk.client.post(address), desk.client.post(address)
    assert first.url == second.url == desk.base
    assert patient.assessments.count() == 1
    assert not AnswerChange.objects.exists()
