"""The pages of safety: what is due first, who may read what, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import AccessEvent, Role
from intake import protocol
from intake.actions import safety
from intake.models import SafetyEvent
from tests import make

pytestmark = pytest.mark.django_db
SECRET = "wrote a letter to her sister"
PLAN = {
    "warning_signs": "Pacing at night",
    "own_coping": "A walk",
    "professionals": "Dr. Lee 312-555-0177",
    "safer_surroundings": "Pills with Luis",
}


@pytest.fixture
def supervisor(mill):
    made = make.user(Role.SUPERVISOR, at=mill, name="Lee Aronson")
    made.set_password(make.PASSWORD)
    made.save()
    return made


@pytest.fixture
def alert(patient, dana):
    """A function: an alert of this person, opened some minutes ago, due some minutes from now."""

    def make_one(level="S2", *, state="assessment_due", ago=6, due=12, of=None, **over) -> SafetyEvent:
        now = timezone.now()
        values = {
            "patient": of or patient,
            "kind": "others" if level == "SV" else "self",
            "level": level,
            "state": state,
            "triggers": ["cssrs_q3"],
            "owner": dana,
            "opened_at": now - timedelta(minutes=ago),
            "due_at": now + timedelta(minutes=due, seconds=30),
        }
        event = SafetyEvent.objects.create(**{**values, **over})
        return safety.note(event, "opened", "", by=dana, at=event.opened_at)

    return make_one


@pytest.fixture
def room(signed_in, dana):
    return signed_in(dana)


def address(event: SafetyEvent) -> str:
    return f"/staff/people/{event.patient.public_id}/safety/{event.public_id}/"


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def post(client, event: SafetyEvent, deed: str, *, seen: str = "", **fields):
    data = {f"{deed}-{name}": value for name, value in fields.items()}
    seen = seen or protocol.version(event.state, event.level, event.working_level)
    return client.post(address(event), {"deed": deed, "seen": seen, **data})


class TestTheList:
    def test_says_how_urgent_why_whose_since_when_and_what_is_due(self, room, alert):
        alert("S3")

        said = words(room.get("/staff/safety/"))

        assert "S3, high" in said
        assert "opened 6 minutes ago" in said
        assert "due in 12 minutes" in said
        assert "Dana Kessler" in said
        assert "Thoughts" in said or "thoughts" in said

    def test_puts_what_is_overdue_first_and_says_since_when(self, room, alert, dana, mill):
        alert("S2", due=600)
        late = make.patient(team=dana, location=mill, first_name="Zoe")
        alert("S3", of=late, due=-5)

        said = words(room.get("/staff/safety/"))

        assert re.search(r"overdue since (\w+, \w+ \d+, )?\d+:\d\d [ap]m", said)
        assert said.index("Zoe") < said.index("Rosa")

    def test_escalates_by_the_stored_time_alone(self, signed_in, supervisor, alert):
        event = alert("S3", due=1)
        page = signed_in(supervisor)
        assert "Overdue 0" in words(page.get("/staff/safety/?show=overdue"))

        SafetyEvent.objects.filter(pk=event.pk).update(due_at=timezone.now() - timedelta(seconds=1))

        assert "Overdue 1" in words(page.get("/staff/safety/?show=overdue"))

    def test_is_of_ones_own_people(self, signed_in, alert, mill):
        alert("S3")
        stranger = make.clinician(at=make.location())
        other = make.user(Role.SUPERVISOR, at=make.location())

        for user in (stranger, other):
            assert "No alert is open" in words(signed_in(user).get("/staff/safety/"))

    @pytest.mark.parametrize("chosen", ["open", "overdue", "mine", "high", "closed", "<script>", ""])
    def test_answers_every_filter(self, room, alert, chosen):
        alert("S2")
        assert room.get("/staff/safety/", {"show": chosen, "rows": "9x"}).status_code == 200

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same_queries(self, room, alert, dana, mill, django_assert_num_queries, number):
        for _ in range(number):
            alert("S2", of=make.patient(team=dana, location=mill))
        with django_assert_num_queries(5):  # session, user, roles, counts, rows
            room.get("/staff/safety/")


class TestTheAlert:
    def test_shows_where_it_stands_what_to_do_and_its_story(self, room, alert, dana):
        event = alert("S3")
        safety.add(event=event, kind="with", words="Sam sits with her.", by=dana, at=timezone.now())

        said = words(room.get(address(event)))

        assert "Screened , done Positive screen , done Assessment due" in said
        assert "Do this at once, with contact within 15 minutes" in said
        assert "Do not leave the person alone." in said
        assert "Sam sits with her." in said
        assert AccessEvent.objects.filter(action="safety.event", patient=event.patient.public_id).exists()

    @pytest.mark.parametrize("level", ["S1", "S2", "SU", "S3", "S4", "SV"])
    def test_asks_for_everything_that_has_to_be_on_record(self, room, alert, level):
        event = alert(level)
        page = room.get(address(event)).content.decode()
        for record in protocol.RECORDS[level]:
            assert f'name="assessed-{record.code}"' in page

        answer = post(room, event, "assessed")

        assert answer.status_code == 422
        assert words(answer).count("Write this down") >= len(protocol.RECORDS[level])

    def test_goes_from_positive_to_closed_with_every_word_kept(self, room, alert, dana):
        event = alert("S2")
        records = {record.code: f"About {record.code}" for record in protocol.RECORDS["S2"]}
        assert post(room, event, "assessed", **records).status_code == 302
        event.refresh_from_db()
        assert post(room, event, "plan_in_place", note="Made together").status_code == 422
        safety.write_plan(patient=event.patient, elements=PLAN, seen=0, by=dana, at=timezone.now())
        for deed in ("plan_in_place", "monitoring", "closed"):
            event.refresh_from_db()
            assert post(room, event, deed, note=f"Because of {deed}").status_code == 302

        said = words(room.get(address(event)))
        for kept in ("About formulation", "About consultation", "Because of monitoring", "Because of closed"):
            assert kept in said

    def test_is_closed_at_a_high_level_by_a_second_person_with_their_password(
        self, room, signed_in, alert, supervisor, dana
    ):
        event = alert("S3", state="monitoring", assessed_by=dana, assessed_at=timezone.now())
        assert "Somebody else closes it" in words(room.get(address(event)))
        assert post(room, event, "closed", note="Done", password=make.PASSWORD).status_code == 403

        second = signed_in(supervisor)
        wrong = post(second, event, "closed", note="Two lower results", password="nope")
        assert wrong.status_code == 422
        assert "That is not your password" in words(wrong)
        assert "Two lower results" in wrong.content.decode()
        assert post(second, event, "closed", note="Two lower results", password=make.PASSWORD).status_code == 302
        event.refresh_from_db()
        assert (event.state, event.closed_by) == ("closed", supervisor)

    def test_lets_nobody_try_passwords_without_end(self, signed_in, alert, supervisor, dana):
        event = alert("S3", state="monitoring", assessed_by=dana, assessed_at=timezone.now())
        second = signed_in(supervisor)
        for _ in range(5):
            post(second, event, "closed", note="Done", password="nope")

        assert post(second, event, "closed", note="Done", password=make.PASSWORD).status_code == 429

    def test_of_a_colleague_who_was_faster_tells_who_and_keeps_what_was_typed(self, room, alert, sam):
        event = alert("S2")
        before = protocol.version(event.state, event.level, event.working_level)
        SafetyEvent.objects.filter(pk=event.pk).update(state="assessed", assessed_by=sam, assessed_at=timezone.now())
        event.refresh_from_db()
        safety.note(event, "assessed", "Done", by=sam, at=timezone.now())

        answer = post(room, event, "assessed", seen=before, formulation=SECRET)

        assert answer.status_code == 409
        assert "Sam Okoye changed this at" in words(answer)
        assert SECRET in words(answer)

    @pytest.mark.parametrize("deed", ["", "closed", "nonsense"])
    def test_refuses_a_step_that_is_not_offered(self, room, alert, deed):
        event = alert("S2")
        assert post(room, event, deed, note="x").status_code == 404
        event.refresh_from_db()
        assert event.state == "assessment_due"

    def test_is_worked_at_a_lower_level_for_a_reason(self, room, alert, sam):
        event = alert("S3", state="assessed", assessed_by=sam, assessed_at=timezone.now())
        assert post(room, event, "level", level="S2").status_code == 422
        assert post(room, event, "level", level="S2", words="The act was weeks ago").status_code == 302

        said = words(room.get(address(event)))
        assert "S2, moderate" in said
        assert "highest level S3, high" in said

    def test_changes_hands_among_those_who_may_see_it(self, room, alert, sam):
        event = alert("S2")
        stranger = make.clinician(at=make.location())
        assert post(room, event, "owner", owner=stranger.public_id, words="x").status_code == 422
        assert post(room, event, "owner", owner=sam.public_id, words="End of my day").status_code == 302
        event.refresh_from_db()
        assert event.owner == sam

    def test_takes_a_call_attempt_and_a_correction_after_the_end(self, room, alert, dana):
        event = alert("S2", state="closed", closed_by=dana, closed_at=timezone.now(), due_at=None)
        assert post(room, event, "add", kind="missed", words="No answer at 4").status_code == 302
        assert "No answer at 4" in words(room.get(address(event)))

    def test_keeps_text_as_text(self, room, alert):
        event = alert("S2")
        post(room, event, "add", kind="note", words="<script>alert(1)</script>")
        assert "<script>alert(1)" not in room.get(address(event)).content.decode()

    @pytest.mark.parametrize("size", [1500, 1501])
    def test_says_when_a_text_is_too_long(self, room, alert, size):
        answer = post(room, alert("S2"), "add", kind="note", words="x" * size)
        assert answer.status_code == (302 if size == 1500 else 422)

    @pytest.mark.parametrize("steps", [1, 3])
    def test_costs_the_same_queries(self, room, alert, dana, django_assert_num_queries, steps):
        event = alert("S3")
        for _ in range(steps):
            safety.add(event=event, kind="note", words="More", by=dana, at=timezone.now())
        with django_assert_num_queries(10):
            room.get(address(event))


class TestWhoMaySee:
    def test_a_stranger_finds_nothing(self, signed_in, alert):
        event = alert("S3")
        base = f"/staff/people/{event.patient.public_id}/safety/"
        stranger = signed_in(make.clinician(at=make.location()))
        for path in (address(event), base, f"{base}plan/", f"{base}plan/1/"):
            assert stranger.get(path).status_code == 404
            assert stranger.post(path).status_code in {404, 405}

    def test_an_alert_of_somebody_else_is_not_found_under_this_person(self, room, alert, dana, mill):
        other = make.patient(team=dana, location=mill)
        event = alert("S3")
        assert room.get(f"/staff/people/{other.public_id}/safety/{event.public_id}/").status_code == 404
        assert room.get(f"/staff/people/{other.public_id}/safety/{uuid4()}/").status_code == 404

    def test_a_coordinator_learns_the_level_and_whom_to_call_and_nothing_else(
        self, signed_in, alert, coordinator, dana
    ):
        event = alert("S3")
        safety.add(event=event, kind="note", words=SECRET, by=dana, at=timezone.now())
        desk = signed_in(coordinator)

        page = desk.get(f"/staff/people/{event.patient.public_id}/").content.decode()

        assert "Safety: S3, high. Call the supervisor" in page
        for hidden in (SECRET, "cssrs", "houghts of suicide", str(event.public_id), "/safety/"):
            assert hidden not in page
        assert desk.get("/staff/safety/").status_code == 404
        assert desk.get(address(event)).status_code == 404

    @pytest.mark.parametrize(
        ("level", "working", "shown"), [("S1", "", False), ("S3", "S1", False), ("S3", "S2", True)]
    )
    def test_the_header_names_what_is_moderate_or_worse_now(self, room, alert, level, working, shown):
        event = alert(level, working_level=working)
        page = words(room.get(f"/staff/people/{event.patient.public_id}/"))
        assert ("Safety: S" in page) is shown

    def test_the_header_of_an_intake_names_it_too(self, desk, alert):
        alert("S2")
        assert "Safety: S2, moderate" in words(desk.client.get(desk.base))


class TestByHand:
    def test_the_form_opens_an_alert(self, room, patient):
        url = f"/staff/people/{patient.public_id}/safety/"
        assert room.post(url, {"reason": "nonsense", "words": "x"}).status_code == 422
        answer = room.post(url, {"reason": "session_dropped", "words": "The video stopped."})

        event = patient.safety_events.get()
        assert (answer.status_code, answer["Location"]) == (302, address(event))
        assert (event.level, event.triggers) == ("SU", ["session_dropped"])
        assert "A remote session dropped" in words(room.get(address(event)))


class TestThePlan:
    def url(self, patient) -> str:
        return f"/staff/people/{patient.public_id}/safety/plan/"

    def test_begins_with_the_lines_to_call(self, room, patient):
        page = room.get(self.url(patient)).content.decode()
        assert "Oak Street Clinic: 312-555-0142" in page
        assert "988" in page

    def test_is_kept_in_versions_that_show_what_changed(self, room, patient):
        assert room.post(self.url(patient), {**PLAN, "seen": 0}).status_code == 302
        changed = {**PLAN, "own_coping": "A walk by the lake", "seen": 1}
        assert room.post(self.url(patient), changed)["Location"] == f"{self.url(patient)}2/"

        said = words(room.get(f"{self.url(patient)}2/"))
        assert "A walk by the lake" in said
        assert "Before: A walk" in said
        assert said.count("Before:") == 1
        assert "A newer version is in use" in words(room.get(f"{self.url(patient)}1/"))

    def test_of_a_faster_colleague_is_not_written_over(self, room, patient, sam):
        safety.write_plan(patient=patient, elements=PLAN, seen=0, by=sam, at=timezone.now())
        answer = room.post(self.url(patient), {**PLAN, "warning_signs": SECRET, "seen": 0})

        assert answer.status_code == 409
        assert "Sam Okoye wrote version 1" in words(answer)
        assert SECRET in answer.content.decode()
        assert 'name="seen" value="1"' in answer.content.decode()

    def test_needs_its_core_parts(self, room, patient):
        answer = room.post(self.url(patient), {"seen": 0})
        assert answer.status_code == 422
        assert words(answer).count("Write this down") >= 4

    @pytest.mark.parametrize("version", ["0", "9", "99999999999999999999"])
    def test_that_does_not_exist_is_not_found(self, room, patient, version):
        assert room.get(f"{self.url(patient)}{version}/").status_code == 404


class TestThePersonsOwnCopy:
    url = "/my/care/safety-plan/"

    @pytest.fixture
    def portal(self, signed_in, patient):
        patient.user = make.user(Role.PATIENT)
        patient.save(update_fields=["user"])
        return signed_in(patient.user)

    def test_has_the_newest_version_with_numbers_to_dial(self, portal, patient, dana):
        for number, coping in enumerate(("A walk", "Tea")):
            elements = {**PLAN, "own_coping": coping}
            safety.write_plan(patient=patient, elements=elements, seen=number, by=dana, at=timezone.now())

        page = portal.get(self.url).content.decode()

        assert "Tea" in page
        assert "A walk" not in page
        for link in ("tel:+13125550177", "tel:988", "sms:988", "tel:911", "tel:+13125550142"):
            assert f'href="{link}"' in page
        assert "988 to talk with somebody" in page

    def test_without_a_plan_shows_whom_to_call(self, portal):
        page = portal.get(self.url)
        assert "no safety plan here yet" in words(page)
        assert 'href="tel:988"' in page.content.decode()

    def test_is_linked_from_the_schedule_once_there_is_one(self, portal, patient, dana):
        assert self.url not in portal.get("/my/").content.decode()
        safety.write_plan(patient=patient, elements=PLAN, seen=0, by=dana, at=timezone.now())
        assert f'href="{self.url}"' in portal.get("/my/").content.decode()

    def test_is_nobody_elses(self, signed_in, patient, dana):
        safety.write_plan(patient=patient, elements=PLAN, seen=0, by=dana, at=timezone.now())
        other = make.patient(user=make.user(Role.PATIENT))
        assert "Pacing" not in signed_in(other.user).get(self.url).content.decode()
        for role in (Role.FAMILY, Role.COORDINATOR, Role.CLINICIAN):
            assert signed_in(make.user(role)).get(self.url).status_code == 404


class TestToday:
    def test_counts_a_clinicians_follow_ups_and_leads_to_them(self, room, alert):
        alert("S2")
        page = room.get("/staff/").content.decode()
        assert re.search(r'href="/staff/safety/\?show=open"><b>1</b>safety follow-up<i class="is-plum">', page)

    def test_counts_what_is_overdue_for_a_supervisor_and_lists_what_is_open(self, signed_in, supervisor, alert):
        alert("S3", due=-5)
        page = signed_in(supervisor).get("/staff/").content.decode()
        assert re.search(r'href="/staff/safety/\?show=overdue"><b>1</b>overdue safety steps<i class="is-plum">', page)
        assert "Safety, what is due first" in page

    def test_tells_a_coordinator_nothing(self, signed_in, coordinator, alert):
        alert("S3", due=-5)
        assert "safety" not in signed_in(coordinator).get("/staff/").content.decode().lower()
