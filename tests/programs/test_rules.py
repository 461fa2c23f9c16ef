"""Rules on their way: written, reviewed, published by a second person, and what recommendations make of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import Role
from accounts.policies import Actor
from programs import actions, queries, rulebook
from programs.actions import rules
from programs.models import RuleSet, RuleSetStep, Vignette
from tests import make
from tests.programs import drafts, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _vignettes():
    make.vignettes()


def states() -> dict[str, str]:
    return dict(RuleSet.objects.values_list("version", "state"))


# ---- writing


def test_a_draft_keeps_its_document_and_who_began_it():
    by = drafts.supervisor()

    found = drafts.draft(by=by)

    assert (found.version, found.state, found.revision) == ("2026.2", "draft", 1)
    assert found.content_hash == queries.digest(found.document)
    step = found.steps.get()
    assert (step.kind, step.by, step.document) == ("created", by.user, found.document)


def test_a_broken_document_is_refused_with_line_and_reason():
    broken = drafts.document(("when: dimension.d1 = 3", "when: dimension.d11 = 3"))

    with pytest.raises(rules.BrokenDocument, match=r"^Line \d+: dimension\.d11 is not a name that can be used here"):
        rules.start_draft(document=broken, by=drafts.supervisor(), at=make.NOON)

    assert states() == {"2026.1": "published"}


def test_a_version_that_exists_needs_another_name():
    with pytest.raises(rules.RulesRefused, match=r"There are rules with version 2026\.1 already"):
        drafts.draft(version="2026.1")


def test_numbers_are_written_in_place_and_nothing_else_changes():
    found = drafts.draft()
    before = found.document

    rules.change_numbers(
        ruleset=found, wanted={"level_of_care.rows.11.when.0": Decimal(1)}, seen_revision=1,
        by=drafts.supervisor(), at=make.NOON,
    )  # fmt: skip

    changed = [
        pair for pair in zip(before.splitlines(), found.document.splitlines(), strict=True) if len(set(pair)) > 1
    ]
    assert changed == [
        ("      when: all(needs_iop, dimension.d7 <= 2)", "      when: all(needs_iop, dimension.d7 <= 1)")
    ]
    assert found.revision == 2


def test_of_two_who_edit_one_draft_the_second_is_told_by_whom_it_was_changed():
    found = drafts.draft()
    first, second = RuleSet.objects.get(pk=found.pk), RuleSet.objects.get(pk=found.pk)
    by = drafts.supervisor(name="Ruth M.")
    rules.change_draft(ruleset=first, document=drafts.document(drafts.L12), seen_revision=1, by=by, at=make.NOON)

    with pytest.raises(rules.ChangedMeanwhile, match=r"Ruth M\. changed these rules after you opened them"):
        rules.change_draft(
            ruleset=second, document=drafts.document(drafts.DEPRESSED), seen_revision=1,
            by=drafts.supervisor(), at=make.NOON,
        )  # fmt: skip

    found.refresh_from_db()
    assert found.document == drafts.document(drafts.L12)
    assert found.steps.filter(kind="changed").count() == 1


def test_every_change_is_on_record_with_the_old_and_the_new_document():
    found = drafts.draft()
    rules.change_draft(
        ruleset=found, document=drafts.document(drafts.L12), seen_revision=1, by=drafts.supervisor(), at=make.NOON
    )

    kept = list(found.steps.order_by("pk").values_list("kind", "document"))
    assert kept == [("created", drafts.document()), ("changed", drafts.document(drafts.L12))]


def test_what_is_in_review_is_no_longer_changed():
    found = drafts.in_review()

    with pytest.raises(rules.RulesRefused, match="in review and can no longer be changed"):
        rules.change_draft(
            ruleset=found, document=drafts.document(drafts.L12), seen_revision=1, by=drafts.supervisor(), at=make.NOON
        )


# ---- the second person


def test_a_second_person_publishes_and_what_was_published_retires():
    found, publisher = drafts.in_review(drafts.DEPRESSED), drafts.supervisor()

    published = drafts.publish(found, by=publisher)

    assert states() == {"2026.1": "retired", "2026.2": "published"}
    assert published.published_by == publisher.user
    old = RuleSet.objects.get(version="2026.1")
    assert (old.retired_by, old.retired_at) == (publisher.user, make.NOON)
    assert old.steps.get(kind="retired").reason == "Replaced by version 2026.2."


@pytest.mark.parametrize("part", ["writer", "editor", "submitter"])
def test_nobody_publishes_what_is_partly_theirs(part):
    who = {name: drafts.supervisor() for name in ("writer", "editor", "submitter")}
    found = drafts.draft(by=who["writer"])
    rules.change_draft(
        ruleset=found, document=drafts.document(drafts.DEPRESSED), seen_revision=1, by=who["editor"], at=make.NOON
    )
    rules.send_to_review(ruleset=found, why="Better.", seen_revision=2, by=who["submitter"], at=make.NOON)
    found.refresh_from_db()

    with pytest.raises(rules.RulesRefused, match="You wrote or submitted these rules"):
        drafts.publish(found, by=who[part])

    assert states()["2026.2"] == "in_review"
    drafts.work_out()
    assert drafts.publish(found).state == "published"


@pytest.mark.parametrize(
    ("over", "refusal", "sentence"),
    [
        ({"reason": "  "}, rules.RulesRefused, "Say why"),
        ({"password": "not it"}, rules.WrongPassword, "That is not your password"),
        ({"password": ""}, rules.WrongPassword, "That is not your password"),
        ({"seen_revision": 7}, rules.ChangedMeanwhile, "after you opened them"),
    ],
)
def test_publishing_is_refused_with_a_sentence(over, refusal, sentence):
    found = drafts.in_review()

    with pytest.raises(refusal, match=sentence):
        drafts.publish(found, **over)

    assert states() == {"2026.1": "published", "2026.2": "in_review"}


def test_a_draft_is_not_published_without_review():
    with pytest.raises(rules.RulesRefused, match="Send this draft to review first"):
        drafts.publish(drafts.draft())


def test_a_vignette_that_comes_out_otherwise_stops_the_publication():
    found = drafts.in_review(drafts.NO_IOP)

    with pytest.raises(rules.RulesRefused, match=r"Not as expected: .*P03"):
        drafts.publish(found)

    assert states()["2026.2"] == "in_review"


def test_without_a_vignette_nothing_is_published(monkeypatch):
    monkeypatch.setattr(rulebook, "trials", lambda _ruleset: [])

    with pytest.raises(rules.RulesRefused, match="There is no vignette"):
        drafts.publish(drafts.in_review())


def test_what_is_taken_back_can_be_changed_and_submitted_again():
    by = drafts.supervisor()
    found = rules.withdraw(
        ruleset=drafts.in_review(by=by), reason="One more look.", seen_revision=1, by=by, at=make.NOON
    )
    rules.change_draft(ruleset=found, document=drafts.document(drafts.DEPRESSED), seen_revision=1, by=by, at=make.NOON)

    again = rules.send_to_review(ruleset=found, why="Now it fits.", seen_revision=2, by=by, at=make.NOON)

    assert again.why == "Now it fits."
    kinds = list(found.steps.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["created", "submitted", "withdrawn", "changed", "submitted"]


def test_a_draft_can_be_set_aside_with_a_reason():
    found = drafts.draft()

    aside = rules.retire(
        ruleset=found, reason="Not needed.", password=drafts.PASSWORD, seen_revision=1, by=drafts.supervisor(),
        at=make.NOON,
    )  # fmt: skip

    assert (aside.state, aside.why) == ("retired", "Not needed.")


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_the_deeds_refuse_every_other_role(role):
    other, found, waiting = Actor(make.user(role), role), drafts.draft(), drafts.in_review(version="2026.3")
    other.user.set_password(drafts.PASSWORD)
    vignette = Vignette.objects.newest()[0]
    attempts: list[Callable[[], object]] = [
        lambda: rules.start_draft(document=drafts.document(version="9"), by=other, at=make.NOON),
        lambda: rules.change_draft(ruleset=found, document=drafts.document(drafts.L12), seen_revision=1, by=other, at=make.NOON),
        lambda: rules.send_to_review(ruleset=found, why="x", seen_revision=1, by=other, at=make.NOON),
        lambda: rules.withdraw(ruleset=waiting, reason="x", seen_revision=1, by=other, at=make.NOON),
        lambda: drafts.publish(waiting, by=other),
        lambda: rules.retire(ruleset=found, reason="x", password=drafts.PASSWORD, seen_revision=1, by=other, at=make.NOON),
        lambda: rules.retire_vignette(vignette=vignette, reason="x", by=other, at=make.NOON),
    ]  # fmt: skip
    before = list(RuleSet.objects.order_by("pk").values())

    for attempt in attempts:
        with pytest.raises(rules.RulesRefused, match="Only supervisors change"):
            attempt()

    assert list(RuleSet.objects.order_by("pk").values()) == before


# ---- races


def together(*deeds: Callable[[], object]) -> list[object]:
    """Do all of it at once, each over a connection of its own; what came of each."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        start.wait()
        with closing(connection):
            try:
                return deed()
            except rules.RulesRefused as refusal:
                return refusal

    with ThreadPoolExecutor() as threads:
        return list(threads.map(run, deeds))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_two_rule_sets_at_once_the_second_has_to_look_again_whose_result_would_change():
    one, two = drafts.in_review(version="2026.2"), drafts.in_review(version="2026.3")
    first, second = drafts.supervisor(), drafts.supervisor()

    outcomes = together(lambda: drafts.publish(one, by=first), lambda: drafts.publish(two, by=second))

    [refusal] = [outcome for outcome in outcomes if not isinstance(outcome, RuleSet)]
    assert str(refusal) == "See whose result would change first."
    assert sorted(states().values()) == ["in_review", "published", "retired"]
    assert RuleSetStep.objects.filter(kind="published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_the_same_rules_at_once_one_is_told():
    found = drafts.in_review()
    first, second = drafts.supervisor(), drafts.supervisor()

    outcomes = together(*(lambda by=by: drafts.publish(found, by=by) for by in (first, second)))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RuleSet", "RulesRefused"]
    assert RuleSetStep.objects.filter(kind="published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_one_draft_at_once_one_is_told():
    found = drafts.draft()
    texts = [drafts.document(drafts.L12), drafts.document(drafts.DEPRESSED)]
    editors = [drafts.supervisor(), drafts.supervisor()]

    outcomes = together(
        *(
            lambda text=text, by=by: rules.change_draft(
                ruleset=RuleSet.objects.get(pk=found.pk), document=text, seen_revision=1, by=by, at=make.NOON
            )
            for text, by in zip(texts, editors, strict=True)
        )
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ChangedMeanwhile", "RuleSet"]
    found.refresh_from_db()
    assert (found.revision, found.steps.count()) == (2, 2)


# ---- what recommendations make of it


def test_a_new_recommendation_uses_the_published_rules_and_old_ones_keep_theirs():
    assessment = people.signed("depression")
    old = actions.recommend(assessment=assessment, at=make.NOON)
    before = type(old).objects.filter(pk=old.pk).values().get()
    published = drafts.publish(drafts.in_review(drafts.DEPRESSED))

    new = actions.recommend(assessment=assessment, at=make.NOON)

    assert (old.ruleset.version, old.ruleset_version) == ("2026.1", "2026.1")
    assert (new.ruleset, new.ruleset_version, new.result["ruleset_version"]) == (published, "2026.2", "2026.2")
    assert [row["result"]["tracks"][0]["points"] for row in (before, vars(new))] == [12, 11]
    assert type(old).objects.filter(pk=old.pk).values().get() == before


def test_without_published_rules_nothing_is_guessed():
    make.no_published_rules()
    assessment = people.signed()

    with pytest.raises(actions.NoRules, match="The clinic has not approved the recommendation rules yet"):
        actions.recommend(assessment=assessment, at=make.NOON)

    assert not assessment.recommendations.exists()


def test_the_engine_is_compiled_once_for_a_document(django_assert_num_queries):
    rules_in_use = queries.published_rules()
    first = queries.engine_of(rules_in_use.content_hash)

    with django_assert_num_queries(1):
        assert queries.engine_of(queries.published_rules().content_hash) is first


def test_a_document_that_was_changed_past_the_product_is_not_used():
    found = drafts.draft(version="2026.77")  # one that this process has not compiled yet
    RuleSet.objects.filter(pk=found.pk).update(document=drafts.document(drafts.L12))

    with pytest.raises(ValueError, match="changed outside of Tideway"):
        queries.engine_of(found.content_hash)


# ---- vignettes


def vignette(**over) -> Vignette:
    newest = Vignette.objects.filter(code="P03").order_by("-version").first()
    values = {name: getattr(newest, name) for name in ("title", "narrative", "facts", "expectation")}
    return Vignette(**{"code": "P03", "reason": "Looked at again.", **values, **over})


def keep(made: Vignette, seen: int) -> Vignette:
    return rules.keep_vignette(vignette=made, seen_version=seen, by=drafts.supervisor(), at=make.NOON)


def test_a_changed_vignette_is_a_new_version_and_the_old_one_stays():
    kept = keep(vignette(title="Another title"), 1)

    assert kept.version == 2
    assert list(Vignette.objects.filter(code="P03").values_list("version", "title"))[1] == (
        1,
        "Severe depression, roles lost",
    )
    assert [row.title for row in Vignette.objects.in_use() if row.code == "P03"] == ["Another title"]


def test_the_second_of_two_who_change_a_vignette_is_told():
    keep(vignette(), 1)

    with pytest.raises(rules.ChangedMeanwhile, match="Somebody changed this vignette"):
        keep(vignette(title="Mine"), 1)


def test_a_new_vignette_counts_from_now_on():
    expectation = {**vignette().expectation, "level": {"preferred": "inpatient", "acceptable": ["inpatient"]}}
    keep(vignette(code="P16", expectation=expectation), 0)

    with pytest.raises(rules.RulesRefused, match="Not as expected: P16"):
        drafts.publish(drafts.in_review())


def test_a_retired_vignette_stops_nobody_and_stays_on_record():
    bad = keep(vignette(code="P16", expectation={**vignette().expectation, "gates_open": ["G1"]}), 0)
    rules.retire_vignette(vignette=bad, reason="It was wrong.", by=drafts.supervisor(), at=make.NOON)

    assert drafts.publish(drafts.in_review()).state == "published"
    assert Vignette.objects.filter(code="P16").count() == 2


def test_facts_that_are_no_input_document_are_refused():
    with pytest.raises(rules.BrokenDocument, match="The facts cannot be used"):
        keep(vignette(facts={"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": {"phq9.items": 3}}), 1)


def test_the_vignettes_that_come_along_come_out_as_expected():
    trials = rulebook.trials(queries.published_rules())

    assert [trial.vignette.code for trial in trials] == [f"P{number:02d}" for number in range(1, 16)]
    assert [trial.deviations for trial in trials if not trial.as_expected] == []
