"""The pages under /staff/rules/: who opens them, what they say, and that nobody else changes anything."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from programs import actions
from programs.actions import rules
from programs.models import Rehearsal, RuleSet, RuleSetStep, Vignette
from tests import make
from tests.programs import drafts, people

pytestmark = pytest.mark.django_db

OF_RULESET = ["ruleset", "ruleset_read", "ruleset_document", "ruleset_replay"]
WRITING = [
    "ruleset_rehearse",
    "ruleset_numbers",
    "ruleset_upload",
    "ruleset_review",
    "ruleset_withdraw",
    "ruleset_publish",
    "ruleset_retire",
]
OF_VIGNETTE = ["vignette_change", "vignette_retire"]


@pytest.fixture
def place():
    return make.location()


@pytest.fixture
def clinic(signed_in, place):
    """Two supervisors of one place, each with a browser."""
    make.vignettes()
    one, two = (drafts.supervisor(at=place, name=name) for name in ("Ruth M.", "Dr. Lee"))
    return SimpleNamespace(place=place, one=one, two=two, first=signed_in(one.user), second=signed_in(two.user))


def url(name: str, found: RuleSet | None = None) -> str:
    return reverse(f"programs:{name}", args=[found.public_id] if found else [])


def file(text: str | bytes, name: str = "rules.yaml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def numbers_of(page, **changes: str) -> dict[str, str]:
    """What a browser sends back of the numbers page, with these fields changed."""
    form = page.context["form"]
    sent = {name: str(form[name].value()) for name in form.fields}
    assert set(changes) <= set(sent)
    return {**sent, **changes}


# ---- who


def every_address(found: RuleSet, waiting: RuleSet) -> list[str]:
    of_vignette = [reverse(f"programs:{name}", args=["P03"]) for name in OF_VIGNETTE]
    of_rules = [url(name, each) for each in (found, waiting) for name in WRITING]
    return [*of_rules, *of_vignette, url("rules_start"), url("rules_upload"), url("vignette_new")]


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (RuleSet, RuleSetStep, Vignette, Rehearsal)]


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_nobody_else_changes_the_rules_by_any_address(signed_in, place, role):
    make.vignettes()
    found, waiting = drafts.draft(), drafts.in_review(version="2026.3")
    user = make.user(role, at=place, is_staff=role == Role.ADMIN, is_superuser=role == Role.ADMIN)
    user.set_password(drafts.PASSWORD)
    user.save()
    if role == Role.PATIENT:
        make.patient(user=user)
    other, before = signed_in(user), everything()
    sent = {
        "reason": "Because.", "password": drafts.PASSWORD, "seen": 1, "from": "default",
        "file": file(drafts.document(version="9")),
    }  # fmt: skip

    answers = {address: (other.get(address).status_code, other.post(address, sent).status_code)
               for address in every_address(found, waiting)}  # fmt: skip

    # A deed asked for by GET is refused as a method before anybody is looked at.
    assert {status for pair in answers.values() for status in pair} <= {404, 405}
    assert {post for _, post in answers.values()} == {404}
    assert everything() == before


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PATIENT, Role.FAMILY, Role.ADMIN])
def test_only_clinicians_and_supervisors_read_them(signed_in, role):
    user = make.user(role)
    if role == Role.PATIENT:
        make.patient(user=user)
    found = drafts.draft()

    assert {signed_in(user).get(url(name, found)).status_code for name in OF_RULESET} == {404}


def test_a_clinician_reads_everything_and_is_offered_nothing_to_change(signed_in, place):
    make.vignettes()
    found = drafts.draft(drafts.L12)
    visitor = signed_in(make.clinician(at=place))

    pages = {name: visitor.get(url(name, found)) for name in OF_RULESET}
    pages |= {name: visitor.get(url(name)) for name in ("rules", "vignettes")}

    assert {page.status_code for page in pages.values()} == {200}
    assert "Send to review" not in pages["ruleset"].text
    assert "Change weights" not in pages["ruleset"].text
    assert "Start a draft" not in pages["rules"].text
    assert "Add a vignette" not in pages["vignettes"].text


def test_supervisors_find_the_rules_in_their_menu_and_others_do_not(clinic, signed_in):
    def menu(client):
        return [entry["label"] for entry in client.get("/staff/").context["nav"]]

    assert "Rules" in menu(clinic.first)
    assert "Rules" not in menu(signed_in(make.clinician(at=clinic.place)))


# ---- lists and drafts


def test_a_draft_begins_from_what_is_published_under_the_next_version(clinic):
    answer = clinic.first.post(url("rules_start"), {"from": "published"})

    found = RuleSet.objects.get(version="2026.2")
    assert answer.url == url("ruleset", found)
    assert found.created_by == clinic.one.user
    assert found.document == drafts.document()
    assert found.steps.get().reason == "Begun from version 2026.1."


def test_a_new_clinic_begins_with_the_rules_that_come_along(clinic):
    make.no_published_rules()
    page = clinic.first.get(url("rules")).text
    assert "No rules are published." in page
    assert "Start from the published rules" not in page

    clinic.first.post(url("rules_start"), {"from": "default"})

    assert RuleSet.objects.get(state="draft").document == drafts.document()


def test_the_list_says_who_did_what_and_why(clinic):
    found = drafts.in_review(drafts.DEPRESSED, by=clinic.one)
    drafts.publish(found, by=clinic.two)

    page = clinic.first.get(url("rules")).text

    assert "Fits our people better." in page
    assert "Begun by Ruth M., Mar 11, 2026" in page
    assert "Published by Dr. Lee, Mar 11, 2026" in page
    assert "Retired by Dr. Lee, Mar 11, 2026" in page


@pytest.mark.parametrize("drafts_there", [1, 3])
def test_the_list_costs_the_same_queries(clinic, django_assert_num_queries, drafts_there):
    for number in range(drafts_there):
        drafts.draft(version=f"9.{number}")

    with django_assert_num_queries(4):
        clinic.first.get(url("rules"))


def test_a_draft_shows_its_difference_in_words_and_how_the_vignettes_come_out(clinic):
    found = drafts.draft(drafts.L12, ("{points: 4, when: phq9 at least 20}", "{points: 3, when: phq9 at least 20}"))

    page = clinic.first.get(url("ruleset", found))

    assert [(change.where, change.what) for change in page.context["differences"]] == [
        ("L12", "threshold 2 becomes 1 (Environment and support)"),
        ("Depression, main measure, PHQ-9 total is 20 or more", "4 points become 3"),
    ]
    assert "4 points become 3" in page.text
    assert (
        "Level of care: open between outpatient and intensive outpatient instead of intensive outpatient" in page.text
    )
    assert page.context["failing"] == 1


def test_a_draft_that_changes_nothing_says_so(clinic):
    assert "It decides as version 2026.1 does." in clinic.first.get(url("ruleset", drafts.draft())).text


def test_the_rules_are_read_aloud_row_by_row(clinic):
    page = clinic.first.get(url("ruleset_read", drafts.draft())).text

    for said in (
        "G2: Suicide and violence",
        "A licensed clinician has to assess the risk today, before a level or track is named.",
        "Danger to self or others is 3 or more",
        "a check recorded within 1 day, not before the suicide risk screen",
        "PHQ-9 total is 20 or more",
        "At most 12 points. Points: strong from 8, moderate from 5, possible from 3.",
        "Section 5.3",
    ):
        assert said in page


def test_the_document_is_given_as_it_was_written(clinic):
    found = drafts.draft(drafts.L12)

    answer = clinic.first.get(url("ruleset_document", found))

    assert answer.content.decode() == found.document
    assert answer["Content-Disposition"] == 'attachment; filename="rules-2026.2.yaml"'


# ---- editing


def test_a_number_is_changed_beside_its_sentence(clinic):
    found = drafts.draft()
    page = clinic.first.get(url("ruleset_numbers", found))
    assert "Needs are marked and the home is safe, which matches IOP." in page.text

    answer = clinic.first.post(
        url("ruleset_numbers", found), numbers_of(page, **{"n-level_of_care-rows-11-when-0": "1"})
    )

    found.refresh_from_db()
    assert answer.url == url("ruleset", found)
    assert found.document == drafts.document(drafts.L12)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("9", "L12: Enter a whole number from 0 to 4."),
        ("1.5", "L12: Enter a whole number from 0 to 4."),
        ("", "L12: Enter a number from 0 to 4."),
        ("two", "L12: Enter a number from 0 to 4."),
        ("nan", "L12: Enter a number from 0 to 4."),
    ],
)
def test_a_number_out_of_range_gets_a_sentence_and_keeps_what_was_typed(clinic, value, sentence):
    found = drafts.draft()
    page = clinic.first.get(url("ruleset_numbers", found))
    typed = numbers_of(page, **{"n-level_of_care-rows-11-when-0": value, "n-evidence-bands-strong-0": "9"})

    answer = clinic.first.post(url("ruleset_numbers", found), typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.context["form"]["n-evidence-bands-strong-0"].value() == "9"
    found.refresh_from_db()
    assert found.document == drafts.document()


def test_bands_that_do_not_fall_are_refused_with_line_and_reason(clinic):
    found = drafts.draft()
    page = clinic.first.get(url("ruleset_numbers", found))

    answer = clinic.first.post(url("ruleset_numbers", found), numbers_of(page, **{"n-evidence-bands-strong-0": "4"}))

    assert answer.status_code == 422
    assert "Line 3" in answer.text
    found.refresh_from_db()
    assert found.document == drafts.document()


def test_the_second_editor_is_told_and_nothing_is_lost(clinic):
    found = drafts.draft()
    mine = numbers_of(clinic.second.get(url("ruleset_numbers", found)), **{"n-evidence-bands-strong-0": "9"})
    theirs = numbers_of(clinic.first.get(url("ruleset_numbers", found)), **{"n-level_of_care-rows-11-when-0": "1"})
    clinic.first.post(url("ruleset_numbers", found), theirs)

    answer = clinic.second.post(url("ruleset_numbers", found), mine)

    assert answer.status_code == 409
    assert "Ruth M. changed these rules after you opened them." in answer.text
    assert answer.context["form"]["n-evidence-bands-strong-0"].value() == "9"
    found.refresh_from_db()
    assert found.document == drafts.document(drafts.L12)


def test_saving_without_a_change_says_that_nothing_was_saved(clinic):
    found = drafts.draft()

    answer = clinic.first.post(
        url("ruleset_numbers", found), numbers_of(clinic.first.get(url("ruleset_numbers", found)))
    )

    assert answer.status_code == 422
    assert "No number was changed" in answer.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (drafts.document(("when: dimension.d1 = 3", "when: dimension.d11 = 3")), "dimension.d11 is not a name that can be used"),
        ("schema: [", ": not YAML"),
        (b"\xff\xfe\x00rules", "not text in UTF-8"),
        ("", "That file is empty."),
        (drafts.document(version="2026.1"), "There are rules with version 2026.1 already"),
        ("&a " * 200_000, "longer than 500000 characters"),
    ],
)  # fmt: skip
def test_a_broken_document_says_why_and_the_draft_stays(clinic, text, sentence):
    found = drafts.draft(drafts.L12)

    answer = clinic.first.post(url("ruleset_upload", found), {"file": file(text), "seen": 1})

    assert answer.status_code == 422
    assert sentence in answer.text
    found.refresh_from_db()
    assert (found.document, found.revision) == (drafts.document(drafts.L12), 1)


def test_a_document_takes_the_place_of_a_draft_s_and_another_becomes_a_new_draft(clinic):
    found = drafts.draft()

    over = clinic.first.post(
        url("ruleset_upload", found), {"file": file(drafts.document(drafts.L12)), "seen": 1, "reason": "As agreed."}
    )
    new = clinic.first.post(url("rules_upload"), {"file": file(drafts.document(version="2026.9"))})

    found.refresh_from_db()
    assert over.url == url("ruleset", found)
    assert found.steps.first().reason == "As agreed."
    assert new.url == url("ruleset", RuleSet.objects.get(version="2026.9"))


def test_what_is_in_review_leads_back_to_its_page(clinic):
    found = drafts.in_review(by=clinic.one)

    for name in ("ruleset_numbers", "ruleset_upload"):
        page = clinic.first.get(url(name, found), follow=True)
        assert page.redirect_chain == [(url("ruleset", found), 302)]
        assert "can no longer be changed. Start a new draft." in page.text


# ---- steps


def step(client, name: str, found: RuleSet, **over):
    sent = {"reason": "Read and agreed.", "password": drafts.PASSWORD, "seen": found.revision}
    return client.post(url(name, found), {**sent, **over})


def test_from_draft_to_published_by_two_people(clinic):
    found = drafts.draft(drafts.DEPRESSED, by=clinic.one)

    assert step(clinic.first, "ruleset_review", found).status_code == 302
    refused = clinic.first.get(url("ruleset", found))
    assert "Publish: You wrote or submitted these rules. Somebody else publishes them." in refused.text
    assert step(clinic.first, "ruleset_publish", found).status_code == 409
    drafts.work_out()
    assert step(clinic.second, "ruleset_publish", found).status_code == 302

    found.refresh_from_db()
    assert (found.state, found.published_by) == ("published", clinic.two.user)


@pytest.mark.parametrize(
    ("over", "status", "sentence"),
    [
        ({"reason": ""}, 422, "Say why, in one or two sentences."),
        ({"password": "wrong"}, 422, "That is not your password."),
        ({"password": ""}, 422, "Type the password that you sign in with."),
        ({"seen": 9}, 409, "after you opened them"),
        ({"seen": ""}, 422, "This field is required."),
    ],
)
def test_a_publication_that_is_refused_keeps_the_reason_that_was_typed(clinic, over, status, sentence):
    found = drafts.in_review(by=clinic.one)

    answer = step(clinic.second, "ruleset_publish", found, **over)

    assert answer.status_code == status
    assert sentence in answer.text
    assert over.get("reason", "Read and agreed.") in answer.text
    assert drafts.PASSWORD not in answer.text
    found.refresh_from_db()
    assert found.state == "in_review"


def test_wrong_passwords_are_counted_and_then_not_looked_at(clinic):
    found = drafts.in_review(by=clinic.one)
    for _ in range(5):
        step(clinic.second, "ruleset_publish", found, password="wrong")

    answer = step(clinic.second, "ruleset_publish", found)

    assert answer.status_code == 429
    assert "too many tries" in answer.text
    found.refresh_from_db()
    assert found.state == "in_review"


def test_a_vignette_that_fails_stands_on_the_publication_and_stops_it(clinic):
    found = drafts.in_review(drafts.NO_IOP, by=clinic.one)

    page, answer = clinic.second.get(url("ruleset_publish", found)), step(clinic.second, "ruleset_publish", found)

    assert "Severe depression, roles lost" in page.text
    assert answer.status_code == 409
    assert "Every vignette has to be, before rules are published." in answer.text


def test_the_publication_says_whose_result_would_change_before_it_is_done(clinic):
    actions.recommend(assessment=people.signed("close_call", **{"preference.main_goal": "trauma"}), at=make.NOON)
    found = drafts.in_review(drafts.DEPRESSED, by=clinic.one)

    page = clinic.second.get(url("ruleset_publish", found)).text

    assert "1 of 1 signed intake" in page
    assert "First track: the clinician picks the track becomes trauma: 1" in page


def test_taking_back_and_setting_aside_need_a_reason_and_are_on_record(clinic):
    found = drafts.in_review(by=clinic.one)

    assert step(clinic.second, "ruleset_withdraw", found, reason="").status_code == 422
    assert step(clinic.second, "ruleset_withdraw", found, reason="One more look.").status_code == 302
    assert step(clinic.second, "ruleset_retire", found, reason="Not needed.").status_code == 302

    page = clinic.first.get(url("ruleset", found)).text
    assert "One more look." in page
    assert "Not needed." in page


def test_retiring_the_rules_in_use_warns_and_leaves_findings_only(clinic):
    found = RuleSet.objects.get(state="published")
    assert "signed intakes show findings only" in clinic.first.get(url("ruleset_retire", found)).text

    assert step(clinic.first, "ruleset_retire", found, reason="An error was found.").status_code == 302

    with pytest.raises(actions.NoRules):
        actions.recommend(assessment=people.signed(), at=timezone.now())


# ---- vignettes


def written(client, code: str = "P03", **over) -> dict[str, object]:
    """What a browser sends of the form of a vignette."""
    form = client.get(reverse("programs:vignette_change", args=[code])).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    return {**sent, "reason": "Looked at again.", **over}


def test_a_vignette_is_changed_in_a_form_that_begins_with_what_it_says(clinic):
    answer = clinic.first.post(
        reverse("programs:vignette_change", args=["P02"]), written(clinic.first, "P02", title="Another title")
    )

    one, two = Vignette.objects.filter(code="P02").order_by("version")
    assert answer.url == reverse("programs:vignette", args=["P02"])
    assert (two.title, two.by, two.facts, two.expectation) == (
        "Another title",
        clinic.one.user,
        one.facts,
        one.expectation,
    )


def test_a_new_vignette_is_added_and_a_code_that_exists_is_refused(clinic):
    sent = {key: value for key, value in written(clinic.first).items() if key != "seen"}

    assert clinic.first.post(url("vignette_new"), {**sent, "code": "P16"}).status_code == 302
    taken = clinic.first.post(url("vignette_new"), {**sent, "code": "P03"})

    assert taken.status_code == 422
    assert "There is a vignette P03 already." in taken.text
    assert Vignette.objects.get(code="P16").version == 1


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"facts": "{"}, "This is not JSON."),
        ({"facts": "[1]"}, "it begins with a curly bracket"),
        ({"facts": '{"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": {"person.age": "old"}}'}, "The facts cannot be used"),
        ({"level": []}, "Choose at least one."),
        ({"gates_open": ["G1"], "gates_not_open": ["G1"]}, "G1 cannot be both open and not open."),
        ({"format": ["group"], "family_work": []}, "Say both what format and what family work are right"),
        ({"reason": ""}, "Say why, in one or two sentences."),
    ],
)  # fmt: skip
def test_a_vignette_that_cannot_be_kept_says_why(clinic, over, sentence):
    answer = clinic.first.post(reverse("programs:vignette_change", args=["P03"]), written(clinic.first, **over))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert Vignette.objects.filter(code="P03").count() == 1


def test_the_second_who_changes_a_vignette_is_told(clinic):
    mine = written(clinic.second, title="Mine")
    clinic.first.post(reverse("programs:vignette_change", args=["P03"]), written(clinic.first, title="Theirs"))

    answer = clinic.second.post(reverse("programs:vignette_change", args=["P03"]), mine)

    assert answer.status_code == 409
    assert "Somebody changed this vignette after you opened it." in answer.text


def test_a_vignette_is_retired_and_can_be_used_again(clinic):
    address = reverse("programs:vignette_retire", args=["P03"])
    assert clinic.first.post(address, {"reason": "Too like P09.", "seen": 1}).status_code == 302
    page = clinic.first.get(reverse("programs:vignette", args=["P03"])).text
    assert "Too like P09." in page
    assert "Use it again" in page

    clinic.first.post(reverse("programs:vignette_change", args=["P03"]), written(clinic.first))

    assert "P03" in [vignette.code for vignette in Vignette.objects.in_use()]
    assert Vignette.objects.filter(code="P03").count() == 3


def test_the_recommendation_says_by_which_rules_it_was_made(clinic, signed_in):
    made = actions.recommend(assessment=people.signed(at=timezone.now()), at=timezone.now())
    page = signed_in(made.assessment.owner).get(
        reverse("programs:how", args=[made.assessment.patient.public_id, made.public_id])
    )

    assert url("ruleset_read", made.ruleset) in page.text


def test_two_steps_of_one_rule_set_are_told_in_the_order_in_which_they_were_done(clinic):
    found = drafts.in_review(by=clinic.one)
    rules.withdraw(ruleset=found, reason="One more look.", seen_revision=1, by=clinic.two, at=make.NOON)

    page = clinic.first.get(url("ruleset", found))

    assert [step.kind for step in page.context["steps"]] == ["withdrawn", "submitted", "created"]
