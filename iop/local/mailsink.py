"""
A mail server that delivers to a file, and honors keys as a careful mail provider does.

The first message with an ``X-Tideway-Key`` is appended to LOG as one JSON line; a repeat is answered 250 like
the first and counted in ``LOG.repeats``. Whoever was killed between sending and noting may so send again.
"""

import argparse
import asyncio
import json
import os
import signal
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

KEY_HEADER = "X-Tideway-Key"
LARGEST_MESSAGE = 10_000_000  # bytes


class Log:
    """The accepted messages, one JSON line each, on disk before they are accepted."""

    def __init__(self, path: Path) -> None:
        self.repeats = path.with_name(path.name + ".repeats")
        self.keys = _keys_of_whole_lines(path)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, row: dict[str, Any]) -> None:
        """Store a message, or count it when its key was stored before."""
        if row["key"] is not None and row["key"] in self.keys:
            with self.repeats.open("a") as repeats:
                repeats.write(json.dumps({"repeat_of": row["key"]}) + "\n")
            return
        os.write(self._file, json.dumps(row).encode() + b"\n")
        os.fsync(self._file)
        self.keys.add(row["key"])


def _keys_of_whole_lines(path: Path) -> set[str]:
    """Read the keys accepted so far, and cut a last line that a killed sink left half written."""
    if not path.exists():
        return set()
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return {key for line in whole.splitlines() if (key := json.loads(line)["key"]) is not None}


class Sink:
    """What the server does with a message; ``delay`` and ``drop_after`` play a slow and a failing provider."""

    def __init__(self, log: Log, delay: float = 0, drop_after: int | None = None) -> None:
        self.log = log
        self.delay = delay
        self.drop_after = drop_after
        self.accepted = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.log.add(row_of(envelope))
        self.accepted += 1
        if self.accepted == self.drop_after:
            # Stored, and the sender never hears of it: the case that a key is for.
            cast(asyncio.Transport, server.transport).abort()
            return "250 unheard"
        await asyncio.sleep(self.delay)
        return "250 Message accepted"


def row_of(envelope: Envelope) -> dict[str, Any]:
    """The JSON row of a received message; ``key`` is null when the sender gave none."""
    message = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
    body = message.get_body(("plain", "html"))
    return {
        "key": message[KEY_HEADER],
        "to": envelope.rcpt_tos,
        "from": envelope.mail_from,
        "subject": message["Subject"] or "",
        "body": body.get_content().replace("\r\n", "\n") if body else "",
        "received_at": datetime.now(UTC).isoformat(),
    }


async def serve(port: int, sink: Sink) -> None:
    """Accept mail on 127.0.0.1 until SIGTERM or SIGINT; port 0 takes a free one, and the port is printed."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    server = await loop.create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True, data_size_limit=LARGEST_MESSAGE, hostname="localhost", loop=loop),
        host="127.0.0.1",
        port=port,
    )
    print(f"accepting mail on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await done.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m iop.local.mailsink")
    parser.add_argument("port", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS", help="wait before answering a message")
    parser.add_argument(
        "--drop-after-accept", type=int, metavar="N", help="store the Nth message, then hang up instead of answering"
    )
    options = parser.parse_args()
    sink = Sink(Log(options.log), options.delay, options.drop_after_accept)
    asyncio.run(serve(options.port, sink))


if __name__ == "__main__":
    main()
