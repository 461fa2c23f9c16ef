"""A web server as in production, one signed-in client beside it, and what their requests cost."""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGTERM
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from iop.local import processes, supervisor

TICKS = os.sysconf("SC_CLK_TCK")
UNIT = "CPU ms"
ROUNDS, REQUESTS, WARM = 5, 250, 60
Send = Callable[[int], object]  # one request; told its number, so that every one can change something


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    queries: int


@dataclass(frozen=True, slots=True)
class Load:
    """What one request cost, in milliseconds of CPU, and how long the client waited."""

    web: float
    database: float
    per_second: float
    p50: float
    p95: float

    @property
    def cpu(self) -> float:
        return self.web + self.database

    def __str__(self) -> str:
        return (
            f"{self.cpu:6.2f} ms CPU ({self.web:.2f} web, {self.database:.2f} database)"
            f"  {self.per_second:5.0f}/s  p50 {self.p50:.1f} ms  p95 {self.p95:.1f} ms"
        )


class Site:
    """The running server, seen by one signed-in client on one connection that is kept open."""

    def __init__(self, port: int, server: subprocess.Popen[bytes]) -> None:
        self.server = server
        self.line = HTTPConnection("127.0.0.1", port, timeout=30)
        self.token = secrets.token_hex(16)
        self.headers: dict[str, str] = {}

    def sign_in(self, user: User) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={self.token}"
        self.headers = {"Cookie": cookies, "X-CSRFToken": self.token}

    def get(self, path: str, **headers: str) -> Answer:
        return self._send("GET", path, None, headers)

    def post(self, path: str, data: Mapping[str, object], **headers: str) -> Answer:
        body = urlencode(data, doseq=True)
        return self._send("POST", path, body, {"Content_Type": "application/x-www-form-urlencoded", **headers})

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        self.line.request(method, path, body, self.headers | named)
        answer = self.line.getresponse()
        return Answer(answer.status, answer.read(), int(answer.headers.get("X-Queries", 0)))

    def run(self, send: Send, requests: int, start: int = 0) -> Load:
        """Send requests one after the other."""
        self.line.close()  # the server closes what rested; the next request opens it again
        before, began, waits = self.used(), time.perf_counter(), []
        for number in range(start, start + requests):
            sent = time.perf_counter()
            send(number)
            waits.append((time.perf_counter() - sent) * 1000)
        took, after = time.perf_counter() - began, self.used()
        web, database = ((now - then) / requests for now, then in zip(after, before, strict=True))
        cuts = statistics.quantiles(waits, n=20)
        return Load(web, database, requests / took, statistics.median(waits), cuts[-1])

    def used(self) -> tuple[float, float]:
        """Milliseconds of CPU that the web workers and the database's backends have used so far."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            backends = [pid for (pid,) in cursor.fetchall()]
        return sum(map(cpu_of, children_of(self.server.pid))), sum(map(cpu_of, backends))


def cpu_of(pid: int) -> float:
    """utime and stime of a process and its threads, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass(frozen=True, slots=True)
class Compared:
    """The medians of rounds in which the floor and the product took turns."""

    product: Load
    floor: Load


def compare(site: Site, product: Send, floor: Send, requests: int = REQUESTS) -> Compared:
    for send in (floor, product):
        site.run(send, WARM)
    rounds = [
        (site.run(floor, requests, start), site.run(product, requests, start))
        for start in range(WARM, WARM + ROUNDS * requests, requests)
    ]
    return Compared(median([one for _, one in rounds]), median([one for one, _ in rounds]))


def median(loads: list[Load]) -> Load:
    """The load in the middle by its CPU."""
    return sorted(loads, key=lambda load: load.cpu)[len(loads) // 2]


@contextmanager
def serving() -> Iterator[Site]:
    """Gunicorn as `make run` starts it, with the settings of production, on the benchmark's database."""
    port = processes.free_port()
    command = next(part.command for part in supervisor.parts(port, 0, Path(), Path()) if part.name == "web")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DATABASE_URL": database_url(),
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SSL_REDIRECT": "0",
        "PLAIN_STATIC": "1",
        "CLINIC_CRISIS_TEXT": "Call 911.",
    }
    process = processes.start(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL)
    try:
        if not processes.came_up(process, lambda: not processes.is_free(port)):
            sys.exit("The web server did not start; the reason stands above.")
        yield Site(port, process)
    finally:
        processes.stop(process, SIGTERM, grace=10)


def database_url() -> str:
    of = {name: quote(str(connection.settings_dict[name]), safe="") for name in ("USER", "PASSWORD", "HOST", "PORT")}
    return f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{connection.settings_dict['NAME']}"
