"""How an alert moves on: every move of the table and every other one, who may, and what happens when two do at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import Role
from accounts.policies import Actor
from intake import protocol
from intake.actions import safety
from intake.models import SafetyEvent, SafetyPlan, SafetyStep
from intake.permissions import refusal_to_move, refusal_to_set_level
from tests import make

pytestmark = pytest.mark.django_db
State = SafetyEvent.State
LEVELS = ("S1", "S2", "SU", "S3", "S4", "SV")
LATER = make.NOON + timedelta(minutes=10)
PLAN = {
    "warning_signs": "Pacing at night",
    "own_coping": "A walk",
    "professionals": "988",
    "safer_surroundings": "Pills with Luis",
}
# Written out beside the table of the code, so that a hole in either shows.
WAYS = {
    "S1": {
        "positive": {"assessed", "assessment_due"},
        "assessment_due": {"assessed"},
        "assessed": {"closed", "plan_in_place", "monitoring"},
        "plan_in_place": {"closed", "monitoring"},
        "monitoring": {"closed"},
        "closed": set(),
    },
    "S2": {
        "positive": {"assessed", "assessment_due"},
        "assessment_due": {"assessed"},
        "assessed": {"plan_in_place"},
        "plan_in_place": {"monitoring"},
        "monitoring": {"closed"},
        "closed": set(),
    },
    "SV": {
        "positive": {"assessed", "assessment_due"},
        "assessment_due": {"assessed"},
        "assessed": {"monitoring", "closed"},
        "plan_in_place": set(),
        "monitoring": {"closed"},
        "closed": set(),
    },
}
WAYS |= {"SU": WAYS["S1"], "S3": WAYS["S2"], "S4": WAYS["S2"]}


@pytest.fixture
def supervisor(mill):
    made = make.user(Role.SUPERVISOR, at=mill, name="Lee Aronson")
    made.set_password(make.PASSWORD)
    made.save()
    return Actor(made, Role.SUPERVISOR)


@pytest.fixture
def clinician(dana):
    return Actor(dana, Role.CLINICIAN)


@pytest.fixture
def alert(patient, dana, sam):
    """A function: an alert of this level in this state, assessed by Sam once it was assessed."""

    def make_one(level: str = "S2", state: str = "assessment_due", **over) -> SafetyEvent:
        done = {} if state in protocol.BEFORE_ASSESSED else {"assessed_by": sam, "assessed_at": make.NOON}
        if state == "closed":
            done |= {"closed_by": dana, "closed_at": make.NOON}
        event = SafetyEvent.objects.create(
            **{
                "patient": patient,
                "kind": "others" if level == "SV" else "self",
                "level": level,
                "state": state,
                "owner": dana,
                "opened_at": make.NOON,
                "due_at": make.NOON + timedelta(minutes=15),
                **done,
                **over,
            }
        )
        return safety.note(event, "opened", "", by=dana, at=make.NOON)

    return make_one


def seen(event: SafetyEvent) -> str:
    return protocol.version(event.state, event.level, event.working_level)


def move(event: SafetyEvent, to: str, by: Actor, **over) -> SafetyEvent:
    return safety.move(
        **{"event": event, "to": to, "seen": seen(event), "words": "Spoke with Rosa.", "by": by, "at": LATER, **over}
    )


def plan(event: SafetyEvent, by, at=LATER) -> SafetyPlan:
    newest = event.patient.safety_plans.first()
    return safety.write_plan(patient=event.patient, elements=PLAN, seen=newest.version if newest else 0, by=by, at=at)


class TestTheTable:
    @pytest.mark.parametrize(("level", "state", "to"), list(product(LEVELS, State.values, State.values)))
    def test_allows_these_moves_and_no_others(self, alert, supervisor, level, state, to):
        refusal = refusal_to_move(alert(level, state), to, supervisor)

        assert (refusal is None) is (to in WAYS[level][state])
        if refusal:
            assert "does not go from" in refusal

    @pytest.mark.parametrize(("level", "state", "to"), list(product(LEVELS, State.values, State.values)))
    def test_is_kept_by_the_deed(self, alert, supervisor, level, state, to):
        event = alert(level, state)
        plan(event, supervisor.user)
        if to in WAYS[level][state]:
            moved = move(event, to, supervisor, password=make.PASSWORD)
            step = moved.steps.last()
            assert (moved.state, step.kind, step.state, step.note) == (to, to, to, "Spoke with Rosa.")
            assert (step.by, step.at) == (supervisor.user, LATER)
        else:
            with pytest.raises(safety.SafetyRefused, match="does not go from"):
                move(event, to, supervisor, password=make.PASSWORD)
            event.refresh_from_db()
            assert (event.state, event.steps.count()) == (state, 1)

    def test_names_every_state_and_what_has_to_be_recorded_on_the_way_to_it(self):
        for way, moves in protocol.MOVES.items():
            assert set(moves) == set(State.values), way
        for level, to in product(
            LEVELS, {to for moves in protocol.MOVES.values() for tos in moves.values() for to in tos}
        ):
            assert protocol.records_for(level, to)
            assert protocol.SAID[to]

    def test_a_working_level_chooses_the_way(self, alert, supervisor):
        event = alert("S3", "assessed", working_level="S1")

        assert refusal_to_move(event, "plan_in_place", supervisor) is None
        assert refusal_to_move(event, "closed", supervisor) is None


class TestWhatIsDueNext:
    def test_after_an_assessment_the_end_of_the_day(self, alert, clinician):
        moved = move(alert(), "assessed", clinician)

        assert (moved.assessed_by, moved.assessed_at) == (clinician.user, LATER)
        assert moved.due_at == datetime(2026, 3, 12, 4, 59, tzinfo=UTC)  # 11:59 pm in Chicago

    def test_in_monitoring_a_contact_within_72_hours_and_again_after_each(self, alert, clinician):
        moved = move(alert("S2", "plan_in_place"), "monitoring", clinician)
        assert moved.due_at == LATER + timedelta(hours=72)

        missed = safety.add(
            event=moved, kind="missed", words="No answer", by=clinician.user, at=LATER + timedelta(days=2)
        )
        assert missed.due_at == moved.due_at
        reached = safety.add(
            event=moved, kind="reached", words="Calmer", by=clinician.user, at=LATER + timedelta(days=2)
        )
        assert reached.due_at == LATER + timedelta(days=5)

    def test_nothing_once_it_is_closed(self, alert, clinician):
        closed = move(alert("S2", "monitoring"), "closed", clinician)

        assert (closed.due_at, closed.closed_by, closed.closed_at) == (None, clinician.user, LATER)

    @pytest.mark.parametrize(("level", "minutes"), [("S3", 15), ("S4", 15), ("SV", 15), ("SU", 30)])
    def test_it_is_overdue_from_the_stored_time_on_whatever_ran_in_between(self, alert, level, minutes):
        due = protocol.due(level, make.NOON, make.NOON.tzinfo)
        alert(level, due_at=due)

        overdue = SafetyEvent.objects.open().filter(due_at__lt=make.NOON + timedelta(minutes=minutes))
        assert not overdue.exists()
        late = make.NOON + timedelta(minutes=minutes, seconds=1)
        assert SafetyEvent.objects.open().filter(due_at__lt=late).exists()


class TestAPlan:
    @pytest.mark.parametrize("level", ["S2", "S3", "S4"])
    def test_is_in_place_only_once_a_version_was_written_since_the_alert(self, alert, clinician, level):
        event = alert(level, "assessed", opened_at=make.NOON)
        plan(event, clinician.user, at=make.NOON - timedelta(days=3))
        with pytest.raises(safety.NoPlanYet, match="Write a safety plan first"):
            move(event, "plan_in_place", clinician)

        plan(event, clinician.user)
        assert move(event, "plan_in_place", clinician).state == "plan_in_place"

    def test_may_be_missing_for_a_written_reason(self, alert, clinician):
        moved = move(alert("S2", "assessed"), "plan_in_place", clinician, without_plan=True, words="In the hospital.")

        assert moved.steps.last().note == "No plan: In the hospital."

    def test_is_never_overwritten_by_who_began_from_an_older_version(self, alert, clinician, sam):
        event = alert()
        plan(event, sam)
        with pytest.raises(safety.MovedMeanwhile, match="Sam Okoye wrote version 1 at 12:10 pm"):
            safety.write_plan(patient=event.patient, elements=PLAN, seen=0, by=clinician.user, at=LATER)

        assert event.patient.safety_plans.count() == 1


class TestClosing:
    @pytest.mark.parametrize("level", ["S3", "S4"])
    def test_a_high_alert_takes_a_supervisor(self, alert, clinician, dana, level):
        with pytest.raises(safety.SafetyRefused, match="A supervisor closes"):
            move(alert(level, "monitoring"), "closed", clinician, password=make.PASSWORD)

    def test_a_high_alert_takes_somebody_else_than_who_assessed_it(self, alert, supervisor):
        with pytest.raises(safety.SafetyRefused, match="Somebody else closes it"):
            move(alert("S3", "monitoring", assessed_by=supervisor.user), "closed", supervisor, password=make.PASSWORD)

    def test_a_lower_working_level_does_not_do_without_the_second_person(self, alert, clinician):
        with pytest.raises(safety.SafetyRefused, match="A supervisor closes"):
            move(alert("S3", "assessed", working_level="S1"), "closed", clinician, password=make.PASSWORD)

    @pytest.mark.parametrize("password", ["", "wrong"])
    def test_a_high_alert_takes_the_password_again(self, alert, supervisor, password):
        event = alert("S3", "monitoring")
        with pytest.raises(safety.WrongPassword):
            move(event, "closed", supervisor, password=password)
        event.refresh_from_db()
        assert event.state == "monitoring"

    @pytest.mark.parametrize("level", ["S1", "S2", "SU", "SV"])
    def test_another_alert_is_closed_by_a_clinician_without_a_password(self, alert, clinician, level):
        assert move(alert(level, "monitoring"), "closed", clinician).closed_by == clinician.user

    def test_is_not_for_a_role_that_does_not_work_on_alerts(self, alert, coordinator):
        actor = Actor(coordinator, Role.COORDINATOR)
        with pytest.raises(safety.SafetyRefused, match="Only clinicians and supervisors"):
            move(alert("S2", "monitoring"), "closed", actor)


class TestAWorkingLevel:
    @pytest.mark.parametrize(("level", "to"), list(product(LEVELS, LEVELS)))
    def test_is_lower_and_only_where_the_protocol_knows_one(self, alert, clinician, level, to):
        refusal = refusal_to_set_level(alert(level, "assessed"), to, clinician)

        assert (refusal is None) is (level in {"S3", "SU"} and to in {"S1", "S2"})

    def test_needs_an_assessment(self, alert, clinician):
        event = alert("S3")
        with pytest.raises(safety.SafetyRefused, match="Record the assessment first"):
            safety.set_level(event=event, level="S2", seen=seen(event), words="Weeks ago", by=clinician, at=LATER)

    def test_is_kept_with_its_reason_beside_the_highest(self, alert, clinician):
        event = alert("S3", "assessed")
        lowered = safety.set_level(event=event, level="S2", seen=seen(event), words="Weeks ago", by=clinician, at=LATER)

        assert (lowered.level, lowered.working_level, lowered.in_force) == ("S3", "S2", "S2")
        step = lowered.steps.last()
        assert (step.kind, step.level, step.note) == ("level", "S2", "Weeks ago")

    def test_is_not_set_once_closed(self, alert, clinician):
        event = alert("S3", "closed")
        with pytest.raises(safety.SafetyRefused, match="closed"):
            safety.set_level(event=event, level="S2", seen="", words="Weeks ago", by=clinician, at=LATER)


class TestByHand:
    @pytest.mark.parametrize("reason", protocol.REASONS, ids=lambda reason: reason.code)
    def test_an_alert_opens_with_its_level_and_limit_and_the_words(self, patient, dana, reason):
        event = safety.open_by_hand(patient=patient, reason=reason, words="The call dropped.", by=dana, at=make.NOON)

        assert (event.kind, event.level, event.state) == (reason.kind, reason.level, "assessment_due")
        assert (event.owner, event.assessment, event.triggers) == (dana, None, [reason.code])
        assert [(step.kind, step.note) for step in event.steps.all()] == [("opened", ""), ("note", "The call dropped.")]

    def test_an_emergency_raises_the_alert_that_is_open(self, alert, dana):
        kept = alert("S3", "monitoring")
        emergency = next(reason for reason in protocol.REASONS if reason.level == "S4")
        event = safety.open_by_hand(patient=kept.patient, reason=emergency, words="Pills", by=dana, at=LATER)

        assert event == kept
        assert (event.level, event.state, event.due_at) == ("S4", "assessment_due", LATER + timedelta(minutes=15))

    def test_it_changes_hands_with_a_note(self, alert, dana, sam):
        event = alert()
        safety.hand_over(event=event, owner=sam, seen=seen(event), words="End of my day.", by=dana, at=LATER)

        event.refresh_from_db()
        assert event.owner == sam
        assert event.steps.last().note == "Sam Okoye: End of my day."

    def test_a_correction_is_added_even_after_it_was_closed(self, alert, dana):
        event = alert("S2", "closed")
        safety.add(event=event, kind="note", words="The date was the 10th.", by=dana, at=LATER)

        assert event.steps.last().note == "The date was the 10th."


class TestAtOnce:
    def test_what_was_moved_meanwhile_says_by_whom_and_when(self, alert, clinician, sam):
        event = alert()
        before = seen(event)
        move(event, "assessed", Actor(sam, Role.CLINICIAN))
        with pytest.raises(safety.MovedMeanwhile, match=r"Sam Okoye changed this at 12:10 pm.*Assessed, S2, moderate"):
            move(event, "assessed", clinician, seen=before)

    def test_what_was_raised_meanwhile_is_read_again(self, alert, clinician, dana):
        event = alert("S2")
        before = seen(event)
        emergency = next(reason for reason in protocol.REASONS if reason.level == "S4")
        safety.open_by_hand(patient=event.patient, reason=emergency, words="Pills", by=dana, at=LATER)
        with pytest.raises(safety.MovedMeanwhile, match="S4, emergency"):
            move(event, "assessed", clinician, seen=before)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def together(self, *deeds):
        barrier = Barrier(len(deeds))

        def run(deed):
            connection.ensure_connection()  # before the start, or the slower handshake decides the race
            barrier.wait()
            with closing(connection):
                try:
                    return deed()
                except safety.SafetyRefused as refusal:
                    return refusal

        with ThreadPoolExecutor(len(deeds)) as desk:
            return [job.result() for job in [desk.submit(run, deed) for deed in deeds]]

    def test_of_two_people_closing_at_once_one_closes_and_one_is_told(self, alert, mill, supervisor):
        second = make.user(Role.SUPERVISOR, at=mill, name="Ana Ruiz")
        second.set_password(make.PASSWORD)
        second.save()
        event = alert("S3", "monitoring")

        outcomes = self.together(
            *(
                lambda by=by: move(event, "closed", by, password=make.PASSWORD)
                for by in (supervisor, Actor(second, Role.SUPERVISOR))
            )
        )

        closed = [outcome for outcome in outcomes if isinstance(outcome, SafetyEvent)]
        told = [outcome for outcome in outcomes if isinstance(outcome, safety.MovedMeanwhile)]
        assert (len(closed), len(told)) == (1, 1)
        assert SafetyStep.objects.filter(event=event, kind="closed").count() == 1

    def test_two_alerts_opened_at_once_are_one(self, patient, dana, sam):
        worry = protocol.REASONS[0]
        self.together(
            *(
                lambda by=by: safety.open_by_hand(patient=patient, reason=worry, words="Worried", by=by, at=make.NOON)
                for by in (dana, sam)
            )
        )

        event = patient.safety_events.get()
        assert sorted(step.kind for step in event.steps.all()) == ["note", "note", "opened", "raised"]

    def test_two_plans_written_at_once_are_one_version(self, patient, dana, sam):
        outcomes = self.together(
            *(
                lambda by=by: safety.write_plan(patient=patient, elements=PLAN, seen=0, by=by, at=make.NOON)
                for by in (dana, sam)
            )
        )

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MovedMeanwhile", "SafetyPlan"]
