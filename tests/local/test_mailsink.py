"""The mail sink: what it accepted it keeps, and a key it keeps once."""

import json
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.local.checkouts import read_until


@contextmanager
def sink(log: Path, *options: str) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "iop.local.mailsink", "0", str(log), *options],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield int(read_until(process, "accepting mail").rpartition(":")[2])
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def send(port: int, key: str | None, body: str = "Tuesday at 5:30 pm.\n") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "clinic@clinic.test", "ana@people.test", "Añadido"
    message.set_content(body)
    if key is not None:
        message["X-Tideway-Key"] = key
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.send_message(message)


def rows(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_key_is_kept_once_and_a_repeat_is_accepted_and_counted(tmp_path: Path):
    log = tmp_path / "mail.jsonl"
    with sink(log) as port:
        send(port, "k-1")
        send(port, "k-1")
        send(port, None)
        send(port, None)

    stored = rows(log)
    assert [row["key"] for row in stored] == ["k-1", None, None]
    assert stored[0] | {"received_at": ""} == {
        "key": "k-1",
        "to": ["ana@people.test"],
        "from": "clinic@clinic.test",
        "subject": "Añadido",
        "body": "Tuesday at 5:30 pm.\n",
        "received_at": "",
    }
    assert rows(tmp_path / "mail.jsonl.repeats") == [{"repeat_of": "k-1"}]


def test_keys_hold_after_a_kill_that_left_half_a_line(tmp_path: Path):
    log = tmp_path / "mail.jsonl"
    with sink(log) as port:
        send(port, "k-1")
    with log.open("a") as file:
        file.write('{"key": "k-2", "to": ["a')

    with sink(log) as port:
        send(port, "k-1")
        send(port, "k-2")

    assert [row["key"] for row in rows(log)] == ["k-1", "k-2"]
    assert rows(tmp_path / "mail.jsonl.repeats") == [{"repeat_of": "k-1"}]


def test_a_dropped_answer_leaves_the_message_stored(tmp_path: Path):
    log = tmp_path / "mail.jsonl"
    with sink(log, "--drop-after-accept", "1") as port:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(port, "k-1")
        send(port, "k-1")

    assert [row["key"] for row in rows(log)] == ["k-1"]
    assert rows(tmp_path / "mail.jsonl.repeats") == [{"repeat_of": "k-1"}]


def test_a_slow_sink_has_stored_before_it_answers(tmp_path: Path):
    with sink(tmp_path / "mail.jsonl", "--delay", "0.4") as port:
        started = time.monotonic()
        send(port, "k-1")

    assert time.monotonic() - started >= 0.4
    assert [row["key"] for row in rows(tmp_path / "mail.jsonl")] == ["k-1"]
