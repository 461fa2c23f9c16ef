"""`manage.py recommend`: one document, many lines, and what does not fit (SEMANTICS 13)."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from programs.matching import default_engine

from .contract import CONTRACT, exact, read

ROOT = Path(__file__).parents[2]
FIRST = "01-t1-depression-strong"


def run(*arguments):
    """What the command prints, what it tells on the other channel, and its exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command("recommend", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        return out.getvalue(), err.getvalue(), ended.code
    return out.getvalue(), err.getvalue(), 0


def test_it_needs_neither_settings_nor_database_nor_broker():
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "recommend", CONTRACT / "examples" / f"{FIRST}.facts.json"],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert exact(json.loads(done.stdout)) == exact(read(f"examples/{FIRST}.expected.json"))


def test_a_document_that_does_not_fit_prints_the_error_and_exits_2(tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"schema": "iop.facts/1", "as_of": "2026-03-02", "facts": {"person.age": true}}')

    out, err, code = run(broken)

    detail = "person.age must be a whole number from 0 to 120 or null."
    assert json.loads(out) == {"schema": "iop.error/1", "error": "invalid_input", "detail": detail}
    assert err == f"Invalid input: {detail}\n"
    assert code == 2


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "The document is not JSON."),
        ("{", "The document is not JSON."),
        ('{"schema": NaN}', "The document is not JSON."),
        ("[" * 100_000, "The document is not JSON."),
        ("\udcff", "The document is not JSON."),
        ('{"\\ud800": 1}', "'\\ud800' is not part of an input document: it holds schema, as_of and facts."),
        ('{"facts": {"mania.now": true, "mania.now": false}}', "The document gives the same key twice."),
    ],
)
def test_what_is_not_plain_json_is_refused(tmp_path, text, detail):
    broken = tmp_path / "broken.json"
    broken.write_bytes(text.encode("utf-8", "surrogateescape"))

    out, _, code = run(broken)

    assert json.loads(out)["detail"] == detail
    assert code == 2


def test_a_file_that_is_not_there_is_named(tmp_path):
    out, _, code = run(tmp_path / "none.json")

    assert "none.json cannot be read: No such file or directory." in json.loads(out)["detail"]
    assert code == 2


@pytest.mark.parametrize("arguments", [[""], ["--batch", ""]])
def test_a_file_without_a_name_is_refused_like_any_other(arguments):
    out, _, code = run(*arguments)

    assert json.loads(out)["error"] == "invalid_input"
    assert code == 2


def test_a_batch_answers_line_by_line_and_goes_on_after_a_broken_one(tmp_path):
    examples = sorted((CONTRACT / "examples").glob("*.facts.json"))[:3]
    documents = [json.dumps(json.loads(path.read_text(encoding="utf-8"))) for path in examples]
    source = tmp_path / "many.jsonl"
    source.write_text(
        "\n".join([documents[0], "", "{}", documents[1], "not json", "  ", documents[2]]), encoding="utf-8"
    )

    out, err, code = run("--batch", source)

    lines = [json.loads(line) for line in out.splitlines()]
    expected = [read(f"examples/{path.name.replace('.facts', '.expected')}") for path in examples]
    assert [exact(lines[position]) for position in (0, 2, 4)] == [exact(document) for document in expected]
    assert [lines[position]["error"] for position in (1, 3)] == ["invalid_input"] * 2
    assert out.splitlines()[0] == json.dumps(lines[0], separators=(",", ":"))
    assert err.count("Invalid input: ") == 2
    assert code == 2


def test_a_batch_without_faults_exits_0_also_across_chunks(tmp_path):
    document = read(f"examples/{FIRST}.facts.json")
    source = tmp_path / "many.jsonl"
    source.write_text((json.dumps(document) + "\n") * 70, encoding="utf-8")

    out, err, code = run("--batch", source)

    assert set(out.splitlines()) == {json.dumps(default_engine().recommend(document), separators=(",", ":"))}
    assert (len(out.splitlines()), err, code) == (70, "", 0)
