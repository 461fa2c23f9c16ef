"""Every rule that PostgreSQL keeps over the rules themselves, broken once, past every action."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.db import violates
from programs.models import Rehearsal, RuleSet, RuleSetStep, Vignette
from tests import make
from tests.programs import drafts

pytestmark = pytest.mark.django_db


def refused_by(constraint: str, write) -> bool:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        write()
    return violates(refused.value, constraint)


def rows(found):
    return RuleSet.objects.filter(pk=found.pk)


def published() -> RuleSet:
    return RuleSet.objects.get(state="published")


def test_one_rule_set_is_published():
    found = drafts.in_review()
    by = drafts.supervisor().user

    assert refused_by(
        "ruleset_one_published",
        lambda: rows(found).update(state="published", published_by=by, published_at=make.NOON),
    )


@pytest.mark.parametrize("who", ["created_by", "submitted_by"])
def test_who_wrote_or_submitted_does_not_publish(who):
    make.no_published_rules()
    found = drafts.in_review()
    if who == "submitted_by":
        rows(found).update(submitted_by=drafts.supervisor().user)
        found.refresh_from_db()

    assert refused_by(
        "ruleset_published_by_a_second_person",
        lambda: rows(found).update(state="published", published_by=getattr(found, who), published_at=make.NOON),
    )


def test_who_changed_the_draft_between_does_not_publish_either():
    make.no_published_rules()
    writer, editor = drafts.supervisor(), drafts.supervisor()
    found = drafts.draft(by=writer)
    drafts.rules.change_draft(
        ruleset=found, document=drafts.document(drafts.L12), seen_revision=1, by=editor, at=make.NOON
    )
    drafts.rules.send_to_review(ruleset=found, why="Fits better.", seen_revision=2, by=writer, at=make.NOON)

    assert refused_by(
        "ruleset_published_by_a_second_person",
        lambda: rows(found).update(state="published", published_by=editor.user, published_at=make.NOON),
    )


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("ruleset_past_draft_says_why", {"state": "in_review", "submitted_at": make.NOON, "why": ""}),
        ("ruleset_in_review_was_submitted", {"state": "in_review", "why": "Better."}),
        ("ruleset_retired_by_somebody", {"state": "retired", "why": "Not needed."}),
        ("ruleset_moves_by_its_table", {"state": "published", "why": "Better."}),
        ("ruleset_past_draft_is_fixed", {"state": "in_review", "why": "Better.", "document": "another"}),
        ("ruleset_author_stays", {"created_at": make.NOON.replace(year=2020)}),
    ],
)
def test_a_draft_cannot_become_what_it_may_not_be(constraint, change):
    found = drafts.draft()
    if "submitted_at" in change:
        change = {**change, "submitted_by": found.created_by}

    assert refused_by(constraint, lambda: rows(found).update(**change))


def test_publishing_says_who():
    make.no_published_rules()
    found = drafts.in_review()

    assert refused_by("ruleset_published_by_somebody", lambda: rows(found).update(state="published"))


def test_a_state_is_one_of_four():
    by = drafts.supervisor().user

    assert refused_by(
        "ruleset_state_is_known",
        lambda: RuleSet.objects.create(version="x", document="x", content_hash="x", state="loved", why="x", created_by=by,
                                       submitted_by=by, submitted_at=make.NOON),
    )  # fmt: skip


def test_a_version_stands_once():
    drafts.draft(version="2026.2")
    by = drafts.supervisor().user

    assert refused_by(
        "ruleset_version_once",
        lambda: RuleSet.objects.create(version="2026.2", document="x", content_hash="x", created_by=by),
    )


@pytest.mark.parametrize("made", [drafts.in_review, published], ids=["in review", "published"])
@pytest.mark.parametrize("field", ["document", "version", "content_hash"])
def test_a_document_that_left_its_draft_does_not_change(made, field):
    found = made()

    assert refused_by("ruleset_past_draft_is_fixed", lambda: rows(found).update(**{field: "another"}))


@pytest.mark.parametrize("change", [{"why": "Another story."}, {"published_at": make.NOON}])
def test_published_rules_only_retire(change):
    assert refused_by("ruleset_published_only_retires", lambda: rows(published()).update(**change))


def test_retired_rules_do_not_come_back():
    found = published()
    make.no_published_rules()

    assert refused_by(
        "ruleset_moves_by_its_table",
        lambda: rows(found).update(state="published", retired_by=None, retired_at=None),
    )


def test_what_was_ever_in_review_is_not_deleted():
    taken_back = drafts.in_review(version="2026.3")
    drafts.rules.withdraw(
        ruleset=taken_back, reason="Too early.", seen_revision=1, by=drafts.supervisor(), at=make.NOON
    )
    for found in (drafts.in_review(), taken_back, published()):
        assert refused_by("ruleset_once_in_review_is_kept", lambda found=found: rows(found)._raw_delete("default"))


def test_a_step_is_kept_and_says_why():
    found = drafts.draft()
    step = found.steps.get()
    mine = RuleSetStep.objects.filter(pk=step.pk)
    new = {"ruleset": found, "by": step.by, "at": make.NOON}

    assert refused_by("ruleset_step_is_kept", lambda: mine.update(reason="Another."))
    assert refused_by("ruleset_step_is_kept", mine.delete)
    assert refused_by("ruleset_step_says_why", lambda: RuleSetStep.objects.create(kind="submitted", **new))
    assert refused_by("ruleset_step_keeps_the_document", lambda: RuleSetStep.objects.create(kind="changed", **new))
    assert refused_by("ruleset_step_is_known", lambda: RuleSetStep.objects.create(kind="loved", reason="x", **new))


def test_a_vignette_is_kept_with_its_reason_and_counts_its_versions():
    make.vignettes()
    one = Vignette.objects.filter(code="P01")
    again = one.values("code", "title", "narrative", "facts", "expectation").get()

    assert refused_by("vignette_is_kept", lambda: one.update(title="Another"))
    assert refused_by("vignette_is_kept", one.delete)
    assert refused_by("vignette_version_once", lambda: Vignette.objects.create(**again, reason="Twice."))
    assert refused_by("vignette_says_why", lambda: Vignette.objects.create(**again, version=2, reason=""))
    assert refused_by(
        "vignette_version_counts_from_one", lambda: Vignette.objects.create(**again, version=0, reason="Before.")
    )


def rehearsal(**over) -> Rehearsal:
    found = over["after"]
    values = {"before": published(), "after_hash": found.content_hash, "asked_by": found.created_by}
    return Rehearsal.objects.create(**{**values, "asked_at": make.NOON, **over})


def test_one_rehearsal_of_two_documents_is_under_way():
    found = drafts.draft()
    done = rehearsal(after=found, done_at=make.NOON, failed="Our own code stopped.")
    rehearsal(after=found)
    rehearsal(after=found, after_hash="of a text that was there before")

    assert refused_by("rehearsal_one_under_way", lambda: rehearsal(after=found))
    assert Rehearsal.objects.filter(after=found, after_hash=done.after_hash).count() == 2


@pytest.mark.parametrize(
    "over",
    [
        {"done_at": make.NOON},
        {"outcome": {}},
        {"failed": "Why."},
        {"done_at": make.NOON, "outcome": {}, "failed": "Why."},
    ],
)
def test_a_rehearsal_ends_with_an_outcome_or_a_reason(over):
    found = drafts.draft()

    assert refused_by("rehearsal_ends_with_an_outcome_or_a_reason", lambda: rehearsal(after=found, **over))


def test_a_rehearsal_is_of_two_rule_sets():
    assert refused_by("rehearsal_of_two_rule_sets", lambda: rehearsal(after=published()))


def test_what_was_worked_out_is_kept_as_it_is():
    mine = Rehearsal.objects.filter(pk=rehearsal(after=drafts.draft(), done_at=make.NOON, outcome={}).pk)

    assert refused_by("rehearsal_once_done_is_kept", lambda: mine.update(outcome={"changed": 0}))
    assert refused_by("rehearsal_once_done_is_kept", lambda: mine.update(done_at=None, outcome=None))
    assert refused_by("rehearsal_once_done_is_kept", mine.delete)


def test_what_was_asked_does_not_become_another_question():
    mine = Rehearsal.objects.filter(pk=rehearsal(after=drafts.draft()).pk)

    assert refused_by("rehearsal_question_stays", lambda: mine.update(after_hash="another"))
    assert refused_by("rehearsal_question_stays", lambda: mine.update(asked_by=drafts.supervisor().user))
