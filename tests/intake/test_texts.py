"""A clinic's own wording is loaded once, whole, by one command; new intakes ask in it, begun ones stay as they are."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.db import violates
from intake.actions.people import start_intake
from intake.actions.texts import load_text
from intake.instruments import load, read_pack
from intake.models import InstrumentText
from intake.queries import sitting_of
from tests import make

pytestmark = pytest.mark.django_db


def pack(code: str = "bam", mark: str = "A", **changes: Any) -> str:
    """A made-up pack that words every item it must."""
    form = load(code)
    items = {
        item.code: {
            "text": f"{mark} asks {item.code}",
            **(
                {"options": {option.raw: f"{mark} {option.raw}" for option in item.options}}
                if item.kind == "choice"
                else {}
            ),
        }
        for item in map(form.item, form.sheet)
    }
    head = {
        "code": code,
        "version": form.version,
        "language": "en",
        "license": "Held by the clinic.",
        "source": "Own form.",
    }
    return yaml.safe_dump({**head, "title": f"{mark} title", "stem": f"{mark} stem", "items": items, **changes})


@pytest.fixture
def command(tmp_path):
    """A function: what the command prints for a file of this text."""

    def run(text: str) -> str:
        file = tmp_path / "pack.yaml"
        file.write_text(text)
        out = StringIO()
        call_command("load_instrument_text", str(file), stdout=out)
        return out.getvalue().strip()

    return run


def test_a_pack_is_loaded_with_its_license_and_printed(command):
    printed = command(pack())

    text = InstrumentText.objects.get()
    assert printed == "Loaded A title (bam v2 en, revision 1), 17 items. License: Held by the clinic."
    assert (text.code, text.version, text.language, text.revision, text.source) == ("bam", 2, "en", 1, "Own form.")
    assert text.body["items"]["bam_1"]["options"]["4"] == "A 4"


def test_the_same_again_changes_nothing_and_says_so(command):
    command(pack())

    assert command(pack()) == "A title (bam v2 en, revision 1), 17 items: already loaded."
    assert InstrumentText.objects.count() == 1


def test_other_words_or_another_license_are_the_next_revision(command):
    command(pack())
    command(pack(mark="B"))
    command(pack(mark="B", license="Renewed."))

    assert list(InstrumentText.objects.values_list("revision", "license")) == [
        (1, "Held by the clinic."),
        (2, "Held by the clinic."),
        (3, "Renewed."),
    ]


@pytest.mark.parametrize("text", [pack(items={"bam_1": {"text": "One only"}}), "code: asrm\n", "\x00"])
def test_a_broken_pack_is_refused_with_line_and_exit_code_one_and_loads_nothing(command, text):
    with pytest.raises(CommandError, match=r"^pack.yaml: line [0-9]+: .* Nothing was loaded\.$") as refused:
        command(text)

    assert refused.value.returncode == 1
    assert not InstrumentText.objects.exists()


def test_a_file_that_is_not_there_or_not_text_is_refused_in_words(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.yaml", "binary.yaml"):
        with pytest.raises(CommandError, match=f"{name} cannot be read as UTF-8 text"):
            call_command("load_instrument_text", str(tmp_path / name))


def test_two_revisions_of_one_number_cannot_be():
    text = load_text(pack=read_pack(pack(), "pack.yaml"), at=make.NOON).text
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        InstrumentText.objects.create(
            code=text.code, version=text.version, language=text.language, revision=1, license="x", source="x", body={}
        )
    assert violates(refused.value, "instrument_text_revision_once")


def test_a_new_intake_asks_in_the_newest_words_of_the_persons_language(command, dana, mill):
    for text in (pack(), pack(mark="B"), pack(mark="Es", language="es"), pack(code="safety", mark="C")):
        command(text)
    english = make.patient(team=dana, location=mill)
    spanish = make.patient(team=dana, location=mill, language="es")

    asked = [
        sitting_of(one, start_intake(patient=one, by=dana, at=make.NOON).assessment.public_id)
        for one in (english, spanish)
    ]

    assert [one.questionnaire("bam").item("bam_1").text for one in asked] == ["B asks bam_1", "Es asks bam_1"]
    assert asked[0].questionnaire("safety").item("cssrs_q1").text == "C asks cssrs_q1"
    assert asked[1].questionnaire("safety").item("cssrs_q1").text == load("safety").item("cssrs_q1").text
    assert [one.responses["bam"].language for one in asked] == ["en", "es"]
    assert asked[0].responses["phq9"].text is None


def test_an_intake_that_was_begun_keeps_its_words(command, desk, assessment):
    command(pack())

    assert sitting_of(assessment.patient, assessment.public_id).questionnaire("bam").title == "BAM answer sheet"


def test_the_page_asks_in_the_clinics_words_and_stores_the_same_values(command, signed_in, dana, mill):
    command(pack())
    patient = make.patient(team=dana, location=mill)
    begun = start_intake(patient=patient, by=dana, at=make.NOON).assessment
    sitting = sitting_of(patient, begun.public_id)
    step = sitting.step_of("bam", "bam_1")
    client = signed_in(dana)
    address = f"/staff/people/{patient.public_id}/intake/{begun.public_id}/substance/{step.number}/"

    page = client.get(address)
    client.post(address, {"revision": 0, "asked": ["bam_1"], "bam_1": "3"})

    drawn = page.content.decode()
    assert "<h1>A stem</h1>" in drawn
    assert "A asks bam_1" in drawn
    assert "A 4" in drawn
    assert begun.responses.get(code="bam").answers["bam_1"]["value"] == 3


def test_words_are_read_once_in_a_process_for_they_never_change(command, assessment, django_assert_num_queries):
    command(pack())
    assessment.responses.filter(code="bam").update(text=InstrumentText.objects.get())

    def title() -> str:
        return sitting_of(assessment.patient, assessment.public_id).questionnaire("bam").title

    with django_assert_num_queries(3):
        assert title() == "A title"
    with django_assert_num_queries(2):
        assert title() == "A title"
