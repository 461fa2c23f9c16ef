"""Real processes for tests that kill them: a mail sink, a Celery worker and web servers, pointed at the test database."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from celery import Celery
from django.conf import settings
from django.db import connection

BROKER_DATABASE = 13  # apart from the queues of a clinic that runs on the same Valkey


class Sink:
    """The local mail sink and what it wrote down."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log

    def received(self) -> list[dict[str, Any]]:
        # The last line may still be on its way to the disk.
        return [json.loads(line) for line in self.log.read_text().split("\n")[:-1]]

    def repeats(self) -> int:
        path = self.log.with_name(self.log.name + ".repeats")
        return len(path.read_text().splitlines()) if path.exists() else 0


def kill_group(process: subprocess.Popen[Any]) -> None:
    """SIGKILL for a process and all of its children: nobody gets to clean up."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stopped_while(process: subprocess.Popen[Any], holds: Callable[[], bool]) -> bool:
    """Stop a process and its children; let them go on when something does not hold at that moment."""
    os.killpg(process.pid, signal.SIGSTOP)
    if holds():
        return True
    os.killpg(process.pid, signal.SIGCONT)
    return False


@contextmanager
def mail_sink(log: Path, delay: float) -> Iterator[Sink]:
    command = [sys.executable, "-m", "iop.local.mailsink", "0", str(log), "--delay", str(delay)]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            found = re.search(r":(\d+)$", process.stdout.readline().strip())
            assert found, "The mail sink did not say its port."
            yield Sink(int(found[1]), log)
        finally:
            kill_group(process)


def database_url() -> str:
    """The test database's address, for another process."""
    of = {
        name: quote(str(connection.settings_dict[name]), safe="")
        for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    }
    return f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"


def broker_url() -> str:
    return re.sub(r"(/\d+)?$", f"/{BROKER_DATABASE}", settings.REDIS_URL.rstrip("/"), count=1)


@contextmanager
def worker(sink: Sink, *, lease_seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker with two children; killed at the end if it still lives."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings",
        "DEBUG": "1",
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker_url(),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(sink.port),
        "MESSAGING_LEASE_SECONDS": str(lease_seconds),
    }
    options = ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", "celery", "-A", "iop", "worker", *options]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True) as process:
        try:
            yield process
        finally:
            kill_group(process)


@contextmanager
def web(port: int, *, settings_module: str = "iop.settings", workers: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """The product's own server on the test database, in settings as it has them or with more."""
    environment = {
        **os.environ,
        "DEBUG": "1",
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": settings_module,
    }
    command = [sys.executable, "-m", "gunicorn", "iop.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    # A line that idles while the machine is busy stays open.
    command += ["--workers", str(workers), "--no-control-socket", "--keep-alive", "60"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True) as process:
        try:
            yield process
        finally:
            kill_group(process)


def is_up(port: int) -> bool:
    """Whether a worker answers: the socket is open long before one has started."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def doorbell(task: str) -> Iterator[Callable[[], None]]:
    """A function that rings for a task, on a queue that is empty before and after."""
    with Celery("doorbell", broker=broker_url()) as app:
        app.control.purge()
        yield lambda: app.send_task(task, ignore_result=True) and None
        app.control.purge()


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"Waited {seconds:.0f} seconds in vain for: {what}."
        time.sleep(0.05)
