"""Everything of `make run`: servers, migrations, the demo clinic, then web, worker, beat and the mail sink until Ctrl-C."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from iop.local import processes, servers
from iop.local.checkout import ROOT, CannotStart, local_folder, lock

PYTHON = sys.executable
ACCESS_LOG = "%(m)s %(U)s %(s)s %(M)sms"  # no query string: what people search for is not for logs
DEMO_ROLES = ("clinician", "supervisor", "coordinator", "admin", "patient", "family")
DEMO_PASSWORD = "demo-only-passphrase"  # noqa: S105 - printed for everybody; the demo clinic refuses to load without DEBUG
LONGEST_GRACE = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the product; `grace` is what a stop gives it to finish, in seconds."""

    name: str
    command: tuple[str, ...]
    grace: float


class Halt:
    """Set by Ctrl-C, SIGTERM and SIGHUP; a second one means: do not wait for what is still at work."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.impatient = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: object) -> None:
        (self.impatient if self.asked.is_set() else self.asked).set()


def run() -> int:
    """Serve until told to stop; 0 when told, 1 when a part of the product ended by itself."""
    port = _port()
    folder = local_folder()
    with lock(folder / "lock") as ours:
        if not ours:
            raise CannotStart(
                "This checkout is already running (make run, or a command on its servers). Stop that first."
            )
        processes.end_left_over(folder / "pids", LONGEST_GRACE)
        if not processes.is_free(port):
            raise CannotStart(
                f"Port {port} is taken by another program. Stop it, or choose another: PORT={port + 1} make run"
            )
        halt = Halt()
        log, mail_port = folder / "mail.jsonl", processes.free_port()
        # Always the sink, whatever the environment names: nothing of a demo clinic may leave this machine.
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail_port), "MAIL_SINK_LOG": str(log)}
        with servers.owned_servers(folder, **mail) as given:
            local = {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "iop.settings", "PYTHONUNBUFFERED": "1"}
            supervisor = Supervisor({**os.environ, **given, **local}, folder / "pids", halt)
            return supervisor.serve(port, parts(port, mail_port, log, folder))


def _port() -> int:
    wanted = os.environ.get("PORT") or "8000"
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise CannotStart(f"PORT is {wanted!r}. Write a number from 1 to 65535.")
    return int(wanted)


def parts(port: int, mail_port: int, mail_log: Path, folder: Path) -> list[Part]:
    """The parts in the order of their start: the web first, so that the first page does not wait for the rest."""
    web = ["gunicorn", "iop.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2"]
    web += ["--threads", "4", "--no-control-socket", "--graceful-timeout", "8", "--log-level", "warning"]
    web += ["--access-logfile", "-", "--access-logformat", ACCESS_LOG, "--chdir", str(ROOT)]
    celery = ["celery", "--quiet", "-A", "iop", "--workdir", str(ROOT)]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--hostname", f"local-{port}@%h"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile", "", "--schedule", str(folder / "beat")]
    return [
        Part("mail", (PYTHON, "-m", "iop.local.mailsink", str(mail_port), str(mail_log)), 5),
        Part("web", (PYTHON, "-m", *web), 10),
        Part("worker", (PYTHON, "-m", *worker), LONGEST_GRACE),
        Part("beat", (PYTHON, "-m", *beat), 10),
    ]


class Supervisor:
    """Starts the parts, watches them, and stops them all when one ends or when told to."""

    def __init__(self, environment: dict[str, str], notes: Path, halt: Halt) -> None:
        self.environment = environment
        self.notes = notes
        self.halt = halt
        self.running: dict[Part, subprocess.Popen[bytes]] = {}
        self.printers: list[threading.Thread] = []

    def serve(self, port: int, product: list[Part]) -> int:
        if not self._prepare():
            return 0
        try:
            first, rest = product[:2], product[2:]
            for part in first:
                self._start(part)
            if self._wait_for_web(f"http://127.0.0.1:{port}/healthz/"):
                for part in rest:
                    self._start(part)
                say(_welcome(port))
            while not self.halt.asked.wait(0.2):
                if ended := self._ended():
                    say(f"{ended.name} has ended; stopping everything.")
                    return 1
            return 0
        finally:
            self._stop_all()

    def _prepare(self) -> bool:
        """Make fonts, tables and the demo clinic where they are missing; False when told to stop meanwhile."""
        process = processes.start([PYTHON, "manage.py", "prepare_local"], cwd=ROOT, env=self.environment)
        while process.poll() is None:
            if self.halt.asked.wait(0.05):
                processes.stop(process, signal.SIGTERM, grace=10)
                return False
        if process.returncode != 0:
            raise CannotStart("The tables or the demo clinic could not be made; the reason stands above.")
        return True

    def _start(self, part: Part) -> None:
        process = processes.start(
            part.command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.running[part] = process
        processes.remember(self.notes, part.name, process, sign=" ".join(part.command[1:]))
        printer = threading.Thread(target=_print_lines, args=(part.name, cast(IO[bytes], process.stdout)), daemon=True)
        printer.start()
        self.printers.append(printer)

    def _ended(self) -> Part | None:
        return next((part for part, process in self.running.items() if process.poll() is not None), None)

    def _wait_for_web(self, address: str) -> bool:
        while not self.halt.asked.wait(0.1) and not self._ended():
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http, ours
                if answer.status == 200:
                    return True
        return False

    def _stop_all(self) -> None:
        """Stop all at once, and then the mail sink: the worker may still be sending."""
        for group in (
            [part for part in self.running if part.name != "mail"],
            [part for part in self.running if part.name == "mail"],
        ):
            for part in group:
                if self.running[part].poll() is None:
                    self.running[part].send_signal(signal.SIGTERM)
            for part in group:
                self._finish(part, self.running[part])
        for printer in self.printers:
            printer.join(1)

    def _finish(self, part: Part, process: subprocess.Popen[bytes]) -> None:
        def ended() -> bool:
            return process.poll() is not None or self.halt.impatient.is_set()

        if not processes.wait_until(ended, 3):
            say(f"Waiting up to {part.grace:.0f} seconds for {part.name} to finish; Ctrl-C again ends it now.")
            processes.wait_until(ended, part.grace - 3)
        processes.kill_session(process)
        (self.notes / part.name).unlink(missing_ok=True)


def _print_lines(name: str, output: IO[bytes]) -> None:
    for line in output:  # read to the end even when nobody listens: a full pipe would stop the part
        say(f"{name:<6} | {line.decode(errors='replace').rstrip()}")


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        sys.stdout.write(text + "\n")  # in one piece: several threads print
        sys.stdout.flush()


def _welcome(port: int) -> str:
    people = "\n".join(f"    {role}@demo.test" for role in DEMO_ROLES)
    return f"\nTideway is at http://localhost:{port}/\nSign in with the password {DEMO_PASSWORD} as\n{people}\nCtrl-C stops everything.\n"
